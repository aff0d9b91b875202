package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"dragoman/internal/clock"
)

const (
	// writeAttempts bounds how often Write tries; each time PostgreSQL picks
	// another victim.
	writeAttempts = 5
	// busyWait is how long Write waits for another process to give back SQLite's
	// lock, and asks again after pauses that grow from the first to the second
	// length. It is here, not SQLite's busy timeout, because that heeds no
	// context.
	busyWait             = 25 * time.Second
	busyFirst, busyPause = time.Millisecond, 250 * time.Millisecond
	// writerWait bounds how long Write waits for a connection, so that a
	// deadlock within this process becomes an error that says so.
	writerWait = 30 * time.Second
)

var errWriterWait = fmt.Errorf("waited %v for another transaction: is this Write inside of another one, without the context of its tx?", writerWait)

// Write runs fn in a transaction and commits it when fn returns nil. An error of
// fn is returned as it is; it, a panic, or the end of ctx leave no trace of what
// fn wrote. When ctx ends while fn runs, all is rolled back and unlocked at that
// moment, whether or not fn ever returns. Where there was no room, the error is
// an ErrFull.
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
	var busy patience
	for attempt := 1; ; attempt++ {
		committed, err := db.transact(ctx, fn)
		for _, f := range committed {
			f()
		}
		switch {
		case err == nil || ctx.Err() != nil:
			return markFull(err)
		case db.isBusy(err):
			attempt--
			if busy.spent == 0 {
				db.log.DebugContext(ctx, "another process writes to the database; waiting for it")
			}
			if !busy.wait(ctx) {
				return err
			}
			continue
		case attempt == writeAttempts || !mayRetry(err):
			return markFull(err)
		}
		db.log.DebugContext(ctx, "a transaction is tried again", "attempt", attempt, "error", errorClass(err))
	}
}

// patience is how long a Write has waited for SQLite's lock.
type patience struct{ pause, spent time.Duration }

// wait reports whether it is time to ask again.
func (p *patience) wait(ctx context.Context) bool {
	p.pause = min(max(2*p.pause, busyFirst), busyPause)
	if p.spent += p.pause; p.spent > busyWait {
		return false
	}
	return clock.Sleep(ctx, clock.System{}, p.pause) == nil
}

// beginError is a failure before fn had a chance to do anything, of a Write of
// this database: fn may return that of another.
type beginError struct {
	error
	db *DB
}

func (e beginError) Unwrap() error { return e.error }

func mayRetry(err error) bool {
	switch pgCode(err) {
	case pgSerializationFailure, pgDeadlockDetected:
		return true
	}
	// The driver's interrupt of an earlier statement on the connection can be
	// late, and hit one that nobody wanted to end.
	return sqliteCode(err) == sqliteInterrupt && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// isBusy reports whether another process has SQLite's lock.
func (db *DB) isBusy(err error) bool {
	var begin beginError
	return sqliteCode(err) == sqliteBusy && errors.As(err, &begin) && begin.db == db
}

// transaction is what the context of a Write's tx carries.
type transaction struct {
	tx         *sql.Tx
	root       *gorm.DB
	savepoints int
	committed  []func() // to be called after the commit
	over       bool     // it is committed
	lost       error    // why it cannot be
}

type transactionKey struct{ db *DB }

// joined is the transaction that ctx carries, or nil.
func (db *DB) joined(ctx context.Context) *transaction {
	t, _ := ctx.Value(transactionKey{db}).(*transaction)
	return t
}

// InWrite reports whether ctx carries a transaction of db.
func (db *DB) InWrite(ctx context.Context) bool { return db.joined(ctx) != nil }

// AfterCommit has f called once the transaction that ctx carries is committed,
// on the goroutine of its Write and in the order of the calls; or now, if ctx
// carries none. What is rolled back calls nothing. f must be quick: it may wake
// somebody or change what is in memory, and must not fail.
func (db *DB) AfterCommit(ctx context.Context, f func()) {
	t := db.joined(ctx)
	if t == nil || t.over {
		f()
		return
	}
	t.committed = append(t.committed, f)
}

// transact is one attempt of Write. It returns what is to be called after the
// commit: by then the connection is free again for who may want it.
func (db *DB) transact(ctx context.Context, fn func(tx *gorm.DB) error) (committed []func(), err error) {
	conn, err := db.writeConn(ctx)
	if err != nil {
		return nil, err
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
		return nil, beginError{fmt.Errorf("store: begin a transaction: %w", err), db}
	}
	// Whatever way fn ends: an error, a panic, runtime.Goexit. After Commit it
	// does nothing.
	defer tx.Rollback()
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		_ = tx.Rollback()
		_ = conn.Close() // so that others can have it
	})
	defer func() {
		if !stop() {
			<-ended
		}
	}()
	t := &transaction{tx: tx}
	t.root = db.writer.Session(&gorm.Session{NewDB: true, Context: context.WithValue(ctx, transactionKey{db}, t)})
	t.root.Statement.ConnPool = tx
	if err := fn(t.root); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("store: not committed: %w", err)
	}
	if t.lost != nil {
		return nil, fmt.Errorf("store: not committed: %w", t.lost)
	}
	err = tx.Commit()
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil { // it ended just now
		return nil, fmt.Errorf("store: not committed: %w", ctx.Err())
	}
	if err != nil {
		return nil, fmt.Errorf("store: commit: %w", err)
	}
	t.over = true
	return t.committed, nil
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
	released, before := false, len(t.committed)
	defer func() {
		if !released {
			t.committed = t.committed[:before]
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
			t.lost = err
			_ = t.tx.Rollback() // from now on all it says is sql.ErrTxDone
			return
		}
	}
}
