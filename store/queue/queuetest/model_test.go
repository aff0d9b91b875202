package queuetest

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"dragoman/store/queue"
)

var modelSeed = flag.Uint64("model.seed", 0, "the seed of the random life; 0 takes one by the time")

// The kind of the model: what its handler does follows from the job's arguments
// and from what is known of it, so that the outcome does not depend on who comes
// first.
const (
	modelAttempts = 3
	modelFirst    = time.Minute
	modelSnooze   = 10 * time.Minute
)

func modelVerdict(args, attempt int, added, now time.Time) error {
	switch args % 8 {
	case 1:
		if attempt == 1 {
			return errMine
		}
	case 2:
		return queue.Permanent(errMine)
	case 3:
		return queue.Cancel(errMine)
	case 4:
		return queue.Unknown(errMine)
	case 5:
		if now.Sub(added) < time.Hour {
			return queue.Snooze(modelSnooze)
		}
	case 6:
		return queue.RetryAfter(errMine, 5*time.Minute)
	}
	return nil
}

// modelJob is a row as the model has it.
type modelJob struct {
	id       int64
	key      string
	once     bool
	group    string
	state    queue.State
	runAt    time.Time
	added    time.Time
	attempt  int
	args     int
	retrying bool
}

func (j *modelJob) head() bool {
	return j.state == queue.StateReady || j.state == queue.StateRunning
}

type model struct{ jobs map[int64]*modelJob }

func (m *model) sorted() []*modelJob {
	return slices.SortedFunc(maps.Values(m.jobs), func(a, b *modelJob) int { return cmp.Compare(a.id, b.id) })
}

// holder is the job that holds a key.
func (m *model) holder(key string) *modelJob {
	for _, j := range m.jobs {
		if key != "" && j.key == key && (j.once || !j.state.Finished()) {
			return j
		}
	}
	return nil
}

func (m *model) hasHead(group string) bool {
	for _, j := range m.jobs {
		if j.group == group && j.head() {
			return true
		}
	}
	return false
}

// place makes j live.
func (m *model) place(j *modelJob) {
	state := queue.StateReady
	if j.group != "" && m.hasHead(j.group) {
		state = queue.StateBehind
	}
	j.state = state
}

// leave gives j's group another head.
func (m *model) leave(j *modelJob, state queue.State) {
	j.state = state
	if j.group == "" || m.hasHead(j.group) {
		return
	}
	for _, next := range m.sorted() {
		if next.group == j.group && next.state == queue.StateBehind {
			next.state = queue.StateReady
			return
		}
	}
}

// run does all that is due.
func (m *model) run(now time.Time) {
	for again := true; again; {
		again = false
		for _, j := range m.sorted() {
			if j.state == queue.StateReady && !j.runAt.After(now) {
				m.attempt(j, now)
				again = true
			}
		}
	}
}

func (m *model) attempt(j *modelJob, now time.Time) {
	j.attempt++
	switch err := modelVerdict(j.args, j.attempt, j.added, now); {
	case err == nil:
		m.leave(j, queue.StateDone)
	case j.args%8 == 2:
		m.leave(j, queue.StateDead)
	case j.args%8 == 3:
		m.leave(j, queue.StateCancelled)
	case j.args%8 == 4:
		m.leave(j, queue.StateUnknown)
	case j.args%8 == 5:
		j.attempt--
		j.runAt, j.retrying = now.Add(modelSnooze), true
	case j.attempt >= modelAttempts:
		m.leave(j, queue.StateDead)
	case j.args%8 == 6:
		j.runAt, j.retrying = now.Add(5*time.Minute), true
	default:
		j.runAt, j.retrying = now.Add(modelFirst<<(j.attempt-1)), true
	}
}

// lines are the model and the table in words; finished jobs run no more.
func (m *model) lines() (list []string) {
	for _, j := range m.sorted() {
		list = append(list, line(j.id, j.key, j.group, j.state, j.attempt, j.runAt))
	}
	return list
}

func line(id int64, key, group string, state queue.State, attempt int, runAt time.Time) string {
	if state.Finished() {
		return fmt.Sprintf("%d %q %q %s %d", id, key, group, state, attempt)
	}
	return fmt.Sprintf("%d %q %q %s %d at %v", id, key, group, state, attempt, runAt.UTC())
}

// life is a model and a Queue that go through the same.
type life struct {
	t    *testing.T
	e    *env
	q    *queue.Queue
	dice *rand.Rand
	m    model
	log  []string
}

func testModel(t *testing.T, e *env) {
	seed := *modelSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("go test -args -model.seed=%d", seed)
	l := &life{t: t, e: e, q: e.queue(), dice: rand.New(rand.NewPCG(seed, 1)), m: model{make(map[int64]*modelJob)}}
	queue.Handle(l.q, queue.Options{Kind: "k", Attempts: modelAttempts, Keep: 10_000 * time.Hour,
		Backoff: queue.Backoff{First: modelFirst, Max: time.Hour}},
		func(_ context.Context, j *queue.Job[int]) error {
			return modelVerdict(j.Args, j.Attempt, j.Added, e.clk.Now())
		})
	stop := e.run(l.q)
	for range 150 {
		l.step()
		l.agree()
		if t.Failed() {
			break
		}
	}
	stop()
	l.agree()
}

func (l *life) did(format string, args ...any) { l.log = append(l.log, fmt.Sprintf(format, args...)) }

// step does one thing to both.
func (l *life) step() {
	switch l.dice.IntN(10) {
	case 0, 1, 2, 3:
		l.add(queue.Item{Kind: "k", Key: []string{"", "", "a", "b"}[l.dice.IntN(4)], Group: []string{"", "g", "h"}[l.dice.IntN(3)], Args: l.dice.IntN(100)})
	case 4, 5:
		d := time.Duration(l.dice.IntN(20*60)) * time.Second
		l.did("advance %v", d)
		l.e.clk.Advance(d)
	case 6:
		l.wake([]string{"", "g", "h"}[l.dice.IntN(3)])
	case 7:
		l.reschedule([]string{"a", "b"}[l.dice.IntN(2)])
	default:
		l.decide()
	}
	l.m.run(l.e.clk.Now())
}

func (l *life) add(it queue.Item) {
	now := l.e.clk.Now()
	it.RunAt = now
	if l.dice.IntN(3) == 0 {
		it.RunAt = now.Add(time.Duration(l.dice.IntN(60)) * time.Minute)
	}
	it.Once = it.Key != "" && l.dice.IntN(5) == 0
	got, err := l.q.Add(l.t.Context(), it)
	check(l.t, err)
	l.did("add %+v: %+v", it, got)
	if holder := l.m.holder(it.Key); holder != nil {
		if got != (queue.Added{ID: holder.id, Existed: true}) {
			l.t.Errorf("got %+v, want the job %d", got, holder.id)
		}
		return
	}
	if got.Existed {
		l.t.Errorf("got %+v, want a new one", got)
	}
	j := &modelJob{id: got.ID, key: it.Key, once: it.Once, group: it.Group, runAt: it.RunAt, added: now, args: it.Args.(int)}
	l.m.place(j)
	l.m.jobs[j.id] = j
}

func (l *life) wake(group string) {
	l.did("wake %q", group)
	l.q.Wake("k", group)
	for _, j := range l.m.jobs {
		if j.state == queue.StateReady && j.retrying && j.runAt.After(l.e.clk.Now()) && (group == "" || group == j.group) {
			j.runAt = l.e.clk.Now()
		}
	}
	// When this one is done, the line has heard of it.
	now := l.e.clk.Now()
	id := l.e.add(l.q, queue.Item{Kind: "k", Args: 0})
	l.m.jobs[id] = &modelJob{id: id, state: queue.StateReady, runAt: now, added: now}
	l.m.run(now)
	l.e.until(l.q, id, queue.StateDone)
}

func (l *life) reschedule(key string) {
	at := l.e.clk.Now().Add(time.Duration(l.dice.IntN(60)-20) * time.Minute)
	err := l.q.Reschedule(l.t.Context(), "k", key, at)
	l.did("reschedule %s to %v: %v", key, at, err)
	if j := l.m.holder(key); j != nil && !j.state.Finished() {
		j.runAt = at
		check(l.t, err)
	} else if !errors.Is(err, queue.ErrNotFound) {
		l.t.Errorf("got %v", err)
	}
}

// decide does to some job what an administrator may.
func (l *life) decide() {
	jobs := l.m.sorted()
	if len(jobs) == 0 {
		return
	}
	j := jobs[l.dice.IntN(len(jobs))]
	ctx, now := l.t.Context(), l.e.clk.Now()
	var err, want error
	what := []string{"retry", "cancel", "drop"}[l.dice.IntN(3)]
	switch what {
	case "retry":
		err = l.q.Retry(ctx, j.id)
		switch {
		case j.state == queue.StateReady:
			j.runAt = now
		case j.state == queue.StateBehind || j.state == queue.StateDone:
			want = queue.ErrState
		case !j.once && l.m.holder(j.key) != nil:
			want = queue.ErrExists
		default:
			j.attempt, j.runAt, j.retrying = 0, now, false
			l.m.place(j)
		}
	case "cancel":
		err = l.q.Cancel(ctx, j.id)
		if want = queue.ErrState; !j.state.Finished() {
			want = nil
			l.m.leave(j, queue.StateCancelled)
		}
	case "drop":
		err = l.q.Drop(ctx, j.id)
		delete(l.m.jobs, j.id)
		if !j.state.Finished() {
			l.m.leave(j, "")
		}
	}
	l.did("%s %d: %v", what, j.id, err)
	if !errors.Is(err, want) {
		l.t.Errorf("%s %d: %v, want %v", what, j.id, err, want)
	}
}

// agree waits until the table is as the model.
func (l *life) agree() {
	l.t.Helper()
	want := l.m.lines()
	for end := time.Now().Add(patience); ; {
		list, err := l.q.List(l.t.Context(), queue.Filter{Limit: 1000})
		check(l.t, err)
		slices.Reverse(list)
		var got []string
		for _, i := range list {
			got = append(got, line(i.ID, i.Key, i.Group, i.State, i.Attempt, i.RunAt))
		}
		if slices.Equal(got, want) {
			return
		}
		if time.Now().After(end) {
			l.t.Fatalf("after\n%q\nthe table is\n%q, want\n%q", l.log, got, want)
		}
		l.q.Wake("k", "nobody") // whose timer may have been set while the clock moved
		time.Sleep(time.Millisecond)
	}
}
