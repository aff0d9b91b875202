package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"dragoman/nlu"
)

// outcome is what comes of a message.
type outcome struct {
	// reply is what to say at once.
	reply Reply
	// stored is the id of a reply that is in the outbox instead.
	stored string
	// repeated says that the message was handled before.
	repeated bool
	// undone says that the message changed nothing, though it was to: when it
	// comes again, that is another try.
	undone bool
	// failed says that it was undone for a reason that is not the sender's: a
	// receipt would say too much, and the reply says it all.
	failed bool
	// refusal is why it was not accepted; there is no receipt then.
	refusal error
}

func said(r Reply) outcome { return outcome{reply: r} }

var (
	// errGivenUp ends the transaction of a request that the watchdog left
	// behind.
	errGivenUp = errors.New("bot: the request was given up")
	// errProbe ends a transaction that only asks whether a key is noted.
	errProbe = errors.New("bot: the key is not noted")
	// errUnsure means that the commit itself failed, and so did asking for
	// its result.
	errUnsure = errors.New("the database failed at the very end, so I cannot tell whether it was done; look before you repeat it")
)

// change runs a command that changes something, so that all its effects, its
// reply and the note that it was done are committed together, once.
func (c *conversation) change(ctx context.Context, m *Message, cmd *Cmd, values nlu.Values) outcome {
	if ctx.Err() != nil {
		return c.bot.undone(cmd, ErrStopped)
	}
	e := &errand{conversation: c, message: m, cmd: cmd, durable: true}
	e.ctx, e.cancel = context.WithCancel(ctx)
	var o outcome
	var err error
	c.bot.watchdog.run(e, func() {
		defer func() {
			if v := recover(); v != nil {
				err = panicError{v, debug.Stack()}
			}
		}()
		o, err = c.bot.once(e, values)
	})
	if err == nil {
		return o
	}
	if q, ok := c.askAgain(ctx, cmd, values, err); ok {
		return q
	}
	return c.bot.undone(cmd, err)
}

// once runs an errand in a transaction of the journal. It touches nothing of
// the conversation, which may have left it behind.
func (b *Bot) once(e *errand, values nlu.Values) (outcome, error) {
	m := e.message
	r := Request{Message: m, Command: e.cmd.name, bot: b}
	r.name = b.nameOf(e.ctx, m) // asks the network, which a transaction must not wait for
	mark := m.mark(b.clock.Now())
	var stored string
	var failure error // of the last run
	done := false     // the last run came to its end
	again, err := b.cfg.Journal.Once(e.ctx, mark.key, mark.keep, func(ctx context.Context) error {
		done, stored, failure = false, "", errGivenUp
		if !b.watchdog.enter(e) {
			return failure
		}
		stored, failure = b.effect(ctx, e, r, mark, values)
		if failure = cmp.Or(failure, e.ctx.Err()); failure != nil {
			return failure
		}
		// From here on it is not given up any more.
		if !b.watchdog.leave(e) {
			failure = errGivenUp
			return failure
		}
		done = true
		return nil
	})
	switch {
	case err == nil && again:
		return outcome{repeated: true}, nil
	case err == nil:
		return outcome{stored: stored}, nil
	case done:
		return b.inDoubt(e, mark, stored, err)
	case e.ctx.Err() != nil:
		return outcome{}, fmt.Errorf("%w: %w", ErrStopped, err)
	case failure == nil && !errors.Is(err, ErrNotAccepted):
		err = fmt.Errorf("%w: %w", ErrNotAccepted, err)
	}
	return outcome{}, err
}

// effect runs the command inside of its transaction and adds the reply to the
// outbox, whose id it returns.
func (b *Bot) effect(ctx context.Context, e *errand, r Request, mark mark, values nlu.Values) (id string, err error) {
	reply, err := e.run(ctx, &r, values)
	if err != nil || reply.IsZero() {
		return "", err
	}
	out := e.message.answer(reply)
	out.ID, out.At = mark.reply, b.clock.Now()
	if err := b.cfg.Outbox.Add(ctx, out); err != nil {
		return "", fmt.Errorf("%w: the reply: %w", ErrNotAccepted, err)
	}
	return out.ID, nil
}

// run is the handler. It ends a panic.
func (e *errand) run(ctx context.Context, r *Request, values nlu.Values) (reply Reply, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicError{v, debug.Stack()}
		}
	}()
	return e.cmd.run(ctx, r, values)
}

// inDoubt finds out what became of a request whose commit failed: on a database
// across a network the failure may be that of the answer alone.
func (b *Bot) inDoubt(e *errand, mark mark, stored string, failure error) (outcome, error) {
	ctx, cancel := b.within(b.router.replies, sentWait)
	defer cancel()
	again, err := b.cfg.Journal.Once(ctx, mark.key, mark.keep, func(context.Context) error { return errProbe })
	switch {
	case err == nil && again:
		return outcome{stored: stored}, nil
	case errors.Is(err, errProbe) && e.ctx.Err() != nil:
		return outcome{}, fmt.Errorf("%w: %w", ErrStopped, failure)
	case errors.Is(err, errProbe):
		return outcome{}, fmt.Errorf("%w: %w", ErrNotAccepted, failure)
	}
	return outcome{}, fmt.Errorf("%w: %w", errUnsure, errors.Join(failure, err))
}

// undone is what comes of a command whose changes were all taken back. What the
// sender may do about it decides how they are told.
func (b *Bot) undone(cmd *Cmd, err error) outcome {
	o := outcome{undone: true}
	switch {
	case errors.Is(err, errUnsure):
		o.refusal, o.reply = errUnsure, b.incident(cmd.name, fmt.Sprintf("%s: %v.", cmd.name, errUnsure), err)
	case errors.Is(err, ErrStopped):
		o.refusal, o.reply = ErrStopped, Sayf("%s: %v.", cmd.name, ErrStopped)
	case errors.Is(err, ErrNotAccepted):
		o.refusal, o.reply = ErrNotAccepted, b.incident(cmd.name, fmt.Sprintf("%s: %v.", cmd.name, ErrNotAccepted), err)
	case errors.As(err, new(overrunError)):
		o.failed = true
		o.reply = b.incident(cmd.name, fmt.Sprintf("%s %v and was given up; nothing was changed.", cmd.name, err), err)
	default:
		var told *Error
		o.failed = !errors.As(err, &told) || told.Err != nil
		o.reply = b.explain(cmd.name, err)
	}
	return o
}

// sentWait is how long a conversation waits for a reply to be on the wire
// before it goes on, so that the next one doesn't overtake it. A reply that
// takes longer has met a destination that is out of reach.
const sentWait = 2 * time.Second

// awaitSent waits until a reply in the outbox is on the wire.
func (b *Bot) awaitSent(ctx context.Context, id string) {
	ctx, cancel := b.within(ctx, sentWait)
	defer cancel()
	b.cfg.Outbox.Sent(ctx, id)
}

// again sends the reply to a message that was handled before once more, if it
// is in the outbox and may not have arrived.
func (b *Bot) again(ctx context.Context, m *Message) {
	if b.cfg.Outbox == nil || m.ID == "" {
		return
	}
	mark := m.mark(b.clock.Now())
	for _, id := range []string{mark.reply, mark.earlier} {
		if id == "" {
			continue
		}
		if err := b.cfg.Outbox.Again(ctx, id); err != nil {
			b.log.Warn("a reply could not be sent again", "transport", m.Transport, "err", err)
		}
	}
}

// within is context.WithTimeout on the bot's clock.
func (b *Bot) within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	t := b.clock.NewTimer(d)
	go func() {
		defer t.Stop()
		select {
		case <-t.C():
			cancel(overrunError{d})
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}
