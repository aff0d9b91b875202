package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// inspection is what was found where a database is to be opened.
type inspection struct {
	empty bool                // a new file, or one without a byte in it
	steps map[string][]string // the names of the applied steps, by owner
}

// sqliteReadOnlyRollback says that a transaction of a crashed program must be
// rolled back first, from a journal.
const sqliteReadOnlyRollback = 8 | 3<<8

// inspect makes sure that the database at path can be used, without changing a
// byte of it or of its log: a damaged one may be all that somebody has.
func inspect(ctx context.Context, path string) (inspection, error) {
	size, err := prepareFile(path)
	if err != nil {
		return inspection{}, err
	}
	if size == 0 && sizeOf(path+"-wal") > 0 { // SQLite would delete the log
		return inspection{}, fmt.Errorf("%q is empty, but what was to be added to it is in %q; both were left as they are: restore a backup, or choose another path", path, path+"-wal")
	}
	if size == 0 {
		return inspection{empty: true}, nil
	}
	if alone(path) {
		// So that it stays alone, the ordinary way is not taken, which makes
		// side files. If somebody came meanwhile, what was read is no whole.
		steps, err := readThrough(ctx, path, sqliteUnused)
		if err == nil || alone(path) {
			return inspection{steps: steps}, explainSQLite(path, err)
		}
	}
	steps, err := readThrough(ctx, path, sqliteReader)
	if sqliteResult(err) == sqliteReadOnlyRollback {
		err = nil // what there is to check appears when it is opened for writing
	}
	return inspection{steps: steps}, explainSQLite(path, err)
}

// sqliteUnused are the settings to read a file that nobody writes to and that
// has no log.
const sqliteUnused = "mode=ro&immutable=1"

// alone reports whether the file is all there is of the database.
func alone(path string) bool { return sizeOf(path+"-wal") <= 0 && sizeOf(path+"-journal") <= 0 }

func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return -1
	}
	return info.Size()
}

// readThrough checks the whole database and returns the record of migrations.
func readThrough(ctx context.Context, path, settings string) (map[string][]string, error) {
	pool := sqlitePool(sqliteDSN(path, settings), 1)
	defer pool.Close()
	if err := checkSQLite(ctx, pool, "quick_check"); err != nil {
		return nil, err
	}
	var tables int
	err := pool.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'").Scan(&tables)
	if err != nil || tables == 0 {
		return nil, err
	}
	rows, err := pool.QueryContext(ctx, "SELECT owner, name FROM schema_migrations ORDER BY owner, number")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	steps := make(map[string][]string)
	for rows.Next() {
		var owner, name string
		if err := rows.Scan(&owner, &name); err != nil {
			return nil, err
		}
		steps[owner] = append(steps[owner], name)
	}
	return steps, rows.Err()
}

// damage is what a check of SQLite's found.
type damage string

func (d damage) Error() string { return "the check found: " + string(d) }

// checkSQLite runs one of SQLite's checks (quick_check, integrity_check), and
// tells the first of what it finds.
func checkSQLite(ctx context.Context, pool *sql.DB, check string) error {
	rows, err := pool.QueryContext(ctx, "PRAGMA "+check+"(3)")
	if err != nil {
		return err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if line != "ok" {
			found = append(found, line)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(found) > 0 {
		return damage(strings.Join(found, "; "))
	}
	return nil
}

// prepareFile creates the file at path, so that only its owner can read what
// people tell the bot, and finds the reasons for which SQLite would merely say
// that it cannot open it. SQLite gives its side files the mode of the file. It
// returns the size.
//
// A file that is there is not opened: closing it would take away the locks that
// this process has on it.
func prepareFile(path string) (int64, error) {
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("the folder %q of the database does not exist: create it, or choose another path", folder)
	} else if err != nil {
		return 0, fmt.Errorf("the folder of the database: %w", err)
	} else if !info.IsDir() {
		return 0, fmt.Errorf("%q is not a folder: choose another path for the database", folder)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case err == nil:
		return 0, file.Close()
	case !errors.Is(err, fs.ErrExist):
		return 0, readOnlyFile(path, err)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return 0, fmt.Errorf("the database %q: %w", path, err)
	case info.IsDir():
		return 0, fmt.Errorf("%q is a folder: name a file in it", path)
	}
	return info.Size(), errors.Join(mayWrite(path), mayWrite(folder))
}

// mayWrite fails where path cannot be written to, also for root, who can.
func mayWrite(path string) error {
	info, err := os.Stat(path)
	if err == nil && info.Mode().Perm()&0o222 == 0 {
		err = fs.ErrPermission
	}
	if err == nil {
		err = accessible(path)
	}
	if err != nil {
		return readOnlyFile(path, err)
	}
	return nil
}

func readOnlyFile(path string, err error) error {
	return fmt.Errorf("%q cannot be written: make the database and its folder writable for the account that runs the bot, or choose another path: %w", path, err)
}

// explainSQLite turns what SQLite says into what to do.
func explainSQLite(path string, err error) error {
	var found damage
	switch code := sqliteCode(err); {
	case err == nil:
		return nil
	case code == sqliteNotADB, code == sqliteCorrupt, errors.As(err, &found):
		return fmt.Errorf("%q is damaged or not an SQLite database; it was left as it is: restore a backup, or choose another path: %w", path, err)
	case code == sqliteReadOnly, code == sqliteCantOpen:
		return readOnlyFile(path, err)
	case code == sqliteBusy:
		return fmt.Errorf("the database %q is locked by another program: end it and try again: %w", path, err)
	}
	return fmt.Errorf("open the database %q: %w", path, err)
}
