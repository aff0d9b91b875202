package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"dragoman/internal/bench/queuebench/gauge"
	"dragoman/internal/counterpart"
)

// base makes databases on one disk or one server.
type base struct {
	kind   string
	dir    string                // of the SQLite files
	server *counterpart.Postgres // else nil
	made   int
}

// postgresSettings spare the server checkpoints in the middle of a measurement.
// fsync, synchronous_commit and full_page_writes are on, as they are by default.
var postgresSettings = []string{"shared_buffers=256MB", "max_wal_size=4GB", "checkpoint_timeout=30min"}

func openBase(ctx context.Context, kind, dir string) (*base, error) {
	b := &base{kind: kind}
	var err error
	if kind == gauge.Postgres {
		b.server, err = counterpart.StartPostgres(ctx, "", postgresSettings...)
	} else {
		b.dir, err = os.MkdirTemp(dir, "dragoman-queuebench-")
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

func (b *base) close() error {
	if b.server != nil {
		return b.server.Stop()
	}
	return os.RemoveAll(b.dir)
}

// with calls f with a new database, and removes that afterwards.
func (b *base) with(ctx context.Context, f func(gauge.Database) error) (err error) {
	b.made++
	name := fmt.Sprintf("bench%d", b.made)
	if b.server == nil {
		folder := filepath.Join(b.dir, name)
		if err := os.Mkdir(folder, 0o700); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
		return f(gauge.Database{Kind: b.kind, Address: filepath.Join(folder, "queue.db")})
	}
	url, err := b.server.CreateDatabase(ctx, name)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, execPostgres(context.WithoutCancel(ctx), b.server.URL(), "DROP DATABASE "+name+" WITH (FORCE)"))
	}()
	return f(gauge.Database{Kind: b.kind, Address: url})
}

func execPostgres(ctx context.Context, url, statement string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}
