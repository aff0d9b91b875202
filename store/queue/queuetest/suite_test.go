package queuetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"gorm.io/gorm"

	"dragoman/internal/clock"
	"dragoman/internal/counterpart"
	"dragoman/store"
	"dragoman/store/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// conformance is what the queue does on every database.
var conformance = map[string]func(*testing.T, *env){
	"a job commits with the transaction that added it, or not at all": testAddJoins,
	"a job starts at once after its commit, and not before":           testStartsAfterCommit,
	"one job is live under a key":                                     testLiveKey,
	"a key that counts once counts as long as the row is kept":        testOnce,
	"an item that makes no sense is refused":                          testBadItems,
	"a job waits for its time, and its group with it":                 testRunAt,
	"a payload that cannot be read becomes a dead letter":             testUnreadable,

	"a group keeps its order, one at a time, whatever fails":   testGroupOrder,
	"a group that is held up holds up no other":                testSlowGroup,
	"a batch is settled up to the first that stays":            testBatch,
	"a batch takes what is due, in order":                      testBatchIsDuePrefix,
	"a result for each job of a batch is insisted on":          testBatchResults,
	"claimers that race never get the same job":                testClaimRace,
	"a group that is added to while it empties is never stuck": testRefill,

	"failures pause longer and longer, with jitter, and end": testBackoff,
	"what the handler says becomes of the job":               testVerdicts,
	"a handler that panics or exits has failed":              testPanics,
	"a handler that takes too long has failed":               testTimeout,
	"a dead letter is told in the transaction, and replayed": testDeadLetter,

	"the job of a dead worker runs again":                      testRescue,
	"an unrepeatable job of a dead worker becomes unknown":     testRescueUnrepeatable,
	"a job that only came next when the worker died waits on":  testRescueReserved,
	"what was taken over cannot be settled by its old worker":  testLostClaim,
	"what is finished is not settled again":                    testFinishedStays,
	"a job that kills its process again and again is given up": testCrashLoop,
	"Done commits with the effect":                             testDone,
	"after Done the group waits for the handler":               testDoneKeepsTheGroup,
	"a Done that failed and took place blocks nobody":          testDoneInDoubt,
	"while the fence refuses nothing is claimed or settled":    testFence,
	"while the gate is closed nothing is claimed":              testGate,

	"a waiting job is cancelled, dropped, retried":       testDecisions,
	"cancelling a running job ends its context":          testCancelRunning,
	"a job is moved to another time":                     testReschedule,
	"Wake makes due what waits for its next attempt":     testWake,
	"Watch tells when a handler returned":                testWatch,
	"jobs are listed in pages, newest first":             testList,
	"the numbers add up":                                 testStats,
	"finished jobs are deleted in time, letters are not": testPrune,

	"the end of Run ends the handlers and counts no attempt": testEnd,
	"Run goes on after the database was away":                testDatabaseAway,
	"Run runs once at a time":                                testRunOnce,
	"Run waits for a database that is busy":                  testBusy,
	"a random life agrees with the model":                    testModel,

	"what one process adds another one starts at once":    testNotify,
	"settling waits for nobody who adds":                  testSettlesPastAdders,
	"a worker that was taken for dead stops, and goes on": testTakenForDead,
}

func TestSQLiteFile(t *testing.T) {
	runAll(t, func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "queue.db") })
}

func TestSQLiteMemory(t *testing.T) {
	runAll(t, func(*testing.T) string { return "sqlite::memory:" })
}

func TestPostgres(t *testing.T) {
	server := counterpart.PostgresServer(t)
	var n atomic.Int64
	runAll(t, func(t *testing.T) string {
		url, err := server.CreateDatabase(t.Context(), fmt.Sprintf("case_%d", n.Add(1)))
		if err != nil {
			t.Fatal(err)
		}
		return url
	})
}

func runAll(t *testing.T, newURL func(*testing.T) string) {
	names := make([]string, 0, len(conformance))
	for name := range conformance {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) { conformance[name](t, newEnv(t, newURL(t))) })
	}
}

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// patience bounds the wait for what must happen, on a machine that is busy.
const patience = 30 * time.Second

// env is an empty database and a clock that stands still.
type env struct {
	t   *testing.T
	url string
	db  *store.DB
	clk *clock.Fake
	log *slog.Logger
}

func newEnv(t *testing.T, url string) *env {
	e := &env{t: t, url: url, clk: clock.NewFake(start), log: slog.New(slog.NewTextHandler(&logWriter{t: t}, nil))}
	e.db = e.open()
	check(t, e.db.Migrate(t.Context(), "queue", queue.Migrations()))
	return e
}

// logWriter shows the log of a test that failed.
type logWriter struct {
	t  *testing.T
	mu sync.Mutex
}

func (w *logWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open opens the database once more.
func (e *env) open() *store.DB {
	e.t.Helper()
	db, err := store.Open(e.t.Context(), e.url, e.log)
	check(e.t, err)
	e.t.Cleanup(func() {
		if err := db.Close(); err != nil {
			e.t.Errorf("Close: %v", err)
		}
	})
	return db
}

func (e *env) postgres() bool { return e.db.Dialect() == store.Postgres }

// shared reports whether the database can be opened several times.
func (e *env) shared() bool { return e.url != "sqlite::memory:" }

func (e *env) queue(change ...func(*queue.Config)) *queue.Queue {
	c := queue.Config{DB: e.db, Clock: e.clk, Log: e.log, Rand: func() float64 { return 1 }}
	for _, f := range change {
		f(&c)
	}
	return queue.New(c)
}

// run runs q until stop is called, or the test ends.
func (e *env) run(q *queue.Queue) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(e.t.Context()))
	done := make(chan error, 1)
	go func() { done <- q.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-done:
				if err != nil {
					e.t.Errorf("Run: %v", err)
				}
			case <-time.After(patience):
				e.t.Error("Run does not end")
			}
		})
	}
	e.t.Cleanup(stop)
	return stop
}

func (e *env) add(q *queue.Queue, it queue.Item) int64 {
	e.t.Helper()
	added, err := q.Add(e.t.Context(), it)
	check(e.t, err)
	return added.ID
}

func (e *env) show(q *queue.Queue, id int64) queue.Info {
	e.t.Helper()
	info, err := q.Show(e.t.Context(), id)
	check(e.t, err)
	return info
}

func (e *env) wantState(q *queue.Queue, id int64, want queue.State) {
	e.t.Helper()
	if got := e.show(q, id); got.State != want {
		e.t.Errorf("the job %d is %s (%s), want %s", id, got.State, got.Reason, want)
	}
}

// await takes what comes next.
func await[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing happens")
		panic("unreachable")
	}
}

// advance lets the time pass in steps until something comes.
func advance[T any](t *testing.T, e *env, step time.Duration, c <-chan T) T {
	t.Helper()
	end := time.After(patience)
	for {
		select {
		case v := <-c:
			return v
		case <-end:
			t.Fatalf("nothing happened by %v", e.clk.Now())
		case <-time.After(time.Millisecond): // lets the others see the new time
			e.clk.Advance(step)
		}
	}
}

// until waits for what has no event of its own: the state in the table.
func (e *env) until(q *queue.Queue, id int64, want queue.State) queue.Info {
	e.t.Helper()
	for end := time.Now().Add(patience); ; {
		info := e.show(q, id)
		if info.State == want {
			return info
		}
		if time.Now().After(end) {
			e.t.Fatalf("the job %d stays %s (%s), want %s", id, info.State, info.Reason, want)
		}
		time.Sleep(time.Millisecond)
	}
}

func (e *env) exec(statement string, args ...any) {
	e.t.Helper()
	check(e.t, e.db.Write(e.t.Context(), func(tx *gorm.DB) error { return tx.Exec(statement, args...).Error }))
}

// do is a handler that hands each job to the test and returns what it is told.
type do struct {
	jobs  chan *queue.Job[int]
	says  chan error
	alive atomic.Int64
}

func newDo() *do { return &do{jobs: make(chan *queue.Job[int]), says: make(chan error)} }

func (d *do) handle(ctx context.Context, j *queue.Job[int]) error {
	d.alive.Add(1)
	defer d.alive.Add(-1)
	select {
	case d.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-d.says:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

var errMine = errors.New("mine")
