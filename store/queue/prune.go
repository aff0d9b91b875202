package queue

import (
	"context"
	"time"
)

const (
	pruneEvery = 6 * time.Hour
	// pruneAfter is how many settled jobs call for a pruning before that;
	// pruneFirst of them do the first time.
	pruneAfter, pruneFirst = 10_000, 1_000
	// analyzeMost is how often a table that grows is looked at anew.
	analyzeMost = 3
	// pruneChunk is how many rows go in one transaction, so that nobody waits
	// for long.
	pruneChunk = 1_000
	// keepMost is how many rows of a kind that are done or cancelled are kept.
	// Letters, dead or unknown, are never deleted here: only a person may.
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

// prune deletes rows that are done or cancelled now and then.
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
	if _, err := q.db.Exec(ctx, `ANALYZE queue_jobs`); err != nil {
		q.log.DebugContext(ctx, "the table of jobs could not be analyzed", "error", err)
	}
}

func (q *Queue) pruneAll(ctx context.Context) error {
	for _, l := range q.allLines() {
		old := q.clk.Now().Add(-l.opts.Keep).UnixMilli()
		if err := q.pruneKind(ctx, l.opts.Kind, old); err != nil {
			return err
		}
	}
	return nil
}

// pruneKind deletes the rows of a kind that were done or cancelled before old, or
// before the newest keepMost. Where there are none, it only reads.
func (q *Queue) pruneKind(ctx context.Context, kind string, old int64) error {
	const ranked = `SELECT finished FROM queue_jobs WHERE kind = $1 AND ` + isDone + ` ORDER BY finished `
	tooMany, err := q.readIDs(ctx, ranked+`DESC LIMIT 1 OFFSET $2`, kind, q.keepMost)
	if err != nil {
		return err
	}
	if len(tooMany) > 0 { // what was finished in that millisecond goes too
		old = max(old, tooMany[0]+1)
	}
	for old > 0 && ctx.Err() == nil {
		oldest, err := q.readIDs(ctx, ranked+`LIMIT 1`, kind)
		if err != nil || len(oldest) == 0 || oldest[0] >= old {
			return err
		}
		deleted, err := q.db.Exec(ctx, `DELETE FROM queue_jobs WHERE id IN (SELECT id FROM queue_jobs
			WHERE kind = $1 AND `+isDone+` AND finished < $2 ORDER BY finished LIMIT $3`+
			q.sql.only("FOR UPDATE SKIP LOCKED")+`)`, kind, old, pruneChunk)
		if err != nil || deleted == 0 { // somebody else is at it
			return err
		}
	}
	return nil
}

// readIDs is a query outside of any transaction.
func (q *Queue) readIDs(ctx context.Context, query string, args ...any) ([]int64, error) {
	return queryIDs(q.statementContext(ctx), q.db.Read(ctx).Statement.ConnPool, query, args...)
}
