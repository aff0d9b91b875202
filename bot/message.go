package bot

import (
	"strconv"
	"time"
)

// Address is one end of a conversation as its transport writes it: on XMPP a
// JID, in a terminal a word. The core keeps and compares addresses and never
// takes one apart.
type Address string

// Person is whoever wrote a message, as far as the transport could establish.
type Person struct {
	// Account is the person's own address, verified by the transport (on
	// XMPP the real bare JID). It is empty for a room occupant whose real
	// JID the room hides: such a person is known by Session alone.
	Account Address
	// Name is what they call themselves: the nick in a room, else a nickname
	// sent along (XEP-0172), often empty. It is for display and never for a
	// decision.
	Name string
	// Handle is the name to fall back on, such as the local part of a JID.
	Handle string
	// Session tells this occupant from a later one under the same nick.
	Session string
	// Affiliation is the room's (XEP-0045 5.2): owner, admin, member, none.
	Affiliation string
}

// Identity is the key under which the core keeps what belongs to the person:
// the account where it is known, else this stay in this room.
func (p Person) Identity() string {
	if p.Account != "" {
		return string(p.Account)
	}
	return "session:" + p.Session
}

// Destination is where a reply or a notice goes.
type Destination struct {
	// Transport is the name of the transport that delivers it.
	Transport string
	// From is the address of ours that speaks; empty means the transport's
	// main address.
	From Address
	// To is the person or the room.
	To Address
	// Room says that everyone in the room To reads it.
	Room bool
}

// Message is what a person wrote, free of its transport's syntax.
type Message struct {
	// ID is the sender's id of the message, empty when there was none.
	ID string
	// Unique says that ID was made to be unique for this sender for ever
	// (XEP-0359), not merely within one stream (RFC 6120 section 8.1.3).
	Unique bool
	// Transport is the name of the transport that it arrived on.
	Transport string
	// From is the address that a private answer goes to.
	From Address
	// To is the address of ours that was written to.
	To Address
	// Room is the room in which it was written, empty in a direct message.
	Room Address
	// Private says that only the sender can read the conversation: a direct
	// message, or a private message inside Room.
	Private bool
	// Addressed says that it was meant for the bot. In a room the transport
	// also delivers talk that was not, so that an open question can be
	// answered without ceremony.
	Addressed bool
	// Sender is whoever wrote it.
	Sender Person
	// Text is the body without the words that address the bot.
	Text string
	// Lang is the language tag of the text (RFC 5646), empty when unknown.
	Lang string
	// Thread is the conversation's thread id (RFC 6121 section 5.2.5).
	Thread string
	// At is when it was sent.
	At time.Time
	// Reference is how a reply names the message (XEP-0461).
	Reference Reference
	// Origin is the transport's own note of where the message came from; the
	// core only carries it, and it does not survive a restart.
	Origin any `json:"-"`
	// WantsReceipt says that the sender asked to be told of its acceptance.
	WantsReceipt bool

	// part is which of several wishes in the message this is about, from 0.
	part int
}

// Reference names a message of somebody else.
type Reference struct {
	ID     string
	Author Address
}

// Destination is where the answer to everyone who read the message goes.
func (m *Message) Destination() Destination {
	if m.Private {
		return m.Aside()
	}
	return Destination{Transport: m.Transport, From: m.To, To: m.Room, Room: true}
}

// Aside is where an answer for the sender alone goes.
func (m *Message) Aside() Destination {
	return Destination{Transport: m.Transport, From: m.To, To: m.From}
}

// Subscriber is where a notice goes that the sender asked for here: the room
// in a room, else the person's account, so that it reaches whichever device
// they hold by then, and nobody who takes their nick.
func (m *Message) Subscriber() Destination {
	d := m.Destination()
	if !d.Room && m.Sender.Account != "" {
		d.To = m.Sender.Account
	}
	return d
}

// ReplyID is the id of the n-th reply to the message. It is derived from the
// message's own, so that a reply that is sent twice is seen as one. A message
// without an id gives "", and the transport chooses.
func (m *Message) ReplyID(n int) string {
	if m.ID == "" {
		return ""
	}
	return DerivedID(m.Transport, string(m.From), string(m.To), m.ID, strconv.Itoa(n))
}

// answer is a reply on its way back to where the message came from.
func (m *Message) answer(r Reply) Outgoing {
	to := m.Destination()
	if r.Private {
		to = m.Aside()
	}
	return Outgoing{Destination: to, ID: m.ReplyID(m.part), Reply: bounded(r), About: m}
}

// conversation is the key of the goroutine that handles the message: one for
// each person in each place.
func (m *Message) conversation() string {
	between := "\x00"
	if m.Room != "" && m.Private {
		between = "\x00\x00" // in private inside a room is another place than the room
	}
	return m.Transport + "\x00" + string(m.To) + "\x00" + string(m.Room) + between + m.Sender.Identity()
}
