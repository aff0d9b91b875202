package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"dragoman/bot"
	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
	"dragoman/internal/clock"
	"dragoman/skills/status/check"
	"dragoman/store"
)

// people lets the core remember names in the store.
type people struct{ store *store.People }

// Name implements bot.People.
func (p people) Name(ctx context.Context, account bot.Address) (string, error) {
	who, _, err := p.store.Person(ctx, string(account))
	return who.Name, err
}

// Met implements bot.People.
func (p people) Met(ctx context.Context, account bot.Address, name string, at time.Time) error {
	return p.store.Remember(ctx, store.Person{JID: string(account), Name: name, SeenAt: at})
}

// prober lets checks ask over the first XMPP identity that is connected.
type prober []*xmpp.Transport

// Ping implements check.Prober.
func (p prober) Ping(ctx context.Context, jid string) error {
	return p.with(ctx, jid, func(t *xmpp.Transport, to stream.JID) error { return t.Ping(ctx, to) })
}

// LastActivity implements check.Prober.
func (p prober) LastActivity(ctx context.Context, jid string) (idle time.Duration, err error) {
	err = p.with(ctx, jid, func(t *xmpp.Transport, of stream.JID) error {
		idle, err = t.LastActivity(ctx, of)
		return err
	})
	return idle, err
}

// with asks through the identity that is connected. It gives one that is about
// to connect the time that ctx leaves: a bot that has just started should not
// say that nothing is known.
func (p prober) with(ctx context.Context, jid string, ask func(*xmpp.Transport, stream.JID) error) error {
	to, err := stream.ParseJID(jid)
	if err != nil {
		return err
	}
	if len(p) == 0 {
		return check.ErrNoConnection
	}
	through := p[0]
	if i := slices.IndexFunc(p, (*xmpp.Transport).Connected); i >= 0 {
		through = p[i]
	} else if through.Await(ctx) != nil {
		return check.ErrNoConnection
	}
	err = ask(through, to)
	var answer *stream.StanzaError
	switch {
	case errors.As(err, &answer):
		return check.Condition(jid, answer.Condition)
	case errors.Is(err, xmpp.ErrNotConnected), errors.Is(err, stream.ErrClosed):
		return fmt.Errorf("%w: %w", check.ErrNoConnection, err)
	}
	return err
}

// models keeps trained models in the store. It is used while the bot is put
// together and while it runs, which is why it may hold the context of both.
type models struct {
	ctx   context.Context
	store *store.Models
	log   *slog.Logger
}

// Load implements learn.Cache.
func (m models) Load(key string) []byte {
	data, err := m.store.Load(m.ctx, key)
	if err != nil && m.ctx.Err() == nil {
		m.log.Warn("the trained models could not be read; they are trained again", "err", err)
	}
	return data
}

// Save implements learn.Cache.
func (m models) Save(key string, data []byte) {
	if err := m.store.Save(m.ctx, key, data, clock.System{}.Now()); err != nil && m.ctx.Err() == nil {
		m.log.Warn("the trained models could not be kept; the next start trains them again", "err", err)
	}
}
