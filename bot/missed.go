package bot

import (
	"context"
	"slices"

	"dragoman/nlu"
)

// missed answers what no stage was sure of: with what it may have meant, with
// what a second stage makes of it, or with help. Never with silence, and never
// with a command that this person may not use.
func (c *conversation) missed(ctx context.Context, m *Message, text string, miss *nlu.Miss) outcome {
	b := c.bot
	allowed := func(name string) bool {
		cmd := b.commands[name]
		return cmd != nil && b.cfg.Access.Check(ctx, m, cmd) == nil
	}
	intro := Sayf("I do not understand “%s”. ", excerpt(text, 60)).Text
	var readings []nlu.Intent
	for _, in := range miss.Readings {
		twice := slices.ContainsFunc(readings, func(other nlu.Intent) bool { return b.line(other) == b.line(in) })
		if allowed(in.Command) && !twice {
			readings = append(readings, in)
		}
	}
	if len(readings) > 0 {
		if b.isTyped(text, readings) {
			return c.take(ctx, m, readings[0]) // the command says best what is wrong with the name
		}
		return said(c.propose(readings, intro))
	}
	o, why, ok := c.second(ctx, m, text)
	if ok {
		return o
	}
	near := slices.DeleteFunc(slices.Clone(miss.Nearest), func(name string) bool { return !allowed(name) })
	if len(near) > 0 && why == "" {
		return said(Sayf("%sDid you mean %s? Say help to see what I can do.", intro, orList(near)))
	}
	r := Sayf("%sSay help to see what I can do.", intro)
	if why != "" {
		r = Say(why)
	}
	if b.lessons != nil {
		if more := b.lessons.Missed(ctx, m, text); more != "" {
			r.Text += "\n" + more
		}
	}
	return said(r)
}

// isTyped reports whether a text is the first of the readings word by word: a
// command with a name that is not known.
func (b *Bot) isTyped(text string, readings []nlu.Intent) bool {
	return len(readings) > 0 && nlu.Key(b.line(readings[0])) == nlu.Key(text)
}
