package lease

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"dragoman/internal/clock"
	"dragoman/store"
)

// Held is the ownership of some names, from when they were taken until they were
// lost or released. It is safe for concurrent use.
type Held struct {
	db     *store.DB
	names  []string
	owner  string // of this ownership only: another epoch has another owner
	epochs map[string]int64

	mu      sync.Mutex
	left    *deadline               // nil on SQLite, where there is none
	renewed chan struct{}           // tells watch of another timer
	ended   chan struct{}           // closed once it is over
	end     context.CancelCauseFunc // ends the work under it
}

// Epoch counts how often name was taken, by anybody. It never goes back. It is
// zero for names that are not among those held.
func (h *Held) Epoch(name string) int64 { return h.epochs[name] }

// Valid reports whether the names are certainly ours, by our own clock. It is
// exact also in a process that was frozen and has just gone on.
func (h *Held) Valid() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.valid()
}

// valid needs the lock. It looks at the timer itself, because watch may not have
// had its turn.
func (h *Held) valid() bool {
	select {
	case <-h.ended:
		return false
	default:
	}
	if h.left == nil {
		return true
	}
	select {
	case <-h.left.exact.C():
		h.over(ErrLost)
		return false
	default:
		return true
	}
}

// over needs the lock, and comes once. The context of the work ends here and
// not a moment later, so that what the work returns because of it is not taken
// for its own end.
func (h *Held) over(cause error) {
	close(h.ended)
	h.end(cause)
}

// lapse ends it.
func (h *Held) lapse(cause error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.valid() {
		h.over(cause)
	}
	if h.left != nil {
		h.left.stop()
	}
}

// extend puts the end off, unless it was reached.
func (h *Held) extend(left *deadline) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.valid() {
		return false
	}
	h.left.stop()
	h.left = left
	select {
	case h.renewed <- struct{}{}:
	default:
	}
	return true
}

// watch ends the ownership at its time, and returns at its end or that of ctx:
// on PostgreSQL.
func (h *Held) watch(ctx context.Context) {
	for {
		select {
		case <-h.deadline().bell.C():
			h.lapse(ErrLost)
			return
		case <-h.ended:
			return
		case <-h.renewed:
		case <-ctx.Done():
			return
		}
	}
}

func (h *Held) deadline() *deadline {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.left
}

// Check makes sure, inside the transaction that ctx carries, that all names are
// ours, and that nobody else can take them until that transaction ends. Else it
// returns ErrLost, and the transaction is to be rolled back. If it is the
// database that says so, the ownership ends at that moment, and the context of
// f with it.
func (h *Held) Check(ctx context.Context) error {
	if !h.db.InWrite(ctx) {
		return errors.New("lease: Check outside of a transaction proves nothing")
	}
	if !h.Valid() {
		return fmt.Errorf("lease: it has ended here: %w", ErrLost)
	}
	n, err := confirm(ctx, h)
	if err != nil {
		return fmt.Errorf("lease: %w", err)
	}
	if ctx.Err() != nil { // whatever was counted, it is no answer
		return fmt.Errorf("lease: %w", ctx.Err())
	}
	if n != len(h.names) {
		h.lapse(ErrLost)
		return fmt.Errorf("lease: by the database: %w", ErrLost)
	}
	return nil
}

// deadline is when an ownership ends by our own clock, told in two ways: exact
// is only looked at, and so answers rightly at any moment; bell wakes.
type deadline struct{ exact, bell clock.Timer }

func newDeadline(c clock.Clock, d time.Duration) *deadline {
	return &deadline{exact: c.NewTimer(d), bell: c.NewTimer(d)}
}

func (d *deadline) stop() {
	d.exact.Stop()
	d.bell.Stop()
}
