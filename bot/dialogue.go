package bot

import (
	"context"
	"errors"
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
func (c *conversation) ask(ctx context.Context, cmd *Cmd, s *slot, values nlu.Values, text string) Reply {
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
	if !strings.HasSuffix(text, s.question()) {
		return r // a question of the skill's own, which names what it means
	}
	if choices := c.bot.values(ctx, cmd, s.name); len(choices) <= maxChoices {
		r.Choices = choices
	}
	return r
}

// resume takes the text as the answer to the open question. It reports false
// when it is not one: the question is too old, the person says something else,
// or talks to others.
func (c *conversation) resume(ctx context.Context, m *Message, text string) (outcome, bool) {
	q := c.question
	if c.bot.clock.Now().Sub(q.asked) > questionLife {
		c.question = nil
		return outcome{}, false
	}
	offered := slices.ContainsFunc(c.bot.values(ctx, q.cmd, q.slot.name), func(v string) bool {
		return strings.EqualFold(v, text)
	})
	if !m.Addressed && !offered {
		return outcome{}, false // people talk among themselves while the bot waits
	}
	if isCancel(text) || isNo(text) && q.slot.kind != nlu.KindBool {
		c.question = nil
		return said(Say("Never mind, then.")), true
	}
	// What is offered is the answer, whatever it means elsewhere, and so is a command
	// where one is asked for.
	if m.Addressed && !offered && q.slot.kind != nlu.KindLine {
		wishes, miss := c.bot.Understand(ctx, text, m.Lang)
		switch {
		case miss == nil && wishes[0].Usage == nil && (wishes[0].Score == 1 || len(wishes[0].Slots) > 0):
			c.question = nil
			return c.several(ctx, m, wishes), true
		case miss != nil && c.bot.isTyped(text, miss.Readings):
			c.question = nil
			return c.take(ctx, m, miss.Readings[0]), true
		}
	}
	if text == "" {
		return said(c.ask(ctx, q.cmd, q.slot, q.values, q.slot.question())), true
	}
	value, err := q.slot.read(text)
	if err != nil {
		return said(c.ask(ctx, q.cmd, q.slot, q.values, err.Error()+". "+q.slot.question())), true
	}
	values := append(q.values, nlu.Value{Slot: q.slot.name, Text: value})
	o := c.proceed(ctx, m, q.cmd, values)
	if c.question == q && o.refusal == nil {
		c.question = nil // answered: proceed asked nothing more
	}
	return o, true
}

// askAgain asks for the slot that an error of a command names, if it names one.
func (c *conversation) askAgain(ctx context.Context, cmd *Cmd, values nlu.Values, err error) (outcome, bool) {
	var bad *slotError
	var wrong *wrongError
	var s *slot
	var text string
	switch {
	case errors.As(err, &bad):
		s, text = bad.slot, bad.Error()+"."
	case errors.As(err, &wrong):
		s, text = cmd.slot(wrong.slot), wrong.told.Text
	}
	if s == nil {
		return outcome{}, false
	}
	if !strings.HasSuffix(text, "?") {
		text += " " + s.question()
	}
	rest := make(nlu.Values, 0, len(values))
	for _, v := range values {
		if v.Slot != s.name {
			rest = append(rest, v)
		}
	}
	return said(c.ask(ctx, cmd, s, rest, text)), true
}

func isCancel(text string) bool {
	switch strings.ToLower(strings.Trim(text, " .!")) {
	case "cancel", "never mind", "nevermind", "abort", "stop", "forget it":
		return true
	}
	return false
}

// isNo reports whether the text says no.
func isNo(text string) bool {
	yes, ok := nlu.Canon(nlu.KindBool, strings.Trim(text, " .!"))
	return ok && yes == "false" && text != "0"
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
