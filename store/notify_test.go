package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"gorm.io/gorm"
)

func testNotify(t *testing.T, d database) {
	db, other := d.open(t), d.open(t)
	const channel = `a "channel"`
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	heard, ended := make(chan string, 10), make(chan error, 1)
	go func() { ended <- db.Listen(ctx, channel, func(payload string) { heard <- payload }) }()
	for { // until it listens
		check(t, other.Notify(t.Context(), channel, "there?"))
		select {
		case <-heard:
		case <-time.After(20 * time.Millisecond):
			continue
		}
		break
	}
	mine := errors.New("mine")
	notify := func(payload string, end error) {
		err := other.Write(t.Context(), func(tx *gorm.DB) error {
			check(t, other.Notify(tx.Statement.Context, channel, payload))
			return end
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
	}
	check(t, other.Notify(t.Context(), "elsewhere", "not for us"))
	notify("undone", mine)
	notify("it's done", nil)
	for {
		got := <-heard
		if got == "it's done" {
			break
		}
		if got != "there?" {
			t.Fatalf("heard %q", got)
		}
	}
	// A connection that breaks is no end of the context.
	check(t, db.Write(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'").Error
	}))
	if err := <-ended; err == nil || ctx.Err() != nil || errors.Is(err, context.Canceled) {
		t.Errorf("a broken connection: %v", err)
	}
	go func() { ended <- db.Listen(ctx, channel, func(payload string) {}) }()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the end of the context: %v", err)
	}
}

func TestSQLiteHearsNothingAndEndsInTime(t *testing.T) {
	db := database{url: "sqlite::memory:"}.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- db.Listen(ctx, "x", func(string) { t.Error("it heard something") }) }()
	check(t, db.Notify(ctx, "x", "y"))
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
