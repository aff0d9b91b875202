package bottest

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"time"

	"dragoman/bot"
	"dragoman/internal/clock"
)

// Ledger is a bot.Outbox and a bot.Journal in memory, which Start, Run and Play
// give to a bot that has none, so that skills are tested as they will run: what
// a command that changes something says is committed and then delivered, and its
// repetition does nothing. An error of a transaction drops what was added in
// it. It knows nothing of package store: what a skill wrote to a database in a
// transaction that fails here stays there.
//
// It delivers like package bot/outbox: in order to each destination, trying again
// what did not arrive, and asking a bot.Courier about its fate; what a plain
// transport took has arrived. What is not delivered when its Run ends is
// delivered by the next Run, as after a restart.
type Ledger struct {
	clock clock.Clock

	mu         sync.Mutex
	noted      map[string]time.Time
	busy       map[string]chan struct{} // keys of transactions that are running
	faults     []Fault
	entries    []*entry // in the order of their commits
	byID       map[string]*entry
	again      []string // the ids that Again was asked for
	lanes      map[bot.Destination]*lane
	run        func(bot.Destination, *lane) // starts a lane; nil while nobody delivers
	transports map[string]bot.Transport     // of the last Run
}

// entry is one message in the outbox.
type entry struct {
	out        bot.Outgoing
	fate       bot.FateState // of the last try; not final while it waits in a lane
	repeats    bool          // it tells openly what was in doubt
	repetition *entry        // that tells this one openly
	tried      bool
	moved      chan struct{} // closed when it was tried
}

// Fault makes a transaction of the journal fail, or run twice.
type Fault struct {
	At  Moment
	Err error
}

// Moment is when a fault happens.
type Moment uint8

// The moments of faults.
const (
	// Never: this transaction goes well.
	Never Moment = iota
	// Before anything runs.
	Before
	// In the commit, of which nothing remains.
	In
	// After the commit, whose success nobody hears of.
	After
	// Twice: no failure, but what was done is rolled back and done again, as
	// a database does after a deadlock.
	Twice
)

// NewLedger makes an empty Ledger.
func NewLedger(c clock.Clock) *Ledger {
	return &Ledger{
		clock: c, noted: make(map[string]time.Time), busy: make(map[string]chan struct{}),
		byID: make(map[string]*entry), lanes: make(map[bot.Destination]*lane),
	}
}

// Fail has the next transactions fail like that, one after the other.
func (l *Ledger) Fail(faults ...Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, faults...)
}

// Added is all that was committed to the outbox so far, in order.
func (l *Ledger) Added() []bot.Outgoing {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []bot.Outgoing
	for _, e := range l.entries {
		all = append(all, e.out)
	}
	return all
}

// AskedAgain are the ids that Again was called with, in order.
func (l *Ledger) AskedAgain() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.again)
}

type ledgerKey struct{ *Ledger }

// transaction is what was added under one context of Once.
type transaction struct{ added []bot.Outgoing }

// Once implements bot.Journal.
func (l *Ledger) Once(ctx context.Context, key string, keep time.Duration, do func(ctx context.Context) error) (again bool, err error) {
	fault, again, err := l.begin(ctx, key, keep)
	if again || err != nil {
		return again, err
	}
	defer l.end(key)
	if fault.At == Before {
		return false, failed(fault)
	}
	tx := &transaction{}
	inside := context.WithValue(ctx, ledgerKey{l}, tx)
	if fault.At == Twice {
		if err := do(inside); err != nil {
			return false, err
		}
		tx.added = nil
	}
	if err := do(inside); err != nil {
		return false, err
	}
	if err := ctx.Err(); err != nil {
		return false, fmt.Errorf("not committed: %w", err)
	}
	if fault.At == In {
		return false, failed(fault)
	}
	l.commit(key, tx.added)
	if fault.At == After {
		return false, failed(fault)
	}
	return false, nil
}

func failed(f Fault) error { return fmt.Errorf("%w: %w", bot.ErrNotAccepted, f.Err) }

// begin waits until no other transaction has the key, and looks it up.
func (l *Ledger) begin(ctx context.Context, key string, keep time.Duration) (f Fault, again bool, err error) {
	for {
		l.mu.Lock()
		other := l.busy[key]
		if other == nil {
			break
		}
		l.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return f, false, ctx.Err()
		}
	}
	defer l.mu.Unlock()
	if len(l.faults) > 0 {
		f, l.faults = l.faults[0], l.faults[1:]
	}
	if at, ok := l.noted[key]; ok && f.At != Before && l.clock.Now().Sub(at) < keep {
		return f, true, nil
	}
	l.busy[key] = make(chan struct{})
	return f, false, nil
}

func (l *Ledger) end(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.busy[key])
	delete(l.busy, key)
}

func (l *Ledger) commit(key string, added []bot.Outgoing) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if key != "" {
		l.noted[key] = l.clock.Now()
	}
	for _, out := range added {
		if l.byID[out.ID] != nil {
			continue
		}
		e := &entry{out: out, moved: make(chan struct{})}
		l.entries = append(l.entries, e)
		l.byID[out.ID] = e
		l.queue(e)
	}
}

// Add implements bot.Outbox.
func (l *Ledger) Add(ctx context.Context, out bot.Outgoing) error {
	if err := l.check(out); err != nil {
		return err
	}
	if out.ID == "" {
		out.ID = rand.Text()
	}
	if out.At.IsZero() {
		out.At = l.clock.Now()
	}
	if tx, ok := ctx.Value(ledgerKey{l}).(*transaction); ok {
		tx.added = append(tx.added, out)
		return nil
	}
	l.commit("", []bot.Outgoing{out})
	return nil
}

// Again implements bot.Outbox.
func (l *Ledger) Again(_ context.Context, id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.again = append(l.again, id)
	l.resend(l.byID[id])
	return nil
}

// Sent implements bot.Outbox.
func (l *Ledger) Sent(ctx context.Context, id string) {
	l.mu.Lock()
	e := l.byID[id]
	l.mu.Unlock()
	if e == nil {
		return
	}
	select {
	case <-e.moved:
	case <-ctx.Done():
	}
}
