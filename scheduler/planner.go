package scheduler

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"time"

	"dragoman/internal/clock"
	"dragoman/store"
	"dragoman/store/queue"
)

// tickKind is the kind of the jobs that are the next ticks of plans. Their keys
// are the names of the plans.
const tickKind = "tick"

// ErrNotPlanned says that a name has nothing ahead of it: it was never planned,
// was removed, or has happened.
var ErrNotPlanned = errors.New("nothing is planned under this name")

// Planner plans work ahead in the durable queue. It keeps nothing in memory: a
// plan lives in the database from the commit of the transaction that made it,
// and several processes may share one. All methods join the transaction of ctx
// and are safe for concurrent use.
type Planner struct {
	db  *store.DB
	q   *queue.Queue
	clk clock.Clock
	log *slog.Logger
}

// NewPlanner returns the Planner of q. It has to be made before q runs, because it
// handles the jobs of kind "tick" there, and once for a Queue. db and clk are
// those of q.
func NewPlanner(db *store.DB, q *queue.Queue, clk clock.Clock, log *slog.Logger) *Planner {
	p := &Planner{db: db, q: q, clk: clk, log: log}
	queue.Handle(q, queue.Options{
		Kind: tickKind,
		// Nothing but the database can fail, and that passes.
		Attempts: math.MaxInt32,
		Backoff:  queue.Backoff{First: time.Second, Max: time.Minute},
	}, p.tick)
	return p
}

// Recurring plans plan from now on. It is for every start of the program: a plan
// that is known and unchanged stays as it is, so that a tick which became due
// meanwhile is caught up with. A changed Spec or zone begins a new series now,
// after the old one was caught up with; what else changed holds for the pending
// tick already.
//
// A tick that the clock was ahead of is not run again when the clock is put
// back: the plan rests until then. Only if that is more than a week and more
// than two ticks away, the clock must have been wrong, and the plan is made
// anew.
func (p *Planner) Recurring(ctx context.Context, plan Plan) error {
	want, series, err := plan.pending()
	if err != nil {
		return err
	}
	return p.change(ctx, plan.Name, func(ctx context.Context, old *pending) (*pending, error) {
		now := p.now()
		if old != nil && old.Spec == want.Spec && !stranded(series, old.Due, now) {
			want.Due = old.Due
			return &want, nil
		}
		if old != nil {
			p.log.InfoContext(ctx, "a plan begins anew", "plan", plan.Name, "spec", want.Spec, "was", old.Spec, "due", old.Due)
			if err := p.catchUp(ctx, plan.Name, old, want); err != nil {
				return nil, err
			}
		}
		want.setDue(tickAfter(series, now, now))
		if want.Due.IsZero() {
			return nil, planError(plan.Name, errors.New("its spec has no time left"))
		}
		return &want, nil
	})
}

// Once plans the work of at, in the past too: CatchUp says what becomes of that.
// It replaces what the name had ahead of it. Call it where the reason for the
// work comes into being, in that transaction, and not at every start: once the
// work is done its name is free again.
func (p *Planner) Once(ctx context.Context, at At) error {
	want, err := at.pending()
	if err != nil {
		return err
	}
	return p.change(ctx, at.Name, func(context.Context, *pending) (*pending, error) { return &want, nil })
}

// Move gives the one-off of this name another time, read as At's When and Zone
// are. It is ErrNotPlanned if it has happened already.
func (p *Planner) Move(ctx context.Context, name string, when time.Time, zone *time.Location) error {
	return p.change(ctx, name, func(_ context.Context, old *pending) (*pending, error) {
		switch {
		case old == nil:
			return nil, planError(name, ErrNotPlanned)
		case old.Spec != "":
			return nil, planError(name, errors.New("it recurs, so its times follow from its spec: plan it anew with Recurring"))
		}
		moved := *old
		if err := moved.setTime(when, zone); err != nil {
			return nil, planError(name, err)
		}
		return &moved, nil
	})
}

// Remove forgets the plan of this name and reports whether there was one. Work
// whose time has come is in the queue by then and stays there.
func (p *Planner) Remove(ctx context.Context, name string) (bool, error) {
	found := false
	err := p.change(ctx, name, func(_ context.Context, old *pending) (*pending, error) {
		found = old != nil
		return nil, nil
	})
	return found, err
}

// Next is when the plan of this name is due next, in UTC and perhaps in the
// past. ok is false if nothing is planned.
func (p *Planner) Next(ctx context.Context, name string) (due time.Time, ok bool, err error) {
	_, next, err := p.find(ctx, name)
	if err != nil || next == nil {
		return time.Time{}, false, err
	}
	return next.Due, true, nil
}

func (p *Planner) now() time.Time { return p.clk.Now().Round(0) }
