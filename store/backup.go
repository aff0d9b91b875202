package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes a copy of the SQLite file, as it is now, to path, while others
// read and write. The copy is checked through and synced before it appears
// there, complete and under its name; it is opened like any other file. If path
// exists, or the copy fails, nothing is left at path or changed there; a lack
// of room is an ErrFull. While it runs, the log of the database can only grow.
//
// Of a database in memory there is no backup, and PostgreSQL has its own tools.
func (db *DB) Backup(ctx context.Context, path string) error {
	var err error
	switch {
	case db.dialect == Postgres:
		err = errors.New("this is a PostgreSQL database: use pg_dump, which copies a running one too")
	case db.path == "":
		err = errors.New("the database is in memory only")
	default:
		err = markFull(backupFile(ctx, db.path, path))
	}
	if err != nil {
		return fmt.Errorf("store: backup: %w", err)
	}
	return nil
}

func backupFile(ctx context.Context, source, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%q exists: choose another name, or move it away", path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// Beside the target, so that it can be renamed in one step, and not the
	// target, so that a crash leaves nothing that looks like a backup.
	part, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.partial")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name())
	defer part.Close()
	if err := copyDatabase(ctx, source, part.Name()); err != nil {
		return err
	}
	if err := part.Sync(); err != nil {
		return err
	}
	// Unlike a rename, a link replaces nothing.
	err = os.Link(part.Name(), path)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%q was made by somebody else meanwhile: choose another name", path)
	}
	if err != nil { // a file system without links
		if err := os.Rename(part.Name(), path); err != nil {
			return err
		}
	}
	return syncFolder(filepath.Dir(path))
}

// copyDatabase copies through a connection of its own, which reads one snapshot,
// to an empty file, and checks the copy.
func copyDatabase(ctx context.Context, source, target string) error {
	const reader = "mode=ro&" + sqlitePragmas // query_only would forbid VACUUM
	pool := sqlitePool(sqliteDSN(source, reader), 1)
	defer pool.Close()
	if _, err := pool.ExecContext(ctx, "VACUUM INTO ?", target); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	made := sqlitePool(sqliteDSN(target, sqliteUnused), 1)
	defer made.Close()
	if err := checkSQLite(ctx, made, "integrity_check"); err != nil {
		return fmt.Errorf("check the copy: %w", err)
	}
	return nil
}

// syncFolder makes new names in a folder last; where folders cannot be synced,
// they need not be.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}

// Check reads the whole database, and says what is wrong with it. PostgreSQL
// looks after itself: of that it makes sure only that it answers.
func (db *DB) Check(ctx context.Context) error {
	var err error
	if db.dialect == Postgres {
		err = db.read.PingContext(ctx)
	} else if err = checkSQLite(ctx, db.read, "integrity_check"); err == nil {
		err = checkReferences(ctx, db.read)
	}
	if err != nil {
		return fmt.Errorf("store: check: %w", err)
	}
	return nil
}

// checkReferences finds rows that refer to others that are not there.
func checkReferences(ctx context.Context, pool *sql.DB) error {
	rows, err := pool.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		var table, parent string
		var row sql.NullInt64
		var key int
		if err := rows.Scan(&table, &row, &parent, &key); err != nil {
			return err
		}
		return damage(fmt.Sprintf("row %d of %q refers to no row of %q", row.Int64, table, parent))
	}
	return rows.Err()
}
