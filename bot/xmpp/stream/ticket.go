package stream

import "sync/atomic"

// Ticket follows one stanza through the outbound queue of a Session. The stanza
// is either written or withdrawn, never both. The zero Ticket is a new one.
type Ticket struct{ state atomic.Uint32 }

const (
	ticketNew uint32 = iota
	ticketWritten
	ticketWithdrawn
)

// Withdraw takes the stanza back and reports whether that was in time: then it
// was not and will never be written. Otherwise it was handed to the connection
// and may have arrived.
func (t *Ticket) Withdraw() bool {
	return t.state.CompareAndSwap(ticketNew, ticketWithdrawn) || t.state.Load() == ticketWithdrawn
}

// Written reports whether the stanza was handed to the connection.
func (t *Ticket) Written() bool { return t.state.Load() == ticketWritten }

// punch lets the stanza pass, unless it was withdrawn. Without a ticket
// everything passes.
func (t *Ticket) punch() bool {
	return t == nil || t.state.CompareAndSwap(ticketNew, ticketWritten)
}

// queued is what waits to be written.
type queued struct {
	e      *Element
	ticket *Ticket // nil where nobody follows it
}
