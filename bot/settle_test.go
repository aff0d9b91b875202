package bot_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// tapped is a transport that shows the Inbox it is given.
type tapped struct {
	bot.Transport
	in chan bot.Inbox
}

func (t tapped) Run(ctx context.Context, in bot.Inbox) error {
	t.in <- in
	return t.Transport.Run(ctx, in)
}

// settling starts a bot and returns what its transport knows of the core.
func settling(t *testing.T, cfg bot.Config, cmds ...*bot.Cmd) (in bot.Settler, wire *bottest.Transport, stop func() error) {
	t.Helper()
	wire = bottest.NewTransport(bottest.TransportName)
	tr := tapped{wire.With(0), make(chan bot.Inbox, 1)}
	stop = runs(t, newBot(t, cfg, commands(cmds), tr))
	in, ok := (<-tr.in).(bot.Settler)
	if !ok {
		t.Fatal("the Inbox of a bot doesn't say when it is done with a message")
	}
	return in, wire, stop
}

// P1: a message is settled when what it changed is committed, not when it was
// taken, nor while another one is handled before it.
func TestAMessageIsSettledWhenItIsCommitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, l := durable()
		release := make(chan struct{})
		in, _, stop := settling(t, cfg, run("change", func(context.Context, *bot.Request) (bot.Reply, error) {
			<-release
			return bot.Say("done"), nil
		}).Changes(bot.ChangesOwn))
		const n = 3
		settled := make(chan string, 2*n)
		for i := range n {
			m := bottest.Direct("john", "change")
			m.ID, m.Unique = fmt.Sprint(i), true
			if err := in.DeliverThen(m, func() { settled <- fmt.Sprintf("%s after %d", m.ID, len(l.Added())) }); err != nil {
				t.Fatal(err)
			}
		}
		for i := range n {
			synctest.Wait()
			if len(settled) > 0 {
				t.Fatalf("settled before it was done: %s", <-settled)
			}
			release <- struct{}{}
			if got, want := <-settled, fmt.Sprintf("%d after %d", i, i+1); got != want {
				t.Errorf("settled: %s, want %s", got, want)
			}
		}
		if err := stop(); err != nil || len(settled) > 0 {
			t.Errorf("%v; settled %d times more", err, len(settled))
		}
	})
}

// Whatever becomes of a message, it is settled once.
func TestEveryMessageIsSettledOnce(t *testing.T) {
	hangs := run("hang", func(context.Context, *bot.Request) (bot.Reply, error) {
		time.Sleep(time.Minute) // heeds no context
		return bot.Say("at last"), nil
	})
	for name, m := range map[string]*bot.Message{
		"a question":                  bottest.Direct("john", "look"),
		"a change":                    bottest.Direct("john", "change"),
		"a change that fails":         bottest.Direct("john", "fail"),
		"a database that fails":       bottest.Direct("john", "change"),
		"a panic":                     bottest.Direct("john", "panic"),
		"a request that is given up":  bottest.Direct("john", "hang"),
		"a change that is given up":   bottest.Direct("john", "hang-change"),
		"nonsense":                    bottest.Direct("john", "xyzzy"),
		"talk that is overheard":      bottest.Overheard("john", "ops", "hello"),
		"a reply that cannot be sent": bottest.Direct("john", "look"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg, l := durable()
				in, wire, stop := settling(t, cfg, say("look", "seen"), say("change", "done").Changes(bot.ChangesOwn), hangs,
					run("hang-change", func(context.Context, *bot.Request) (bot.Reply, error) {
						time.Sleep(time.Minute)
						return bot.Say("at last"), nil
					}).Changes(bot.ChangesOwn),
					run("fail", func(context.Context, *bot.Request) (bot.Reply, error) { return bot.Reply{}, errors.New("broken") }).Changes(bot.ChangesOwn),
					run("panic", func(context.Context, *bot.Request) (bot.Reply, error) { panic("on purpose") }))
				switch name {
				case "a database that fails":
					l.Fail(bottest.Fault{At: bottest.Before, Err: errors.New("disk full")})
				case "a reply that cannot be sent":
					wire.Fail(errors.New("no line"))
				}
				settled := make(chan struct{}, 2)
				if err := in.DeliverThen(m, func() { settled <- struct{}{} }); err != nil {
					t.Fatal(err)
				}
				<-settled
				time.Sleep(2 * time.Minute)
				if err := stop(); err != nil {
					t.Error(err)
				}
				if len(settled) > 0 {
					t.Error("settled twice")
				}
				late := bottest.Direct("john", "look")
				if err := in.DeliverThen(late, func() { t.Error("settled, though it was not taken") }); !errors.Is(err, bot.ErrStopped) {
					t.Errorf("after the stop: %v, want ErrStopped", err)
				}
			})
		})
	}
}
