package scheduler

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"dragoman/store/queue"
)

// A plan's tick has the plan's name as key. While it is in the hands of a worker,
// maybe one that died with it, the row can be neither changed nor deleted; a
// change then goes aside, under a second key. Of the ticks under both keys the
// newest counts, and an older one finds that out in the transaction in which it
// would act. They are one group in the queue, so that the second is in nobody's
// hands, and can be changed again, while the first is.
const aside = " (changed)"

func otherKey(key string) string {
	if name, is := strings.CutSuffix(key, aside); is {
		return name
	}
	return key + aside
}

// changeAttempts bounds how often change looks again because others were faster.
const changeAttempts = 10

// change replaces the pending tick of name with what decide makes of it, in one
// transaction: nil stands for none, before and after. What is the same stays as
// it is.
func (p *Planner) change(ctx context.Context, name string, decide func(ctx context.Context, old *pending) (*pending, error)) error {
	return p.write(ctx, func(ctx context.Context) error {
		for range changeAttempts {
			job, old, err := p.find(ctx, name)
			if err != nil {
				return err
			}
			next, err := decide(ctx, old)
			if err != nil || same(old, next) {
				return err
			}
			key, inHand, err := p.clear(ctx, job)
			switch {
			case errors.Is(err, queue.ErrState), errors.Is(err, queue.ErrNotFound):
				continue
			case err != nil:
				return planError(name, err)
			case next == nil && !inHand:
				return nil
			case next == nil:
				next = &pending{Due: p.now()} // does nothing but to be the newest
			}
			if added, err := p.add(ctx, key, *next); err != nil || added {
				return err
			}
		}
		return planError(name, errors.New("it is changed by others all the time; try again"))
	})
}

// clear calls off job, the newest tick of a plan, and says which key is free for
// the next. inHand: a worker has the job, so that it goes on to exist.
func (p *Planner) clear(ctx context.Context, job queue.Info) (key string, inHand bool, err error) {
	if job.State.Finished() {
		return job.Key, false, nil
	}
	// What changes the row holds back its worker, if there is one, from now on
	// until this transaction ends.
	if err := p.q.Cancel(ctx, job.ID); err != nil {
		return "", false, err
	}
	if job, err = p.q.Show(ctx, job.ID); err != nil || job.State.Finished() {
		return job.Key, false, err
	}
	return otherKey(job.Key), true, nil
}

// find is the newest tick of name as a job, and what it says if it is still
// ahead, else nil. The job of a new name is a finished one.
func (p *Planner) find(ctx context.Context, name string) (queue.Info, *pending, error) {
	newest := queue.Info{Key: name, State: queue.StateDone}
	for _, key := range []string{name, name + aside} {
		job, found, err := p.q.Find(ctx, tickKind, key)
		if err != nil {
			return queue.Info{}, nil, planError(name, err)
		}
		if found && job.ID > newest.ID {
			newest = job
		}
	}
	if newest.State.Finished() {
		return newest, nil, nil
	}
	tick := new(pending)
	if err := json.Unmarshal(newest.Payload, tick); err != nil {
		return queue.Info{}, nil, planError(name, fmt.Errorf("job %d of the queue cannot be read: %w", newest.ID, err))
	}
	if tick.removed() {
		tick = nil
	}
	return newest, tick, nil
}

// superseded reports whether the plan of the tick job was changed while a worker
// had it. It is asked in the transaction that has marked the job as done.
func (p *Planner) superseded(ctx context.Context, job queue.Info) (bool, error) {
	other, found, err := p.q.Find(ctx, tickKind, otherKey(job.Key))
	return found && other.ID > job.ID, err
}

// add puts the tick next into the queue, if there is none of that key.
func (p *Planner) add(ctx context.Context, key string, next pending) (added bool, err error) {
	job, err := p.q.Add(ctx, queue.Item{Kind: tickKind, Key: key, Group: strings.TrimSuffix(key, aside), RunAt: next.Due, Args: next})
	if err != nil {
		return false, planError(key, err)
	}
	return !job.Existed, nil
}

// same reports whether two pending ticks, or their absence, are equal.
func same(a, b *pending) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Due.Equal(b.Due) && a.Spec == b.Spec && a.Local == b.Local && a.Zone == b.Zone &&
		a.CatchUp == b.CatchUp && a.Kind == b.Kind && bytes.Equal(a.Args, b.Args)
}
