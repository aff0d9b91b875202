package outbox

import (
	"sync"
	"time"
)

const (
	// pendingMax bounds how many messages Sent can wait for: when more wait,
	// nobody gains from waiting for one.
	pendingMax = 1 << 16
	// pendingFor is when a message is forgotten whose transaction, as it seems,
	// was rolled back.
	pendingFor = 10 * time.Minute
)

// pending knows the messages that were added here and not tried yet.
type pending struct {
	mu     sync.Mutex
	byID   map[string]*expected
	groups map[string]map[*expected]struct{}
	past   chan struct{} // closed: what who need not wait waits for
}

type expected struct {
	id, group string
	since     time.Time
	done      chan struct{} // made by the first who waits
}

func (p *pending) init() {
	p.byID, p.groups = make(map[string]*expected), make(map[string]map[*expected]struct{})
	p.past = make(chan struct{})
	close(p.past)
}

// expect notes that the message is about to be added, before anybody can have
// sent it. It reports false when it was noted before, or there is no room.
func (p *pending) expect(id, group string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byID[id] != nil || len(p.byID) >= pendingMax {
		return false
	}
	e := &expected{id: id, group: group, since: now}
	p.byID[id] = e
	if p.groups[group] == nil {
		p.groups[group] = make(map[*expected]struct{})
	}
	p.groups[group][e] = struct{}{}
	return true
}

// settled is closed once the message was tried, or will not be soon.
func (p *pending) settled(id string) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.byID[id]
	if e == nil {
		return p.past
	}
	if e.done == nil {
		e.done = make(chan struct{})
	}
	return e.done
}

// settle forgets messages and frees who waits for them.
func (p *pending) settle(ids ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range ids {
		if e := p.byID[id]; e != nil {
			p.drop(e)
		}
	}
}

// settleGroup does it for all messages to a destination that cannot be reached.
func (p *pending) settleGroup(group string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for e := range p.groups[group] {
		p.drop(e)
	}
}

// settleAll does it for everything: nothing goes out at the moment.
func (p *pending) settleAll() { p.settleIf(func(*expected) bool { return true }) }

// settleBefore does it for all that are older than that.
func (p *pending) settleBefore(t time.Time) {
	p.settleIf(func(e *expected) bool { return e.since.Before(t) })
}

func (p *pending) settleIf(which func(*expected) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.byID {
		if which(e) {
			p.drop(e)
		}
	}
}

// drop needs the lock.
func (p *pending) drop(e *expected) {
	delete(p.byID, e.id)
	delete(p.groups[e.group], e)
	if len(p.groups[e.group]) == 0 {
		delete(p.groups, e.group)
	}
	if e.done != nil {
		close(e.done)
	}
}
