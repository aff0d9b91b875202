package bottest

import (
	"context"
	"sync"
	"time"

	"dragoman/bot"
	"dragoman/internal/clock"
)

// Clock is a clock that stands still until its Advance moves it, for
// bot.Config.Clock and for skills.
type Clock = clock.Fake

// NewClock returns a Clock that stands at a Monday morning.
func NewClock() *Clock {
	return clock.NewFake(time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC))
}

// AllowAll is a bot.Access that lets everybody do everything.
type AllowAll struct{}

// Check allows.
func (AllowAll) Check(context.Context, *bot.Message, *bot.Cmd) error { return nil }

// AccessFunc is a bot.Access made of a function.
type AccessFunc func(m *bot.Message, c *bot.Cmd) error

// Check asks the function.
func (f AccessFunc) Check(_ context.Context, m *bot.Message, c *bot.Cmd) error { return f(m, c) }

// People is a bot.People that remembers until the test ends. The zero value is
// ready.
type People struct {
	mu    sync.Mutex
	names map[bot.Address]string
}

// Name implements bot.People.
func (p *People) Name(_ context.Context, account bot.Address) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.names[account], nil
}

// Met implements bot.People.
func (p *People) Met(_ context.Context, account bot.Address, name string, _ time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.names == nil {
		p.names = make(map[bot.Address]string)
	}
	if name != "" {
		p.names[account] = name
	}
	return nil
}
