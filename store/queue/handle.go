package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Options say how the jobs of a kind are handled.
type Options struct {
	Kind string
	// Workers is how many groups, and jobs without a group, are handled at
	// once; 8 by default.
	Workers int
	// Batch is how many jobs of one group a handler gets at once; 1 by
	// default. Only HandleBatch uses more.
	Batch int
	// Attempts is after how many failures a job becomes a dead letter; 25 by
	// default.
	Attempts int
	Backoff  Backoff
	// Timeout ends the context of a handler; zero means never. For a batch it
	// is the time for all of it.
	Timeout time.Duration
	// Unrepeatable: a job whose worker died in mid-run becomes unknown
	// instead of running again.
	Unrepeatable bool
	// Gate reports whether jobs may be handed out at the moment, and gives a
	// channel that is closed when that changes. nil means always.
	Gate func() (open bool, changed <-chan struct{})
	// Fence is called in each transaction that claims or settles jobs, which
	// ctx carries. An error means that somebody else is in charge now:
	// nothing is claimed or settled, and what was running here goes back as if
	// this process had died.
	Fence func(ctx context.Context) error
	// Keep is for how long a job that is done or cancelled can still be
	// looked at, and its key counts if it is a Once; 24 hours by default.
	// While a Queue runs that handles the kind, it is deleted within six hours
	// after that. Of each kind about 100,000 such jobs are kept, the newest.
	// Dead and unknown ones are not among them: they stay.
	Keep time.Duration
}

// Backoff is the pause before the next attempt: a random time between zero and
// First after the first failure, twice that after the second and so on, up to
// Max. By default 1 second and 10 minutes.
type Backoff struct{ First, Max time.Duration }

// Job is a job in the hands of a handler.
type Job[T any] struct {
	Info
	Args T

	run *run
}

// Done marks the job as done in the transaction that ctx carries, so that it
// commits with the handler's effect, or not at all; the handler then returns
// nil. It returns ErrLost if the job is no longer ours: the handler must return
// that from its Write, which undoes the effect.
func (j *Job[T]) Done(ctx context.Context) error { return j.run.done(ctx, j.ID) }

// Handle has do work the jobs of o.Kind. It is called before Run, once for each
// kind, and panics otherwise.
//
// do returns nil when the job is done. An error means that it is tried again
// after a pause, if it is not a RetryAfter, Permanent, Snooze, Cancel or Unknown.
// A panic counts as an error. ctx ends with Run, when the job is cancelled, at
// the timeout, and when the claim is lost; a job that fails because Run ends is
// handed out again without counting an attempt.
func Handle[T any](q *Queue, o Options, do func(ctx context.Context, j *Job[T]) error) {
	o.Batch = 1
	HandleBatch(q, o, func(ctx context.Context, jobs []*Job[T]) []error {
		return []error{do(ctx, jobs[0])}
	})
}

// HandleBatch is Handle for several jobs of one group at once, in their order.
// do returns an error or nil for each, or nil if all are done. The first that is
// to be tried again is the next head of the group; what comes after it and is
// not finished either follows it then.
func HandleBatch[T any](q *Queue, o Options, do func(ctx context.Context, jobs []*Job[T]) []error) {
	q.handle(o.withDefaults(), func(ctx context.Context, r *run) []error {
		errs := make([]error, len(r.jobs))
		jobs := make([]*Job[T], 0, len(r.jobs))
		places := make([]int, 0, len(r.jobs))
		for i := range r.jobs {
			j := &Job[T]{Info: r.jobs[i].info(), run: r}
			if err := json.Unmarshal(j.Payload, &j.Args); err != nil {
				errs[i] = Permanent(fmt.Errorf("the payload cannot be read: %w", err))
				continue
			}
			jobs, places = append(jobs, j), append(places, i)
		}
		if len(jobs) == 0 {
			return errs
		}
		results := do(ctx, jobs)
		if results != nil && len(results) != len(jobs) {
			err := fmt.Errorf("the handler returned %d results for %d jobs", len(results), len(jobs))
			results = make([]error, len(jobs))
			for i := range results {
				results[i] = err
			}
		}
		for i, err := range results {
			errs[places[i]] = err
		}
		return errs
	})
}

func (o Options) withDefaults() Options {
	if o.Workers <= 0 {
		o.Workers = 8
	}
	if o.Batch <= 0 {
		o.Batch = 1
	}
	if o.Attempts <= 0 {
		o.Attempts = 25
	}
	if o.Backoff.First <= 0 {
		o.Backoff.First = time.Second
	}
	if o.Backoff.Max <= 0 {
		o.Backoff.Max = 10 * time.Minute
	}
	if o.Keep <= 0 {
		o.Keep = 24 * time.Hour
	}
	return o
}

// pause is the time before attempt number n+1, with full jitter.
func (b Backoff) pause(n int, random float64) time.Duration {
	d := b.First
	for range n - 1 {
		if d >= b.Max/2 {
			d = b.Max
			break
		}
		d *= 2
	}
	return time.Duration(random * float64(min(d, b.Max)))
}

// handle registers the way in which a kind is worked.
func (q *Queue) handle(o Options, exec func(ctx context.Context, r *run) []error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case o.Kind == "":
		panic("queue: a handler without a kind")
	case q.running.Load():
		panic("queue: Handle was called after Run: " + o.Kind)
	case q.lines[o.Kind] != nil:
		panic("queue: two handlers for " + o.Kind)
	}
	q.lines[o.Kind] = newLine(q, o, exec)
}
