package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"dragoman/internal/clock"
	"dragoman/internal/counterpart"
	"dragoman/store"
	"dragoman/store/queue"
)

// What one process plans, others work and change at the same moment. Here that
// happens on the machine's clock and as fast as it goes.
func TestPlansThatAreChangedWhileTheyTick(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		testChangesWhileTicking(t, "sqlite:"+filepath.Join(t.TempDir(), "plans.db"), 1)
	})
	t.Run("postgres, two processes", func(t *testing.T) {
		counterpart.Need(t, "postgresql")
		server, err := counterpart.StartPostgres(t.Context(), "", "fsync=off", "full_page_writes=off")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := server.Stop(); err != nil {
				t.Error(err)
			}
		})
		testChangesWhileTicking(t, server.URL(), 2)
	})
}

// ledger counts committed runs.
type ledger struct {
	mu   sync.Mutex
	runs map[string]int // by plan and due time
}

func (l *ledger) note(tick Tick[string]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.runs[tick.Plan+"@"+tick.Due.Format(time.RFC3339Nano)]++
}

// begin is one process on the database at url, until the test ends.
func (l *ledger) begin(t *testing.T, url string) *Planner {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	db, err := store.Open(t.Context(), url, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), "queue", queue.Migrations()); err != nil {
		t.Fatal(err)
	}
	q := queue.New(queue.Config{DB: db, Clock: clock.System{}, Log: log})
	p := NewPlanner(db, q, clock.System{}, log)
	queue.Handle(q, queue.Options{Kind: "work"}, func(ctx context.Context, j *queue.Job[Tick[string]]) error {
		return p.db.Do(ctx, func(ctx context.Context) error {
			if err := j.Done(ctx); err != nil {
				return err
			}
			db.AfterCommit(ctx, func() { l.note(j.Args) })
			return nil
		})
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func testChangesWhileTicking(t *testing.T, url string, processes int) {
	const plans, lasts = 12, 4 * time.Second
	book := &ledger{runs: make(map[string]int)}
	var planners []*Planner
	for range processes {
		planners = append(planners, book.begin(t, url))
	}
	until := time.Now().Add(lasts)
	var changers sync.WaitGroup
	for _, p := range planners {
		for range 2 {
			changers.Go(func() {
				for time.Now().Before(until) {
					if err := p.changeSomething(t.Context(), fmt.Sprint("plan", rand.IntN(plans))); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	changers.Wait()

	for i := range plans {
		if _, err := planners[0].Remove(t.Context(), fmt.Sprint("plan", i)); err != nil {
			t.Error(err)
		}
	}
	waiting := []queue.State{queue.StateReady, queue.StateRunning, queue.StateDead}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) { // other processes' work has no event here
		jobs, err := planners[0].q.List(t.Context(), queue.Filter{States: waiting})
		if err != nil {
			t.Fatal(err)
		}
		if len(jobs) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("all plans were removed, and yet there are %d jobs, such as %+v", len(jobs), jobs[0])
		}
	}
	book.mu.Lock()
	defer book.mu.Unlock()
	if len(book.runs) < plans {
		t.Errorf("only %d runs", len(book.runs))
	}
	for tick, n := range book.runs {
		if n != 1 {
			t.Errorf("%s ran %d times", tick, n)
		}
	}
	t.Logf("%d runs", len(book.runs))
}

// changeSomething does what people and starts do to a plan. Most intervals are
// short and most one-offs past, so that ticks and changes meet.
func (p *Planner) changeSomething(ctx context.Context, name string) error {
	switch rand.IntN(6) {
	case 0:
		_, err := p.Remove(ctx, name)
		return err
	case 1:
		return p.Once(ctx, At{Name: name, When: time.Now(), Kind: "work"})
	case 2:
		return p.Recurring(ctx, Plan{Name: name, Spec: "2s", Kind: "work"})
	default:
		return p.Recurring(ctx, Plan{Name: name, Spec: "1s", Kind: "work", Args: fmt.Sprint(rand.IntN(2))})
	}
}
