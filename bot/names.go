package bot

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"dragoman/nlu"
	"dragoman/nlu/entity"
)

// names are those that the skills suggest for the slots of their commands. A
// Recognizer holds them for the stages, and is told what changed before each
// message is read: a machine that was added a moment ago is known.
type names struct {
	*entity.Recognizer
	bot   *Bot
	kinds []*listed

	telling sync.Mutex // one at a time, so that nothing older is told after something newer
}

// listed are the names of one kind.
type listed struct {
	kind string
	ask  func(context.Context) ([]string, error)
	told atomic.Pointer[[]string] // to the Recognizer; nil before the first time
}

// is reports whether these are the names that the Recognizer was told.
func (l *listed) is(now []string) bool {
	told := l.told.Load()
	return told != nil && slices.Equal(now, *told)
}

// newNames are those of the commands that there are. One lasts for the life of a
// bot: two that told the same Recognizer might tell it what was true before.
func newNames(b *Bot) *names {
	n := &names{bot: b}
	if b.cfg.Learning != nil {
		n.Recognizer = b.cfg.Learning.Recognizer
	}
	if n.Recognizer == nil {
		n.Recognizer = entity.New(entity.Options{Clock: b.clock})
	}
	ask := make(map[string]func(context.Context) ([]string, error))
	for _, c := range b.order {
		for slot, values := range c.suggest {
			if kind := c.slot(slot).kind; !nlu.BuiltIn(kind) {
				ask[kind] = values
			}
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(ask)) {
		n.kinds = append(n.kinds, &listed{kind: kind, ask: ask[kind]})
	}
	return n
}

// Knows implements nlu.Resolver.
func (n *names) Knows(kind string) bool { return kind == nlu.KindLine || n.Recognizer.Knows(kind) }

// Resolve implements nlu.Resolver.
func (n *names) Resolve(kind, text string) (string, bool) {
	if kind != nlu.KindLine {
		return n.Recognizer.Resolve(kind, text)
	}
	line := nlu.Line(text)
	_, err := n.bot.Reads(line)
	return line, err == nil
}

// refresh tells the Recognizer the names that there are now. They seldom change,
// so most messages find that out without waiting for each other.
func (n *names) refresh(ctx context.Context) {
	for _, l := range n.kinds {
		if l.told.Load() != nil {
			if now, ok := n.of(ctx, l); !ok || l.is(now) {
				continue
			}
		}
		n.tell(ctx, l)
	}
}

func (n *names) tell(ctx context.Context, l *listed) {
	n.telling.Lock()
	defer n.telling.Unlock()
	// Asked again: what was found before the lock may be older than what was told.
	if now, ok := n.of(ctx, l); ok && !l.is(now) {
		n.Set(l.kind, now...)
		l.told.Store(&now)
	}
}

// of asks a skill for the names of a kind. One that fails keeps those that it
// had.
func (n *names) of(ctx context.Context, l *listed) (list []string, ok bool) {
	defer func() {
		if v := recover(); v != nil {
			n.bot.log.Error("a skill panicked while it was asked for names", "kind", l.kind, "panic", fmt.Sprint(v))
			list, ok = nil, false
		}
	}()
	list, err := l.ask(ctx)
	if err != nil {
		n.bot.log.Warn("names are not available", "kind", l.kind, "err", err)
	}
	return list, err == nil
}
