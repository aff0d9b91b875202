package store

import (
	"context"
	"errors"
	"testing"
)

func testDo(t *testing.T, d database) {
	db := d.withNotes(t)
	insert := func(ctx context.Context, id int64) error {
		_, err := db.Exec(ctx, "INSERT INTO notes (id, text) VALUES ($1, $2)", id, "by Exec")
		return err
	}
	mine := errors.New("mine")
	err := db.Do(t.Context(), func(ctx context.Context) error {
		if !db.InWrite(ctx) {
			t.Error("Do runs outside of a transaction")
		}
		undone := db.Do(ctx, func(ctx context.Context) error { return errors.Join(insert(ctx, 1), mine) })
		if !errors.Is(undone, mine) {
			t.Errorf("the nested Do returned %v", undone)
		}
		return insert(ctx, 2)
	})
	if err != nil {
		t.Error(err)
	}
	if err := db.Do(t.Context(), func(ctx context.Context) error { return errors.Join(insert(ctx, 3), mine) }); !errors.Is(err, mine) {
		t.Errorf("got %v", err)
	}
	if err := insert(t.Context(), 4); err != nil { // alone
		t.Error(err)
	}
	has(t, db, 2, 4)
	if changed, err := db.Exec(t.Context(), "UPDATE notes SET text = $1", "changed"); changed != 2 || err != nil {
		t.Errorf("changed %d rows, %v", changed, err)
	}
	if _, err := db.Exec(t.Context(), "no SQL"); err == nil {
		t.Error("a statement that is none succeeds")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := insert(gone, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
	has(t, db, 2, 4)
}
