package queuetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"dragoman/internal/clock"
	"dragoman/internal/counterpart"
	"dragoman/store/queue"
)

// onlyShared ends a case about several processes where there is one only.
func (e *env) onlyShared() {
	if !e.postgres() {
		e.t.Skip("only one process runs a queue on SQLite (store.DB.Own)")
	}
}

// testNotify adds in one process what another one handles. The clock stands
// still, so that no polling helps.
func testNotify(t *testing.T, e *env) {
	e.onlyShared()
	queues := e.several(2)
	ran := make(chan int, 1000)
	queue.Handle(queues[0], queue.Options{Kind: "k"}, func(_ context.Context, j *queue.Job[int]) error { ran <- j.Args; return nil })
	e.run(queues[0])
	for end := time.After(patience); ; { // it may not listen yet
		e.add(queues[1], queue.Item{Kind: "k"})
		select {
		case <-ran:
		case <-time.After(20 * time.Millisecond):
			continue
		case <-end:
			t.Fatal("the other process hears nothing")
		}
		break
	}
	for len(ran) > 0 {
		<-ran
	}
	for i := 1; i <= 20; i++ {
		e.add(queues[1], queue.Item{Kind: "k", Args: i})
		for got := 0; got != i; {
			got = await(t, ran)
		}
	}
}

// testSettlesPastAdders: somebody adds behind a head and takes their time to
// commit, while the head is done.
func testSettlesPastAdders(t *testing.T, e *env) {
	e.onlyShared()
	q, d := e.queue(), newDo()
	queue.Handle(q, queue.Options{Kind: "k"}, d.handle)
	head := e.add(q, queue.Item{Kind: "k", Group: "g", Args: 1})
	e.run(q)
	await(t, d.jobs)
	check(t, e.db.Write(t.Context(), func(tx *gorm.DB) error {
		added, err := q.Add(tx.Statement.Context, queue.Item{Kind: "k", Group: "g", Args: 2})
		if err != nil {
			return err
		}
		d.says <- nil
		for i := range 5 { // others come and go meanwhile
			id := e.add(q, queue.Item{Kind: "k", Group: fmt.Sprint(i), Args: 3})
			if j := await(t, d.jobs); j.ID != id {
				t.Errorf("the job %d came", j.ID)
			}
			d.says <- nil
			e.until(q, id, queue.StateDone)
		}
		e.wantState(q, head, queue.StateRunning)
		if info, err := q.Show(tx.Statement.Context, added.ID); err != nil || info.State != queue.StateBehind {
			t.Errorf("what was added is %+v, %v", info, err)
		}
		return nil
	}))
	if j := await(t, d.jobs); j.Args != 2 { // at once
		t.Errorf("the job %d came", j.Args)
	}
	d.says <- nil
	e.wantState(q, head, queue.StateDone)
}

// testTakenForDead: others took over while this process was suspended.
func testTakenForDead(t *testing.T, e *env) {
	e.onlyShared()
	q := e.queue()
	began, cause := make(chan int64, 10), make(chan error, 10)
	queue.Handle(q, queue.Options{Kind: "k"}, func(ctx context.Context, j *queue.Job[int]) error {
		began <- j.ID
		if j.Attempt == 1 {
			<-ctx.Done()
			cause <- context.Cause(ctx)
		}
		return nil
	})
	id := e.add(q, queue.Item{Kind: "k", Group: "g"})
	stop := e.run(q)
	await(t, began)
	check(t, e.db.Write(t.Context(), func(tx *gorm.DB) error { // as another process does
		return errors.Join(tx.Exec(`DELETE FROM queue_workers`).Error, tx.Exec(`UPDATE queue_jobs SET state = 'ready', worker = ''`).Error)
	}))
	if err := advance(t, e, time.Second, cause); !errors.Is(err, queue.ErrLost) {
		t.Errorf("the cause is %v", err)
	}
	if again := advance(t, e, time.Second, began); again != id {
		t.Errorf("the job %d came", again)
	}
	e.until(q, id, queue.StateDone)
	stop()
	if info := e.show(q, id); info.Attempt != 2 {
		t.Errorf("%+v", info)
	}
}

// testBusy: somebody else has the database for themselves for a while.
func testBusy(t *testing.T, e *env) {
	if !e.shared() {
		t.Skip("nobody else can have a database in memory")
	}
	q, other := e.queue(), e.open()
	ran := make(chan int, 1)
	queue.Handle(q, queue.Options{Kind: "k"}, func(_ context.Context, j *queue.Job[int]) error { ran <- j.Args; return nil })
	e.add(q, queue.Item{Kind: "k", Args: 1})
	check(t, other.Write(t.Context(), func(tx *gorm.DB) error {
		if e.postgres() {
			if err := tx.Exec("LOCK TABLE queue_jobs").Error; err != nil {
				return err
			}
		}
		e.run(q)
		for range 20 {
			e.clk.Advance(time.Minute)
			time.Sleep(time.Millisecond)
		}
		if len(ran) > 0 {
			t.Error("a job was claimed all the same")
		}
		return nil
	}))
	if got := advance(t, e, time.Second, ran); got != 1 {
		t.Errorf("the job %d came", got)
	}
}

// TestPostgresRestarts crashes the server under a Queue that has something to
// do.
func TestPostgresRestarts(t *testing.T) {
	server := counterpart.PostgresServer(t)
	e := newEnv(t, server.URL())
	q := e.queue(func(c *queue.Config) { c.Clock = clock.System{} })
	var ran [20]atomic.Int64
	started, all := make(chan int, len(ran)), make(chan bool)
	var left atomic.Int64
	left.Store(int64(len(ran)))
	queue.Handle(q, queue.Options{Kind: "k", Workers: 2}, func(ctx context.Context, j *queue.Job[int]) error {
		if ran[j.Args].Add(1) == 1 {
			started <- j.Args
			<-all
		}
		return nil
	})
	for i := range ran {
		e.add(q, queue.Item{Kind: "k", Args: i, RunAt: time.Now().Add(-time.Hour)})
	}
	e.run(q)
	await(t, started)
	await(t, started)
	check(t, server.Kill())
	close(all) // they are done, but nobody can write it
	time.Sleep(100 * time.Millisecond)
	check(t, server.Restart(t.Context()))
	for range len(ran) - 2 {
		await(t, started)
	}
	for end := time.Now().Add(patience); ; {
		list, err := q.List(t.Context(), queue.Filter{States: []queue.State{queue.StateDone}})
		if err == nil && len(list) == len(ran) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d are done (%v)", len(list), err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	for i := range ran {
		if n := ran[i].Load(); n != 1 {
			t.Errorf("the job %d ran %d times, although this process lived on", i, n)
		}
	}
}
