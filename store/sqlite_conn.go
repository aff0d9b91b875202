package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	gosqlite "github.com/glebarez/go-sqlite"
)

// sqliteConnector opens guarded connections to the database that dsn names.
type sqliteConnector struct {
	driver gosqlite.Driver
	dsn    string
}

func (c *sqliteConnector) Driver() driver.Driver { return &c.driver }

func (c *sqliteConnector) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.driver.Open(c.dsn)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(plainConn)
	if !ok {
		return nil, errors.Join(errors.New("the SQLite driver is not the one this program was written for"), conn.Close())
	}
	return &sqliteConn{plainConn: inner}, nil
}

// What the driver's types can do.
type (
	plainConn interface {
		driver.Conn
		driver.ConnBeginTx
		driver.ConnPrepareContext
		driver.ExecerContext
		driver.QueryerContext
		driver.Pinger
	}
	plainStmt interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}
	plainRows interface {
		driver.Rows
		driver.RowsColumnTypeDatabaseTypeName
		driver.RowsColumnTypeLength
		driver.RowsColumnTypeNullable
		driver.RowsColumnTypePrecisionScale
		driver.RowsColumnTypeScanType
	}
)

// sqliteConn guards a transaction against SQLite's own rollbacks. After some
// errors (a full disk, an I/O error, an interrupt) SQLite takes the whole
// transaction back by itself. The next statement would then run, and commit, on
// its own; with the guard it fails, and so does the commit.
type sqliteConn struct {
	plainConn
	inTx bool
	lost error // why SQLite ended the transaction of BeginTx, if it did
}

// lostError is what a transaction says once it was lost.
type lostError struct{ cause error }

func (e lostError) Error() string {
	return fmt.Sprintf("SQLite has rolled the transaction back: %v", e.cause)
}

func (e lostError) Unwrap() error { return e.cause }

// judge is called with the outcome of everything that runs on the connection.
func (c *sqliteConn) judge(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if sqliteCode(err) == sqliteInterrupt && ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	// Where a transaction is open, another one cannot begin. There is no list
	// of errors to ask instead: most end the statement or the transaction
	// depending on what it was about.
	if c.inTx && c.lost == nil && c.plain("BEGIN") == nil {
		_ = c.plain("ROLLBACK")
		c.lost = lostError{err}
	}
	return err
}

func (c *sqliteConn) plain(statement string) error {
	_, err := c.plainConn.ExecContext(context.Background(), statement, nil)
	return err
}

func (c *sqliteConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if c.lost != nil {
		return nil, c.lost
	}
	result, err := c.plainConn.ExecContext(ctx, query, args)
	return result, c.judge(ctx, err)
}

func (c *sqliteConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if c.lost != nil {
		return nil, c.lost
	}
	rows, err := c.plainConn.QueryContext(ctx, query, args)
	return c.guardRows(ctx, rows, err)
}

func (c *sqliteConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if c.lost != nil {
		return nil, c.lost
	}
	stmt, err := c.plainConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, c.judge(ctx, err)
	}
	return &sqliteStmt{stmt.(plainStmt), c}, nil
}

// guardRows wraps the rows of a query, most of which runs in their Next.
func (c *sqliteConn) guardRows(ctx context.Context, rows driver.Rows, err error) (driver.Rows, error) {
	if err != nil {
		return nil, c.judge(ctx, err)
	}
	return &sqliteRows{rows.(plainRows), c}, nil
}

func (c *sqliteConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.plainConn.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	c.inTx, c.lost = true, nil
	return &sqliteTx{tx, c}, nil
}

type sqliteStmt struct {
	plainStmt
	c *sqliteConn
}

func (s *sqliteStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if s.c.lost != nil {
		return nil, s.c.lost
	}
	result, err := s.plainStmt.ExecContext(ctx, args)
	return result, s.c.judge(ctx, err)
}

func (s *sqliteStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if s.c.lost != nil {
		return nil, s.c.lost
	}
	rows, err := s.plainStmt.QueryContext(ctx, args)
	return s.c.guardRows(ctx, rows, err)
}

type sqliteRows struct {
	plainRows
	c *sqliteConn
}

func (r *sqliteRows) Next(dest []driver.Value) error {
	err := r.plainRows.Next(dest)
	if err == nil || err == io.EOF {
		return err
	}
	return r.c.judge(context.Background(), err) // the driver interrupts no Next
}

type sqliteTx struct {
	driver.Tx
	c *sqliteConn
}

func (t *sqliteTx) Commit() error {
	defer t.end()
	if t.c.lost != nil {
		return t.c.lost
	}
	err := t.Tx.Commit()
	if err != nil {
		// After some errors (a deferred foreign key) it is still open.
		_ = t.Tx.Rollback()
	}
	return err
}

func (t *sqliteTx) Rollback() error {
	defer t.end()
	if t.c.lost != nil {
		return nil
	}
	return t.Tx.Rollback()
}

func (t *sqliteTx) end() { t.c.inTx, t.c.lost = false, nil }
