package simulation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/bot"
)

// world is everything outside of the process. It outlives all incarnations of
// the bot and keeps count.
type world struct {
	t    *testing.T
	seed seed

	crash chan struct{} // somebody wants the process killed now

	mu      sync.Mutex
	calm    bool // no more trouble: what is left is to settle
	carrier *carrier
	lives   int
	tries   map[string]int            // of each message to carry
	points  map[string]int            // how often each point was passed
	got     map[bot.Address][]arrival // what arrived at each destination, in order
	known   map[bot.Address]map[string]bool
	arrived chan struct{} // closed and replaced at every arrival

	alive, full periods      // of the process, of its database
	added       atomic.Int64 // parcels that were given to the process
	over        atomic.Bool  // nobody waits any longer
}

// periods are times in which something held.
type periods struct {
	mu   sync.Mutex
	list [][2]time.Time // the last one may be open
}

func (p *periods) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, [2]time.Time{time.Now()})
}

func (p *periods) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.list); n > 0 && p.list[n-1][1].IsZero() {
		p.list[n-1][1] = time.Now()
	}
}

// covers reports whether one period holds all of [from, to].
func (p *periods) covers(from, to time.Time) bool {
	return p.any(func(begin, end time.Time) bool { return !begin.After(from) && !end.Before(to) })
}

// touches reports whether any period has a moment of [from, to].
func (p *periods) touches(from, to time.Time) bool {
	return p.any(func(begin, end time.Time) bool { return begin.Before(to) && end.After(from) })
}

func (p *periods) any(is func(begin, end time.Time) bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.list, func(one [2]time.Time) bool { return is(one[0], one[1]) })
}

// arrival is a message that came to its destination for the first time.
type arrival struct {
	id, text string
	about    string // the message that it answers
	at       time.Time
}

func newWorld(t *testing.T, s seed) *world {
	return &world{
		t: t, seed: s, crash: make(chan struct{}),
		tries: make(map[string]int), points: make(map[string]int),
		got: make(map[bot.Address][]arrival), known: make(map[bot.Address]map[string]bool),
		arrived: make(chan struct{}),
	}
}

// jitter is the chance in the pauses of one life of the process. It is the same
// for all of them, because goroutines ask for it in any order.
func (w *world) jitter() func() float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lives++
	chance := w.seed.about("jitter", w.lives).Float64()
	return func() float64 { return chance }
}

// record is all that arrived, where and when.
func (w *world) record() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var lines []string
	for to, list := range w.got {
		for _, a := range list {
			text, _, _ := strings.Cut(a.text, " The administrator finds") // an id that is new each time
			lines = append(lines, fmt.Sprintf("%s %s %q", a.at.UTC().Format("02 15:04:05.000000000"), to, text))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// point is a place in the program at which it may be killed. It returns at once,
// or never before the process is gone.
func (w *world) point(name, about string) {
	w.mu.Lock()
	key := name + "\x00" + about
	n := w.points[key]
	w.points[key]++
	c := w.carrier
	fatal := !w.calm && c != nil && n < 3 && chance(w.seed.about("point "+key, n), 40)
	w.mu.Unlock()
	if !fatal {
		return
	}
	select {
	case w.crash <- struct{}{}:
		<-c.gone
	case <-c.gone:
	}
}

// take puts a message at its destination. A client shows one id once.
func (w *world) take(out bot.Outgoing) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.known[out.To] == nil {
		w.known[out.To] = make(map[string]bool)
	}
	if out.ID != "" && w.known[out.To][out.ID] {
		return
	}
	w.known[out.To][out.ID] = true
	a := arrival{id: out.ID, text: out.Reply.Plain(), at: time.Now()}
	if out.Parcel != nil {
		a.text = string(out.Parcel.Body)
	}
	if out.About != nil {
		a.about = out.About.ID
	}
	w.got[out.To] = append(w.got[out.To], a)
	close(w.arrived)
	w.arrived = make(chan struct{})
}

// has reports whether a message is at its destination, as a room's archive and
// a peer that remembers ids can tell.
func (w *world) has(out bot.Outgoing) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.known[out.To][out.ID]
}

// await waits until an arrival at the destination satisfies is, for d at most.
func (w *world) await(ctx context.Context, to bot.Address, d time.Duration, is func(arrival) bool) bool {
	deadline := time.NewTimer(d)
	defer deadline.Stop()
	for {
		w.mu.Lock()
		list, arrived := w.got[to], w.arrived
		w.mu.Unlock()
		for _, a := range list {
			if is(a) {
				return true
			}
		}
		select {
		case <-arrived:
		case <-deadline.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// carrier is the transport of one incarnation.
type carrier struct {
	w       *world
	gone    chan struct{} // closed when the process is killed
	running chan struct{}

	mu      sync.Mutex
	in      bot.Inbox
	up      bool
	changed chan struct{}
	away    map[bot.Address]bool // rooms that we are not in
	opened  func(bot.Address)
}

const carrierName = "world"

func newCarrier(w *world) *carrier {
	c := &carrier{w: w, gone: make(chan struct{}), running: make(chan struct{}), up: true, changed: make(chan struct{}), away: make(map[bot.Address]bool)}
	w.mu.Lock()
	w.carrier = c
	w.mu.Unlock()
	return c
}

func (c *carrier) Name() string { return carrierName }

func (c *carrier) Run(ctx context.Context, in bot.Inbox) error {
	c.mu.Lock()
	c.in = in
	c.mu.Unlock()
	close(c.running)
	<-ctx.Done()
	return nil
}

// Send is how answers go that need not be durable: they are there or not.
func (c *carrier) Send(ctx context.Context, out bot.Outgoing) error {
	if c.dead() {
		<-ctx.Done()
		return ctx.Err()
	}
	if up, _ := c.Line(); !up {
		return errors.New("there is no connection")
	}
	c.w.take(out)
	return nil
}

func (c *carrier) dead() bool {
	select {
	case <-c.gone:
		return true
	default:
		return false
	}
}

func (c *carrier) Line() (bool, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.up, c.changed
}

func (c *carrier) setLine(up bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.up != up {
		c.up = up
		close(c.changed)
		c.changed = make(chan struct{})
	}
}

func (c *carrier) Opened(f func(bot.Address)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.opened = f
}

// setAway takes us out of a room or back in.
func (c *carrier) setAway(room bot.Address, away bool) {
	c.mu.Lock()
	c.away[room] = away
	opened := c.opened
	c.mu.Unlock()
	if !away && opened != nil {
		opened(room)
	}
}

// Carry implements bot.Courier with the fates that the seed draws.
func (c *carrier) Carry(ctx context.Context, batch []bot.Outgoing) []bot.Fate {
	fates := make([]bot.Fate, len(batch))
	for i := range batch {
		if i > 0 && fates[i-1].State != bot.Arrived {
			fates[i] = bot.Fate{State: bot.Held, Err: errors.New("the one before it did not arrive")}
			continue
		}
		fates[i] = c.carry(ctx, batch[i])
	}
	return fates
}

func (c *carrier) carry(ctx context.Context, out bot.Outgoing) bot.Fate {
	c.mu.Lock()
	up, away := c.up, c.away[out.To]
	c.mu.Unlock()
	switch {
	case c.dead():
		<-ctx.Done()
		return bot.Fate{State: bot.Held, Err: ctx.Err()}
	case !up || away:
		return bot.Fate{State: bot.Held, Err: errors.New("out of reach")}
	case out.To == nobody:
		return bot.Fate{State: bot.Refused, Err: errors.New("there is nobody of that name")}
	case !out.Tried.IsZero() && out.Room && c.w.has(out):
		return bot.Fate{State: bot.Arrived}
	}
	c.w.mu.Lock()
	n := c.w.tries[out.ID]
	c.w.tries[out.ID]++
	calm := c.w.calm
	c.w.mu.Unlock()
	c.w.point("before the wire", out.ID)
	if c.dead() {
		<-ctx.Done()
		return bot.Fate{State: bot.InDoubt, Err: ctx.Err()}
	}
	fate := c.w.seed.about("fate "+out.ID, n)
	if chance(fate, 20) && !calm && !c.pause(ctx, between(fate, time.Second, time.Minute)) {
		return bot.Fate{State: bot.InDoubt, Err: errors.New("interrupted")}
	}
	what := fate.IntN(100)
	if calm {
		what = 99
	}
	switch {
	case what < 4:
		return bot.Fate{State: bot.Returned, Err: errors.New("come back later"), After: time.Duration(fate.IntN(20)) * time.Second}
	case what < 7: // it arrived, and the acknowledgement was lost
		c.w.take(out)
		return bot.Fate{State: bot.InDoubt, Err: errors.New("no acknowledgement")}
	case what < 10: // it was lost
		return bot.Fate{State: bot.InDoubt, Err: errors.New("no acknowledgement")}
	case what < 12: // it took the connection down
		c.w.take(out)
		c.setLine(false)
		time.AfterFunc(between(fate, time.Second, time.Minute), func() { c.setLine(true) })
		return bot.Fate{State: bot.InDoubt, Err: errors.New("the connection broke")}
	}
	c.w.take(out)
	c.w.point("behind the wire", out.ID)
	return bot.Fate{State: bot.Arrived}
}

// pause waits, and reports whether the process lived on.
func (c *carrier) pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return !c.dead()
	case <-ctx.Done():
		return false
	}
}

// deliver hands a message to the bot if it can take it.
func (c *carrier) deliver(m *bot.Message) error {
	select {
	case <-c.running:
	default:
		return errors.New("not running yet")
	}
	if up, _ := c.Line(); !up || c.dead() {
		return errors.New("not there")
	}
	return c.in.Deliver(m)
}

// accept hands a parcel to the bot.
func (c *carrier) accept(ctx context.Context, p *bot.Parcel) error {
	select {
	case <-c.running:
	default:
		return errors.New("not running yet")
	}
	if up, _ := c.Line(); !up || c.dead() {
		return errors.New("not there")
	}
	err := c.in.(bot.Receiver).Accept(ctx, p)
	if c.dead() {
		return errors.New("gone before it could answer")
	}
	return err
}

// nobody is an address that refuses everything.
const nobody bot.Address = "nobody"

func personAddress(n int) bot.Address { return bot.Address(fmt.Sprintf("p%d@world", n)) }

func roomAddress(n int) bot.Address { return bot.Address(fmt.Sprintf("r%d@rooms", n)) }

// openly reports whether a text says that it may be a repetition.
func openly(text string) bool { return strings.HasPrefix(text, "Possibly again") }
