package clock

import (
	"context"
	"errors"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func fired(t Timer) bool {
	select {
	case <-t.C():
		return true
	default:
		return false
	}
}

func TestFakeFiresWhatFallsDueInOrder(t *testing.T) {
	f := NewFake(start)
	late, early := f.NewTimer(2*time.Second), f.NewTimer(time.Second)
	f.Advance(999 * time.Millisecond)
	if fired(early) || fired(late) {
		t.Fatal("a timer fired before its time")
	}
	f.Advance(5 * time.Second)
	a, b := <-early.C(), <-late.C()
	if a != start.Add(time.Second) || b != start.Add(2*time.Second) {
		t.Errorf("fired at %v and %v, want one and two seconds after the start", a, b)
	}
	if got := f.Now(); got != start.Add(5999*time.Millisecond) {
		t.Errorf("Now() = %v", got)
	}
}

func TestFakeStepMovesNoTimer(t *testing.T) {
	for _, step := range []time.Duration{-time.Hour, time.Hour} {
		f := NewFake(start)
		tm := f.NewTimer(time.Minute)
		f.Step(step)
		f.Advance(59 * time.Second)
		if fired(tm) {
			t.Errorf("after a step of %v the timer fired early", step)
		}
		f.Advance(time.Second)
		if !fired(tm) {
			t.Errorf("after a step of %v the timer did not fire in time", step)
		}
	}
}

func TestStopAndResetAreLikeTheRealTimer(t *testing.T) {
	for name, c := range map[string]Clock{"system": System{}, "fake": NewFake(start)} {
		t.Run(name, func(t *testing.T) {
			tm := c.NewTimer(time.Hour)
			if !tm.Stop() || tm.Stop() {
				t.Error("Stop must report true once")
			}
			if tm.Reset(0) {
				t.Error("Reset of a stopped timer must report false")
			}
			select {
			case <-tm.C():
			case <-time.After(10 * time.Second):
				t.Fatal("Reset(0) did not fire")
			}
		})
	}
}

func TestSleepEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Sleep(ctx, NewFake(start), time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("Sleep = %v, want context.Canceled", err)
	}
	if err := Sleep(context.Background(), System{}, time.Nanosecond); err != nil {
		t.Errorf("Sleep = %v, want nil", err)
	}
}
