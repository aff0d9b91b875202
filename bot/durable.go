package bot

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"
)

// Outbox takes what has to arrive and sees to it that it does, across restarts
// of the bot and of the servers. Package bot/outbox has the durable one.
type Outbox interface {
	// Add accepts out: it commits with the transaction that ctx carries,
	// else at once. A second Add under the same ID adds nothing, as long as
	// the first is kept. An empty ID means that every Add is another message.
	Add(ctx context.Context, out Outgoing) error
	// Again sends what was added under id once more if it is not known to
	// have arrived, because somebody asked for it. Of an id that is not known
	// there is nothing to send, which is no error.
	Again(ctx context.Context, id string) error
	// Sent returns when what was committed under id is on the wire, was given
	// up, or is held because its destination cannot be reached, and when ctx
	// ends.
	Sent(ctx context.Context, id string)
	// Run delivers through the transports, by their names, until ctx ends.
	// Then it begins nothing more and may wait a moment for the
	// acknowledgement of what is on the wire: the transports hang up when Run
	// has returned, or when the bot's grace is over.
	Run(ctx context.Context, transports map[string]Transport) error
}

// Journal makes requests happen once, whatever is repeated and whoever dies.
type Journal interface {
	// Once runs do in a transaction that the context given to do carries,
	// and notes key in it. When key was noted within keep, it runs nothing and
	// reports again. An error of do is returned as it is and nothing of do
	// remains, the note neither. do may run several times, of which only the
	// last one counts. An error of the database itself, whether do met it or
	// the commit, wraps ErrNotAccepted. After an error of the commit the note
	// may be there all the same; a second Once with that key tells.
	Once(ctx context.Context, key string, keep time.Duration, do func(ctx context.Context) error) (again bool, err error)
}

// Courier is a Transport that finds out what became of what it sent. Without
// it, a message counts as arrived when Send took it.
type Courier interface {
	// Carry sends messages to one destination in the order given, waits for
	// the far side's acknowledgement and returns the fate of each. A message
	// whose Tried is set may be at its destination already: where that can be
	// found out, it is not sent again. The end of ctx ends the wait; what was
	// written by then is InDoubt.
	Carry(ctx context.Context, batch []Outgoing) []Fate
	// Line reports whether there is a connection at the moment, and gives a
	// channel that is closed when that changes.
	Line() (up bool, changed <-chan struct{})
	// Opened sets the function that is called when a destination that was
	// Held can be reached. It is called once, before Run.
	Opened(f func(to Address))
}

// Fate is what became of a message.
type Fate struct {
	State FateState
	// Err says why where it did not arrive; its text is for an administrator.
	Err error
	// After is how long the far side asks to wait; zero means that it said
	// nothing.
	After time.Duration
}

// FateState is what is known of a message.
type FateState uint8

// The fates.
const (
	// Arrived: the far side has it.
	Arrived FateState = iota + 1
	// Held: certainly not sent, because the destination cannot be reached at
	// the moment, such as a room that we are not in.
	Held
	// Returned: the far side did not take it this time; sending it again does
	// no harm.
	Returned
	// Refused: the far side will never take it.
	Refused
	// InDoubt: it was sent, and nobody knows whether it arrived.
	InDoubt
)

// Notice is what nobody asked for this very moment: a machine went down, an
// event begins.
type Notice struct {
	To    Destination
	Reply Reply
	// Cause is what the notice follows from, such as "machine1 down
	// 1763888400000". The same cause tells the same destination once, as long
	// as the outbox keeps it. Empty means that every notice is another one.
	Cause string
	// At is when it happened, told to a person who hears of it late
	// (XEP-0203); zero means now.
	At time.Time
}

// id is the same for the same cause at the same place, whichever of our
// addresses speaks.
func (n Notice) id() string {
	if n.Cause == "" {
		return ""
	}
	return DerivedID("notice", n.Cause, n.To.Transport, string(n.To.To), strconv.FormatBool(n.To.Room))
}

// Parcel is a message from one machine to another: named, numbered and
// acknowledged (on XMPP an IQ and its result).
type Parcel struct {
	// ID tells it from others of the same sender; it stays the same when it
	// is sent again.
	ID        string
	Transport string
	From, To  Address
	// Kind says what Body is, such as "issues.translate".
	Kind string
	Body json.RawMessage
}

// Receiver is an Inbox that takes parcels. The Inbox that Bot.Run gives to
// transports is one.
type Receiver interface {
	// Accept returns nil once the parcel and what follows from it are
	// committed, also when it came before: then the sender may be told.
	// ErrNoReceiver means that it will never be taken; after any other error
	// the sender may try again.
	Accept(ctx context.Context, p *Parcel) error
}

// ErrNoReceiver means that nothing here takes parcels of that kind.
var ErrNoReceiver = errors.New("nothing here takes parcels of this kind")
