package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"gorm.io/gorm"
)

// round is what one transaction found.
type round struct {
	l        *line
	now      int64
	worker   string
	claimed  []*run
	ours     []*run     // of the doubtful ones
	deferred []*outcome // held by others at the moment
	lost     []*outcome
}

// errFenced: the fence says that somebody else is in charge.
type errFenced struct{ error }

func (e errFenced) Unwrap() error { return e.error }

// round does w in one transaction and starts what was claimed. blocked says that
// others hold on to something that is to be settled.
func (l *line) round(ctx context.Context, w work) (blocked bool, err error) {
	var r *round
	err = l.q.write(ctx, func(ctx context.Context, tx gorm.ConnPool) error {
		r = &round{l: l, now: l.q.now(), worker: *l.q.worker.Load()} // anew in each try
		return r.transact(ctx, tx, w)
	})
	var fenced errFenced
	switch {
	case errors.As(err, &fenced):
		l.giveBack(w, nil)
		l.surrender(ctx)
		return false, err
	case err != nil:
		l.giveBack(w, r)
		return false, err
	}
	for _, o := range r.lost {
		if !o.doubt {
			l.q.log.WarnContext(ctx, "the outcome of a job came too late", "kind", l.opts.Kind, "id", o.ID, "error", ErrLost)
		}
	}
	l.mu.Lock()
	l.settles = append(r.deferred, l.settles...)
	l.held = len(r.deferred) > 0
	if l.fruitless++; w.free == 0 || len(r.claimed) > 0 {
		l.fruitless = 0
	}
	for _, run := range append(r.ours, r.claimed...) {
		run.start(ctx)
	}
	l.mu.Unlock()
	l.q.settled(len(w.settles))
	return len(r.deferred) > 0, nil
}

func (r *round) transact(ctx context.Context, tx gorm.ConnPool, w work) error {
	if r.l.opts.Fence != nil {
		if err := r.l.opts.Fence(ctx); err != nil {
			return errFenced{fmt.Errorf("the fence refuses: %w", err)}
		}
	}
	if err := r.confirm(ctx, tx, w.doubt); err != nil {
		return err
	}
	var err error
	r.deferred, r.lost, err = r.l.q.settle(ctx, tx, r.l.opts.Kind, w.settles, false)
	if err != nil {
		return err
	}
	if err := r.rouse(ctx, tx, w.rouse); err != nil {
		return err
	}
	if w.free <= 0 {
		return nil
	}
	return r.claim(ctx, tx, w.free)
}

// confirm finds out which of the runs that a failed commit left in doubt are
// ours after all.
func (r *round) confirm(ctx context.Context, tx gorm.ConnPool, doubt []*run) error {
	for _, run := range doubt {
		query, args := r.l.q.sql.on(run.ids(), `SELECT id FROM queue_jobs WHERE worker = $1 AND tried = $2 AND `+
			r.l.q.sql.among("id", "$3"), run.worker, run.started)
		ids, err := queryIDs(ctx, tx, query, args...)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			continue
		}
		sure := newRun(r.l, run.worker, run.started)
		for i := range run.jobs {
			if slices.Contains(ids, run.jobs[i].ID) {
				sure.jobs = append(sure.jobs, run.jobs[i])
			}
		}
		r.ours = append(r.ours, sure)
	}
	return nil
}

func (r *round) rouse(ctx context.Context, tx gorm.ConnPool, groups []string) error {
	if len(groups) == 0 {
		return nil
	}
	s := r.l.q.sql
	if groups[0] == "" { // sorted: all of the kind
		_, err := tx.ExecContext(ctx, s.rouseKind, r.now, r.l.opts.Kind)
		return err
	}
	_, err := tx.ExecContext(ctx, s.rouse, r.now, r.l.opts.Kind, s.textsArg(groups))
	return err
}

// claim takes up to free heads and jobs without a group, and the followers that
// go along. All of it is on record before a handler sees any.
func (r *round) claim(ctx context.Context, tx gorm.ConnPool, free int) error {
	q, o := r.l.q, &r.l.opts
	heads, err := queryRows(ctx, tx, q.sql.due, o.Kind, r.now, free)
	if err != nil || len(heads) == 0 {
		return err
	}
	followers, err := r.followers(ctx, tx, heads)
	if err != nil {
		return err
	}
	var ids []int64
	for i := range heads {
		run := newRun(r.l, r.worker, r.now)
		run.jobs = append(run.jobs, heads[i])
		if heads[i].Grp != "" {
			run.jobs = append(run.jobs, followers[heads[i].Grp]...)
		}
		ids = append(ids, run.ids()...)
		r.claimed = append(r.claimed, run)
	}
	statement, args := q.sql.on(ids, q.sql.claim, r.now, r.worker, o.Unrepeatable)
	result, err := tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	switch n, err := result.RowsAffected(); {
	case err != nil:
		return err
	case n == 0:
		return fmt.Errorf("this process was taken for dead: %w", ErrLost)
	case n != int64(len(ids)): // they are locked: this cannot be
		return fmt.Errorf("claimed %d of %d jobs", n, len(ids))
	}
	return nil
}

// followers are the jobs that go along with heads, by group: those that come
// next and are due.
func (r *round) followers(ctx context.Context, tx gorm.ConnPool, heads []row) (map[string][]row, error) {
	var groups []string
	for i := range heads {
		if heads[i].Grp != "" {
			groups = append(groups, heads[i].Grp)
		}
	}
	if r.l.opts.Batch < 2 || len(groups) == 0 {
		return nil, nil
	}
	s := r.l.q.sql
	if !s.postgres {
		// Mostly there are none, and this is quick to tell.
		var err error
		if groups, err = queryColumn[string](ctx, tx, s.followed, r.l.opts.Kind, s.textsArg(groups)); err != nil || len(groups) == 0 {
			return nil, err
		}
	}
	rows, err := queryRows(ctx, tx, s.followers, r.l.opts.Kind, s.textsArg(groups), r.l.opts.Batch-1)
	if err != nil {
		return nil, err
	}
	byGroup, blocked := make(map[string][]row), make(map[string]bool)
	for _, f := range rows {
		if f.RunAt > r.now {
			blocked[f.Grp] = true
		}
		if !blocked[f.Grp] {
			byGroup[f.Grp] = append(byGroup[f.Grp], f)
		}
	}
	return byGroup, nil
}

// nextRun is when the next job of a kind may be claimed.
func (q *Queue) nextRun(ctx context.Context, kind string) (at int64, err error) {
	at = math.MaxInt64
	err = each(q.statementContext(ctx), q.db.Read(ctx).Statement.ConnPool,
		func(rows *sql.Rows) error { return rows.Scan(&at) }, q.sql.next, kind)
	return at, err
}

// surrender gives back what is running and what waits to be settled, as if this
// process had died: somebody else is in charge.
func (l *line) surrender(ctx context.Context) {
	l.mu.Lock()
	settles := l.settles
	l.settles = nil
	for run := range l.running {
		run.end(ErrLost)
	}
	l.mu.Unlock()
	if len(settles) == 0 {
		return
	}
	back := make([]*outcome, len(settles))
	for i, o := range settles {
		if back[i] = o; !o.reserved {
			back[i] = orphaned(o.row)
		}
	}
	err := l.q.write(ctx, func(ctx context.Context, tx gorm.ConnPool) error {
		_, _, err := l.q.settle(ctx, tx, l.opts.Kind, back, true)
		return err
	})
	if err != nil {
		l.mu.Lock()
		l.settles = slices.Concat(settles, l.settles)
		l.mu.Unlock()
	}
}

// finish waits for the handlers and settles what they return. The context of
// Run has ended by now.
func (l *line) finish(ctx context.Context) {
	for {
		l.mu.Lock()
		left := len(l.running)
		l.mu.Unlock()
		if left == 0 {
			break
		}
		<-l.wake
	}
	l.mu.Lock()
	w := work{settles: l.settles, doubt: l.doubt}
	l.settles, l.doubt = nil, nil
	l.mu.Unlock()
	for _, run := range w.doubt { // if they were claimed, they never ran
		for i := range run.jobs {
			w.settles = append(w.settles, run.untouched(i))
		}
	}
	if len(w.settles) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastRound)
	defer cancel()
	err := l.q.write(ctx, func(ctx context.Context, tx gorm.ConnPool) error {
		if l.opts.Fence != nil {
			if err := l.opts.Fence(ctx); err != nil {
				return errFenced{err}
			}
		}
		_, _, err := l.q.settle(ctx, tx, l.opts.Kind, w.settles, true)
		return err
	})
	var fenced errFenced
	if errors.As(err, &fenced) {
		l.giveBack(w, nil)
		l.surrender(ctx)
		return
	}
	if err != nil {
		l.q.log.ErrorContext(ctx, "jobs could not be settled at the end; they are rescued when their worker has expired, or at the next start",
			"kind", l.opts.Kind, "jobs", len(w.settles), "error", err)
		l.q.unsettled.Store(true)
	}
}

// lastRound bounds the settling after the end of Run's context.
const lastRound = 5 * time.Second
