// Package lease gives a name, such as an XMPP address, to one process at a time,
// among several that share a database.
//
// On PostgreSQL a lease is a row with an owner, an epoch that counts its owners,
// and an expiry by the database's own clock. The owner renews it every 5 s for
// 15 s. When it cannot, the context of its work ends 1.5 s before the lease can
// expire, measured on its own monotonic clock: steps of any clock do not matter.
// An owner that was killed or frozen is followed by another within 20 s.
//
// On SQLite the process that owns the file (store.DB.Own) owns every name; the
// epoch still counts. Its end, however it ends, lets the next one in at once. A
// process that is frozen keeps the file. The owner looks every 5 s whether its
// files are still there: without them it would go on writing to what is lost.
//
// # What a lease cannot do
//
// A process that was frozen and goes on may act for a moment before it notices.
// What it writes to the database is safe behind Held.Check, which no lapse can
// overtake. What it does elsewhere is not, so it asks Held.Valid right before.
// Time during which the whole machine was suspended may not count on the
// monotonic clock.
package lease

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"dragoman/internal/clock"
	"dragoman/store"
)

// ErrLost says that a name is, or may be, somebody else's.
var ErrLost = errors.New("the lease is lost")

// times are how long things take.
type times struct {
	renew  time.Duration // between two renewals
	last   time.Duration // from a renewal to the expiry
	margin time.Duration // from the end of the work to the expiry
}

var usual = times{renew: 5 * time.Second, last: 15 * time.Second, margin: 1500 * time.Millisecond}

// ours is how long a lease is good for by our own clock.
func (t times) ours() time.Duration { return t.last - t.margin }

// patience bounds one conversation with the database.
func (t times) patience() time.Duration { return t.renew / 2 }

// again is when a conversation that failed is tried again.
func (t times) again() time.Duration { return t.renew / 10 }

// look is how often somebody who waits looks, at least.
func (t times) look() time.Duration { return t.renew / 5 }

// Keeper takes leases. It is safe for concurrent use. A process has one for a
// database.
type Keeper struct {
	db    *store.DB
	clock clock.Clock
	log   *slog.Logger
	times times
	label string // tells a human which process this is

	mu    sync.Mutex
	taken map[string]time.Time // on SQLite: the names that are held, since when
}

// New returns a Keeper on db, which needs Migrations.
func New(db *store.DB, c clock.Clock, log *slog.Logger) *Keeper {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return &Keeper{db: db, clock: c, log: log, times: usual,
		label: fmt.Sprintf("pid %d on %s", os.Getpid(), host), taken: make(map[string]time.Time)}
}

// Hold waits until this process owns all names, all at once, and runs f. The
// context of f ends before any of the names can be somebody else's: f then stops
// what it does under them and returns, and Hold waits anew. Its cause is ErrLost.
//
// When f returns by itself, or because ctx has ended, the names are released and
// Hold returns its error. Until then they stay ours, also while f still tidies
// up. If ctx ends while Hold waits, it returns the error of ctx. A database that
// cannot be reached is waited for. If the SQLite file or its lock was removed or
// replaced, f ends as with any loss, and Hold returns a store.ErrReplaced.
func (k *Keeper) Hold(ctx context.Context, names []string, f func(ctx context.Context, h *Held) error) error {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	if len(names) == 0 || names[0] == "" {
		return errors.New("lease: there is no name to hold")
	}
	if k.db.Dialect() == store.SQLite {
		release, err := k.db.Own(ctx)
		if err != nil {
			return fmt.Errorf("lease: %w", err)
		}
		defer release()
	}
	for {
		if err := k.db.StillOwned(ctx); err != nil {
			return fmt.Errorf("lease: %w", err)
		}
		h, err := k.wait(ctx, names)
		if err != nil {
			return fmt.Errorf("lease: %w", err)
		}
		k.log.InfoContext(ctx, "lease taken", "names", names, "epochs", h.epochs)
		lost, err := k.run(ctx, h, f)
		if !lost {
			return err
		}
		k.log.WarnContext(ctx, "lease lost: what was done under it has ended", "names", names, "error", err)
	}
}

// wait takes the names as soon as they are free.
func (k *Keeper) wait(ctx context.Context, names []string) (*Held, error) {
	var told, failing bool
	for {
		h, by, err := k.try(ctx, names)
		pause := k.times.look()
		switch {
		case ctx.Err() != nil:
			k.release(ctx, h)
			return nil, ctx.Err()
		case err != nil:
			if !failing {
				k.log.WarnContext(ctx, "the database does not say whose the lease is: asking until it does", "names", names, "error", err)
			}
		case h != nil:
			return h, nil
		case !told:
			k.log.InfoContext(ctx, "waiting for the lease", "name", by.Name, "holder", by.Holder, "since", time.UnixMilli(by.Since).UTC())
			told = true
			fallthrough
		default:
			pause = max(min(pause, time.Duration(by.Left)*time.Millisecond), 10*time.Millisecond)
		}
		failing = err != nil
		if err := clock.Sleep(ctx, k.clock, pause); err != nil {
			return nil, err
		}
	}
}

// run has f work while h is renewed. It reports whether f ended because the
// lease was lost.
func (k *Keeper) run(ctx context.Context, h *Held, f func(context.Context, *Held) error) (lost bool, err error) {
	work, cancel := context.WithCancelCause(ctx)
	h.end = cancel
	// The renewals do not end with ctx, since f may need time to tidy up.
	keep, stop := context.WithCancel(context.WithoutCancel(ctx))
	var helpers sync.WaitGroup
	if h.left != nil {
		helpers.Go(func() { h.watch(keep) })
		helpers.Go(func() { k.renew(keep, h) })
	} else {
		helpers.Go(func() { k.guard(keep, h) })
	}
	defer func() {
		cancel(nil)
		stop()
		helpers.Wait()
		h.lapse(nil)
		k.release(ctx, h)
	}()
	err = f(work, h)
	return errors.Is(context.Cause(work), ErrLost), err
}

// renew renews h until ctx ends or h is lost.
func (k *Keeper) renew(ctx context.Context, h *Held) {
	pause, failing := k.times.renew, false
	for clock.Sleep(ctx, k.clock, pause) == nil {
		left := newDeadline(k.clock, k.times.ours()) // from before the database starts to count
		asking, cancel := context.WithTimeout(ctx, k.times.patience())
		err := k.extend(asking, h)
		cancel()
		if err == nil && h.extend(left) {
			pause, failing = k.times.renew, false
			continue
		}
		left.stop()
		if err == nil || errors.Is(err, ErrLost) {
			h.lapse(ErrLost)
			return
		}
		if !failing && ctx.Err() == nil {
			k.log.WarnContext(ctx, "the lease was not renewed: trying until it expires", "names", h.names, "error", err)
		}
		pause, failing = k.times.again(), true
	}
}

// guard ends h when its files are gone, until ctx ends: on SQLite.
func (k *Keeper) guard(ctx context.Context, h *Held) {
	for clock.Sleep(ctx, k.clock, k.times.renew) == nil {
		if err := k.db.StillOwned(ctx); errors.Is(err, store.ErrReplaced) {
			h.lapse(fmt.Errorf("%w: %w", ErrLost, err))
			return
		}
	}
}
