package outbox

import (
	"context"
	"time"

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
	return o.cfg.DB.Do(ctx, func(ctx context.Context) error {
		now := o.clock.Now()
		noted, err := o.cfg.DB.Exec(ctx, noteMark, hash, now.UnixMilli(), now.Add(keep).UnixMilli(), now.Add(-keep).UnixMilli())
		if err != nil {
			return err
		}
		return f(ctx, noted == 1)
	})
}

// pruneChunk is how many marks are deleted in one transaction.
const pruneChunk = 1000

// pruneMarks deletes the marks that nobody asks for any more. Where there are
// none, it only reads.
func (o *Outbox) pruneMarks(ctx context.Context) error {
	now := o.clock.Now().UnixMilli()
	for ctx.Err() == nil {
		var old int
		err := o.cfg.DB.Read(ctx).Raw(`SELECT COUNT(*) FROM (SELECT 1 FROM inbox_seen WHERE until < ? LIMIT 1) AS old`, now).Scan(&old).Error
		if err != nil || old == 0 {
			return err
		}
		_, err = o.cfg.DB.Exec(ctx, `DELETE FROM inbox_seen WHERE hash IN (SELECT hash FROM inbox_seen WHERE until < $1 ORDER BY until LIMIT $2)`, now, pruneChunk)
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
