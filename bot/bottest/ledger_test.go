package bottest_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
	"dragoman/bot/outbox/outboxtest"
	"dragoman/internal/clock"
)

// memory starts a Ledger again and again.
type memory struct{ ledger *bottest.Ledger }

func (m *memory) Start(t testing.TB, c clock.Clock, transports map[string]bot.Transport) outboxtest.Process {
	if m.ledger == nil {
		m.ledger = bottest.NewLedger(c)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.ledger.Run(ctx, transports) }()
	for !m.ledger.Runs() {
		runtime.Gosched()
	}
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return outboxtest.Process{Outbox: m.ledger, Journal: m.ledger, Stop: stop}
}

// A skill that is tested with a Ledger meets what it meets with the real one.
func TestTheLedgerKeepsThePromisesOfAnOutbox(t *testing.T) {
	outboxtest.Run(t, func(testing.TB) outboxtest.Storage { return &memory{} })
}

func TestFaultsOfTheLedger(t *testing.T) {
	full := errors.New("full")
	for _, tt := range []struct {
		name    string
		at      bottest.Moment
		runs    int
		fails   bool
		remains bool
	}{
		{"never", bottest.Never, 1, false, true},
		{"before", bottest.Before, 0, true, false},
		{"in", bottest.In, 1, true, false},
		{"after", bottest.After, 1, true, true},
		{"twice", bottest.Twice, 2, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := bottest.NewLedger(bottest.NewClock())
			l.Fail(bottest.Fault{At: tt.at, Err: full})
			runs := 0
			do := func(ctx context.Context) error {
				runs++
				return l.Add(ctx, bot.Outgoing{ID: "reply", Reply: bot.Say("done")})
			}
			again, err := l.Once(t.Context(), "key", time.Hour, do)
			if failed := errors.Is(err, bot.ErrNotAccepted) && errors.Is(err, full); again || failed != tt.fails || runs != tt.runs {
				t.Errorf("again %v, %v, %d runs", again, err, runs)
			}
			if n := len(l.Added()); (n == 1) != tt.remains {
				t.Errorf("%d messages remain", n)
			}
			if again, err := l.Once(t.Context(), "key", time.Hour, do); err != nil || again != tt.remains || len(l.Added()) != 1 {
				t.Errorf("after it: again %v, %v, %d messages", again, err, len(l.Added()))
			}
		})
	}
}

func TestALedgerCommitsNothingAfterTheEndOfItsContext(t *testing.T) {
	l := bottest.NewLedger(bottest.NewClock())
	ctx, cancel := context.WithCancel(t.Context())
	_, err := l.Once(ctx, "key", time.Hour, func(ctx context.Context) error {
		cancel()
		return l.Add(ctx, bot.Outgoing{ID: "reply", Reply: bot.Say("done")})
	})
	if !errors.Is(err, context.Canceled) || len(l.Added()) != 0 {
		t.Errorf("%v, %d messages remain", err, len(l.Added()))
	}
}

func TestWhatALedgerCouldNotDeliverWaitsForTheNextRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := bottest.NewLedger(clock.System{})
		cfg := bot.Config{Outbox: l, Journal: l}
		first := bottest.Start(t, cfg)
		first.Fail(errors.New("offline"))
		n := bot.Notice{To: bot.Destination{Transport: bottest.TransportName, To: "john"}, Reply: bot.Say("tea")}
		if err := first.Bot.Notify(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if err := first.Stop(); err != nil || len(first.Sent()) != 0 {
			t.Fatal(err, first.Sent())
		}
		if got := bottest.Start(t, cfg).Next(t).Reply.Text; got != "tea" {
			t.Errorf("the next run delivered %q", got)
		}
	})
}
