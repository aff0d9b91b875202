package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"
)

func add(id int64, text string) func(tx *gorm.DB) error {
	return func(tx *gorm.DB) error { return tx.Create(&note{id, text}).Error }
}

// has fails the test unless exactly these notes are there.
func has(t *testing.T, db *DB, want ...int64) {
	t.Helper()
	got := []int64{}
	if err := db.Read(t.Context()).Model(&note{}).Order("id").Pluck("id", &got).Error; err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the notes %v are there, want %v", got, want)
	}
}

func testWriteIsAllOrNothing(t *testing.T, d database) {
	db := d.withNotes(t)
	if got := db.Dialect(); got != d.dialect {
		t.Errorf("Dialect is %q", got)
	}
	if err := db.Write(t.Context(), add(1, "one")); err != nil {
		t.Fatal(err)
	}
	mine := errors.New("mine")
	err := db.Write(t.Context(), func(tx *gorm.DB) error { return errors.Join(add(2, "two")(tx), mine) })
	if !errors.Is(err, mine) {
		t.Errorf("Write returned %v, want the function's own error", err)
	}
	func() {
		defer func() {
			if p := recover(); p != "boom" {
				t.Errorf("recovered %v, want the function's own panic", p)
			}
		}()
		_ = db.Write(t.Context(), func(tx *gorm.DB) error {
			if err := add(3, "three")(tx); err != nil {
				t.Error(err)
			}
			panic("boom")
		})
	}()
	has(t, db, 1)
}

func testNestedWriteJoins(t *testing.T, d database) {
	db := d.withNotes(t)
	mine := errors.New("mine")
	for _, end := range []error{mine, nil} {
		err := db.Write(t.Context(), func(tx *gorm.DB) error {
			ctx := tx.Statement.Context
			return errors.Join(add(1, "outer")(tx), db.Write(ctx, func(tx *gorm.DB) error {
				return errors.Join(add(2, "inner")(tx), db.Write(tx.Statement.Context, add(3, "innermost")))
			}), end)
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
		if end != nil {
			has(t, db)
		}
	}
	has(t, db, 1, 2, 3)
}

func testNestedWriteFails(t *testing.T, d database) {
	db := d.withNotes(t)
	err := db.Write(t.Context(), func(tx *gorm.DB) error {
		ctx := tx.Statement.Context
		if err := add(1, "outer")(tx); err != nil {
			return err
		}
		for range 3 {
			err := db.Write(ctx, func(tx *gorm.DB) error { return errors.Join(add(2, "inner")(tx), add(1, "again")(tx)) })
			if !errors.Is(err, gorm.ErrDuplicatedKey) {
				t.Errorf("the inner Write returned %v", err)
			}
		}
		return db.Write(ctx, add(3, "after"))
	})
	if err != nil {
		t.Fatal(err)
	}
	has(t, db, 1, 3)
}

func testNestedWriteCannotBeUndone(t *testing.T, d database) {
	db := d.withNotes(t)
	err := db.Write(t.Context(), func(tx *gorm.DB) error {
		if err := add(1, "outer")(tx); err != nil {
			return err
		}
		_ = db.Write(tx.Statement.Context, func(tx *gorm.DB) error {
			// What SQLite does by itself when it interrupts a statement.
			return errors.Join(tx.Exec("ROLLBACK").Error, errors.New("interrupted"))
		})
		if err := add(2, "would commit alone")(tx); err == nil {
			t.Error("the transaction goes on after it was lost")
		}
		return nil
	})
	if err == nil {
		t.Error("a lost transaction committed")
	}
	has(t, db)
	if err := db.Write(t.Context(), add(3, "later")); err != nil {
		t.Fatal(err)
	}
	has(t, db, 3)
}

func testTransactionOfAnotherDatabase(t *testing.T, d database) {
	db, other := d.withNotes(t), database{url: "sqlite::memory:"}.withNotes(t)
	mine := errors.New("mine")
	err := db.Write(t.Context(), func(tx *gorm.DB) error {
		return errors.Join(other.Write(tx.Statement.Context, add(1, "elsewhere")), mine)
	})
	if err != mine && !errors.Is(err, mine) {
		t.Fatal(err)
	}
	has(t, db)
	has(t, other, 1)
}

func testEndedTransaction(t *testing.T, d database) {
	db := d.withNotes(t)
	var ended context.Context
	err := db.Write(t.Context(), func(tx *gorm.DB) error { ended = tx.Statement.Context; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(ended, add(1, "late")); err == nil {
		t.Error("a Write joined a transaction that has ended")
	}
	if err := db.Read(ended).Find(&[]note{}).Error; err == nil {
		t.Error("a Read joined a transaction that has ended")
	}
	has(t, db)
}

func testReadSees(t *testing.T, d database) {
	db := d.withNotes(t)
	err := db.Write(t.Context(), func(tx *gorm.DB) error {
		if err := add(1, "one")(tx); err != nil {
			return err
		}
		var n int64
		if err := db.Read(tx.Statement.Context).Model(&note{}).Count(&n).Error; err != nil || n != 1 {
			t.Errorf("inside it counts %d (%v), want 1", n, err)
		}
		if d.shared { // in memory there is one connection: a read waits for the end
			has(t, db)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	has(t, db, 1)
}

func testReadDoesNotWrite(t *testing.T, d database) {
	db := d.withNotes(t)
	if err := db.Write(t.Context(), add(1, "one")); err != nil {
		t.Fatal(err)
	}
	read := func() *gorm.DB { return db.Read(t.Context()) }
	for what, err := range map[string]error{
		"create": read().Create(&note{2, "two"}).Error,
		"update": read().Model(&note{ID: 1}).Update("text", "changed").Error,
		"delete": read().Delete(&note{ID: 1}).Error,
		"exec":   read().Exec("DELETE FROM notes").Error,
	} {
		if !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s through Read: %v", what, err)
		}
	}
	if d.shared { // as a query, past GORM's callbacks
		if err := read().Raw("INSERT INTO notes VALUES (3, 'three') RETURNING id").Scan(new(int64)).Error; err == nil {
			t.Error("an INSERT that is a query went through Read")
		}
	}
	has(t, db, 1)
}

func testBrokenKeys(t *testing.T, d database) {
	db := d.withNotes(t)
	if err := db.Write(t.Context(), add(1, "one")); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), add(1, "again")); !errors.Is(err, gorm.ErrDuplicatedKey) {
		t.Errorf("a second row of one key: %v", err)
	}
	err := db.Write(t.Context(), func(tx *gorm.DB) error { return tx.Exec("INSERT INTO marks VALUES (?)", 7).Error })
	if !errors.Is(err, gorm.ErrForeignKeyViolated) {
		t.Errorf("a reference to nothing: %v", err)
	}
}

func testContextEnds(t *testing.T, d database) {
	db := d.withNotes(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Write(ctx, func(tx *gorm.DB) error {
		if err := add(1, "one")(tx); err != nil {
			return err
		}
		cancel()
		if err := add(2, "two")(tx); !errors.Is(err, context.Canceled) {
			t.Errorf("a statement after the end of the context: %v", err)
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the end of the context came back as %v", err)
	}
	reading, cancel := context.WithCancel(t.Context())
	_ = db.Read(reading).Transaction(func(tx *gorm.DB) error {
		cancel()
		return tx.Find(&[]note{}).Error
	})
	if err := db.Write(ctx, add(2, "two")); !errors.Is(err, context.Canceled) {
		t.Errorf("Write with an ended context: %v", err)
	}
	if err := db.Write(t.Context(), add(3, "three")); err != nil {
		t.Fatal(err)
	}
	has(t, db, 3)
}

func testCommitFails(t *testing.T, d database) {
	db := d.withNotes(t)
	migrate(t, db, "late", []Migration{Step("late marks",
		`CREATE TABLE late_marks (note_id BIGINT NOT NULL REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED)`)})
	err := db.Write(t.Context(), func(tx *gorm.DB) error {
		return errors.Join(add(1, "one")(tx), tx.Exec("INSERT INTO late_marks VALUES (7)").Error)
	})
	if err == nil || !strings.Contains(err.Error(), "store: commit: ") {
		t.Errorf("got %v", err)
	}
	if err := db.Write(t.Context(), add(2, "two")); err != nil {
		t.Fatal(err)
	}
	has(t, db, 2)
}

func testConcurrentWriters(t *testing.T, d database) {
	const goroutines, each, counterID = 8, 25, 1000
	db := d.withNotes(t)
	if err := db.Write(t.Context(), add(counterID, "")); err != nil {
		t.Fatal(err)
	}
	var failed atomic.Int64
	var writers sync.WaitGroup
	for g := range goroutines {
		writers.Go(func() {
			for i := range each {
				err := db.Write(t.Context(), func(tx *gorm.DB) error {
					id := int64(1 + g*each + i)
					bump := tx.Exec("UPDATE notes SET text = text || '.' WHERE id = ?", counterID).Error
					return errors.Join(bump, db.Write(tx.Statement.Context, add(id, "")))
				})
				if err != nil {
					failed.Add(1)
					t.Error(err)
				}
				if err := db.Read(t.Context()).First(&note{}, counterID).Error; err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	var counter note
	var n int64
	if err := db.Read(t.Context()).First(&counter, counterID).Error; err != nil {
		t.Fatal(err)
	}
	if err := db.Read(t.Context()).Model(&note{}).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	if dots := strings.Count(counter.Text, "."); dots != goroutines*each || n != goroutines*each+1 {
		t.Errorf("%d dots and %d rows, want %d and one more", dots, n, goroutines*each)
	}
}

func testRestart(t *testing.T, d database) {
	if !d.shared {
		t.Skip("sqlite::memory: is gone with Close by its definition")
	}
	db := d.withNotes(t)
	if err := db.Write(t.Context(), add(1, "one")); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	has(t, d.withNotes(t), 1)
}
