package queue

import (
	"context"
	"time"

	"gorm.io/gorm"
)

const (
	// A worker on PostgreSQL says every beatEvery that it lives, and is dead
	// when it has not for beatLasts, by the database's time.
	beatEvery, beatLasts = 5 * time.Second, 15 * time.Second
	// beatAlone is after how long without the database a worker stops what it
	// does, before others take over its jobs.
	beatAlone = 12 * time.Second
)

// databaseNow is PostgreSQL's time in Unix milliseconds.
const databaseNow = `CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)`

// enlist makes a new worker of this Queue and rescues the jobs of dead ones. On
// SQLite all others are dead.
func (q *Queue) enlist(ctx context.Context) error {
	id := newID()
	err := q.write(ctx, func(ctx context.Context, tx gorm.ConnPool) error {
		if !q.sql.postgres {
			return q.rescue(ctx, tx, `worker <> ''`)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO queue_workers (id, seen_until) VALUES ($1, `+databaseNow+` + $2)`,
			id, beatLasts.Milliseconds()); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM queue_workers WHERE seen_until < `+databaseNow); err != nil {
			return err
		}
		return q.rescue(ctx, tx, `worker <> '' AND NOT EXISTS (SELECT 1 FROM queue_workers w WHERE w.id = worker)`)
	})
	if err == nil {
		q.worker.Store(&id)
	}
	return err
}

// beat keeps the worker alive and looks for dead ones.
func (q *Queue) beat(ctx context.Context) {
	timer := q.clk.NewTimer(0) // the first beat finds out who else is due to die
	defer timer.Stop()
	last, alone := q.clk.Now(), false
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
		}
		began := q.clk.Now()
		try, cancel := context.WithTimeout(ctx, beatEvery)
		found, next, err := q.beatOnce(try)
		cancel()
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			q.log.DebugContext(ctx, "the queue could not say that it lives", "error", err)
			if !alone && q.clk.Now().Sub(last) > beatAlone-beatEvery {
				alone = true
				q.log.WarnContext(ctx, "no database for so long that others may take over: the handlers are ended")
				q.endRuns()
			}
		case !found:
			q.log.WarnContext(ctx, "this process was taken for dead; its jobs were rescued")
			q.endRuns()
			if err := q.enlist(ctx); err != nil {
				q.log.WarnContext(ctx, "the queue cannot begin again; trying again", "error", err)
			}
		default:
			last, alone = began, false
		}
		timer.Reset(next)
	}
}

// beatOnce reports whether the worker is still known, and when the next beat is
// due: with the end of a worker that has not beaten for a while, whose jobs then
// wait no longer than they must.
func (q *Queue) beatOnce(ctx context.Context) (found bool, next time.Duration, err error) {
	next = beatEvery
	err = q.write(ctx, func(ctx context.Context, tx gorm.ConnPool) error {
		result, err := tx.ExecContext(ctx, `UPDATE queue_workers SET seen_until = `+databaseNow+` + $2 WHERE id = $1`,
			*q.worker.Load(), beatLasts.Milliseconds())
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if found = n == 1; err != nil || !found {
			return err
		}
		left, err := queryColumn[int64](ctx, tx, `SELECT seen_until - `+databaseNow+` FROM queue_workers
			WHERE seen_until >= `+databaseNow+` ORDER BY seen_until LIMIT 1`)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			next = min(next, time.Duration(max(left[0]+1, 50))*time.Millisecond)
		}
		dead, err := queryColumn[string](ctx, tx, `DELETE FROM queue_workers WHERE id IN (SELECT id FROM queue_workers
			WHERE seen_until < `+databaseNow+` FOR UPDATE SKIP LOCKED) RETURNING id`)
		if err != nil || len(dead) == 0 {
			return err
		}
		return q.rescue(ctx, tx, `worker = ANY($1)`, dead)
	})
	return found, next, err
}

// endRuns ends the contexts of all handlers, because their claims are lost.
func (q *Queue) endRuns() {
	for _, l := range q.allLines() {
		l.mu.Lock()
		for run := range l.running {
			run.end(ErrLost)
		}
		l.mu.Unlock()
	}
}

// leave removes the worker of this Queue, unless it has jobs that must be
// rescued from it.
func (q *Queue) leave(ctx context.Context) {
	if !q.sql.postgres || q.unsettled.Load() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	err := q.write(ctx, func(ctx context.Context, tx gorm.ConnPool) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM queue_workers WHERE id = $1`, *q.worker.Load())
		return err
	})
	if err != nil {
		q.log.DebugContext(ctx, "the queue could not take its leave; its worker expires", "error", err)
	}
}

// rescue takes the jobs back that match a condition on the table.
func (q *Queue) rescue(ctx context.Context, tx gorm.ConnPool, condition string, args ...any) error {
	rows, err := queryRows(ctx, tx, `SELECT `+rowColumns+` FROM queue_jobs WHERE `+condition+
		` ORDER BY id`+q.sql.only("FOR UPDATE"), args...)
	if err != nil || len(rows) == 0 {
		return err
	}
	byKind := make(map[string][]*outcome)
	for _, r := range rows {
		byKind[r.Kind] = append(byKind[r.Kind], orphaned(r))
	}
	for kind, list := range byKind {
		if _, _, err := q.settle(ctx, tx, kind, list, true); err != nil {
			return err
		}
		q.announce(ctx, kind, StateReady, q.now())
	}
	q.db.AfterCommit(ctx, func() {
		q.log.WarnContext(ctx, "jobs of a process that died were rescued", "jobs", len(rows))
	})
	return nil
}

// orphaned is what becomes of a job whose worker died.
func orphaned(r row) *outcome {
	o := &outcome{ID: r.ID, Worker: r.Worker, Tried: -1, row: r}
	if r.Attempt > 0 { // else it was reserved as the next of its group
		o.Reason = "the process that ran it died"
	}
	if r.Unrepeatable {
		o.State = StateUnknown
	}
	return o
}
