package bot

import (
	"context"
)

// Skill is a group of commands that belong together. A skill that also works
// on its own implements Runner.
type Skill interface {
	// Name is its key in skills.yaml.
	Name() string
	// Commands is asked once, when the skill is added.
	Commands() []*Cmd
}

// Runner is a Skill with work of its own, such as watching machines.
type Runner interface {
	// Run works until ctx ends and has ended all it started when it
	// returns. An error ends the bot.
	Run(ctx context.Context) error
}

// Notifier sends notices. The Bot is one.
type Notifier interface {
	// Notify accepts a notice for delivery. A notifier that is Durable
	// returns at once, and the notice commits with the transaction that ctx
	// carries. Another one hands the notice to the transport and waits for
	// room there, so it must not be called inside a transaction; an error
	// means that the notice was not taken. ErrNoTransport means that the
	// destination's transport is no longer configured.
	Notify(ctx context.Context, n Notice) error
}

// Durable is a Notifier that can say whether what it accepts survives a crash.
type Durable interface {
	// Durable is the same from the start to the end of the bot.
	Durable() bool
}

// IsDurable reports whether notices to n may and should be part of a
// transaction.
func IsDurable(n Notifier) bool {
	d, ok := n.(Durable)
	return ok && d.Durable()
}

// Access decides who may run what. Package access has the one that
// skills.yaml configures.
type Access interface {
	// Check returns nil when the sender of m may run c, else an error whose
	// text (see Error) says why not.
	Check(ctx context.Context, m *Message, c *Cmd) error
}

// Request is one understood command from one person.
type Request struct {
	// Message is what they wrote.
	*Message
	// Command is the name of the command that it was understood as.
	Command string

	bot  *Bot
	name string // of the sender, where it was asked for beforehand
}

// SenderName is what to call the sender in a reply: the nick in a room, else
// the name that they gave themselves, else the local part of their address. It
// may ask the transport, so it can take a moment the first time.
func (r *Request) SenderName(ctx context.Context) string {
	if r.name != "" {
		return r.name
	}
	return r.bot.nameOf(ctx, r.Message)
}
