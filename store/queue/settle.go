package queue

import (
	"context"
	"maps"
	"slices"

	"gorm.io/gorm"
)

// outcome is what is to be written about a job that was in a worker's hands.
type outcome struct {
	ID     int64  `json:"id"`
	Worker string `json:"worker"`
	State  State  `json:"state"`  // "" stays, ready if it is the head
	RunAt  int64  `json:"run_at"` // 0: as it is
	Tried  int64  `json:"tried"`  // -1: as it is
	Free   int    `json:"free"`   // attempts that do not count
	Reason string `json:"reason"` // "": as it is

	row      row  // as it was handed out
	reserved bool // it was not: it only comes next in its group
	doubt    bool // the first try to settle it may have succeeded
}

// settle writes outcomes of one kind and promotes what comes next in their
// groups. deferred are those that others held locked; if wait is set, there are
// none. lost are those whose claims are no longer ours.
func (q *Queue) settle(ctx context.Context, tx gorm.ConnPool, kind string, list []*outcome, wait bool) (deferred, lost []*outcome, err error) {
	if len(list) == 0 {
		return nil, nil, nil
	}
	now := q.now()
	open := make(map[int64]*outcome, len(list))
	done := make(map[string][]int64) // by worker
	var others []*outcome
	for _, o := range list {
		open[o.ID] = o
		if o.State == StateDone {
			done[o.Worker] = append(done[o.Worker], o.ID)
		} else {
			others = append(others, o)
		}
	}
	settleDone, settle := q.sql.settleDone, q.sql.settle
	if wait {
		settleDone, settle = waiting(settleDone), waiting(settle)
	}
	var settled []touched
	for worker, ids := range done {
		statement, args := q.sql.on(ids, settleDone, now, worker)
		some, err := queryTouched(ctx, tx, statement, args...)
		if err != nil {
			return nil, nil, err
		}
		settled = append(settled, some...)
	}
	if len(others) > 0 {
		some, err := queryTouched(ctx, tx, settle, now, jsonText(others))
		if err != nil {
			return nil, nil, err
		}
		settled = append(settled, some...)
	}
	if err := q.succeed(ctx, tx, kind, now, settled, open); err != nil {
		return nil, nil, err
	}
	if len(open) == 0 {
		return nil, nil, nil
	}
	return q.missing(ctx, tx, open)
}

// succeed tells of dead letters, and gives the groups whose head has left
// another one. It removes from open what was settled.
func (q *Queue) succeed(ctx context.Context, tx gorm.ConnPool, kind string, now int64, settled []touched, open map[int64]*outcome) error {
	groups := make(map[string]struct{})
	for _, t := range settled {
		o := open[t.id]
		delete(open, t.id)
		if t.state.Finished() && t.grp != "" {
			groups[t.grp] = struct{}{}
		}
		if q.dead != nil && (t.state == StateDead || t.state == StateUnknown) {
			info := o.row.info()
			info.State, info.Reason, info.Finished = t.state, o.Reason, moment(now)
			if err := q.dead(ctx, info); err != nil {
				return err
			}
		}
	}
	return q.promote(ctx, tx, kind, groups)
}

func (q *Queue) promote(ctx context.Context, tx gorm.ConnPool, kind string, groups map[string]struct{}) error {
	if len(groups) == 0 {
		return nil
	}
	_, err := q.enthrone(ctx, tx, q.sql.promote, kind, slices.Sorted(maps.Keys(groups)))
	return err
}

// enthrone makes the next of each group that has no head its head, as statement
// says, and returns who they are. PostgreSQL does it in one statement; for SQLite,
// whose writer is alone, two simple ones are faster, the more so where nobody
// comes next.
func (q *Queue) enthrone(ctx context.Context, tx gorm.ConnPool, statement, kind string, groups []string, args ...any) ([]int64, error) {
	if q.sql.postgres {
		return queryIDs(ctx, tx, statement, append([]any{kind, groups}, args...)...)
	}
	heirs, err := queryIDs(ctx, tx, q.sql.heirs, kind, q.sql.textsArg(groups))
	if err != nil || len(heirs) == 0 {
		return nil, err
	}
	statement, args = q.sql.on(heirs, statement, args...)
	_, err = tx.ExecContext(ctx, statement, args...)
	return heirs, err
}

// missing tells those apart that were not settled.
func (q *Queue) missing(ctx context.Context, tx gorm.ConnPool, open map[int64]*outcome) (deferred, lost []*outcome, err error) {
	query, args := q.sql.on(slices.Sorted(maps.Keys(open)), `SELECT `+rowColumns+` FROM queue_jobs WHERE `+q.sql.among("id", "$1"))
	rows, err := queryRows(ctx, tx, query, args...)
	if err != nil {
		return nil, nil, err
	}
	for i := range rows {
		if o := open[rows[i].ID]; o.Worker == rows[i].Worker && !rows[i].State.Finished() {
			deferred = append(deferred, o)
			delete(open, o.ID)
		}
	}
	return deferred, slices.Collect(maps.Values(open)), nil
}
