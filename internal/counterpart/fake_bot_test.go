package counterpart_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/bot"
	"dragoman/bot/access"
	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/component"
	"dragoman/bot/xmpp/stream"
	"dragoman/internal/counterpart"
)

const (
	domain  = "bot.chat.local"
	address = "dragoman@" + domain
	secret  = "s3cret"
)

// dialed is a Connector over the fake server's own Dial, so that all of it
// happens in memory and in virtual time.
type dialed struct{ f *counterpart.FakeXMPP }

func (d dialed) Connect(ctx context.Context) (*xmpp.Link, error) {
	conn, err := d.f.Dial(ctx)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	r := stream.NewReader(conn, stream.DefaultLimits())
	_, err = conn.Write(stream.AppendHeader(nil, stream.NSComponent, stream.Attr{Local: "to", Value: domain}))
	var header *stream.Element
	if err == nil {
		header, err = r.Header()
	}
	if err == nil {
		_, err = fmt.Fprintf(conn, "<handshake>%x</handshake>", sha1.Sum([]byte(header.Attr("id")+secret)))
	}
	var answer *stream.Element
	if err == nil {
		answer, err = r.Next()
	}
	if err == nil && !answer.Is(stream.NSClient, "handshake") {
		err = errors.New("no handshake")
		if refusal := stream.ParseError(answer); refusal != nil {
			err = refusal
		}
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &xmpp.Link{Conn: conn, Reader: r}, nil
}

// counter is a skill that counts how often each thing was asked.
type counter struct {
	mu sync.Mutex
	by map[string]int
}

type countArgs struct {
	What string `slot:"what,rest" help:"Anything."`
}

func (*counter) Name() string { return "counter" }

func (c *counter) Commands() []*bot.Cmd {
	return []*bot.Cmd{bot.Command("count", func(_ context.Context, _ *bot.Request, a countArgs) (bot.Reply, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.by[a.What]++
		return bot.Say(a.What), nil
	}).Summary("count how often this was asked")}
}

func (c *counter) total() (things, most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.by {
		most = max(most, n)
	}
	return len(c.by), most
}

// diary is a log that can be asked.
type diary struct {
	mu   sync.Mutex
	text bytes.Buffer
	lost time.Time // when the last stream was
}

func (d *diary) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if bytes.Contains(p, []byte("msg=disconnected")) {
		d.lost = time.Now()
	}
	return d.text.Write(p)
}

func (d *diary) count(part string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Count(d.text.String(), part)
}

func (d *diary) lastLost() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lost
}

// scene is a real bot on a fake server, in a bubble.
type scene struct {
	*testing.T
	f     *counterpart.FakeXMPP
	line  *counterpart.FakeLine
	john  *counterpart.FakeUser
	calls *counter
	log   *diary
	asked int
}

func play(t *testing.T, test func(s *scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { // which fails when a goroutine stays
		f := counterpart.FakeServer(t, counterpart.FakeOptions{Memory: true, Options: counterpart.Options{
			Components: map[string]string{domain: secret}, Rooms: []string{"ops"}}})
		test(newScene(t, f, dialed{f}))
	})
}

// newScene runs a bot for the length of the test, with John in its room.
func newScene(t *testing.T, f *counterpart.FakeXMPP, connector xmpp.Connector) *scene {
	t.Helper()
	s := &scene{T: t, f: f, line: f.Line(domain), john: f.Login("john", "desk"), calls: &counter{by: map[string]int{}}, log: &diary{}}
	logger := slog.New(slog.NewTextHandler(s.log, nil))
	wire := xmpp.New(xmpp.Config{Main: stream.MustParse(address), WholeDomain: true, Connector: connector, Nick: "dragoman",
		Prefix: "!", Rooms: []stream.JID{stream.MustParse(f.Room("ops"))}, Log: logger})
	b, err := bot.New(bot.Config{Name: "dragoman", Access: access.New(nil), Log: logger})
	s.check(err)
	s.check(b.Add(s.calls))
	s.check(b.Attach(wire))
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	gone := make(chan error, 1)
	go func() { gone <- b.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-gone; err != nil {
			t.Errorf("Run: %v", err)
		}
		if t.Failed() {
			all := s.log.text.String()
			t.Logf("the end of the bot's log:\n%s", all[max(0, len(all)-4000):])
		}
	})
	s.joins()
	s.answers()
	return s
}

func (s *scene) joins() {
	s.Helper()
	_, err := s.john.Join(s.Context(), s.f.Room("ops"), "John")
	s.check(err)
}

func (s *scene) check(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// ask sends one thing that was never asked before, and can be told when it is
// repeated.
func (s *scene) ask(text string) string {
	s.Helper()
	s.asked++
	what := fmt.Sprintf("%s %d", text, s.asked)
	id := fmt.Sprintf("q%d", s.asked)
	_, err := s.john.Send(s.Context(), counterpart.Outgoing{To: address, ID: id, Body: "count " + what,
		Extra: []string{"<origin-id xmlns='urn:xmpp:sid:0' id='" + id + "'/>"}})
	s.check(err)
	return what
}

// answers asks again and again until there is an answer: directly, and from
// the room, where the bot has to be back. Each has to come within a minute.
func (s *scene) answers() {
	s.Helper()
	until := func(ask func() string, from string) {
		s.Helper()
		ctx, cancel := context.WithTimeout(s.Context(), time.Minute)
		defer cancel()
		for {
			what := ask()
			try, stop := context.WithTimeout(ctx, 300*time.Millisecond)
			_, err := s.john.Expect(try, counterpart.Says(from, what))
			stop()
			if err == nil {
				return
			}
			if ctx.Err() != nil {
				s.Fatalf("no answer from %s within a minute", from)
			}
		}
	}
	until(func() string { return s.ask("are you there") }, address)
	until(func() string {
		s.asked++
		what := fmt.Sprint("room ", s.asked)
		s.check(s.john.SayRoom(s.f.Room("ops"), "!count "+what))
		return what
	}, s.f.Room("ops")+"/dragoman")
}

// once checks that nothing was executed twice.
func (s *scene) once() {
	s.Helper()
	things, most := s.calls.total()
	if most != 1 || things == 0 {
		s.Errorf("%d things were executed, one of them %d times", things, most)
	}
}

func TestABlackholedServerIsNoticedWithinFortySeconds(t *testing.T) {
	for name, fault := range map[string]struct{ hurt, mend func(s *scene) }{
		"the connection": {func(s *scene) { s.line.Blackhole() }, func(*scene) {}}, // the next one takes its place
		"the server":     {func(s *scene) { s.check(s.f.Pause()) }, func(s *scene) { s.check(s.f.Resume()) }},
	} {
		t.Run(name, func(t *testing.T) {
			var worst time.Duration
			for after := time.Duration(0); after < 30*time.Second; after += 3500 * time.Millisecond {
				play(t, func(s *scene) {
					time.Sleep(after)
					before, began := s.log.count("msg=disconnected"), time.Now()
					fault.hurt(s)
					for s.log.count("msg=disconnected") == before {
						s.ask("into the void")
						time.Sleep(100 * time.Millisecond)
						if time.Since(began) > 2*time.Minute {
							s.Fatal("it is not noticed at all")
						}
					}
					worst = max(worst, s.log.lastLost().Sub(began))
					fault.mend(s)
					s.answers()
					s.once()
				})
			}
			t.Logf("noticed within %v", worst)
			if worst > 40*time.Second {
				t.Errorf("it took up to %v, want 40 s at most", worst)
			}
		})
	}
}

// TestWhateverTheStreamSuffersTheBotReturns does everything to the connection
// that can be done, in the middle of traffic, twenty times each at a place
// drawn from a seed.
func TestWhateverTheStreamSuffersTheBotReturns(t *testing.T) {
	for name, fault := range map[string]struct {
		hurt  func(l *counterpart.FakeLine, n int)
		stays bool // the stream lives on
	}{
		"a reset in the middle":         {func(l *counterpart.FakeLine, n int) { l.Reset(n % 1500) }, false},
		"a reset at once":               {func(l *counterpart.FakeLine, n int) { l.Reset(-1) }, false},
		"an end in the middle":          {func(l *counterpart.FakeLine, n int) { l.Close(n % 1500) }, false},
		"half a character and a reset":  {func(l *counterpart.FakeLine, n int) { l.CutRune(true) }, false},
		"half a character and an end":   {func(l *counterpart.FakeLine, n int) { l.CutRune(false) }, false},
		"the end of one direction":      {func(l *counterpart.FakeLine, n int) { l.HalfClose() }, false},
		"what is no XML":                {func(l *counterpart.FakeLine, n int) { l.Garbage("<<\x00>") }, false},
		"what is no UTF-8":              {func(l *counterpart.FakeLine, n int) { l.Garbage("<message>\xff</message>") }, false},
		"a declaration":                 {func(l *counterpart.FakeLine, n int) { l.Garbage("<!DOCTYPE a [<!ENTITY b 'c'>]>") }, false},
		"a stream error":                {func(l *counterpart.FakeLine, n int) { l.StreamError("internal-server-error", "sorry") }, false},
		"blanks":                        {func(l *counterpart.FakeLine, n int) { l.Garbage(strings.Repeat(" \n", n)) }, true},
		"an element that nobody knows":  {func(l *counterpart.FakeLine, n int) { l.Garbage("<x xmlns='urn:x'><y/></x>") }, true},
		"each second stanza twice":      {func(l *counterpart.FakeLine, n int) { l.DuplicateEvery(2) }, true},
		"two stanzas change places":     {func(l *counterpart.FakeLine, n int) { l.Swap(time.Second) }, true},
		"an answer that never comes":    {func(l *counterpart.FakeLine, n int) { l.SwallowAnswers(1) }, true},
		"stanzas that are lost":         {func(l *counterpart.FakeLine, n int) { l.Lose(n % 5); l.LoseSent(n % 3) }, true},
		"everything comes 3 s late":     {func(l *counterpart.FakeLine, n int) { l.Delay(3 * time.Second) }, true},
		"5 kB a second in both ways":    {func(l *counterpart.FakeLine, n int) { l.SlowReader(5000); l.SlowWriter(5000) }, true},
		"a listener that is closed 8 s": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(s *scene) {
				r := rand.New(rand.NewPCG(1, 2))
				for range 20 {
					before := s.log.count("msg=disconnected")
					n := r.IntN(3000)
					for i := range 20 {
						s.ask("before ☃")
						if i == n%10 {
							if fault.hurt != nil {
								fault.hurt(s.line, n)
							} else {
								s.f.Refuse()
								s.line.Reset(n % 1500)
							}
						}
						s.ask("after 🤖")
					}
					time.Sleep(time.Duration(n) * time.Millisecond)
					for fault.hurt == nil && s.log.count("msg=disconnected") < before+3 {
						time.Sleep(8 * time.Second)
					}
					s.check(s.f.Accept())
					s.line.Calm()
					s.answers()
					if now := s.log.count("msg=disconnected"); fault.stays != (now == before) {
						s.Fatalf("the stream ended %d times; it should live on: %v", now-before, fault.stays)
					}
				}
				s.once()
			})
		})
	}
}

// TestASlowServerCostsNoMemory lets a server take almost nothing while it
// brings questions whose answers are a hundred times what it takes.
func TestASlowServerCostsNoMemory(t *testing.T) {
	play(t, func(s *scene) {
		before := heap()
		s.line.SlowReader(100)
		for range 100 {
			for range 50 {
				s.ask(strings.Repeat("x", 1000))
			}
			time.Sleep(time.Second)
			s.john.Received(func(counterpart.Event) bool { return true })
		}
		if grown := heap() - before; grown > 32<<20 {
			s.Errorf("the heap grew by %d MiB", grown>>20)
		} else {
			s.Logf("5,000 questions of 1 kB, a server that takes 100 B/s: the heap grew by %d KiB, %d streams were given up",
				grown>>10, s.log.count("msg=disconnected"))
		}
		s.line.Calm()
		s.answers()
		s.once()
	})
}

// The same over TCP, where it is the kernel that breaks the connection.
func TestABotOnTCPReturns(t *testing.T) {
	f := counterpart.FakeServer(t, counterpart.FakeOptions{Options: counterpart.Options{
		Components: map[string]string{domain: secret}, Rooms: []string{"ops"}}})
	s := newScene(t, f, component.New(component.Config{Domain: domain, Address: f.Component(domain), Secret: secret}))
	for _, hurt := range []func(){
		func() { s.line.Reset(700) }, func() { s.line.CutRune(true) }, func() { s.line.CutRune(false) }, func() { s.line.HalfClose() },
		func() { s.check(f.Restart(t.Context())); s.john.Online(); s.joins() },
	} {
		before, changed := s.log.count("msg=disconnected"), s.line.Changed()
		hurt()
		for range 20 {
			s.ask("see ☃")
		}
		select {
		case <-changed:
		case <-time.After(10 * time.Second):
			t.Fatal("the stream goes on")
		}
		s.answers()
		if s.log.count("msg=disconnected") == before {
			t.Error("the bot has not noticed it")
		}
	}
	s.once()
}

// heap is what is in use once the garbage is gone, in bytes.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
