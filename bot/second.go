package bot

import (
	"context"
	"errors"
	"runtime/debug"

	"dragoman/nlu/llm"
)

// thinking is the command under which the watchdog and the log know a question
// to the language model.
const thinking = "understanding"

// second asks the language model about a text that nothing else understood. It
// reports false where there is none to ask, or nothing came of it; why is then
// what to tell the person, if anything.
func (c *conversation) second(ctx context.Context, m *Message, text string) (o outcome, why string, ok bool) {
	b := c.bot
	if b.cfg.Model == nil || ctx.Err() != nil {
		return outcome{}, "", false
	}
	e := &errand{conversation: c, message: m, cmd: &Cmd{name: thinking}}
	e.ctx, e.cancel = context.WithCancel(ctx)
	var r llm.Result
	var err error
	b.watchdog.run(e, func() {
		defer func() {
			if v := recover(); v != nil {
				err = panicError{v, debug.Stack()}
			}
		}()
		r, err = b.cfg.Model.Ask(e.ctx, llm.Request{
			Person: m.Sender.Identity(), Text: text, Lang: m.Lang, Source: llm.Chat, Commands: b.offered(ctx, m),
		})
	})
	var told *llm.Error
	switch {
	case errors.As(err, &told):
		if told.Kind != llm.ErrOff {
			b.log.Warn("the language model was of no help", "err", told)
			why = told.Text
		}
		return outcome{}, why, false
	case err != nil:
		return said(b.explain(thinking, err)), "", true
	case len(r.Intents) > 0 && r.Confirm:
		o := said(c.propose(r.Intents[:1], ""))
		if rest := r.Intents[1:]; len(rest) > 0 {
			o.reply.Text += afterThat + b.lines(rest)
		}
		return o, "", true
	case len(r.Intents) > 0:
		return c.several(ctx, m, r.Intents), "", true
	case r.Answer != "":
		return said(Say(r.Answer)), "", true
	}
	b.log.Debug("the language model did not understand either", "why", r.Why)
	return outcome{}, "", false
}

// offered are the commands that the sender of m may use.
func (b *Bot) offered(ctx context.Context, m *Message) []llm.Command {
	var list []llm.Command
	for _, cmd := range b.order {
		if cmd.typed || b.cfg.Access.Check(ctx, m, cmd) != nil {
			continue
		}
		c := llm.Command{Command: cmd.Grammar(), Help: make(map[string]string), Shared: cmd.effect == ChangesShared}
		for _, s := range cmd.slots {
			c.Help[s.name] = s.help
		}
		list = append(list, c)
	}
	return list
}
