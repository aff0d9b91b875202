package lease

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"dragoman/store"
)

// Migrations are the steps of the table of leases; the owner is "lease".
func Migrations() []store.Migration {
	return []store.Migration{store.Step("leases", `CREATE TABLE leases (
		name TEXT NOT NULL PRIMARY KEY,
		owner TEXT NOT NULL,
		holder TEXT NOT NULL,
		epoch BIGINT NOT NULL,
		since BIGINT NOT NULL,
		expires BIGINT NOT NULL)`)}
}

// The database's clock in Unix milliseconds: not that of the beginning of the
// transaction.
const (
	nowPostgres = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
	nowSQLite   = "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
)

// row is a lease as one who wants it sees it.
type row struct {
	Name, Owner, Holder string
	Epoch, Since        int64
	Left                int64 // ms until it expires, by the database's clock
}

func (r row) free() bool { return r.Owner == "" || r.Left <= 0 }

// try takes the names if all are free. Else by is one that is not.
func (k *Keeper) try(ctx context.Context, names []string) (h *Held, by row, err error) {
	if k.db.Dialect() == store.SQLite {
		return k.tryHere(ctx, names)
	}
	ctx, cancel := context.WithTimeout(ctx, k.times.patience())
	defer cancel()
	if by, ok, err := allFree(k.db.Read(ctx), names, ""); err != nil || !ok {
		return nil, by, err
	}
	k.endFrozen(ctx, names)
	left := newDeadline(k.clock, k.times.ours())
	h = k.newHeld(names, left)
	err = k.db.Write(ctx, func(tx *gorm.DB) error {
		if err := addRows(tx, names); err != nil {
			return err
		}
		// Waits for every transaction that was promised by Check that nobody
		// takes over before it ends; Check's FOR KEY SHARE and a renewal do
		// not disturb each other.
		other, ok, err := allFree(tx, names, "FOR UPDATE")
		if by = other; err != nil || !ok {
			return err
		}
		return k.takeRows(tx, h, nowPostgres, fmt.Sprintf("%s + %d", nowPostgres, k.times.last.Milliseconds()))
	})
	if err != nil || h.epochs == nil {
		left.stop()
		return nil, by, err
	}
	return h, by, nil
}

// endFrozen ends the sessions of those who let the names expire. A frozen process
// keeps the locks of each transaction that it was in, and gets those that these
// were waiting for.
func (k *Keeper) endFrozen(ctx context.Context, names []string) {
	var owners []string
	err := k.db.Read(ctx).Raw("SELECT DISTINCT owner FROM leases WHERE name IN ? AND owner <> '' AND expires <= "+nowPostgres, names).Scan(&owners).Error
	for _, owner := range owners {
		session, _, _ := strings.Cut(owner, ownerEnd)
		n, endErr := k.db.EndSessions(ctx, session)
		err = errors.Join(err, endErr)
		if n > 0 {
			k.log.InfoContext(ctx, "the database sessions of the former owner were ended", "sessions", n)
		}
	}
	if err != nil { // the server will do it, a little later
		k.log.DebugContext(ctx, "the former owner of a lease may still hold locks", "error", err)
	}
}

// ownerEnd stands between the session of an owner and what tells one ownership
// from another.
const ownerEnd = "/"

// tryHere is try on SQLite, where only this process can be the other one.
func (k *Keeper) tryHere(ctx context.Context, names []string) (h *Held, by row, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, name := range names {
		if since, ok := k.taken[name]; ok {
			return nil, row{Name: name, Holder: k.label, Since: since.UnixMilli(), Left: k.times.look().Milliseconds()}, nil
		}
	}
	h = k.newHeld(names, nil)
	err = k.db.Write(ctx, func(tx *gorm.DB) error {
		if err := addRows(tx, names); err != nil {
			return err
		}
		return k.takeRows(tx, h, nowSQLite, "0")
	})
	if err != nil {
		return nil, by, err
	}
	for _, name := range names {
		k.taken[name] = k.clock.Now()
	}
	return h, by, nil
}

func (k *Keeper) newHeld(names []string, left *deadline) *Held {
	return &Held{db: k.db, names: names, owner: k.db.Session() + ownerEnd + rand.Text(),
		left: left, renewed: make(chan struct{}, 1), ended: make(chan struct{})}
}

// allFree reports whether nobody owns any of the names, and else one that
// somebody does. A name without a row is free.
func allFree(g *gorm.DB, names []string, lock string) (by row, ok bool, err error) {
	var rows []row
	err = g.Raw("SELECT name, owner, holder, epoch, since, expires - "+nowPostgres+" AS left "+
		"FROM leases WHERE name IN ? ORDER BY name "+lock, names).Scan(&rows).Error
	for _, r := range rows {
		if !r.free() {
			return r, false, err
		}
	}
	return row{}, true, err
}

func addRows(tx *gorm.DB, names []string) error {
	for _, name := range names {
		err := tx.Exec("INSERT INTO leases (name, owner, holder, epoch, since, expires) VALUES (?, '', '', 0, 0, 0) ON CONFLICT DO NOTHING", name).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// takeRows makes the rows h's.
func (k *Keeper) takeRows(tx *gorm.DB, h *Held, now, expires string) error {
	var rows []row
	err := tx.Raw("UPDATE leases SET owner = ?, holder = ?, epoch = epoch + 1, since = "+now+", expires = "+expires+
		" WHERE name IN ? RETURNING name, epoch", h.owner, k.label, h.names).Scan(&rows).Error
	h.epochs = make(map[string]int64)
	for _, r := range rows {
		h.epochs[r.Name] = r.Epoch
	}
	return err
}

// extend puts off the expiry of what h still owns.
func (k *Keeper) extend(ctx context.Context, h *Held) error {
	return k.db.Write(ctx, func(tx *gorm.DB) error {
		update := tx.Exec(fmt.Sprintf("UPDATE leases SET expires = %s + %d WHERE name IN ? AND owner = ? AND expires > %s",
			nowPostgres, k.times.last.Milliseconds(), nowPostgres), h.names, h.owner)
		if update.Error == nil && update.RowsAffected != int64(len(h.names)) {
			return ErrLost
		}
		return update.Error
	})
}

// confirm counts the names that are h's, and on PostgreSQL locks them so.
func confirm(ctx context.Context, h *Held) (int, error) {
	query := "SELECT name FROM leases WHERE name IN ? AND owner = ?"
	if h.db.Dialect() == store.Postgres {
		query += " AND expires > " + nowPostgres + " ORDER BY name FOR KEY SHARE"
	}
	var names []string
	err := h.db.Read(ctx).Raw(query, h.names, h.owner).Scan(&names).Error
	return len(names), err
}

// release gives back what h owns, if it still does. If the database cannot be
// told, it will find out.
func (k *Keeper) release(ctx context.Context, h *Held) {
	if h == nil {
		return
	}
	k.mu.Lock()
	for _, name := range h.names {
		delete(k.taken, name)
	}
	k.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), k.times.patience())
	defer cancel()
	err := k.db.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec("UPDATE leases SET owner = '', expires = 0 WHERE name IN ? AND owner = ?", h.names, h.owner).Error
	})
	if err != nil {
		k.log.WarnContext(ctx, "the lease was not given back: others wait until it expires", "names", h.names, "error", err)
	}
}
