package queue

import (
	"context"
	"time"

	"gorm.io/gorm"
)

const (
	pruneEvery = 10 * time.Minute
	// pruneAfter is how many settled jobs call for a pruning before that;
	// pruneFirst of them do the first time.
	pruneAfter, pruneFirst = 10_000, 1_000
	// analyzeMost is how often a table that grows is looked at anew.
	analyzeMost = 3
	// pruneChunk is how many rows go in one transaction, so that nobody waits
	// for long.
	pruneChunk = 1_000
	// keepMost is how many finished rows of a kind are kept, and how many
	// letters.
	keepMost = 100_000
)

// settled counts towards the next pruning.
func (q *Queue) settled(n int) {
	if q.unpruned.Add(int64(n)) < q.pruneAt.Load() {
		return
	}
	select {
	case q.pruneNow <- struct{}{}:
		q.unpruned.Store(0)
		q.pruneAt.Store(pruneAfter)
	default:
	}
}

// prune deletes finished rows now and then.
func (q *Queue) prune(ctx context.Context) {
	timer := q.clk.NewTimer(pruneEvery)
	defer timer.Stop()
	for analyzed := 0; ; {
		if err := q.pruneAll(ctx); err != nil && ctx.Err() == nil {
			q.log.WarnContext(ctx, "finished jobs could not be deleted; trying again later", "error", err)
		}
		timer.Reset(pruneEvery)
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
		case <-q.pruneNow:
			if analyzed++; analyzed <= analyzeMost {
				q.analyze(ctx)
			}
		}
	}
}

// analyze has PostgreSQL plan anew. It plans the statements while the table is
// empty, to read all of it each time, and goes on doing so until its own
// statistics catch up, which may be minutes after the first thousand jobs.
func (q *Queue) analyze(ctx context.Context) {
	if !q.sql.postgres {
		return
	}
	err := q.write(ctx, func(ctx context.Context, tx gorm.ConnPool) error {
		_, err := tx.ExecContext(ctx, `ANALYZE queue_jobs`)
		return err
	})
	if err != nil {
		q.log.DebugContext(ctx, "the table of jobs could not be analyzed", "error", err)
	}
}

func (q *Queue) pruneAll(ctx context.Context) error {
	for _, l := range q.allLines() {
		old := q.clk.Now().Add(-l.opts.Keep).UnixMilli()
		if err := q.pruneKind(ctx, l.opts.Kind, isDone, old); err != nil {
			return err
		}
		if err := q.pruneKind(ctx, l.opts.Kind, isLetter, 0); err != nil {
			return err
		}
	}
	return nil
}

// pruneKind deletes the rows of a kind that meet the condition and were finished
// before old, or before the newest keepMost.
func (q *Queue) pruneKind(ctx context.Context, kind, condition string, old int64) error {
	ids, err := queryIDs(q.statementContext(ctx), q.db.Read(ctx).Statement.ConnPool, `SELECT finished FROM queue_jobs
		WHERE kind = $1 AND `+condition+` ORDER BY finished DESC LIMIT 1 OFFSET $2`, kind, q.keepMost)
	if err != nil {
		return err
	}
	if len(ids) > 0 { // what was finished in that millisecond goes too
		old = max(old, ids[0]+1)
	}
	for deleted := int64(pruneChunk); deleted == pruneChunk && ctx.Err() == nil; {
		err := q.write(ctx, func(ctx context.Context, tx gorm.ConnPool) error {
			result, err := tx.ExecContext(ctx, `DELETE FROM queue_jobs WHERE id IN (SELECT id FROM queue_jobs
				WHERE kind = $1 AND `+condition+` AND finished < $2 ORDER BY finished LIMIT $3`+
				q.sql.only("FOR UPDATE SKIP LOCKED")+`)`, kind, old, pruneChunk)
			if err != nil {
				return err
			}
			deleted, err = result.RowsAffected()
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
