package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"dragoman/nlu"
)

const (
	// questionLife is how long a question waits for its answer.
	questionLife = 5 * time.Minute
	// maxTries is how often one question is put again after a wrong answer.
	maxTries = 3
	// maxChoices is how many answers a question offers.
	maxChoices = 10
)

// question is a command that waits for one of its slots.
type question struct {
	cmd    *Cmd
	slot   *slot
	values nlu.Values
	asked  time.Time
	tries  int
}

// ask puts the question for a slot and remembers what it was for.
func (c *conversation) ask(ctx context.Context, m *Message, cmd *Cmd, s *slot, values nlu.Values, text string) Reply {
	tries := 0
	if q := c.question; q != nil && q.cmd == cmd && q.slot == s {
		tries = q.tries + 1
	}
	if tries > maxTries {
		c.question = nil
		return Sayf("Let us leave it. When you know, say %s.", cmd.usage())
	}
	c.question = &question{cmd: cmd, slot: s, values: values, asked: c.bot.clock.Now(), tries: tries}
	r := Say(text)
	if choices := c.bot.values(ctx, cmd, s.name); len(choices) <= maxChoices {
		r.Choices = choices
	}
	return r
}

// resume takes the text as the answer to the open question. It reports false
// when it is not one: the question is too old, the person says something else,
// or talks to others.
func (c *conversation) resume(ctx context.Context, m *Message, text string) (Reply, bool) {
	q := c.question
	if c.bot.clock.Now().Sub(q.asked) > questionLife {
		c.question = nil
		return Reply{}, false
	}
	if !m.Addressed && !slices.ContainsFunc(c.bot.values(ctx, q.cmd, q.slot.name), func(v string) bool {
		return strings.EqualFold(v, text)
	}) {
		return Reply{}, false // people talk among themselves while the bot waits
	}
	if isCancel(text) {
		c.question = nil
		return Say("Never mind, then."), true
	}
	if intent, miss := c.bot.chain.Parse(text, m.Lang); m.Addressed && miss == nil && intent.Score == 1 {
		c.question = nil
		return c.proceed(ctx, m, c.bot.commands[intent.Command], intent.Slots), true
	}
	if text == "" {
		return c.ask(ctx, m, q.cmd, q.slot, q.values, q.slot.question()), true
	}
	value, err := q.slot.read(text)
	if err != nil {
		return c.ask(ctx, m, q.cmd, q.slot, q.values, err.Error()+". "+q.slot.question()), true
	}
	values := append(q.values, nlu.Value{Slot: q.slot.name, Text: value})
	r := c.proceed(ctx, m, q.cmd, values)
	if c.question == q {
		c.question = nil // answered: proceed asked nothing more
	}
	return r, true
}

func isCancel(text string) bool {
	switch strings.ToLower(strings.Trim(text, " .!")) {
	case "cancel", "never mind", "nevermind", "abort", "stop", "forget it":
		return true
	}
	return false
}

// values are those that a slot can take at the moment, empty when that is not
// known.
func (b *Bot) values(ctx context.Context, cmd *Cmd, slot string) []string {
	f := cmd.suggest[slot]
	if f == nil {
		return nil
	}
	v, err := f(ctx)
	if err != nil {
		b.log.Warn("values of a slot are not available", "command", cmd.name, "slot", slot, "err", err)
	}
	return v
}
