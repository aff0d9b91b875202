package queue

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"
)

const (
	// longestRest is how long a line sleeps that knows of nothing to do: others
	// wake it, or the net under all (Queue.poll).
	longestRest = time.Hour
	// Pauses after a round that failed.
	failFirst, failMax = 50 * time.Millisecond, 5 * time.Second
	// Pauses before another look at what other transactions hold on to.
	lockedFirst, lockedMax = time.Millisecond, 16 * time.Millisecond
)

// line works the jobs of one kind. Its loop is one goroutine, which does rounds:
// one transaction each, that settles what has been finished since the last one
// and claims as much as there are free workers.
type line struct {
	q    *Queue
	opts Options
	exec func(ctx context.Context, r *run) []error
	wake chan struct{} // holds one

	mu   sync.Mutex
	due  bool  // there may be something to claim
	next int64 // when something will be due, as far as it is known
	held bool  // some of settles are held up by a transaction that adds
	// fruitless is how many rounds in a row found nothing to claim.
	fruitless int
	running   map[*run]struct{}
	settles   []*outcome // to be settled, in the order in which they came
	rouse     map[string]struct{}
	doubt     []*run // claimed by a round that failed, or did it?

	attempts, handled int64
}

func newLine(q *Queue, o Options, exec func(ctx context.Context, r *run) []error) *line {
	return &line{
		q: q, opts: o, exec: exec, wake: make(chan struct{}, 1), due: true, next: math.MaxInt64,
		running: make(map[*run]struct{}), rouse: make(map[string]struct{}),
	}
}

func (l *line) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// poke makes the line look for jobs.
func (l *line) poke() {
	l.mu.Lock()
	l.due = true
	l.mu.Unlock()
	l.signal()
}

// dueAt tells of a job that was added.
func (l *line) dueAt(at int64) {
	l.mu.Lock()
	sooner := at < l.next
	if sooner {
		l.next = at
	}
	l.mu.Unlock()
	if sooner {
		l.signal()
	}
}

// look makes the line find out when its next job is due, without a transaction.
func (l *line) look() { l.signal() }

// unlocked tells that a transaction which added behind a head is over.
func (l *line) unlocked() {
	l.mu.Lock()
	held := l.held
	l.held = false
	l.mu.Unlock()
	if held {
		l.signal()
	}
}

// work is what a round is to do.
type work struct {
	settles []*outcome
	rouse   []string
	doubt   []*run
	free    int // workers to claim for
}

func (w *work) empty() bool {
	return len(w.settles) == 0 && len(w.rouse) == 0 && len(w.doubt) == 0 && w.free == 0
}

// take is all there is to do at the moment.
func (l *line) take(open bool) work {
	now := l.q.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	w := work{settles: l.settles, doubt: l.doubt}
	l.settles, l.doubt = nil, nil
	for group := range l.rouse {
		w.rouse = append(w.rouse, group)
	}
	slices.Sort(w.rouse) // one order of locks for all
	clear(l.rouse)
	if open && (l.due || l.next <= now || len(w.settles) > 0 || len(w.rouse) > 0) {
		w.free = max(0, l.opts.Workers-len(l.running)-len(w.doubt))
		l.due, l.next = false, math.MaxInt64
	}
	if w.empty() {
		l.fruitless = 0
	}
	return w
}

// giveBack returns the work of a round that failed.
func (l *line) giveBack(w work, r *round) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range w.settles {
		o.doubt = true
	}
	l.settles = append(w.settles, l.settles...)
	l.doubt = append(w.doubt, l.doubt...)
	if r != nil {
		l.doubt = append(l.doubt, r.claimed...)
	}
	for _, group := range w.rouse {
		l.rouse[group] = struct{}{}
	}
	l.due = l.due || w.free > 0
}

// loop does rounds until ctx ends.
func (l *line) loop(ctx context.Context) {
	timer := l.q.clk.NewTimer(time.Hour)
	defer timer.Stop()
	for failures, held := 0, 0; ctx.Err() == nil; {
		open, changed := true, (<-chan struct{})(nil)
		if l.opts.Gate != nil {
			open, changed = l.opts.Gate()
		}
		wake, pause := l.wake, time.Duration(0)
		if w := l.take(open); !w.empty() {
			blocked, err := l.round(ctx, w)
			switch {
			case err != nil:
				failures++
				l.failed(ctx, err, failures)
				pause = Backoff{failFirst, failMax}.pause(failures, 0.5+l.q.rand()/2)
				wake, changed = nil, nil // whatever happens, not sooner
			case blocked:
				held++
				pause = Backoff{lockedFirst, lockedMax}.pause(held, 1)
			default:
				l.recovered(ctx, failures)
				failures, held = 0, 0
			}
		}
		if pause == 0 {
			if len(wake) == 0 {
				pause = l.rest(ctx, open)
			}
			if pause == 0 {
				l.drain()
				continue
			}
		}
		timer.Reset(pause)
		select {
		case <-ctx.Done():
		case <-changed:
			l.poke()
		case <-wake:
		case <-timer.C():
		}
	}
}

func (l *line) failed(ctx context.Context, err error, failures int) {
	if ctx.Err() != nil {
		return
	}
	if failures == 1 {
		l.q.log.WarnContext(ctx, "jobs cannot be claimed or settled at the moment; trying again", "kind", l.opts.Kind, "error", err)
		return
	}
	l.q.log.DebugContext(ctx, "jobs still cannot be claimed or settled", "kind", l.opts.Kind, "error", err, "tries", failures)
}

func (l *line) recovered(ctx context.Context, failures int) {
	if failures > 0 {
		l.q.log.InfoContext(ctx, "jobs are claimed and settled again", "kind", l.opts.Kind, "tries", failures)
	}
}

// drain takes the wake-up that is heeded now.
func (l *line) drain() {
	select {
	case <-l.wake:
	default:
	}
}

// rest is how long there is nothing to do, as far as one can know; zero if
// there is something.
func (l *line) rest(ctx context.Context, open bool) time.Duration {
	l.mu.Lock()
	free := l.opts.Workers - len(l.running)
	l.mu.Unlock()
	if !open || free <= 0 {
		return longestRest // the gate or a handler will say so
	}
	at, err := l.q.nextRun(ctx, l.opts.Kind)
	if err != nil {
		l.poke()
		return failMax
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	at = min(at, l.next)
	if at == math.MaxInt64 {
		return longestRest
	}
	wait := max(0, time.Duration(at-l.q.now())*time.Millisecond)
	if wait == 0 && l.fruitless > 1 { // somebody else is about to claim it
		return lockedMax / 4
	}
	l.next = at
	return min(longestRest, wait)
}
