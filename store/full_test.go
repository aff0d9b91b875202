package store

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// limit bounds the database to the pages it has and more.
func limit(t *testing.T, db *DB, more int) {
	t.Helper()
	var pages, got int
	if err := db.write.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if err := db.write.QueryRowContext(t.Context(), "PRAGMA max_page_count = "+strconv.Itoa(pages+more)).Scan(&got); err != nil || got != pages+more {
		t.Fatalf("the limit is %d (%v), want %d", got, err, pages+more)
	}
}

var big = strings.Repeat("x", 1<<20)

func testFull(t *testing.T, d database) {
	db := d.withNotes(t)
	if err := db.Write(t.Context(), add(1, "before")); err != nil {
		t.Fatal(err)
	}
	if d.dialect == Postgres { // it has no such limit
		full := func(tx *gorm.DB) error {
			return errors.Join(add(2, "half")(tx), tx.Exec("DO $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = 'disk_full'; END $$").Error)
		}
		if err := db.Write(t.Context(), full); !errors.Is(err, ErrFull) || pgCode(err) != pgDiskFull {
			t.Errorf("a full disk: %v", err)
		}
		has(t, db, 1)
		return
	}
	limit(t, db, 4)
	for name, fn := range map[string]func(tx *gorm.DB) error{
		"by a statement": func(tx *gorm.DB) error { return errors.Join(add(2, "half")(tx), add(3, big)(tx)) },
		"in a nested one": func(tx *gorm.DB) error {
			return errors.Join(add(2, "half")(tx), db.Write(tx.Statement.Context, add(3, big)))
		},
		"by many that each fit": fillUp,
	} {
		err := db.Write(t.Context(), fn)
		if !errors.Is(err, ErrFull) || sqliteCode(err) != sqliteFull {
			t.Errorf("%s: %v", name, err)
		}
		has(t, db, 1)
	}
	if err := db.Write(t.Context(), add(4, "fits")); err != nil {
		t.Errorf("what fits: %v", err)
	}
	limit(t, db, 1000)
	if err := db.Write(t.Context(), add(5, big)); err != nil {
		t.Errorf("after there was room: %v", err)
	}
	has(t, db, 1, 4, 5)
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func fillUp(tx *gorm.DB) error {
	for id := int64(100); id < 1000; id++ {
		if err := add(id, big[:500])(tx); err != nil {
			return err
		}
	}
	return nil
}

// After the error that fn swallows, SQLite has rolled back by itself. Nothing
// that comes later may be kept, since what came before is gone.
func TestWhatFollowsARollbackOfSQLitesOwnFails(t *testing.T) {
	or := clause.Insert{Modifier: "OR ROLLBACK"} // ends the transaction, as an I/O error may
	for name, c := range map[string]struct {
		full  bool
		spoil func(db *DB, tx *gorm.DB) error
	}{
		"full":           {true, func(_ *DB, tx *gorm.DB) error { return tx.Exec("INSERT INTO notes VALUES (2, ?)", big).Error }},
		"full, prepared": {true, prepared},
		"with its rows": {false, func(_ *DB, tx *gorm.DB) error {
			return tx.Raw("INSERT OR ROLLBACK INTO notes VALUES (1, '') RETURNING id").Scan(new(int64)).Error
		}},
		"of a nested": {false, func(db *DB, tx *gorm.DB) error {
			return db.Write(tx.Statement.Context, func(tx *gorm.DB) error { return tx.Clauses(or).Create(&note{ID: 1}).Error })
		}},
		"by gorm": {false, func(_ *DB, tx *gorm.DB) error { return tx.Clauses(or).Create(&note{ID: 1}).Error }},
	} {
		t.Run(name, func(t *testing.T) {
			db := database{url: "sqlite:" + t.TempDir() + "/x.db"}.withNotes(t)
			limit(t, db, 4)
			called := false
			err := db.Write(t.Context(), func(tx *gorm.DB) error {
				db.AfterCommit(tx.Statement.Context, func() { called = true })
				if err := add(1, "one")(tx); err != nil {
					t.Error(err)
				}
				if err := c.spoil(db, tx); c.full != (sqliteCode(err) == sqliteFull) || !c.full != errors.Is(err, gorm.ErrDuplicatedKey) {
					t.Errorf("got %v", err)
				}
				for what, err := range map[string]error{
					"an insert": add(3, "alone")(tx),
					"a nested":  db.Write(tx.Statement.Context, add(4, "alone")),
					"a read":    tx.Find(&[]note{}).Error,
				} {
					if err == nil {
						t.Errorf("%s afterwards went through", what)
					}
				}
				return nil
			})
			if err == nil || errors.Is(err, ErrFull) != c.full || !strings.Contains(err.Error(), "rolled the transaction back") || called {
				t.Errorf("Write returned %v; a hook was called: %v", err, called)
			}
			has(t, db)
			if err := db.Write(t.Context(), add(5, "later")); err != nil {
				t.Fatal(err)
			}
			has(t, db, 5)
		})
	}
}

func prepared(_ *DB, tx *gorm.DB) error {
	ctx := tx.Statement.Context
	stmt, err := tx.Statement.ConnPool.PrepareContext(ctx, "INSERT INTO notes VALUES (2, ?)")
	if err != nil {
		return err
	}
	defer stmt.Close()
	_, err = stmt.ExecContext(ctx, big)
	return err
}

// Where SQLite takes back no more than the statement, the transaction goes on.
func TestAnErrorThatSpoilsOneStatementEndsNoTransaction(t *testing.T) {
	db := database{url: "sqlite:" + t.TempDir() + "/x.db"}.withNotes(t)
	limit(t, db, 4)
	err := db.Write(t.Context(), func(tx *gorm.DB) error {
		many := `WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO notes SELECT i, ? FROM n`
		full := tx.Exec(many, big[:500]).Error
		if sqliteCode(full) != sqliteFull {
			t.Errorf("got %v, want a full database", full)
		}
		if add(1, "one")(tx) != nil || add(1, "again")(tx) == nil || tx.Exec("no SQL").Error == nil {
			t.Error("the transaction did not go on")
		}
		return add(2, "two")(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	has(t, db, 1, 2)
}
