package status

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"dragoman/bot"
	"dragoman/scheduler"
	"dragoman/skills/status/check"
)

// maxChanges is how many changes may wait to be told; a check that finds one
// more waits with it.
const maxChanges = 256

// watch holds what is known of each machine. Checks write it, commands read
// it.
type watch struct {
	skill   *Skill
	changes chan change

	mu sync.RWMutex
	by map[string]*machine
}

// machine is one watched machine.
type machine struct {
	Machine
	fixed bool // declared in the file
	check check.Check

	known  bool        // state was established, now or before a restart
	state  check.State // settled: it held for as many checks as required
	since  time.Time   // when the settled state began, as far as known
	latest check.Result

	rival  check.State // a different state that recent checks report
	streak int         // how many of them in a row
}

// change is a transition that subscribers are told about.
type change struct {
	name     string
	from, to check.State
	lasted   time.Duration // the time in the state before
	at       time.Time
}

func newWatch(s *Skill) *watch {
	return &watch{skill: s, changes: make(chan change, maxChanges), by: make(map[string]*machine)}
}

// add begins to watch a machine, with the state that was stored of it.
func (w *watch) add(m Machine, fixed bool, stored stateRow) error {
	if m.Timeout == 0 {
		m.Timeout = w.skill.cfg.Timeout
	}
	c, err := check.New(m.Spec, w.skill.deps.Check)
	if err != nil {
		return err
	}
	k := key(m.Name)
	w.mu.Lock()
	if _, taken := w.by[k]; taken {
		w.mu.Unlock()
		return bot.Refuse("There is already a machine %s.", m.Name)
	}
	n := &machine{Machine: m, fixed: fixed, check: c}
	if stored.Machine != "" {
		n.known, n.since = true, time.UnixMilli(stored.Since)
		n.state = stored.state()
	}
	w.by[k] = n
	w.mu.Unlock()
	w.skill.sched.Add(k, scheduler.Every(w.skill.cfg.Interval), func(ctx context.Context, _ time.Time) {
		w.look(ctx, k, c)
	})
	return nil
}

// remove stops watching a machine.
func (w *watch) remove(name string) {
	k := key(name)
	w.skill.sched.Remove(k)
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.by, k)
}

// get is a copy of what is known of a machine.
func (w *watch) get(name string) (machine, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if m, ok := w.by[name]; ok { // most people write a name as it is
		return *m, true
	}
	m, ok := w.by[key(name)]
	if !ok {
		return machine{}, false
	}
	return *m, true
}

// all is a copy of every machine, by name.
func (w *watch) all() []machine {
	w.mu.RLock()
	defer w.mu.RUnlock()
	list := make([]machine, 0, len(w.by))
	for _, m := range w.by {
		list = append(list, *m)
	}
	slices.SortFunc(list, func(a, b machine) int { return strings.Compare(key(a.Name), key(b.Name)) })
	return list
}

// look runs one check and takes note of its result.
func (w *watch) look(ctx context.Context, k string, c check.Check) {
	r := c.Check(ctx)
	if ctx.Err() != nil {
		return // the stop of the bot says nothing about the machine
	}
	ch, changed := w.note(k, r)
	if !changed {
		return
	}
	row := stateRow{Machine: k, State: ch.to.String(), Since: ch.at.UnixMilli()}
	if err := w.skill.store.saveState(ctx, row); err != nil {
		w.skill.log.Error("state could not be stored; after a restart the change will be told again", "machine", ch.name, "err", err)
	}
	if ch.from == ch.to {
		return // established for the first time: nothing changed
	}
	w.skill.log.Info("machine changed", "machine", ch.name, "from", ch.from, "to", ch.to, "detail", r.Detail)
	select {
	case w.changes <- ch:
	case <-ctx.Done():
	}
}

// note applies one result and reports whether the settled state changed. The
// first state ever established is a change from itself.
func (w *watch) note(k string, r check.Result) (change, bool) {
	now := w.skill.deps.Clock.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	m, ok := w.by[k]
	if !ok {
		return change{}, false // removed while it was being checked
	}
	m.latest = r
	if m.known && r.State == m.state {
		m.streak = 0
		if m.state == check.Up && !r.Since.IsZero() {
			m.since = r.Since
		}
		return change{}, false
	}
	if r.State != m.rival {
		m.rival, m.streak = r.State, 0
	}
	m.streak++
	if m.known && r.State != check.Up && m.streak < w.skill.cfg.Failures {
		return change{}, false
	}
	ch := change{name: m.Name, from: m.state, to: r.State, at: now}
	if m.known {
		ch.lasted = now.Sub(m.since)
	} else {
		ch.from = r.State
	}
	m.known, m.state, m.since, m.streak = true, r.State, now, 0
	if r.State == check.Up && !r.Since.IsZero() {
		m.since = r.Since
	}
	return ch, true
}

// announce tells subscribers of changes, in the order in which they happened,
// until ctx ends.
func (w *watch) announce(ctx context.Context) {
	for {
		select {
		case ch := <-w.changes:
			w.tell(ctx, ch)
		case <-ctx.Done():
			return
		}
	}
}

// text is the wording of a change.
func (ch change) text() string {
	switch ch.to {
	case check.Up:
		return fmt.Sprintf("%s is up again after %s.", ch.name, check.Span(ch.lasted))
	case check.Down:
		return ch.name + " has gone down."
	}
	return fmt.Sprintf("%s can no longer be seen; its state is unknown.", ch.name)
}

// tellTimeout is how long one transport may take to accept the notices of one
// change.
const tellTimeout = time.Minute

// tell sends one notice to each place that subscribed. The transports work side
// by side, so that a dead one delays no other.
func (w *watch) tell(ctx context.Context, ch change) {
	subs, err := w.skill.store.subscribers(ctx, ch.name)
	if err != nil {
		w.skill.log.Error("subscribers could not be read; a change was not told", "machine", ch.name, "err", err)
		return
	}
	by := make(map[string][]bot.Destination)
	seen := make(map[bot.Destination]bool)
	for _, s := range subs {
		d := s.destination()
		seenKey := d
		seenKey.From = "" // whichever of our addresses they subscribed through
		if !seen[seenKey] {
			seen[seenKey] = true
			by[d.Transport] = append(by[d.Transport], d)
		}
	}
	var wg sync.WaitGroup
	for transport, to := range by {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, tellTimeout)
			defer cancel()
			for i, d := range to {
				if err := w.skill.deps.Notify.Notify(ctx, d, bot.Say(ch.text())); err != nil {
					w.skill.log.Error("notice was not taken", "machine", ch.name, "transport", transport, "err", err)
					if ctx.Err() != nil {
						w.skill.log.Error("notices were given up", "machine", ch.name, "transport", transport, "missed", len(to)-i)
						return
					}
				}
			}
		})
	}
	wg.Wait()
}
