// Package gauge measures a durable queue, whichever it is: how fast one job is
// enqueued in a transaction and how fast a backlog is worked, how soon a job
// starts after its commit, and what an idle queue costs.
//
// One program measures one contestant at a time, in a process of its own, and
// tells what it found (Serve): so no contestant meets another one's garbage, and
// each can bring its own SQLite. The package knows no queue and no table, and
// compares nothing. It reads the system's clock directly, for real time is what
// it measures.
package gauge

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// The kinds of databases.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Database is an empty one: the path of a file that does not exist yet, or the
// URL of a new database on a server.
type Database struct{ Kind, Address string }

// Subject is a queue under test, on an empty database of its own. The jobs do
// nothing; each carries its number.
type Subject interface {
	// Add enqueues job n in a transaction of its own, and returns when that
	// was committed.
	Add(ctx context.Context, n int) (committed time.Time, err error)
	// Fill enqueues the jobs 0 to n-1 as fast as it can.
	Fill(ctx context.Context, n int) error
	// Work works what is and will be enqueued with that many workers, and
	// calls do in each job, until stop, which returns when all has ended.
	Work(ctx context.Context, workers int, do func(n int)) (stop func() error, err error)
	// Count is how many jobs the database has as not yet finished and as done.
	Count(ctx context.Context) (waiting, done int, err error)
}

// Contestant is a way to open a Subject.
type Contestant struct {
	Name string
	// Groups is over how many groups the jobs are spread, in each of which
	// they must run in the order of their numbers: job n is of group n modulo
	// Groups. Zero means no order.
	Groups int
	// Open makes what it needs in the database. The second result closes it.
	Open func(ctx context.Context, d Database) (Subject, func() error, error)
}

// FillStep is how many jobs a Fill puts into one transaction.
const FillStep = 1000

// analyze brings the planner up to date after a backlog was filled in, as
// autovacuum would within a minute.
func (d Database) analyze(ctx context.Context) error {
	if d.Kind != Postgres {
		return nil
	}
	conn, err := pgx.Connect(ctx, d.Address)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "ANALYZE")
	return errors.Join(err, conn.Close(ctx))
}
