package store

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
)

func testAfterCommit(t *testing.T, d database) {
	db := d.withNotes(t)
	var called []string
	call := func(ctx context.Context, name string) {
		db.AfterCommit(ctx, func() { called = append(called, name) })
	}
	mine := errors.New("mine")
	var over context.Context
	err := db.Write(t.Context(), func(tx *gorm.DB) error {
		ctx := tx.Statement.Context
		over = ctx
		call(ctx, "first")
		call(t.Context(), "at once")
		inner := db.Write(ctx, func(tx *gorm.DB) error { call(tx.Statement.Context, "nested"); return nil })
		undone := db.Write(ctx, func(tx *gorm.DB) error {
			call(tx.Statement.Context, "undone")
			within := db.Write(tx.Statement.Context, func(tx *gorm.DB) error { call(tx.Statement.Context, "undone too"); return nil })
			return errors.Join(within, mine)
		})
		if !errors.Is(undone, mine) {
			t.Errorf("the nested Write returned %v", undone)
		}
		call(ctx, "last")
		db.AfterCommit(ctx, func() {
			has(t, db, 1) // committed, and the connection is free
			if err := db.Write(t.Context(), add(2, "by the hook")); err != nil {
				t.Errorf("a hook that writes: %v", err)
			}
			call(ctx, "of a hook")
		})
		return errors.Join(inner, add(1, "one")(tx))
	})
	if err != nil {
		t.Fatal(err)
	}
	call(over, "late")
	if want := []string{"at once", "first", "nested", "last", "of a hook", "late"}; !slices.Equal(called, want) {
		t.Errorf("called were %q, want %q", called, want)
	}
	has(t, db, 1, 2)
}

func testAfterCommitNeedsACommit(t *testing.T, d database) {
	db := d.withNotes(t)
	called := 0
	hook := func(tx *gorm.DB) { db.AfterCommit(tx.Statement.Context, func() { called++ }) }
	mine := errors.New("mine")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for want, err := range map[error]error{
		mine:             db.Write(t.Context(), func(tx *gorm.DB) error { hook(tx); return mine }),
		context.Canceled: db.Write(ctx, func(tx *gorm.DB) error { hook(tx); cancel(); return nil }),
	} {
		if !errors.Is(err, want) || called != 0 {
			t.Errorf("%v: %d hooks were called, want none", err, called)
		}
	}
	func() {
		defer func() { _ = recover() }()
		_ = db.Write(t.Context(), func(tx *gorm.DB) error { hook(tx); panic("boom") })
	}()
	if called != 0 {
		t.Errorf("a panic called %d hooks", called)
	}
	runs := 0
	err := db.Write(t.Context(), func(tx *gorm.DB) error {
		hook(tx)
		if runs++; runs == 1 {
			return &pgconn.PgError{Code: pgSerializationFailure} // Write asks no database whose it is
		}
		return nil
	})
	if err != nil || runs != 2 || called != 1 {
		t.Errorf("%v: %d runs called %d hooks, want two and one", err, runs, called)
	}
}

// A handler that hangs is left behind: what it has locked is free when its time
// is over, and not when it returns.
func testContextEndsInAHandlerThatHangs(t *testing.T, d database) {
	db := d.withNotes(t)
	if err := db.Write(t.Context(), add(1, "")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	locked, hang, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	bump := func(tx *gorm.DB) error { return tx.Exec("UPDATE notes SET text = text || 'x' WHERE id = 1").Error }
	go func() {
		ended <- db.Write(ctx, func(tx *gorm.DB) error {
			err := errors.Join(bump(tx), add(2, "")(tx))
			close(locked)
			<-hang
			late := tx.WithContext(context.WithoutCancel(tx.Statement.Context))
			if add(3, "")(late) == nil || bump(late) == nil {
				t.Error("a statement after the rollback went through")
			}
			return err
		})
	}()
	<-locked
	cancel()
	began := time.Now()
	if err := db.Write(t.Context(), bump); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("the next transaction waited %v", took)
	}
	close(hang)
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	has(t, db, 1)
}

// The end of the context meets each moment of a transaction, the commit too:
// either all of it is there, or the error says that nothing is.
func testContextEndsAnywhere(t *testing.T, d database) {
	db := d.withNotes(t)
	want := []int64{}
	for i := range int64(200) {
		first, second := 2*i+1, 2*i+2 // GORM takes zero for none
		ctx, cancel := context.WithCancel(t.Context())
		timer := time.AfterFunc(time.Duration(i)*10*time.Microsecond, cancel)
		err := db.Write(ctx, func(tx *gorm.DB) error { return errors.Join(add(first, "")(tx), add(second, "")(tx)) })
		timer.Stop()
		cancel()
		var n int64
		if err := db.Read(t.Context()).Model(&note{}).Where("id IN ?", []int64{first, second}).Count(&n).Error; err != nil {
			t.Fatal(err)
		}
		if n != 0 && n != 2 || err == nil && n != 2 || err != nil && n != 0 && d.dialect == SQLite {
			t.Errorf("%d rows of two after %v", n, err)
		}
		if n == 2 {
			want = append(want, first, second)
		}
	}
	has(t, db, want...)
}
