package bot

import (
	"context"
	"strconv"
	"strings"
	"time"

	"dragoman/nlu"
)

// offer is a question whether the bot understood, and what it understood.
type offer struct {
	readings []nlu.Intent
	made     time.Time
}

// propose asks which of the readings was meant and remembers them, so that "yes"
// or a number is an answer. The text introduces the question.
func (c *conversation) propose(readings []nlu.Intent, text string) Reply {
	c.offer = &offer{readings: readings, made: c.bot.clock.Now()}
	if len(readings) == 1 {
		return Reply{Text: text + "Did you mean “" + c.bot.line(readings[0]) + "”?", Choices: []string{"yes", "no"}}
	}
	r := Reply{Text: text + "Did you mean one of these? Answer with its number.", Table: &Table{}}
	for i, in := range readings {
		r.Table.Rows = append(r.Table.Rows, []string{strconv.Itoa(i + 1), c.bot.line(in)})
	}
	return r
}

// accept takes the text as the answer to the open offer. It reports false when
// it is none, and then the offer is over.
func (c *conversation) accept(ctx context.Context, m *Message, text string) (outcome, bool) {
	o := c.offer
	if !m.Addressed {
		return outcome{}, false
	}
	c.offer = nil
	if c.bot.clock.Now().Sub(o.made) > questionLife {
		return outcome{}, false
	}
	text = strings.ToLower(strings.Trim(text, " .!)#"))
	if n, err := strconv.Atoi(text); err == nil {
		if n < 1 || n > len(o.readings) {
			return outcome{}, false
		}
		return c.take(ctx, m, o.readings[n-1]), true
	}
	yes, ok := nlu.Canon(nlu.KindBool, text)
	switch {
	case isCancel(text):
		return said(Say("Never mind, then.")), true
	case !ok:
		return outcome{}, false
	case yes == "false":
		return said(Say("Then I did not understand. Say help to see what I can do.")), true
	case len(o.readings) > 1:
		c.offer = o
		return said(Say("Which one? Answer with its number.")), true
	}
	return c.take(ctx, m, o.readings[0]), true
}

// take runs what was offered.
func (c *conversation) take(ctx context.Context, m *Message, in nlu.Intent) outcome {
	return c.proceed(ctx, m, c.bot.commands[in.Command], in.Slots)
}

// lines are readings in a row.
func (b *Bot) lines(readings []nlu.Intent) string {
	var all []string
	for _, in := range readings {
		all = append(all, b.line(in))
	}
	return strings.Join(all, "; ")
}

// line is a reading as somebody would type it.
func (b *Bot) line(in nlu.Intent) string {
	words := []string{in.Command}
	cmd := b.commands[in.Command]
	named := false // a slot before was left out, so the next one needs its name
	for i := range cmd.slots {
		s := &cmd.slots[i]
		text, ok := in.Slots.Lookup(s.name)
		switch {
		case !ok:
			named = true
			continue
		case text == s.preset:
			named = true
			continue
		case !s.rest && strings.ContainsAny(text, " \t\n\"'\\"):
			text = strconv.Quote(text)
		}
		if named && !s.rest {
			text = "--" + s.name + "=" + text
		}
		words = append(words, text)
	}
	return excerpt(strings.Join(words, " "), 120)
}
