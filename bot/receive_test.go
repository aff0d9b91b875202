package bot_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// post is a transport that hands parcels over.
type post struct {
	bot.Transport
	in chan bot.Receiver
}

func (p post) Run(ctx context.Context, in bot.Inbox) error {
	p.in <- in.(bot.Receiver)
	return p.Transport.Run(ctx, in)
}

// posts runs a bot that takes parcels of the kind "note".
func posts(t *testing.T, cfg bot.Config, take func(ctx context.Context, p *bot.Parcel) error) (in bot.Receiver, stop func() error) {
	t.Helper()
	p := post{bottest.NewTransport("post").With(0), make(chan bot.Receiver, 1)}
	b := newBot(t, cfg, commands{}, p)
	if err := b.Receive("note", take); err != nil {
		t.Fatal(err)
	}
	stop = runs(t, b)
	return <-p.in, stop
}

func note(id string) *bot.Parcel {
	return &bot.Parcel{ID: id, Transport: "post", From: "a@one.test", To: "b@two.test", Kind: "note", Body: []byte(`{"n":1}`)}
}

func durable() (bot.Config, *bottest.Ledger) {
	l := bottest.NewLedger(bottest.NewClock())
	return bot.Config{Outbox: l, Journal: l}, l
}

func TestAParcelIsTakenOnce(t *testing.T) {
	cfg, _ := durable()
	for name, cfg := range map[string]bot.Config{"durable": cfg, "in memory": {}} {
		t.Run(name, func(t *testing.T) {
			var got []*bot.Parcel
			in, _ := posts(t, cfg, func(_ context.Context, p *bot.Parcel) error {
				got = append(got, p)
				return nil
			})
			first := note("1")
			other := note("1")
			other.From = "c@one.test"
			for _, p := range []*bot.Parcel{first, note("1"), note("2"), other} {
				if err := in.Accept(t.Context(), p); err != nil {
					t.Errorf("parcel %s of %s: %v", p.ID, p.From, err)
				}
			}
			if len(got) != 3 || got[0] != first || got[2] != other {
				t.Errorf("%d parcels were taken, want 3: %+v", len(got), got)
			}
		})
	}
}

func TestAParcelThatFailsMayComeAgain(t *testing.T) {
	wrong := errors.New("no such issue")
	for name, fails := range map[string]func(context.Context) error{
		"error": func(context.Context) error { return wrong },
		"panic": func(context.Context) error { panic(wrong) },
		"overrun": func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		},
	} {
		for _, withJournal := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var cfg bot.Config
					if withJournal {
						cfg, _ = durable()
					}
					tries := 0
					in, _ := posts(t, cfg, func(ctx context.Context, _ *bot.Parcel) error {
						if tries++; tries == 1 {
							return fails(ctx)
						}
						return nil
					})
					err := in.Accept(t.Context(), note("1"))
					if err == nil || errors.Is(err, bot.ErrNoReceiver) || name == "error" && !errors.Is(err, wrong) {
						t.Errorf("Accept = %v", err)
					}
					if err := in.Accept(t.Context(), note("1")); err != nil || tries != 2 {
						t.Errorf("the second time: %v after %d tries", err, tries)
					}
				})
			})
		}
	}
}

func TestAParcelCommitsWithWhatFollowsFromIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, l := durable()
		in, _ := posts(t, cfg, func(ctx context.Context, _ *bot.Parcel) error {
			return l.Add(ctx, bot.Outgoing{Destination: bot.Destination{Transport: "post", To: "ops"}, ID: "said", Reply: bot.Say("thanks")})
		})
		l.Fail(bottest.Fault{At: bottest.In, Err: errors.New("full")})
		if err := in.Accept(t.Context(), note("1")); !errors.Is(err, bot.ErrNotAccepted) || len(l.Added()) != 0 {
			t.Errorf("Accept = %v, in the outbox %v", err, l.Added())
		}
		if err := in.Accept(t.Context(), note("1")); err != nil || len(l.Added()) != 1 {
			t.Errorf("Accept = %v, in the outbox %v", err, l.Added())
		}
	})
}

func TestAParcelThatNobodyTakes(t *testing.T) {
	in, stop := posts(t, bot.Config{}, func(context.Context, *bot.Parcel) error { return nil })
	p := note("1")
	p.Kind = "other"
	if err := in.Accept(t.Context(), p); !errors.Is(err, bot.ErrNoReceiver) {
		t.Errorf("a parcel of an unknown kind: %v", err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if err := in.Accept(t.Context(), note("1")); !errors.Is(err, bot.ErrStopped) {
		t.Errorf("a parcel after the end: %v", err)
	}
}

func TestAStopWaitsForParcels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, _ := durable()
		cfg.Grace = 3 * time.Second
		in, stop := posts(t, cfg, func(ctx context.Context, p *bot.Parcel) error {
			if p.ID == "hangs" {
				<-ctx.Done()
				return ctx.Err()
			}
			time.Sleep(time.Second)
			return nil
		})
		ends := make(chan error, 2)
		for _, id := range []string{"slow", "hangs"} {
			go func() { ends <- in.Accept(context.Background(), note(id)) }()
		}
		synctest.Wait()
		began := time.Now()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("the stop took %v", took)
		}
		if slow, hung := <-ends, <-ends; slow != nil || hung == nil {
			t.Errorf("the slow one %v, the hanging one %v", slow, hung)
		}
	})
}

func TestAReceiverThatIsDeafIsLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, l := durable()
		deaf := make(chan struct{})
		in, stop := posts(t, cfg, func(ctx context.Context, _ *bot.Parcel) error {
			<-deaf
			return l.Add(ctx, bot.Outgoing{Destination: bot.Destination{Transport: "post"}, Reply: bot.Say("too late")})
		})
		began := time.Now()
		if err := in.Accept(t.Context(), note("1")); err == nil {
			t.Error("it was taken")
		}
		if took := time.Since(began); took > 12*time.Second {
			t.Errorf("it was given up after %v", took)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		close(deaf)
		synctest.Wait()
		if n := len(l.Added()); n != 0 {
			t.Errorf("%d messages remain of what was given up", n)
		}
	})
}

func TestTwoReceiversOfOneKindAreAMistake(t *testing.T) {
	b := newBot(t, bot.Config{}, commands{})
	take := func(context.Context, *bot.Parcel) error { return nil }
	if err := b.Receive("note", take); err != nil {
		t.Error(err)
	}
	if err := b.Receive("note", take); err == nil {
		t.Error("the second was taken")
	}
}
