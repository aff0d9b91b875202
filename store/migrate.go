package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"
)

// Migration is one step of a schema: statements that run in order, once. Its
// number is its place in the owner's list, from 1 on. A step that was released
// is never changed, renamed or moved; a new one is added behind it.
type Migration struct {
	Name             string   // what it does, in a few words
	SQLite, Postgres []string // plain SQL, no placeholders
}

// Step is a Migration that reads the same on both databases.
func Step(name string, statements ...string) Migration {
	return Migration{Name: name, SQLite: statements, Postgres: statements}
}

func (m Migration) statements(dialect string) []string {
	if dialect == Postgres {
		return m.Postgres
	}
	return m.SQLite
}

// migrationLock is PostgreSQL's advisory lock of all migrators ("dragoman").
const migrationLock int64 = 0x647261676f6d616e

// recordTable makes the table in which the applied steps are recorded.
func recordTable(dialect string) string {
	moment := "TEXT" // SQLite keeps no times
	if dialect == Postgres {
		moment = "TIMESTAMPTZ"
	}
	return `CREATE TABLE schema_migrations (
		owner TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL,
		applied_at ` + moment + ` NOT NULL DEFAULT CURRENT_TIMESTAMP,
		PRIMARY KEY (owner, number))`
}

// Migrate applies those of owner's steps that the database has not seen, each
// in a transaction of its own, and records them in the table schema_migrations.
// Migrators of several processes take turns.
//
// It refuses, and changes nothing, if the database has more steps of owner than
// the program knows, or others: then another version has written it. An SQLite
// file that was refused is left as it is, as long as nobody calls Write.
func (db *DB) Migrate(ctx context.Context, owner string, steps []Migration) error {
	if err := validSteps(owner, steps); err != nil {
		return wrapSchema(owner, err)
	}
	if db.joined(ctx) != nil {
		return wrapSchema(owner, errors.New("Migrate was called inside of a transaction"))
	}
	if done, err := db.foundApplied(owner, steps); err != nil || done {
		return wrapSchema(owner, err)
	}
	if err := db.reachFile(ctx); err != nil {
		return wrapSchema(owner, err)
	}
	for {
		applied := 0 // the number of the step that was applied, if one was
		err := db.Write(ctx, func(tx *gorm.DB) (err error) {
			applied, err = db.migrateOne(tx, owner, steps)
			return err
		})
		if err != nil || applied == 0 {
			return wrapSchema(owner, err)
		}
		db.log.InfoContext(ctx, "schema step applied", "owner", owner, "number", applied, "name", steps[applied-1].Name)
	}
}

func wrapSchema(owner string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("store: the schema of %q: %w", owner, err)
}

// foundApplied compares steps with what the SQLite file had when it was opened,
// so that one that is refused is never opened for writing. It reports whether
// there is nothing to do.
func (db *DB) foundApplied(owner string, steps []Migration) (done bool, err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.found == nil {
		return false, nil
	}
	known := db.found[owner]
	if err := compareSteps(known, steps); err != nil {
		return false, err
	}
	if len(known) < len(steps) {
		delete(db.found, owner) // soon out of date
	}
	return len(known) == len(steps), nil
}

func validSteps(owner string, steps []Migration) error {
	if owner == "" {
		return errors.New("it has no owner")
	}
	names := make(map[string]bool)
	for i, step := range steps {
		switch {
		case step.Name == "":
			return fmt.Errorf("step %d has no name", i+1)
		case names[step.Name]:
			return fmt.Errorf("two steps are called %q", step.Name)
		case len(step.SQLite) == 0 && len(step.Postgres) == 0:
			return fmt.Errorf("step %d (%s) is empty", i+1, step.Name)
		}
		names[step.Name] = true
	}
	return nil
}

// migrateOne applies the first step that is missing and returns its number, or
// zero if none is. It reads the record anew each time, under the lock.
func (db *DB) migrateOne(tx *gorm.DB, owner string, steps []Migration) (int, error) {
	if db.dialect == Postgres { // SQLite's writer is alone as it is
		if err := tx.Exec("SELECT pg_advisory_xact_lock(?)", migrationLock).Error; err != nil {
			return 0, err
		}
	}
	var known []string
	fresh := !tx.Migrator().HasTable("schema_migrations")
	if !fresh {
		err := tx.Table("schema_migrations").Where("owner = ?", owner).Order("number").Pluck("name", &known).Error
		if err != nil {
			return 0, err
		}
	}
	if err := compareSteps(known, steps); err != nil {
		return 0, err
	}
	if len(known) == len(steps) {
		return 0, nil
	}
	step, number := steps[len(known)], len(known)+1
	statements := step.statements(db.dialect)
	if fresh {
		statements = slices.Concat([]string{recordTable(db.dialect)}, statements)
	}
	for _, statement := range statements {
		// Past GORM, which looks for placeholders.
		if _, err := tx.Statement.ConnPool.ExecContext(tx.Statement.Context, statement); err != nil {
			return 0, fmt.Errorf("step %d (%s): %w", number, step.Name, err)
		}
	}
	err := tx.Exec("INSERT INTO schema_migrations (owner, number, name) VALUES (?, ?, ?)", owner, number, step.Name).Error
	return number, err
}

// compareSteps finds out whether known is how steps begin.
func compareSteps(known []string, steps []Migration) error {
	if len(known) > len(steps) {
		return fmt.Errorf("the database was written by a newer version of the program (it has %d steps, this version knows %d); "+
			"nothing was changed: run that version, or restore a backup", len(known), len(steps))
	}
	for i, name := range known {
		if steps[i].Name != name {
			return fmt.Errorf("step %d was applied as %q, but this program calls it %q: "+
				"steps that were applied must not be renamed or moved; nothing was changed", i+1, name, steps[i].Name)
		}
	}
	return nil
}
