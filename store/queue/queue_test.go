package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"go.uber.org/goleak"
	"gorm.io/gorm"

	"dragoman/internal/clock"
	"dragoman/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testQueue is a Queue in memory whose clock stands still.
func testQueue(t *testing.T) (*Queue, *clock.Fake) {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite::memory:", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context(), "queue", Migrations()); err != nil {
		t.Fatal(err)
	}
	clk := clock.NewFake(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	return New(Config{DB: db, Clock: clk, Log: slog.New(slog.DiscardHandler)}), clk
}

func TestPauseDoublesUpToTheMost(t *testing.T) {
	for _, c := range []struct {
		first, most time.Duration
		failures    int
		random      float64
		want        time.Duration
	}{
		{time.Second, time.Hour, 1, 1, time.Second},
		{time.Second, time.Hour, 4, 1, 8 * time.Second},
		{time.Second, time.Hour, 4, 0.5, 4 * time.Second},
		{time.Second, time.Hour, 4, 0, 0},
		{time.Second, 5 * time.Second, 4, 1, 5 * time.Second},
		{time.Minute, time.Second, 1, 1, time.Second},
		{time.Second, 1 << 62, 10_000, 1, 1 << 62},
	} {
		if got := (Backoff{c.first, c.most}).pause(c.failures, c.random); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// TestClaimsInDoubt plays a commit that took place although the connection broke
// before it said so, and one that did not.
func TestClaimsInDoubt(t *testing.T) {
	for _, committed := range []bool{true, false} {
		t.Run(fmt.Sprint("committed: ", committed), func(t *testing.T) {
			q, _ := testQueue(t)
			ran := make(chan *Job[int], 10)
			HandleBatch(q, Options{Kind: "k", Batch: 2}, func(_ context.Context, jobs []*Job[int]) []error {
				for _, j := range jobs {
					ran <- j
				}
				return nil
			})
			for i := range 3 {
				if _, err := q.Add(t.Context(), Item{Kind: "k", Group: "g", Args: i}); err != nil {
					t.Fatal(err)
				}
			}
			if err := q.enlist(t.Context()); err != nil {
				t.Fatal(err)
			}
			l := q.lines["k"]
			w := l.take(true)
			r := &round{l: l, now: q.now(), worker: *q.worker.Load()}
			broken := errors.New("the connection broke")
			err := q.write(t.Context(), func(ctx context.Context, tx gorm.ConnPool) error {
				if err := r.transact(ctx, tx, w); err != nil || committed {
					return err
				}
				return broken
			})
			if committed == (err != nil) || !committed && err != broken {
				t.Fatal(err)
			}
			l.giveBack(w, r)

			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				l.loop(ctx)
				l.finish(ctx)
			}()
			for want := range 3 {
				if j := <-ran; j.Args != want || j.Attempt != 1 || !j.Tried.IsZero() {
					t.Errorf("the job %+v came, want %d for the first time", j.Info, want)
				}
			}
			cancel()
			<-ended
			if list, err := q.List(t.Context(), Filter{States: []State{StateDone}}); err != nil || len(list) != 3 || len(ran) > 0 {
				t.Errorf("%d are done (%v), %d ran again", len(list), err, len(ran))
			}
		})
	}
}

// TestClaimsInDoubtAtTheEnd: there is no other round to find out.
func TestClaimsInDoubtAtTheEnd(t *testing.T) {
	q, _ := testQueue(t)
	Handle(q, Options{Kind: "k"}, func(context.Context, *Job[int]) error { return nil })
	added, err := q.Add(t.Context(), Item{Kind: "k"})
	if err != nil {
		t.Fatal(err)
	}
	if err := q.enlist(t.Context()); err != nil {
		t.Fatal(err)
	}
	l := q.lines["k"]
	w := l.take(true)
	r := &round{l: l, now: q.now(), worker: *q.worker.Load()}
	err = q.write(t.Context(), func(ctx context.Context, tx gorm.ConnPool) error { return r.transact(ctx, tx, w) })
	if err != nil {
		t.Fatal(err)
	}
	l.giveBack(w, r)
	l.finish(t.Context())
	if info, err := q.Show(t.Context(), added.ID); err != nil || info.State != StateReady || info.Attempt != 0 || !info.Tried.IsZero() {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestPruneKeepsTheNewestAndAllLetters(t *testing.T) {
	q, clk := testQueue(t)
	q.keepMost = 5
	Handle(q, Options{Kind: "k", Keep: 1000 * time.Hour}, func(_ context.Context, j *Job[int]) error { return nil })
	insert := func(n int, state State) {
		for range n {
			clk.Advance(time.Millisecond)
			added, err := q.Add(t.Context(), Item{Kind: "k"})
			if err != nil {
				t.Fatal(err)
			}
			err = q.db.Write(t.Context(), func(tx *gorm.DB) error {
				return tx.Exec("UPDATE queue_jobs SET state = ?, finished = ? WHERE id = ?", state, q.now(), added.ID).Error
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	insert(4, StateDone)
	insert(4, StateCancelled)
	insert(7, StateDead)
	insert(2, StateUnknown)
	insert(3, StateReady)
	if err := q.pruneAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := q.List(t.Context(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, i := range list {
		got = append(got, i.ID)
	}
	if want := []int64{20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4}; !slices.Equal(got, want) {
		t.Errorf("the jobs %v are left, want %v", got, want)
	}
}

func TestManySettledJobsCallForPruning(t *testing.T) {
	q, _ := testQueue(t)
	for _, enough := range []int{pruneFirst, pruneAfter, pruneAfter} {
		q.settled(enough - 1)
		if len(q.pruneNow) != 0 {
			t.Errorf("%d are enough", enough-1)
		}
		q.settled(1)
		select {
		case <-q.pruneNow:
		default:
			t.Errorf("%d are not enough", enough)
		}
	}
}

// FuzzHeard: anybody on the database can send notifications.
func FuzzHeard(f *testing.F) {
	f.Add("other k")
	f.Add("other \x01" + "17")
	f.Add("other \x01x")
	f.Add(" ")
	f.Add("me k")
	f.Fuzz(func(t *testing.T, payload string) {
		q := &Queue{id: "me", lines: make(map[string]*line)}
		l := newLine(q, Options{Kind: "k"}, nil)
		l.due = false
		q.lines["k"] = l
		ended := false
		l.running[&run{jobs: []row{{ID: 17}}, end: func(error) { ended = true }}] = struct{}{}
		q.heard(payload)
		if l.due && (len(payload) < 2 || payload[len(payload)-2:] != " k" || payload == "me k") {
			t.Errorf("%q wakes k", payload)
		}
		if ended && l.due {
			t.Errorf("%q does two things", payload)
		}
	})
}

// FuzzReason: what a far side says ends in the table, on PostgreSQL as well.
func FuzzReason(f *testing.F) {
	f.Add("timeout")
	f.Add("a\x00b\xff")
	f.Fuzz(func(t *testing.T, text string) {
		got := reasonText(errors.New(text))
		if !utf8.ValidString(got) || slices.Contains([]byte(got), 0) || len(got) > 1010 || got == "" {
			t.Errorf("%q becomes %q", text, got)
		}
	})
}
