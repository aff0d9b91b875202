package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// Do is Write for those who need no GORM: the ctx of fn carries the transaction.
func (db *DB) Do(ctx context.Context, fn func(ctx context.Context) error) error {
	return db.Write(ctx, func(tx *gorm.DB) error { return fn(tx.Statement.Context) })
}

// Exec runs one statement, whose parameters are $1, $2 and so on, past GORM: in
// the transaction that ctx carries, else in one of its own. It returns how many
// rows it changed.
func (db *DB) Exec(ctx context.Context, statement string, args ...any) (changed int64, err error) {
	t := db.joined(ctx)
	if t == nil {
		err := db.Do(ctx, func(ctx context.Context) (err error) {
			changed, err = db.Exec(ctx, statement, args...)
			return err
		})
		return changed, err
	}
	if db.dialect == SQLite {
		// Its driver starts a goroutine for a statement whose context can end,
		// and one that it interrupts ends the transaction. The check before the
		// commit heeds ctx.
		ctx = context.WithoutCancel(ctx)
	}
	result, err := t.tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, fmt.Errorf("store: %w", err)
	}
	return result.RowsAffected()
}
