package outbox

import (
	"context"
	"sync"
	"time"

	"dragoman/bot"
)

// route is the way to the destinations of one transport: open while Run goes
// on and the transport has a connection.
type route struct {
	name string

	mu        sync.Mutex
	transport bot.Transport // nil while Run does not
	closed    bool          // Run has ended; before it began, it is about to
	greeted   bot.Courier   // knows whom to tell that a destination opened
	up        bool
	changed   chan struct{} // closed and replaced when the gate changes
	carrying  map[*context.CancelFunc]struct{}
	idle      chan struct{} // closed when nothing is carried; nil while nobody waits
	troubles  map[string]trouble
}

// trouble is what is known of a destination that takes nothing at the moment.
type trouble struct {
	times  int  // in a row
	opened bool // since the last Carry began
	at     time.Time
}

func newRoute(name string) *route {
	return &route{
		name: name, changed: make(chan struct{}),
		carrying: make(map[*context.CancelFunc]struct{}), troubles: make(map[string]trouble),
	}
}

// gate tells the queue whether messages may be claimed.
func (r *route) gate() (open bool, changed <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.transport != nil && r.up, r.changed
}

// set changes what the gate depends on.
func (r *route) set(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.transport != nil && r.up
	change()
	if before != (r.transport != nil && r.up) {
		close(r.changed)
		r.changed = make(chan struct{})
	}
}

// open has the route lead through t.
func (r *route) open(t bot.Transport) {
	_, courier := t.(bot.Courier)
	r.set(func() { r.transport, r.up, r.closed = t, !courier, false })
}

// greets reports whether c has not been given its Opened yet.
func (r *route) greets(c bot.Courier) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	fresh := r.greeted != c
	r.greeted = c
	return fresh
}

// watch follows the connection of the transport until ctx ends; lost is called
// whenever it went down.
func (r *route) watch(ctx context.Context, c bot.Courier, lost func()) {
	for {
		up, changed := c.Line()
		r.set(func() { r.up = up })
		if !up {
			lost()
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// close ends the claims. What is being carried goes on until cancel; idle is
// closed when there is nothing more.
func (r *route) close() (idle <-chan struct{}) {
	r.set(func() { r.transport, r.up, r.closed = nil, false, true })
	r.mu.Lock()
	defer r.mu.Unlock()
	done := make(chan struct{})
	r.idle = done
	r.rest() // which forgets the channel when it closes it
	return done
}

// cancel ends the wait of those that still carry.
func (r *route) cancel() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for stop := range r.carrying {
		(*stop)()
	}
}

// begin is called before a Carry and end after it. The transport is nil when
// the route was closed after the claim.
func (r *route) begin(ctx context.Context, group string) (_ context.Context, t bot.Transport, end func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.transport == nil {
		return ctx, nil, func() {}
	}
	if d, ok := r.troubles[group]; ok {
		d.opened = false
		r.troubles[group] = d
	}
	ctx, stop := context.WithCancel(ctx)
	key := &stop
	r.carrying[key] = struct{}{}
	return ctx, r.transport, func() {
		stop()
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.carrying, key)
		r.rest()
	}
}

// rest tells who waits for it that nothing is carried. The caller has the lock.
func (r *route) rest() {
	if r.idle != nil && len(r.carrying) == 0 {
		close(r.idle)
		r.idle = nil
	}
}

// key is the destination beside those of other transports.
func (r *route) key(group string) string { return r.name + "\x00" + group }

// stuck reports whether what is added for that destination cannot go out soon.
func (r *route) stuck(group string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, troubled := r.troubles[group]
	return troubled || r.closed || r.transport != nil && !r.up
}

// troubled notes that a destination did not take what it got, and returns how
// long to leave it alone unless it opens before: first, then twice as long each
// time up to longest.
func (r *route) troubled(group string, now time.Time, first, longest time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := r.troubles[group]
	if d.opened {
		d = trouble{}
	}
	pause := min(first<<min(d.times, 10), longest)
	d.times++
	d.at = now
	r.troubles[group] = d
	return pause
}

// failures is how often in a row the destination did not take what it got, as
// far as this process knows.
func (r *route) failures(group string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.troubles[group].times
}

// eased notes that a destination takes what it gets.
func (r *route) eased(group string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.troubles, group)
}

// opened notes that a destination can be reached again.
func (r *route) opened(group string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if d, ok := r.troubles[group]; ok {
		d.opened = true
		r.troubles[group] = d
	}
}

// forget drops what was noted before t of destinations to which nothing goes
// any more.
func (r *route) forget(t time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for group, d := range r.troubles {
		if d.at.Before(t) {
			delete(r.troubles, group)
		}
	}
}

// A destination that cannot be reached is asked again after firstHold, and
// every longestHold in the end, should its Opened be missed.
const (
	firstHold   = time.Second
	longestHold = 15 * time.Second
)
