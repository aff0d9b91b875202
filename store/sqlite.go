package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"os"
	"runtime"
	"strings"

	gosqlite "github.com/glebarez/go-sqlite"
	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
)

// The settings of connections. FULL syncs each commit: NORMAL may lose the last
// ones at a power cut. The writer takes its lock when it begins, so that no
// transaction fails half way because another one was faster. A reader of a file
// opens it read-only, and changes nothing in it, not by closing it either.
const (
	sqlitePragmas = "_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)"
	sqliteWriter  = "_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&" + sqlitePragmas +
		"&_pragma=busy_timeout(1)" // from then on: see busyWait
	sqliteReader = "mode=ro&_txlock=deferred&_pragma=query_only(1)&" + sqlitePragmas
)

// Result codes of SQLite (sqlite.org/rescode.html), the low byte of a code.
const (
	sqliteBusy      = 5
	sqliteReadOnly  = 8
	sqliteInterrupt = 9
	sqliteCorrupt   = 11
	sqliteCantOpen  = 14
	sqliteNotADB    = 26
)

// sqliteResult is the extended result code in err, or zero.
func sqliteResult(err error) int {
	var e *gosqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func sqliteCode(err error) int { return sqliteResult(err) & 0xff }

// openMemory uses one connection for everything: a shared cache brings table
// locks that no timeout waits for. The database has a name, and the keeper is
// open on it too and does nothing, because database/sql closes a connection when
// it sees fit (it does when a context ends in a transaction), and an unnamed
// database ends with its connection.
func (db *DB) openMemory(ctx context.Context) error {
	dsn := "file:/" + rand.Text() + "?vfs=memdb&" + sqliteWriter
	db.keeper = sqlitePool(dsn, 1)
	db.write = sqlitePool(dsn, 1)
	db.read = db.write
	for _, pool := range []*sql.DB{db.keeper, db.write} {
		if err := touch(ctx, pool); err != nil {
			return err
		}
	}
	return db.attach(SQLite, overSQLite)
}

// openFile reads what is at path and refuses what cannot be used. It opens
// nothing for writing, except to make a new database: until Migrate has seen the
// schema, the file may be that of a newer program, and even closing the last
// connection that could write would change it.
func (db *DB) openFile(ctx context.Context, path string) error {
	found, err := inspect(ctx, path)
	if err != nil {
		return err
	}
	if db.opened, err = os.Stat(path); err != nil {
		return err
	}
	db.path, db.found = path, found.steps
	db.write = sqlitePool(sqliteDSN(path, sqliteWriter), 1)
	db.read = sqlitePool(sqliteDSN(path, sqliteReader), max(4, runtime.NumCPU()))
	if found.empty {
		if err := db.reachFile(ctx); err != nil {
			return err
		}
	}
	return db.attach(SQLite, overSQLite)
}

// reachFile opens the file for writing, so that an error comes with what to do.
func (db *DB) reachFile(ctx context.Context) error {
	if db.path == "" {
		return nil
	}
	if err := touch(ctx, db.write); err != nil {
		return explainSQLite(db.path, err)
	}
	return nil
}

// sqliteDSN names the file at path; settings are SQLite's (sqlite.org/uri.html)
// and the driver's.
func sqliteDSN(path, settings string) string {
	return "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path) + "?" + settings
}

// sqliteDialector is that of glebarez, but asks the database for no version, for
// which it would open it.
type sqliteDialector struct{ *sqlite.Dialector }

func overSQLite(pool *sql.DB) gorm.Dialector { return sqliteDialector{&sqlite.Dialector{Conn: pool}} }

// Initialize is sqlite.Dialector's for the SQLite that we link.
func (d sqliteDialector) Initialize(g *gorm.DB) error {
	g.ConnPool = d.Conn
	callbacks.RegisterDefaultCallbacks(g, &callbacks.Config{
		CreateClauses:        []string{"INSERT", "VALUES", "ON CONFLICT", "RETURNING"},
		UpdateClauses:        []string{"UPDATE", "SET", "FROM", "WHERE", "RETURNING"},
		DeleteClauses:        []string{"DELETE", "FROM", "WHERE", "RETURNING"},
		LastInsertIDReversed: true,
	})
	for name, builder := range d.ClauseBuilders() {
		g.ClauseBuilders[name] = builder
	}
	return nil
}

func sqlitePool(dsn string, size int) *sql.DB {
	pool := sql.OpenDB(&sqliteConnector{dsn: dsn})
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	return pool
}

// touch opens a connection. Ping asks the driver for nothing; this reads the
// file's header.
func touch(ctx context.Context, pool *sql.DB) error {
	_, err := pool.ExecContext(ctx, "SELECT count(*) FROM sqlite_schema")
	return err
}
