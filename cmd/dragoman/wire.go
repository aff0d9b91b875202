package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"dragoman/bot"
	"dragoman/bot/access"
	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/component"
	"dragoman/bot/xmpp/stream"
	"dragoman/internal/clock"
	"dragoman/skills"
	"dragoman/store"
)

// app is the bot with all its parts.
type app struct {
	bot    *bot.Bot
	db     *store.DB
	policy *access.Policy
	xmpp   []*xmpp.Transport
}

// assemble wires the parts that every surface shares. storeURL replaces the
// one of the configuration when it is not empty.
func assemble(ctx context.Context, cfg *skills.Config, log *slog.Logger, storeURL string) (_ *app, err error) {
	if storeURL == "" {
		storeURL = cfg.Store.URL.Reveal()
	}
	db, err := store.Open(ctx, storeURL, log)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	if err := db.Migrate(ctx, "store", store.Migrations()); err != nil {
		return nil, err
	}
	a := &app{db: db, policy: access.New(cfg.Bot.Admins)}
	a.bot, err = bot.New(bot.Config{
		Name: cfg.Bot.Name, Log: log, Access: a.policy, People: people{store.NewPeople(db)},
	})
	if err != nil {
		return nil, err
	}
	if err := a.connectors(cfg, log); err != nil {
		return nil, err
	}
	for _, build := range cfg.Builds {
		skill, err := build(ctx, skills.Env{
			DB: db, Notify: a.bot, Clock: clock.System{}, Log: log, XMPP: prober(a.xmpp),
		})
		if err != nil {
			return nil, err
		}
		if err := a.bot.Add(skill); err != nil {
			return nil, err
		}
	}
	return a, nil
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
	for _, r := range rooms {
		if j, err := stream.ParseJID(r); err == nil && j.Local() != "" {
			x.Rooms = append(x.Rooms, j.Bare())
		} else {
			log.Error("a room in the configuration is no address of a room", "room", r)
		}
	}
	return x
}
