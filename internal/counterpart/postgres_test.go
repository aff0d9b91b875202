package counterpart

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func newTimeout(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}

func TestPostgresKeepsCommittedRowsThroughAKill(t *testing.T) {
	ctx, cancel := newTimeout(t, time.Minute)
	defer cancel()
	p := PostgresServer(t)
	url, err := p.CreateDatabase(ctx, "second")
	check(t, err)
	conn, err := pgx.Connect(ctx, url)
	check(t, err)
	_, err = conn.Exec(ctx, "create table t(n int); insert into t values (7)")
	check(t, err)
	check(t, p.Kill())
	if err := conn.Ping(ctx); err == nil {
		t.Error("a killed server answers")
	}
	_ = conn.Close(ctx)
	check(t, p.Restart(ctx))
	conn, err = pgx.Connect(ctx, url)
	check(t, err)
	var n int
	if err := conn.QueryRow(ctx, "select n from t").Scan(&n); err != nil || n != 7 {
		t.Errorf("after the kill: %d, %v", n, err)
	}
	check(t, conn.Close(ctx))
	check(t, p.Restart(ctx))
	conn, err = pgx.Connect(ctx, p.URL())
	check(t, err)
	check(t, conn.Close(ctx))
	check(t, p.Stop())
	if left := processesIn(p.Dir); len(left) > 0 {
		t.Errorf("processes are left: %v", left)
	}
}
