package queue

import (
	"encoding/json"
	"time"
)

// State is where a job is in its life.
type State string

// The states. The first three are live; a group has at most one job that is
// ready or running, its head.
const (
	// StateReady waits for its time, a worker, or its next attempt.
	StateReady State = "ready"
	// StateBehind waits for the head of its group.
	StateBehind State = "behind"
	// StateRunning was handed to a handler, which may have done its work.
	StateRunning State = "running"
	// StateDone was handled.
	StateDone State = "done"
	// StateDead was given up: see Info.Reason.
	StateDead State = "dead"
	// StateCancelled was called off.
	StateCancelled State = "cancelled"
	// StateUnknown may have been handled, and must not be repeated unasked.
	StateUnknown State = "unknown"
)

// Finished reports whether nothing more happens to the job by itself.
func (s State) Finished() bool {
	switch s {
	case StateReady, StateBehind, StateRunning:
		return false
	}
	return true
}

// Info is a job without its type. Times are to the millisecond.
type Info struct {
	// ID grows in the order in which jobs are added. On SQLite that of the
	// newest job is given again when it was deleted.
	ID               int64
	Kind, Key, Group string
	Once             bool
	State            State
	// Attempt counts the starts of a handler, this one included; snoozes and
	// ends of the process in good order do not count.
	Attempt int
	Added   time.Time
	RunAt   time.Time
	// Tried is when a handler was last started on it. For a handler it is
	// the start before this one: not zero means that the job may have been
	// handled already. A Snooze, which says that nothing was done, takes its
	// start back.
	Tried    time.Time
	Finished time.Time
	// Reason is why the last attempt ended as it did, or why the job was
	// given up; for an administrator.
	Reason  string
	Payload json.RawMessage
}
