package scheduler

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

const (
	// clockCheck bounds for how long a calendar job may stay unaware that
	// the clock was set.
	clockCheck = 10 * time.Second
	// idleWait is how long Run sleeps when there is nothing to wait for.
	idleWait = time.Hour
)

// Run runs the jobs at their times until ctx ends, then waits for those in
// flight and returns nil: a job that ignores its context holds it up. It fails
// at once if it is running already.
func (s *Scheduler) Run(ctx context.Context) error {
	s.mu.Lock()
	if s.serving {
		s.mu.Unlock()
		return errors.New("scheduler: Run was called while it runs")
	}
	s.serving = true
	s.mu.Unlock()
	defer s.ended()

	timer := s.clk.NewTimer(idleWait)
	defer timer.Stop()
	for ctx.Err() == nil {
		timer.Reset(s.dispatch(ctx))
		select {
		case <-ctx.Done():
		case <-timer.C():
		case <-s.wake:
		}
	}
	return nil
}

// ended waits for the jobs in flight. Those that wait for a worker keep their
// turn for another Run.
func (s *Scheduler) ended() {
	s.jobs.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serving = false
}

// dispatch hands out what is due and says how long to sleep after that.
func (s *Scheduler) dispatch(ctx context.Context) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readClock()
	for len(s.intervals) > 0 && s.intervals[0].at <= int64(s.passed) {
		e := heap.Pop(&s.intervals).(*entry)
		at, fresh := e.at, e.fresh
		e.fresh = false
		s.tick(e, s.now.Add(time.Duration(at)-s.passed), fresh)
		s.planInterval(e, s.nextOnPhase(e, at, fresh))
	}
	for len(s.calendars) > 0 && s.calendars[0].at <= s.now.UnixNano() {
		e := heap.Pop(&s.calendars).(*entry)
		s.tick(e, e.due, false)
		e.last = e.due
		s.planCalendar(e, s.now)
	}
	s.launch(ctx)
	return s.rest()
}

// rest is the time until something is due.
func (s *Scheduler) rest() time.Duration {
	wait := idleWait
	if len(s.intervals) > 0 {
		wait = min(wait, time.Duration(s.intervals[0].at)-s.passed)
	}
	if len(s.calendars) > 0 {
		wait = min(wait, clockCheck, time.Duration(s.calendars[0].at-s.now.UnixNano()))
	}
	return wait
}

// readClock counts the time that passed since it was last called. On a clock
// with a monotonic reading that is exact; on one without, a step back counts as
// no time at all.
func (s *Scheduler) readClock() {
	now := s.clk.Now()
	s.passed += max(0, now.Sub(s.now))
	putBack := now.UnixNano() < s.now.UnixNano()
	s.now = now
	if putBack {
		s.replan()
	}
}

// replan plans the calendar jobs anew after the clock was put back.
func (s *Scheduler) replan() {
	for _, e := range s.calendars {
		next := e.sched.Next(s.now)
		if next.IsZero() {
			continue
		}
		ran := !e.last.IsZero() && !next.After(e.last)
		if ran && e.due.Sub(s.now) <= 2*e.due.Sub(e.last) {
			continue // it need not run the same tick twice to go on soon
		}
		e.due, e.at = next, next.UnixNano()
	}
	heap.Init(&s.calendars)
}

func (s *Scheduler) planInterval(e *entry, at int64) {
	e.at = at
	heap.Push(&s.intervals, e)
}

// nextOnPhase is the tick of e's phase that follows the one at.
func (s *Scheduler) nextOnPhase(e *entry, at int64, first bool) int64 {
	interval := int64(e.sched.(every))
	after := int64(s.passed) + 1
	if first {
		after = max(after, at+interval/2)
	}
	offset := phase(e.key, time.Duration(interval))
	ticks := (after - offset + interval - 1) / interval
	return offset + max(ticks, 0)*interval
}

func (s *Scheduler) planCalendar(e *entry, after time.Time) {
	e.due = e.sched.Next(after)
	if e.due.IsZero() {
		return
	}
	e.at = e.due.UnixNano()
	heap.Push(&s.calendars, e)
}

// tick makes e's job wait for a worker unless it still has something to do.
func (s *Scheduler) tick(e *entry, due time.Time, first bool) {
	switch {
	case e.state == idle:
		s.enqueue(e, due)
	case e.state == running && first:
		e.again = true // what runs is the job that this one replaced
	default:
		s.stats.Skipped++
		if e.skipped++; e.skipped == 1 && e.state == running {
			s.log.Warn("a job is due again before it has ended; its ticks are skipped", "job", e.key)
		}
	}
}

func (s *Scheduler) enqueue(e *entry, due time.Time) {
	e.state, e.runDue = queued, due
	s.ready = append(s.ready, e)
}

// launch starts what waits, as far as there are workers.
func (s *Scheduler) launch(ctx context.Context) {
	for ctx.Err() == nil && s.running < s.workers && len(s.ready) > 0 {
		e := s.ready[0]
		s.ready[0] = nil
		s.ready = s.ready[1:]
		if e.removed {
			e.state = idle
			delete(s.entries, e.key)
			continue
		}
		e.state, e.skipped = running, 0
		s.running++
		s.stats.Runs++
		s.jobs.Add(1)
		go s.run(ctx, e, e.job, e.runDue)
	}
}

func (s *Scheduler) run(ctx context.Context, e *entry, job Job, due time.Time) {
	defer s.jobs.Done()
	defer s.finish(ctx, e)
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("a job panicked", "job", e.key, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			s.mu.Lock()
			s.stats.Panics++
			s.mu.Unlock()
		}
	}()
	job(ctx, due)
}

// finish is called when a run of e has ended, however it did.
func (s *Scheduler) finish(ctx context.Context, e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
	e.state = idle
	switch {
	case e.removed:
		delete(s.entries, e.key)
	case e.again:
		e.again = false
		s.readClock()
		s.enqueue(e, s.now)
	}
	s.launch(ctx)
}
