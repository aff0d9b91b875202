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

// again is the same message, delivered a second time.
func again(m *bot.Message) *bot.Message {
	twin := *m
	return &twin
}

// replies counts the answers to messages, delivered after waits.
func replies(t *testing.T, wait time.Duration, messages ...*bot.Message) (n int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		chat := bottest.Start(t, bot.Config{}, commands{say("ping", "pong"), say("hello", "hi")})
		for i, m := range messages {
			if i > 0 {
				time.Sleep(wait)
			}
			chat.Send(m)
			synctest.Wait()
		}
		n = len(chat.Sent())
	})
	return n
}

func TestAUniqueIDIsHandledOnce(t *testing.T) {
	m := bottest.Direct("john", "ping")
	other := bottest.Direct("john", "hello")
	for _, wait := range []time.Duration{0, 10 * time.Second, 59 * time.Minute} {
		if n := replies(t, wait, m, other, again(m)); n != 2 {
			t.Errorf("after %v: %d replies to two messages, one of them twice", 2*wait, n)
		}
	}
	if n := replies(t, 3*time.Hour, m, other, again(m)); n != 3 {
		t.Errorf("an id is remembered for ever (%d replies)", n)
	}
	edited := again(m)
	edited.Text = "hello" // as a sender who numbers badly, or cheats, may write
	if n := replies(t, 0, m, edited); n != 1 {
		t.Errorf("one unique id was handled %d times", n)
	}
}

func TestAnIDIsTheSendersOwn(t *testing.T) {
	m := bottest.Direct("john", "ping")
	mary := bottest.Direct("mary", "ping")
	mary.ID = m.ID
	elsewhere := bottest.InRoom("john", "ops", "ping")
	elsewhere.ID = m.ID
	if n := replies(t, 0, m, mary, elsewhere); n != 3 {
		t.Errorf("%d replies to three people and places with one id, want 3", n)
	}
}

func TestAPlainIDCountsForTheLatestMessageForAMoment(t *testing.T) {
	plain := func(id, text string) *bot.Message {
		m := bottest.Direct("john", text)
		m.ID, m.Unique = id, false
		return m
	}
	tests := []struct {
		name     string
		wait     time.Duration
		messages []*bot.Message
		want     int
	}{
		{"at once", 0, []*bot.Message{plain("1", "ping"), plain("1", "ping")}, 1},
		{"within the window", 1900 * time.Millisecond, []*bot.Message{plain("1", "ping"), plain("1", "ping")}, 1},
		{"after the window", 2 * time.Second, []*bot.Message{plain("1", "ping"), plain("1", "ping")}, 2},
		{"another text", 0, []*bot.Message{plain("1", "ping"), plain("1", "hello")}, 2},
		{"another between", 0, []*bot.Message{plain("1", "ping"), plain("2", "ping"), plain("1", "ping")}, 3},
		{"no id", 0, []*bot.Message{plain("", "ping"), plain("", "ping")}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if n := replies(t, tt.wait, tt.messages...); n != tt.want {
				t.Errorf("%d replies, want %d", n, tt.want)
			}
		})
	}
	// The same account from another device, which numbers from 1 as well.
	laptop := plain("1", "ping")
	laptop.From = "john@chat.test/laptop"
	if n := replies(t, 0, plain("1", "ping"), laptop); n != 2 {
		t.Errorf("%d replies to two devices, want 2", n)
	}
}

func TestARepeatedMessageIsAcknowledgedAgain(t *testing.T) {
	chat := bottest.Start(t, bot.Config{}, commands{say("ping", "pong")})
	m := bottest.Direct("john", "ping")
	twin := again(m)
	chat.Send(m, twin)
	chat.AwaitReceipt(t, m)
	chat.AwaitReceipt(t, twin) // the first receipt may have been lost
	if n := len(chat.Sent()); n != 1 {
		t.Errorf("%d replies, want 1", n)
	}
}

func TestReceipts(t *testing.T) {
	chat := bottest.Start(t, bot.Config{}, commands{
		say("ping", "pong"),
		run("silence", func(context.Context, *bot.Request) (bot.Reply, error) { return bot.Reply{}, nil }),
	})
	unwanted := bottest.Direct("john", "ping")
	unwanted.WantsReceipt = false
	overheard := bottest.Overheard("john", "ops", "hello")
	silent := bottest.Direct("john", "silence")
	last := bottest.InRoom("john", "ops", "ping")
	chat.Send(unwanted, silent)
	chat.AwaitReceipt(t, silent)
	chat.Send(last, overheard, again(last))
	chat.AwaitReceipt(t, last)
	for _, m := range chat.Receipts() {
		if m == unwanted || m == overheard {
			t.Errorf("%+v was acknowledged", m)
		}
	}
	if n := len(chat.Sent()); n != 2 {
		t.Errorf("%d replies, want 2: an empty reply sends nothing", n)
	}
}

func TestReplyIDsComeFromTheMessage(t *testing.T) {
	m := bottest.Direct("john", "ping")
	ids := map[string]string{}
	for name, id := range map[string]string{
		"the first":            m.ReplyID(0),
		"the second":           m.ReplyID(1),
		"another message":      bottest.Direct("john", "ping").ReplyID(0),
		"another device":       change(m, func(m *bot.Message) { m.From = "x" }).ReplyID(0),
		"another of ours":      change(m, func(m *bot.Message) { m.To = "x" }).ReplyID(0),
		"another transport":    change(m, func(m *bot.Message) { m.Transport = "x" }).ReplyID(0),
		"parts moved together": change(m, func(m *bot.Message) { m.From, m.To = m.From+"\x00"+m.To, "" }).ReplyID(0),
	} {
		if other, taken := ids[id]; taken || len(id) < 16 {
			t.Errorf("%s has the id %q, as %s", name, id, other)
		}
		ids[id] = name
	}
	if a, b := m.ReplyID(0), again(m).ReplyID(0); a != b {
		t.Errorf("the same message gives %s and %s", a, b)
	}
	if id := change(m, func(m *bot.Message) { m.ID = "" }).ReplyID(0); id != "" {
		t.Errorf("a message without an id gives %q", id)
	}
	chat := bottest.Start(t, bot.Config{}, commands{say("ping", "pong")})
	chat.Send(m)
	if out := chat.Next(t); out.ID != m.ReplyID(0) || out.About != m {
		t.Errorf("the reply has id %q about %p, want %q about %p", out.ID, out.About, m.ReplyID(0), m)
	}
}

func change(m *bot.Message, how func(*bot.Message)) *bot.Message {
	twin := again(m)
	how(twin)
	return twin
}

func TestDestinations(t *testing.T) {
	direct, room, whisper := bottest.Direct("john", ""), bottest.InRoom("john", "ops", ""), bottest.Whispered("john", "ops", "")
	hidden := change(direct, func(m *bot.Message) { m.Sender.Account = "" })
	to := func(a bot.Address, room bool) bot.Destination {
		return bot.Destination{Transport: bottest.TransportName, From: bottest.BotAddress, To: a, Room: room}
	}
	phone, inRoom, account := to("john@chat.test/phone", false), to("ops@rooms.test/john", false), to("john@chat.test", false)
	ops := to("ops@rooms.test", true)
	for _, tt := range []struct {
		name                     string
		m                        *bot.Message
		answer, aside, subscribe bot.Destination
	}{
		{"direct", direct, phone, phone, account},
		{"direct without an account", hidden, phone, phone, phone},
		{"room", room, ops, inRoom, ops},
		{"private in a room", whisper, inRoom, inRoom, account},
	} {
		if got := tt.m.Destination(); got != tt.answer {
			t.Errorf("%s: answer to %+v", tt.name, got)
		}
		if got := tt.m.Aside(); got != tt.aside {
			t.Errorf("%s: aside to %+v", tt.name, got)
		}
		if got := tt.m.Subscriber(); got != tt.subscribe {
			t.Errorf("%s: notices to %+v", tt.name, got)
		}
	}
}

func TestHiddenPeopleAreToldApartByTheirSession(t *testing.T) {
	hidden := func(session, text string) *bot.Message {
		return change(bottest.InRoom("guest", "ops", text), func(m *bot.Message) { m.Sender = bot.Person{Name: "guest", Session: session} })
	}
	chat := bottest.Start(t, bot.Config{}, commands{getStatus()})
	chat.Ask(hidden("1", "get-status"))
	// Another guest takes the nick and must not get the question with it.
	if got := chat.Ask(hidden("2", "machine1")); got == "machine1 is up" {
		t.Error("a later occupant of the nick answered the question of the former")
	}
	if got := chat.Ask(hidden("1", "machine1")); got != "machine1 is up" {
		t.Errorf("the guest's own answer got %q", got)
	}
}

// whoami is a command that says the sender's name.
func whoami() *bot.Cmd {
	return run("whoami", func(ctx context.Context, r *bot.Request) (bot.Reply, error) {
		return bot.Say(r.SenderName(ctx)), nil
	})
}

// forgetful is a bot.People that never works.
type forgetful struct{}

func (forgetful) Name(context.Context, bot.Address) (string, error) {
	return "", errors.New("no store")
}
func (forgetful) Met(context.Context, bot.Address, string, time.Time) error {
	return errors.New("no store")
}

func TestSenderName(t *testing.T) {
	nameless := func(m *bot.Message) { m.Sender.Name = "" }
	tests := []struct {
		name   string
		people bot.People
		vcard  string
		m      *bot.Message
		want   string
	}{
		{"nick in a room", nil, "Jonathan", bottest.InRoom("John Doe", "ops", "whoami"), "John Doe"},
		{"name from the transport", nil, "Jonathan", change(bottest.Direct("john", "whoami"), nameless), "Jonathan"},
		{"handle where nobody was told", nil, "", change(bottest.Direct("John Doe", "whoami"), nameless), "john.doe"},
		{"a store that fails costs no answer", forgetful{}, "Jonathan", change(bottest.Direct("john", "whoami"), nameless), "Jonathan"},
		{"hidden", nil, "", change(bottest.InRoom("guest", "ops", "whoami"), func(m *bot.Message) { m.Sender = bot.Person{Name: "guest"} }), "guest"},
		{"nothing known", nil, "", change(bottest.Direct("x", "whoami"), func(m *bot.Message) { m.Sender = bot.Person{} }), "someone"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			chat := bottest.Start(t, bot.Config{People: tt.people}, commands{whoami()})
			chat.Call(tt.m.Sender.Account, tt.vcard)
			if got := chat.Ask(tt.m); got != tt.want {
				t.Errorf("the sender is called %q, want %q", got, tt.want)
			}
		})
	}
}

func TestANameIsRemembered(t *testing.T) {
	people := &bottest.People{}
	chat := bottest.Start(t, bot.Config{People: people}, commands{whoami()})
	chat.Ask(bottest.InRoom("John Doe", "ops", "whoami"))
	direct := change(bottest.Direct("John Doe", "whoami"), func(m *bot.Message) { m.Sender.Name = "" })
	if got := chat.Ask(direct); got != "John Doe" {
		t.Errorf("in a direct message the sender is called %q", got)
	}
}

func TestAReplyInPlainText(t *testing.T) {
	table := &bot.Table{Head: []string{"name", "state"}, Rows: [][]string{{"größe", "up"}, {"m"}, {"machine", "down", "3h"}}}
	const lines = "name     state\ngröße    up\nm\nmachine  down   3h"
	for i, tt := range []struct {
		r    bot.Reply
		want string
	}{
		{bot.Reply{}, ""},
		{bot.Say("100%s"), "100%s"},
		{bot.Sayf("%d of %q", 3, "%s"), `3 of "%s"`},
		{bot.Reply{Text: "I watch:", Table: table}, "I watch:\n" + lines},
		{bot.Reply{Table: table, Choices: []string{"a", "b"}}, lines + "\n(a / b)"},
		{bot.Reply{Table: &bot.Table{}}, ""},
	} {
		if got := tt.r.Plain(); got != tt.want {
			t.Errorf("%d:\n%s\nwant\n%s", i, got, tt.want)
		}
	}
}

func ExampleReply_Plain() {
	r := bot.Reply{Text: "I watch:", Table: &bot.Table{Rows: [][]string{{"machine1", "up"}, {"web", "down"}}}}
	fmt.Println(r.Plain())
	// Output:
	// I watch:
	// machine1  up
	// web       down
}
