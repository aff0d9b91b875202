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
// point in the stream, while stanzas come to their ends in many places and in
// any order: answers and refusals at once, most in the handler, and messages
// when what follows from them is committed. So it remembers what arrived, and
// counts from the front.
type inbound struct {
	handled uint32 // modulo 2^32
	pending []incoming
	begun   int    // how many of pending a handler has got, or never will
	base    uint64 // how many were counted since reset
	epoch   int    // counts resets
	early   int    // what a handler will get first, and doesn't count
	// owed says that the server was told of less than had arrived. What is done
	// with after that puts a token into news, which has room for one.
	owed bool
	news chan struct{}
}

// incoming is a stanza that is not counted yet.
type incoming struct{ forHandler, done bool }

// ticket is how a handler names what it has got.
type ticket struct {
	epoch int
	nth   uint64
	early bool
}

// reset begins a connection. What was begun on the last one and is not done
// will come again.
func (i *inbound) reset(handled uint32) {
	i.handled, i.pending, i.begun, i.base = handled, nil, 0, 0
	i.epoch++
	i.owed = false
}

// arrived notes a stanza, of which begin and done will be called or, without
// forHandler, nothing will be heard.
func (i *inbound) arrived(forHandler bool) {
	i.pending = append(i.pending, incoming{forHandler: forHandler})
	i.count()
}

// begin notes that a handler has got the next of its stanzas.
func (i *inbound) begin() ticket {
	if i.early > 0 {
		i.early--
		return ticket{early: true}
	}
	for i.begun < len(i.pending) && !i.pending[i.begun].forHandler {
		i.begun++
	}
	if i.begun == len(i.pending) {
		return ticket{early: true} // nothing is counted on this stream
	}
	i.begun++
	return ticket{epoch: i.epoch, nth: i.base + uint64(i.begun-1)}
}

// done notes that a stanza is done with.
func (i *inbound) done(t ticket) {
	if n := t.nth - i.base; !t.early && t.epoch == i.epoch && t.nth >= i.base && n < uint64(len(i.pending)) {
		i.pending[n].done = true
		before := i.handled
		if i.count(); i.owed && i.handled != before {
			select {
			case i.news <- struct{}{}:
			default:
			}
		}
	}
}

// count counts from the front what is done or needs no handler.
func (i *inbound) count() {
	for len(i.pending) > 0 && (i.pending[0].done || !i.pending[0].forHandler) {
		i.handled++
		i.base++
		i.begun = max(0, i.begun-1)
		i.pending = i.pending[1:]
	}
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
