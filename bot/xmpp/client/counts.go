package client

import (
	"slices"

	"dragoman/bot/xmpp/stream"
)

const (
	// softLimit is how many stanzas may be without the server's confirmation
	// before every write waits for some of it.
	softLimit = 512
	// hardLimit is how many may be when that doesn't help. A connection with
	// more is ended, and the next one asks the server how far it is.
	hardLimit = 8192
)

// inbound counts what was handled. A confirmation covers everything up to a
// point in the stream, while stanzas come to their ends in two places: most in
// the handler, one after the other, answers and refusals elsewhere and at once.
// So it remembers what arrived, and counts from the front.
type inbound struct {
	handled uint32 // modulo 2^32
	pending []bool // what arrived after those: whether a handler will get it
	early   int    // what a handler will get first, and doesn't count
}

func (i *inbound) reset(handled uint32) { i.handled, i.pending = handled, nil }

// arrived notes a stanza, of which done will be called or, without forHandler,
// nothing will be heard.
func (i *inbound) arrived(forHandler bool) {
	i.pending = append(i.pending, forHandler)
	i.skip()
}

// done notes that the handler is through with the next of its stanzas.
func (i *inbound) done() {
	switch {
	case i.early > 0:
		i.early--
	case len(i.pending) > 0:
		i.advance()
		i.skip()
	}
}

// skip counts what needs no handler, up to the next stanza that does.
func (i *inbound) skip() {
	for len(i.pending) > 0 && !i.pending[0] {
		i.advance()
	}
}

func (i *inbound) advance() {
	i.handled++
	i.pending = i.pending[1:]
}

// outbound holds what the server has not confirmed, in the order of the wire.
type outbound struct {
	acked uint32            // the server's last h, modulo 2^32
	queue []*stream.Element // what was sent after those, and what is to be sent again
	// written is how much of queue was sent on this connection. What follows
	// is of an earlier one and waits for its replay.
	written int
	unknown bool // an earlier process was sending: acked is not known
	// held says that all of queue has certainly not arrived: the server has told
	// how far it is, and nothing was sent since.
	held     bool
	answered bool          // the server confirmed something just now
	asked    bool          // a request to confirm is on its way
	room     chan struct{} // closed, and replaced, when something is confirmed
}

// wrote enters e, either the next of the replay or a new one.
func (o *outbound) wrote(e *stream.Element) {
	if o.written == len(o.queue) || o.queue[o.written] != e {
		o.queue = slices.Insert(o.queue, o.written, e)
	}
	o.written++
}

// confirm takes the server's h.
func (o *outbound) confirm(h uint32) error {
	n := h - o.acked // wraps at 2^32 as h does
	if o.unknown {
		n, o.unknown = 0, false
	}
	if uint64(n) > uint64(o.written) {
		return tooHigh(h, o.acked+uint32(o.written))
	}
	o.acked = h
	clear(o.queue[:n])
	o.queue = o.queue[n:]
	o.written -= int(n)
	if n > 0 {
		o.wake()
	}
	return nil
}

// settle takes the server's last h of a connection that has ended: what is
// left has not arrived.
func (o *outbound) settle(h uint32) error {
	if err := o.confirm(h); err != nil {
		return err
	}
	o.written = 0
	o.held = true
	o.wake()
	return nil
}

// release says that what comes may arrive.
func (o *outbound) release() {
	o.held = false
	o.wake()
}

// pending is what is to be sent again.
func (o *outbound) pending() []*stream.Element { return slices.Clone(o.queue[o.written:]) }

// drain empties the queue.
func (o *outbound) drain() []*stream.Element {
	left := o.queue
	o.queue, o.written, o.held = nil, 0, false
	o.wake()
	return left
}

func (o *outbound) wake() {
	close(o.room)
	o.room = make(chan struct{})
}
