package bot

import (
	"fmt"
	"slices"

	"dragoman/nlu"
	"dragoman/nlu/rules"
)

// grammar is what the commands, the configuration and the lessons say about how
// people speak.
type grammar struct {
	commands []nlu.Command
	against  map[string][]nlu.Example // by language, what means no command
}

// grammar gathers the phrases of all commands and those of how.
func (b *Bot) grammar(how *Learning) (*grammar, error) {
	g := &grammar{against: make(map[string][]nlu.Example)}
	for _, c := range b.order {
		n := c.Grammar()
		n.Say, n.Examples = copied(n.Say), copied(n.Examples)
		g.commands = append(g.commands, n)
		for _, p := range c.against {
			g.against[p.Lang] = append(g.against[p.Lang], p.Example)
		}
	}
	if how != nil {
		for _, p := range how.Phrases {
			if err := g.add(p); err != nil {
				return nil, err
			}
		}
	}
	return g, nil
}

// add gives a phrase to its command. The error names the phrase's place.
func (g *grammar) add(p nlu.Phrase) error {
	if p.Command == nlu.OutOfScope {
		g.against[p.Lang] = append(g.against[p.Lang], p.Example)
		return nil
	}
	i := slices.IndexFunc(g.commands, func(c nlu.Command) bool { return c.Name == p.Command })
	if i < 0 {
		return fmt.Errorf("%s: there is no command %q; is its skill enabled?", p.Source, p.Command)
	}
	c := &g.commands[i]
	if p.Template != "" {
		if _, err := rules.Sentences(c, p.Template, 1); err != nil {
			return fmt.Errorf("%s: %w", p.Source, err)
		}
		c.Say[p.Lang] = append(c.Say[p.Lang], p.Template)
		return nil
	}
	for _, s := range p.Example.Slots {
		if _, ok := c.Slot(s.Slot); !ok {
			return fmt.Errorf("%s: the command %q has no slot %q", p.Source, p.Command, s.Slot)
		}
	}
	c.Examples[p.Lang] = append(c.Examples[p.Lang], p.Example)
	return nil
}

// copied is m with slices that can grow without touching those of m.
func copied[T any](m map[string][]T) map[string][]T {
	out := make(map[string][]T, len(m))
	for k, v := range m {
		out[k] = slices.Clip(v)
	}
	return out
}
