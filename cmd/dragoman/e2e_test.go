package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/internal/counterpart"
)

const (
	botDomain = "mycomponent.chat.local"
	botJID    = "bot@" + botDomain
	botSecret = "s3cret"
)

// servers are the XMPP servers that every conversation has to work on.
var servers = []struct {
	name  string
	start func(counterpart.TB, counterpart.Options) *counterpart.Server
}{
	{"prosody", counterpart.Prosody},
	{"ejabberd", counterpart.Ejabberd},
}

// onEachServer runs f on a fresh server of each kind, with john, mary and the
// bot's domain on it.
func onEachServer(t *testing.T, f func(t *testing.T, s *counterpart.Server)) {
	t.Parallel()
	for _, k := range servers {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			f(t, k.start(t, counterpart.Options{
				Components: map[string]string{botDomain: botSecret},
				Users:      map[string]string{"john": "pw-john", "mary": "pw-mary"},
			}))
		})
	}
}

// running is a bot under test.
type running struct {
	log *syncBuffer
	end func() int // stops it and returns its exit code
}

// runBot runs the real program with the given skills.yaml until the test ends.
func runBot(t *testing.T, config string) *running {
	t.Helper()
	file := filepath.Join(t.TempDir(), "skills.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{log: new(syncBuffer)}
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"run", "-c", file, "--log-level", "debug"}, streams{strings.NewReader(""), new(syncBuffer), r.log})
	}()
	r.end = sync.OnceValue(func() int {
		cancel()
		return <-code
	})
	t.Cleanup(func() {
		if c := r.end(); c != 0 && !t.Failed() {
			t.Errorf("the bot ended with %d", c)
		}
		if t.Failed() {
			t.Logf("the bot's log:\n%s", r.log)
		}
	})
	return r
}

// componentConfig is a skills.yaml with the component on s.
func componentConfig(t *testing.T, s *counterpart.Server, status string) string {
	return fmt.Sprintf(`
bot: {name: dragoman, admins: [john@chat.local]}
store: {url: "sqlite:%s"}
xmpp:
  components:
    - {domain: %s, address: %q, secret: %s, nick: dragoman, rooms: [%s]}
nlu: {learn: false}
skills:
  ping: {enabled: true}
  status:
    enabled: true
    config: %s
`, filepath.Join(t.TempDir(), "bot.db"), botDomain, s.Component(botDomain), botSecret, s.Room("ops"), status)
}

// syncBuffer is a buffer for one writer and one reader at a time.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// person is one human in a conversation.
type person struct {
	t *testing.T
	*counterpart.Human
}

// hears waits for a message from an address that contains text and returns it.
func (p person) hears(from, text string) counterpart.Msg {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	m, err := p.Expect(ctx, counterpart.Messages(from, text))
	if err != nil {
		p.t.Fatalf("waiting for %q from %s: %v", text, from, err)
	}
	return m
}

func (p person) say(to, text string) {
	p.t.Helper()
	if err := p.Say(to, text); err != nil {
		p.t.Fatal(err)
	}
}

func (p person) sayRoom(room, text string) {
	p.t.Helper()
	if err := p.SayRoom(room, text); err != nil {
		p.t.Fatal(err)
	}
}

// joins enters a room under a nick.
func (p person) joins(room, nick string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := p.Join(ctx, room, nick); err != nil {
		p.t.Fatal(err)
	}
}

// sees waits for presence from an address.
func (p person) sees(from, kind string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if _, err := p.Expect(ctx, func(m counterpart.Msg) bool {
		return m.Kind == "presence" && m.From == from && m.Type == kind
	}); err != nil {
		p.t.Fatalf("waiting for presence %q from %s: %v", kind, from, err)
	}
}

// TestTheFirstConversation is the first conversation of the design, word for
// word, in a room and in a direct message, with a machine that really dies.
func TestTheFirstConversation(t *testing.T) {
	onEachServer(t, func(t *testing.T, s *counterpart.Server) {
		machine, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer machine.Close()
		room := s.Room("ops")
		john := person{t, counterpart.DialHuman(t, s, "john", "pw-john", "phone")}
		john.joins(room, "John Doe")
		runBot(t, componentConfig(t, s, fmt.Sprintf(
			"{interval: 1s, failures: 2, machines: [{name: machine1, check: local}, {name: web1, check: tcp, target: %q}]}", machine.Addr())))
		john.sees(room+"/dragoman", "")

		bot := room + "/dragoman"
		john.sayRoom(room, "dragoman: get-status machine1")
		john.hears(bot, "machine1 is currently running for ")
		john.sayRoom(room, "!subscribe web1")
		john.hears(bot, "John Doe is now subscribed to changes to web1")
		john.say(botJID, "get-status machine1")
		john.hears(botJID, "machine1 is currently running for ")
		john.say(botJID, "subscribe web1")
		john.hears(botJID, "John Doe is now subscribed to changes to web1")

		machine.Close()
		john.hears(bot, "web1 has gone down.")
		john.hears(botJID, "web1 has gone down.")
		john.say(botJID, "get-status web1")
		john.hears(botJID, "web1 is down for ")
	})
}

// accountConfig is a skills.yaml with an ordinary account on s.
func accountConfig(t *testing.T, s *counterpart.Server, status string) string {
	return fmt.Sprintf(`
bot: {name: dragoman, admins: [john@chat.local]}
store: {url: "sqlite:%s"}
xmpp:
  accounts:
    - {jid: mary@chat.local, password: pw-mary, address: %q, tls: starttls, ca_file: %q, nick: dragoman, rooms: [%s]}
nlu: {learn: false}
skills:
  ping: {enabled: true}
  status:
    enabled: true
    config: %s
`, filepath.Join(t.TempDir(), "bot.db"), s.C2S, s.CertFile, s.Room("ops"), status)
}

// TestTheFirstConversationAsAnAccount is the same bot as an ordinary account.
func TestTheFirstConversationAsAnAccount(t *testing.T) {
	onEachServer(t, func(t *testing.T, s *counterpart.Server) {
		const account = "mary@chat.local"
		room := s.Room("ops")
		john := person{t, counterpart.DialHuman(t, s, "john", "pw-john", "phone")}
		john.joins(room, "John Doe")
		runBot(t, accountConfig(t, s, "{machines: [{name: machine1, check: local}, {name: chat, check: xmpp-ping, target: chat.local}]}"))
		john.sees(room+"/dragoman", "")

		john.sayRoom(room, "@dragoman get-status machine1")
		john.hears(room+"/dragoman", "machine1 is currently running for ")
		john.say(account, "subscribe machine1")
		john.hears(account, "John Doe is now subscribed to changes to machine1")
		john.say(account, "get-status chat")
		john.hears(account, "chat is currently running for ")
	})
}

// TestWhatAnAccountMissedIsSaid leaves nobody who wrote to an account in its
// absence without a word, and does not do what they asked for.
func TestWhatAnAccountMissedIsSaid(t *testing.T) {
	onEachServer(t, func(t *testing.T, s *counterpart.Server) {
		john := person{t, counterpart.DialHuman(t, s, "john", "pw-john", "phone")}
		john.say("mary@chat.local", "add machine late local")
		john.joins(s.Room("lobby"), "John Doe") // by then the server has the message
		runBot(t, accountConfig(t, s, "{}"))
		john.hears("mary@chat.local", "You wrote to me while I was away")
		john.say("mary@chat.local", "get-status late")
		john.hears("mary@chat.local", `I know no machine "late"`)
	})
}
