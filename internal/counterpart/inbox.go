package counterpart

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// inboxLimit is how much an inbox keeps; older things are dropped, and the
// error of the next Expect says so.
const inboxLimit = 1 << 16

// inbox keeps what arrived for somebody until somebody asks for it, so that a
// test awaits events in any order and never sleeps.
type inbox[T fmt.Stringer] struct {
	mu      sync.Mutex
	items   []T
	dropped int
	changed chan struct{} // closed and replaced with each change
	end     error         // why nothing more comes; nil while something may
}

func newInbox[T fmt.Stringer]() *inbox[T] { return &inbox[T]{changed: make(chan struct{})} }

func (b *inbox[T]) notify() {
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *inbox[T]) put(item T) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.items) == inboxLimit {
		b.items = slices.Delete(b.items, 0, 1)
		b.dropped++
	}
	b.items = append(b.items, item)
	b.notify()
}

// close says that nothing more comes, and why.
func (b *inbox[T]) close(why error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.end == nil {
		b.end = why
		b.notify()
	}
}

// expect removes and returns the oldest item that matches, waiting for one
// until ctx ends. What doesn't match stays for a later call.
func (b *inbox[T]) expect(ctx context.Context, match func(T) bool) (T, error) {
	for {
		b.mu.Lock()
		if i := slices.IndexFunc(b.items, match); i >= 0 {
			item := b.items[i]
			b.items = slices.Delete(b.items, i, i+1)
			b.mu.Unlock()
			return item, nil
		}
		changed, end := b.changed, b.end
		b.mu.Unlock()
		if end != nil {
			return *new(T), b.disappointed(end)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return *new(T), b.disappointed(context.Cause(ctx))
		}
	}
}

// take removes and returns all that has arrived and matches, without waiting.
func (b *inbox[T]) take(match func(T) bool) []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	var taken, rest []T
	for _, item := range b.items {
		if match(item) {
			taken = append(taken, item)
		} else {
			rest = append(rest, item)
		}
	}
	b.items = rest
	return taken
}

// disappointed explains a failed expect by what came instead.
func (b *inbox[T]) disappointed(why error) error {
	const shown = 20
	b.mu.Lock()
	defer b.mu.Unlock()
	var list strings.Builder
	for _, item := range b.items[max(0, len(b.items)-shown):] {
		list.WriteString("\n\t" + item.String())
	}
	if len(b.items) == 0 {
		return fmt.Errorf("what was expected did not come: %w; nothing else did (%d dropped)", why, b.dropped)
	}
	return fmt.Errorf("what was expected did not come: %w; of %d others (%d dropped) the last are:%s",
		why, len(b.items), b.dropped, list.String())
}
