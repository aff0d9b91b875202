package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"

	"dragoman/internal/bench/queuebench/gauge"
)

// noop is the job.
type noop struct {
	N int `json:"n"`
}

// Kind names the job for River.
func (noop) Kind() string { return "noop" }

// worker calls do for each job.
type worker struct {
	river.WorkerDefaults[noop]
	do func(n int)
}

// Work is called by River.
func (w *worker) Work(_ context.Context, job *river.Job[noop]) error {
	w.do(job.Args.N)
	return nil
}

// riverQueue is River on either database; T is a transaction of its driver.
type riverQueue[T any] struct {
	driver riverdriver.Driver[T]
	client *river.Client[T] // inserts only
	begin  func(ctx context.Context) (T, error)
	commit func(ctx context.Context, tx T) error
	abort  func(ctx context.Context, tx T) error
	total  func(ctx context.Context, completed bool) (int, error)
}

// riverLog is silent below the level of errors, as the recipe has it.
func riverLog() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
}

// prepare makes the tables and the client that inserts.
func (q *riverQueue[T]) prepare(ctx context.Context) error {
	m, err := rivermigrate.New(q.driver, &rivermigrate.Config{Logger: riverLog()})
	if err != nil {
		return err
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("make River's tables: %w", err)
	}
	q.client, err = river.NewClient(q.driver, &river.Config{Logger: riverLog()})
	return err
}

// Add is of gauge.Subject.
func (q *riverQueue[T]) Add(ctx context.Context, n int) (committed time.Time, err error) {
	tx, err := q.begin(ctx)
	if err != nil {
		return committed, err
	}
	if _, err := q.client.InsertTx(ctx, tx, noop{n}, nil); err != nil {
		return committed, errors.Join(err, q.abort(ctx, tx))
	}
	err = q.commit(ctx, tx)
	return time.Now(), err
}

// Fill is of gauge.Subject.
func (q *riverQueue[T]) Fill(ctx context.Context, n int) error {
	for from := 0; from < n; from += gauge.FillStep {
		var jobs []river.InsertManyParams
		for i := from; i < min(from+gauge.FillStep, n); i++ {
			jobs = append(jobs, river.InsertManyParams{Args: noop{i}})
		}
		if _, err := q.client.InsertManyFast(ctx, jobs); err != nil {
			return err
		}
	}
	return nil
}

// Work is of gauge.Subject.
func (q *riverQueue[T]) Work(ctx context.Context, workers int, do func(n int)) (stop func() error, err error) {
	all := river.NewWorkers()
	river.AddWorker(all, &worker{do: do})
	client, err := river.NewClient(q.driver, &river.Config{
		Logger:            riverLog(),
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		Workers:           all,
		JobTimeout:        -1,
		FetchCooldown:     river.FetchCooldownMin,
		FetchPollInterval: river.FetchPollIntervalMin,
	})
	if err != nil {
		return nil, err
	}
	if err := client.Start(ctx); err != nil {
		return nil, err
	}
	return func() error { return client.Stop(context.WithoutCancel(ctx)) }, nil
}

// Count is of gauge.Subject.
func (q *riverQueue[T]) Count(ctx context.Context) (waiting, done int, err error) {
	if waiting, err = q.total(ctx, false); err != nil {
		return 0, 0, err
	}
	done, err = q.total(ctx, true)
	return waiting, done, err
}
