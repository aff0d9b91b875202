package xmpp

import (
	"context"
	"slices"
	"sync"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// flight is one message on its way.
type flight struct {
	trip   *trip
	key    flightKey
	e      *stream.Element
	ticket stream.Ticket
	fate   *bot.Fate // its State is zero as long as nothing is known
}

// flightKey is what an echo, an error or a receipt names: whom it is from, and
// the id.
type flightKey struct{ with, id string }

// trip is a batch of messages on its way to one destination.
type trip struct {
	c       *courier
	flights []flight // in order
	open    int      // how many fates are not known; guarded by courier.mu

	done  chan struct{} // closed when all is known
	moved chan struct{} // gets one when something more is
}

// courier knows the messages that are on their way, by what comes back.
type courier struct {
	t      *Transport
	asking askers

	mu      sync.Mutex
	opened  func(bot.Address) // nil when nobody wants to know
	flights map[flightKey]*flight
}

func newCourier(t *Transport) *courier {
	return &courier{t: t, flights: make(map[flightKey]*flight)}
}

// tellOpened says that what was held for an address may go.
func (c *courier) tellOpened(to bot.Address) {
	c.mu.Lock()
	opened := c.opened
	c.mu.Unlock()
	if opened != nil {
		opened(to)
	}
}

// depart makes a trip of messages that are about to be sent; fates[i] is that
// of stanzas[i].
func (c *courier) depart(with string, stanzas []*stream.Element, fates []*bot.Fate) *trip {
	tr := &trip{c: c, flights: make([]flight, len(stanzas)), open: len(stanzas), done: make(chan struct{}), moved: make(chan struct{}, 1)}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, e := range stanzas {
		f := &tr.flights[i]
		f.trip, f.key, f.e, f.fate = tr, flightKey{with, e.Attr("id")}, e, fates[i]
		c.flights[f.key] = f
	}
	return tr
}

// board hands the messages to a stream, in order, until it takes no more.
func (tr *trip) board(ctx context.Context, s *stream.Session) {
	for i := range tr.flights {
		f := &tr.flights[i]
		if s.Submit(ctx, f.e, &f.ticket) != nil {
			return
		}
	}
}

// waiting are those whose fate is not known.
func (tr *trip) waiting() []*flight {
	tr.c.mu.Lock()
	defer tr.c.mu.Unlock()
	list := make([]*flight, 0, tr.open)
	for i := range tr.flights {
		if f := &tr.flights[i]; f.fate.State == 0 {
			list = append(list, f)
		}
	}
	return list
}

// settle enters the fate of a message, the first that is known of it.
func (tr *trip) settle(f *flight, fate bot.Fate) {
	tr.c.mu.Lock()
	defer tr.c.mu.Unlock()
	tr.settleLocked(f, fate)
}

func (tr *trip) settleLocked(f *flight, fate bot.Fate) {
	if f.fate.State != 0 {
		return
	}
	*f.fate = fate
	if tr.c.flights[f.key] == f {
		delete(tr.c.flights, f.key)
	}
	if tr.open--; tr.open == 0 {
		close(tr.done)
	}
	select {
	case tr.moved <- struct{}{}:
	default:
	}
}

// settleAll enters the same fate for all of which nothing is known.
func (tr *trip) settleAll(fate bot.Fate) {
	for _, f := range tr.waiting() {
		tr.settle(f, fate)
	}
}

// withdraw takes back what was not written; why tells what kept it.
func (tr *trip) withdraw(why error) {
	for _, f := range tr.waiting() {
		if f.ticket.Withdraw() {
			tr.settle(f, bot.Fate{State: bot.Held, Err: why})
		}
	}
}

// arrived is called when something proves that a message is where it should be.
func (c *courier) arrived(with, id string) {
	c.learned(flightKey{with, id}, bot.Fate{State: bot.Arrived})
}

// learned enters the fate of a message that is on its way, and reports whether
// there is one.
func (c *courier) learned(key flightKey, fate bot.Fate) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.flights[key]
	if f == nil || !f.ticket.Written() { // or somebody guesses at what was not sent yet
		return false
	}
	f.trip.settleLocked(f, fate)
	return true
}

// next waits, at the end of the stream of l, until it is known how it goes on
// for what was written to it. It returns the stream on which the rest of the
// trip may still arrive, or none when all is settled. Only an account's stream
// can be resumed.
func (tr *trip) next(ctx context.Context, l line) (line, bool) {
	tr.withdraw(errNoLine)
	if len(tr.waiting()) == 0 {
		return line{}, false
	}
	t := tr.c.t
	ctx, cancel := context.WithTimeout(ctx, t.times.resume)
	defer cancel()
	for !t.cfg.WholeDomain {
		now, changed := t.currentLine()
		if now.session != nil && now.session != l.session {
			tr.leaveBehind(l, now)
			return now, len(tr.waiting()) > 0
		}
		select {
		case <-changed:
			continue
		case <-ctx.Done():
		}
		break
	}
	tr.settleAll(bot.Fate{State: bot.InDoubt, Err: errLineLost})
	return line{}, false
}

// leaveBehind settles what did not come along from one stream to the next: all
// of it comes when the stream was resumed, and on another stream what the
// server certainly had not got.
func (tr *trip) leaveBehind(from, to line) {
	if from.era == to.era {
		return
	}
	for _, f := range tr.waiting() {
		if from.era+1 != to.era || !slices.Contains(to.replay, f.e) {
			tr.settle(f, bot.Fate{State: bot.InDoubt, Err: errLineLost})
		}
	}
}
