package bot

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"dragoman/nlu"
)

// typingAfter is how long a command may take before the bot shows that it is
// at work (XEP-0085).
const typingAfter = time.Second

// overrunError is a request that was given up.
type overrunError struct{ after time.Duration }

// Error says how long was too long.
func (e overrunError) Error() string { return fmt.Sprintf("took longer than %v", e.after) }

// panicError is a request whose skill panicked.
type panicError struct {
	value any
	stack []byte
}

// Error is for the log alone: it has the stack.
func (e panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", e.value, e.stack) }

// execute runs a command that changes nothing, or has no journal, under the eye
// of the watchdog. It does not return when the watchdog gave the request up.
func (c *conversation) execute(ctx context.Context, m *Message, cmd *Cmd, values nlu.Values) (reply Reply, err error) {
	if err := ctx.Err(); err != nil {
		return Reply{}, err // the bot stops: what was not begun is left
	}
	e := &errand{conversation: c, message: m, cmd: cmd}
	e.ctx, e.cancel = context.WithCancel(ctx)
	c.bot.watchdog.run(e, func() {
		defer func() {
			if v := recover(); v != nil {
				err = panicError{v, debug.Stack()}
			}
		}()
		reply, err = cmd.run(e.ctx, &Request{Message: m, Command: cmd.name, bot: c.bot}, values)
	})
	return reply, err
}

// explain turns an error into what the person is told. What is not their own
// doing goes to the log under an incident id that the reply names.
func (b *Bot) explain(command string, err error) Reply {
	var shown *Error
	text := command + " failed."
	switch {
	case errors.As(err, &shown):
		if shown.Err == nil {
			return Say(shown.Text)
		}
		text = shown.Text
	case errors.As(err, new(overrunError)):
		text = fmt.Sprintf("%s took longer than %v and was given up.", command, b.cfg.Overrun)
	case errors.Is(err, context.Canceled):
		text = command + " was interrupted because the bot is stopping; look at what it did before you repeat it."
	}
	return b.incident(command, text, err)
}

// incident tells the person text, and the log the reason.
func (b *Bot) incident(command, text string, err error) Reply {
	id := incident()
	b.log.Error("request failed", "incident", id, "command", command, "err", err)
	return Sayf("%s The administrator finds the reason in the log under incident %s.", text, id)
}

// incident is an id short enough to be read out on the telephone.
func incident() string { return strings.ToLower(rand.Text()[:8]) }

// maxReply bounds a reply, in bytes: servers refuse stanzas that are too big,
// and a room is no place for a book.
const maxReply = 12 << 10

// bounded cuts a reply that is too long at a line, and says so.
func bounded(r Reply) Reply {
	plain := r.Plain()
	if len(plain) <= maxReply {
		return r
	}
	end := strings.LastIndexByte(plain[:maxReply], '\n')
	if end <= 0 {
		for end = maxReply; end > maxReply-utf8.UTFMax && !utf8.RuneStart(plain[end]); end-- {
		}
	}
	rest := "1 more line"
	if n := strings.Count(plain[end:], "\n"); n > 1 {
		rest = fmt.Sprintf("%d more lines", n)
	}
	return Reply{Text: fmt.Sprintf("%s\n… cut here; %s.", plain[:end], rest), Private: r.Private}
}
