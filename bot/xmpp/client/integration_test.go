package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
	"dragoman/internal/counterpart"
)

// realServer is one of the servers that nobody here wrote.
type realServer struct {
	name  string
	start func(counterpart.TB, counterpart.Options) *counterpart.Server
}

func realServers() []realServer {
	return []realServer{{"prosody", counterpart.Prosody}, {"ejabberd", counterpart.Ejabberd}}
}

// onEach runs a test on a server of each kind, with an account for the bot and
// one for john.
func onEach(t *testing.T, o counterpart.Options, test func(t *testing.T, s *counterpart.Server)) {
	o.Users = map[string]string{"bot": testPassword, "john": "john's"}
	for _, k := range realServers() {
		t.Run(k.name, func(t *testing.T) { test(t, k.start(t, o)) })
	}
}

// botOn is a Connector for the bot's account on s.
func botOn(t testing.TB, s *counterpart.Server, change ...func(*Config)) *Connector {
	return account(t, s.C2S, append([]func(*Config){func(c *Config) {
		c.JID, c.TLS, c.RootCAs = "bot@"+s.Domain, StartTLS, s.RootCAs
	}}, change...)...)
}

// askServer proves that a link is alive in both directions.
func askServer(t testing.TB, w *served, domain string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ping := stream.New(stream.NSClient, "iq", stream.New("urn:xmpp:ping", "ping")).SetAttr("type", "get").SetAttr("to", domain)
	if _, err := w.Ask(ctx, ping); err != nil {
		t.Fatalf("the server answers no ping: %v", err)
	}
}

func TestLogInOnRealServers(t *testing.T) {
	for name, tc := range map[string]struct {
		options counterpart.Options
		want    map[string]string // kind of server -> mechanism and binding
	}{
		"as they come": {counterpart.Options{}, map[string]string{
			"prosody": `mechanism=SCRAM-SHA-256 channel_binding=""`, "ejabberd": `mechanism=SCRAM-SHA-256 channel_binding=""`}},
		"SHA-1": {counterpart.Options{SCRAMHash: "sha", DisableSASL: []string{"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"}}, map[string]string{
			"prosody": `mechanism=SCRAM-SHA-1 channel_binding=""`, "ejabberd": `mechanism=SCRAM-SHA-1 channel_binding=""`}},
		"SHA-512": {counterpart.Options{SCRAMHash: "sha512"}, map[string]string{
			"ejabberd": `mechanism=SCRAM-SHA-512 channel_binding=""`}},
		"TLS 1.2 with binding": {counterpart.Options{TLS12Only: true, ChannelBinding: true}, map[string]string{
			"prosody":  "mechanism=SCRAM-SHA-256-PLUS channel_binding=tls-unique",
			"ejabberd": "mechanism=SCRAM-SHA-256-PLUS channel_binding=tls-unique"}},
		// ejabberd 23.01 offers here what it can't do.
		"TLS 1.3 with binding": {counterpart.Options{ChannelBinding: true}, map[string]string{
			"prosody": `mechanism=SCRAM-SHA-256 channel_binding=""`, "ejabberd": `mechanism=SCRAM-SHA-256 channel_binding=""`}},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, tc.options, func(t *testing.T, s *counterpart.Server) {
				for _, mode := range []TLSMode{StartTLS, DirectTLS} {
					log := &logbook{}
					c := botOn(t, s, func(c *Config) {
						c.Log = logTo(log)
						if c.TLS = mode; mode == DirectTLS {
							c.Address = s.C2STLS
						}
					})
					link := mustConnect(t, c)
					askServer(t, work(t, link, nil), s.Domain)
					if want := tc.want[s.Kind]; !strings.Contains(log.String(), want) {
						t.Errorf("%s: log has no %s:\n%s", mode, want, log)
					}
					link.Conn.Close()
				}
			})
		})
	}
}

func TestWrongPasswordIsRefusedForGood(t *testing.T) {
	onEach(t, counterpart.Options{}, func(t *testing.T, s *counterpart.Server) {
		err := refuses(t, botOn(t, s, func(c *Config) { c.Password = "wrong" }), "login", "not-authorized")
		var denied *xmpp.AuthError
		if !errors.As(err, &denied) {
			t.Errorf("%v is no AuthError", err)
		}
	})
}

func TestUntrustedCertificateIsRefused(t *testing.T) {
	onEach(t, counterpart.Options{}, func(t *testing.T, s *counterpart.Server) {
		refuses(t, botOn(t, s, func(c *Config) { c.RootCAs = nil }), "ca_file")
		refuses(t, botOn(t, s, func(c *Config) { c.JID = "bot@other.example" }), "") // the server may hang up before TLS
	})
}

// P6 and XEP-0198 together: connections break under traffic in both
// directions, nothing is lost, nothing doubled, and the order stays.
func TestResumeLosesAndDoublesNothing(t *testing.T) {
	const messages, breaks, ahead = 400, 4, 20
	onEach(t, counterpart.Options{}, func(t *testing.T, s *counterpart.Server) {
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		defer cancel()
		line := counterpart.LineTo(t, s.C2S)
		john := counterpart.DialHuman(t, s, "john", "john's", "desk")
		heard := make(chan string, 2*messages)
		b := keep(t, botOn(t, s, func(c *Config) {
			c.Address = line.Addr()
			c.Unconfirmed = func(m []*stream.Element) { t.Errorf("%d messages with unknown outcome", len(m)) }
		}), func(ctx context.Context, e *stream.Element) {
			if body := e.ChildText(stream.NSClient, "body"); body != "" {
				heard <- body
			}
		})
		if err := b.say(ctx, chat(john.JID(), "hello")); err != nil {
			t.Fatal(err)
		}
		if _, err := john.Expect(ctx, counterpart.Messages("bot@", "hello")); err != nil {
			t.Fatal(err)
		}
		askServer(t, b.link(), s.Domain) // before <enabled/> nothing can be resumed
		start := time.Now()
		for i := range messages + ahead {
			if i >= ahead { // see TestFloodLosesNothingInSilence
				expectNext(ctx, t, john, fmt.Sprintf("out %d", i-ahead))
			}
			if i%(messages/breaks) == messages/breaks/2 {
				line.Reset()
			}
			if i >= messages {
				continue
			}
			if err := b.say(ctx, chat(john.JID(), fmt.Sprintf("out %d", i))); err != nil {
				t.Fatal(err)
			}
			if err := john.Say("bot@"+s.Domain+"/"+DefaultResource, fmt.Sprintf("in %d", i)); err != nil {
				t.Fatal(err)
			}
		}
		late := collect(ctx, t, heard, messages)
		// ejabberd 23.01 itself mixes what it sends again with what is new, as
		// the times in its archive ids show.
		if late > 0 && s.Kind != "ejabberd" {
			t.Errorf("%d messages came out of order", late)
		}
		t.Logf("%d messages each way and %d resets in %v; %d came in out of order",
			messages, breaks, time.Since(start).Round(time.Millisecond), late)
		if n := b.resumptions(); n < 1 {
			t.Error("the session was never resumed: the test shows nothing")
		}
		askServer(t, b.link(), s.Domain)
		if more := len(heard); more != 0 {
			t.Errorf("%d messages came twice", more)
		}
		if more := john.Received(counterpart.Messages("bot@", "out")); len(more) != 0 {
			t.Errorf("john got %d messages twice", len(more))
		}
	})
}

// expectNext fails the test unless john's next message of ours is text.
func expectNext(ctx context.Context, t *testing.T, john *counterpart.Human, text string) {
	t.Helper()
	m, err := john.Expect(ctx, func(m counterpart.Msg) bool { return strings.HasPrefix(m.Body, "out ") })
	if err != nil {
		t.Fatal(err)
	}
	if m.Body != text {
		t.Fatalf("john got %q, want %q", m.Body, text)
	}
}

// collect takes "in 0", "in 1" and so on, each once, and returns how many came
// at another place than their own.
func collect(ctx context.Context, t *testing.T, heard <-chan string, messages int) (late int) {
	t.Helper()
	seen := map[string]bool{}
	for i := range messages {
		select {
		case got := <-heard:
			if seen[got] = true; got != fmt.Sprintf("in %d", i) {
				late++
			}
		case <-ctx.Done():
			t.Fatalf("the bot got %d of %d messages", i, messages)
		}
	}
	if len(seen) != messages {
		t.Errorf("%d different messages of %d came", len(seen), messages)
	}
	return late
}

// Prosody 0.12.3 may be left in the middle of an element when a connection
// breaks under more than the 8 KiB that it reads at once, and then ends the
// resumed stream as not-well-formed; ejabberd 23.01 delivers the last piece
// that it reads and doesn't count it, so that it comes twice, with the same id.
// Also then every message arrives or is told of.
func TestFloodLosesNothingInSilence(t *testing.T) {
	const messages = 1000
	onEach(t, counterpart.Options{}, func(t *testing.T, s *counterpart.Server) {
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		defer cancel()
		line := counterpart.LineTo(t, s.C2S)
		john := counterpart.DialHuman(t, s, "john", "john's", "desk")
		var mu sync.Mutex
		told := map[string]bool{}
		b := keep(t, botOn(t, s, func(c *Config) {
			c.Address = line.Addr()
			c.Unconfirmed = func(list []*stream.Element) {
				mu.Lock()
				defer mu.Unlock()
				for _, m := range list {
					told[m.ChildText(stream.NSClient, "body")] = true
				}
			}
		}), nil)
		askServer(t, b.link(), s.Domain)
		for i := range messages {
			if i%250 == 125 {
				line.Reset()
			}
			if err := b.say(ctx, chat(john.JID(), fmt.Sprintf("out %d", i))); err != nil {
				t.Fatal(err)
			}
		}
		seen, twice := map[string]bool{}, 0
		for {
			mu.Lock()
			missing := 0
			for i := range messages {
				if text := fmt.Sprintf("out %d", i); !seen[text] && !told[text] {
					missing++
				}
			}
			mu.Unlock()
			if missing == 0 {
				break
			}
			soon, cancel := context.WithTimeout(ctx, 100*time.Millisecond) // more may be told of meanwhile
			m, err := john.Expect(soon, counterpart.Messages("bot@", "out"))
			cancel()
			if ctx.Err() != nil {
				t.Fatalf("%d messages were lost in silence: %v", missing, err)
			}
			if err != nil {
				continue
			}
			if seen[m.Body] {
				twice++
			}
			seen[m.Body] = true
		}
		t.Logf("%d of %d arrived, %d twice, %d were told of", len(seen), messages, twice, len(told))
		if twice > 0 && s.Kind == "prosody" {
			t.Errorf("%d messages arrived twice", twice)
		}
	})
}

func TestRestartedServerIsBoundToAnewAndTheUnconfirmedAreTold(t *testing.T) {
	onEach(t, counterpart.Options{}, func(t *testing.T, s *counterpart.Server) {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		var told []string
		line := counterpart.LineTo(t, s.C2S)
		c := botOn(t, s, func(c *Config) {
			c.Address = line.Addr()
			c.Unconfirmed = func(list []*stream.Element) {
				for _, m := range list {
					told = append(told, m.ChildText(stream.NSClient, "body"))
				}
			}
		})
		w := work(t, mustConnect(t, c), nil)
		askServer(t, w, s.Domain)
		line.Swallow() // the server hears nothing any more, and nobody is told
		for i := range 3 {
			if err := w.Send(ctx, chat("john@"+s.Domain, fmt.Sprint("lost ", i))); err != nil {
				t.Fatal(err)
			}
		}
		for len(c.books.unconfirmed()) < 3 {
			if err := ctx.Err(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond) // the writer has no event for it
		}
		if err := s.Kill(); err != nil {
			t.Fatal(err)
		}
		line.Reset()
		line.Pass()
		if err := w.end(t); err == nil {
			t.Fatal("the session ended without an error")
		}
		if err := s.Restart(ctx); err != nil {
			t.Fatal(err)
		}
		link := mustConnect(t, c)
		if link.Resumed || len(link.Replay) != 0 {
			t.Errorf("resumed %v with %d stanzas on a server that has forgotten", link.Resumed, len(link.Replay))
		}
		if got := strings.Join(told, ", "); got != "lost 0, lost 1, lost 2" {
			t.Errorf("told of %q", got)
		}
		askServer(t, work(t, link, nil), s.Domain)
	})
}

func TestSecondLoginEndsTheFirstWithConflict(t *testing.T) {
	onEach(t, counterpart.Options{}, func(t *testing.T, s *counterpart.Server) {
		first := work(t, mustConnect(t, botOn(t, s)), nil)
		askServer(t, first, s.Domain)
		second := mustConnect(t, botOn(t, s))
		var told *stream.Error
		if err := first.end(t); !errors.As(err, &told) || !told.Received || told.Condition != stream.Conflict {
			t.Errorf("the first login ended with %v, want conflict", err)
		}
		if second.Own.Resource() != DefaultResource {
			t.Errorf("the second is bound to %s", second.Own)
		}
		askServer(t, work(t, second, nil), s.Domain)
	})
}

// Without the last <a/> both servers deliver once more what was handled.
func TestGoodbyeLeavesNothingToDeliverAgain(t *testing.T) {
	onEach(t, counterpart.Options{}, func(t *testing.T, s *counterpart.Server) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		john := counterpart.DialHuman(t, s, "john", "john's", "desk")
		c := botOn(t, s)
		heard := make(chan string, 10)
		handle := func(_ context.Context, e *stream.Element) {
			if body := e.ChildText(stream.NSClient, "body"); body != "" {
				heard <- body
			}
		}
		for _, text := range []string{"first", "second"} {
			w := work(t, mustConnect(t, c), handle)
			if err := w.Send(ctx, stream.New(stream.NSClient, "presence")); err != nil {
				t.Fatal(err)
			}
			askServer(t, w, s.Domain)
			if err := john.Say("bot@"+s.Domain, text); err != nil {
				t.Fatal(err)
			}
			select {
			case got := <-heard:
				if got != text {
					t.Fatalf("got %q, want %q", got, text)
				}
			case <-ctx.Done():
				t.Fatal("the message does not come")
			}
			askServer(t, w, s.Domain)
			w.stop()
			if err := w.end(t); !errors.Is(err, context.Canceled) {
				t.Errorf("the session ended with %v", err)
			}
		}
	})
}
