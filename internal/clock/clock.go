// Package clock is the one source of time for everything in Dragoman that
// lives longer than a request. Code takes a Clock instead of calling the time
// package, so that a test can hold, advance or step time.
//
// It also says at which instant the clocks of a zone show a local time. It knows
// no calendars and no words for times.
package clock

import (
	"context"
	"time"
)

// Clock tells the time and measures it out.
type Clock interface {
	// Now is the current time, with the monotonic reading where the system
	// has one.
	Now() time.Time
	// NewTimer fires once, d from now. A d of zero or less fires at once.
	NewTimer(d time.Duration) Timer
}

// Timer is a single future event on a Clock, as time.Timer is on the system's.
type Timer interface {
	// C carries the time at which the timer fired.
	C() <-chan time.Time
	// Stop prevents the timer from firing and reports whether it did.
	Stop() bool
	// Reset lets the timer fire d from now, whether or not it has fired.
	Reset(d time.Duration) bool
}

// System is the machine's own clock.
type System struct{}

// Now is time.Now.
func (System) Now() time.Time { return time.Now() }

// NewTimer is time.NewTimer.
func (System) NewTimer(d time.Duration) Timer { return systemTimer{time.NewTimer(d)} }

type systemTimer struct{ *time.Timer }

func (t systemTimer) C() <-chan time.Time { return t.Timer.C }

// Sleep waits for d on c, or until ctx ends, whose error it then returns.
func Sleep(ctx context.Context, c Clock, d time.Duration) error {
	t := c.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
