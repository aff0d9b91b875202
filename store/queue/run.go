package queue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"dragoman/internal/clock"
)

// Run works the jobs of all kinds that have a handler, until ctx ends. Then it
// waits for the handlers, whose contexts have ended too, settles what they
// return and returns nil; a handler that ignores its context holds it up. It
// returns an error at once if it is running already. While the database is away
// it waits for it to come back.
//
// At the start it takes back the jobs of processes that died. On an SQLite file
// it first waits until no other process runs a queue on it.
func (q *Queue) Run(ctx context.Context) error {
	if !q.running.CompareAndSwap(false, true) {
		return errors.New("queue: Run was called while it runs")
	}
	defer q.running.Store(false)
	defer q.notes.wait()
	release, err := q.db.Own(ctx)
	if err != nil {
		return ended(ctx, fmt.Errorf("queue: %w", err))
	}
	defer release()
	q.unsettled.Store(false)
	if err := q.begin(ctx); err != nil {
		return nil // only the end of ctx ends the trying
	}
	q.mu.Lock()
	lines := slices.Collect(maps.Values(q.lines))
	q.mu.Unlock()

	// These outlive the handlers: a worker that still has some must not be
	// taken for dead.
	tending, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var tenders, loops sync.WaitGroup
	tenders.Go(func() { q.prune(tending) })
	tenders.Go(func() { q.poll(tending) })
	if q.sql.postgres {
		tenders.Go(func() { q.beat(tending) })
		tenders.Go(func() { q.listen(tending) })
	}
	for _, l := range lines {
		loops.Go(func() {
			l.poke()
			l.loop(ctx)
			l.finish(ctx)
		})
	}
	loops.Wait()
	stop()
	tenders.Wait()
	q.leave(ctx)
	return nil
}

// ended is err, or nil if it is only that ctx has ended.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// begin makes a worker of this Queue and rescues what dead ones left behind.
func (q *Queue) begin(ctx context.Context) error {
	for failures := 1; ; failures++ {
		err := q.enlist(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if failures == 1 {
			q.log.WarnContext(ctx, "the queue cannot begin; trying again", "error", err)
		}
		if err := clock.Sleep(ctx, q.clk, Backoff{failFirst, failMax}.pause(failures, 0.5+q.rand()/2)); err != nil {
			return err
		}
	}
}

// newID names a worker or a Queue.
func newID() string { return rand.Text() }

// lineOf is who handles the kind here, or nil.
func (q *Queue) lineOf(kind string) *line {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.lines[kind]
}

// allLines are those who handle a kind here.
func (q *Queue) allLines() []*line {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Collect(maps.Values(q.lines))
}

// endTimeout bounds what Run does after its context has ended.
const endTimeout = 2 * time.Second
