package outbox

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"

	"dragoman/bot"
	"dragoman/store"
)

// accepting is err for whoever asked for something to be kept: ErrNotAccepted
// unless they went away themselves.
func accepting(what string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, bot.ErrNotAccepted) {
		return fmt.Errorf("outbox: %s: %w", what, err)
	}
	return fmt.Errorf("outbox: %s: %w: %w", what, bot.ErrNotAccepted, err)
}

// unavailable reports whether err comes from a database that is full, busy or
// out of reach, rather than from what was asked of it.
func unavailable(err error) bool {
	for _, known := range []error{bot.ErrNotAccepted, store.ErrFull, driver.ErrBadConn, sql.ErrConnDone, sql.ErrTxDone} {
		if errors.Is(err, known) {
			return true
		}
	}
	var postgres interface{ SQLState() string }
	if errors.As(err, &postgres) {
		return unavailableClass(postgres.SQLState())
	}
	var sqlite interface{ Code() int }
	if errors.As(err, &sqlite) {
		switch sqlite.Code() & 0xff {
		case sqliteBusy, sqliteLocked, sqliteIOErr, sqliteFull, sqliteCantOpen:
			return true
		}
		return false
	}
	var network net.Error
	return errors.As(err, &network)
}

// The primary result codes of SQLite after which the same may succeed later.
const (
	sqliteBusy     = 5
	sqliteLocked   = 6
	sqliteIOErr    = 10
	sqliteFull     = 13
	sqliteCantOpen = 14
)

// unavailableClass knows the classes of PostgreSQL's SQLSTATEs: connection,
// transaction rollback, resources, intervention, system.
func unavailableClass(state string) bool {
	for _, class := range []string{"08", "40", "53", "57", "58"} {
		if strings.HasPrefix(state, class) {
			return true
		}
	}
	return false
}

// because is a verdict for the queue together with the reason that an
// administrator reads.
type because struct{ reason, verdict error }

// Error implements error with what the administrator reads.
func (e because) Error() string { return e.reason.Error() }

// Unwrap gives the queue its verdict.
func (e because) Unwrap() error { return e.verdict }
