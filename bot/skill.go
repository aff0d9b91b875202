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

// Notifier sends what nobody asked for this very moment: a machine went down,
// an event begins.
type Notifier interface {
	// Notify hands one reply over for delivery. It waits for room in the
	// destination's queue and returns an error when the reply was not taken.
	Notify(ctx context.Context, to Destination, r Reply) error
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

	bot *Bot
}

// SenderName is what to call the sender in a reply: the nick in a room, else
// the name that they gave themselves, else the local part of their address. It
// may ask the transport, so it can take a moment the first time.
func (r *Request) SenderName(ctx context.Context) string {
	return r.bot.nameOf(ctx, r.Message)
}
