package status

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"dragoman/bot"
	"dragoman/internal/clock"
)

const (
	// batch is how many changes are told at once.
	batch = 256
	// chunk is how many notices one transaction adds: it keeps others who
	// want to write from waiting for long.
	chunk = 500
	// retryAfter is the time until a database that failed is tried again.
	retryAfter = 5 * time.Second
	// farewell is how long the last changes may take when the bot stops.
	farewell = time.Second
	// directWait is how long a transport may take to accept a notice where
	// there is no outbox.
	directWait = 10 * time.Second
)

// teller takes changes to those who subscribed. Nobody waits for it: it keeps
// the latest change of each machine until it is stored, so what it holds is
// bounded by the machines there are.
//
// With an outbox, the transaction that stores the new state also adds the
// notices; whoever subscribed is told, whatever happens next. When there are
// many they are added in several transactions, and the state with the last one:
// if the bot dies in between, the change is found again, and the cause of the
// notices keeps those that were added from being added twice.
type teller struct {
	store   *machineStore
	notify  bot.Notifier
	clock   clock.Clock
	log     *slog.Logger
	watched func(*machine) bool
	wake    chan struct{} // holds one: there is something to do

	mu    sync.Mutex
	found pending // not stored yet
}

func newTeller(s *Skill) *teller {
	return &teller{
		store: s.store, notify: s.deps.Notify, clock: s.deps.Clock, log: s.log,
		watched: s.watch.watched,
		wake:    make(chan struct{}, 1),
	}
}

// add takes a change. One of the same machine that was not stored yet gives way
// to it.
func (t *teller) add(ch *change) {
	t.mu.Lock()
	t.found.put(ch)
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// waiting is how many changes are not stored yet, apart from those that are
// being told.
func (t *teller) waiting() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.found.order)
}

// run works until ctx ends, and then a moment more for what was found before.
func (t *teller) run(ctx context.Context) {
	retry := t.clock.NewTimer(retryAfter)
	defer retry.Stop()
	for ctx.Err() == nil {
		if t.step(ctx) {
			if t.waiting() > 0 {
				continue
			}
		} else {
			retry.Reset(retryAfter)
		}
		select {
		case <-t.wake:
		case <-retry.C():
		case <-ctx.Done():
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	for t.waiting() > 0 && t.step(last) {
	}
	t.leftOver()
}

// leftOver says what could not be told before the stop.
func (t *teller) leftOver() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.found.order) == 0 {
		return
	}
	var names []string
	for _, m := range t.found.order[:min(len(t.found.order), maxListed)] {
		names = append(names, m.Name)
	}
	t.log.Error("the bot stops before everybody was told how these machines changed; after the next start they are told",
		"machines", len(t.found.order), "names", names)
}

// step tells a batch of what was found. It reports false when the database did
// not go along; the changes then wait.
func (t *teller) step(ctx context.Context) bool {
	t.mu.Lock()
	list := t.found.take(batch)
	t.mu.Unlock()
	if len(list) == 0 {
		return true
	}
	err := t.tell(ctx, list)
	if err == nil {
		return true
	}
	t.mu.Lock()
	t.found.putBack(list)
	t.mu.Unlock()
	if !errors.Is(ctx.Err(), context.Canceled) { // which is the stop, after which there is another try
		t.log.Error("changes could not be stored; it is tried again", "changes", len(list), "err", err)
	}
	return false
}

// task is one step of telling a change: a notice to one place, or none where
// nobody is to be told. With the last one its state is stored.
type task struct {
	change *change
	notice *bot.Notice
	last   bool
}

// tell stores changes and adds their notices to the outbox.
func (t *teller) tell(ctx context.Context, list []*change) error {
	durable := bot.IsDurable(t.notify)
	var todo []task
	for first := true; first || len(todo) > 0; first = false {
		now := todo
		err := t.store.write(ctx, func(ctx context.Context) (err error) {
			if first {
				if todo, err = t.tasks(ctx, list); err != nil {
					return err
				}
			}
			now = todo
			if durable {
				now = todo[:min(len(todo), chunk)]
				if err := t.notifyAll(ctx, now); err != nil {
					return err
				}
			}
			return t.saveStates(ctx, now)
		})
		if err != nil {
			return err
		}
		for _, k := range now {
			if k.last {
				k.change.machine.told = k.change.stored()
			}
		}
		if !durable {
			t.direct(ctx, now)
		}
		todo = todo[len(now):]
	}
	return nil
}

// tasks are what is to be done about changes: one notice for each place,
// however many subscribed there, through whichever of our addresses.
func (t *teller) tasks(ctx context.Context, list []*change) ([]task, error) {
	keys := make([]string, len(list))
	for i, ch := range list {
		keys[i] = key(ch.machine.Name)
	}
	subs, err := t.store.subscribers(ctx, keys)
	if err != nil {
		return nil, err
	}
	var all []task
	for i, ch := range list {
		if !t.watched(ch.machine) {
			continue
		}
		before := len(all)
		if !ch.first {
			seen := make(map[bot.Destination]bool)
			for _, s := range subs[keys[i]] {
				to := s.destination()
				place := to
				place.From = ""
				if !seen[place] {
					seen[place] = true
					all = append(all, task{change: ch, notice: ch.notice(to)})
				}
			}
		}
		if len(all) == before {
			all = append(all, task{change: ch})
		}
		all[len(all)-1].last = true
	}
	return all, nil
}

// notice is the change as one place is told it.
//
// Its cause is what follows which state: after a crash the same change is found
// at another time, but it still follows the state that was stored last.
func (ch *change) notice(to bot.Destination) *bot.Notice {
	return &bot.Notice{
		To: to, Reply: bot.Say(ch.text()), At: ch.at,
		Cause: fmt.Sprintf("status: %s %v after %d", key(ch.machine.Name), ch.to, ch.machine.told),
	}
}

// stored is the number under which the change is stored: when it was found, but
// never the same as the one before.
func (ch *change) stored() int64 { return max(ch.at.UnixMilli(), ch.machine.told+1) }

// notifyAll adds notices to the outbox. One to a transport that is no longer
// there must not keep the others from being told.
func (t *teller) notifyAll(ctx context.Context, tasks []task) error {
	for _, k := range tasks {
		if k.notice == nil {
			continue
		}
		err := t.notify.Notify(ctx, *k.notice)
		if errors.Is(err, bot.ErrNoTransport) {
			t.log.Warn("a subscriber can no longer be told", "machine", k.change.machine.Name, "err", err)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// saveStates stores the states of which all notices were added.
func (t *teller) saveStates(ctx context.Context, tasks []task) error {
	var rows []stateRow
	var added []string // machines that may have been removed by now
	for _, k := range tasks {
		if !k.last {
			continue
		}
		ch := k.change
		rows = append(rows, stateRow{
			Machine: key(ch.machine.Name), State: ch.to.String(), Since: ch.since.UnixMilli(), Found: ch.stored(),
		})
		if !ch.machine.fixed {
			added = append(added, key(ch.machine.Name))
		}
	}
	return t.store.saveStates(ctx, rows, added)
}

// direct hands notices to the transports where there is no outbox. What they do
// not take is logged and lost.
func (t *teller) direct(ctx context.Context, tasks []task) {
	for _, k := range tasks {
		if k.notice == nil {
			continue
		}
		wait, cancel := context.WithTimeout(ctx, directWait)
		if err := t.notify.Notify(wait, *k.notice); err != nil {
			t.log.Error("a notice was not taken", "machine", k.change.machine.Name, "to", k.change.to,
				"transport", k.notice.To.Transport, "err", err)
		}
		cancel()
	}
}
