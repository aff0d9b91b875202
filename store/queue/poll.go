package queue

import (
	"context"
	"database/sql"
	"time"
)

// How often the table is looked at for what nobody told of: on SQLite that is
// somebody who writes to the file of a process that runs, and a clock that was
// set; on PostgreSQL also a notification that was lost.
const (
	pollSQLite   = time.Minute
	pollPostgres = 5 * time.Second
)

// poll is the net under the wake-ups, one for all kinds.
func (q *Queue) poll(ctx context.Context) {
	every := pollSQLite
	if q.sql.postgres {
		every = pollPostgres
	}
	timer := q.clk.NewTimer(every)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
		}
		if err := q.pollOnce(ctx); err != nil && ctx.Err() == nil {
			q.log.DebugContext(ctx, "the queue could not look for jobs", "error", err)
		}
		timer.Reset(every)
	}
}

// pollOnce tells each line when its next job is due. It only reads.
func (q *Queue) pollOnce(ctx context.Context) error {
	lines := q.allLines()
	var args []any
	if q.sql.postgres {
		kinds := make([]string, len(lines))
		for i, l := range lines {
			kinds[i] = l.opts.Kind
		}
		args = append(args, q.sql.textsArg(kinds))
	}
	next := make(map[string]int64)
	err := each(q.statementContext(ctx), q.db.Read(ctx).Statement.ConnPool, func(rows *sql.Rows) error {
		var kind string
		var at sql.NullInt64
		err := rows.Scan(&kind, &at)
		if at.Valid {
			next[kind] = at.Int64
		}
		return err
	}, q.sql.nextOfAll, args...)
	if err != nil {
		return err
	}
	now := q.now()
	for _, l := range lines {
		switch at, ok := next[l.opts.Kind]; {
		case !ok:
		case at <= now:
			l.poke()
		default:
			l.dueAt(at)
		}
	}
	return nil
}
