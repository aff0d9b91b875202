package xmpp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/bot"
	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
)

const componentHeader = "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='1'>"

// scripted is a Connector to a server that the test plays, in a synctest
// bubble: what takes minutes takes none.
type scripted struct {
	t      *testing.T
	answer []error // of the attempts in order; then all succeed
	tries  []time.Time
	links  chan *server
	// resumed and replay are those of every link but the first.
	resumed bool
	replay  []*stream.Element
	// wrote and handling are those of every link, and may be nil.
	wrote    func(*stream.Element)
	handling func(*stream.Element) func()
}

func script(t *testing.T, answer ...error) *scripted {
	return &scripted{t: t, answer: answer, links: make(chan *server, 100)}
}

// server is the far end of one stream.
type server struct {
	*testing.T
	conn net.Conn
	out  chan []byte
	got  chan *stream.Element // but canaries and pings, which come home
	// dead says that nothing comes back any more, while TCP takes what is sent.
	dead atomic.Bool
}

func (c *scripted) Connect(context.Context) (*xmpp.Link, error) {
	c.tries = append(c.tries, time.Now())
	if n := len(c.tries) - 1; n < len(c.answer) && c.answer[n] != nil {
		return nil, c.answer[n]
	}
	near, far := net.Pipe()
	s := &server{T: c.t, conn: far, out: make(chan []byte, 1000), got: make(chan *stream.Element, 1000)}
	r, err := reader(near)
	if err != nil {
		return nil, err
	}
	go s.listen()
	go s.write()
	c.links <- s
	link := &xmpp.Link{Conn: near, Reader: r, Wrote: c.wrote, Handling: c.handling}
	if len(c.tries) > 1 {
		link.Resumed, link.Replay = c.resumed, c.replay
	}
	return link, nil
}

// reader is past the header of a component's stream.
func reader(conn io.Reader) (*stream.Reader, error) {
	r := stream.NewReader(io.MultiReader(strings.NewReader(componentHeader), conn), stream.DefaultLimits())
	_, err := r.Header()
	return r, err
}

// write sends what the server says, one thing after the other: a second writer
// would wait for the lock of the pipe, and the bubble's clock with it.
func (s *server) write() {
	for b := range s.out {
		_, _ = s.conn.Write(b) // fails when the bot has gone
	}
	_ = s.conn.Close()
}

func (s *server) listen() {
	defer close(s.got)
	defer close(s.out)
	r, err := reader(s.conn)
	for err == nil {
		var e *stream.Element
		if e, err = r.Next(); err != nil {
			s.say(stream.CloseTag) // a bot that says good-bye waits for the server's
			return
		}
		switch {
		case s.dead.Load():
		case e.Local == "iq" && (strings.HasPrefix(e.Attr("to"), mainJID) || e.Attr("to") == botDomain):
			s.out <- stream.ResultReply(e).AppendXML(nil, stream.NSComponent)
		case strings.HasPrefix(e.Attr("to"), mainJID):
			s.out <- e.AppendXML(nil, stream.NSComponent)
		default:
			s.got <- e
		}
	}
}

func (s *server) say(xml string) { s.out <- []byte(xml) }

// hears waits for the next stanza, which must be of the kind, and to somebody.
func (s *server) hears(local, to string) *stream.Element {
	s.Helper()
	select {
	case e, ok := <-s.got:
		if !ok || e.Local != local || e.Attr("to") != to {
			s.Fatalf("the bot sends %v, want a %s to %s", e, local, to)
		}
		return e
	case <-time.After(time.Hour): // no time at all in a bubble
		s.Fatalf("the bot sends no %s to %s", local, to)
		return nil
	}
}

func (s *server) silent(d time.Duration) {
	s.Helper()
	select {
	case e, ok := <-s.got:
		if ok {
			s.Fatalf("the bot sends %s to %s", e.Local, e.Attr("to"))
		}
	case <-time.After(d):
	}
}

// deaf takes messages and forgets them.
type deaf struct{}

func (deaf) Deliver(*bot.Message) error { return nil }

// play runs a Transport on the connector for the length of a bubble.
func play(t *testing.T, c *scripted, test func(log *journal, ended <-chan error), rooms ...string) {
	t.Helper()
	log := newJournal()
	cfg := xmpp.Config{Main: stream.MustParse(mainJID), WholeDomain: true, Connector: c, Nick: "dragoman", Log: log.logger()}
	for _, r := range rooms {
		cfg.Rooms = append(cfg.Rooms, stream.MustParse(r))
	}
	wire := xmpp.New(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	gone := make(chan struct{})
	go func() { defer close(gone); ended <- wire.Run(ctx, deaf{}) }()
	defer func() { cancel(); <-gone }()
	test(log, ended)
}

func refusal(condition string) error {
	return fmt.Errorf("the server says: %w", &stream.Error{Condition: condition, Received: true})
}

func TestARefusalIsRetriedForAWhileOnceConnected(t *testing.T) {
	for _, condition := range []string{stream.NotAuthorized, stream.HostUnknown} {
		synctest.Test(t, func(t *testing.T) {
			c := script(t, append([]error{nil}, slices.Repeat([]error{refusal(condition)}, 200)...)...)
			play(t, c, func(_ *journal, ended <-chan error) {
				_ = (<-c.links).conn.Close() // without a word
				lost := time.Now()
				err := <-ended
				var refused *stream.Error
				if !errors.As(err, &refused) || refused.Condition != condition {
					t.Errorf("Run returned %v, want %s", err, condition)
				}
				if d := time.Since(lost); d < time.Minute || d > 2*time.Minute {
					t.Errorf("given up %v after the loss, want a minute and a little", d)
				}
			})
		})
	}
}

func TestAnUnreachableServerIsTriedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := script(t, slices.Repeat([]error{errors.New("connection refused")}, 500)...)
		play(t, c, func(_ *journal, ended <-chan error) {
			<-c.links
			for i := 1; i < len(c.tries); i++ {
				if d := c.tries[i].Sub(c.tries[i-1]); d > 5*time.Second {
					t.Errorf("attempt %d came %v after the one before, want 5 s at most", i, d)
				}
			}
		})
	})
}

func TestAConflictWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := script(t)
		play(t, c, func(log *journal, _ <-chan error) {
			s := <-c.links
			s.say("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>" + stream.CloseTag)
			kicked := time.Now()
			<-c.links
			if d := time.Since(kicked); d < 5*time.Second {
				t.Errorf("connected again after %v, want at least 5 s", d)
			}
			if !strings.Contains(log.tail(100), "kick_old") {
				t.Error("the log doesn't name kick_old")
			}
		})
	})
}

// enter is the presence with which a room lets the bot in.
func enter(seat string) string {
	return "<presence from='" + seat + "' to='" + mainJID + "/dragoman'><x xmlns='http://jabber.org/protocol/muc#user'>" +
		"<item affiliation='none' role='participant'/><status code='110'/></x></presence>"
}

// refuse is the presence with which a room keeps the bot out.
func refuse(seat, condition string) string {
	return "<presence type='error' from='" + seat + "' to='" + mainJID + "/dragoman'><error type='cancel'>" +
		"<" + condition + " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"
}

func TestALostSeatIsFoundOutAndTakenAgain(t *testing.T) {
	const room, seat = "ops@rooms.chat.local", "ops@rooms.chat.local/dragoman"
	answer := func(iq *stream.Element, condition string) string {
		kind, payload := "result", ""
		if condition != "" {
			kind = "error"
			payload = "<error type='cancel'><" + condition + " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
		}
		return "<iq type='" + kind + "' id='" + iq.Attr("id") + "' from='" + iq.Attr("to") + "' to='" + iq.Attr("from") + "'>" + payload + "</iq>"
	}
	for _, test := range []struct {
		condition string // of the answer to the ping; "" is a result
		lost      bool
	}{
		{"", false}, {"service-unavailable", false}, {"feature-not-implemented", false},
		{"remote-server-not-found", false}, {"remote-server-timeout", false},
		{"not-acceptable", true}, {"not-allowed", true}, {"item-not-found", true}, {"bad-request", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := script(t)
			play(t, c, func(*journal, <-chan error) {
				s := <-c.links
				s.hears("presence", seat)
				s.say(enter(seat))
				entered := time.Now()
				ping := s.hears("iq", seat)
				if ping.Child("urn:xmpp:ping", "ping") == nil {
					t.Fatalf("after a silence it asks %v", ping)
				}
				if d := time.Since(entered); d < time.Minute || d > 65*time.Second {
					t.Errorf("it asks after %v, want about a minute", d)
				}
				s.say(answer(ping, test.condition))
				if test.lost {
					s.hears("presence", seat)
				} else {
					s.silent(50 * time.Second)
					s.hears("iq", seat) // after the next silence
				}
			}, room)
		})
	}
}

func TestAJoinThatIsRefusedIsTriedEverMoreRarely(t *testing.T) {
	const room, seat = "ops@rooms.chat.local", "ops@rooms.chat.local/dragoman"
	synctest.Test(t, func(t *testing.T) {
		c := script(t)
		play(t, c, func(*journal, <-chan error) {
			s := <-c.links
			var waits []time.Duration
			last := time.Now()
			for range 12 {
				s.hears("presence", seat)
				waits = append(waits, time.Since(last))
				last = time.Now()
				s.say(refuse(seat, "registration-required"))
			}
			if waits[1] > 5*time.Second || waits[11] < 4*time.Minute || waits[11] > 6*time.Minute {
				t.Errorf("the waits are %v, want from seconds to five minutes", waits)
			}
		}, room)
	})
}

// Two answers to two joins that overlap must not cost the bot its nick twice.
func TestALateConflictDoesNotLengthenTheNickAgain(t *testing.T) {
	const room, seat = "ops@rooms.chat.local", "ops@rooms.chat.local/dragoman"
	synctest.Test(t, func(t *testing.T) {
		c := script(t)
		play(t, c, func(*journal, <-chan error) {
			s := <-c.links
			s.hears("presence", seat)
			s.hears("presence", seat) // there was no answer, so it asks again
			s.say(refuse(seat, "conflict") + refuse(seat, "conflict"))
			s.hears("presence", seat+"_")
			s.hears("presence", seat+"_")
		}, room)
	})
}

func TestANewStreamIsANewAttemptAtTheNick(t *testing.T) {
	const room, seat = "ops@rooms.chat.local", "ops@rooms.chat.local/dragoman"
	synctest.Test(t, func(t *testing.T) {
		c := script(t)
		play(t, c, func(*journal, <-chan error) {
			s := <-c.links
			s.hears("presence", seat)
			s.say(refuse(seat, "conflict"))
			s.hears("presence", seat+"_")
			s.say(enter(seat + "_"))
			_ = s.conn.Close()
			(<-c.links).hears("presence", seat)
		}, room)
	})
}

func TestAResumedStreamHasItsSeatsAndNoOthers(t *testing.T) {
	const held, refused = "held@rooms.chat.local", "refused@rooms.chat.local"
	synctest.Test(t, func(t *testing.T) {
		c := script(t)
		c.resumed = true
		c.replay = []*stream.Element{stream.New(stream.NSClient, "message").SetAttr("to", "john@chat.local").SetAttr("from", mainJID)}
		play(t, c, func(*journal, <-chan error) {
			s := <-c.links
			for range 2 {
				e := <-s.got // the rooms are entered in any order
				if seat := e.Attr("to"); strings.HasPrefix(seat, held) {
					s.say(enter(seat))
				} else {
					s.say(refuse(seat, "registration-required"))
				}
			}
			time.Sleep(time.Second)
			_ = s.conn.Close()
			s = <-c.links
			s.hears("message", "john@chat.local") // what was unconfirmed goes first
			s.hears("presence", refused+"/dragoman")
			s.say(refuse(refused+"/dragoman", "forbidden"))
			s.silent(time.Second)
		}, held, refused)
	})
}

// What arrives with the end of the stream and wants an answer must not hold
// up the next connection: there is nobody to answer any more.
func TestTheEndOfAStreamIsNotHeldUpByAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := script(t)
		play(t, c, func(*journal, <-chan error) {
			s, ended := <-c.links, time.Now()
			s.say(strings.Repeat("<iq type='get' id='1' from='a@b' to='"+mainJID+"/x'><ping xmlns='urn:xmpp:ping'/></iq>", 5000) + stream.CloseTag)
			for range s.got { // until the bot has ended its stream, too
			}
			<-c.links
			if d := time.Since(ended); d > time.Second {
				t.Errorf("connected again after %v, want less than a second", d)
			}
		})
	})
}

func TestThereIsNothingLeftAfterRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which fails when a goroutine stays
		c := script(t)
		play(t, c, func(*journal, <-chan error) {
			s := <-c.links
			s.hears("presence", "ops@rooms.chat.local/dragoman")
		}, "ops@rooms.chat.local")
	})
}

// clogged is a Connector whose first link takes nothing, and breaks when told.
type clogged struct {
	*scripted
	breaks chan struct{}
	used   bool
}

func (c *clogged) Connect(ctx context.Context) (*xmpp.Link, error) {
	if c.used {
		return c.scripted.Connect(ctx)
	}
	c.used = true
	near, far := net.Pipe()
	go func() {
		<-c.breaks
		_ = far.Close()
	}()
	r, err := reader(near)
	return &xmpp.Link{Conn: near, Reader: r}, err
}

func TestWhatABrokenStreamNeverWroteGoesOutOnTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clogged{scripted: script(t), breaks: make(chan struct{})}
		wire := xmpp.New(xmpp.Config{Main: stream.MustParse(mainJID), WholeDomain: true, Connector: c, Nick: "dragoman"})
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			if err := wire.Run(ctx, deaf{}); err != nil {
				t.Error(err)
			}
		}()
		defer func() { cancel(); <-gone }()
		if err := wire.Await(ctx); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // the canaries stand before the door
		for _, text := range []string{"one", "two"} {
			out := bot.Outgoing{Destination: bot.Destination{To: "john@chat.local"}, Reply: bot.Say(text)}
			if err := wire.Send(ctx, out); err != nil {
				t.Fatal(err)
			}
		}
		close(c.breaks)
		s := <-c.links
		for _, text := range []string{"one", "two"} {
			if got := s.hears("message", "john@chat.local").ChildText(stream.NSClient, "body"); got != text {
				t.Errorf("the next stream brings %q, want %q", got, text)
			}
		}
		s.silent(time.Second)
	})
}

// A server that answers nothing any more is given up within 40 s, whenever it
// falls silent: by a component, and by an account.
func TestABlackholedServerIsNoticedWithinFortySeconds(t *testing.T) {
	for name, change := range map[string]func(*xmpp.Config){"component": func(*xmpp.Config) {}, "account": asAccount} {
		t.Run(name, func(t *testing.T) {
			var worst time.Duration
			for after := time.Duration(0); after < time.Minute; after += 500 * time.Millisecond {
				carryScripted(t, deaf{}, func(w courier, c *scripted) {
					s := <-c.links
					time.Sleep(after)
					began := time.Now()
					s.dead.Store(true)
					for up, changed := w.Line(); up; up, changed = w.Line() {
						<-changed
					}
					worst = max(worst, time.Since(began))
				}, change)
			}
			t.Logf("noticed within %v", worst)
			if worst > 40*time.Second {
				t.Errorf("it took up to %v, want 40 s at most", worst)
			}
		})
	}
}
