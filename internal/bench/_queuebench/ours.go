package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strconv"
	"time"

	"gorm.io/gorm"

	"dragoman/internal/bench/queuebench/gauge"
	"dragoman/internal/clock"
	"dragoman/store"
	"dragoman/store/queue"
)

// jobKind is the kind of all our jobs.
const jobKind = "noop"

// ourQueue is store/queue on either database.
type ourQueue struct {
	db     *store.DB
	queue  *queue.Queue
	groups int // over which the jobs are spread; zero means no order
	batch  int // how many jobs of one group a handler gets at once
}

// openOurs makes the opener of a queue with so many groups and batches.
func openOurs(groups, batch int) func(ctx context.Context, d gauge.Database) (gauge.Subject, func() error, error) {
	return func(ctx context.Context, d gauge.Database) (gauge.Subject, func() error, error) {
		log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
		url := d.Address
		if d.Kind == gauge.SQLite {
			url = "sqlite:" + url
		}
		db, err := store.Open(ctx, url, log)
		if err != nil {
			return nil, nil, err
		}
		if err := db.Migrate(ctx, "queue", queue.Migrations()); err != nil {
			return nil, nil, errors.Join(err, db.Close())
		}
		q := queue.New(queue.Config{DB: db, Clock: clock.System{}, Log: log})
		return &ourQueue{db: db, queue: q, groups: groups, batch: batch}, db.Close, nil
	}
}

// noop is the job.
type noop struct {
	N int `json:"n"`
}

func (q *ourQueue) item(n int) queue.Item {
	it := queue.Item{Kind: jobKind, Args: noop{n}}
	if q.groups > 0 {
		it.Group = strconv.Itoa(n % q.groups)
	}
	return it
}

// Add is of gauge.Subject.
func (q *ourQueue) Add(ctx context.Context, n int) (committed time.Time, err error) {
	err = q.db.Write(ctx, func(tx *gorm.DB) error {
		ctx := tx.Statement.Context
		q.db.AfterCommit(ctx, func() { committed = time.Now() }) // before the queue wakes anybody
		_, err := q.queue.Add(ctx, q.item(n))
		return err
	})
	return committed, err
}

// Fill is of gauge.Subject.
func (q *ourQueue) Fill(ctx context.Context, n int) error {
	for from := 0; from < n; from += gauge.FillStep {
		err := q.db.Write(ctx, func(tx *gorm.DB) error {
			for i := from; i < min(from+gauge.FillStep, n); i++ {
				if _, err := q.queue.Add(tx.Statement.Context, q.item(i)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Work is of gauge.Subject.
func (q *ourQueue) Work(ctx context.Context, workers int, do func(n int)) (stop func() error, err error) {
	o := queue.Options{Kind: jobKind, Workers: workers, Batch: q.batch}
	queue.HandleBatch(q.queue, o, func(_ context.Context, jobs []*queue.Job[noop]) []error {
		for _, j := range jobs {
			do(j.Args.N)
		}
		return nil
	})
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- q.queue.Run(ctx) }()
	return func() error {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	}, nil
}

// Count is of gauge.Subject. It asks the table and not queue.Stats, which does
// more than River is asked for.
func (q *ourQueue) Count(ctx context.Context) (waiting, done int, err error) {
	var found struct{ Total, Done int }
	err = q.db.Read(ctx).Table("queue_jobs").
		Select("count(*) AS total, count(CASE WHEN state = ? THEN 1 END) AS done", queue.StateDone).Scan(&found).Error
	return found.Total - found.Done, found.Done, err
}
