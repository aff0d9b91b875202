package queue

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"dragoman/store"
)

// statements are the hot ones, as one of the databases wants them. They go past
// GORM, which would take longer to write them than the database to run them.
// Both databases take $1; lists of texts go in as a JSON text on SQLite and as an
// array on PostgreSQL, tables as JSON on both.
type statements struct {
	postgres bool
	// Locks, for PostgreSQL. Whoever adds to a group holds its head in
	// FOR KEY SHARE until its commit, so that the head cannot go without a
	// successor. The claim gets along with that. Who takes a head away needs
	// FOR UPDATE, and leaves alone what it cannot have at once, for nothing
	// that settles may wait for a stranger's transaction.
	insertAlone, insertGrouped string
	lockedHead                 string // of a group, against its going
	keyHolder                  string
	due, followers, claim      string
	followed                   string // those of a list of groups that have followers; SQLite
	settleDone, settle         string
	heirs                      string // who comes next in a list of groups; SQLite
	promote, reserve           string // the heirs
	rouse, rouseKind           string
	next, nextOfAll            string
}

func statementsFor(dialect string) *statements {
	s := &statements{postgres: dialect == store.Postgres}
	s.prepareAdding()
	s.prepareClaiming()
	s.prepareSettling()
	return s
}

// only is what only PostgreSQL needs.
func (s *statements) only(text string) string {
	if s.postgres {
		return " " + text + " "
	}
	return ""
}

// list is a table with the column v of the texts in the parameter p.
func (s *statements) list(p string) string {
	if s.postgres {
		return "(SELECT unnest(CAST(" + p + " AS TEXT[])) AS v)"
	}
	return "(SELECT value AS v FROM json_each(" + p + "))"
}

// among is the condition that column is one of the ids that on adds to the
// statement, on PostgreSQL as the parameter p, its last.
func (s *statements) among(column, p string) string {
	if s.postgres {
		return column + " = ANY(CAST(" + p + " AS BIGINT[]))"
	}
	return column + " IN (" + theIDs + ")"
}

const theIDs = "@ids"

// on completes a statement with among, and its parameters. SQLite, which plans
// each statement anew, plans a list of numbers several times as fast as a
// json_each.
func (s *statements) on(ids []int64, statement string, args ...any) (string, []any) {
	if s.postgres {
		return statement, append(args, ids)
	}
	var list []byte
	for i, id := range ids {
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendInt(list, id, 10)
	}
	return strings.Replace(statement, theIDs, string(list), 1), args
}

// textsArg is the parameter of a list of groups or kinds.
func (s *statements) textsArg(values []string) any {
	if s.postgres {
		return values
	}
	return jsonText(values)
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil { // only our own types of numbers and clean text get here
		panic(err)
	}
	return string(b)
}

func (s *statements) prepareAdding() {
	const into = `INSERT INTO queue_jobs (kind, job_key, once, grp, state, run_at, added, payload) `
	const before, after = `$1, $2, CAST($3 AS BOOLEAN), $4, `, `, CAST($5 AS BIGINT), CAST($6 AS BIGINT), $7`
	const head = `SELECT id FROM queue_jobs WHERE kind = $1 AND grp = $4 AND ` + isHead
	s.insertAlone = into + `VALUES (` + before + `'ready'` + after + `) ON CONFLICT DO NOTHING`
	// On SQLite without a RETURNING or SELECT, for which it would keep copies
	// of all pages that it writes to.
	s.insertGrouped = into + `VALUES (` + before + `CASE WHEN EXISTS (` + head + `) THEN 'behind' ELSE 'ready' END` + after +
		`) ON CONFLICT DO NOTHING`
	if s.postgres {
		s.insertAlone += ` RETURNING id, state`
		s.insertGrouped = `WITH head AS (` + head + ` FOR KEY SHARE) ` + into +
			`SELECT ` + before + `CASE WHEN EXISTS (SELECT 1 FROM head) THEN 'behind' ELSE 'ready' END` + after + `
			ON CONFLICT DO NOTHING RETURNING id, state`
	}
	s.lockedHead = `SELECT id FROM queue_jobs WHERE kind = $1 AND grp = $2 AND ` + isHead + s.only("FOR KEY SHARE")
	s.keyHolder = `SELECT id FROM queue_jobs WHERE kind = $1 AND job_key = $2 AND ` + keyHolds
}

func (s *statements) prepareClaiming() {
	s.due = `SELECT ` + rowColumns + ` FROM queue_jobs WHERE kind = $1 AND state = 'ready' AND run_at <= $2
		ORDER BY run_at, id LIMIT $3` + s.only("FOR NO KEY UPDATE SKIP LOCKED")
	// The first of each group, in order; whether they are due is seen to later.
	const first = `FROM queue_jobs b WHERE b.kind = $1 AND b.grp = g.v AND b.state = 'behind' ORDER BY b.id LIMIT $3`
	columns := "f." + strings.ReplaceAll(rowColumns, ", ", ", f.")
	s.followers = `SELECT ` + columns + ` FROM ` + s.list("$2") + ` g JOIN queue_jobs f
		ON f.id IN (SELECT b.id ` + first + `) ORDER BY f.id`
	s.followed = `SELECT g.v FROM ` + s.list("$2") + ` g WHERE EXISTS (SELECT 1 FROM queue_jobs b
		WHERE b.kind = $1 AND b.grp = g.v AND b.state = 'behind')`
	if s.postgres {
		s.followers = `SELECT ` + columns + ` FROM ` + s.list("$2") + ` g
			CROSS JOIN LATERAL (SELECT b.* ` + first + ` FOR NO KEY UPDATE) f ORDER BY f.id`
	}
	s.claim = `UPDATE queue_jobs SET state = CASE state WHEN 'ready' THEN 'running' ELSE state END,
		attempt = attempt + 1, tried = $1, worker = $2, unrepeatable = CAST($3 AS BOOLEAN)
		WHERE state IN ('ready', 'behind') AND ` + s.among("id", "$4")
	if s.postgres { // not by a worker that was taken for dead, nor one that can be before the commit
		s.claim = `WITH me AS (SELECT id FROM queue_workers WHERE id = $2 FOR KEY SHARE) ` + s.claim + ` AND EXISTS (SELECT 1 FROM me)`
	}
	next := func(kind string) string {
		return `SELECT run_at FROM queue_jobs WHERE kind = ` + kind + ` AND state = 'ready' ORDER BY run_at, id LIMIT 1`
	}
	s.next = next("$1")
	// Short, because SQLite parses it every minute, and reads an index in less
	// time than that.
	s.nextOfAll = `SELECT kind, min(run_at) FROM queue_jobs WHERE state = 'ready' GROUP BY kind`
	if s.postgres {
		s.nextOfAll = `SELECT g.v, (` + next("g.v") + `) FROM ` + s.list("$1") + ` g`
	}
	// What waits for another attempt has a reason; what waits for its RunAt
	// has none.
	s.rouseKind = `UPDATE queue_jobs SET run_at = $1
		WHERE kind = $2 AND state = 'ready' AND run_at > $1 AND reason <> ''`
	s.rouse = `UPDATE queue_jobs SET run_at = $1
		WHERE kind = $2 AND grp IN (SELECT v FROM ` + s.list("$3") + ` g) AND ` + isHead + `
		AND state = 'ready' AND run_at > $1 AND reason <> ''`
}

func (s *statements) prepareSettling() {
	mine := s.among("id", "$3") + ` AND worker = $2`
	if s.postgres {
		mine = `id IN (SELECT id FROM queue_jobs WHERE ` + mine + ` FOR UPDATE SKIP LOCKED)`
	}
	s.settleDone = `UPDATE queue_jobs SET state = 'done', finished = CAST($1 AS BIGINT), worker = '', reason = ''
		WHERE ` + mine + ` RETURNING id, grp, state`

	table := `SELECT CAST(value ->> 'id' AS BIGINT) AS id, value ->> 'worker' AS worker, value ->> 'state' AS state,
		CAST(value ->> 'run_at' AS BIGINT) AS run_at, CAST(value ->> 'tried' AS BIGINT) AS tried,
		CAST(value ->> 'free' AS INTEGER) AS free, value ->> 'reason' AS reason FROM json_each($2)`
	joined := `SELECT v.* FROM v`
	if s.postgres {
		table = `SELECT * FROM json_to_recordset(CAST($2 AS JSON))
			AS t(id BIGINT, worker TEXT, state TEXT, run_at BIGINT, tried BIGINT, free INTEGER, reason TEXT)`
		joined = `SELECT v.* FROM v JOIN queue_jobs h ON h.id = v.id AND h.worker = v.worker FOR UPDATE OF h SKIP LOCKED`
	}
	s.settle = `WITH v AS (` + table + `), w AS (` + joined + `)
		UPDATE queue_jobs SET
			state = CASE WHEN w.state <> '' THEN w.state WHEN queue_jobs.stop THEN 'cancelled'
				WHEN queue_jobs.state = 'running' THEN 'ready' ELSE queue_jobs.state END,
			finished = CASE WHEN w.state <> '' OR queue_jobs.stop THEN CAST($1 AS BIGINT) ELSE 0 END,
			run_at = CASE WHEN w.run_at <> 0 THEN w.run_at ELSE queue_jobs.run_at END,
			tried = CASE WHEN w.tried >= 0 THEN w.tried ELSE queue_jobs.tried END,
			attempt = queue_jobs.attempt - w.free,
			reason = CASE WHEN w.reason <> '' THEN w.reason ELSE queue_jobs.reason END,
			worker = '', unrepeatable = FALSE
		FROM w WHERE queue_jobs.id = w.id AND queue_jobs.worker = w.worker AND queue_jobs.state IN ('ready', 'behind', 'running')
		RETURNING queue_jobs.id, queue_jobs.grp, queue_jobs.state`

	s.prepareSucceeding()
}

// prepareSucceeding is about the groups without a head, each of which gets its
// next one: a job that was handed out along with the old one goes on running.
func (s *statements) prepareSucceeding() {
	s.heirs = `SELECT id FROM (SELECT (SELECT b.id FROM queue_jobs b
			WHERE b.kind = $1 AND b.grp = g.v AND b.state = 'behind' ORDER BY b.id LIMIT 1) AS id
		FROM ` + s.list("$2") + ` g WHERE NOT EXISTS (SELECT 1 FROM queue_jobs
			WHERE kind = $1 AND grp = g.v AND ` + isHead + `)) AS heirs WHERE id IS NOT NULL`
	s.promote = `UPDATE queue_jobs SET state = CASE worker WHEN '' THEN 'ready' ELSE 'running' END WHERE ` + s.among("id", "")
	s.reserve = `UPDATE queue_jobs SET state = 'running', worker = $1 WHERE ` + s.among("id", "")
	if s.postgres { // in one statement, for each is a round trip
		heirs := `WITH heirs AS MATERIALIZED (` + s.heirs + `) UPDATE queue_jobs SET state = `
		const among = ` WHERE state = 'behind' AND id IN (SELECT id FROM heirs) RETURNING id`
		s.promote = heirs + `CASE worker WHEN '' THEN 'ready' ELSE 'running' END` + among
		s.reserve = heirs + `'running', worker = $3` + among
	}
}

// waiting is a statement that waits for rows that others have locked.
func waiting(statement string) string { return strings.ReplaceAll(statement, " SKIP LOCKED", "") }

// each runs a query and gives each row to f.
func each(ctx context.Context, tx gorm.ConnPool, f func(rows *sql.Rows) error, query string, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// queryRows collects whole rows; the query selects rowColumns.
func queryRows(ctx context.Context, tx gorm.ConnPool, query string, args ...any) ([]row, error) {
	var list []row
	err := each(ctx, tx, func(rows *sql.Rows) error {
		list = append(list, row{})
		return list[len(list)-1].scan(rows)
	}, query, args...)
	return list, err
}

// touched is a row that was settled.
type touched struct {
	id    int64
	grp   string
	state State
}

func queryTouched(ctx context.Context, tx gorm.ConnPool, query string, args ...any) ([]touched, error) {
	var list []touched
	err := each(ctx, tx, func(rows *sql.Rows) error {
		var t touched
		defer func() { list = append(list, t) }()
		return rows.Scan(&t.id, &t.grp, &t.state)
	}, query, args...)
	return list, err
}

func queryIDs(ctx context.Context, tx gorm.ConnPool, query string, args ...any) ([]int64, error) {
	return queryColumn[int64](ctx, tx, query, args...)
}

func queryColumn[T any](ctx context.Context, tx gorm.ConnPool, query string, args ...any) ([]T, error) {
	var list []T
	err := each(ctx, tx, func(rows *sql.Rows) error {
		var v T
		defer func() { list = append(list, v) }()
		return rows.Scan(&v)
	}, query, args...)
	return list, err
}
