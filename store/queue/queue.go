package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"dragoman/internal/clock"
	"dragoman/store"
)

// Config is what a Queue needs.
type Config struct {
	// DB has the tables of Migrations.
	DB *store.DB
	// Clock says when a job is due and measures the pauses between attempts.
	Clock clock.Clock
	Log   *slog.Logger
	// Rand gives numbers from 0 up to 1 for the jitter; nil means
	// math/rand/v2. It is called from several goroutines.
	Rand func() float64
	// Dead is called in each transaction that makes a job dead or unknown,
	// which its ctx carries; what it adds commits with that. As long as it
	// fails, nothing of that kind is settled. It may be nil.
	Dead func(ctx context.Context, i Info) error
}

// Queue adds jobs and, while Run runs, works them. Its methods are safe for
// concurrent use. Several Queues, in one process or in several, may share a
// PostgreSQL database.
type Queue struct {
	db   *store.DB
	clk  clock.Clock
	log  *slog.Logger
	rand func() float64
	dead func(ctx context.Context, i Info) error
	sql  *statements

	id        string // tells our own notifications from others'
	running   atomic.Bool
	worker    atomic.Pointer[string] // under which jobs are claimed
	unsettled atomic.Bool            // Run ended with jobs that must be rescued
	notes     notifier
	unpruned  atomic.Int64 // settled since the last pruning
	pruneAt   atomic.Int64 // how many of them call for the next one
	pruneNow  chan struct{}
	keepMost  int

	mu       sync.Mutex
	lines    map[string]*line // by kind; fixed once Run was called
	watchers map[watchKey][]chan struct{}
}

// New returns a Queue on cfg.DB. It starts nothing.
func New(cfg Config) *Queue {
	q := &Queue{
		db: cfg.DB, clk: cfg.Clock, log: cfg.Log, rand: cfg.Rand, dead: cfg.Dead,
		sql:      statementsFor(cfg.DB.Dialect()),
		id:       newID(),
		pruneNow: make(chan struct{}, 1),
		keepMost: keepMost,
		lines:    make(map[string]*line),
		watchers: make(map[watchKey][]chan struct{}),
	}
	q.pruneAt.Store(pruneFirst)
	if q.rand == nil {
		q.rand = rand.Float64
	}
	return q
}

// Item is a job to be added.
type Item struct {
	// Kind says who handles it, such as "outbox:xmpp".
	Kind string
	// Key, if it is not empty, names the job: there is one live job (ready,
	// behind or running) for each Kind and Key, and adding another changes
	// nothing.
	Key string
	// Once lets Key count for as long as the row is kept, also after the job
	// was finished.
	Once bool
	// Group, if it is not empty, makes the job run after all jobs of the same
	// Kind and Group that were added earlier.
	Group string
	// RunAt is when the job is due, to the millisecond; zero means now. In a
	// group, what comes later waits for it.
	RunAt time.Time
	// Args are for the handler, as encoding/json writes them.
	Args any
}

// Added is what became of an Item.
type Added struct {
	ID int64
	// Existed: a job with that key was there; ID is its id and nothing was
	// added.
	Existed bool
}

// Add adds a job. It commits with the transaction that ctx carries (that of
// store.DB.Write), else at once, and runs soon after the commit. It fails if the
// item makes no sense or the database does.
func (q *Queue) Add(ctx context.Context, it Item) (Added, error) {
	payload, err := it.check()
	if err != nil {
		return Added{}, fmt.Errorf("queue: add a job: %w", err)
	}
	now := q.now()
	r := row{Kind: it.Kind, Key: it.Key, Once: it.Once, Grp: it.Group, RunAt: now, Added: now, Payload: payload}
	if !it.RunAt.IsZero() {
		r.RunAt = it.RunAt.UnixMilli()
	}
	var added Added
	err = q.within(ctx, func(ctx context.Context, tx gorm.ConnPool) (err error) {
		added, err = q.insert(ctx, tx, &r)
		return err
	})
	if err != nil {
		return Added{}, fmt.Errorf("queue: add a job of kind %q: %w", it.Kind, err)
	}
	return added, nil
}

func (it Item) check() (payload string, err error) {
	if it.Kind == "" {
		return "", errors.New("it has no kind")
	}
	for _, s := range []string{it.Kind, it.Key, it.Group} {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) { // PostgreSQL keeps neither
			return "", fmt.Errorf("%q is no text that a database keeps", s)
		}
	}
	if it.Once && it.Key == "" {
		return "", errors.New("it is to be there once, but has no key")
	}
	b, err := json.Marshal(it.Args)
	if err != nil {
		return "", fmt.Errorf("its arguments: %w", err)
	}
	return string(b), nil
}

// now is the time in the table: Unix milliseconds.
func (q *Queue) now() int64 { return q.clk.Now().UnixMilli() }

// within runs f in the transaction that ctx carries, without a savepoint, or
// else in one of its own.
func (q *Queue) within(ctx context.Context, f func(ctx context.Context, tx gorm.ConnPool) error) error {
	// In the context of a Write, Read is that transaction.
	if tx := q.db.Read(ctx).Statement.ConnPool; isTransaction(tx) {
		return f(q.statementContext(ctx), tx)
	}
	return q.write(ctx, f)
}

// write runs f in a transaction.
func (q *Queue) write(ctx context.Context, f func(ctx context.Context, tx gorm.ConnPool) error) error {
	return q.db.Write(ctx, func(tx *gorm.DB) error {
		return f(q.statementContext(tx.Statement.Context), tx.Statement.ConnPool)
	})
}

func isTransaction(pool gorm.ConnPool) bool {
	_, is := pool.(gorm.TxCommitter)
	return is
}

// statementContext is for the short statements of this package. SQLite's driver
// starts a goroutine for each one whose context can end, and an interrupted
// statement undoes the whole transaction.
func (q *Queue) statementContext(ctx context.Context) context.Context {
	if q.db.Dialect() == store.SQLite {
		return context.WithoutCancel(ctx)
	}
	return ctx
}
