package llm

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"dragoman/internal/clock"
)

// broken is a client of a scripted server with its clock.
func broken(t *testing.T, give ...func() (*http.Response, error)) (*Client, *answers, *clock.Fake) {
	t.Helper()
	o := options(t)
	o.Budget = 1 << 30
	a := &answers{give: give}
	o.Transport = a
	return client(t, o), a, o.Clock.(*clock.Fake)
}

func fails() (*http.Response, error) { return nil, errors.New("connection reset") }

// expect asks and compares what came and how often the server was asked so far.
func expect(t *testing.T, c *Client, a *answers, want string, asked int) {
	t.Helper()
	if got := brief(c.Ask(t.Context(), chat("hello"))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if a.asked() != asked {
		t.Errorf("asked %d times, want %d", a.asked(), asked)
	}
}

func TestAfterThreeFailuresNobodyIsAskedForAWhile(t *testing.T) {
	ok := worded("none")
	c, a, fake := broken(t, fails, status(500, ""), fails, fails, ok, ok)
	for i := range 3 {
		expect(t, c, a, "unavailable", i+1)
	}
	expect(t, c, a, "unavailable", 3) // open
	fake.Advance(minPause - time.Second)
	expect(t, c, a, "unavailable", 3)
	fake.Advance(time.Second)
	expect(t, c, a, "unavailable", 4) // the probe fails
	fake.Advance(2*minPause - time.Second)
	expect(t, c, a, "unavailable", 4) // for twice as long
	fake.Advance(time.Second)
	expect(t, c, a, "nothing", 5)
	expect(t, c, a, "nothing", 6) // closed again
}

func TestASuccessForgivesFailures(t *testing.T) {
	ok := worded("none")
	c, a, _ := broken(t, fails, fails, ok, fails, fails, ok)
	for i, want := range []string{"unavailable", "unavailable", "nothing", "unavailable", "unavailable", "nothing"} {
		expect(t, c, a, want, i+1)
	}
}

func TestThePauseHasAnEnd(t *testing.T) {
	c, a, fake := broken(t, fails)
	for range 20 {
		_, _ = c.Ask(t.Context(), chat("hello"))
		fake.Advance(maxPause)
	}
	if a.asked() != 20 {
		t.Errorf("asked %d times, want 20", a.asked())
	}
}

func TestTheServersRetryAfterIsHonoured(t *testing.T) {
	c, a, fake := broken(t, status(429, "{}", "Retry-After", "120"), worded("none"))
	expect(t, c, a, "unavailable", 1)
	fake.Advance(119 * time.Second)
	expect(t, c, a, "unavailable", 1)
	fake.Advance(time.Second)
	expect(t, c, a, "nothing", 2)
}

func TestADislikedQuestionSwitchesNothingOff(t *testing.T) {
	c, a, _ := broken(t, status(400, `{"error":{"message":"content_filter"}}`))
	for i := range 10 {
		expect(t, c, a, "unavailable", i+1)
	}
}

func TestWhoGivesUpSwitchesNothingOff(t *testing.T) {
	c, a, _ := broken(t, fails)
	for range 10 {
		ctx, cancel := context.WithCancel(t.Context())
		a.give[0] = func() (*http.Response, error) { cancel(); return nil, ctx.Err() }
		if _, err := c.Ask(ctx, chat("hello")); !errors.Is(err, context.Canceled) || !errors.Is(err, ErrUnavailable) {
			t.Fatalf("got %v", err)
		}
	}
	if a.asked() != 10 {
		t.Errorf("asked %d times", a.asked())
	}
}

func TestOneProbeAtATime(t *testing.T) {
	var b breaker
	for range maxFailures {
		if _, err := b.enter(start); err != nil {
			t.Fatal(err)
		}
		b.leave(start, false, failed, 0)
	}
	later := start.Add(minPause)
	probe, err := b.enter(later)
	if !probe || err != nil {
		t.Fatalf("no probe: %v", err)
	}
	if _, err := b.enter(later); err == nil {
		t.Error("a second question went along with the probe")
	}
	if b.leave(later, false, failed, 0) || b.check(later.Add(time.Hour)) == nil {
		t.Error("a question from before decided for the probe")
	}
	b.leave(later, true, undecided, 0)
	if probe, err := b.enter(later); !probe || err != nil {
		t.Errorf("a probe that nobody waited for blocks the next: %v", err)
	}
	b.leave(later, true, healthy, 0)
	if probe, err := b.enter(later); probe || err != nil {
		t.Errorf("not closed: %v", err)
	}
}
