package queue

import (
	"database/sql"
	"encoding/json"
	"time"
)

// row is a row of queue_jobs, also for GORM.
type row struct {
	ID           int64 `gorm:"primaryKey"`
	Kind         string
	Key          string `gorm:"column:job_key"`
	Once         bool
	Grp          string
	State        State
	RunAt        int64
	Added        int64
	Attempt      int
	Tried        int64
	Finished     int64
	Worker       string
	Unrepeatable bool
	Stop         bool
	Reason       string
	Payload      string
}

// TableName is for GORM.
func (row) TableName() string { return "queue_jobs" }

// rowColumns are in the order of scan.
const rowColumns = `id, kind, job_key, once, grp, state, run_at, added, attempt, tried, finished, worker, unrepeatable, stop, reason, payload`

func (r *row) scan(rows *sql.Rows) error {
	return rows.Scan(&r.ID, &r.Kind, &r.Key, &r.Once, &r.Grp, &r.State, &r.RunAt, &r.Added, &r.Attempt, &r.Tried,
		&r.Finished, &r.Worker, &r.Unrepeatable, &r.Stop, &r.Reason, &r.Payload)
}

func (r *row) info() Info {
	return Info{
		ID: r.ID, Kind: r.Kind, Key: r.Key, Group: r.Grp, Once: r.Once, State: r.State, Attempt: r.Attempt,
		Added: moment(r.Added), RunAt: moment(r.RunAt), Tried: moment(r.Tried), Finished: moment(r.Finished),
		Reason: r.Reason, Payload: json.RawMessage(r.Payload),
	}
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
