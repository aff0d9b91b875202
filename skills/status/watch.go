package status

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"dragoman/bot"
	"dragoman/scheduler"
	"dragoman/skills/status/check"
)

// watch holds what is known of each machine. Checks write it, commands read
// it.
type watch struct {
	skill *Skill

	mu    sync.RWMutex
	by    map[string]*machine
	names []string // sorted; nil after a machine came or went
}

// machine is one watched machine. Another one that is added under its name
// later is not it.
type machine struct {
	Machine
	fixed bool // declared in the file
	check check.Check

	status               // guarded by watch.mu
	asked  chan struct{} // closed when a check that somebody waits for has ended; guarded by watch.mu
	told   int64         // stateRow.Found of what is stored; the teller's own
}

// status is what is known of a machine.
type status struct {
	settled   bool         // state is established, now or before a restart
	confirmed bool         // and a check of this run has agreed with it
	state     check.State  // it held for as many checks as required
	since     time.Time    // when it began, as far as known
	latest    check.Result // of this run; its At is zero before the first

	streak int         // latest results in a row that differ from state
	rival  check.State // what they say, Unknown where they differ among themselves
	turned time.Time   // the first of them
}

// change is a transition that subscribers are told about, or the first state
// ever established, of which nobody is told.
type change struct {
	machine  *machine
	first    bool
	from, to check.State
	since    time.Time     // when the new state began
	lasted   time.Duration // the time in the state before
	at       time.Time     // when it was found
}

func newWatch(s *Skill) *watch { return &watch{skill: s, by: make(map[string]*machine)} }

// add begins to watch a machine, with the state that was stored of it.
func (w *watch) add(m Machine, fixed bool, stored stateRow) (*machine, error) {
	n, err := w.prepare(m, fixed, stored)
	if err == nil {
		err = w.insert(n)
	}
	return n, err
}

// prepare makes a machine that nobody watches yet.
func (w *watch) prepare(m Machine, fixed bool, stored stateRow) (*machine, error) {
	if m.Timeout == 0 {
		m.Timeout = w.skill.cfg.Timeout
	}
	c, err := w.skill.deps.NewCheck(m.Spec, w.skill.deps.Check)
	if err != nil {
		return nil, err
	}
	n := &machine{Machine: m, fixed: fixed, check: c, told: w.skill.deps.Clock.Now().UnixMilli()}
	if stored.Machine != "" {
		n.settled, n.state, n.since, n.told = true, stored.state(), time.UnixMilli(stored.Since), stored.Found
	}
	return n, nil
}

// insert begins to watch a machine.
func (w *watch) insert(n *machine) error {
	k := key(n.Name)
	w.mu.Lock()
	if taken, ok := w.by[k]; ok {
		w.mu.Unlock()
		return errTaken(taken.Name)
	}
	w.by[k], w.names = n, nil
	w.mu.Unlock()
	w.skill.sched.Add(k, scheduler.Every(w.skill.cfg.Interval), func(ctx context.Context, _ time.Time) {
		w.look(ctx, n)
	})
	return nil
}

func errTaken(name string) error { return bot.Refuse("There is already a machine %s.", name) }

// remove stops watching a machine.
func (w *watch) remove(m *machine) {
	k := key(m.Name)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by[k] != m {
		return
	}
	w.skill.sched.Remove(k)
	delete(w.by, k)
	w.names = nil
}

// watched reports whether the machine has not been removed.
func (w *watch) watched(m *machine) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.by[key(m.Name)] == m
}

// get finds a machine by its name, whatever its case.
func (w *watch) get(name string) (*machine, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if m, ok := w.by[name]; ok { // most people write a name as it is
		return m, true
	}
	m, ok := w.by[key(name)]
	return m, ok
}

// status is what is known of the machine at the moment.
func (w *watch) status(m *machine) status {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return m.status
}

// sorted are the names of all machines. The caller must not change them.
func (w *watch) sorted() []string {
	w.mu.RLock()
	names := w.names
	w.mu.RUnlock()
	if names != nil {
		return names
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	keys := make([]string, 0, len(w.by))
	for k := range w.by {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	w.names = make([]string, len(keys))
	for i, k := range keys {
		w.names[i] = w.by[k].Name
	}
	return w.names
}

// look runs one check, takes note of its result and hands a change to the
// teller.
func (w *watch) look(ctx context.Context, m *machine) {
	if r := w.ask(ctx, m); ctx.Err() == nil { // that we stopped waiting says nothing about the machine
		w.take(m, r)
	}
}

func (w *watch) take(m *machine, r check.Result) {
	ch := w.note(m, r)
	if ch == nil {
		return
	}
	if !ch.first {
		w.skill.log.Info("machine changed", "machine", m.Name, "from", ch.from, "to", ch.to, "detail", r.Detail)
	}
	w.skill.tell.add(ch)
}

// ask runs one check. One that panics has learned nothing.
func (w *watch) ask(ctx context.Context, m *machine) (r check.Result) {
	defer func() {
		if v := recover(); v != nil {
			w.skill.log.Error("a check panicked", "machine", m.Name, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			r = check.Result{Detail: "the check failed inside the bot"}
		}
		if r.State != check.Up && r.State != check.Down {
			r.State = check.Unknown // also a state that came after this code
		}
		r.At = w.skill.deps.Clock.Now()
	}()
	return m.check.Check(ctx)
}

// note applies one result and returns the change that it completes, if any.
func (w *watch) note(m *machine, r check.Result) *change {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by[key(m.Name)] != m {
		return nil // removed while it was being checked
	}
	m.latest = r
	if m.settled && r.State == m.state {
		m.confirmed, m.streak = true, 0
		if r.State == check.Up && !r.Since.IsZero() {
			m.since = r.Since
		}
		return nil
	}
	switch {
	case m.streak == 0, !m.settled && r.State != check.Unknown:
		m.rival, m.turned = r.State, r.At
	case r.State != m.rival:
		m.rival = check.Unknown
	}
	m.streak++
	// What is learned first of a machine counts at once. That nothing was
	// learned does not: the bot may still be connecting.
	if (m.settled && r.State != check.Up || r.State == check.Unknown) && m.streak < w.skill.cfg.Failures {
		return nil
	}
	return m.settle(r)
}

// settle makes the state that the latest results report the machine's own. The
// caller holds watch.mu.
func (m *machine) settle(r check.Result) *change {
	ch := &change{machine: m, first: !m.settled, from: m.state, to: m.rival, since: m.turned, at: r.At}
	if r.State == check.Up {
		ch.to, ch.since = check.Up, r.At
		if !r.Since.IsZero() {
			ch.since = r.Since
		}
	}
	if m.settled {
		ch.lasted = r.At.Sub(m.since)
	}
	m.settled, m.confirmed, m.state, m.since, m.streak = true, true, ch.to, ch.since, 0
	return ch
}

const (
	// lookLimit is how long somebody waits for a check on demand.
	lookLimit = 5 * time.Second
	// lookPause is the time between two of them.
	lookPause = time.Second
)

// refresh checks the machine at once when there is nothing to say of it: it was
// just added, the bot has just started, or it could not check or learn anything
// for a while. All who ask at the same time wait for one check.
func (w *watch) refresh(ctx context.Context, m *machine) {
	st := w.status(m)
	stale := w.stale(st, m.Timeout)
	if state, _ := st.where(); !stale && (state != check.Unknown || w.skill.deps.Clock.Now().Sub(st.latest.At) < lookPause) {
		return
	}
	w.mu.Lock()
	if ended := m.asked; ended != nil {
		w.mu.Unlock()
		select {
		case <-ended:
		case <-ctx.Done():
		}
		return
	}
	m.asked = make(chan struct{})
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		close(m.asked)
		m.asked = nil
	}()
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	r := w.ask(ctx, m)
	// However often people ask: what was not learned counts once an interval.
	if ctx.Err() == nil && (stale || r.State != check.Unknown) {
		w.take(m, r)
	}
}

// hurry has the machine checked soon when nothing recent is known of it: a
// change is one from a state that was known.
func (w *watch) hurry(m *machine) {
	if w.stale(w.status(m), m.Timeout) {
		w.skill.sched.Trigger(key(m.Name))
	}
}

// stale reports whether there is no result that could speak for the present,
// as after a suspend of the computer.
func (w *watch) stale(st status, timeout time.Duration) bool {
	return st.latest.At.IsZero() ||
		w.skill.deps.Clock.Now().Sub(st.latest.At) > 3*w.skill.cfg.Interval+timeout
}

// text is the wording of a change.
func (ch *change) text() string {
	name := ch.machine.Name
	switch {
	case ch.to == check.Up && ch.from == check.Unknown:
		return fmt.Sprintf("%s can be seen again; it is up.", name)
	case ch.to == check.Up:
		return fmt.Sprintf("%s is up again after %s.", name, check.Span(ch.lasted))
	case ch.to == check.Down:
		return name + " has gone down."
	}
	return fmt.Sprintf("%s can no longer be seen; its state is unknown.", name)
}

// where is the state to speak of and since when it holds. Before a check of
// this run has confirmed what was stored, what the latest one found counts, not
// what was true before the bot was away.
func (st status) where() (check.State, time.Time) {
	if st.confirmed {
		return st.state, st.since
	}
	return st.latest.State, st.turned
}

// word makes one line of what a person wrote as a name.
func word(name string) string { return strings.Join(strings.Fields(name), " ") }
