package llm

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// The breaker opens after maxFailures in a row, at first for minPause, then for
// twice as long after each probe that fails.
const (
	maxFailures = 3
	minPause    = 30 * time.Second
	maxPause    = 15 * time.Minute
)

// breaker keeps the client from asking a server that does not answer. Once its
// pause is over it lets one question through; the outcome decides for all.
type breaker struct {
	mu       sync.Mutex
	failures int // in a row
	until    time.Time
	pause    time.Duration // the latest; 0 while it is closed
	probing  bool
}

// check reports why nothing may be asked at now.
func (b *breaker) check(now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.refusal(now)
}

func (b *breaker) refusal(now time.Time) error {
	switch {
	case b.pause == 0:
		return nil
	case now.Before(b.until):
		return fmt.Errorf("it failed before, so it is left alone for another %v", b.until.Sub(now).Round(time.Second))
	case b.probing:
		return errors.New("it failed before, and one question is trying it out")
	}
	return nil
}

// enter is check for a question that is about to be asked. It has to leave, and
// says then whether it was the probe.
func (b *breaker) enter(now time.Time) (probe bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.refusal(now); err != nil {
		return false, err
	}
	b.probing = b.pause > 0
	return b.probing, nil
}

// verdict is what a question says about the health of the server.
type verdict uint8

const (
	undecided verdict = iota // the asker gave up, for one
	healthy
	failed
)

// leave takes the outcome of a question; retry is the pause that the server
// asked for, or 0.
func (b *breaker) leave(now time.Time, probe bool, v verdict, retry time.Duration) (opened bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if probe {
		b.probing = false
	}
	switch v {
	case healthy:
		b.failures, b.pause = 0, 0
		return false
	case undecided:
		return false
	}
	b.failures++
	switch {
	case retry > 0:
		b.pause = max(retry, b.pause)
	case probe:
		b.pause = min(2*b.pause, maxPause)
	case b.pause > 0:
		return false // asked before it opened
	case b.failures >= maxFailures:
		b.pause = minPause
	default:
		return false
	}
	b.until = now.Add(b.pause)
	return true
}
