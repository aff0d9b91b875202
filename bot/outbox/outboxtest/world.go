package outboxtest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"dragoman/bot"
)

// TransportName is the name of the transport that leads to a World.
const TransportName = "wire"

// Fault is what happens to one message on its way.
type Fault uint8

// The faults.
const (
	// Bounce: it comes back, and may be sent again.
	Bounce Fault = iota + 1
	// Refusal: it will never be taken.
	Refusal
	// LostAck: it arrives, and nobody hears of that.
	LostAck
	// LostBoth: it does not arrive, and nobody hears of that either.
	LostBoth
	// DieBefore and DieAfter have the function that was given to OnDeath called
	// before the message arrives, or after it, and nobody hears of its fate.
	DieBefore
	DieAfter
)

// World is the far side of a transport: people and rooms that get messages.
// Rooms and receivers of parcels recognise what they have by its ID; people
// see everything. Its methods are safe for concurrent use.
type World struct {
	mu      sync.Mutex
	places  map[bot.Address]*place
	down    bool
	line    chan struct{}
	couple  *Courier // the one that is connected
	changed chan struct{}
	onDeath func()
	carried int
}

type place struct {
	got    []bot.Outgoing
	known  map[string]bool
	closed bool
	faults []Fault
	stall  chan struct{} // Carry waits for its end
	busy   int           // Carries at once
}

// NewWorld is a World without faults.
func NewWorld() *World {
	return &World{places: make(map[bot.Address]*place), line: make(chan struct{}), changed: make(chan struct{})}
}

// Courier is a transport to the world, for one process.
func (w *World) Courier() *Courier { return &Courier{world: w} }

// change changes the world and wakes who waits for it.
func (w *World) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
	close(w.changed)
	w.changed = make(chan struct{})
}

// at needs the lock.
func (w *World) at(to bot.Address) *place {
	p := w.places[to]
	if p == nil {
		p = &place{known: make(map[string]bool)}
		w.places[to] = p
	}
	return p
}

// Plan has the next messages to a destination meet those faults, one each.
func (w *World) Plan(to bot.Address, faults ...Fault) {
	w.change(func() { w.at(to).faults = append(w.at(to).faults, faults...) })
}

// OnDeath sets what the faults of that kind do.
func (w *World) OnDeath(f func()) { w.change(func() { w.onDeath = f }) }

// Close makes a destination one that cannot be reached.
func (w *World) Close(to bot.Address) { w.change(func() { w.at(to).closed = true }) }

// Open makes it one that can.
func (w *World) Open(to bot.Address) {
	var c *Courier
	w.change(func() { w.at(to).closed, c = false, w.couple })
	if c != nil && c.opened != nil {
		c.opened(to)
	}
}

// Stall has every Carry to a destination wait until release is called, or its
// context ends.
func (w *World) Stall(to bot.Address) (release func()) {
	gate := make(chan struct{})
	w.change(func() { w.at(to).stall = gate })
	return sync.OnceFunc(func() {
		w.change(func() { w.at(to).stall = nil })
		close(gate)
	})
}

// SetLine cuts the connection, or brings it back.
func (w *World) SetLine(up bool) {
	w.change(func() {
		if w.down == up {
			w.down = !up
			close(w.line)
			w.line = make(chan struct{})
		}
	})
}

// Got is what arrived at a destination, in order.
func (w *World) Got(to bot.Address) []bot.Outgoing {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.at(to).got)
}

// Texts is what people read there.
func (w *World) Texts(to bot.Address) []string {
	var texts []string
	for _, out := range w.Got(to) {
		texts = append(texts, out.Reply.Text)
	}
	return texts
}

// Busy is how many Carries to a destination are under way.
func (w *World) Busy(to bot.Address) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at(to).busy
}

// Carried is how often a message was given to a courier, in all.
func (w *World) Carried() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.carried
}

// Changed is closed at the next change.
func (w *World) Changed() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changed
}

// Courier implements bot.Transport and bot.Courier.
type Courier struct {
	world  *World
	opened func(bot.Address)
}

// Name implements bot.Transport.
func (c *Courier) Name() string { return TransportName }

// Run implements bot.Transport; it receives nothing.
func (c *Courier) Run(ctx context.Context, _ bot.Inbox) error {
	<-ctx.Done()
	return nil
}

// Send implements bot.Transport.
func (c *Courier) Send(ctx context.Context, out bot.Outgoing) error {
	if f := c.Carry(ctx, []bot.Outgoing{out})[0]; f.State != bot.Arrived {
		return f.Err
	}
	return nil
}

// Opened implements bot.Courier.
func (c *Courier) Opened(f func(to bot.Address)) {
	c.opened = f
	c.world.change(func() { c.world.couple = c })
}

// Line implements bot.Courier.
func (c *Courier) Line() (up bool, changed <-chan struct{}) {
	c.world.mu.Lock()
	defer c.world.mu.Unlock()
	return !c.world.down, c.world.line
}

var errWorld = errors.New("the world is like that")

// Carry implements bot.Courier. What comes after a message that did not arrive
// is held.
func (c *Courier) Carry(ctx context.Context, batch []bot.Outgoing) []bot.Fate {
	w, to := c.world, batch[0].To
	var stall chan struct{}
	w.change(func() {
		w.at(to).busy++
		w.carried += len(batch)
		stall = w.at(to).stall
	})
	defer w.change(func() { w.at(to).busy-- })
	fates := make([]bot.Fate, len(batch))
	for i := range fates {
		fates[i] = bot.Fate{State: bot.Held, Err: errWorld}
	}
	if stall != nil {
		select {
		case <-stall:
		case <-ctx.Done():
			return fates
		}
	}
	for i, out := range batch {
		fates[i] = w.meet(to, out)
		if fates[i].State != bot.Arrived && fates[i].State != bot.Refused {
			break
		}
	}
	return fates
}

// meet is the fate of one message.
func (w *World) meet(to bot.Address, out bot.Outgoing) (fate bot.Fate) {
	var death func()
	w.change(func() {
		p := w.at(to)
		var f Fault
		if p.closed || w.down {
			fate = bot.Fate{State: bot.Held, Err: errWorld}
			return
		}
		if len(p.faults) > 0 {
			f, p.faults = p.faults[0], p.faults[1:]
		}
		switch f {
		case Bounce:
			fate = bot.Fate{State: bot.Returned, Err: errWorld, After: time.Second}
			return
		case Refusal:
			fate = bot.Fate{State: bot.Refused, Err: errWorld}
			return
		}
		if f != LostBoth && f != DieBefore {
			p.take(out)
		}
		fate = bot.Fate{State: bot.Arrived}
		if f != 0 {
			fate = bot.Fate{State: bot.InDoubt, Err: errWorld}
		}
		if f == DieBefore || f == DieAfter {
			death = w.onDeath
		}
	})
	if death != nil {
		death()
	}
	return fate
}

// take is the arrival. A room is asked for the ID before a second try, and who
// receives parcels knows them by it.
func (p *place) take(out bot.Outgoing) {
	if p.known[out.ID] && (out.Parcel != nil || out.Room && !out.Tried.IsZero()) {
		return
	}
	p.known[out.ID] = true
	p.got = append(p.got, out)
}
