package queue

import (
	"context"
	"database/sql"
	"errors"

	"gorm.io/gorm"
)

// insertTries bounds how often the place of a new job is looked for while others
// change what is there.
const insertTries = 100

var errRestless = errors.New("others changed the same key or group all the time: try again")

// insert adds r, in its place in its group.
func (q *Queue) insert(ctx context.Context, tx gorm.ConnPool, r *row) (Added, error) {
	for range insertTries {
		id, state, err := q.tryInsert(ctx, tx, r)
		switch {
		case err != nil:
			return Added{}, err
		case id != 0:
			q.announce(ctx, r.Kind, state, r.RunAt)
			return Added{ID: id}, nil
		}
		// It is there already, or another transaction gave the group a head
		// in the meantime.
		if r.Key != "" {
			ids, err := queryIDs(ctx, tx, q.sql.keyHolder, r.Kind, r.Key)
			if err != nil {
				return Added{}, err
			}
			if len(ids) > 0 {
				return Added{ID: ids[0], Existed: true}, nil
			}
		}
	}
	return Added{}, errRestless
}

// tryInsert returns no id if there was a conflict, and no state if it may be
// ready or behind.
func (q *Queue) tryInsert(ctx context.Context, tx gorm.ConnPool, r *row) (id int64, state State, err error) {
	statement := q.sql.insertGrouped
	if r.Grp == "" {
		statement, state = q.sql.insertAlone, StateReady
	}
	args := []any{r.Kind, r.Key, r.Once, r.Grp, r.RunAt, r.Added, r.Payload}
	if q.sql.postgres {
		err = each(ctx, tx, func(rows *sql.Rows) error { return rows.Scan(&id, &state) }, statement, args...)
		return id, state, err
	}
	result, err := tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, "", err
	}
	if n, err := result.RowsAffected(); n == 0 || err != nil {
		return 0, "", err
	}
	id, err = result.LastInsertId()
	return id, state, err
}

// announce tells whoever handles the kind, once the transaction of ctx has
// committed, of a job that is due at that time. An empty state is ready or
// behind.
func (q *Queue) announce(ctx context.Context, kind string, state State, at int64) {
	l := q.lineOf(kind)
	if l == nil && !q.sql.postgres {
		return
	}
	q.db.AfterCommit(ctx, func() {
		switch {
		case l == nil:
		case state == StateReady:
			l.dueAt(at)
		case state == "":
			l.look()
		default:
			l.unlocked()
		}
		if q.sql.postgres && state == StateReady {
			q.notes.add(q, kind)
		}
	})
}
