package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"
)

// Retry has a job handed out again at once: one that is dead, unknown or
// cancelled, with its attempts counted from zero and at the front of its group,
// or one that waits for its time. ErrState if it is done, running or behind,
// ErrExists if another live job has its key by now, ErrNotFound.
func (q *Queue) Retry(ctx context.Context, id int64) error {
	return q.decide(ctx, "retry", id, func(ctx context.Context, tx gorm.ConnPool, r *row) error {
		switch {
		case r.State == StateReady:
			return q.moveTo(ctx, tx, r, q.now())
		case !r.State.Finished() || r.State == StateDone:
			return ErrState
		}
		return q.revive(ctx, tx, r)
	})
}

// Drop deletes a job, and frees its key. ErrState if it is running (Cancel it
// first), ErrNotFound.
func (q *Queue) Drop(ctx context.Context, id int64) error {
	return q.decide(ctx, "drop", id, func(ctx context.Context, tx gorm.ConnPool, r *row) error {
		if r.Worker != "" {
			return ErrState
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM queue_jobs WHERE id = $1`, r.ID); err != nil {
			return err
		}
		return q.left(ctx, tx, r)
	})
}

// Cancel calls a job off. Of one that is running, the context ends, and it
// becomes cancelled when its handler returns, unless it is finished with it.
// ErrState if it is finished, ErrNotFound.
func (q *Queue) Cancel(ctx context.Context, id int64) error {
	return q.decide(ctx, "cancel", id, func(ctx context.Context, tx gorm.ConnPool, r *row) error {
		switch {
		case r.State.Finished():
			return ErrState
		case r.Worker != "":
			return q.stop(ctx, tx, r)
		}
		_, err := tx.ExecContext(ctx, `UPDATE queue_jobs SET state = 'cancelled', finished = $1, reason = 'cancelled'
			WHERE id = $2`, q.now(), r.ID)
		if err != nil {
			return err
		}
		return q.left(ctx, tx, r)
	})
}

// Reschedule moves the live job with that key to another time. ErrState if it is
// running, ErrNotFound.
func (q *Queue) Reschedule(ctx context.Context, kind, key string, at time.Time) error {
	err := q.within(ctx, func(ctx context.Context, tx gorm.ConnPool) error {
		rows, err := queryRows(ctx, tx, `SELECT `+rowColumns+` FROM queue_jobs WHERE kind = $1 AND job_key = $2 AND `+keyHolds+
			q.sql.only("FOR UPDATE"), kind, key)
		switch {
		case err != nil:
			return err
		case len(rows) == 0 || rows[0].State.Finished():
			return ErrNotFound
		case rows[0].Worker != "":
			return ErrState
		}
		return q.moveTo(ctx, tx, &rows[0], at.UnixMilli())
	})
	if err != nil {
		return fmt.Errorf("reschedule the job %q of kind %q: %w", key, kind, err)
	}
	return nil
}

// Wake makes the head of a group that waits for its next attempt due now, and
// one that is running at the moment as soon as it asks to be tried again. An
// empty group stands for all jobs of the kind. What waits for its RunAt is not
// touched. It works where the kind is handled, soon after it returns.
func (q *Queue) Wake(kind, group string) {
	l := q.lineOf(kind)
	if l == nil {
		return
	}
	l.mu.Lock()
	l.rouse[group] = struct{}{}
	for run := range l.running {
		if group == "" || run.jobs[0].Grp == group {
			run.roused = true
		}
	}
	l.mu.Unlock()
	l.signal()
}

// decide gives f a job that nobody else can change meanwhile.
func (q *Queue) decide(ctx context.Context, what string, id int64, f func(ctx context.Context, tx gorm.ConnPool, r *row) error) error {
	err := q.within(ctx, func(ctx context.Context, tx gorm.ConnPool) error {
		rows, err := queryRows(ctx, tx, `SELECT `+rowColumns+` FROM queue_jobs WHERE id = $1`+q.sql.only("FOR UPDATE"), id)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return ErrNotFound
		}
		if err := f(ctx, tx, &rows[0]); err != nil {
			return fmt.Errorf("it is %s: %w", rows[0].State, err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s the job %d: %w", what, id, err)
	}
	return nil
}

// left sees to the group of a job that was there no longer than now.
func (q *Queue) left(ctx context.Context, tx gorm.ConnPool, r *row) error {
	if r.Grp == "" || r.State.Finished() {
		return nil
	}
	if err := q.promote(ctx, tx, r.Kind, map[string]struct{}{r.Grp: {}}); err != nil {
		return err
	}
	q.announce(ctx, r.Kind, StateReady, q.now())
	return nil
}

func (q *Queue) moveTo(ctx context.Context, tx gorm.ConnPool, r *row, at int64) error {
	if _, err := tx.ExecContext(ctx, `UPDATE queue_jobs SET run_at = $1 WHERE id = $2`, at, r.ID); err != nil {
		return err
	}
	q.announce(ctx, r.Kind, StateReady, at)
	return nil
}

// stop marks a job that a handler has, and ends the handler's context, wherever
// it is.
func (q *Queue) stop(ctx context.Context, tx gorm.ConnPool, r *row) error {
	if _, err := tx.ExecContext(ctx, `UPDATE queue_jobs SET stop = TRUE, reason = 'cancelled' WHERE id = $1`, r.ID); err != nil {
		return err
	}
	id := r.ID
	q.db.AfterCommit(ctx, func() {
		q.endRun(id)
		if q.sql.postgres {
			q.notes.add(q, cancelPrefix+strconv.FormatInt(id, 10))
		}
	})
	return nil
}

// revive makes a finished job live again, in its place in its group.
func (q *Queue) revive(ctx context.Context, tx gorm.ConnPool, r *row) error {
	for range insertTries {
		if r.Key != "" && !r.Once {
			ids, err := queryIDs(ctx, tx, q.sql.keyHolder, r.Kind, r.Key)
			if err != nil {
				return err
			}
			if len(ids) > 0 {
				return ErrExists
			}
		}
		state := StateReady
		if r.Grp != "" {
			heads, err := queryIDs(ctx, tx, q.sql.lockedHead, r.Kind, r.Grp)
			if err != nil {
				return err
			}
			if len(heads) > 0 {
				state = StateBehind
			}
		}
		err := q.place(ctx, r.ID, state)
		if !errors.Is(err, gorm.ErrDuplicatedKey) { // else somebody was faster
			q.announce(ctx, r.Kind, StateReady, q.now())
			return err
		}
	}
	return errRestless
}

// place gives a finished job a live state, or fails alone in its transaction.
func (q *Queue) place(ctx context.Context, id int64, state State) error {
	return q.db.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE queue_jobs SET state = ?, run_at = ?, attempt = 0, finished = 0, stop = FALSE,
			reason = '', worker = '' WHERE id = ?`, state, q.now(), id).Error
	})
}
