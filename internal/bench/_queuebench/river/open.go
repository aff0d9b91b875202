package main

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"dragoman/internal/bench/queuebench/gauge"
)

func open(ctx context.Context, d gauge.Database) (gauge.Subject, func() error, error) {
	if d.Kind == gauge.Postgres {
		return openPostgres(ctx, d.Address)
	}
	return openSQLite(ctx, d.Address)
}

const (
	countWaiting   = "SELECT count(*) FROM river_job WHERE state <> 'completed'"
	countCompleted = "SELECT count(*) FROM river_job WHERE state = 'completed'"
)

func countQuery(completed bool) string {
	if completed {
		return countCompleted
	}
	return countWaiting
}

// sqlitePool opens a file with one connection, which is the advice of River's
// driver.
func sqlitePool(path string) (*sql.DB, error) {
	pool, err := sql.Open("sqlite", "file:"+path+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	return pool, nil
}

func openSQLite(ctx context.Context, path string) (gauge.Subject, func() error, error) {
	pool, err := sqlitePool(path)
	if err != nil {
		return nil, nil, err
	}
	q := &riverQueue[*sql.Tx]{
		driver: riversqlite.New(pool),
		begin:  func(ctx context.Context) (*sql.Tx, error) { return pool.BeginTx(ctx, nil) },
		commit: func(_ context.Context, tx *sql.Tx) error { return tx.Commit() },
		abort:  func(_ context.Context, tx *sql.Tx) error { return tx.Rollback() },
		total: func(ctx context.Context, completed bool) (n int, err error) {
			err = pool.QueryRowContext(ctx, countQuery(completed)).Scan(&n)
			return n, err
		},
	}
	if err := q.prepare(ctx); err != nil {
		return nil, nil, errors.Join(err, pool.Close())
	}
	return q, pool.Close, nil
}

// maxConns is the size of the pool.
const maxConns = 20

func openPostgres(ctx context.Context, url string) (gauge.Subject, func() error, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, nil, err
	}
	config.MaxConns = maxConns
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, nil, err
	}
	q := &riverQueue[pgx.Tx]{
		driver: riverpgxv5.New(pool),
		begin:  pool.Begin,
		commit: func(ctx context.Context, tx pgx.Tx) error { return tx.Commit(ctx) },
		abort:  func(ctx context.Context, tx pgx.Tx) error { return tx.Rollback(ctx) },
		total: func(ctx context.Context, completed bool) (n int, err error) {
			err = pool.QueryRow(ctx, countQuery(completed)).Scan(&n)
			return n, err
		},
	}
	if err := q.prepare(ctx); err != nil {
		pool.Close()
		return nil, nil, err
	}
	return q, func() error { pool.Close(); return nil }, nil
}
