package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"dragoman/internal/clock"
	"dragoman/nlu/llm"
)

// Config is what a Bot needs from outside.
type Config struct {
	// Name is what the bot calls itself.
	Name string
	// Clock is the source of time; nil means the system's.
	Clock clock.Clock
	// Log gets what a person in a chat should not see; nil discards it.
	Log *slog.Logger
	// Access decides who may run what; it is required.
	Access Access
	// People remembers names; nil means that the bot forgets them at once.
	People People
	// Outbox delivers notices and the replies of commands that change
	// something; Journal makes those commands happen once. They belong
	// together, on one database. Without them replies and notices go to the
	// transport at once, and repetitions are known from memory alone.
	Outbox  Outbox
	Journal Journal
	// Learning is how the bot learns plain language from examples, by Learn.
	// Nil means that it knows templates alone.
	Learning *Learning
	// Model is asked what nothing else understood; nil asks nobody.
	Model *llm.Client
	// Overrun ends a request that takes longer; zero means 10 s.
	Overrun time.Duration
	// Grace is how long what was accepted before a stop may still take;
	// zero means 4 s: with the
	// farewell of the transports a stop then takes less than ten.
	Grace time.Duration
}

const (
	defaultOverrun = 10 * time.Second
	defaultGrace   = 4 * time.Second
)

// Bot is the core: skills on one side, transports on the other.
type Bot struct {
	cfg        Config
	log        *slog.Logger
	clock      clock.Clock
	skills     []Skill
	commands   map[string]*Cmd
	order      []*Cmd
	explained  []string // the names of those that help can explain
	transports map[string]Transport
	known      *names
	understood atomic.Pointer[understood]
	lessons    Lessons
	relearn    chan struct{}
	changing   sync.Mutex // of understood
	seen       *seen
	receivers  map[string]func(context.Context, *Parcel) error
	router     router
	watchdog   watchdog
}

// New makes a Bot that knows only the command help.
func New(cfg Config) (*Bot, error) {
	if cfg.Access == nil {
		return nil, errors.New("bot: Config.Access is missing; without it nobody may do anything")
	}
	if (cfg.Outbox == nil) != (cfg.Journal == nil) {
		return nil, errors.New("bot: Config.Outbox and Config.Journal belong together")
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Overrun == 0 {
		cfg.Overrun = defaultOverrun
	}
	if cfg.Grace == 0 {
		cfg.Grace = defaultGrace
	}
	b := &Bot{
		cfg: cfg, log: cfg.Log, clock: cfg.Clock,
		commands:   make(map[string]*Cmd),
		transports: make(map[string]Transport),
		receivers:  make(map[string]func(context.Context, *Parcel) error),
		seen:       newSeen(cfg.Clock),
		relearn:    make(chan struct{}, 1),
	}
	b.router.bot = b
	b.watchdog = watchdog{bot: b, running: make(map[*errand]struct{})}
	return b, b.Add(helpSkill{b})
}

// Add gives the bot skills. It returns an error for a command that is badly
// defined or whose name is taken. Add must not be called once Run has begun.
func (b *Bot) Add(skills ...Skill) error {
	for _, s := range skills {
		for _, c := range s.Commands() {
			if err := c.check(); err != nil {
				return fmt.Errorf("skill %s: %w", s.Name(), err)
			}
			if b.commands[c.name] != nil {
				return fmt.Errorf("skill %s: there is already a command %q", s.Name(), c.name)
			}
			b.commands[c.name] = c
			b.order = append(b.order, c)
			if c.name != helpName {
				b.explained = append(b.explained, c.name)
			}
		}
		b.skills = append(b.skills, s)
	}
	b.known = newNames(b)
	u, err := b.understanding(context.Background(), nil, nil)
	if err == nil {
		b.understood.Store(u)
	}
	return err
}

// Attach gives the bot a transport. It must not be called once Run has begun.
func (b *Bot) Attach(t Transport) error {
	if b.transports[t.Name()] != nil {
		return fmt.Errorf("bot: two transports are called %q", t.Name())
	}
	b.transports[t.Name()] = t
	return nil
}

// Durable reports whether notices survive a crash: whether there is an outbox.
func (b *Bot) Durable() bool { return b.cfg.Outbox != nil }

// Notify accepts a notice; see Notifier.
func (b *Bot) Notify(ctx context.Context, n Notice) error {
	t := b.transports[n.To.Transport]
	if t == nil {
		return fmt.Errorf("bot: transport %q: %w", n.To.Transport, ErrNoTransport)
	}
	if n.Reply.IsZero() {
		return nil
	}
	out := Outgoing{Destination: n.To, ID: n.id(), Reply: bounded(n.Reply), At: n.At}
	if b.cfg.Outbox == nil {
		return t.Send(ctx, out)
	}
	if out.At.IsZero() {
		out.At = b.clock.Now()
	}
	return b.cfg.Outbox.Add(ctx, out)
}

// reply sends what came of a message.
func (b *Bot) reply(ctx context.Context, m *Message, o outcome) {
	if o.reply.IsZero() {
		return
	}
	out := m.answer(o.reply)
	if o.undone {
		// The same message may come again, and its answer then is another one,
		// which nobody must take for a repetition of this.
		out.ID = ""
	}
	if err := b.transports[m.Transport].Send(ctx, out); err != nil {
		b.log.Warn("reply was not sent", "transport", m.Transport, "to", out.To, "err", err)
	}
}

// nameOf finds what to call the sender of m, and remembers it.
func (b *Bot) nameOf(ctx context.Context, m *Message) string {
	who := m.Sender
	name := who.Name
	if who.Account == "" {
		return cmp.Or(name, who.Handle, nobody)
	}
	if name == "" && b.cfg.People != nil {
		known, err := b.cfg.People.Name(ctx, who.Account)
		if err != nil {
			b.log.Warn("stored name could not be read", "err", err)
		}
		if known != "" {
			return known
		}
	}
	if namer, ok := b.transports[m.Transport].(Namer); ok && name == "" {
		ask, cancel := context.WithTimeout(ctx, nameTimeout)
		defer cancel()
		var err error
		if name, err = namer.DisplayName(ask, who.Account); err != nil {
			b.log.Debug("no display name", "err", err)
		}
	}
	if name != "" && b.cfg.People != nil {
		if err := b.cfg.People.Met(ctx, who.Account, name, m.At); err != nil {
			b.log.Warn("name could not be stored", "err", err)
		}
	}
	return cmp.Or(name, who.Handle, string(who.Account), nobody)
}

// nameTimeout bounds the wait for a name: an answer matters more than whom it
// is addressed to.
const nameTimeout = 2 * time.Second

// nobody is what to call somebody of whom nothing is known.
const nobody = "someone"
