package bot_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// meter is a transport that only signals its sends.
type meter struct {
	in   chan bot.Inbox
	sent chan struct{}
}

func (meter) Name() string { return bottest.TransportName }

func (m meter) Run(ctx context.Context, in bot.Inbox) error {
	m.in <- in
	<-ctx.Done()
	return nil
}

func (m meter) Send(context.Context, bot.Outgoing) error {
	m.sent <- struct{}{}
	return nil
}

// BenchmarkDeliver is get-status through the whole core: Deliver, dedupe,
// access, parsing, the command, the reply.
func BenchmarkDeliver(b *testing.B) {
	for _, bench := range []struct {
		name, text string
		window     int // how many messages are under way at once, each of another person
	}{
		{"one at a time", "get-status machine1", 1},
		{"64 people", "get-status machine1", 64},
		{"plain language", "what's the status of machine1?", 1},
	} {
		b.Run(bench.name, func(b *testing.B) {
			m := meter{make(chan bot.Inbox, 1), make(chan struct{}, bench.window)}
			core, err := bot.New(bot.Config{Name: "dragoman", Access: bottest.AllowAll{}})
			if err == nil {
				err = core.Add(commands{getStatus(), say("ping", "pong"), echo()})
			}
			if err == nil {
				err = core.Attach(m)
			}
			if err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(b.Context())
			ended := make(chan error, 1)
			go func() { ended <- core.Run(ctx) }()
			in := <-m.in

			messages := make([]bot.Message, bench.window)
			for i := range messages {
				messages[i] = *bottest.Direct(fmt.Sprint("person", i), bench.text)
				messages[i].At = time.Now()
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; b.Loop(); i++ {
				if i >= bench.window {
					<-m.sent
				}
				msg := messages[i%bench.window]
				msg.ID = fmt.Sprint(i)
				if err := in.Deliver(&msg); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			cancel()
			if err := <-ended; err != nil {
				b.Fatal(err)
			}
		})
	}
}
