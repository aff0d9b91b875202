package queue

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"dragoman/internal/clock"
	"dragoman/store"
)

func TestPollFindsWhatNobodyToldOf(t *testing.T) {
	q, clk := testQueue(t)
	ran := make(chan int64, 2)
	Handle(q, Options{Kind: "k"}, func(_ context.Context, j *Job[int]) error {
		ran <- j.ID
		return nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx) }()
	first, err := q.Add(t.Context(), Item{Kind: "k"})
	if err != nil {
		t.Fatal(err)
	}
	if id := <-ran; id != first.ID {
		t.Errorf("the job %d ran, want %d", id, first.ID)
	}
	// As another process would, or a clock that was set.
	_, err = q.db.Exec(t.Context(), `INSERT INTO queue_jobs (kind, job_key, once, grp, state, run_at, added, payload)
		VALUES ('k', '', FALSE, '', 'ready', $1, $1, '1')`, q.now())
	if err != nil {
		t.Fatal(err)
	}
	for ran := ran; ran != nil; {
		select {
		case <-ran:
			ran = nil
		case <-time.After(time.Millisecond):
			clk.Advance(pollSQLite)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestAnIdleQueueOnlyReads has somebody else hold the only writer meanwhile.
func TestAnIdleQueueOnlyReads(t *testing.T) {
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "q.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context(), "queue", Migrations()); err != nil {
		t.Fatal(err)
	}
	q := New(Config{DB: db, Clock: clock.NewFake(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)), Log: slog.New(slog.DiscardHandler)})
	Handle(q, Options{Kind: "k"}, func(context.Context, *Job[int]) error { return nil })
	if _, err := q.Add(t.Context(), Item{Kind: "k", RunAt: q.clk.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	err = db.Do(t.Context(), func(context.Context) error {
		outside, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := q.pruneAll(outside); err != nil {
			t.Errorf("prune: %v", err)
		}
		if err := q.pollOnce(outside); err != nil {
			t.Errorf("poll: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if at := q.lines["k"].next; at != q.clk.Now().Add(time.Hour).UnixMilli() {
		t.Errorf("the line knows of %v", at)
	}
}
