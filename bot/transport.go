package bot

import (
	"context"
	"time"
)

// Transport carries messages between people and the bot: an XMPP component or
// account, the console, a fake in tests. What only some of them can do is an
// optional interface beside this one.
type Transport interface {
	// Name tells the transport from the others and is stored with each
	// subscription, so it must be the same after a restart.
	Name() string
	// Run connects, hands every message to in and keeps the connection up
	// until ctx ends, then returns nil. An error means that it can never
	// work without a person's help.
	Run(ctx context.Context, in Inbox) error
	// Send hands over one reply. It may wait for room in a bounded queue,
	// and returns an error when the reply was not taken.
	Send(ctx context.Context, out Outgoing) error
}

// Inbox takes what a transport received.
type Inbox interface {
	// Deliver queues the message for its conversation and returns at once.
	// It returns ErrBusy or ErrStopped when the message was not taken.
	Deliver(m *Message) error
}

// Settler is an Inbox that says when it is done with a message, for a transport
// whose far side keeps a message until then. The Inbox that Bot.Run gives to
// transports is one.
type Settler interface {
	Inbox
	// DeliverThen is Deliver, and calls settled once when all that follows
	// from the message is committed, or nothing will. It is not called when
	// DeliverThen returns an error. settled must be quick and may be called
	// from any goroutine, also before DeliverThen returns.
	DeliverThen(m *Message, settled func()) error
}

// Outgoing is a reply on its way to one destination.
type Outgoing struct {
	Destination
	// ID is derived from the message that it answers; empty means that the
	// transport chooses.
	ID string
	// Reply is what to say.
	Reply Reply
	// Parcel, if it is there, is sent instead of Reply.
	Parcel *Parcel
	// About is the message that it answers, nil for a notice.
	About *Message
	// At is when it was said first; zero means now.
	At time.Time
	// Tried is when it may have been sent before, zero when it certainly
	// was not.
	Tried time.Time
}

// Acknowledger is a Transport that can tell the sender of a message that it
// was accepted (XEP-0184).
type Acknowledger interface {
	Acknowledge(ctx context.Context, m *Message) error
}

// Concluder is a Transport that is told when the core is done with a message,
// however that went: the answer, if there is one, was sent, or has been waited
// for in vain. The terminal prompts then.
type Concluder interface {
	Concluded(m *Message)
}

// Refuser is a Transport that can give a message back to its sender in its
// protocol's own words: on XMPP an error of resource-constraint, type wait,
// with why as its text.
type Refuser interface {
	// Refuse says that nothing came of m and that it may be sent again. why
	// is an ErrNotAccepted, ErrBusy or ErrStopped, safe to show. Where the
	// protocol has no way to refuse this message, as in a room, Refuse
	// returns an error and the core tells the sender in a reply.
	Refuse(ctx context.Context, m *Message, why error) error
}

// Typist is a Transport that can show that the bot is working on an answer
// (XEP-0085).
type Typist interface {
	Typing(ctx context.Context, m *Message, on bool) error
}

// Namer is a Transport that can find out what a person is called.
type Namer interface {
	// DisplayName returns "" when the person told nobody.
	DisplayName(ctx context.Context, account Address) (string, error)
}

// People remembers who the bot has met; package store has the durable one.
type People interface {
	// Name returns "" for a stranger.
	Name(ctx context.Context, account Address) (string, error)
	// Met notes that the person wrote at the time given, and what they are
	// called where that is known.
	Met(ctx context.Context, account Address, name string, at time.Time) error
}
