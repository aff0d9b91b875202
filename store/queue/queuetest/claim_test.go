package queuetest

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"dragoman/store/queue"
)

// die leaves the table as a process does that was killed while it had the job:
// its claim stays, and on PostgreSQL the worker goes on to live for a while.
func (e *env) die(ids ...int64) {
	e.t.Helper()
	e.exec(`UPDATE queue_jobs SET worker = 'dead one', attempt = attempt + 1, tried = ?,
		state = CASE state WHEN 'ready' THEN 'running' ELSE state END WHERE id IN ?`, start.UnixMilli(), ids)
	if e.postgres() {
		e.exec(`INSERT INTO queue_workers (id, seen_until) VALUES ('dead one', ?)`, time.Now().Add(time.Hour).UnixMilli())
	}
}

func testRescue(t *testing.T, e *env) {
	q, d := e.queue(), newDo()
	queue.HandleBatch(q, queue.Options{Kind: "k", Batch: 2}, func(ctx context.Context, jobs []*queue.Job[int]) []error {
		var errs []error
		for _, j := range jobs {
			errs = append(errs, d.handle(ctx, j))
		}
		return errs
	})
	var ids []int64
	for i := range 3 {
		ids = append(ids, e.add(q, queue.Item{Kind: "k", Group: "g", Args: i}))
	}
	e.die(ids[:2]...)
	stop := e.run(q)
	if e.postgres() {
		// Alive, it keeps its jobs, whatever the injected clock says.
		e.clk.Advance(time.Minute)
		other := e.add(q, queue.Item{Kind: "k", Args: 9})
		if j := await(t, d.jobs); j.ID != other {
			t.Fatalf("the job %d came", j.ID)
		}
		d.says <- nil
		e.exec(`UPDATE queue_workers SET seen_until = 0 WHERE id = 'dead one'`)
	}
	for i, id := range ids {
		j := advance(t, e, time.Second, d.jobs)
		tried := start
		if i == 2 {
			tried = time.Time{}
		}
		if j.ID != id || j.Attempt != 1+len(ids[i:])/2 && i < 2 || !j.Tried.Equal(tried) {
			t.Errorf("the job %d came (attempt %d, tried %v), want %d", j.ID, j.Attempt, j.Tried, id)
		}
		d.says <- nil
	}
	stop()
	for _, id := range ids {
		e.wantState(q, id, queue.StateDone)
	}
}

func testRescueUnrepeatable(t *testing.T, e *env) {
	var told []int64
	q := e.queue(func(c *queue.Config) {
		c.Dead = func(_ context.Context, i queue.Info) error { told = append(told, i.ID); return nil }
	})
	ran := make(chan int64, 10)
	queue.HandleBatch(q, queue.Options{Kind: "k", Batch: 2, Unrepeatable: true}, func(_ context.Context, jobs []*queue.Job[int]) []error {
		for _, j := range jobs {
			ran <- j.ID
		}
		return nil
	})
	var ids []int64
	for i := range 3 {
		ids = append(ids, e.add(q, queue.Item{Kind: "k", Group: "g", Args: i}))
	}
	e.die(ids[0], ids[1])
	e.exec(`UPDATE queue_jobs SET unrepeatable = TRUE WHERE worker <> ''`)
	if e.postgres() {
		e.exec(`UPDATE queue_workers SET seen_until = 0`)
	}
	stop := e.run(q)
	if id := await(t, ran); id != ids[2] {
		t.Errorf("the job %d ran", id)
	}
	stop()
	for _, id := range ids[:2] {
		if info := e.show(q, id); info.State != queue.StateUnknown || info.Reason != "the process that ran it died" {
			t.Errorf("%+v", info)
		}
	}
	if len(told) != 2 {
		t.Errorf("the hook was told of %v", told)
	}
	check(t, q.Retry(t.Context(), ids[0]))
	e.wantState(q, ids[0], queue.StateReady)
}

// testRescueReserved: the process died after Done, before its handler returned.
func testRescueReserved(t *testing.T, e *env) {
	q, d := e.queue(), newDo()
	queue.Handle(q, queue.Options{Kind: "k", Unrepeatable: true}, d.handle)
	later := start.Add(time.Hour)
	id := e.add(q, queue.Item{Kind: "k", Group: "g", RunAt: later})
	e.exec(`UPDATE queue_jobs SET state = 'running', worker = 'dead one' WHERE id = ?`, id)
	stop := e.run(q)
	e.until(q, id, queue.StateReady)
	q.Wake("k", "g") // it has not failed yet
	stop()
	if info := e.show(q, id); !info.RunAt.Equal(later) || info.Attempt != 0 || info.Reason != "" {
		t.Errorf("%+v", info)
	}
}

// testLostClaim takes a job away while its handler works.
func testLostClaim(t *testing.T, e *env) {
	q := e.queue()
	began, goOn, result := make(chan int64), make(chan bool), make(chan error, 1)
	queue.Handle(q, queue.Options{Kind: "k"}, func(_ context.Context, j *queue.Job[int]) error {
		began <- j.ID
		<-goOn
		err := e.db.Write(context.Background(), func(tx *gorm.DB) error {
			if _, err := q.Add(tx.Statement.Context, queue.Item{Kind: "effect"}); err != nil {
				return err
			}
			return j.Done(tx.Statement.Context)
		})
		result <- err
		return nil // which must not count
	})
	id := e.add(q, queue.Item{Kind: "k", Group: "g"})
	next := e.add(q, queue.Item{Kind: "k", Group: "g", RunAt: start.Add(time.Hour)})
	stop := e.run(q)
	await(t, began)
	e.exec(`UPDATE queue_jobs SET worker = 'another one', attempt = 2 WHERE id = ?`, id)
	goOn <- true
	if err := await(t, result); !errors.Is(err, queue.ErrLost) {
		t.Errorf("Done says %v", err)
	}
	stop()
	if info := e.show(q, id); info.State != queue.StateRunning || info.Attempt != 2 {
		t.Errorf("the old worker settled it: %+v", info)
	}
	e.wantState(q, next, queue.StateBehind)
	if list, err := q.List(t.Context(), queue.Filter{KindPrefix: "effect"}); err != nil || len(list) > 0 {
		t.Errorf("the effect is there: %v, %v", list, err)
	}
}

// testFinishedStays: whatever a worker that comes late has to say of it.
func testFinishedStays(t *testing.T, e *env) {
	q := e.queue()
	began, goOn := make(chan int64), make(chan bool)
	queue.Handle(q, queue.Options{Kind: "k"}, func(_ context.Context, j *queue.Job[int]) error {
		began <- j.ID
		<-goOn
		return queue.Snooze(time.Minute)
	})
	id := e.add(q, queue.Item{Kind: "k", Group: "g"})
	stop := e.run(q)
	await(t, began)
	e.exec(`UPDATE queue_jobs SET state = 'done', finished = ? WHERE id = ?`, start.UnixMilli(), id)
	goOn <- true
	stop()
	if info := e.show(q, id); info.State != queue.StateDone || !info.Finished.Equal(start) {
		t.Errorf("%+v", info)
	}
}

func testCrashLoop(t *testing.T, e *env) {
	q := e.queue()
	ran := make(chan int64, 10)
	queue.Handle(q, queue.Options{Kind: "k", Attempts: 3}, func(_ context.Context, j *queue.Job[int]) error { ran <- j.ID; return nil })
	id := e.add(q, queue.Item{Kind: "k", Group: "g"})
	next := e.add(q, queue.Item{Kind: "k", Group: "g"})
	e.exec(`UPDATE queue_jobs SET attempt = 3 WHERE id = ?`, id)
	stop := e.run(q)
	if got := await(t, ran); got != next {
		t.Errorf("the job %d ran", got)
	}
	stop()
	if info := e.show(q, id); info.State != queue.StateDead || !strings.Contains(info.Reason, "3 attempts") {
		t.Errorf("%+v", info)
	}
}

func testDone(t *testing.T, e *env) {
	q := e.queue()
	results := make(chan error)
	queue.Handle(q, queue.Options{Kind: "k"}, func(ctx context.Context, j *queue.Job[int]) error {
		err := e.db.Write(ctx, func(tx *gorm.DB) error {
			if _, err := q.Add(tx.Statement.Context, queue.Item{Kind: "effect", Args: j.Args}); err != nil {
				return err
			}
			if err := j.Done(tx.Statement.Context); err != nil {
				return err
			}
			if j.Attempt == 1 {
				return errMine // takes the mark back too
			}
			return nil
		})
		results <- err
		return err
	})
	id := e.add(q, queue.Item{Kind: "k", Group: "g"})
	next := e.add(q, queue.Item{Kind: "k", Group: "g", RunAt: start.Add(time.Hour)})
	stop := e.run(q)
	if err := await(t, results); !errors.Is(err, errMine) {
		t.Error(err)
	}
	e.until(q, id, queue.StateReady)
	if err := advance(t, e, time.Second, results); err != nil {
		t.Error(err)
	}
	e.wantState(q, id, queue.StateDone)
	e.until(q, next, queue.StateReady)
	stop()
	if list, err := q.List(t.Context(), queue.Filter{KindPrefix: "effect"}); err != nil || len(list) != 1 {
		t.Errorf("the effects are %v, %v", list, err)
	}
}

// testDoneKeepsTheGroup: a handler may go on for a while after Done.
func testDoneKeepsTheGroup(t *testing.T, e *env) {
	const jobs = 20
	book := newLedger(t, jobs)
	queues := e.several(2)
	for _, q := range queues {
		queue.HandleBatch(q, queue.Options{Kind: "k", Batch: 3}, func(ctx context.Context, list []*queue.Job[int]) []error {
			book.begin(list[0])
			for _, j := range list {
				if err := j.Done(ctx); err != nil {
					t.Error(err)
				}
			}
			time.Sleep(time.Millisecond) // for another one to begin, if it could
			book.end(list[0], true)
			for _, j := range list[1:] {
				book.begin(j)
				book.end(j, true)
			}
			return nil
		})
		e.run(q)
	}
	for i := range jobs {
		e.add(queues[0], queue.Item{Kind: "k", Group: "g", Args: i})
	}
	advance(t, e, time.Millisecond, book.all)
}

// testDoneInDoubt has the commit of a Done take place, and its Write fail: what
// Done kept from others must be given back all the same.
func testDoneInDoubt(t *testing.T, e *env) {
	q, second := e.queue(), make(chan *queue.Job[int], 1)
	queue.Handle(q, queue.Options{Kind: "k"}, func(ctx context.Context, j *queue.Job[int]) error {
		if j.Args == 2 {
			second <- j
			return nil
		}
		err := e.db.Write(ctx, func(tx *gorm.DB) error {
			if err := j.Done(tx.Statement.Context); err != nil {
				t.Error(err)
			}
			if err := tx.Exec("COMMIT").Error; err != nil {
				t.Error(err)
			}
			return errMine // the connection breaks, or ctx ends, just now
		})
		if !errors.Is(err, errMine) {
			t.Errorf("the Write returned %v", err)
		}
		return err
	})
	first := e.add(q, queue.Item{Kind: "k", Group: "g", Args: 1})
	next := e.add(q, queue.Item{Kind: "k", Group: "g", Args: 2})
	e.run(q)
	if j := await(t, second); j.Attempt != 1 || !j.Tried.IsZero() {
		t.Errorf("the next one came as %+v", j.Info)
	}
	e.until(q, next, queue.StateDone)
	e.wantState(q, first, queue.StateDone)
}

func testFence(t *testing.T, e *env) {
	q, d := e.queue(), newDo()
	var mine atomic.Bool
	asked := make(chan bool, 1000)
	queue.Handle(q, queue.Options{Kind: "k", Unrepeatable: true, Fence: func(ctx context.Context) error {
		if err := e.db.Read(ctx).Exec("UPDATE queue_jobs SET reason = reason WHERE id = 0").Error; err != nil {
			t.Errorf("the fence is not in a transaction: %v", err)
		}
		select {
		case asked <- true:
		default:
		}
		if !mine.Load() {
			return errMine
		}
		return nil
	}}, d.handle)
	id := e.add(q, queue.Item{Kind: "k"})
	stop := e.run(q)
	for range 3 {
		advance(t, e, time.Second, asked)
	}
	e.wantState(q, id, queue.StateReady)
	mine.Store(true)
	advance(t, e, time.Second, d.jobs)
	mine.Store(false)
	d.says <- nil
	// Whether it happened is for whoever is in charge now to find out.
	info := e.until(q, id, queue.StateUnknown)
	if info.Attempt != 1 || info.Tried.IsZero() {
		t.Errorf("%+v", info)
	}
	stop()
}

func testGate(t *testing.T, e *env) {
	q, d := e.queue(), newDo()
	type gate struct {
		open    bool
		changed chan struct{}
	}
	var now atomic.Pointer[gate]
	set := func(open bool) {
		if old := now.Swap(&gate{open, make(chan struct{})}); old != nil {
			close(old.changed)
		}
	}
	set(false)
	asked := make(chan bool, 100)
	queue.Handle(q, queue.Options{Kind: "k", Gate: func() (bool, <-chan struct{}) {
		g := now.Load()
		select {
		case asked <- g.open:
		default:
		}
		return g.open, g.changed
	}}, d.handle)
	e.run(q)
	first, second := e.add(q, queue.Item{Kind: "k"}), e.add(q, queue.Item{Kind: "k", Group: "g"})
	third := e.add(q, queue.Item{Kind: "k", Group: "g"})
	for range 2 {
		advance(t, e, time.Minute, asked)
	}
	for _, id := range []int64{first, second} {
		if info := e.show(q, id); info.State != queue.StateReady || info.Attempt != 0 {
			t.Errorf("behind the gate: %+v", info)
		}
	}
	set(true) // the clock stands still: only the gate's change can tell
	await(t, d.jobs)
	await(t, d.jobs)
	set(false)
	d.says <- nil
	d.says <- nil
	e.until(q, first, queue.StateDone) // settled all the same
	e.until(q, second, queue.StateDone)
	e.until(q, third, queue.StateReady)
}
