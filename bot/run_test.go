package bot_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// newBot makes a bot that nobody runs yet.
func newBot(t *testing.T, cfg bot.Config, s bot.Skill, transports ...bot.Transport) *bot.Bot {
	t.Helper()
	if cfg.Access == nil {
		cfg.Access = bottest.AllowAll{}
	}
	b, err := bot.New(cfg)
	if err == nil {
		err = b.Add(s)
	}
	for _, tr := range transports {
		if err == nil {
			err = b.Attach(tr)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// runs runs a bot until the test ends, or stop is called, which returns what
// Run returned.
func runs(t *testing.T, b *bot.Bot) (stop func() error) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	stopped := false
	stop = func() error {
		cancel()
		stopped = true
		return <-ended
	}
	t.Cleanup(func() {
		if !stopped {
			if err := stop(); err != nil {
				t.Errorf("Run returned %v", err)
			}
		}
		goleak.VerifyNone(t, before)
	})
	return stop
}

// runner is a skill with work of its own.
type runner struct {
	commands
	run func(ctx context.Context) error
}

func (r runner) Run(ctx context.Context) error { return r.run(ctx) }

func TestRunEndsWithTheErrorOfATransport(t *testing.T) {
	wrong := errors.New("not-authorized")
	skillEnded := false
	chat := bottest.NewTransport("one")
	other := bottest.NewTransport("two")
	b := newBot(t, bot.Config{}, runner{run: func(ctx context.Context) error {
		<-ctx.Done()
		skillEnded = true
		return ctx.Err()
	}}, chat.With(0), other.With(0))
	before := goleak.IgnoreCurrent()
	chat.Break(wrong)
	err := b.Run(t.Context())
	if !errors.Is(err, wrong) || !strings.HasPrefix(err.Error(), "one: ") {
		t.Errorf("Run = %v, want the transport's error under its name", err)
	}
	if !skillEnded {
		t.Error("Run returned before the skill had ended")
	}
	goleak.VerifyNone(t, before)
}

func TestRunEndsWithTheErrorOfASkill(t *testing.T) {
	wrong := errors.New("no table")
	b := newBot(t, bot.Config{}, runner{run: func(context.Context) error { return wrong }}, bottest.NewTransport("x").With(0))
	if err := b.Run(t.Context()); !errors.Is(err, wrong) || !strings.HasPrefix(err.Error(), "skill test: ") {
		t.Errorf("Run = %v, want the skill's error under its name", err)
	}
}

func TestRunReturnsNilWhenItsContextEnds(t *testing.T) {
	b := newBot(t, bot.Config{}, runner{run: func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err() // as many do
	}}, bottest.NewTransport("x").With(0))
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("SIGTERM"))
	if err := b.Run(ctx); err != nil {
		t.Errorf("Run = %v", err)
	}
}

func TestTheFirstErrorIsKeptWhenTheContextEndsDuringTheDrain(t *testing.T) {
	wrong := errors.New("not-authorized")
	bad, good := bottest.NewTransport("bad"), bottest.NewTransport(bottest.TransportName)
	release, begun := make(chan struct{}), make(chan struct{})
	b := newBot(t, bot.Config{}, commands{run("hold", func(context.Context, *bot.Request) (bot.Reply, error) {
		close(begun)
		<-release
		return bot.Say("done"), nil
	})}, bad.With(0), good.With(0))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	if err := good.Deliver(bottest.Direct("john", "hold")); err != nil {
		t.Fatal(err)
	}
	<-begun
	bad.Break(wrong)
	awaitStop(t, good)
	cancel()
	close(release)
	if err := <-ended; !errors.Is(err, wrong) {
		t.Errorf("Run = %v, want the error that ended it", err)
	}
}

// awaitStop waits until the bot takes no more messages.
func awaitStop(t *testing.T, tr *bottest.Transport) {
	t.Helper()
	for limit := time.Now().Add(20 * time.Second); ; {
		err := tr.Deliver(bottest.Overheard("nobody", "ops", "hello"))
		if errors.Is(err, bot.ErrStopped) {
			return
		}
		if err != nil || time.Now().After(limit) {
			t.Fatalf("waiting for ErrStopped: %v", err)
		}
	}
}

func TestTheEndDrainsWhatWasAccepted(t *testing.T) {
	release, begun := make(chan struct{}), make(chan struct{}, 1)
	slow := run("slow", func(ctx context.Context, _ *bot.Request) (bot.Reply, error) {
		begun <- struct{}{}
		select {
		case <-release:
			return bot.Say("slow is done"), nil
		case <-ctx.Done():
			return bot.Reply{}, ctx.Err()
		}
	})
	tr := bottest.NewTransport(bottest.TransportName)
	b := newBot(t, bot.Config{}, commands{slow, say("ping", "pong")}, tr.With(bottest.Receipts))
	stop := runs(t, b)
	for _, text := range []string{"slow", "ping", "ping"} {
		if err := tr.Deliver(bottest.Direct("john", text)); err != nil {
			t.Fatal(err)
		}
	}
	<-begun
	ended := make(chan error)
	go func() { ended <- stop() }()
	awaitStop(t, tr)
	if err := tr.Deliver(bottest.Direct("john", "ping")); !errors.Is(err, bot.ErrStopped) {
		t.Errorf("Deliver after the stop = %v, want ErrStopped", err)
	}
	if n := len(tr.Sent()); n != 0 {
		t.Fatalf("%d replies before the release", n)
	}
	close(release)
	if err := <-ended; err != nil {
		t.Errorf("Run = %v", err)
	}
	var got []string
	for _, out := range tr.Sent() {
		got = append(got, out.Reply.Text)
	}
	if s := strings.Join(got, ", "); s != "slow is done, pong, pong" {
		t.Errorf("replies: %s", s)
	}
	if n := len(tr.Receipts()); n != 3 {
		t.Errorf("%d receipts, want 3", n)
	}
}

func TestDeliverAfterTheEndIsRefused(t *testing.T) {
	tr := bottest.NewTransport(bottest.TransportName)
	stop := runs(t, newBot(t, bot.Config{}, commands{say("ping", "pong")}, tr.With(0)))
	if err := tr.Deliver(bottest.Direct("john", "ping")); err != nil {
		t.Fatal(err)
	}
	tr.Next(t)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	for _, m := range []*bot.Message{bottest.Direct("john", "ping"), bottest.Direct("mary", "ping"), bottest.Overheard("john", "ops", "x")} {
		if err := tr.Deliver(m); !errors.Is(err, bot.ErrStopped) {
			t.Errorf("Deliver = %v, want ErrStopped", err)
		}
	}
}

func TestGraceCancelsAHangingHandlerAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ran := 0
		chat := bottest.Start(t, bot.Config{Grace: 3 * time.Second}, commands{
			run("hang", func(ctx context.Context, _ *bot.Request) (bot.Reply, error) {
				<-ctx.Done()
				return bot.Reply{}, ctx.Err()
			}),
			run("count", func(context.Context, *bot.Request) (bot.Reply, error) {
				ran++
				return bot.Say("counted"), nil
			}),
		})
		chat.Send(bottest.Direct("john", "hang"), bottest.Direct("john", "count"))
		synctest.Wait()
		began := time.Now()
		if err := chat.Stop(); err != nil {
			t.Errorf("Run = %v", err)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("the stop took %v, want the grace of 3s", took)
		}
		sent := chat.Sent()
		if len(sent) != 2 {
			t.Fatalf("%d replies, want one for each message", len(sent))
		}
		for _, out := range sent {
			if got := out.Reply.Text; !strings.Contains(got, "interrupted because the bot is stopping") {
				t.Errorf("%q was answered: %s", out.About.Text, got)
			}
		}
		if ran != 0 {
			t.Error("a command was begun after the grace")
		}
	})
}

func TestGraceEndsAlsoWhenTheTransportIsBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := bottest.Start(t, bot.Config{}, commands{say("ping", "pong")})
		chat.Block()
		for range 100 {
			chat.Send(bottest.Direct("john", "ping"))
		}
		synctest.Wait()
		began := time.Now()
		if err := chat.Stop(); err != nil {
			t.Errorf("Run = %v", err)
		}
		if took := time.Since(began); took > 9500*time.Millisecond {
			t.Errorf("the stop took %v; a service manager waits 10s", took)
		}
	})
}

func TestAFailedSendIsLoggedAndTheConversationGoesOn(t *testing.T) {
	var log logged
	chat := bottest.Start(t, bot.Config{Log: log.logger()}, commands{say("ping", "pong")})
	chat.Fail(errors.New("queue full"))
	m := bottest.Direct("john", "ping")
	chat.Send(m)
	chat.AwaitReceipt(t, m)
	if !strings.Contains(log.String(), "queue full") {
		t.Errorf("the log lacks the lost reply:\n%s", log.String())
	}
	chat.Fail(nil)
	if got := chat.Ask(bottest.Direct("john", "ping")); got != "pong" {
		t.Errorf("got %q", got)
	}
}

func TestNotifyWithoutAnOutbox(t *testing.T) {
	wire := bottest.NewTransport(bottest.TransportName)
	b := newBot(t, bot.Config{}, commands{}, wire.With(0))
	runs(t, b)
	to := bot.Destination{Transport: bottest.TransportName, To: bottest.Room("ops"), Room: true}
	if bot.IsDurable(b) {
		t.Error("a bot without an outbox says that it is durable")
	}
	if err := b.Notify(t.Context(), bot.Notice{To: to, Reply: bot.Say("machine1 has gone down.")}); err != nil {
		t.Fatal(err)
	}
	if out := wire.Next(t); out.Destination != to || out.Reply.Text != "machine1 has gone down." || out.About != nil || out.ID != "" {
		t.Errorf("sent %+v", out)
	}
	if err := b.Notify(t.Context(), bot.Notice{To: to}); err != nil || len(wire.Sent()) != 1 {
		t.Errorf("an empty notice: %v, %d sent", err, len(wire.Sent()))
	}
	to.Transport = "gone"
	if err := b.Notify(t.Context(), bot.Notice{To: to, Reply: bot.Say("x")}); !errors.Is(err, bot.ErrNoTransport) || !strings.Contains(err.Error(), `"gone"`) {
		t.Errorf("a notice through an unknown transport: %v", err)
	}
	wire.Fail(errors.New("full"))
	to.Transport = bottest.TransportName
	if err := b.Notify(t.Context(), bot.Notice{To: to, Reply: bot.Say("x")}); err == nil {
		t.Error("a notice that was not taken gave no error")
	}
}

// A bot that lost its addresses says nothing more under them.
func TestWhoHangsUpAnswersNothingMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		wire := bottest.NewTransport("one")
		b := newBot(t, bot.Config{}, commands{bot.Command("slow", func(ctx context.Context, _ *bot.Request, _ struct{}) (bot.Reply, error) {
			<-ctx.Done()
			return bot.Say("late"), nil
		}).Summary("take long")}, wire.With(0))
		ctx, cancel := context.WithCancelCause(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- b.Run(ctx) }()
		synctest.Wait()
		m := bottest.Direct("john", "slow")
		m.Transport = "one"
		if err := wire.Deliver(m); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		cancel(fmt.Errorf("another process has it: %w", bot.ErrHangUp))
		if err := <-ended; err != nil || time.Since(began) > 0 {
			t.Errorf("Run returned %v after %v", err, time.Since(began))
		}
		if sent := wire.Sent(); len(sent) > 0 {
			t.Errorf("said %v", sent)
		}
	})
}
