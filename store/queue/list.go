package queue

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
)

// Filter chooses what List shows; the zero value is everything.
type Filter struct {
	KindPrefix string
	Group      string
	States     []State
	// Limit is 50 by default and 1,000 at most.
	Limit int
	// Before, if not zero, shows only jobs with a smaller id: for the next page,
	// that of the last one on this page.
	Before int64
}

const listDefault, listMost = 50, 1000

// List shows jobs, the newest first.
func (q *Queue) List(ctx context.Context, f Filter) ([]Info, error) {
	limit := cmp.Or(max(f.Limit, 0), listDefault)
	query := q.db.Read(ctx).Order("id DESC").Limit(min(limit, listMost))
	if f.KindPrefix != "" {
		query = query.Where("substr(kind, 1, length(?)) = ?", f.KindPrefix, f.KindPrefix)
	}
	if f.Group != "" {
		query = query.Where("grp = ?", f.Group)
	}
	if len(f.States) > 0 {
		query = query.Where("state IN ?", f.States)
	}
	if f.Before != 0 {
		query = query.Where("id < ?", f.Before)
	}
	var rows []row
	if err := query.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list the jobs: %w", err)
	}
	list := make([]Info, len(rows))
	for i := range rows {
		list[i] = rows[i].info()
	}
	return list, nil
}

// Show shows the job with that id, or says ErrNotFound.
func (q *Queue) Show(ctx context.Context, id int64) (Info, error) {
	r, found, err := firstRow(q.db.Read(ctx).Where("id = ?", id))
	if err == nil && !found {
		err = ErrNotFound
	}
	if err != nil {
		return Info{}, fmt.Errorf("show the job %d: %w", id, err)
	}
	return r.info(), nil
}

// Find shows the newest job with that key, if there is one. It is quick as long
// as the key holds (see Item), and has to look for others.
func (q *Queue) Find(ctx context.Context, kind, key string) (Info, bool, error) {
	if key == "" {
		return Info{}, false, nil
	}
	keyed := q.db.Read(ctx).Where("kind = ? AND job_key = ?", kind, key).Session(&gorm.Session{})
	r, found, err := firstRow(keyed.Where(keyHolds))
	if err == nil && !found {
		r, found, err = firstRow(keyed.Order("id DESC"))
	}
	if err != nil {
		return Info{}, false, fmt.Errorf("find a job of kind %q: %w", kind, err)
	}
	return r.info(), found, nil
}

func firstRow(query *gorm.DB) (r row, found bool, err error) {
	var rows []row
	err = query.Limit(1).Find(&rows).Error
	if len(rows) == 0 {
		return row{}, false, err
	}
	return rows[0], true, err
}

// KindStats are the numbers of one kind.
type KindStats struct {
	Kind string
	// How many jobs are in the table in each state.
	Ready, Behind, Running, Done, Dead, Cancelled, Unknown int64
	// Oldest is when the job that waits longest for a handler fell due; zero if
	// none that is due waits.
	Oldest time.Time
	// Attempts is how many jobs were handed to a handler of this Queue since it
	// was made, and Handled how many of them it did.
	Attempts, Handled int64
}

// Stats are the numbers of all kinds that are in the table or handled here, by
// kind. It reads the whole table, so that it is nothing for every second.
func (q *Queue) Stats(ctx context.Context) ([]KindStats, error) {
	kinds := make(map[string]*KindStats)
	of := func(kind string) *KindStats {
		if kinds[kind] == nil {
			kinds[kind] = &KindStats{Kind: kind}
		}
		return kinds[kind]
	}
	now := q.now()
	err := each(q.statementContext(ctx), q.db.Read(ctx).Statement.ConnPool, func(rows *sql.Rows) error {
		var kind string
		var state State
		var n, oldest int64
		if err := rows.Scan(&kind, &state, &n, &oldest); err != nil {
			return err
		}
		of(kind).count(state, n)
		waits := state == StateReady || state == StateBehind
		if k := of(kind); waits && oldest <= now && (k.Oldest.IsZero() || moment(oldest).Before(k.Oldest)) {
			k.Oldest = moment(oldest)
		}
		return nil
	}, `SELECT kind, state, count(*), min(run_at) FROM queue_jobs GROUP BY kind, state`)
	if err != nil {
		return nil, fmt.Errorf("count the jobs: %w", err)
	}
	for _, l := range q.allLines() {
		l.mu.Lock()
		k := of(l.opts.Kind)
		k.Attempts, k.Handled = l.attempts, l.handled
		l.mu.Unlock()
	}
	var list []KindStats
	for _, k := range kinds {
		list = append(list, *k)
	}
	slices.SortFunc(list, func(a, b KindStats) int { return cmp.Compare(a.Kind, b.Kind) })
	return list, nil
}

func (k *KindStats) count(state State, n int64) {
	switch state {
	case StateReady:
		k.Ready = n
	case StateBehind:
		k.Behind = n
	case StateRunning:
		k.Running = n
	case StateDone:
		k.Done = n
	case StateDead:
		k.Dead = n
	case StateCancelled:
		k.Cancelled = n
	case StateUnknown:
		k.Unknown = n
	}
}
