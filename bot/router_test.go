package bot_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// echo is a command that answers with its argument.
func echo() *bot.Cmd {
	type args struct {
		N string `slot:"n"`
	}
	return bot.Command("echo", func(_ context.Context, _ *bot.Request, a args) (bot.Reply, error) {
		return bot.Say(a.N), nil
	}).Summary("say it again")
}

func TestRepliesKeepTheirOrderInEachConversation(t *testing.T) {
	const people, each = 20, 100
	chat := bottest.Start(t, bot.Config{}, commands{echo()})
	var senders sync.WaitGroup
	for p := range people {
		senders.Go(func() {
			for i := range each {
				if err := chat.Deliver(bottest.Direct(fmt.Sprint("p", p), fmt.Sprint("echo ", i))); err != nil {
					t.Errorf("message %d of person %d was not taken: %v", i, p, err)
				}
			}
		})
	}
	senders.Wait()
	next := make(map[bot.Address]int)
	for range people * each {
		out := chat.Next(t)
		if got, want := out.Reply.Text, fmt.Sprint(next[out.To]); got != want {
			t.Fatalf("%s got reply %s where %s was next", out.To, got, want)
		}
		next[out.To]++
	}
}

func TestABlockedHandlerDelaysNobodyElse(t *testing.T) {
	release := make(chan struct{})
	chat := bottest.Start(t, bot.Config{}, commands{hang(release), say("ping", "pong")})
	chat.Send(bottest.Direct("john", "hang"), bottest.Direct("john", "ping"))
	for _, m := range []*bot.Message{
		bottest.Direct("mary", "ping"),
		bottest.InRoom("john", "ops", "ping"), // the same person elsewhere
		bottest.InRoom("mary", "ops", "ping"),
	} {
		if got := chat.Ask(m); got != "pong" {
			t.Errorf("%s in %q got %q", m.Sender.Account, m.Room, got)
		}
	}
	close(release)
	for _, want := range []string{"released", "pong"} {
		if out := chat.Next(t); out.Reply.Text != want || out.To != "john@chat.test/phone" {
			t.Errorf("%s got %q, want %q for john", out.To, out.Reply.Text, want)
		}
	}
}

func TestABlockedTransportDelaysNoOtherConversationOfAnother(t *testing.T) {
	slow, quick := bottest.NewTransport("slow"), bottest.NewTransport("quick")
	b := newBot(t, bot.Config{}, commands{say("ping", "pong")}, slow.With(0), quick.With(0))
	runs(t, b)
	release := slow.Block()
	m := bottest.Direct("john", "ping")
	m.Transport = "slow"
	if err := slow.Deliver(m); err != nil {
		t.Fatal(err)
	}
	slow.AwaitBlocked(t, 1)
	m = bottest.Direct("john", "ping")
	m.Transport = "quick"
	if err := quick.Deliver(m); err != nil {
		t.Fatal(err)
	}
	quick.Next(t)
	release()
	slow.Next(t)
}

func TestAFullInboxPushesBackAndDropsNothing(t *testing.T) {
	release := make(chan struct{})
	chat := bottest.Start(t, bot.Config{}, commands{hang(release), echo()})
	chat.Send(bottest.Direct("john", "hang"))
	taken := 0
	for i := 0; ; i++ {
		err := chat.Deliver(bottest.Direct("john", fmt.Sprint("echo ", taken)))
		if errors.Is(err, bot.ErrBusy) {
			break
		}
		if err != nil || i > 10_000 {
			t.Fatalf("message %d: %v", i, err)
		}
		taken++
	}
	if taken < 100 {
		t.Errorf("only %d messages may wait", taken)
	}
	if got := chat.Ask(bottest.Direct("mary", "echo hello")); got != "hello" {
		t.Errorf("while John's queue is full Mary got %q", got)
	}
	close(release)
	for i := range taken + 1 {
		want := fmt.Sprint(i - 1)
		if i == 0 {
			want = "released"
		}
		if got := chat.Next(t).Reply.Text; got != want {
			t.Fatalf("reply %d is %q, want %q", i, got, want)
		}
	}
	if got := chat.Ask(bottest.Direct("john", "echo again")); got != "again" {
		t.Errorf("after ErrBusy John got %q", got)
	}
}

func TestTheNumberOfConversationsIsBounded(t *testing.T) {
	chat := bottest.StartWith(t, bot.Config{Clock: bottest.NewClock()}, 0, commands{say("ping", "pong")})
	open := 0
	var err error
	for ; err == nil && open < 100_000; open++ {
		err = chat.Deliver(bottest.Direct(fmt.Sprint("p", open), "ping"))
	}
	if open--; !errors.Is(err, bot.ErrBusy) || open != 20_000 {
		t.Fatalf("after %d conversations: %v", open, err)
	}
	for range open {
		chat.Next(t)
	}
	if got := chat.Ask(bottest.Direct("p0", "ping")); got != "pong" {
		t.Errorf("somebody whose conversation is open got %q", got)
	}
	if err := chat.Deliver(bottest.Overheard("late", "ops", "hello")); err != nil {
		t.Errorf("talk to others was refused: %v", err)
	}
}

func TestIdleStrangersDoNotKeepNewcomersOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := bottest.Start(t, bot.Config{}, commands{getStatus(), say("ping", "pong")})
		synctest.Wait()
		for i := range 20_000 {
			chat.Send(bottest.Direct(fmt.Sprint("stranger", i), "get-status")) // which asks back
			chat.Next(t)
		}
		if err := chat.Deliver(bottest.Direct("mary", "ping")); !errors.Is(err, bot.ErrBusy) {
			t.Fatalf("with every conversation open a newcomer got %v", err)
		}
		time.Sleep(2 * time.Second)
		if got := chat.Ask(bottest.Direct("mary", "ping")); got != "pong" {
			t.Errorf("two seconds later the newcomer got %q", got)
		}
	})
}

// loops counts the goroutines of conversations.
func loops() int {
	buf := make([]byte, 1<<20)
	return strings.Count(string(buf[:runtime.Stack(buf, true)]), "bot.(*conversation).loop(")
}

func TestIdleConversationsGiveTheirGoroutineBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := bottest.Start(t, bot.Config{}, commands{getStatus(), say("ping", "pong")})
		synctest.Wait()
		for i := range 50 {
			chat.Ask(bottest.Direct(fmt.Sprint("p", i), "ping"))
		}
		chat.Ask(bottest.Direct("john", "get-status"))
		synctest.Wait()
		if got := loops(); got != 51 {
			t.Errorf("51 conversations have %d goroutines", got)
		}
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if got := loops(); got != 1 {
			t.Errorf("after 31s idle there are %d goroutines, want that of the open question", got)
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if got := loops(); got != 0 {
			t.Errorf("after the question expired there are %d goroutines", got)
		}
	})
}

func TestAMessageAtTheMomentOfGoingIdleIsNotLost(t *testing.T) {
	// Both happen in the same instant of the bubble's clock, in either order.
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			chat := bottest.Start(t, bot.Config{}, commands{echo()})
			for i := range 5 {
				chat.Ask(bottest.Direct("john", fmt.Sprint("echo ", i)))
				time.Sleep(30 * time.Second)
				if got := chat.Ask(bottest.Direct("john", "echo now")); got != "now" {
					t.Fatalf("got %q", got)
				}
				time.Sleep(30 * time.Second)
			}
		})
	}
}

func TestTextAtItsEdges(t *testing.T) {
	chat := bottest.Start(t, bot.Config{}, commands{echo()})
	for name, tt := range map[string]struct{ text, want string }{
		"empty":             {"", "Yes? Say help"},
		"white space":       {" \n\t ", "Yes? Say help"},
		"invalid UTF-8":     {"echo a\xffb", "a\uFFFDb"},
		"only invalid":      {"\xff\xfe", "I do not understand “\uFFFD”"},
		"the longest":       {"echo " + strings.Repeat("x", 16<<10-5), "xxxx"},
		"too long":          {"echo " + strings.Repeat("x", 16<<10), "That is too long for me"},
		"long white space":  {"echo 1" + strings.Repeat(" ", 1<<20), "1"},
		"a NUL":             {"echo \x00", "\x00"},
		"right to left":     {"echo \u202eabc", "\u202eabc"},
		"formatting verbs":  {"%s%n %d", "I do not understand “%s%n %d”"},
		"an emoji with ZWJ": {"echo 👩‍🚒", "👩‍🚒"},
	} {
		if got := chat.Ask(bottest.Direct("john", tt.text)); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: got %.60q, want %q", name, got, tt.want)
		}
	}
}

func TestLongTalkToOthersIsNoneOfOurBusiness(t *testing.T) {
	chat := bottest.Start(t, bot.Config{}, commands{say("ping", "pong")})
	chat.Ask(bottest.InRoom("john", "ops", "ping")) // the conversation is open
	chat.Send(bottest.Overheard("john", "ops", strings.Repeat("lorem ipsum ", 3000)))
	if got := chat.Ask(bottest.InRoom("john", "ops", "ping")); got != "pong" {
		t.Errorf("after long talk to others the bot says %q", got)
	}
}
