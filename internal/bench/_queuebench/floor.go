package main

import (
	"context"
	"database/sql"
	"errors"
	"time"

	_ "github.com/glebarez/go-sqlite"  // the driver "sqlite", as in store
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"dragoman/internal/bench/queuebench/gauge"
)

// bareInsert is no queue: each job is a row in a table with no index but its
// key, and the start of its handler is another row, for a queue has to write down
// that it starts a job before it does. It shows what the machine gives to
// anybody.
type bareInsert struct {
	pool   *sql.DB
	insert string
	added  chan int // to the worker, if there is one
}

// openBare opens a database with one connection, and makes the table.
func openBare(ctx context.Context, d gauge.Database) (gauge.Subject, func() error, error) {
	var b bareInsert
	var err error
	key := "INTEGER PRIMARY KEY"
	if d.Kind == gauge.Postgres {
		key, b.insert = "BIGSERIAL PRIMARY KEY", "INSERT INTO bare (text) VALUES ($1)"
		b.pool, err = sql.Open("pgx", d.Address)
	} else {
		b.insert = "INSERT INTO bare (text) VALUES (?)"
		b.pool, err = sql.Open("sqlite", "file:"+d.Address+
			"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	}
	if err != nil {
		return nil, nil, err
	}
	b.pool.SetMaxOpenConns(1)
	if _, err := b.pool.ExecContext(ctx, "CREATE TABLE bare (n "+key+", text TEXT)"); err != nil {
		return nil, nil, errors.Join(err, b.pool.Close())
	}
	return &b, b.pool.Close, nil
}

// Add is of gauge.Subject.
func (b *bareInsert) Add(ctx context.Context, n int) (committed time.Time, err error) {
	err = b.write(ctx)
	committed = time.Now()
	select {
	case b.added <- n:
	default: // nobody works
	}
	return committed, err
}

// write commits one row.
func (b *bareInsert) write(ctx context.Context) error {
	tx, err := b.pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, b.insert, "{}"); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// Work is of gauge.Subject. It works one job at a time.
func (b *bareInsert) Work(ctx context.Context, _ int, do func(n int)) (stop func() error, err error) {
	b.added = make(chan int, 1)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- b.loop(ctx, do) }()
	return func() error { cancel(); return <-ended }, nil
}

func (b *bareInsert) loop(ctx context.Context, do func(n int)) error {
	for {
		select {
		case n := <-b.added:
			if err := b.write(context.WithoutCancel(ctx)); err != nil {
				return err
			}
			do(n)
		case <-ctx.Done():
			return nil
		}
	}
}

// Count is of gauge.Subject.
func (b *bareInsert) Count(ctx context.Context) (waiting, done int, err error) {
	err = b.pool.QueryRowContext(ctx, "SELECT count(*) FROM bare").Scan(&waiting)
	return waiting, 0, err
}

// Fill is of gauge.Subject, and fails.
func (b *bareInsert) Fill(context.Context, int) error {
	return errors.New("a bare insert has no backlog")
}
