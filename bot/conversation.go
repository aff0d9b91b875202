package bot

import (
	"context"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"dragoman/nlu"
	"dragoman/nlu/rules"
	"dragoman/nlu/structured"
)

// maxText bounds what a person may write at once, in bytes.
const maxText = 16 << 10

// conversation is one person in one place. Its goroutine owns all of its
// state, so handlers need no locks and replies keep their order.
type conversation struct {
	bot   *Bot
	key   string
	inbox chan delivery // closed by the router when the bot stops

	question *question // that waits for an answer, or nil
	offer    *offer    // of readings to choose from, or nil
	last     sighting  // of the latest message
	settled  func()    // of the message that is being handled
}

// live is the life of the conversation's goroutine. Its last line is not
// deferred: a goroutine that the watchdog left behind has handed its place over.
func (c *conversation) live() {
	c.loop()
	c.bot.router.wg.Done()
}

// loop handles messages in order until the conversation has been idle for a
// while or the bot stops.
func (c *conversation) loop() {
	idle := c.bot.clock.NewTimer(linger)
	defer idle.Stop()
	for {
		select {
		case d, ok := <-c.inbox:
			if !ok {
				return
			}
			c.settled = d.settled
			c.handle(d.message)
			idle.Reset(c.bot.router.linger(c.question != nil || c.offer != nil))
		case <-idle.C():
			if c.bot.router.retire(c) {
				return
			}
			idle.Reset(linger)
		}
	}
}

// handle takes one message the whole way to its answer.
func (c *conversation) handle(m *Message) {
	if c.repeated(m) {
		c.conclude(m, outcome{repeated: true})
		return
	}
	c.conclude(m, c.guarded(c.bot.router.work, m))
}

// conclude sends the answer, and the receipt that says that the message was
// taken: after all that it changed is committed, before anybody waits for the
// answer to be on the wire.
func (c *conversation) conclude(m *Message, o outcome) {
	ctx := c.bot.router.replies
	if t, ok := c.bot.transports[m.Transport].(Concluder); ok {
		defer t.Concluded(m)
	}
	if o.undone {
		c.forget(m)
	}
	if o.refusal != nil {
		c.refuse(ctx, m, o)
		c.settled()
		return
	}
	if o.repeated {
		c.bot.log.Debug("repeated message ignored", "transport", m.Transport, "id", m.ID)
		c.bot.again(ctx, m)
	}
	c.bot.reply(ctx, m, o)
	if a, ok := c.bot.transports[m.Transport].(Acknowledger); ok && m.WantsReceipt && m.Addressed && !o.failed {
		if err := a.Acknowledge(ctx, m); err != nil {
			c.bot.log.Warn("receipt was not sent", "transport", m.Transport, "err", err)
		}
	}
	c.settled() // what is in the outbox needs nobody to keep the message
	if o.stored != "" {
		c.bot.awaitSent(ctx, o.stored)
	}
}

// refuse gives a message back, in words where the transport has no better way.
func (c *conversation) refuse(ctx context.Context, m *Message, o outcome) {
	if r, ok := c.bot.transports[m.Transport].(Refuser); ok && o.refusal != errUnsure {
		err := r.Refuse(ctx, m, o.refusal)
		if err == nil {
			return
		}
		c.bot.log.Debug("a message was not refused by its transport", "transport", m.Transport, "err", err)
	}
	c.bot.reply(ctx, m, o)
}

// guarded is answer for a skill that panics where it is only asked for values:
// that ends this request and no other.
func (c *conversation) guarded(ctx context.Context, m *Message) (o outcome) {
	defer func() {
		if v := recover(); v != nil {
			c.question = nil
			if o = said(c.bot.explain("Your request", panicError{v, debug.Stack()})); !m.Addressed {
				o = outcome{}
			}
		}
	}()
	return c.answer(ctx, m)
}

// repeated reports whether the message was handled before.
func (c *conversation) repeated(m *Message) bool {
	if m.ID == "" {
		return false
	}
	if m.Unique {
		return !c.bot.seen.first(m)
	}
	now := sighting{from: m.From, id: m.ID, text: m.Text, at: c.bot.clock.Now()}
	again := now.repeats(c.last)
	c.last = now
	return again
}

// forget makes the message a new one when it comes again.
func (c *conversation) forget(m *Message) {
	c.last = sighting{}
	if m.ID != "" && m.Unique {
		c.bot.seen.forget(m)
	}
}

// answer is what comes of a message, nothing where silence is right.
func (c *conversation) answer(ctx context.Context, m *Message) outcome {
	text := strings.TrimSpace(m.Text)
	switch {
	case len(text) > maxText && !m.Addressed:
		return outcome{}
	case len(text) > maxText:
		return said(Sayf("That is too long for me: at most %d characters, please.", maxText))
	case !utf8.ValidString(text):
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	if c.offer != nil {
		if o, done := c.accept(ctx, m, text); done {
			return o
		}
	}
	if c.question != nil {
		if o, done := c.resume(ctx, m, text); done {
			return o
		}
	}
	if !m.Addressed {
		return outcome{}
	}
	if text == "" {
		return said(Say("Yes? Say help to see what I can do."))
	}
	intents, miss := c.bot.Understand(ctx, text, m.Lang)
	if miss != nil {
		return c.missed(ctx, m, text, miss)
	}
	return c.several(ctx, m, intents)
}

// afterThat introduces the wishes of a message that have to wait.
const afterThat = "\nAfter that, ask me again for: "

// several runs the wishes of one message in their order. The last one's outcome
// is the message's; what came of the others is sent before.
func (c *conversation) several(ctx context.Context, m *Message, wishes []nlu.Intent) outcome {
	last := len(wishes) - 1
	for i, in := range wishes[:last] {
		part := *m
		part.part = i
		o := c.wish(ctx, &part, in)
		switch {
		case o.refusal != nil:
			m.part = i
			return o // the same message does the rest when it comes again
		case o.undone, c.question != nil, c.offer != nil:
			m.part = i
			o.reply.Text += afterThat + c.bot.lines(wishes[i+1:])
			return o
		}
		if o.repeated {
			c.bot.again(ctx, &part)
		}
		c.bot.reply(ctx, &part, o)
		if o.stored != "" {
			c.bot.awaitSent(ctx, o.stored)
		}
	}
	m.part = last
	return c.wish(ctx, m, wishes[last])
}

// wish runs one command that was understood, unless it has to be asked about
// first: what changes things for others has to be typed, and what only the
// sender can decide is never done on a likelihood.
func (c *conversation) wish(ctx context.Context, m *Message, in nlu.Intent) outcome {
	cmd := c.bot.commands[in.Command]
	switch {
	case in.Usage != nil:
		return said(Say(in.Usage.String() + "."))
	case in.Stage == structured.Name:
	case cmd.effect == ChangesShared, cmd.typed && in.Stage != rules.Name:
		if c.bot.cfg.Access.Check(ctx, m, cmd) == nil {
			return said(c.propose([]nlu.Intent{in}, ""))
		}
	}
	return c.proceed(ctx, m, cmd, in.Slots)
}

// proceed runs a command, or asks for what is missing first.
func (c *conversation) proceed(ctx context.Context, m *Message, cmd *Cmd, values nlu.Values) outcome {
	if err := c.bot.cfg.Access.Check(ctx, m, cmd); err != nil {
		return said(c.bot.explain(cmd.name, err))
	}
	for i := range cmd.slots {
		s := &cmd.slots[i]
		if _, ok := values.Lookup(s.name); !ok && !s.optional {
			return said(c.ask(ctx, cmd, s, values, s.question()))
		}
	}
	if cmd.effect != Reads && c.bot.cfg.Journal != nil {
		return c.change(ctx, m, cmd, values)
	}
	r, err := c.execute(ctx, m, cmd, values)
	if err == nil {
		return said(r)
	}
	if q, ok := c.askAgain(ctx, cmd, values, err); ok {
		return q
	}
	return said(c.bot.explain(cmd.name, err))
}

// sighting is what is kept of a message to recognise its repetition where its
// id need not be unique.
type sighting struct {
	from     Address
	id, text string
	at       time.Time
}

// repeatWindow is how soon the same message must come again to be taken for
// the same: a client that resends does so at once after it reconnected, while a
// script that numbers its messages from 1 at every start is a new request.
const repeatWindow = 2 * time.Second

func (s sighting) repeats(earlier sighting) bool {
	return s.id == earlier.id && s.from == earlier.from && s.text == earlier.text && s.at.Sub(earlier.at) < repeatWindow
}
