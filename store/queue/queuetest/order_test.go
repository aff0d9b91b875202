package queuetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"dragoman/store"
	"dragoman/store/queue"
)

// ledger checks the order in each group as it happens.
type ledger struct {
	t       *testing.T
	mu      sync.Mutex
	running map[string]int64 // by group
	last    map[string]int64 // the last that left the group
	left    int
	all     chan struct{}
	// overlap: the jobs are added by transactions that overlap, and have no
	// order.
	overlap bool
}

func newLedger(t *testing.T, jobs int) *ledger {
	return &ledger{t: t, running: make(map[string]int64), last: make(map[string]int64), left: jobs, all: make(chan struct{})}
}

func (l *ledger) begin(j *queue.Job[int]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if other := l.running[j.Group]; other != 0 {
		l.t.Errorf("the jobs %d and %d of group %s run at the same time", other, j.ID, j.Group)
	}
	if last := l.last[j.Group]; last >= j.ID && !l.overlap {
		l.t.Errorf("the job %d of group %s runs after %d", j.ID, j.Group, last)
	}
	l.running[j.Group] = j.ID
}

func (l *ledger) end(j *queue.Job[int], leaves bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.running, j.Group)
	if leaves {
		l.last[j.Group] = j.ID
		if l.left--; l.left == 0 {
			close(l.all)
		}
	}
}

// several are Queues that share the database, as far as it can be shared, each
// on a DB of its own.
func (e *env) several(n int) []*queue.Queue {
	if !e.postgres() {
		return []*queue.Queue{e.queue()}
	}
	var list []*queue.Queue
	for range n {
		db := e.open()
		list = append(list, e.queue(func(c *queue.Config) { c.DB = db; c.Rand = nil }))
	}
	return list
}

func testGroupOrder(t *testing.T, e *env) {
	const adders, each, groups = 4, 50, 10
	book := newLedger(t, adders*each)
	queues := e.several(3)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for i, q := range queues {
		var mu sync.Mutex
		dice := rand.New(rand.NewPCG(seed, uint64(i)))
		queue.Handle(q, queue.Options{Kind: "k", Workers: 20, Attempts: 1000, Backoff: queue.Backoff{First: time.Millisecond, Max: 2 * time.Millisecond}},
			func(_ context.Context, j *queue.Job[int]) error {
				book.begin(j)
				mu.Lock()
				n := dice.IntN(10)
				mu.Unlock()
				leaves := n > 3
				defer book.end(j, leaves)
				return []error{errMine, queue.Snooze(time.Millisecond), queue.RetryAfter(errMine, time.Millisecond), queue.Snooze(0),
					queue.Permanent(errMine), queue.Cancel(errMine), queue.Unknown(errMine), nil, nil, nil}[n]
			})
		e.run(q)
	}
	var adding sync.WaitGroup
	var turns [groups]sync.Mutex // transactions that overlap have no order
	for a := range adders {
		adding.Go(func() {
			q := queues[a%len(queues)]
			for i := range each {
				group := (a + i) % groups
				turns[group].Lock()
				if _, err := q.Add(t.Context(), queue.Item{Kind: "k", Group: fmt.Sprint(group), Args: i}); err != nil {
					t.Error(err)
				}
				turns[group].Unlock()
			}
		})
	}
	adding.Wait()
	advance(t, e, time.Millisecond, book.all)
}

func testSlowGroup(t *testing.T, e *env) {
	q, d := e.queue(), newDo()
	ran := make(chan string, 100)
	queue.Handle(q, queue.Options{Kind: "k", Workers: 2}, func(ctx context.Context, j *queue.Job[int]) error {
		switch j.Group {
		case "slow":
			return d.handle(ctx, j)
		case "failing":
			return errMine
		}
		ran <- j.Group
		return nil
	})
	for i := range 50 {
		for _, group := range []string{"slow", "failing", "quick"} {
			e.add(q, queue.Item{Kind: "k", Group: group, Args: i})
		}
	}
	e.run(q)
	await(t, d.jobs)
	for range 50 {
		await(t, ran)
	}
}

func testBatch(t *testing.T, e *env) {
	q := e.queue()
	var ids []int64
	for i := range 6 {
		ids = append(ids, e.add(q, queue.Item{Kind: "k", Group: "g", Args: i}))
	}
	batches, says := make(chan []int), make(chan []error)
	queue.HandleBatch(q, queue.Options{Kind: "k", Batch: 5}, func(_ context.Context, jobs []*queue.Job[int]) []error {
		var args []int
		for _, j := range jobs {
			args = append(args, j.Args)
		}
		batches <- args
		return <-says
	})
	stop := e.run(q)
	next := func(want ...int) {
		t.Helper()
		if got := advance(t, e, time.Second, batches); !slices.Equal(got, want) {
			t.Errorf("the batch is %v, want %v", got, want)
		}
	}
	next(0, 1, 2, 3, 4)
	for i, id := range ids[:5] { // on record before the handler ran
		if info := e.show(q, id); info.Attempt != 1 || info.Tried.IsZero() || (info.State == queue.StateRunning) != (i == 0) {
			t.Errorf("while they run: %+v", info)
		}
	}
	says <- []error{nil, queue.Permanent(errMine), queue.RetryAfter(errMine, time.Minute), queue.Snooze(time.Hour), errMine}
	info := e.until(q, ids[2], queue.StateReady)
	if wait := info.RunAt.Sub(e.clk.Now()); wait != time.Minute || info.Attempt != 1 {
		t.Errorf("the new head waits for %v after %d attempts, want a minute and 1", wait, info.Attempt)
	}
	e.wantState(q, ids[0], queue.StateDone)
	e.wantState(q, ids[1], queue.StateDead)
	if snoozed := e.show(q, ids[3]); snoozed.State != queue.StateBehind || snoozed.Attempt != 0 || !snoozed.Tried.IsZero() {
		t.Errorf("the one that was snoozed: %+v", snoozed)
	}
	if failed := e.show(q, ids[4]); failed.State != queue.StateBehind || failed.Attempt != 1 || failed.Tried.IsZero() {
		t.Errorf("the one that failed: %+v", failed)
	}
	next(2, 3, 4, 5)
	says <- nil
	stop()
	for _, id := range ids[2:] {
		e.wantState(q, id, queue.StateDone)
	}
}

func testBatchIsDuePrefix(t *testing.T, e *env) {
	q := e.queue()
	e.add(q, queue.Item{Kind: "k", Group: "g", Args: 0})
	e.add(q, queue.Item{Kind: "k", Group: "g", Args: 1})
	e.add(q, queue.Item{Kind: "k", Group: "g", Args: 2, RunAt: start.Add(time.Hour)})
	e.add(q, queue.Item{Kind: "k", Group: "g", Args: 3})
	e.add(q, queue.Item{Kind: "k", Group: "other", Args: 4})
	e.add(q, queue.Item{Kind: "k", Args: 5})
	batches := make(chan []int, 10)
	queue.HandleBatch(q, queue.Options{Kind: "k", Batch: 10}, func(_ context.Context, jobs []*queue.Job[int]) []error {
		var args []int
		for _, j := range jobs {
			args = append(args, j.Args)
		}
		batches <- args
		return nil
	})
	e.run(q)
	got := [][]int{await(t, batches), await(t, batches), await(t, batches)}
	slices.SortFunc(got, slices.Compare)
	got = append(got, advance(t, e, time.Minute, batches))
	if want := "[[0 1] [4] [5] [2 3]]"; fmt.Sprint(got) != want {
		t.Errorf("the batches are %v, want %s", got, want)
	}
}

func testBatchResults(t *testing.T, e *env) {
	q := e.queue()
	queue.HandleBatch(q, queue.Options{Kind: "k", Batch: 2, Attempts: 1}, func(_ context.Context, jobs []*queue.Job[int]) []error {
		return []error{nil}
	})
	a, b := e.add(q, queue.Item{Kind: "k", Group: "g"}), e.add(q, queue.Item{Kind: "k", Group: "g"})
	e.run(q)
	e.until(q, a, queue.StateDead)
	if info := e.until(q, b, queue.StateDead); info.Reason != "given up after 1 attempts: the handler returned 1 results for 2 jobs" {
		t.Errorf("the reason is %q", info.Reason)
	}
}

func testClaimRace(t *testing.T, e *env) {
	const jobs = 300
	queues := e.several(4)
	counts := make([]atomic.Int64, jobs)
	var left atomic.Int64
	left.Store(jobs)
	all := make(chan struct{})
	for _, q := range queues {
		queue.Handle(q, queue.Options{Kind: "k", Workers: 7}, func(_ context.Context, j *queue.Job[int]) error {
			if counts[j.Args].Add(1) != 1 {
				t.Errorf("the job %d was claimed twice", j.Args)
			}
			if left.Add(-1) == 0 {
				close(all)
			}
			return nil
		})
	}
	check(t, e.db.Write(t.Context(), func(tx *gorm.DB) error {
		for i := range jobs {
			if _, err := queues[0].Add(tx.Statement.Context, queue.Item{Kind: "k", Args: i}); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, q := range queues {
		e.run(q)
	}
	await(t, all)
}

// testRefill adds to a group in the very moments in which its last job leaves.
func testRefill(t *testing.T, e *env) {
	const adders, rounds = 4, 60
	queues := e.several(2)
	book := newLedger(t, adders*rounds)
	book.overlap = true
	for _, q := range queues {
		queue.Handle(q, queue.Options{Kind: "k"}, func(_ context.Context, j *queue.Job[int]) error {
			book.begin(j)
			book.end(j, true)
			return nil
		})
		e.run(q)
	}
	dbs := []*store.DB{e.db}
	if e.postgres() {
		dbs = append(dbs, e.open())
	}
	var adding sync.WaitGroup
	for a := range adders {
		adding.Go(func() {
			db := dbs[a%len(dbs)]
			q := queues[0]
			if e.postgres() {
				q = e.queue(func(c *queue.Config) { c.DB = db })
			}
			for i := range rounds {
				err := db.Write(t.Context(), func(tx *gorm.DB) error {
					_, err := q.Add(tx.Statement.Context, queue.Item{Kind: "k", Group: "one", Args: i})
					if err == nil && i%10 == 9 { // a rollback leaves no gap
						_, err = q.Add(tx.Statement.Context, queue.Item{Kind: "k", Group: "one", Args: i})
						err = errors.Join(err, errMine)
					}
					return err
				})
				if errors.Is(err, errMine) {
					_, err = q.Add(t.Context(), queue.Item{Kind: "k", Group: "one", Args: i})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	adding.Wait()
	// On PostgreSQL the settling waits for who is adding, on the clock.
	advance(t, e, time.Millisecond, book.all)
}
