package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
)

// A connection that only listens learns of a dead peer by asking.
const (
	listenQuiet = 30 * time.Second // silence after which it asks
	listenWait  = 10 * time.Second // how long it waits for the answer
)

// Listen calls f with the payload of each Notify on channel, of this process or
// another, until ctx ends (whose error it returns) or the connection breaks.
// What is said while nobody listens is lost, so poll now and then, and once when
// listening again. f must be quick. On SQLite, where there is one process, it
// hears nothing and waits for the end of ctx: wake by AfterCommit.
func (db *DB) Listen(ctx context.Context, channel string, f func(payload string)) error {
	if db.dialect != Postgres {
		<-ctx.Done()
		return ctx.Err()
	}
	conn, err := pgx.ConnectConfig(ctx, db.listener.Copy())
	if err != nil {
		return fmt.Errorf("store: listen: %w", explainPostgres(db.listener, err))
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(end)
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return fmt.Errorf("store: listen: %w", err)
	}
	for {
		payload, heard, err := hear(ctx, conn)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("store: listening was interrupted: %w", err)
		}
		if heard {
			f(payload)
		}
	}
}

// hear waits for one notification, or for the proof that none came.
func hear(ctx context.Context, conn *pgx.Conn) (payload string, heard bool, err error) {
	quiet, cancel := context.WithTimeout(ctx, listenQuiet)
	defer cancel()
	n, err := conn.WaitForNotification(quiet)
	if err == nil {
		return n.Payload, true, nil
	}
	if !errors.Is(err, context.DeadlineExceeded) || conn.IsClosed() {
		return "", false, err
	}
	answer, cancel := context.WithTimeout(ctx, listenWait)
	defer cancel()
	return "", false, conn.Ping(answer)
}

// Notify tells all who Listen on channel: at the commit of the transaction that
// ctx carries, else at once. On SQLite it does nothing. PostgreSQL's commits
// with a Notify in them wait for one another, so hot paths do it outside.
func (db *DB) Notify(ctx context.Context, channel, payload string) error {
	if db.dialect != Postgres {
		return nil
	}
	var tx gorm.ConnPool = db.write
	if t := db.joined(ctx); t != nil {
		tx = t.tx
	}
	if _, err := tx.ExecContext(ctx, "SELECT pg_notify($1, $2)", channel, payload); err != nil {
		return fmt.Errorf("store: notify: %w", err)
	}
	return nil
}
