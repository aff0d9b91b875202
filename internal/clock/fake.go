package clock

import (
	"sync"
	"time"
)

// Fake is a Clock that stands still until Advance moves it. It is safe for
// concurrent use.
type Fake struct {
	mu     sync.Mutex
	now    time.Time
	timers map[*fakeTimer]struct{}
}

// NewFake returns a clock that stands at start.
func NewFake(start time.Time) *Fake {
	return &Fake{now: start, timers: make(map[*fakeTimer]struct{})}
}

// Now is the time at which the clock stands.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// NewTimer fires when Advance passes d from now.
func (f *Fake) NewTimer(d time.Duration) Timer {
	t := &fakeTimer{clock: f, c: make(chan time.Time, 1)}
	t.Reset(d)
	return t
}

// Advance moves the clock by d and fires, in the order of their times, the
// timers that fall due on the way.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	end := f.now.Add(d)
	for {
		var next *fakeTimer
		for t := range f.timers {
			if !t.at.After(end) && (next == nil || t.at.Before(next.at)) {
				next = t
			}
		}
		if next == nil {
			break
		}
		if next.at.After(f.now) {
			f.now = next.at
		}
		next.fire()
	}
	f.now = end
}

// Step sets the clock forward or back by d, as an administrator or NTP may do.
// Timers measure time that passes, so none fires and none moves.
func (f *Fake) Step(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
	for t := range f.timers {
		t.at = t.at.Add(d)
	}
}

// Waiting is the number of timers that have not fired yet. A test uses it to
// know that the code under test has gone to sleep.
func (f *Fake) Waiting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.timers)
}

type fakeTimer struct {
	clock *Fake
	at    time.Time
	c     chan time.Time
}

func (t *fakeTimer) C() <-chan time.Time { return t.c }

func (t *fakeTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	return t.stop()
}

func (t *fakeTimer) Reset(d time.Duration) bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	active := t.stop()
	t.at = t.clock.now.Add(d)
	t.clock.timers[t] = struct{}{}
	if d <= 0 {
		t.fire()
	}
	return active
}

// stop forgets the timer and, as time.Timer does since Go 1.23, any tick that
// was not received yet.
func (t *fakeTimer) stop() bool {
	_, active := t.clock.timers[t]
	delete(t.clock.timers, t)
	select {
	case <-t.c:
	default:
	}
	return active
}

func (t *fakeTimer) fire() {
	delete(t.clock.timers, t)
	t.c <- t.clock.now
}
