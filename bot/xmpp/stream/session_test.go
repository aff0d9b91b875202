package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func message(id string) *Element { return New(NSClient, "message").SetAttr("id", id) }

func TestStanzasAreHandledInTheOrderOfArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		_, p, stop, ended := serve(t, clientHeader, Config{
			Handle: func(_ context.Context, e *Element) { seen = append(seen, e.Local+e.Attr("id")) },
			Nonza:  func(_ context.Context, e *Element) { seen = append(seen, "nonza:"+e.Local) },
		})
		p.say("<message id='1'/><presence id='2'/> <r xmlns='urn:xmpp:sm:3'/><iq type='get' id='3'/><iq type='result' id='4'/><iq type='error' id='5'/>" +
			"<iq type='set' id='6'/><iq type='get'/><iq id='7'/><iq type='odd' id='8' from='a@b'/><message type='error' id='9'/>")
		for _, id := range []string{"7", "8"} {
			if e := p.next(); e.Attr("id") != id || ParseStanzaError(e).Condition != "bad-request" {
				t.Errorf("a malformed iq was answered with %v", e)
			}
		}
		synctest.Wait()
		stop()
		p.leaves()
		<-ended
		want := []string{"message1", "presence2", "nonza:r", "iq3", "iq6", "message9"}
		if !slices.Equal(seen, want) {
			t.Errorf("handled %v, want %v", seen, want)
		}
	})
}

func TestTooBigStanzaIsAnsweredAndTheStreamGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, p, _, _ := serve(t, componentHeader, Config{Handle: func(context.Context, *Element) { t.Error("it was handled") }})
		huge := strings.Repeat("x", 1<<20)
		p.say("<message type='error' from='a@b' to='c@d'>" + huge + "</message>") // never answered
		p.say("<message from='a@b' c='" + huge + "'/>")                           // from nobody knows whom
		p.say("<iq type='result' id='1'>" + huge + "</iq>")
		p.say("<message id='2' from='a@b/c' to='c@d'><body>" + huge + "</body></message>")
		p.say("<iq type='set' id='3' from='a@b/c' to='c@d'>" + strings.Repeat("<x>", 10_000) + strings.Repeat("</x>", 10_000) + "</iq>")
		for _, id := range []string{"2", "3"} {
			e := p.next()
			if e.Attr("id") != id || e.Attr("to") != "a@b/c" || e.Attr("from") != "c@d" || ParseStanzaError(e).Condition != PolicyViolation {
				t.Errorf("answered with %v", e)
			}
		}
	})
}

func TestBrokenStreamIsEndedWithItsError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p, _, ended := serve(t, clientHeader, Config{})
		if err := s.Send(t.Context(), message("1")); err != nil {
			t.Fatal(err)
		}
		p.say("<message><!-- --></message>")
		p.say("more that is not read as XML")
		if e := p.next(); e.Attr("id") != "1" {
			t.Errorf("what was queued must go first, got %v", e)
		}
		if e := ParseError(p.next()); e == nil || e.Condition != RestrictedXML {
			t.Errorf("stream error %v", e)
		}
		p.leaves()
		if broken := (*Error)(nil); !errors.As(<-ended, &broken) || broken.Received || broken.Condition != RestrictedXML {
			t.Errorf("Run = %v", broken)
		}
	})
}

func TestReceivedStreamErrorEndsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, p, _, ended := serve(t, componentHeader, Config{})
		p.say("<stream:error><conflict xmlns='" + NSStreamErrors + "'/><text xmlns='" + NSStreamErrors + "'>Replaced</text></stream:error>")
		p.leaves()
		if told := (*Error)(nil); !errors.As(<-ended, &told) || !told.Received || told.Condition != Conflict || told.Text != "Replaced" {
			t.Errorf("Run = %v", told)
		}
	})
}

func TestPeerThatClosesIsHeardOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handled := 0
		s, p, _, ended := serve(t, clientHeader, Config{Handle: func(context.Context, *Element) {
			time.Sleep(time.Second)
			handled++
		}})
		p.say("<message/><message/></stream:stream>")
		p.leaves()
		if err := <-ended; !errors.Is(err, io.EOF) || handled != 2 {
			t.Errorf("Run = %v after %d messages", err, handled)
		}
		if err := s.Send(t.Context(), message("1")); err != ErrClosed {
			t.Errorf("Send = %v, want ErrClosed", err)
		}
	})
}

func TestEndOfContextSendsWhatIsQueuedThenCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := make(chan string, 1)
		s, p, stop, ended := serve(t, clientHeader, Config{Handle: func(ctx context.Context, e *Element) {
			if ctx.Err() == nil {
				late <- e.Attr("id")
			}
		}})
		for i := range 200 {
			if err := s.Send(t.Context(), message(fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		for i := range 200 {
			if e := p.next(); e.Attr("id") != fmt.Sprint(i) {
				t.Fatalf("%d: got %v", i, e)
			}
		}
		if _, more := <-p.got; more {
			t.Error("more than was queued")
		}
		p.say("<message id='late'/></stream:stream>") // was under way
		if err := <-ended; err != context.Canceled {
			t.Errorf("Run = %v", err)
		}
		if id := <-late; id != "late" || len(s.Unsent()) != 0 {
			t.Errorf("handled %q, unsent %v", id, s.Unsent())
		}
	})
}

func TestCloseWaitsOnlyAFewSecondsForThePeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, _, stop, ended := serve(t, clientHeader, Config{})
		began := time.Now()
		stop()
		<-ended
		if took := time.Since(began); took != closeGrace {
			t.Errorf("took %v, want %v", took, closeGrace)
		}
	})
}

func TestHandleThatOverstaysTheEndLosesItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, p, stop, ended := serve(t, clientHeader, Config{Handle: func(ctx context.Context, _ *Element) { <-ctx.Done() }})
		p.say("<message/><message/>")
		stop()
		if err := <-ended; err != context.Canceled {
			t.Errorf("Run = %v", err)
		}
	})
}

func TestSendWaitsForRoomAndNoLongerThanItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer near.Close()
		defer far.Close()
		s := NewSession(near, open(t, clientHeader, "", DefaultLimits()), Config{Out: 2})
		for range 2 {
			if err := s.Send(t.Context(), message("1")); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := s.Send(ctx, message("2")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Send = %v into a full queue", err)
		}
		if err := s.Send(ctx, message("2")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Send = %v with an ended context", err)
		}
	})
}

func TestPeerThatStopsReadingEndsTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		var wrote []string
		s := NewSession(near, openFrom(t, io.MultiReader(strings.NewReader(clientHeader), near), DefaultLimits()),
			Config{Out: 100_000, Wrote: func(e *Element) { wrote = append(wrote, e.Attr("id")) }})
		const n = 10_000 // more than one write takes
		for i := range n {
			if err := s.Send(t.Context(), message(fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		if err := s.Run(t.Context()); err != ErrWriteTimeout {
			t.Errorf("Run = %v", err)
		}
		if took := time.Since(began); took > 12*time.Second {
			t.Errorf("took %v", took)
		}
		for _, e := range s.Unsent() {
			wrote = append(wrote, e.Attr("id"))
		}
		if len(s.Unsent()) == 0 || len(wrote) != n || wrote[n-1] != fmt.Sprint(n-1) {
			t.Errorf("%d unsent, %d in all: every stanza must be either", len(s.Unsent()), len(wrote))
		}
	})
}

func TestSenderIsReleasedByTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		s := NewSession(near, openFrom(t, io.MultiReader(strings.NewReader(clientHeader), near), DefaultLimits()), Config{Out: 1})
		released := make(chan error, 1)
		go func() {
			for {
				if err := s.Send(t.Context(), message("1")); err != nil {
					released <- err
					return
				}
			}
		}()
		go func() {
			time.Sleep(time.Second)
			_ = far.Close()
		}()
		if err := s.Run(t.Context()); err == nil {
			t.Error("Run ended without a reason")
		}
		if err := <-released; err != ErrClosed {
			t.Errorf("Send = %v, want ErrClosed", err)
		}
	})
}

// failing is a connection that cannot be written to.
type failing struct{ net.Conn }

func (failing) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestThePeersReasonCountsMoreThanTheFailureOfAWrite(t *testing.T) {
	for name, tc := range map[string]struct{ say, want string }{
		"it says why": {"<stream:error><conflict xmlns='" + NSStreamErrors + "'/></stream:error>", "stream error from the peer: conflict"},
		"it does not": {" ", "write to the XMPP stream: broken pipe"},
	} {
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			defer far.Close()
			s := NewSession(failing{near}, openFrom(t, io.MultiReader(strings.NewReader(clientHeader), near), DefaultLimits()), Config{})
			if err := s.Send(t.Context(), message("1")); err != nil {
				t.Fatal(err)
			}
			go func() {
				time.Sleep(lastWords / 2)
				_, _ = far.Write([]byte(tc.say))
			}()
			if err := s.Run(t.Context()); err.Error() != tc.want {
				t.Errorf("%s: Run = %v, want %s", name, err, tc.want)
			}
		})
	}
}

func TestWhatIsReadAheadIsBounded(t *testing.T) {
	for name, tc := range map[string]struct {
		stanza string
		n      int
	}{
		"in number": {"<message/>", 3000},
		"in memory": {"<message>" + strings.Repeat("<x/>", 10_000) + "</message>", 20},
	} {
		stanza, n := tc.stanza, tc.n
		synctest.Test(t, func(t *testing.T) {
			open := make(chan struct{})
			handled := 0
			_, p, _, _ := serve(t, clientHeader, Config{In: 50, Handle: func(context.Context, *Element) { <-open; handled++ }})
			said := 0
			go func() {
				for ; said < n; said++ {
					if _, err := p.conn.Write([]byte(stanza)); err != nil {
						return
					}
				}
			}()
			synctest.Wait()
			ahead := firstBuffer / len(stanza)
			if limit := min(52, inBudget/(len(stanza)+elementCost*strings.Count(stanza, "<"))+3) + ahead; said > limit {
				t.Errorf("%s: %d stanzas were taken in, want %d at most", name, said, limit)
			}
			close(open)
			synctest.Wait()
			if handled != n {
				t.Errorf("%s: %d handled after the queue moved", name, handled)
			}
		})
	}
}

func TestEchoOverTCPKeepsOrderUnderConcurrency(t *testing.T) {
	near, far := tcpPair(t)
	r := openFrom(t, io.MultiReader(strings.NewReader(componentHeader), near), DefaultLimits())
	var s *Session
	s = NewSession(near, r, Config{Handle: func(ctx context.Context, e *Element) {
		if err := s.Send(ctx, message(e.Attr("id")).SetAttr("from", "echo")); err != nil {
			t.Error(err)
		}
	}})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	const n = 5000
	var all sync.WaitGroup
	all.Go(func() {
		for i := range n {
			fmt.Fprintf(far, "<message id='%d'/>", i)
		}
	})
	for range 4 {
		all.Go(func() {
			for range n {
				if err := s.Send(ctx, New(NSClient, "presence")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	back := openFrom(t, io.MultiReader(strings.NewReader(componentHeader), far), DefaultLimits())
	next := 0
	for range 5 * n {
		e, err := back.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e.Local == "message" {
			if e.Attr("id") != fmt.Sprint(next) {
				t.Fatalf("echo %s, want %d", e.Attr("id"), next)
			}
			next++
		}
	}
	all.Wait()
	stop()
	if _, err := back.Next(); err != io.EOF {
		t.Errorf("end of stream: %v", err)
	}
	_ = far.Close()
	<-ended
}
