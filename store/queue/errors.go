package queue

import (
	"errors"
	"time"
)

// The errors of this package.
var (
	// ErrLost: the claim is no longer ours, because this process was taken
	// for dead, or somebody else decided about the job.
	ErrLost = errors.New("queue: the claim on the job was lost")
	// ErrNotFound: there is no such job.
	ErrNotFound = errors.New("queue: there is no such job")
	// ErrState: this cannot be done to a job in its state.
	ErrState = errors.New("queue: not possible in the state of the job")
	// ErrExists: another live job has the key of this one.
	ErrExists = errors.New("queue: another job with that key is live")
	// ErrCancelled is the cause with which the context of a handler ends when
	// its job is cancelled.
	ErrCancelled = errors.New("queue: the job was cancelled")
)

// verdict is what a handler's error asks for.
type verdict struct {
	to    State         // StateReady: again
	after time.Duration // of a RetryAfter or a Snooze
	fixed bool          // after is meant, also if it is zero
	free  bool          // a Snooze: no attempt is counted
	err   error
}

func (v *verdict) Error() string {
	if v.err == nil {
		return "snoozed for " + v.after.String()
	}
	return v.err.Error()
}

func (v *verdict) Unwrap() error { return v.err }

// RetryAfter is err, and asks for the next attempt after d instead of the
// pause that Options.Backoff gives.
func RetryAfter(err error, d time.Duration) error {
	return &verdict{to: StateReady, after: max(d, 0), fixed: true, err: reasonFor(err)}
}

// Permanent is err, and says that trying again is of no use: the job becomes a
// dead letter.
func Permanent(err error) error { return &verdict{to: StateDead, err: reasonFor(err)} }

// Snooze says that nothing was done and the job is to be handed out again after
// d. No attempt is counted and Info.Tried is as before.
func Snooze(d time.Duration) error {
	return &verdict{to: StateReady, after: max(d, 0), fixed: true, free: true}
}

// Cancel is err, and says that the job is no longer wanted.
func Cancel(err error) error { return &verdict{to: StateCancelled, err: reasonFor(err)} }

// Unknown is err, and says that the job may have been done, nobody can tell,
// and it must not be repeated unasked.
func Unknown(err error) error { return &verdict{to: StateUnknown, err: reasonFor(err)} }

func reasonFor(err error) error {
	if err == nil {
		return errors.New("no reason was given")
	}
	return err
}

// judge reads a handler's error.
func judge(err error) verdict {
	if err == nil {
		return verdict{to: StateDone}
	}
	var v *verdict
	if errors.As(err, &v) {
		return verdict{to: v.to, after: v.after, fixed: v.fixed, free: v.free, err: err}
	}
	return verdict{to: StateReady, err: err}
}
