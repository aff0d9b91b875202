package bot_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// concluding tells how much had been sent when the core was done with a message.
type concluding struct {
	bot.Transport
	wire *bottest.Transport
	done chan int
}

func (c concluding) Concluded(*bot.Message) { c.done <- len(c.wire.Sent()) }

func TestATransportIsToldWhenAMessageIsDoneWith(t *testing.T) {
	for _, c := range []struct {
		name, text string
		fault      error
		sent       int
	}{
		{"an answer", "look", nil, 1},
		{"an answer through the outbox", "change", nil, 1},
		{"silence", "nothing", nil, 0},
		{"a database that fails", "change", errors.New("broken"), 1},
		{"a panic", "panic", nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg, l := durable()
				wire := bottest.NewTransport(bottest.TransportName)
				tr := concluding{wire.With(0), wire, make(chan int, 1)}
				silent := func(context.Context, *bot.Request) (bot.Reply, error) { return bot.Reply{}, nil }
				stop := runs(t, newBot(t, cfg, commands{
					say("look", "seen"), say("change", "done").Changes(bot.ChangesOwn), run("nothing", silent),
					run("panic", func(context.Context, *bot.Request) (bot.Reply, error) { panic("on purpose") }),
				}, tr))
				if c.fault != nil {
					l.Fail(bottest.Fault{At: bottest.Before, Err: c.fault})
				}
				if err := wire.Deliver(bottest.Direct("john", c.text)); err != nil {
					t.Fatal(err)
				}
				if got := <-tr.done; got != c.sent {
					t.Errorf("%d answers had been sent, want %d", got, c.sent)
				}
				stop()
			})
		})
	}
}
