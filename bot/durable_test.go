package bot_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

func TestAnOutboxWithoutAJournalIsAMistake(t *testing.T) {
	_, l := durable()
	for _, cfg := range []bot.Config{{Outbox: l}, {Journal: l}} {
		cfg.Access = bottest.AllowAll{}
		if _, err := bot.New(cfg); err == nil || !strings.Contains(err.Error(), "belong together") {
			t.Errorf("New = %v", err)
		}
	}
}

func TestANoticeGoesThroughTheOutboxOnceForItsCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := bottest.Start(t, bot.Config{}, commands{})
		if !bot.IsDurable(chat.Bot) {
			t.Error("a bot with an outbox says that it is not durable")
		}
		ops := bot.Destination{Transport: bottest.TransportName, From: "bot@bot.test", To: bottest.Room("ops"), Room: true}
		at := time.Now().Add(-time.Minute)
		notify := func(how func(*bot.Notice)) {
			t.Helper()
			n := bot.Notice{To: ops, Reply: bot.Say("down"), Cause: "web1 down", At: at}
			how(&n)
			if err := chat.Bot.Notify(t.Context(), n); err != nil {
				t.Error(err)
			}
			synctest.Wait()
		}
		for _, step := range []struct {
			name string
			how  func(*bot.Notice)
			sent int
		}{
			{"the first", func(*bot.Notice) {}, 1},
			{"the same", func(*bot.Notice) {}, 1},
			{"by another address of ours", func(n *bot.Notice) { n.To.From = "help@bot.test" }, 1},
			{"another cause", func(n *bot.Notice) { n.Cause = "web1 up" }, 2},
			{"another place", func(n *bot.Notice) { n.To.To = bottest.Room("dev") }, 3},
			{"no room", func(n *bot.Notice) { n.To.Room = false }, 4},
			{"no cause", func(n *bot.Notice) { n.Cause = "" }, 5},
			{"no cause again, and no time", func(n *bot.Notice) { n.Cause, n.At = "", time.Time{} }, 6},
			{"no words", func(n *bot.Notice) { n.Cause, n.Reply = "", bot.Reply{} }, 6},
		} {
			notify(step.how)
			if n := len(chat.Sent()); n != step.sent {
				t.Errorf("%s: %d were sent, want %d", step.name, n, step.sent)
			}
		}
		added := chat.Ledger.Added()
		if !added[0].At.Equal(at) || !added[5].At.Equal(time.Now()) || added[0].About != nil {
			t.Errorf("the outbox has %+v and %+v", added[0], added[5])
		}
		gone := bot.Notice{To: bot.Destination{Transport: "gone"}, Reply: bot.Say("x")}
		if err := chat.Bot.Notify(t.Context(), gone); !errors.Is(err, bot.ErrNoTransport) {
			t.Errorf("a notice through an unknown transport: %v", err)
		}
	})
}

// ordered is an outbox, a skill and a transport that tell when they run.
type ordered struct {
	*bottest.Ledger
	note func(string)
}

func (o ordered) Run(ctx context.Context, transports map[string]bot.Transport) error {
	o.note("outbox begins")
	err := o.Ledger.Run(ctx, transports)
	o.note("outbox ends")
	return err
}

type noted struct {
	bot.Transport
	note func(string)
}

func (n noted) Run(ctx context.Context, in bot.Inbox) error {
	err := n.Transport.Run(ctx, in)
	n.note("transport ends")
	return err
}

func TestTheOutboxOutlivesTheConversationsAndNotTheTransports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := goleak.IgnoreCurrent()
		events := make(chan string, 10)
		note := func(s string) { events <- s }
		_, l := durable()
		o := ordered{l, note}
		wire := bottest.NewTransport(bottest.TransportName)
		release := make(chan struct{})
		b := newBot(t, bot.Config{Outbox: o, Journal: l}, runner{
			commands: commands{run("slow", func(context.Context, *bot.Request) (bot.Reply, error) {
				<-release
				return bot.Say("done"), nil
			}).Changes(bot.ChangesOwn)},
			run: func(ctx context.Context) error {
				<-ctx.Done()
				return nil
			},
		}, noted{wire.With(0), note})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- b.Run(ctx) }()
		if err := wire.Deliver(bottest.Direct("john", "slow")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		cancel()
		time.Sleep(time.Second)
		close(release)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		close(events)
		var got []string
		for e := range events {
			got = append(got, e)
		}
		if s := strings.Join(got, ", "); s != "outbox begins, outbox ends, transport ends" {
			t.Error(s)
		}
		if sent := wire.Sent(); len(sent) != 1 || sent[0].Reply.Text != "done" {
			t.Errorf("sent %+v", sent)
		}
		goleak.VerifyNone(t, before)
	})
}

// stubborn is an outbox that ends only when the transports have hung up.
type stubborn struct {
	*bottest.Ledger
	hungUp chan struct{}
}

func (s stubborn) Run(ctx context.Context, _ map[string]bot.Transport) error {
	<-s.hungUp
	return nil
}

type hangsUp struct {
	bot.Transport
	hungUp chan struct{}
}

func (h hangsUp) Run(ctx context.Context, in bot.Inbox) error {
	defer close(h.hungUp)
	return h.Transport.Run(ctx, in)
}

func TestAnOutboxThatWaitsIsCutOffAfterTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hungUp := make(chan struct{})
		_, l := durable()
		b := newBot(t, bot.Config{Outbox: stubborn{l, hungUp}, Journal: l, Grace: 3 * time.Second}, commands{},
			hangsUp{bottest.NewTransport("x").With(0), hungUp})
		stop := runs(t, b)
		synctest.Wait()
		began := time.Now()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("the stop took %v", took)
		}
	})
}

// broken is an outbox that cannot work.
type broken struct{ *bottest.Ledger }

func (broken) Run(context.Context, map[string]bot.Transport) error { return errors.New("no table") }

func TestAnOutboxThatCannotWorkEndsTheBot(t *testing.T) {
	_, l := durable()
	b := newBot(t, bot.Config{Outbox: broken{l}, Journal: l}, commands{}, bottest.NewTransport("x").With(0))
	if err := b.Run(t.Context()); err == nil || err.Error() != "outbox: no table" {
		t.Errorf("Run = %v", err)
	}
}

func TestWhileNothingRunsNothingWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clk := bottest.NewClock()
		chat := bottest.Start(t, bot.Config{Clock: clk}, commands{say("ping", "pong")})
		synctest.Wait()
		if n := clk.Waiting(); n != 0 {
			t.Errorf("a bot that nobody has written to waits for %d timers", n)
		}
		for range 3 {
			if got := chat.Ask(bottest.Direct("john", "ping")); got != "pong" {
				t.Error(got)
			}
			for range 2 { // the watchdog's last look, then the conversation's end
				clk.Advance(31 * time.Second)
				synctest.Wait()
			}
			if n := clk.Waiting(); n != 0 {
				t.Errorf("a bot that has answered waits for %d timers", n)
			}
		}
	})
}

func TestAWrongValueIsAskedForAgain(t *testing.T) {
	type args struct {
		Machine string `slot:"machine" ask:"Which machine?"`
		Port    int    `slot:"port,optional"`
	}
	for _, effect := range []bot.Effect{bot.Reads, bot.ChangesOwn} {
		check := bot.Command("check", func(_ context.Context, _ *bot.Request, a args) (bot.Reply, error) {
			switch {
			case a.Machine == "nothing":
				return bot.Reply{}, bot.Wrong("colour", "No colour.")
			case a.Machine == "web":
				return bot.Reply{}, bot.Wrong("machine", "Did you mean %s?", "web1")
			case a.Machine != "web1":
				return bot.Reply{}, bot.Wrong("machine", "I know no machine %q.", a.Machine)
			}
			return bot.Sayf("%s:%d", a.Machine, a.Port), nil
		}).Summary("check").Changes(effect).
			Suggest("machine", func(context.Context) ([]string, error) { return []string{"web1"}, nil })
		play(t, `
			john: check %s 80
			bot: I know no machine "%s". Which machine?
			     (web1)
			# What else was said is kept.
			john: web
			bot: Did you mean web1?
			john: web1
			bot: web1:80
			john: web1
			bot: I do not understand ...
			john: check nothing
			bot: No colour.
			john: web1
			bot: I do not understand ...
			john: check a
			bot: I know ...
			john: b
			bot: I know ...
			john: c
			bot: I know ...
			john: d
			bot: I know ...
			john: e
			bot: Let us leave it. ...
		`, check)
	}
}

func TestWhatIsOfferedIsAnAnswerAndNoCommand(t *testing.T) {
	play(t, `
		john: get-status
		bot: Which machine?
		     (ping / pong)
		john: ping
		bot: ping is up
		john: ping
		bot: pong
	`, say("ping", "pong"), getStatus().Suggest("machine", func(context.Context) ([]string, error) { return []string{"ping", "pong"}, nil }))
}
