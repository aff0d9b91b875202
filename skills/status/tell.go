package status

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"dragoman/bot"
	"dragoman/internal/clock"
)

const (
	// patience is how long transports may take to accept the notices of a
	// change: a server has been restarted by then, and the news is old.
	patience = 10 * time.Minute
	// farewell is how long they may take when the bot stops, and the
	// database after that.
	farewell = time.Second
	// retryAfter is the time until a database that failed is tried again.
	retryAfter = 5 * time.Second
	// batch is how many changes are handed out, and states stored, at once:
	// when everything fails together, what was told is stored soon all the same.
	batch = 256
)

// teller takes changes to those who subscribed. Nobody waits for it: it keeps
// the latest change of each machine, so what it holds is bounded by the
// machines and the subscriptions there are.
//
// One goroutine reads who is to be told and hands the notices to lanes, each
// of which delivers them in order at its own pace. When the last lane is done
// with a change, it is stored as told.
type teller struct {
	store   *machineStore
	notify  bot.Notifier
	clock   clock.Clock
	log     *slog.Logger
	watched func(*machine) bool
	wake    chan struct{}  // holds one: there is something to do
	driving sync.WaitGroup // the lanes

	mu    sync.Mutex
	seq   uint64
	found pending              // not handed to lanes yet
	told  map[*machine]*change // to everybody, but not stored yet
	open  map[*change]int      // lanes that still have it
	lanes map[laneKey]*lane    // those that have something to do
}

func newTeller(s *Skill) *teller {
	return &teller{
		store: s.store, notify: s.deps.Notify, clock: s.deps.Clock, log: s.log,
		watched: s.watch.watched,
		wake:    make(chan struct{}, 1),
		told:    make(map[*machine]*change),
		open:    make(map[*change]int),
		lanes:   make(map[laneKey]*lane),
	}
}

// add takes a change. One of the same machine that nobody was told of yet gives
// way to it.
func (t *teller) add(ch *change) {
	t.mu.Lock()
	t.seq++
	ch.seq = t.seq
	if ch.first {
		t.toldAll(ch)
	} else {
		t.found.put(notice{change: ch})
	}
	t.mu.Unlock()
	t.rouse()
}

// rouse makes run look again.
func (t *teller) rouse() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// toldAll notes that a change is to be stored, unless a later one was. The
// caller holds the lock.
func (t *teller) toldAll(ch *change) {
	if ch.seq > ch.machine.saved {
		ch.machine.saved = ch.seq
		t.told[ch.machine] = ch
	}
}

// run works until ctx ends, and then a moment more for what was found before.
func (t *teller) run(ctx context.Context) {
	// The lanes have a context of their own, to take leave.
	lanes, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	retry := t.clock.NewTimer(retryAfter)
	defer retry.Stop()
	for ctx.Err() == nil {
		more, ok := t.step(ctx, lanes)
		if ok && more {
			continue
		}
		if !ok {
			retry.Reset(retryAfter)
		}
		select {
		case <-t.wake:
		case <-retry.C():
		case <-ctx.Done():
		}
	}
	t.finish(ctx, lanes, hangUp)
	t.leftOver()
}

// step does a batch of what there is to do. It reports whether there is more,
// and whether the database went along.
func (t *teller) step(ctx, lanes context.Context) (more, ok bool) {
	handed := t.handOut(ctx, lanes)
	saved := t.save(ctx)
	found, told := t.waiting()
	return found+told > 0, handed && saved
}

// waiting is how many changes are to be handed out, and how many to be stored.
func (t *teller) waiting() (found, told int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.found.order), len(t.told)
}

// finish tells what was found before the stop, as far as it can be told soon.
func (t *teller) finish(ctx, lanes context.Context, hangUp func()) {
	last, cancel := context.WithTimeout(lanes, farewell)
	defer cancel()
	for more, ok := t.step(last, lanes); more && ok; more, ok = t.step(last, lanes) {
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		t.driving.Wait()
	}()
	select {
	case <-ended:
	case <-last.Done():
		hangUp()
		<-ended
	}
	saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	for t.save(saving) {
		if _, told := t.waiting(); told == 0 {
			break
		}
	}
}

// leftOver says what could not be told before the stop.
func (t *teller) leftOver() {
	t.mu.Lock()
	defer t.mu.Unlock()
	names := make(map[string]bool)
	for _, m := range t.found.order {
		names[m.Name] = true
	}
	for ch := range t.open {
		names[ch.machine.Name] = true
	}
	if len(names) == 0 {
		return
	}
	list := slices.Sorted(maps.Keys(names))
	t.log.Error("the bot stops before everybody was told how these machines changed; after the next start they are told again",
		"machines", len(list), "names", list[:min(len(list), maxListed)])
}

// handOut gives the lanes a batch of what was found. It reports false when the
// database did not say who is to be told; the changes then wait.
func (t *teller) handOut(ctx, lanes context.Context) bool {
	t.mu.Lock()
	list := t.found.takeAll(batch)
	t.mu.Unlock()
	if len(list) == 0 {
		return true
	}
	keys := make([]string, len(list))
	for i, n := range list {
		keys[i] = key(n.change.machine.Name)
	}
	subs, err := t.store.subscribers(ctx, keys)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		for i, n := range list {
			t.assign(lanes, n.change, subs[keys[i]])
		}
		return true
	}
	for _, n := range slices.Backward(list) {
		t.found.putBack(n)
	}
	if !errors.Is(ctx.Err(), context.Canceled) {
		t.log.Error("subscribers could not be read; it is tried again", "changes", len(list), "err", err)
	}
	return false
}

// assign gives each lane its part of a change, with one notice for each place
// however many subscribed there, through whichever of our addresses. The caller
// holds the lock.
func (t *teller) assign(ctx context.Context, ch *change, subs []subscription) {
	parts := make(map[laneKey][]bot.Destination)
	seen := make(map[bot.Destination]bool, len(subs))
	for _, s := range subs {
		d := s.destination()
		place := d
		place.From = ""
		if !seen[place] {
			seen[place] = true
			parts[laneOf(d)] = append(parts[laneOf(d)], d)
		}
	}
	if len(parts) == 0 {
		t.toldAll(ch)
		return
	}
	t.open[ch] = len(parts)
	for k, to := range parts {
		l := t.lanes[k]
		if l == nil {
			l = &lane{key: k, teller: t}
			t.lanes[k] = l
			t.driving.Go(func() { l.drive(ctx) })
		}
		if before, waited := l.waiting.put(notice{ch, to}); waited {
			t.close(before.change)
		}
	}
}

// close notes that one lane is done with a change. The caller holds the lock.
func (t *teller) close(ch *change) {
	if t.open[ch]--; t.open[ch] > 0 {
		return
	}
	delete(t.open, ch)
	t.toldAll(ch)
	t.rouse()
}

// save stores a batch of the states that people have been told of, and reports
// whether it could.
func (t *teller) save(ctx context.Context) bool {
	changes := t.takeTold()
	var rows []stateRow
	for _, ch := range changes {
		if t.watched(ch.machine) {
			rows = append(rows, stateRow{Machine: key(ch.machine.Name), State: ch.to.String(), Since: ch.since.UnixMilli()})
		}
	}
	if len(rows) == 0 {
		return true
	}
	err := t.store.saveStates(ctx, rows)
	if err == nil {
		return true
	}
	if !errors.Is(ctx.Err(), context.Canceled) { // which is the stop, after which there is another try
		t.log.Error("states could not be stored; it is tried again, and a stop before it succeeds means that changes are told twice",
			"machines", len(rows), "err", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, ch := range changes {
		if t.told[ch.machine] == nil { // else there is a later one
			t.told[ch.machine] = ch
		}
	}
	return false
}

func (t *teller) takeTold() []*change {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []*change
	for m, ch := range t.told {
		if len(list) == batch {
			break
		}
		list = append(list, ch)
		delete(t.told, m)
	}
	return list
}
