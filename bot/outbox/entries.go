package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"dragoman/store/queue"
)

// State is what is known of a message.
type State string

// The states of a message.
const (
	Accepted     State = "accepted"     // committed, and not on its way
	Sent         State = "sent"         // with the courier
	Acknowledged State = "acknowledged" // the far side has it
	Failed       State = "failed"       // a dead letter, or dropped by hand
	Unknown      State = "unknown"      // sent, and nobody knows whether it arrived
)

// Entry is a message and what became of it. Its times are zero where it has
// not come so far.
type Entry struct {
	// ID is that of the job, MessageID the message's own.
	ID            int64
	MessageID     string
	Transport, To string
	Room          bool
	State         State
	Added         time.Time // accepted
	Tried         time.Time // sent last
	Finished      time.Time
	Attempts      int
	// Reason says why it did not arrive.
	Reason string
	// Text is what it says; of a parcel, its kind.
	Text string
}

// Filter chooses messages; what is zero does not restrict.
type Filter struct {
	Transport string
	States    []State
	// Limit is how many, the newest first; zero means 100.
	Limit int
	// Before is the ID of an entry: only older ones.
	Before int64
}

const defaultLimit = 100

// Messages lists what the outbox holds.
func (o *Outbox) Messages(ctx context.Context, f Filter) ([]Entry, error) {
	q := queue.Filter{KindPrefix: kindPrefix + f.Transport, Limit: f.Limit, Before: f.Before}
	if q.Limit == 0 {
		q.Limit = defaultLimit
	}
	for _, s := range f.States {
		q.States = append(q.States, jobStates(s)...)
	}
	infos, err := o.cfg.Queue.List(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("outbox: list messages: %w", err)
	}
	var entries []Entry
	for _, i := range infos {
		if f.Transport == "" || i.Kind == q.KindPrefix {
			entries = append(entries, entryOf(i))
		}
	}
	return entries, nil
}

// States are all states, in the order of a message's life.
func States() []State { return []State{Accepted, Sent, Acknowledged, Failed, Unknown} }

// jobStates are the states of the job of a message in that state.
func jobStates(s State) []queue.State {
	switch s {
	case Accepted:
		return []queue.State{queue.StateReady, queue.StateBehind}
	case Sent:
		return []queue.State{queue.StateRunning}
	case Acknowledged:
		return []queue.State{queue.StateDone}
	case Failed:
		return []queue.State{queue.StateDead, queue.StateCancelled}
	}
	return []queue.State{queue.StateUnknown}
}

func stateOf(job queue.State) State {
	for _, s := range States() {
		for _, j := range jobStates(s) {
			if j == job {
				return s
			}
		}
	}
	return Unknown
}

func entryOf(i queue.Info) Entry {
	e := Entry{
		ID: i.ID, MessageID: i.Key, Transport: strings.TrimPrefix(i.Kind, kindPrefix), State: stateOf(i.State),
		Added: i.Added, Tried: i.Tried, Finished: i.Finished, Attempts: i.Attempt, Reason: i.Reason,
	}
	l, ok := letterOf(i)
	if !ok {
		e.Text = "(cannot be read)"
		return e
	}
	e.To, e.Room, e.Text = string(l.To), l.Room, l.Reply.Plain()
	if l.Parcel != nil {
		e.Text = "parcel " + l.Parcel.Kind
	}
	return e
}

// letterOf reads the letter in a job, if there is one.
func letterOf(i queue.Info) (l letter, ok bool) {
	if !strings.HasPrefix(i.Kind, kindPrefix) {
		return letter{}, false
	}
	return l, json.Unmarshal(i.Payload, &l) == nil
}
