package gauge

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"dragoman/internal/bench/stats"
	"dragoman/internal/clock"
)

const (
	workers = 100
	// patience is how long a backlog or a single job may take before the
	// measurement gives up.
	patience = 5 * time.Minute
	// lookEvery lies between two looks at how many jobs are done.
	lookEvery = 2 * time.Millisecond
	// beforeNext lies between two jobs of which each finds the queue asleep.
	beforeNext = 20 * time.Millisecond
)

// during calls f over and over on so many goroutines, in each at least once and
// always with another number from 0 on, and returns how often and how long until
// the last returned.
func during(ctx context.Context, goroutines int, length time.Duration, f func(ctx context.Context, n int) error) (int, time.Duration, error) {
	var next atomic.Int64
	begin := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	for range goroutines {
		g.Go(func() error {
			for {
				if err := f(ctx, int(next.Add(1)-1)); err != nil || time.Since(begin) >= length {
					return err
				}
			}
		})
	}
	err := g.Wait()
	return int(next.Load()), time.Since(begin), err
}

// enqueue measures committed jobs from so many goroutines. Nobody works them.
func (t Task) enqueue(ctx context.Context, s Subject, goroutines int) ([]float64, error) {
	before := ownTime()
	made, elapsed, err := during(ctx, goroutines, t.Enqueue, func(ctx context.Context, n int) error {
		_, err := s.Add(ctx, n)
		return err
	})
	used := ownTime() - before
	if err != nil {
		return nil, err
	}
	waiting, _, err := s.Count(ctx)
	if err == nil && waiting != made {
		err = fmt.Errorf("%d jobs were enqueued, and the database has %d", made, waiting)
	}
	return []float64{float64(made) / elapsed.Seconds(), micros(used, made)}, err
}

// work measures a backlog that is there at the beginning, until all of it is
// finished in the database.
func (t Task) work(ctx context.Context, s Subject, groups int) ([]float64, error) {
	n := t.Backlog
	if err := s.Fill(ctx, n); err != nil {
		return nil, fmt.Errorf("fill the backlog: %w", err)
	}
	if err := t.Database.analyze(ctx); err != nil {
		return nil, err
	}
	w := newWitness(n, groups)
	runtime.GC() // what the filling left behind
	begin, before := time.Now(), ownTime()
	stop, err := s.Work(ctx, workers, w.ran)
	if err != nil {
		return nil, err
	}
	err = allDone(ctx, s, w, n)
	elapsed, used := time.Since(begin), ownTime()-before
	return []float64{float64(n) / elapsed.Seconds(), micros(used, n)}, errors.Join(err, stop(), w.verdict())
}

// allDone returns when the database says that all jobs are done.
func allDone(ctx context.Context, s Subject, w *witness, n int) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("not all jobs were done within %v", patience))
	defer cancel()
	select {
	case <-w.all:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	for {
		_, done, err := s.Count(ctx)
		if err != nil || done == n {
			return err
		}
		if clock.Sleep(ctx, clock.System{}, lookEvery) != nil {
			return context.Cause(ctx)
		}
	}
}

// pickup measures the time from a job's commit to the start of its handler in
// the same process, one job at a time on a queue that had fallen asleep.
func (t Task) pickup(ctx context.Context, s Subject) ([]float64, error) {
	started := make(chan time.Time, 1)
	stop, err := s.Work(ctx, workers, func(int) { started <- time.Now() })
	if err != nil {
		return nil, err
	}
	took, err := t.pickups(ctx, s, started)
	slices.Sort(took)
	return []float64{stats.Percentile(took, 50), stats.Percentile(took, 99), stats.Percentile(took, 100)}, errors.Join(err, stop())
}

func (t Task) pickups(ctx context.Context, s Subject, started <-chan time.Time) (took []float64, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("not all jobs began within %v", patience))
	defer cancel()
	pause := t.Settle
	for i := range t.Pickups {
		if clock.Sleep(ctx, clock.System{}, pause) != nil {
			return took, context.Cause(ctx)
		}
		committed, err := s.Add(ctx, i)
		if err != nil {
			return took, err
		}
		select {
		case at := <-started:
			took = append(took, at.Sub(committed).Seconds()*1e3)
		case <-ctx.Done():
			return took, context.Cause(ctx)
		}
		pause = beforeNext
	}
	return took, nil
}

// idle measures the processor time of this process while its queue has nothing
// to do. That of a database server is not in it.
func (t Task) idle(ctx context.Context, s Subject) ([]float64, error) {
	stop, err := s.Work(ctx, workers, func(int) {})
	if err != nil {
		return nil, err
	}
	percent, err := idlePercent(ctx, t.Settle, t.Idle)
	return []float64{percent}, errors.Join(err, stop())
}

func idlePercent(ctx context.Context, settle, length time.Duration) (float64, error) {
	if err := clock.Sleep(ctx, clock.System{}, settle); err != nil {
		return 0, err
	}
	begin, before := time.Now(), ownTime()
	if err := clock.Sleep(ctx, clock.System{}, length); err != nil {
		return 0, err
	}
	return 100 * (ownTime() - before).Seconds() / time.Since(begin).Seconds(), nil
}

// ownTime is the processor time that this process has used, in user and system
// mode.
func ownTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it fails for wrong arguments alone (getrusage(2))
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// micros is the share of each of n in microseconds.
func micros(d time.Duration, n int) float64 { return d.Seconds() * 1e6 / float64(max(n, 1)) }
