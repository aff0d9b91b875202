package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"dragoman/bot/outbox"
	"dragoman/skills"
	"dragoman/store"
	"dragoman/store/lease"
	"dragoman/store/queue"
)

// openStore opens the database and brings the tables of the core up to date;
// each skill does it for its own.
func openStore(ctx context.Context, url string, log *slog.Logger) (*store.DB, error) {
	db, err := store.Open(ctx, url, log)
	if err != nil {
		return nil, err
	}
	for _, owner := range []struct {
		name  string
		steps []store.Migration
	}{
		{"store", store.Migrations()}, {"queue", queue.Migrations()},
		{"outbox", outbox.Migrations()}, {"lease", lease.Migrations()},
	} {
		if err := db.Migrate(ctx, owner.name, owner.steps); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, nil
}

// identities are the names of all XMPP identities of a configuration, which are
// those of its transports.
func identities(cfg *skills.Config) []string {
	var names []string
	for _, c := range cfg.XMPP.Components {
		names = append(names, c.Domain)
	}
	for _, a := range cfg.XMPP.Accounts {
		names = append(names, a.JID)
	}
	slices.Sort(names)
	return names
}

// existingStore opens the database of a configuration for a command that looks
// into it, beside a bot that may be running on it.
func existingStore(i *invocation) (*store.DB, error) {
	cfg, err := skills.Load(i.file)
	if err != nil {
		return nil, err
	}
	db, err := openStore(i.ctx, cfg.Store.URL.Reveal(), i.log)
	if err != nil {
		return nil, fmt.Errorf("the store of %s: %w", i.file, err)
	}
	return db, nil
}
