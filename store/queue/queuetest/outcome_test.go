package queuetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/store/queue"
)

func testBackoff(t *testing.T, e *env) {
	for _, jitter := range []float64{1, 0.25} {
		q := e.queue(func(c *queue.Config) { c.Rand = func() float64 { return jitter } })
		d := newDo()
		kind := fmt.Sprint("k", jitter)
		queue.Handle(q, queue.Options{Kind: kind, Attempts: 7, Backoff: queue.Backoff{First: time.Minute, Max: 10 * time.Minute}}, d.handle)
		id := e.add(q, queue.Item{Kind: kind, Args: 1})
		stop := e.run(q)
		tried := time.Time{}
		for n, minutes := range []float64{1, 2, 4, 8, 10, 10} {
			j := advance(t, e, time.Second, d.jobs)
			if j.Attempt != n+1 || !j.Tried.Equal(tried) {
				t.Errorf("attempt %d: it is told %d, last tried %v, want %v", n+1, j.Attempt, j.Tried, tried)
			}
			tried = e.show(q, id).Tried
			d.says <- errMine
			info := e.until(q, id, queue.StateReady)
			want := time.Duration(minutes * jitter * float64(time.Minute))
			if pause := info.RunAt.Sub(e.clk.Now()); pause != want || info.Reason != "mine" {
				t.Errorf("after attempt %d it pauses for %v (%s), want %v", n+1, pause, info.Reason, want)
			}
		}
		advance(t, e, time.Second, d.jobs)
		d.says <- errMine
		info := e.until(q, id, queue.StateDead)
		if info.Attempt != 7 || info.Reason != "given up after 7 attempts: mine" || info.Finished.IsZero() {
			t.Errorf("at the end: %+v", info)
		}
		stop()
	}
}

func testVerdicts(t *testing.T, e *env) {
	q, d := e.queue(), newDo()
	queue.Handle(q, queue.Options{Kind: "k"}, d.handle)
	e.run(q)
	for _, c := range []struct {
		says     error
		state    queue.State
		after    time.Duration
		attempts int
		reason   string
	}{
		{nil, queue.StateDone, 0, 1, ""},
		{errMine, queue.StateReady, time.Second, 1, "mine"},
		{queue.RetryAfter(errMine, time.Hour), queue.StateReady, time.Hour, 1, "mine"},
		{fmt.Errorf("wrapped: %w", queue.RetryAfter(errMine, time.Hour)), queue.StateReady, time.Hour, 1, "wrapped: mine"},
		{queue.Snooze(time.Hour), queue.StateReady, time.Hour, 0, "snoozed for 1h0m0s"},
		{queue.Permanent(errMine), queue.StateDead, 0, 1, "mine"},
		{queue.Permanent(nil), queue.StateDead, 0, 1, "no reason was given"},
		{queue.Cancel(errMine), queue.StateCancelled, 0, 1, "mine"},
		{queue.Unknown(errMine), queue.StateUnknown, 0, 1, "mine"},
		{queue.Permanent(errors.New("a\x00b\xff" + strings.Repeat("long", 1000))), queue.StateDead, 0, 1, "a\uFFFDb\uFFFDlong"},
	} {
		id := e.add(q, queue.Item{Kind: "k", Args: 1})
		if j := await(t, d.jobs); j.ID != id {
			t.Fatalf("the job %d came, want %d", j.ID, id)
		}
		d.says <- c.says
		info := e.until(q, id, c.state)
		if info.Attempt != c.attempts || !strings.HasPrefix(info.Reason, c.reason) || len(info.Reason) > 1100 {
			t.Errorf("%v: %d attempts, %q", c.says, info.Attempt, info.Reason)
		}
		if info.Tried.IsZero() != (c.attempts == 0) {
			t.Errorf("%v: tried at %v", c.says, info.Tried)
		}
		if c.state == queue.StateReady && info.RunAt.Sub(e.clk.Now()) != c.after {
			t.Errorf("%v: runs again after %v, want %v", c.says, info.RunAt.Sub(e.clk.Now()), c.after)
		}
		if c.says != nil && !errors.Is(c.says, errMine) && c.attempts > 0 && c.reason == "mine" {
			t.Errorf("%v hides its reason", c.says)
		}
	}
}

func testPanics(t *testing.T, e *env) {
	q := e.queue()
	var n atomic.Int64
	queue.Handle(q, queue.Options{Kind: "k", Attempts: 3}, func(context.Context, *queue.Job[int]) error {
		switch n.Add(1) {
		case 1:
			panic("boom")
		case 2:
			runtime.Goexit()
		}
		var nothing *int
		return fmt.Errorf("%d", *nothing)
	})
	id := e.add(q, queue.Item{Kind: "k"})
	e.run(q)
	if info := e.until(q, id, queue.StateReady); n.Load() == 1 && info.Attempt == 1 && info.Reason != "the handler panicked: boom" {
		t.Errorf("after the panic: %+v", info)
	}
	for e.show(q, id).State != queue.StateDead {
		e.clk.Advance(time.Second)
		time.Sleep(time.Millisecond)
	}
	if info := e.show(q, id); info.Attempt != 3 || !strings.Contains(info.Reason, "nil pointer") {
		t.Errorf("at the end: %+v", info)
	}
}

func testTimeout(t *testing.T, e *env) {
	q := e.queue()
	cause := make(chan error, 1)
	queue.Handle(q, queue.Options{Kind: "k", Timeout: time.Minute}, func(ctx context.Context, _ *queue.Job[int]) error {
		<-ctx.Done()
		cause <- context.Cause(ctx)
		return ctx.Err()
	})
	id := e.add(q, queue.Item{Kind: "k"})
	e.run(q)
	if err := advance(t, e, time.Second, cause); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the cause is %v", err)
	}
	if took := e.clk.Now().Sub(start); took < time.Minute {
		t.Errorf("it was ended after %v", took)
	}
	if info := e.until(q, id, queue.StateReady); info.Attempt != 1 {
		t.Errorf("%+v", info)
	}
}

func testDeadLetter(t *testing.T, e *env) {
	var letters atomic.Int64
	refuse := true
	var q *queue.Queue
	q = e.queue(func(c *queue.Config) {
		c.Dead = func(ctx context.Context, i queue.Info) error {
			if i.State != queue.StateDead || i.Reason != "mine" || i.Finished.IsZero() || i.Key != "a" || string(i.Payload) != "7" {
				t.Errorf("the letter is %+v", i)
			}
			letters.Add(1)
			_, err := q.Add(ctx, queue.Item{Kind: "told", Args: i.ID})
			if refuse { // what was added goes too
				refuse = false
				return errMine
			}
			return err
		}
	})
	var works atomic.Bool
	queue.Handle(q, queue.Options{Kind: "k"}, func(_ context.Context, j *queue.Job[int]) error {
		if works.Load() {
			return nil
		}
		return queue.Permanent(errMine)
	})
	told := make(chan int64)
	queue.Handle(q, queue.Options{Kind: "told"}, func(_ context.Context, j *queue.Job[int64]) error {
		told <- j.Args
		return nil
	})
	id := e.add(q, queue.Item{Kind: "k", Key: "a", Group: "g", Args: 7})
	next := e.add(q, queue.Item{Kind: "k", Key: "b", Group: "g", RunAt: start.Add(time.Hour), Args: 8})
	stop := e.run(q)
	if got := advance(t, e, time.Millisecond, told); got != id {
		t.Errorf("told of %d", got)
	}
	e.wantState(q, id, queue.StateDead)
	e.wantState(q, next, queue.StateReady)
	if n := letters.Load(); n != 2 {
		t.Errorf("told %d times, the first of which failed", n)
	}
	works.Store(true)
	check(t, q.Retry(t.Context(), id))
	// It goes before what came later, but not before what is the head.
	if info := e.show(q, id); info.State != queue.StateBehind || info.Attempt != 0 || info.Tried.IsZero() || info.Reason != "" {
		t.Errorf("replayed: %+v", info)
	}
	check(t, q.Reschedule(t.Context(), "k", "b", e.clk.Now()))
	e.until(q, id, queue.StateDone)
	stop()
	if list, err := q.List(t.Context(), queue.Filter{KindPrefix: "told"}); err != nil || len(list) != 1 && len(list) != 2 {
		t.Errorf("%v, %v", list, err)
	}
}
