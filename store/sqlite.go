package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	gosqlite "github.com/glebarez/go-sqlite"
	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
)

// Every connection's settings. FULL syncs each commit: NORMAL may lose the
// last ones at a power cut. The writer takes its lock when it begins, so that no
// transaction fails half way because another one was faster.
const (
	sqlitePragmas = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)"
	sqliteWriter  = "?_txlock=immediate&" + sqlitePragmas
	sqliteReader  = "?_txlock=deferred&" + sqlitePragmas + "&_pragma=query_only(1)"
)

// Result codes of SQLite (sqlite.org/rescode.html), the low byte of a code.
const (
	sqliteBusy     = 5
	sqliteReadOnly = 8
	sqliteCorrupt  = 11
	sqliteCantOpen = 14
	sqliteNotADB   = 26
)

func sqliteCode(err error) int {
	var e *gosqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// openMemory uses one connection for everything: a shared cache brings table
// locks that no timeout waits for. The database has a name, and the keeper is
// open on it too and does nothing, because database/sql closes a connection when
// it sees fit (it does when a context ends in a transaction), and an unnamed
// database ends with its connection.
func (db *DB) openMemory(ctx context.Context) error {
	dsn := "file:/" + rand.Text() + sqliteWriter + "&vfs=memdb"
	var err error
	if db.keeper, err = sqlitePool(ctx, dsn, 1); err != nil {
		return err
	}
	if db.write, err = sqlitePool(ctx, dsn, 1); err != nil {
		return err
	}
	db.read = db.write
	return db.attach(SQLite, overSQLite)
}

func (db *DB) openFile(ctx context.Context, path string) error {
	if err := prepareFile(path); err != nil {
		return err
	}
	dsn := "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	var err error
	if db.write, err = sqlitePool(ctx, dsn+sqliteWriter, 1); err != nil {
		return explainSQLite(path, err)
	}
	if db.read, err = sqlitePool(ctx, dsn+sqliteReader, max(4, runtime.NumCPU())); err != nil {
		return explainSQLite(path, err)
	}
	return db.attach(SQLite, overSQLite)
}

func overSQLite(pool *sql.DB) gorm.Dialector { return &sqlite.Dialector{Conn: pool} }

func sqlitePool(ctx context.Context, dsn string, size int) (*sql.DB, error) {
	pool, err := sql.Open(sqlite.DriverName, dsn)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	// Ping asks the driver for nothing; this reads the file's header.
	if _, err := pool.ExecContext(ctx, "SELECT count(*) FROM sqlite_schema"); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return pool, nil
}

// prepareFile creates the file at path, so that only its owner can read what
// people tell the bot, and finds the reasons for which SQLite would merely say
// that it cannot open it. SQLite gives its side files the mode of the file.
func prepareFile(path string) error {
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the folder %q of the database does not exist: create it, or choose another path", folder)
	} else if err != nil {
		return fmt.Errorf("the folder of the database: %w", err)
	} else if !info.IsDir() {
		return fmt.Errorf("%q is not a folder: choose another path for the database", folder)
	}
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return fmt.Errorf("%q is a folder: name a file in it", path)
	case err == nil && info.Mode().Perm()&0o222 == 0:
		// Asked of the mode, because root may write all the same.
		return readOnlyFile(path, fs.ErrPermission)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return readOnlyFile(path, err)
	}
	return file.Close()
}

func readOnlyFile(path string, err error) error {
	return fmt.Errorf("the database %q cannot be written: make the file and its folder writable for the account that runs the bot, or choose another path: %w", path, err)
}

// explainSQLite turns what SQLite says into what to do.
func explainSQLite(path string, err error) error {
	switch sqliteCode(err) {
	case sqliteNotADB, sqliteCorrupt:
		return fmt.Errorf("%q is damaged or not an SQLite database; it was left as it is: restore a backup, or choose another path: %w", path, err)
	case sqliteReadOnly, sqliteCantOpen:
		return readOnlyFile(path, err)
	case sqliteBusy:
		return fmt.Errorf("the database %q is locked by another program: end it and try again: %w", path, err)
	}
	return fmt.Errorf("open the database %q: %w", path, err)
}
