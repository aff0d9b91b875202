package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// postgresConns is the size of each of the two pools. Together they stay far
// below a server's default of 100, also with several processes.
const postgresConns = 8

// A process that is frozen, or cut off, in a transaction keeps its locks until
// the server ends that: after this time without a statement.
const (
	idleInTransaction      = "idle_in_transaction_session_timeout"
	idleInTransactionLimit = "10s"
)

// applicationName names a process to the server and to who looks at its list.
const applicationName = "application_name"

// SQLSTATEs after which the same transaction may succeed, and those of a
// connection refused for what the address says.
const (
	pgSerializationFailure = "40001"
	pgDeadlockDetected     = "40P01"
	pgNoDatabase           = "3D000"
	pgAuthClass            = "28"
)

func pgCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// Session is what the sessions of this DB on a PostgreSQL server are called, and
// no others; "" on SQLite, and where the address names them.
func (db *DB) Session() string { return db.session }

// EndSessions ends all sessions of another DB on the same PostgreSQL server, and
// with them its transactions and locks: those of a process that has been given
// up, and may be frozen. It returns how many there were.
func (db *DB) EndSessions(ctx context.Context, session string) (ended int, err error) {
	if db.dialect != Postgres || session == "" || session == db.session {
		return 0, nil
	}
	var done []bool
	err = db.Read(ctx).Raw("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ? AND pid <> pg_backend_pid()", session).Scan(&done).Error
	if err != nil {
		return 0, fmt.Errorf("end the sessions of another process: %w", err)
	}
	return len(done), nil
}

func (db *DB) openPostgres(ctx context.Context, address string) error {
	config, err := postgresConfig(address)
	if err != nil {
		return err
	}
	if config.RuntimeParams[applicationName] == "" {
		db.session = "dragoman " + rand.Text()
		config.RuntimeParams[applicationName] = db.session
	}
	db.listener = config
	writers := config.Copy()
	if _, given := writers.RuntimeParams[idleInTransaction]; !given {
		writers.RuntimeParams[idleInTransaction] = idleInTransactionLimit
	}
	db.write = postgresPool(writers)
	readers := config.Copy()
	readers.RuntimeParams["default_transaction_read_only"] = "on"
	db.read = postgresPool(readers)
	for _, pool := range []*sql.DB{db.write, db.read} {
		if err := pool.PingContext(ctx); err != nil {
			return explainPostgres(config, err)
		}
	}
	return db.attach(Postgres, func(pool *sql.DB) gorm.Dialector {
		return postgres.New(postgres.Config{Conn: pool})
	})
}

func postgresPool(config *pgx.ConnConfig) *sql.DB {
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(postgresConns)
	pool.SetMaxIdleConns(postgresConns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return pool
}

// postgresConfig reads address. What cannot be read is not quoted: nobody can
// tell where the password in it ends.
func postgresConfig(address string) (*pgx.ConnConfig, error) {
	u, err := url.Parse(address)
	if err != nil || u.Opaque != "" || u.Fragment != "" || u.User == nil && strings.Contains(address, "@") {
		return nil, errors.New(`the address of the database is not a URL: it must read "postgres://user:password@host/database", ` +
			`with each of @ : / ? # and % in the password written as %40 %3A %2F %3F %23 %25`)
	}
	// Written anew, pgx cannot see a password elsewhere than net/url does.
	config, err := pgx.ParseConfig(u.String())
	if err == nil {
		return config, nil
	}
	reason := "pgx cannot read it"
	if inner := errors.Unwrap(err); inner != nil {
		password, _ := u.User.Password()
		reason = redact(inner.Error(), password, u.Query().Get("password"), u.Query().Get("sslpassword"))
	}
	return nil, fmt.Errorf("the address of the database (host %q): %s", u.Host, reason)
}

func explainPostgres(config *pgx.ConnConfig, err error) error {
	what := "the server cannot be reached: is it running, and is the address right?"
	switch code := pgCode(err); {
	case code == pgNoDatabase:
		what = "the database does not exist: create it (createdb), or correct the address"
	case strings.HasPrefix(code, pgAuthClass):
		what = "the server refused the user or the password: correct the address, or the server's pg_hba.conf"
	case code != "":
		what = "the server refused the connection"
	}
	message := fmt.Sprintf("PostgreSQL at %s port %d, database %q, user %q: %s", config.Host, config.Port, config.Database, config.User, what)
	if text := err.Error(); redact(text, config.Password) != text {
		return errors.New(message)
	}
	return fmt.Errorf("%s: %w", message, err)
}

// redact blots out secrets, however the text spells them.
func redact(text string, secrets ...string) string {
	for _, secret := range secrets {
		spellings := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(fmt.Sprintf("%q", secret), `"`)}
		slices.SortFunc(spellings, func(a, b string) int { return len(b) - len(a) })
		for _, s := range spellings {
			if s != "" {
				text = strings.ReplaceAll(text, s, "xxxxx")
			}
		}
	}
	return text
}
