// Package store keeps Dragoman's data: it opens SQLite or PostgreSQL behind
// GORM, brings the schema up to date in numbered steps (Migrate), and gives out
// transactions (Write) and reads (Read). Of tables it owns only the record of
// migrations, the people the bot has met (People) and the addresses it keeps
// (Book); a skill owns its tables and its migrations, and names them after
// itself.
//
// # Transactions
//
// Write carries its transaction in the context of the tx that it hands to its
// function, and everything that is given that context joins it:
//
//	db.Write(ctx, func(tx *gorm.DB) error {
//		ctx := tx.Statement.Context // shadow the outer one: it knows no transaction
//		if err := tx.Create(&event).Error; err != nil {
//			return err
//		}
//		return outbox.Add(ctx, notice) // commits with the event, or not at all
//	})
//
// A transaction belongs to one goroutine and never spans a network call.
//
// # What holds on both databases
//
// A committed Write survives the death of the process; whether it survives a
// power cut is up to the disk, which is asked to sync. Times are best kept as
// integers (Unix milliseconds, BIGINT): they compare and sort the same
// everywhere, which text in different zones does not. A broken unique or foreign
// key is gorm.ErrDuplicatedKey or gorm.ErrForeignKeyViolated. Statements are not
// prepared by GORM.
//
// # What goes wrong
//
// A write for which there is no room is an ErrFull, of which nothing remains; it
// works again when there is room. A database that is read-only or damaged is
// refused by Open, and one that a newer program has written by Migrate; up to
// then an SQLite file that exists is only read, so that not a byte of it or of
// its log has changed. Open reads all of such a file to check it, which takes a
// while with a large one. The check finds a damaged structure; SQLite keeps no
// checksums by which a changed letter in a text could be found.
//
// One process uses an SQLite file at a time: Own sees to that, as long as nobody
// removes FILE.lock; StillOwned finds out. Backup copies the file while it is in
// use.
//
// That a program can be killed at any moment without loss proves nothing about
// power cuts: there the disk must keep its word about what it has synced.
//
// The parameters of a statement are never logged, but its text may be: write no
// value into it.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
)

// The values of DB.Dialect.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// ErrReadOnly says that somebody tried to write through Read.
var ErrReadOnly = errors.New("store: this is a read: write in a transaction (Write)")

// DB is an open database. It is safe for concurrent use.
type DB struct {
	session string // what the sessions on PostgreSQL are called
	dialect string
	log     *slog.Logger
	writer  *gorm.DB
	reader  *gorm.DB
	write   *sql.DB // writer's connections
	read    *sql.DB // reader's; the same as write in memory
	keeper  *sql.DB // in memory: holds the database, else nil
	path    string  // of the SQLite file, else empty
	own     ownership
	opened  os.FileInfo // the file that was at path then

	// How to connect to PostgreSQL, for connections outside of the pools.
	listener *pgx.ConnConfig

	mu    sync.Mutex
	found map[string][]string // the steps that the file had when it was opened, by owner
}

// Open opens the database at url and reaches it once:
//
//	sqlite:dragoman.db               a file, created (mode 0600) if it is not there, else checked
//	sqlite::memory:                  private to this DB, gone with Close
//	postgres://user:pw@host/db?...   as libpq and pgx read it
//
// It changes no schema; Migrate does. An SQLite file that exists is opened for
// writing by the first Migrate that has something to do, or Write. The errors say what to do, and neither
// they nor the log ever hold the password.
func Open(ctx context.Context, url string, log *slog.Logger) (*DB, error) {
	db := &DB{log: log, own: ownership{turn: make(chan struct{}, 1)}}
	var err error
	switch scheme, rest, _ := strings.Cut(url, ":"); {
	case scheme == "sqlite" && rest == ":memory:":
		err = db.openMemory(ctx)
	case scheme == "sqlite" && rest != "":
		err = db.openFile(ctx, strings.TrimPrefix(rest, "//"))
	case scheme == "postgres" || scheme == "postgresql":
		err = db.openPostgres(ctx, url)
	default: // not shown: there may be a password in it
		err = errors.New(`the address of the database must read "sqlite:FILE", "sqlite::memory:" or "postgres://user:password@host/database"`)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("store: %w", err), db.Close())
	}
	return db, nil
}

// Close closes all connections. Transactions that still run fail.
func (db *DB) Close() error {
	// The writer after the reader: the last connection to an SQLite file tidies
	// up its log, which a reader may not.
	pools := []*sql.DB{db.read, db.write, db.keeper}
	if db.read == db.write {
		pools = pools[1:]
	}
	var errs []error
	for _, pool := range pools {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(errs...)
}

// Dialect is SQLite or Postgres.
func (db *DB) Dialect() string { return db.dialect }

// Read gives access for queries. In the context of a Write it reads inside that
// transaction; else it reads what is committed, without waiting for a writer.
// Writing through it fails with ErrReadOnly, if not in such a transaction.
//
// With sqlite::memory: there is a single connection: rows that are being
// iterated must be closed before the next statement.
func (db *DB) Read(ctx context.Context) *gorm.DB {
	if t := db.joined(ctx); t != nil {
		return t.session(ctx)
	}
	return db.reader.WithContext(ctx)
}

// attach puts GORM on top of the two pools.
func (db *DB) attach(dialect string, over func(*sql.DB) gorm.Dialector) error {
	db.dialect = dialect
	config := func() *gorm.Config {
		return &gorm.Config{
			Logger:                 statementLog{db.log},
			SkipDefaultTransaction: true, // Write is the transaction
			DisableAutomaticPing:   true, // it would not heed a context
			TranslateError:         true,
		}
	}
	var err error
	if db.writer, err = gorm.Open(over(db.write), config()); err != nil {
		return err
	}
	if db.reader, err = gorm.Open(over(db.read), config()); err != nil {
		return err
	}
	return refuseWrites(db.reader)
}

// refuseWrites catches the mistake before the database does, which in memory
// would not.
func refuseWrites(g *gorm.DB) error {
	const name = "store:read_only"
	refuse := func(tx *gorm.DB) { _ = tx.AddError(ErrReadOnly) }
	on := g.Callback()
	return errors.Join(
		on.Create().Before("*").Register(name, refuse),
		on.Update().Before("*").Register(name, refuse),
		on.Delete().Before("*").Register(name, refuse),
		on.Raw().Before("*").Register(name, refuse),
	)
}
