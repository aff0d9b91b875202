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
		some, err := queryTouched(ctx, tx, settleDone, now, worker, listArg(q.sql, ids))
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
	_, err := tx.ExecContext(ctx, q.sql.promote, kind, listArg(q.sql, slices.Sorted(maps.Keys(groups))))
	return err
}

// missing tells those apart that were not settled.
func (q *Queue) missing(ctx context.Context, tx gorm.ConnPool, open map[int64]*outcome) (deferred, lost []*outcome, err error) {
	rows, err := queryRows(ctx, tx, `SELECT `+rowColumns+` FROM queue_jobs WHERE `+q.sql.among("id", "$1"),
		listArg(q.sql, slices.Sorted(maps.Keys(open))))
	if err != nil {
		return nil, nil, err
	}
	for i := range rows {
		if o := open[rows[i].ID]; o.Worker == rows[i].Worker {
			deferred = append(deferred, o)
			delete(open, o.ID)
		}
	}
	return deferred, slices.Collect(maps.Values(open)), nil
}
