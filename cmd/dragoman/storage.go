package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"dragoman/bot/outbox"
	"dragoman/skills"
	"dragoman/store"
	"dragoman/store/lease"
	"dragoman/store/queue"
)

// openStore opens the database, waits until no other process uses its file, and
// only then brings the tables of the core up to date; each skill does it for its
// own. The database is closed with shut.
func openStore(ctx context.Context, url string, log *slog.Logger, own func(context.Context, *store.DB) (func(), error)) (db *store.DB, shut func() error, err error) {
	db, err = store.Open(ctx, url, log)
	if err != nil {
		return nil, nil, err
	}
	free, err := own(ctx, db)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	shut = func() error {
		defer free() // after the last write, which is that of the closing
		return db.Close()
	}
	if err := migrate(ctx, db); err != nil {
		return nil, nil, errors.Join(err, shut())
	}
	return db, shut, nil
}

func migrate(ctx context.Context, db *store.DB) error {
	for _, owner := range []struct {
		name  string
		steps []store.Migration
	}{
		{"store", store.Migrations()}, {"queue", queue.Migrations()},
		{"outbox", outbox.Migrations()}, {"lease", lease.Migrations()},
	} {
		if err := db.Migrate(ctx, owner.name, owner.steps); err != nil {
			return err
		}
	}
	return nil
}

// ownPatience is enough for a bot that is just ending.
const ownPatience = 2 * time.Second

// ownSoon takes the database for this process, unless a bot that runs has it.
func ownSoon(ctx context.Context, db *store.DB) (free func(), err error) {
	soon, cancel := context.WithTimeout(ctx, ownPatience)
	defer cancel()
	free, err = db.Own(soon)
	if err != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("a bot is running on this store: stop it, or talk to it over XMPP: %w", err)
	}
	return free, err
}

// existingStore opens the database of a configuration for a command that looks
// into it, beside a bot that may be running on it. It makes none, and changes no
// table.
func existingStore(i *invocation) (*store.DB, error) {
	cfg, err := skills.Load(i.file)
	if err != nil {
		return nil, err
	}
	url := cfg.Store.URL.Reveal()
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		if path == ":memory:" {
			return nil, fmt.Errorf("the store of %s is in memory only, so there is nothing to look into", i.file)
		}
		path = strings.TrimPrefix(path, "//")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("the store of %s does not exist yet: there is no file %q; dragoman run makes it", i.file, path)
		}
	}
	db, err := store.Open(i.ctx, url, i.log)
	if err != nil {
		return nil, fmt.Errorf("the store of %s: %w", i.file, err)
	}
	return db, nil
}

// migrateUnused brings the tables of the core up to date, unless a bot is
// running on the file, which has done so.
func migrateUnused(ctx context.Context, db *store.DB) error {
	soon, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	free, err := db.Own(soon)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return nil
	case err != nil:
		return err
	}
	defer free()
	return migrate(ctx, db)
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
