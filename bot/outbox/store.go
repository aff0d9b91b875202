package outbox

import (
	"context"
	"time"

	"gorm.io/gorm"

	"dragoman/store"
)

// Migrations are the steps of the outbox's own tables; the owner is "outbox".
func Migrations() []store.Migration {
	return []store.Migration{
		{
			Name: "journal",
			SQLite: []string{
				`CREATE TABLE inbox_seen (hash BLOB NOT NULL PRIMARY KEY, at BIGINT NOT NULL, until BIGINT NOT NULL) WITHOUT ROWID`,
				`CREATE INDEX inbox_seen_until ON inbox_seen (until)`,
			},
			Postgres: []string{
				`CREATE TABLE inbox_seen (hash BYTEA NOT NULL PRIMARY KEY, at BIGINT NOT NULL, until BIGINT NOT NULL)`,
				`CREATE INDEX inbox_seen_until ON inbox_seen (until)`,
			},
		},
	}
}

// noteMark notes $1 unless it was noted within keep. Of several at once one
// inserts, and on PostgreSQL the others wait in this statement for its end.
const noteMark = `INSERT INTO inbox_seen (hash, at, until) VALUES ($1, $2, $3)
ON CONFLICT (hash) DO UPDATE SET at = excluded.at, until = excluded.until WHERE inbox_seen.at <= $4`

// noting notes hash, unless it was noted within keep, and runs f in the same
// transaction.
func (o *Outbox) noting(ctx context.Context, hash []byte, keep time.Duration, f func(ctx context.Context, fresh bool) error) error {
	return o.cfg.DB.Write(ctx, func(tx *gorm.DB) error {
		fresh, err := o.mark(tx, hash, keep)
		if err != nil {
			return err
		}
		return f(tx.Statement.Context, fresh)
	})
}

// mark notes hash and reports whether it is new.
func (o *Outbox) mark(tx *gorm.DB, hash []byte, keep time.Duration) (fresh bool, err error) {
	ctx := tx.Statement.Context
	if o.cfg.DB.Dialect() == store.SQLite {
		// Its driver starts a goroutine for a statement whose context can end.
		ctx = context.WithoutCancel(ctx)
	}
	now := o.clock.Now()
	// Past GORM, which takes bytes for a list.
	result, err := tx.Statement.ConnPool.ExecContext(ctx, noteMark,
		hash, now.UnixMilli(), now.Add(keep).UnixMilli(), now.Add(-keep).UnixMilli())
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// pruneChunk is how many marks are deleted in one transaction.
const pruneChunk = 1000

// pruneMarks deletes some of the marks that nobody asks for any more, and
// reports whether there may be others.
func (o *Outbox) pruneMarks(ctx context.Context) (more bool, err error) {
	now := o.clock.Now().UnixMilli()
	err = o.cfg.DB.Write(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`DELETE FROM inbox_seen WHERE hash IN (SELECT hash FROM inbox_seen WHERE until < ? ORDER BY until LIMIT ?)`, now, pruneChunk)
		more = done.RowsAffected == pruneChunk
		return done.Error
	})
	return more, err
}

// together runs f in a transaction.
func (o *Outbox) together(ctx context.Context, f func(ctx context.Context) error) error {
	return o.cfg.DB.Write(ctx, func(tx *gorm.DB) error { return f(tx.Statement.Context) })
}
