package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"
)

const (
	// writeAttempts bounds how often Write tries. SQLite has waited its busy
	// timeout in each, and PostgreSQL picks another victim.
	writeAttempts = 5
	// writerWait bounds how long Write waits for a connection, so that a
	// deadlock within this process becomes an error that says so.
	writerWait = 30 * time.Second
)

var errWriterWait = fmt.Errorf("waited %v for another transaction: is this Write inside of another one, without the context of its tx?", writerWait)

// Write runs fn in a transaction and commits it when fn returns nil. An error of
// fn is returned as it is; it, a panic, or the end of ctx leave no trace of what
// fn wrote.
//
// If ctx is that of an outer Write's tx, fn joins that transaction: what it wrote
// commits with the outer one. It is undone alone if fn fails and the outer Write
// goes on.
//
// If a connection to PostgreSQL breaks during the commit itself, nobody knows
// whether it took place; the error then begins with "store: commit".
//
// fn may run several times, because the outermost Write tries again when the
// database was busy at the beginning, or broke a deadlock or a serialization
// failure. So fn does nothing that a rollback does not undo.
func (db *DB) Write(ctx context.Context, fn func(tx *gorm.DB) error) error {
	if t := db.joined(ctx); t != nil {
		return t.nested(ctx, fn)
	}
	for attempt := 1; ; attempt++ {
		err := db.transact(ctx, fn)
		if err == nil || attempt == writeAttempts || ctx.Err() != nil || !mayRetry(err) {
			return err
		}
		db.log.DebugContext(ctx, "a transaction is tried again", "attempt", attempt, "error", errorClass(err))
	}
}

// beginError is a failure before fn had a chance to do anything.
type beginError struct{ error }

func (e beginError) Unwrap() error { return e.error }

func mayRetry(err error) bool {
	switch pgCode(err) {
	case pgSerializationFailure, pgDeadlockDetected:
		return true
	}
	var begin beginError
	return errors.As(err, &begin) && sqliteCode(err) == sqliteBusy
}

// transaction is what the context of a Write's tx carries.
type transaction struct {
	tx         *sql.Tx
	root       *gorm.DB
	savepoints int
}

type transactionKey struct{ db *DB }

// joined is the transaction that ctx carries, or nil.
func (db *DB) joined(ctx context.Context) *transaction {
	t, _ := ctx.Value(transactionKey{db}).(*transaction)
	return t
}

func (db *DB) transact(ctx context.Context, fn func(tx *gorm.DB) error) error {
	conn, err := db.writeConn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	begin := ctx
	if db.dialect == SQLite {
		// When that context ends, database/sql closes the connection of this
		// driver. The statements and the check before the commit heed ctx.
		begin = context.WithoutCancel(ctx)
	}
	tx, err := conn.BeginTx(begin, nil)
	if err != nil {
		return beginError{fmt.Errorf("store: begin a transaction: %w", err)}
	}
	// Whatever way fn ends: an error, a panic, runtime.Goexit. After Commit it
	// does nothing.
	defer tx.Rollback()
	t := &transaction{tx: tx}
	t.root = db.writer.Session(&gorm.Session{NewDB: true, Context: context.WithValue(ctx, transactionKey{db}, t)})
	t.root.Statement.ConnPool = tx
	if err := fn(t.root); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("store: not committed: %w", err)
	}
	if err := tx.Commit(); err != nil {
		if db.dialect == SQLite {
			// After some errors (a deferred foreign key) its transaction is
			// still open, and database/sql would lend the connection out so.
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		}
		return fmt.Errorf("store: commit: %w", err)
	}
	return nil
}

func (db *DB) writeConn(ctx context.Context) (*sql.Conn, error) {
	wait, cancel := context.WithTimeoutCause(ctx, writerWait, errWriterWait)
	defer cancel()
	conn, err := db.write.Conn(wait)
	if err == nil {
		return conn, nil
	}
	if wait.Err() != nil {
		err = context.Cause(wait)
	}
	return nil, fmt.Errorf("store: no connection for a transaction: %w", err)
}

// session is the transaction for GORM, under a context that may end earlier.
func (t *transaction) session(ctx context.Context) *gorm.DB {
	return t.root.Session(&gorm.Session{NewDB: true, Context: ctx})
}

// nested runs fn between a savepoint and its release.
func (t *transaction) nested(ctx context.Context, fn func(tx *gorm.DB) error) error {
	t.savepoints++
	name := "sp" + strconv.Itoa(t.savepoints)
	if _, err := t.tx.ExecContext(ctx, "SAVEPOINT "+name); err != nil {
		return fmt.Errorf("store: join the transaction of the context: %w", err)
	}
	released := false
	defer func() {
		if !released {
			t.undo(ctx, name)
		}
	}()
	if err := fn(t.session(ctx)); err != nil {
		return err
	}
	if _, err := t.tx.ExecContext(ctx, "RELEASE SAVEPOINT "+name); err != nil {
		return fmt.Errorf("store: end a nested transaction: %w", err)
	}
	released = true
	return nil
}

// undo takes back what happened since the savepoint. If it cannot, the whole
// transaction ends here: SQLite may have rolled it back by itself (as it does
// when it interrupts a statement), and what came next would be committed alone.
func (t *transaction) undo(ctx context.Context, name string) {
	ctx = context.WithoutCancel(ctx)
	for _, statement := range []string{"ROLLBACK TO SAVEPOINT ", "RELEASE SAVEPOINT "} {
		if _, err := t.tx.ExecContext(ctx, statement+name); err != nil {
			_ = t.tx.Rollback() // from now on all it says is sql.ErrTxDone
			return
		}
	}
}
