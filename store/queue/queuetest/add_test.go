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

func testAddJoins(t *testing.T, e *env) {
	q := e.queue()
	for _, end := range []error{errMine, nil} {
		var ids []int64
		err := e.db.Write(t.Context(), func(tx *gorm.DB) error {
			for _, group := range []string{"", "g", "g"} {
				added, err := q.Add(tx.Statement.Context, queue.Item{Kind: "k", Group: group})
				if err != nil {
					return err
				}
				ids = append(ids, added.ID)
			}
			return end
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
		for i, id := range ids {
			info, err := q.Show(t.Context(), id)
			switch {
			case end != nil && !errors.Is(err, queue.ErrNotFound):
				t.Errorf("after a rollback: %v, %v", info, err)
			case end == nil && err != nil:
				t.Error(err)
			case end == nil && info.State != []queue.State{queue.StateReady, queue.StateReady, queue.StateBehind}[i]:
				t.Errorf("job %d is %s", i, info.State)
			}
		}
	}
}

func testStartsAfterCommit(t *testing.T, e *env) {
	q := e.queue()
	var committed atomic.Bool
	began := make(chan bool)
	queue.Handle(q, queue.Options{Kind: "k"}, func(context.Context, *queue.Job[int]) error {
		began <- committed.Load()
		return nil
	})
	e.run(q)
	for i := range 20 { // the clock stands still: no polling helps
		committed.Store(false)
		check(t, e.db.Write(t.Context(), func(tx *gorm.DB) error {
			e.db.AfterCommit(tx.Statement.Context, func() { committed.Store(true) })
			if _, err := q.Add(tx.Statement.Context, queue.Item{Kind: "k", Args: i}); err != nil {
				return err
			}
			return nil
		}))
		if !await(t, began) {
			t.Error("the handler was called before the commit")
		}
	}
}

func testLiveKey(t *testing.T, e *env) {
	q, d := e.queue(), newDo()
	queue.Handle(q, queue.Options{Kind: "k"}, d.handle)
	it := queue.Item{Kind: "k", Key: "a", Args: 1}
	first, err := q.Add(t.Context(), it)
	check(t, err)
	again := func(when string) {
		t.Helper()
		if got, err := q.Add(t.Context(), it); err != nil || got != (queue.Added{ID: first.ID, Existed: true}) {
			t.Errorf("%s: %v, %v", when, got, err)
		}
	}
	again("while it is ready")
	for _, other := range []queue.Item{{Kind: "k", Key: "b"}, {Kind: "other", Key: "a"}, {Kind: "k"}, {Kind: "k"}} {
		if got, err := q.Add(t.Context(), other); err != nil || got.Existed {
			t.Errorf("%v: %v, %v", other, got, err)
		}
	}
	stop := e.run(q)
	for range 4 {
		if j := await(t, d.jobs); j.ID == first.ID {
			again("while it is running")
		}
		d.says <- nil
	}
	stop()
	e.wantState(q, first.ID, queue.StateDone)
	second, err := q.Add(t.Context(), it)
	if err != nil || second.Existed {
		t.Errorf("after it was done: %v, %v", second, err)
	}
	if info, found, err := q.Find(t.Context(), "k", "a"); err != nil || !found || info.ID != second.ID {
		t.Errorf("Find: %v, %v, %v", info, found, err)
	}
}

func testOnce(t *testing.T, e *env) {
	q := e.queue()
	queue.Handle(q, queue.Options{Kind: "k"}, func(context.Context, *queue.Job[int]) error { return queue.Permanent(errMine) })
	it := queue.Item{Kind: "k", Key: "a", Once: true, Group: "g", Args: 1}
	id := e.add(q, it)
	stop := e.run(q)
	e.until(q, id, queue.StateDead)
	stop()
	if got, err := q.Add(t.Context(), it); err != nil || !got.Existed || got.ID != id {
		t.Errorf("after it died: %v, %v", got, err)
	}
	check(t, q.Drop(t.Context(), id))
	if got, err := q.Add(t.Context(), it); err != nil || got.Existed {
		t.Errorf("after it was dropped: %v, %v", got, err)
	}
}

func testBadItems(t *testing.T, e *env) {
	q := e.queue()
	for want, it := range map[string]queue.Item{
		"no kind":   {Args: 1},
		"no key":    {Kind: "k", Once: true},
		"no text":   {Kind: "k", Group: "a\xff"},
		"is no":     {Kind: "k", Key: "a\x00b"},
		"arguments": {Kind: "k", Args: func() {}},
	} {
		if _, err := q.Add(t.Context(), it); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want something about %q", it, err, want)
		}
	}
	if _, err := q.Add(t.Context(), queue.Item{Kind: "k", Key: "ü\u2028' \"%", Group: "🫩", Args: "\x00"}); err != nil {
		t.Errorf("strange text: %v", err)
	}
}

func testRunAt(t *testing.T, e *env) {
	q := e.queue()
	ran := make(chan int, 10)
	queue.Handle(q, queue.Options{Kind: "k"}, func(_ context.Context, j *queue.Job[int]) error {
		if e.clk.Now().Before(j.RunAt) {
			t.Errorf("job %d ran at %v, %v too early", j.Args, e.clk.Now(), j.RunAt.Sub(e.clk.Now()))
		}
		ran <- j.Args
		return nil
	})
	e.run(q)
	e.add(q, queue.Item{Kind: "k", Group: "g", RunAt: start.Add(90 * time.Minute), Args: 2})
	e.add(q, queue.Item{Kind: "k", Group: "g", Args: 3})
	e.add(q, queue.Item{Kind: "k", RunAt: start.Add(time.Hour), Args: 1})
	e.add(q, queue.Item{Kind: "k", RunAt: start.Add(-time.Hour), Args: 0})
	if got := await(t, ran); got != 0 {
		t.Errorf("job %d came first", got)
	}
	for want := 1; want <= 3; want++ {
		if got := advance(t, e, 10*time.Second, ran); got != want {
			t.Errorf("job %d came, want %d", got, want)
		}
	}
}

func testUnreadable(t *testing.T, e *env) {
	q := e.queue()
	ran := make(chan int, 10)
	queue.HandleBatch(q, queue.Options{Kind: "k", Batch: 5}, func(_ context.Context, jobs []*queue.Job[int]) []error {
		for _, j := range jobs {
			ran <- j.Args
		}
		return make([]error, len(jobs))
	})
	first := e.add(q, queue.Item{Kind: "k", Group: "g", Args: 1})
	bad := e.add(q, queue.Item{Kind: "k", Group: "g", Args: "no number"})
	alone := e.add(q, queue.Item{Kind: "k", Args: "no number"})
	last := e.add(q, queue.Item{Kind: "k", Group: "g", Args: 2})
	e.run(q)
	e.until(q, last, queue.StateDone)
	e.until(q, alone, queue.StateDead)
	e.wantState(q, first, queue.StateDone)
	if info := e.show(q, bad); info.State != queue.StateDead || !strings.Contains(info.Reason, "the payload cannot be read") {
		t.Errorf("it is %s: %s", info.State, info.Reason)
	}
	if a, b := <-ran, <-ran; a != 1 || b != 2 || len(ran) > 0 {
		t.Errorf("%d and %d were handled", a, b)
	}
}
