package scheduler

import (
	"container/heap"
	"context"
	"hash/fnv"
	"log/slog"
	"sync"
	"time"

	"dragoman/internal/clock"
)

// Job is what happens at a time. due is when it was to happen, which is a
// little earlier than now. ctx ends with Run; a job that may hang sets a limit
// of its own. A job that panics ends that run alone.
type Job func(ctx context.Context, due time.Time)

// Scheduler runs jobs at their times. All its methods are safe for concurrent
// use, also from inside a job, and before and while Run runs; adding and
// removing cost O(log n).
//
// A job never overlaps itself: a tick that comes while the job still runs or
// waits for a worker is skipped and counted. Ticks that were missed, because the
// process stood still or the clock was put forward, are made up for by one run,
// never by many.
//
// Intervals are counted in time that passed: setting the clock does not disturb
// them. Calendar jobs follow the clock. When it is put back they are planned
// anew, and a tick that already ran comes again only for a job that would
// otherwise rest for more than two of its periods: the report of nine o'clock is
// not sent twice, a job of every five minutes does not stop for an hour.
type Scheduler struct {
	clk     clock.Clock
	log     *slog.Logger
	workers int
	wake    chan struct{} // tells Run that an earlier time has come in; holds one

	mu        sync.Mutex
	entries   map[string]*entry
	intervals timeline      // by time passed since New
	calendars timeline      // by Unix time
	passed    time.Duration // since New, never goes back
	now       time.Time     // the clock when passed was last counted
	ready     []*entry      // due, waiting for a worker; an entry is in it at most once
	running   int
	serving   bool // between start and end of Run
	stats     Stats
	jobs      sync.WaitGroup
}

// Stats is a snapshot of a Scheduler. The counters only grow.
type Stats struct {
	Jobs    int    // known keys
	Running int    // in flight, at most the number of workers
	Waiting int    // due, but all workers are busy
	Runs    uint64 // started
	Skipped uint64 // ticks that came while their job still ran or waited
	Panics  uint64
}

// entry is one job. It is guarded by the Scheduler's mutex.
type entry struct {
	key   string
	sched Schedule
	job   Job

	at    int64     // key in its timeline, nanoseconds
	index int       // place in its timeline, -1 when in none
	fresh bool      // an interval that has not ticked yet
	due   time.Time // calendar: the time planned
	last  time.Time // calendar: the one before it

	state   state
	runDue  time.Time // of the run that waits
	again   bool      // run once more as soon as the present run has ended
	removed bool      // while queued or running; forgotten after that
	skipped int       // ticks while queued, then while running
}

type state int

const (
	idle state = iota
	queued
	running
)

// New returns a Scheduler that never runs more than workers jobs at once (at
// least one). A job that hangs holds one worker and delays no other job while
// there are more.
func New(clk clock.Clock, log *slog.Logger, workers int) *Scheduler {
	return &Scheduler{
		clk:     clk,
		log:     log,
		workers: max(workers, 1),
		wake:    make(chan struct{}, 1),
		entries: make(map[string]*entry),
		now:     clk.Now(),
	}
}

// Add schedules job under key, which appears in logs. A job of the same key is
// replaced; a run of it that is in flight ends by itself, and the new one does
// not overlap it.
//
// An interval job first runs soon, so that a newcomer's state is known: within
// the smaller of its interval and one second, or one millisecond for each job
// there is if that is more. From then on it ticks on a fixed phase of its
// interval that is drawn from key, so that many jobs spread evenly; between the
// first run and the second lies half an interval to one and a half.
//
// A calendar job first runs at its next time. A schedule with no time left
// never runs, except by Trigger.
func (s *Scheduler) Add(key string, sched Schedule, job Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readClock()
	e := s.entries[key]
	if e == nil {
		e = &entry{key: key, index: -1}
		s.entries[key] = e
	}
	s.unplan(e)
	e.sched, e.job, e.removed, e.last = sched, job, false, time.Time{}
	if every, ok := sched.(every); ok {
		spread := max(time.Second, time.Duration(len(s.entries))*time.Millisecond)
		spread = min(spread, time.Duration(every))
		e.fresh = true
		s.planInterval(e, int64(s.passed)+phase(key, spread))
	} else {
		s.planCalendar(e, s.now)
	}
	if e.index == 0 {
		s.rouse()
	}
}

// Remove forgets the job of key. A run of it that is in flight is not
// interrupted, so a job may remove itself.
func (s *Scheduler) Remove(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[key]
	if e == nil {
		return
	}
	s.unplan(e)
	e.removed, e.again = true, false
	if e.state == idle {
		delete(s.entries, key)
	}
}

// Trigger runs the job of key now, out of turn; its ticks stay as they are. If
// it runs at the moment it runs once more after that, however often Trigger is
// called meanwhile. Without a job of that key nothing happens.
func (s *Scheduler) Trigger(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[key]
	if e == nil || e.removed {
		return
	}
	switch e.state {
	case idle:
		s.readClock()
		s.enqueue(e, s.now)
		s.rouse()
	case running:
		e.again = true
	case queued: // it comes anyway
	}
}

// Stats counts what happened since New.
func (s *Scheduler) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stats
	st.Jobs, st.Running, st.Waiting = len(s.entries), s.running, len(s.ready)
	return st
}

// rouse makes Run look at the timelines again.
func (s *Scheduler) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// unplan takes e out of its timeline.
func (s *Scheduler) unplan(e *entry) {
	if e.index >= 0 {
		heap.Remove(s.timeline(e), e.index)
	}
}

func (s *Scheduler) timeline(e *entry) *timeline {
	if _, ok := e.sched.(every); ok {
		return &s.intervals
	}
	return &s.calendars
}

// grain is what phases are multiples of, so that jobs of one interval share
// Run's wake-ups, which cost more than the jobs.
const grain = 10 * time.Millisecond

// phase is a multiple of grain in [0, span) that depends on key alone.
func phase(key string, span time.Duration) int64 {
	h := fnv.New64a()
	h.Write([]byte(key))
	x := h.Sum64()
	// FNV leaves the keys web1, web2, ... close together; spread them over
	// all bits (the finalizer of MurmurHash3).
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	x ^= x >> 33
	return int64(x%uint64(max(span, grain)/grain)) * int64(grain)
}

// timeline is a heap of entries, the next one first.
type timeline []*entry

func (t timeline) Len() int           { return len(t) }
func (t timeline) Less(i, j int) bool { return t[i].at < t[j].at }
func (t timeline) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].index, t[j].index = i, j
}

// Push is called by container/heap.
func (t *timeline) Push(x any) {
	e := x.(*entry)
	e.index = len(*t)
	*t = append(*t, e)
}

// Pop is called by container/heap.
func (t *timeline) Pop() any {
	old := *t
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*t = old[:len(old)-1]
	e.index = -1
	return e
}
