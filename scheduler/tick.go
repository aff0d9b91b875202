package scheduler

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"dragoman/store/queue"
)

// tickTime bounds a tick's transaction. The end of the handler's context does not
// end it, because it is short, and broken off in its commit it would leave in
// doubt whether it took place.
const tickTime = 5 * time.Second

// tick is what happens when a plan is due: the work goes into the queue and the
// next tick is planned, both or neither.
func (p *Planner) tick(ctx context.Context, j *queue.Job[pending]) error {
	name := strings.TrimSuffix(j.Key, aside)
	series, err := j.Args.series()
	if err != nil { // a zone that this machine does not know; another may
		return planError(name, err)
	}
	now := p.now()
	if early := j.Args.Due.Sub(now); early > 0 {
		// The clock was put back since the job was handed out, or somebody
		// told the queue to retry it: its time is yet to come.
		return queue.Snooze(early)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tickTime)
	defer cancel()
	return p.db.Do(ctx, func(ctx context.Context) error {
		if err := j.Done(ctx); err != nil {
			return err
		}
		if old, err := p.superseded(ctx, j.Info); err != nil || old || j.Args.removed() {
			return err
		}
		if err := p.enqueue(ctx, name, j.Args, series, now); err != nil || series == nil {
			return err
		}
		next := j.Args
		next.setDue(tickAfter(series, next.Due, now))
		if next.Due.IsZero() {
			p.log.WarnContext(ctx, "a plan has ended: its spec has no time left", "plan", name, "spec", next.Spec)
			return nil
		}
		_, err := p.add(ctx, j.Key, next)
		return err
	})
}

// enqueue makes work of the latest tick of t that is due, if it may still run.
func (p *Planner) enqueue(ctx context.Context, name string, t pending, series Schedule, now time.Time) error {
	due := t.Due
	if series != nil {
		due = latestTick(series, due, now).UTC().Truncate(time.Millisecond)
	}
	switch late := now.Sub(due); {
	case !t.CatchUp.allows(late):
		p.log.WarnContext(ctx, "a planned time was missed and is left out", "plan", name, "due", due, "late", late, "catch_up", t.CatchUp)
		return nil
	case !due.Equal(t.Due):
		p.log.InfoContext(ctx, "planned times were missed; the latest is made up for", "plan", name, "from", t.Due, "due", due)
	}
	_, err := p.q.Add(ctx, queue.Item{
		Kind: t.Kind,
		Key:  name + "@" + due.Format(time.RFC3339Nano),
		Once: true,
		Args: Tick[json.RawMessage]{Plan: name, Due: due, Args: t.Args},
	})
	if err != nil {
		return planError(name, err)
	}
	return nil
}

// catchUp does for a plan that is about to be replaced what its tick would do,
// if that is due: the work is that of the new plan.
func (p *Planner) catchUp(ctx context.Context, name string, old *pending, want pending) error {
	now := p.now()
	if now.Before(old.Due) {
		return nil
	}
	series, err := old.series()
	if err != nil {
		return planError(name, err)
	}
	want.Due = old.Due
	return p.enqueue(ctx, name, want, series, now)
}

// stranded reports whether due can only come from a clock that was far ahead.
func stranded(series Schedule, due, now time.Time) bool {
	const week = 7 * 24 * time.Hour
	if due.Sub(now) <= week {
		return false
	}
	third := now
	for range 3 {
		if third = tickAfter(series, third, third); third.IsZero() {
			return false
		}
	}
	return due.After(third)
}
