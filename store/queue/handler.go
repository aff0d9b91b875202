package queue

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"gorm.io/gorm"

	"dragoman/store"
)

// run is a claim: one job, or several of one group, in the hands of a handler.
type run struct {
	line    *line
	worker  string
	started int64
	jobs    []row                   // as they were before the claim
	end     context.CancelCauseFunc // of the handler's context

	// Guarded by line.mu.
	roused   bool
	doneAt   map[int64]bool // settled by Done
	reserved []int64        // next heads that Done keeps from others until the handler returns
}

func newRun(l *line, worker string, now int64) *run {
	return &run{line: l, worker: worker, started: now}
}

func (r *run) ids() []int64 {
	ids := make([]int64, len(r.jobs))
	for i := range r.jobs {
		ids[i] = r.jobs[i].ID
	}
	return ids
}

// start runs the handler on a goroutine of its own, under ctx, that of Run. The
// caller holds line.mu.
func (r *run) start(ctx context.Context) {
	l := r.line
	l.running[r] = struct{}{}
	l.attempts += int64(len(r.jobs))
	for i := range r.jobs {
		r.jobs[i].Attempt++
		r.jobs[i].State, r.jobs[i].Worker, r.jobs[i].Unrepeatable = StateRunning, r.worker, l.opts.Unrepeatable
	}
	own, cancel := context.WithCancelCause(ctx)
	r.end = cancel
	go r.handle(ctx, own)
}

// handle calls the handler and hands in what became of it, whatever way it ends.
func (r *run) handle(whole, ctx context.Context) {
	errs := make([]error, len(r.jobs))
	for i := range errs {
		errs[i] = errors.New("the handler ended its goroutine")
	}
	defer func() {
		if p := recover(); p != nil {
			r.line.q.log.ErrorContext(ctx, "a handler panicked", "kind", r.line.opts.Kind, "id", r.jobs[0].ID,
				"panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			for i := range errs {
				errs[i] = fmt.Errorf("the handler panicked: %v", p)
			}
		}
		r.finish(whole.Err() != nil, errs)
		r.end(nil)
	}()
	if r.exhausted(errs) {
		return
	}
	defer r.limit()()
	errs = r.line.exec(ctx, r)
}

// exhausted gives up jobs that were handed out too often without any outcome,
// because the process died each time.
func (r *run) exhausted(errs []error) bool {
	found := false
	for i := range r.jobs {
		if n := r.line.opts.Attempts; r.jobs[i].Attempt > n {
			found = true
			errs[i] = Permanent(fmt.Errorf("given up after %d attempts, in the last of which the process died", n))
			continue
		}
		errs[i] = Snooze(0)
	}
	return found
}

// limit ends the context at the timeout; stop must be called.
func (r *run) limit() (stop func()) {
	d := r.line.opts.Timeout
	if d <= 0 {
		return func() {}
	}
	over, ended := make(chan struct{}), make(chan struct{})
	timer := r.line.q.clk.NewTimer(d)
	go func() {
		defer close(ended)
		defer timer.Stop()
		select {
		case <-timer.C():
			r.end(fmt.Errorf("the handler took longer than %v: %w", d, context.DeadlineExceeded))
		case <-over:
		}
	}()
	return func() { close(over); <-ended }
}

// finish turns errors into outcomes and wakes the loop.
func (r *run) finish(stopping bool, errs []error) {
	l := r.line
	l.q.handled(r.jobs)
	l.mu.Lock()
	staying := false
	for i := range r.jobs {
		if r.doneAt[r.jobs[i].ID] {
			l.handled++
			continue
		}
		o := r.outcome(i, errs[i], stopping, staying)
		if o.State == StateDone {
			l.handled++
		}
		staying = staying || o.State == ""
		l.settles = append(l.settles, o)
	}
	for _, id := range r.reserved {
		l.settles = append(l.settles, &outcome{ID: id, Worker: r.worker, Tried: -1, reserved: true, doubt: true})
	}
	delete(l.running, r)
	l.due = true // there is a free worker
	l.mu.Unlock()
	l.signal()
}

// outcome is what becomes of job i. After the first that stays, others that stay
// merely keep their place.
func (r *run) outcome(i int, err error, stopping, behind bool) *outcome {
	l, job := r.line, &r.jobs[i]
	v := judge(err)
	o := &outcome{ID: job.ID, Worker: r.worker, Tried: -1, Reason: reasonText(v.err), row: *job}
	switch {
	case v.to != StateReady:
		o.State = v.to
		return o
	case v.free:
		o.Free, o.Tried, o.Reason = 1, job.Tried, reasonText(err)
	case stopping && !v.fixed:
		o.Free, o.Reason = 1, "the process ended: "+o.Reason
		return o // due as before
	case job.Attempt >= l.opts.Attempts:
		o.State, o.Reason = StateDead, reasonText(fmt.Errorf("given up after %d attempts: %w", job.Attempt, v.err))
		return o
	}
	if behind {
		return o
	}
	pause := v.after
	if !v.fixed {
		pause = l.opts.Backoff.pause(job.Attempt, l.q.rand())
	}
	if r.roused {
		pause = 0
	}
	o.RunAt = l.q.clk.Now().Add(pause).UnixMilli()
	return o
}

// untouched is the outcome of a claim that no handler has seen.
func (r *run) untouched(i int) *outcome {
	return &outcome{ID: r.jobs[i].ID, Worker: r.worker, Free: 1, Tried: r.jobs[i].Tried, row: r.jobs[i], doubt: true}
}

// reasonText is an error as it is kept: short, and text for any database.
func reasonText(err error) string {
	if err == nil {
		return ""
	}
	text := store.Text(err.Error())
	const most = 1000
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	if text == "" {
		return "no reason was given"
	}
	return text
}

// done marks a job as done in the transaction of ctx. The next of its group
// becomes the head, but stays in our hands until the handler returns.
func (r *run) done(ctx context.Context, id int64) error {
	l, q := r.line, r.line.q
	return q.within(ctx, func(ctx context.Context, tx gorm.ConnPool) error {
		if l.opts.Fence != nil {
			if err := l.opts.Fence(ctx); err != nil {
				return fmt.Errorf("%w: the fence refuses: %w", ErrLost, err)
			}
		}
		statement, args := q.sql.on([]int64{id}, waiting(q.sql.settleDone), q.now(), r.worker)
		list, err := queryTouched(ctx, tx, statement, args...)
		if err != nil {
			return fmt.Errorf("queue: mark a job as done: %w", err)
		}
		if len(list) == 0 {
			return ErrLost
		}
		var next []int64
		if list[0].grp != "" {
			if next, err = q.enthrone(ctx, tx, q.sql.reserve, l.opts.Kind, []string{list[0].grp}, r.worker); err != nil {
				return fmt.Errorf("queue: mark a job as done: %w", err)
			}
		}
		// Before the commit, because one that fails may have taken place.
		r.reserve(next)
		q.db.AfterCommit(ctx, func() { r.wasDone(id) })
		return nil
	})
}

func (r *run) wasDone(id int64) {
	r.line.mu.Lock()
	defer r.line.mu.Unlock()
	if r.doneAt == nil {
		r.doneAt = make(map[int64]bool)
	}
	r.doneAt[id] = true
}

// reserve notes what to give back when the handler returns. If the transaction
// is rolled back it was never ours, and giving it back changes nothing: it
// cannot be claimed before the jobs of this run are settled, which happens in
// the same transaction.
func (r *run) reserve(next []int64) {
	r.line.mu.Lock()
	defer r.line.mu.Unlock()
	for _, id := range next {
		mine := slices.ContainsFunc(r.jobs, func(j row) bool { return j.ID == id })
		if !mine && !slices.Contains(r.reserved, id) {
			r.reserved = append(r.reserved, id)
		}
	}
}
