package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// FuzzDeliver writes any text, as a first message and as an answer to
// questions: the bot never panics and answers each exactly once.
func FuzzDeliver(f *testing.F) {
	type args struct {
		Name  string        `slot:"name" help:"Its name."`
		After time.Duration `slot:"after"`
		Kind  colour        `slot:"kind,optional" default:"red"`
		Words string        `slot:"words,optional,rest"`
	}
	cmd := bot.Command("add thing", func(_ context.Context, _ *bot.Request, a args) (bot.Reply, error) {
		return bot.Sayf("%v", a), nil
	}).Summary("add a thing").Say("en", "please add [a thing called] {name} (in|after) {after}").Say("de", "füge {name} hinzu")
	var log logged
	chat := bottest.Start(f, bot.Config{Log: log.logger()}, commands{getStatus(), cmd})
	for _, seed := range []string{
		"", " ", "help", "help help", "get-status machine1", "what's the status of machine1?", "add thing", "add thing x 5m red and so on",
		"please add a thing called x in 5 minutes", `add thing --name="a b" --after=1h`, "add thing 'x", "\xff", "\x00", "🫩", "füge x hinzu",
		"cancel", "%s%d", strings.Repeat("get-status ", 2000), "get\u2011status\u200b machine1", "﷽", "-- -- --", "=", "a=b",
	} {
		f.Add(seed, "en")
	}
	f.Fuzz(func(t *testing.T, text, lang string) {
		for _, before := range []string{"", "get-status", "add thing", "add thing x"} {
			chat.Forget()
			messages := []*bot.Message{bottest.InRoom("john", "ops", text), bottest.InRoom("john", "ops", "get-status machine1")}
			if before != "" {
				messages = append([]*bot.Message{bottest.InRoom("john", "ops", before)}, messages...)
			}
			for _, m := range messages {
				m.Lang = lang
			}
			for _, m := range messages {
				if err := chat.Deliver(m); err != nil {
					t.Fatal(err)
				}
			}
			chat.AwaitReceipt(t, messages[len(messages)-1])
			sent := chat.Sent()
			if len(sent) != len(messages) {
				t.Fatalf("%d messages have %d replies", len(messages), len(sent))
			}
			for i, out := range sent {
				reply := out.Reply.Plain()
				if out.About != messages[i] || reply == "" || !utf8.ValidString(reply) {
					t.Errorf("message %d of %q got %q", i, text, reply)
				}
			}
			if got := sent[len(sent)-1].Reply.Text; got != "machine1 is up" {
				t.Errorf("after %q a full command got %q", text, got)
			}
		}
		if s := log.String(); strings.Contains(s, "panic") {
			t.Fatalf("a panic:\n%s", s)
		}
	})
}
