package scheduler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/internal/clock"
	"dragoman/store"
	"dragoman/store/queue"
)

// office is a Planner on a real queue and a real SQLite file, in a synctest
// bubble and on a clock that only moves when told to.
type office struct {
	*Planner
	t    *testing.T
	clk  *clock.Fake
	db   *store.DB
	log  *bytes.Buffer
	stop func()

	mu    sync.Mutex
	runs  []run                  // committed
	fault func(j *workJob) error // of a run before it commits, or nil
}

type workJob = queue.Job[Tick[string]]

// run is one committed run of planned work.
type run struct {
	plan, args string
	due, at    time.Time
}

func (r run) String() string {
	s := r.plan + " " + r.due.Format("01-02 15:04")
	if late := Late(r.due, r.at); late != "" {
		s += " " + late
	}
	return s
}

// newOffice has a database and no queue that runs.
func newOffice(t *testing.T, start time.Time) *office {
	t.Helper()
	return officeOn(t, start, "sqlite:"+filepath.Join(t.TempDir(), "plans.db"))
}

func officeOn(t *testing.T, start time.Time, url string) *office {
	t.Helper()
	o := &office{t: t, clk: clock.NewFake(start), log: new(bytes.Buffer), stop: func() {}}
	log := slog.New(slog.NewTextHandler(o.log, nil))
	var err error
	if o.db, err = store.Open(t.Context(), url, log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		o.stop()
		if err := o.db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := o.db.Migrate(t.Context(), "queue", queue.Migrations()); err != nil {
		t.Fatal(err)
	}
	o.build()
	return o
}

// build makes a queue and its Planner, as a process does that starts.
func (o *office) build() *queue.Queue {
	log := slog.New(slog.NewTextHandler(o.log, nil))
	q := queue.New(queue.Config{DB: o.db, Clock: o.clk, Log: log})
	o.Planner = NewPlanner(o.db, q, o.clk, log)
	queue.Handle(q, queue.Options{Kind: "work"}, o.work)
	return q
}

// work records a run if, and only if, it commits together with its job.
func (o *office) work(ctx context.Context, j *workJob) error {
	return o.db.Do(ctx, func(ctx context.Context) error {
		if err := j.Done(ctx); err != nil {
			return err
		}
		o.db.AfterCommit(ctx, func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.runs = append(o.runs, run{j.Args.Plan, j.Args.Args, j.Args.Due, o.clk.Now()})
		})
		if o.fault != nil {
			return o.fault(j)
		}
		return nil
	})
}

// open starts the process: a queue runs until stop.
func (o *office) open() {
	o.t.Helper()
	o.stop()
	q := o.build()
	ctx, cancel := context.WithCancel(o.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx) }()
	o.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			o.t.Errorf("Run: %v", err)
		}
	})
	synctest.Wait()
}

// advance lets d pass at once, and what follows from it happen.
func (o *office) advance(d time.Duration) {
	o.clk.Advance(d)
	synctest.Wait()
}

// step sets the clock, which nobody notices by itself, and lets the queue look
// around.
func (o *office) step(d time.Duration) {
	o.clk.Step(d)
	synctest.Wait()
}

// took returns the runs since the last call, sorted as they committed.
func (o *office) took() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	runs := o.runs
	o.runs = nil
	return fmt.Sprint(runs)
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// next is the pending time of a plan, or "none".
func (o *office) next(name string) string {
	o.t.Helper()
	due, ok, err := o.Next(o.t.Context(), name)
	o.must(err)
	if !ok {
		return "none"
	}
	return due.Format("01-02 15:04")
}

// seize leaves the tick of a plan as a process does that dies with it in hand.
func (o *office) seize(name string) {
	o.t.Helper()
	seized, err := o.db.Exec(o.t.Context(), "UPDATE queue_jobs SET state = 'running', worker = 'dead', attempt = 1 WHERE kind = $1 AND job_key = $2 AND state = 'ready'", tickKind, name)
	if err == nil && seized != 1 {
		err = errors.New("there is no such tick to seize")
	}
	o.must(err)
}
