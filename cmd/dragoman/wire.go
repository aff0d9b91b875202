package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"dragoman/bot"
	"dragoman/bot/access"
	"dragoman/bot/outbox"
	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/component"
	"dragoman/bot/xmpp/stream"
	"dragoman/internal/clock"
	"dragoman/nlu/entity"
	"dragoman/nlu/llm"
	"dragoman/skills"
	"dragoman/store"
	"dragoman/store/lease"
	"dragoman/store/queue"
)

// app is the bot with all its parts.
type app struct {
	bot    *bot.Bot
	db     *store.DB
	queue  *queue.Queue
	outbox *outbox.Outbox
	policy *access.Policy
	xmpp   []*xmpp.Transport
	model  *llm.Client
	held   *lease.Held // nil where nobody else could have it
}

// assemble wires the parts that every surface shares, on a database that the
// caller closes. transports are the names of all that will be attached.
func assemble(ctx context.Context, cfg *skills.Config, db *store.DB, held *lease.Held, log *slog.Logger, transports []string) (*app, error) {
	a := &app{db: db, policy: access.New(cfg.Bot.Admins), held: held}
	a.queue = queue.New(queue.Config{
		DB: db, Clock: clock.System{}, Log: log,
		Dead: func(ctx context.Context, i queue.Info) error { return a.outbox.Dead(ctx, i) },
	})
	o := outbox.Config{
		DB: db, Queue: a.queue, Transports: transports, Clock: clock.System{}, Log: log,
		Admins: func() []bot.Destination { return admins(cfg.Bot.Admins, transports) },
	}
	if held != nil {
		o.Fence = held.Check
	}
	a.outbox = outbox.New(o)
	learning := learning(ctx, cfg, db, log)
	var err error
	if a.model, err = secondStage(cfg, learning.Recognizer, log); err != nil {
		return nil, err
	}
	a.bot, err = bot.New(bot.Config{
		Name: cfg.Bot.Name, Log: log, Access: a.policy, People: people{store.NewPeople(db)},
		Outbox: a.outbox, Journal: a.outbox, Learning: learning, Model: a.model,
	})
	if err != nil {
		return nil, err
	}
	if err := a.connectors(cfg, log); err != nil {
		return nil, err
	}
	var all []bot.Skill
	for _, build := range cfg.Builds {
		skill, err := build(ctx, skills.Env{
			DB: db, Notify: a.bot, Clock: clock.System{}, Log: log, XMPP: prober(a.xmpp),
			Pupil: a.bot, Misses: cfg.NLU.Misses == "ask",
		})
		if err != nil {
			return nil, err
		}
		if l, ok := skill.(bot.Lessons); ok {
			a.bot.Study(l)
		}
		all = append(all, skill)
	}
	// At once, since each Add compiles the templates of all commands.
	return a, a.bot.Add(append(all, a.outbox.Skill())...)
}

// learning is how the configuration wants plain language to be understood.
func learning(ctx context.Context, cfg *skills.Config, db *store.DB, log *slog.Logger) *bot.Learning {
	return &bot.Learning{
		TemplatesOnly: !cfg.NLU.Learn, Languages: cfg.NLU.Languages, Act: cfg.NLU.Act, Ask: cfg.NLU.Ask, Phrases: cfg.NLU.ParsedPhrases(),
		Cache: models{ctx: ctx, store: store.NewModels(db), log: log},
		Recognizer: entity.New(entity.Options{
			Clock: clock.System{}, Location: cfg.Bot.Timezone.Location(), Languages: cfg.NLU.Languages,
		}),
	}
}

// learn makes the bot understand plain language. Training takes a few times the
// memory of what comes of it; the collector is asked to keep that short, and to
// give it back.
func (a *app) learn(ctx context.Context) error {
	defer debug.FreeOSMemory()
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	return a.bot.Learn(ctx)
}

// secondStage is the language model of the configuration, or nil.
func secondStage(cfg *skills.Config, names *entity.Recognizer, log *slog.Logger) (*llm.Client, error) {
	l := cfg.NLU.LLM
	return llm.New(llm.Options{
		On: l.On, BaseURL: l.URL, Model: l.Model, Key: llm.Secret(l.Key.Reveal()), Timeout: l.Timeout, Budget: l.Tokens,
		FreeAnswers: l.Answers, Languages: cfg.NLU.Languages, Resolver: names, Names: names.Names, Listed: names.Knows,
		Location: cfg.Bot.Timezone.Location(), Clock: clock.System{}, Log: log,
	})
}

// admins are the administrators as places to write to: through the first
// transport, since a server finds anybody.
func admins(jids, transports []string) []bot.Destination {
	var list []bot.Destination
	for _, jid := range jids {
		list = append(list, bot.Destination{Transport: transports[0], To: bot.Address(jid)})
	}
	return list
}

// run runs the bot and its queue until ctx ends or one of them fails.
func (a *app) run(ctx context.Context) error {
	defer a.model.Close()
	work, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() {
		cause := context.Cause(ctx)
		if errors.Is(cause, lease.ErrLost) { // before another process has the addresses
			cause = fmt.Errorf("%w: %w", bot.ErrHangUp, cause)
		}
		cancel(cause)
	})()
	// The queue outlives the bot, which delivers its last answers through it.
	queueing, stop := context.WithCancel(context.WithoutCancel(ctx))
	failed := make(chan error, 1)
	go func() {
		failed <- a.queue.Run(queueing)
		cancel(nil)
	}()
	err := a.bot.Run(work)
	stop()
	return errors.Join(err, <-failed)
}

// attach gives the bot the XMPP identities.
func (a *app) attach() error {
	if len(a.xmpp) == 0 {
		return errors.New("skills.yaml lists no component and no account under xmpp; add one, or try dragoman chat")
	}
	for _, t := range a.xmpp {
		if err := a.bot.Attach(t); err != nil {
			return err
		}
	}
	return nil
}

// connectors makes a transport of each identity in the configuration.
func (a *app) connectors(cfg *skills.Config, log *slog.Logger) error {
	for _, c := range cfg.XMPP.Components {
		main, err := stream.ParseOwnJID("bot@" + c.Domain)
		if err != nil {
			return fmt.Errorf("component %s: %w", c.Domain, err)
		}
		a.xmpp = append(a.xmpp, xmpp.New(a.identity(cfg, log, main, true, c.Nick, c.Rooms,
			component.New(component.Config{Domain: c.Domain, Address: c.Address, Secret: c.Secret.Reveal()}))))
	}
	for _, c := range cfg.XMPP.Accounts {
		jid, err := stream.ParseOwnJID(c.JID)
		if err != nil {
			return fmt.Errorf("account %s: %w", c.JID, err)
		}
		connector, err := account(c, log)
		if err != nil {
			return fmt.Errorf("account %s: %w", c.JID, err)
		}
		a.xmpp = append(a.xmpp, xmpp.New(a.identity(cfg, log, jid.Bare(), false, c.Nick, c.Rooms, connector)))
	}
	return nil
}

func (a *app) identity(cfg *skills.Config, log *slog.Logger, main stream.JID, whole bool, nick string, rooms []string, c xmpp.Connector) xmpp.Config {
	if nick == "" {
		nick = cfg.Bot.Name
	}
	x := xmpp.Config{
		Main: main, WholeDomain: whole, Connector: c, Nick: nick, Prefix: cfg.Bot.Prefix,
		Book: store.NewBook(a.db), MayInvite: a.policy.MayInvite, Version: version(), Log: log,
		Zone: cfg.Bot.Timezone.Location(),
	}
	if a.held != nil {
		x.Ours = a.held.Valid
	}
	for _, r := range rooms {
		if j, err := stream.ParseJID(r); err == nil && j.Local() != "" {
			x.Rooms = append(x.Rooms, j.Bare())
		} else {
			log.Error("a room in the configuration is no address of a room", "room", r)
		}
	}
	return x
}
