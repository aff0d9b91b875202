package queuetest

import (
	"context"
	"testing"
	"time"

	"dragoman/store/queue"
)

func testEnd(t *testing.T, e *env) {
	q := e.queue()
	began := make(chan int, 10)
	queue.Handle(q, queue.Options{Kind: "k", Workers: 5}, func(ctx context.Context, j *queue.Job[int]) error {
		began <- j.Args
		<-ctx.Done()
		return []error{nil, ctx.Err(), queue.Permanent(errMine), queue.Snooze(time.Hour), queue.RetryAfter(errMine, time.Hour)}[j.Args]
	})
	var ids []int64
	for i := range 5 {
		ids = append(ids, e.add(q, queue.Item{Kind: "k", Args: i}))
	}
	waiting := e.add(q, queue.Item{Kind: "k", RunAt: start.Add(time.Hour)})
	stop := e.run(q)
	for range 5 {
		await(t, began)
	}
	stop()
	for i, want := range []queue.State{queue.StateDone, queue.StateReady, queue.StateDead, queue.StateReady, queue.StateReady} {
		e.wantState(q, ids[i], want)
	}
	if info := e.show(q, ids[1]); info.Attempt != 0 || info.Tried.IsZero() || info.RunAt.After(start) {
		t.Errorf("the one that was ended: %+v", info)
	}
	if info := e.show(q, ids[4]); info.Attempt != 1 || !info.RunAt.Equal(start.Add(time.Hour)) {
		t.Errorf("the one that asked for a pause: %+v", info)
	}
	e.wantState(q, waiting, queue.StateReady)

	e.run(q) // and again
	if got := await(t, began); got != 1 {
		t.Errorf("the job %d runs", got)
	}
}

// testDatabaseAway hides the table from the Queue while it has something to
// settle and something to claim.
func testDatabaseAway(t *testing.T, e *env) {
	q, d := e.queue(), newDo()
	queue.Handle(q, queue.Options{Kind: "k"}, d.handle)
	first := e.add(q, queue.Item{Kind: "k", Group: "g"})
	second := e.add(q, queue.Item{Kind: "k", Group: "g"})
	e.run(q)
	await(t, d.jobs)
	e.exec("ALTER TABLE queue_jobs RENAME TO hidden")
	d.says <- nil
	for range 20 {
		e.clk.Advance(10 * time.Second)
		time.Sleep(time.Millisecond)
	}
	e.exec("ALTER TABLE hidden RENAME TO queue_jobs")
	if j := advance(t, e, time.Second, d.jobs); j.ID != second {
		t.Errorf("the job %d came", j.ID)
	}
	e.wantState(q, first, queue.StateDone)
	d.says <- nil
	e.until(q, second, queue.StateDone)
}

func testRunOnce(t *testing.T, e *env) {
	q, d := e.queue(), newDo()
	queue.Handle(q, queue.Options{Kind: "k"}, d.handle)
	e.add(q, queue.Item{Kind: "k"})
	e.run(q)
	await(t, d.jobs)
	if err := q.Run(t.Context()); err == nil {
		t.Error("it runs twice")
	}
	for what, f := range map[string]func(){
		"a late handler": func() { queue.Handle(q, queue.Options{Kind: "late"}, d.handle) },
		"no kind":        func() { queue.Handle(e.queue(), queue.Options{}, d.handle) },
		"a second handler": func() {
			other := e.queue()
			queue.Handle(other, queue.Options{Kind: "k"}, d.handle)
			queue.Handle(other, queue.Options{Kind: "k"}, d.handle)
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is accepted", what)
				}
			}()
			f()
		}()
	}
	d.says <- nil
}
