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

// schema is the tables of one part of the core.
type schema struct {
	owner string
	steps []store.Migration
}

// core are the tables that every bot has; those of skills are their own.
func core() []schema {
	return []schema{
		{"store", store.Migrations()}, {"queue", queue.Migrations()},
		{"outbox", outbox.Migrations()}, {"lease", lease.Migrations()},
	}
}

func migrate(ctx context.Context, db *store.DB) error {
	for _, part := range core() {
		if err := db.Migrate(ctx, part.owner, part.steps); err != nil {
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
// into it, beside a bot that may be running on it. It makes no store, changes no
// table and takes no lock: whoever looks may be another user than the bot's.
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
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("the store of %s does not exist yet: there is no file %q here; dragoman run makes it", i.file, path)
		case err == nil && info.Mode().IsRegular() && info.Size() == 0: // Open would make a store of it
			return nil, fmt.Errorf("the store of %s does not exist yet: the file %q is empty; dragoman run makes it", i.file, path)
		}
	}
	db, err := store.Open(i.ctx, url, i.log)
	if err != nil {
		return nil, fmt.Errorf("the store of %s: %w", i.file, err)
	}
	return db, nil
}

// current makes sure, only reading, that the tables of the core are those that
// this program knows.
func current(i *invocation, db *store.DB) error {
	applied := make(map[string][]string)
	if db.Read(i.ctx).Migrator().HasTable("schema_migrations") {
		var steps []struct{ Owner, Name string }
		if err := db.Read(i.ctx).Raw("SELECT owner, name FROM schema_migrations ORDER BY owner, number").Scan(&steps).Error; err != nil {
			return fmt.Errorf("the store of %s: read which version wrote it: %w", i.file, err)
		}
		for _, s := range steps {
			applied[s.Owner] = append(applied[s.Owner], s.Name)
		}
	}
	for _, part := range core() {
		var known []string
		for _, step := range part.steps {
			known = append(known, step.Name)
		}
		found := applied[part.owner]
		switch {
		case slices.Equal(found, known):
		case len(found) < len(known):
			return fmt.Errorf("the store of %s is that of an older version, or of none (%s has %d of %d steps); "+
				"looking into it changes nothing: start dragoman run once, which brings it up to date", i.file, part.owner, len(found), len(known))
		default:
			return fmt.Errorf("the store of %s was written by a newer version of the program (%s); look into it with that one", i.file, part.owner)
		}
	}
	return nil
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
