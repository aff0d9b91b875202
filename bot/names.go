package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"dragoman/nlu"
	"dragoman/nlu/entity"
)

// names are those that the skills suggest for the slots of their commands. A
// Recognizer holds them for the stages, and is told what changed before each
// message is read: a machine that was added a moment ago is known.
type names struct {
	*entity.Recognizer
	bot   *Bot
	kinds []string
	ask   map[string]func(context.Context) ([]string, error)

	mu   sync.Mutex
	last map[string][]string
}

// newNames are those of the commands that there are. One lasts for the life of a
// bot: two that told the same Recognizer might tell it what was true before.
func newNames(b *Bot) *names {
	n := &names{bot: b, ask: make(map[string]func(context.Context) ([]string, error)), last: make(map[string][]string)}
	if b.cfg.Learning != nil {
		n.Recognizer = b.cfg.Learning.Recognizer
	}
	if n.Recognizer == nil {
		n.Recognizer = entity.New(entity.Options{Clock: b.clock})
	}
	for _, c := range b.order {
		for slot, values := range c.suggest {
			kind := c.slot(slot).kind
			if nlu.BuiltIn(kind) {
				continue
			}
			n.ask[kind] = values
			n.kinds = append(n.kinds, kind)
		}
	}
	slices.Sort(n.kinds)
	n.kinds = slices.Compact(n.kinds)
	return n
}

// Knows implements nlu.Resolver.
func (n *names) Knows(kind string) bool { return kind == nlu.KindLine || n.Recognizer.Knows(kind) }

// Resolve implements nlu.Resolver.
func (n *names) Resolve(kind, text string) (string, bool) {
	if kind != nlu.KindLine {
		return n.Recognizer.Resolve(kind, text)
	}
	text = strings.TrimSpace(strings.TrimLeft(text, "=>: "))
	_, err := n.bot.Reads(text)
	return text, err == nil
}

// refresh tells the Recognizer the names that there are now.
func (n *names) refresh(ctx context.Context) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, kind := range n.kinds {
		now, ok := n.of(ctx, kind)
		if before, told := n.last[kind]; !ok || told && slices.Equal(now, before) {
			continue
		}
		n.last[kind] = now
		n.Set(kind, now...)
	}
}

// of asks a skill for the names of a kind. One that fails keeps those that it
// had.
func (n *names) of(ctx context.Context, kind string) (list []string, ok bool) {
	defer func() {
		if v := recover(); v != nil {
			n.bot.log.Error("a skill panicked while it was asked for names", "kind", kind, "panic", fmt.Sprint(v))
			list, ok = nil, false
		}
	}()
	list, err := n.ask[kind](ctx)
	if err != nil {
		n.bot.log.Warn("names are not available", "kind", kind, "err", err)
	}
	return list, err == nil
}
