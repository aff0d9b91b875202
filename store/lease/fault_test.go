package lease

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"time"

	"gorm.io/gorm"

	"dragoman/internal/clock"
	"dragoman/internal/counterpart"
	"dragoman/store"
)

// faults are those of a server and of several processes, on PostgreSQL.
var faults = map[string]func(*testing.T, setting){
	"a lease that was taken away ends f, and is waited for":  testTakenAway,
	"who takes over ends the transactions of the one before": testCheckedTransaction,
	"a stalled connection ends f before the expiry":          testStalled,
	"a connection that is refused ends f before the expiry":  testRefused,
	"a connection that is reset is made anew":                testReset,
	"steps of the clock do not matter, time does":            testClockSteps,
}

func run(t *testing.T, db *store.DB, statement string) {
	t.Helper()
	check(t, db.Write(t.Context(), func(tx *gorm.DB) error { return tx.Exec(statement).Error }))
}

func testTakenAway(t *testing.T, s setting) {
	db := s.db(t)
	var epochs []int64
	done := errors.New("done")
	err := s.next().Hold(t.Context(), []string{"a"}, func(ctx context.Context, h *Held) error {
		if epochs = append(epochs, h.Epoch("a")); len(epochs) == 2 {
			return errors.Join(confirmed(h), done)
		}
		run(t, db, "UPDATE leases SET owner = 'somebody', epoch = epoch + 1, expires = expires + 1000")
		if err := confirmed(h); !errors.Is(err, ErrLost) {
			t.Errorf("a check of what was taken away: %v", err)
		}
		<-ctx.Done()
		if h.Valid() || !errors.Is(context.Cause(ctx), ErrLost) {
			t.Errorf("valid: %v; the cause is %v", h.Valid(), context.Cause(ctx))
		}
		return ctx.Err()
	})
	if !errors.Is(err, done) || len(epochs) != 2 || epochs[1] != epochs[0]+2 {
		t.Errorf("%v; the epochs are %v", err, epochs)
	}
}

// testCheckedTransaction: a transaction that was checked has committed before
// anybody takes over, or never does. Its locks are gone by then: who holds them
// may be frozen.
func testCheckedTransaction(t *testing.T, s setting) {
	db, second := s.db(t), s.next()
	run(t, db, "INSERT INTO leases (name, owner, holder, epoch, since, expires) VALUES ('other', '', '', 0, 0, 0)")
	const change = "UPDATE leases SET holder = 'changed' WHERE name = 'other'"
	frozen, thaw := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		_ = s.next().Hold(ctx, []string{"a"}, func(_ context.Context, h *Held) error {
			ended <- h.db.Write(t.Context(), func(tx *gorm.DB) error {
				check(t, h.Check(tx.Statement.Context))
				check(t, tx.Exec(change).Error)
				close(frozen)
				<-thaw
				return nil
			})
			<-ctx.Done()
			return nil
		})
	}()
	<-frozen
	run(t, db, "UPDATE leases SET expires = 0") // as a renewal, it may
	err := second.Hold(t.Context(), []string{"a"}, func(ctx context.Context, h *Held) error {
		quick, cancel := context.WithTimeout(ctx, short.last)
		defer cancel()
		return h.db.Write(quick, func(tx *gorm.DB) error { return tx.Exec(change).Error })
	})
	if err != nil {
		t.Errorf("the locks of the former owner are still there: %v", err)
	}
	close(thaw)
	if err := <-ended; err == nil {
		t.Error("a transaction of the former owner committed after the takeover")
	}
	stop()
}

// throughProxy is a Keeper whose database is behind a line that can fail.
func throughProxy(t *testing.T, s setting) (*Keeper, *counterpart.Proxy) {
	u, err := url.Parse(s.url)
	check(t, err)
	line := counterpart.LineTo(t, u.Host)
	u.Host = line.Addr()
	return keeper(open(t, u.String()), quiet), line
}

// left is what the database says remains of the lease.
func left(t *testing.T, db *store.DB) time.Duration {
	t.Helper()
	var r row
	check(t, db.Read(t.Context()).Raw("SELECT expires - "+nowPostgres+" AS left FROM leases").Scan(&r).Error)
	return time.Duration(r.Left) * time.Millisecond
}

func testStalled(t *testing.T, s setting) {
	testUnreachable(t, s, (*counterpart.Proxy).Stall, (*counterpart.Proxy).Pass)
}

func testRefused(t *testing.T, s setting) {
	testUnreachable(t, s, func(p *counterpart.Proxy) { p.Refuse(); p.Reset() }, func(p *counterpart.Proxy) { _ = p.Accept() })
}

func testUnreachable(t *testing.T, s setting, fail, mend func(*counterpart.Proxy)) {
	k, line := throughProxy(t, s)
	db := s.db(t)
	epochs := 0
	err := k.Hold(t.Context(), []string{"a"}, func(ctx context.Context, h *Held) error {
		if epochs++; epochs == 2 { // it was waited for, and there again
			return confirmed(h)
		}
		time.Sleep(2 * short.renew) // it is renewed
		fail(line)
		<-ctx.Done()
		remains := left(t, db)
		t.Logf("%v before the expiry", remains)
		if h.Valid() || !errors.Is(context.Cause(ctx), ErrLost) || remains <= 0 || remains > short.margin+short.renew {
			t.Errorf("valid: %v, cause: %v; it ended %v before the expiry", h.Valid(), context.Cause(ctx), remains)
		}
		mend(line)
		return nil
	})
	line.Reset() // what stalled is ended before anybody waits for it
	if err != nil || epochs != 2 {
		t.Errorf("%v after %d epochs", err, epochs)
	}
}

func testReset(t *testing.T, s setting) {
	k, line := throughProxy(t, s)
	check(t, k.Hold(t.Context(), []string{"a"}, func(ctx context.Context, h *Held) error {
		for range 4 {
			line.Reset()
			time.Sleep(short.renew)
		}
		if !h.Valid() || ctx.Err() != nil {
			t.Error("it was lost")
		}
		return confirmed(h)
	}))
}

func testClockSteps(t *testing.T, s setting) {
	fake := clock.NewFake(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	k := New(s.db(t), fake, quiet)
	epochs := 0
	check(t, k.Hold(t.Context(), []string{"a"}, func(ctx context.Context, h *Held) error {
		if epochs++; epochs == 2 {
			return nil
		}
		for fake.Waiting() < 3 { // its deadline, twice, and the renewal's
			time.Sleep(time.Millisecond)
		}
		for _, step := range []time.Duration{time.Hour, -2 * time.Hour} {
			fake.Step(step)
			if !h.Valid() || ctx.Err() != nil {
				t.Errorf("a step of %v ended it", step)
			}
		}
		fake.Advance(usual.ours()) // in one go, as for a process that was frozen
		if h.Valid() {
			t.Error("valid after its time")
		}
		<-ctx.Done()
		return nil
	}))
	if epochs != 2 {
		t.Errorf("%d epochs, want a second one after the lapse", epochs)
	}
}
