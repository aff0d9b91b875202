package queuetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dragoman/store/queue"
)

func testDecisions(t *testing.T, e *env) {
	q, d := e.queue(), newDo()
	queue.Handle(q, queue.Options{Kind: "k"}, d.handle)
	later := start.Add(time.Hour)
	var ids []int64
	for i := range 4 {
		ids = append(ids, e.add(q, queue.Item{Kind: "k", Key: fmt.Sprint(i), Group: "g", RunAt: later, Args: i}))
	}
	ctx := t.Context()
	check(t, q.Cancel(ctx, ids[0]))
	e.wantState(q, ids[0], queue.StateCancelled)
	e.wantState(q, ids[1], queue.StateReady)
	check(t, q.Drop(ctx, ids[1]))
	e.wantState(q, ids[2], queue.StateReady)
	check(t, q.Cancel(ctx, ids[3]))
	e.wantState(q, ids[2], queue.StateReady)

	again := e.add(q, queue.Item{Kind: "k", Key: "3", Args: 4, RunAt: later})
	for what, c := range map[string]struct{ err, want error }{
		"show a dropped one":                  {func() error { _, err := q.Show(ctx, ids[1]); return err }(), queue.ErrNotFound},
		"retry a dropped one":                 {q.Retry(ctx, ids[1]), queue.ErrNotFound},
		"drop a dropped one":                  {q.Drop(ctx, ids[1]), queue.ErrNotFound},
		"cancel a cancelled one":              {q.Cancel(ctx, ids[0]), queue.ErrState},
		"retry one whose key is in use again": {q.Retry(ctx, ids[3]), queue.ErrExists},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", what, c.err, c.want)
		}
	}
	check(t, q.Drop(ctx, again))
	check(t, q.Retry(ctx, ids[3]))
	e.wantState(q, ids[3], queue.StateBehind)
	if err := q.Retry(ctx, ids[3]); !errors.Is(err, queue.ErrState) {
		t.Errorf("retry one that is behind: %v", err)
	}

	stop := e.run(q)
	check(t, q.Retry(ctx, ids[2])) // before its time
	if j := await(t, d.jobs); j.ID != ids[2] {
		t.Errorf("the job %d runs", j.ID)
	}
	for what, err := range map[string]error{"retry": q.Retry(ctx, ids[2]), "drop": q.Drop(ctx, ids[2])} {
		if !errors.Is(err, queue.ErrState) || !strings.Contains(err.Error(), "running") {
			t.Errorf("%s a running one: %v", what, err)
		}
	}
	d.says <- nil
	if j := await(t, d.jobs); j.ID != ids[3] {
		t.Errorf("the job %d runs", j.ID)
	}
	d.says <- nil
	stop()
	if err := q.Retry(ctx, ids[2]); !errors.Is(err, queue.ErrState) {
		t.Errorf("retry one that is done: %v", err)
	}
}

// testCancelRunning cancels from another process, where there can be one.
func testCancelRunning(t *testing.T, e *env) {
	queues := e.several(2)
	q, elsewhere := queues[0], queues[len(queues)-1]
	began, cause, says := make(chan int64), make(chan error), make(chan error)
	queue.Handle(q, queue.Options{Kind: "k"}, func(ctx context.Context, j *queue.Job[int]) error {
		began <- j.ID
		<-ctx.Done()
		cause <- context.Cause(ctx)
		return <-says
	})
	e.run(q)
	for _, c := range []struct {
		says error
		want queue.State
	}{
		{errMine, queue.StateCancelled}, {queue.Snooze(time.Hour), queue.StateCancelled},
		{nil, queue.StateDone}, {queue.Permanent(errMine), queue.StateDead},
	} {
		id := e.add(q, queue.Item{Kind: "k", Group: "g"})
		next := e.add(q, queue.Item{Kind: "k", Group: "g", RunAt: start.Add(1000 * time.Hour)})
		await(t, began)
		// The listener may not be there yet; who cancels may do so again.
		for end := time.After(patience); ; {
			check(t, elsewhere.Cancel(t.Context(), id))
			select {
			case err := <-cause:
				if !errors.Is(err, queue.ErrCancelled) {
					t.Errorf("the cause is %v", err)
				}
			case <-time.After(20 * time.Millisecond):
				continue
			case <-end:
				t.Fatal("its context does not end")
			}
			break
		}
		e.wantState(q, id, queue.StateRunning)
		e.wantState(q, next, queue.StateBehind)
		says <- c.says
		e.until(q, id, c.want)
		e.until(q, next, queue.StateReady)
		check(t, q.Drop(t.Context(), next))
	}
}

func testReschedule(t *testing.T, e *env) {
	q, d := e.queue(), newDo()
	queue.Handle(q, queue.Options{Kind: "k"}, d.handle)
	ctx := t.Context()
	e.add(q, queue.Item{Kind: "k", Key: "a", RunAt: start.Add(time.Hour), Args: 1})
	b := e.add(q, queue.Item{Kind: "k", Key: "b", RunAt: start.Add(time.Hour), Args: 2})
	e.run(q)
	check(t, q.Reschedule(ctx, "k", "b", start.Add(2*time.Hour)))
	if got := e.show(q, b).RunAt; !got.Equal(start.Add(2 * time.Hour)) {
		t.Errorf("it runs at %v", got)
	}
	check(t, q.Reschedule(ctx, "k", "b", start.Add(-time.Second)))
	if j := await(t, d.jobs); j.Args != 2 { // at once
		t.Errorf("the job %d runs", j.Args)
	}
	if err := q.Reschedule(ctx, "k", "b", start); !errors.Is(err, queue.ErrState) {
		t.Errorf("a running one: %v", err)
	}
	d.says <- nil
	e.until(q, b, queue.StateDone)
	for _, key := range []string{"b", "c"} {
		if err := q.Reschedule(ctx, "k", key, start); !errors.Is(err, queue.ErrNotFound) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func testWake(t *testing.T, e *env) {
	q, d := e.queue(), newDo()
	queue.Handle(q, queue.Options{Kind: "k"}, d.handle)
	stop := e.run(q)
	g := e.add(q, queue.Item{Kind: "k", Group: "g"})
	await(t, d.jobs)
	d.says <- queue.Snooze(time.Hour)
	e.until(q, g, queue.StateReady)
	h := e.add(q, queue.Item{Kind: "k", Group: "h"})
	await(t, d.jobs)
	d.says <- queue.RetryAfter(errMine, time.Hour)
	e.until(q, h, queue.StateReady)
	planned := e.add(q, queue.Item{Kind: "k", RunAt: start.Add(time.Hour)})

	q.Wake("k", "g")
	if j := await(t, d.jobs); j.ID != g {
		t.Errorf("the job %d came", j.ID)
	}
	q.Wake("k", "g") // while it runs
	d.says <- queue.Snooze(time.Hour)
	if j := await(t, d.jobs); j.ID != g {
		t.Errorf("the job %d came", j.ID)
	}
	d.says <- nil
	e.until(q, g, queue.StateDone)
	e.wantState(q, h, queue.StateReady)
	q.Wake("k", "")
	if j := await(t, d.jobs); j.ID != h {
		t.Errorf("the job %d came", j.ID)
	}
	d.says <- nil
	q.Wake("strange", "g")
	stop()
	if info := e.show(q, planned); info.State != queue.StateReady || !info.RunAt.Equal(start.Add(time.Hour)) {
		t.Errorf("what was planned is now %+v", info)
	}
}

func testWatch(t *testing.T, e *env) {
	q, d := e.queue(), newDo()
	queue.Handle(q, queue.Options{Kind: "k"}, d.handle)
	e.add(q, queue.Item{Kind: "k", Key: "a"})
	a, stopA := q.Watch("k", "a")
	defer stopA()
	again, stopAgain := q.Watch("k", "a")
	defer stopAgain()
	_, stopGone := q.Watch("k", "a")
	stopGone()
	stopGone()
	b, stopB := q.Watch("k", "b")
	defer stopB()
	e.run(q)
	await(t, d.jobs)
	select {
	case <-a:
		t.Error("it is told before the handler returned")
	default:
	}
	d.says <- queue.Snooze(time.Hour)
	await(t, a)
	await(t, again)
	select {
	case <-b:
		t.Error("told of another job")
	default:
	}
}

func testList(t *testing.T, e *env) {
	q := e.queue()
	var ids []int64
	for i := range 10 {
		ids = append(ids, e.add(q, queue.Item{Kind: []string{"a:1", "a:2", "b%"}[i%3], Group: []string{"", "g"}[i%2], Args: i}))
	}
	check(t, q.Cancel(t.Context(), ids[9]))
	for _, c := range []struct {
		filter queue.Filter
		want   []int64
	}{
		{queue.Filter{Limit: 4}, []int64{ids[9], ids[8], ids[7], ids[6]}},
		{queue.Filter{Limit: 4, Before: ids[6]}, []int64{ids[5], ids[4], ids[3], ids[2]}},
		{queue.Filter{Limit: 4, Before: ids[2]}, []int64{ids[1], ids[0]}},
		{queue.Filter{Limit: 4, Before: ids[0]}, nil},
		{queue.Filter{KindPrefix: "a:1"}, []int64{ids[9], ids[6], ids[3], ids[0]}},
		{queue.Filter{KindPrefix: "a:", Limit: 2}, []int64{ids[9], ids[7]}},
		{queue.Filter{KindPrefix: "b%", Group: "g"}, []int64{ids[5]}},
		{queue.Filter{KindPrefix: "%"}, nil},
		{queue.Filter{States: []queue.State{queue.StateCancelled, queue.StateDead}}, []int64{ids[9]}},
	} {
		list, err := q.List(t.Context(), c.filter)
		check(t, err)
		var got []int64
		for _, i := range list {
			got = append(got, i.ID)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%+v: %v, want %v", c.filter, got, c.want)
		}
	}
}

func testStats(t *testing.T, e *env) {
	q, d := e.queue(), newDo()
	queue.Handle(q, queue.Options{Kind: "k", Workers: 1}, d.handle)
	queue.Handle(q, queue.Options{Kind: "silent"}, d.handle)
	for _, says := range []error{nil, nil, queue.Permanent(errMine), queue.Unknown(errMine), queue.Cancel(errMine)} {
		e.add(q, queue.Item{Kind: "k", RunAt: start.Add(-time.Hour)})
		go func() { d.says <- says }()
		stop := e.run(q)
		await(t, d.jobs)
		for d.alive.Load() > 0 {
			time.Sleep(time.Millisecond)
		}
		stop()
	}
	for range 2 {
		e.add(q, queue.Item{Kind: "k", Group: "g", RunAt: start.Add(-time.Minute)})
	}
	e.add(q, queue.Item{Kind: "k", RunAt: start.Add(-time.Second)})
	e.add(q, queue.Item{Kind: "other", RunAt: start.Add(time.Hour)})
	e.run(q)
	await(t, d.jobs)
	got, err := q.Stats(t.Context())
	check(t, err)
	want := []queue.KindStats{
		{Kind: "k", Ready: 1, Behind: 1, Running: 1, Done: 2, Dead: 1, Cancelled: 1, Unknown: 1,
			Oldest: time.UnixMilli(start.Add(-time.Minute).UnixMilli()), Attempts: 6, Handled: 2},
		{Kind: "other", Ready: 1},
		{Kind: "silent"},
	}
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got\n%+v, want\n%+v", got, want)
	}
}

func testPrune(t *testing.T, e *env) {
	q := e.queue()
	queue.Handle(q, queue.Options{Kind: "k", Keep: time.Hour}, func(_ context.Context, j *queue.Job[int]) error {
		return []error{nil, queue.Permanent(errMine), queue.Cancel(errMine), queue.Unknown(errMine), queue.Snooze(100 * time.Hour)}[j.Args]
	})
	var ids []int64
	for i := range 5 {
		ids = append(ids, e.add(q, queue.Item{Kind: "k", Key: fmt.Sprint(i), Once: true, Args: i}))
	}
	e.run(q)
	for i, state := range []queue.State{queue.StateDone, queue.StateDead, queue.StateCancelled, queue.StateUnknown} {
		e.until(q, ids[i], state)
	}
	for e.show(q, ids[4]).Reason == "" { // until it is snoozed
		time.Sleep(time.Millisecond)
	}
	e.clk.Advance(59 * time.Minute)
	e.wantState(q, ids[0], queue.StateDone)
	for end := time.Now().Add(patience); ; {
		e.clk.Advance(time.Minute)
		left, err := q.List(t.Context(), queue.Filter{KindPrefix: "k"})
		check(t, err)
		if len(left) == 3 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d jobs are left", len(left))
		}
	}
	e.wantState(q, ids[1], queue.StateDead)
	e.wantState(q, ids[3], queue.StateUnknown)
	e.wantState(q, ids[4], queue.StateReady)
	if added, err := q.Add(t.Context(), queue.Item{Kind: "k", Key: "0", Once: true, Args: 4}); err != nil || added.Existed {
		t.Errorf("the key of a row that was deleted: %v, %v", added, err)
	}
}
