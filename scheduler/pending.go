package scheduler

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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
	return p.db.Do(ctx, func(ctx context.Context) error {
		for range changeAttempts {
			jobs, old, err := p.find(ctx, name)
			if err != nil {
				return err
			}
			next, err := decide(ctx, old)
			if err != nil || same(old, next) {
				return err
			}
			key, inHand, err := p.clear(ctx, name, jobs)
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

// clear calls off the ticks of a plan, as find gives them, and says which key is
// free for the next. inHand: a worker has the newest, so that it goes on to exist.
func (p *Planner) clear(ctx context.Context, name string, jobs []queue.Info) (key string, inHand bool, err error) {
	key = name
	for i, job := range jobs {
		newest := i == len(jobs)-1
		if newest {
			key = job.Key
		}
		if job.State.Finished() {
			continue
		}
		// What changes the row holds back its worker, if there is one, until
		// this transaction ends. The older comes first, also when it is called
		// off already, because its worker too locks it before the newer.
		err := p.q.Cancel(ctx, job.ID)
		if over := errors.Is(err, queue.ErrState) || errors.Is(err, queue.ErrNotFound); over && !newest {
			continue
		}
		if err != nil {
			return "", false, err
		}
		if job, err = p.q.Show(ctx, job.ID); err != nil {
			return "", false, err
		}
		if newest && !job.State.Finished() {
			return otherKey(key), true, nil
		}
	}
	return key, false, nil
}

// find is what there is of the ticks of name, oldest first, and what the newest
// says if it is still ahead, else nil.
func (p *Planner) find(ctx context.Context, name string) (jobs []queue.Info, tick *pending, err error) {
	for _, key := range []string{name, name + aside} {
		job, found, err := p.q.Find(ctx, tickKind, key)
		if err != nil {
			return nil, nil, planError(name, err)
		}
		if found {
			jobs = append(jobs, job)
		}
	}
	slices.SortFunc(jobs, func(a, b queue.Info) int { return cmp.Compare(a.ID, b.ID) })
	if len(jobs) == 0 || jobs[len(jobs)-1].State.Finished() {
		return jobs, nil, nil
	}
	newest := jobs[len(jobs)-1]
	tick = new(pending)
	if err := json.Unmarshal(newest.Payload, tick); err != nil {
		return nil, nil, planError(name, fmt.Errorf("job %d of the queue cannot be read: %w", newest.ID, err))
	}
	if tick.removed() {
		tick = nil
	}
	return jobs, tick, nil
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
