package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"dragoman/bot/xmpp/stream"
)

// newSession is the server's side of a new session called id.
func (p *peer) newSession(id string) {
	plainLogin(p, bindOffer+smOffer)
	p.bind()
	p.want("enable")
	p.send("<enabled xmlns='" + nsSM + "' resume='true' id='" + id + "' max='60'/>")
}

// resumption is the client's wish to resume.
func (p *peer) resumption() *stream.Element {
	plainLogin(p, bindOffer+smOffer)
	return p.want("resume")
}

// resume grants it at h and answers the probe.
func (p *peer) resume(h string) *stream.Element {
	e := p.resumption()
	p.send("<resumed xmlns='" + nsSM + "' previd='" + e.Attr("previd") + "' h='" + h + "'/>")
	p.want("r")
	p.send("<a xmlns='" + nsSM + "' h='" + h + "'/>")
	return e
}

// bodies reads n messages; requests to confirm between them are passed over.
func (p *peer) bodies(n int) string {
	var b []string
	for len(b) < n {
		e := p.next()
		if e == nil {
			p.quit("the stream ended after %v", b)
		}
		if e.Local == "message" {
			b = append(b, e.ChildText(stream.NSClient, "body"))
		}
	}
	return strings.Join(b, " ")
}

// confirmed asks how much the client has handled.
func (p *peer) confirmed() string {
	p.send("<r xmlns='" + nsSM + "'/>")
	for {
		e := p.next()
		if e == nil {
			p.quit("the stream ended without an answer")
		}
		if e.Is(nsSM, "a") {
			return e.Attr("h")
		}
	}
}

func send(t testing.TB, w *served, bodies ...string) {
	t.Helper()
	for _, b := range bodies {
		if err := w.Send(t.Context(), chat("john@chat.test", b)); err != nil {
			t.Fatal(err)
		}
	}
}

// Every kind of stanza counts once, wherever a Session lets it end.
func TestHandledCountAgreesWithTheServer(t *testing.T) {
	counted := []string{
		"<message from='a@b'><body>x</body></message>", "<presence from='a@b'/>",
		"<iq type='get' id='1' from='a@b'><x xmlns='y'/></iq>", "<iq type='result' id='nobody' from='a@b'/>",
		"<iq type='error' id='2' from='a@b'/>", "<iq type='result'/>", "<iq type='get' from='a@b'/>", "<iq id='3' type='odd' from='a@b'/>",
		"<message from='a@b'><body>" + strings.Repeat("big", 100_000) + "</body></message>",
		"<message from='a@b'>" + strings.Repeat("<d>", 100) + strings.Repeat("</d>", 100) + "</message>",
		"<message" + attributes(100) + "/>",
	}
	done := make(chan struct{})
	addr := serve(t, func(p *peer) {
		defer close(done)
		p.newSession("s1")
		for i, xml := range counted {
			p.send(xml)
			p.send("<other xmlns='urn:x'/>") // not a stanza
			if got, want := p.confirmed(), fmt.Sprint(i+1); got != want {
				p.quit("h = %s after %.60s, want %s", got, xml, want)
			}
		}
		p.send(strings.Join(counted, "")) // all in one go
		if got, want := p.confirmed(), fmt.Sprint(2*len(counted)); got != want {
			p.quit("h = %s, want %s", got, want)
		}
	})
	work(t, mustConnect(t, plainAccount(t, addr)), nil)
	<-done
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " a%d=''", i)
	}
	return b.String()
}

func TestConfirmationWaitsForTheHandler(t *testing.T) {
	var finished atomic.Int32
	asked, done := make(chan struct{}), make(chan struct{})
	addr := serve(t, func(p *peer) {
		defer close(done)
		p.newSession("s1")
		p.send("<message/><message/><r xmlns='" + nsSM + "'/>")
		close(asked)
		h := p.want("a").Attr("h")
		if n := finished.Load(); h != "2" || n != 2 {
			t.Errorf("confirmed %s when %d were handled", h, n)
		}
	})
	work(t, mustConnect(t, plainAccount(t, addr)), func(context.Context, *stream.Element) {
		<-asked
		finished.Add(1)
	})
	<-done
}

func TestUnconfirmedIsReplayedOnceAndInOrder(t *testing.T) {
	second := make(chan struct{})
	addr := serve(t, func(p *peer) {
		switch p.nth {
		case 0:
			p.newSession("s1")
			if got := p.bodies(3); got != "1 2 3" {
				t.Errorf("first connection got %q", got)
			}
			p.send("<a xmlns='" + nsSM + "' h='1'/>")
		case 1:
			if e := p.resume("2"); e.Attr("previd") != "s1" || e.Attr("h") != "0" {
				t.Errorf("resumption %s", e)
			}
			if got := p.bodies(2); got != "3 4" {
				t.Errorf("second connection got %q", got)
			}
			close(second)
			p.send("<a xmlns='" + nsSM + "' h='4'/>")
			p.idle()
		}
	})
	c := plainAccount(t, addr)
	w := work(t, mustConnect(t, c), nil)
	send(t, w, "1", "2", "3")
	w.end(t)
	link := mustConnect(t, c)
	if !link.Resumed || link.Own.String() != "bot@chat.test/dragoman" || len(link.Replay) != 1 {
		t.Fatalf("resumed %v as %s with %d stanzas to replay", link.Resumed, link.Own, len(link.Replay))
	}
	w = work(t, link, nil)
	send(t, w, "4")
	<-second
}

// told collects what Unconfirmed gets.
type told struct {
	mu   sync.Mutex
	list []string
}

func (u *told) hook(c *Config) {
	c.Unconfirmed = func(list []*stream.Element) {
		u.mu.Lock()
		defer u.mu.Unlock()
		for _, m := range list {
			u.list = append(u.list, m.ChildText(stream.NSClient, "body"))
		}
	}
}

func (u *told) String() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return strings.Join(u.list, " ")
}

// P6: without the server's word nothing is sent again in silence; with its word
// that something did not arrive, it is.
func TestFailedResumptionTellsOrSendsAgain(t *testing.T) {
	for name, tc := range map[string]struct{ failed, told, again string }{
		"the server knows nothing": {"<failed xmlns='" + nsSM + "'><item-not-found xmlns='" + stream.NSStanzas + "'/></failed>", "1 room 2", ""},
		"it knows how far it was":  {"<failed xmlns='" + nsSM + "' h='1'><item-not-found xmlns='" + stream.NSStanzas + "'/></failed>", "room", "2"},
		"it claims the impossible": {"<failed xmlns='" + nsSM + "' h='77'/>", "1 room 2", ""},
	} {
		t.Run(name, func(t *testing.T) {
			done := make(chan struct{})
			addr := serve(t, func(p *peer) {
				if p.nth == 0 {
					p.newSession("s1")
					p.bodies(3)
					return
				}
				defer close(done)
				p.resumption()
				p.send(tc.failed)
				p.bind()
				p.want("enable")
				p.send("<enabled xmlns='" + nsSM + "'/>")
				want := strings.TrimSpace(tc.again + " new")
				if got := p.bodies(strings.Count(want, " ") + 1); got != want {
					t.Errorf("new session got %q, want %q", got, want)
				}
			})
			var u told
			c := plainAccount(t, addr, u.hook)
			w := work(t, mustConnect(t, c), nil)
			send(t, w, "1")
			groupchat := chat("room@rooms.chat.test", "room").SetAttr("type", "groupchat")
			for _, e := range []*stream.Element{groupchat, stream.New(stream.NSClient, "presence"), chat("john@chat.test", "2")} {
				if err := w.Send(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
			w.end(t)
			link := mustConnect(t, c)
			if link.Resumed {
				t.Error("resumed")
			}
			send(t, work(t, link, nil), "new")
			<-done
			if got := u.String(); got != tc.told {
				t.Errorf("told of %q, want %q", got, tc.told)
			}
		})
	}
}

// What Prosody 0.12 does after a break within an element: it grants the
// resumption, confirms once more, and ends the stream.
func TestReplayIsHeldUntilTheResumedStreamAnswers(t *testing.T) {
	done := make(chan struct{})
	addr := serve(t, func(p *peer) {
		switch p.nth {
		case 0:
			p.newSession("s1")
			p.bodies(2)
		case 1:
			p.resumption()
			p.send("<resumed xmlns='" + nsSM + "' previd='s1' h='1'/>")
			p.want("r")
			p.send("<a xmlns='" + nsSM + "' h='1'/><stream:error><not-well-formed xmlns='" + stream.NSStreamErrors + "'/></stream:error></stream:stream>")
			for e := p.next(); e != nil; e = p.next() {
				if e.Local == "message" {
					t.Errorf("got %s before the stream had answered", e)
				}
			}
		case 2:
			defer close(done)
			plainLogin(p, bindOffer+smOffer)
			p.bind()
			p.want("enable")
			p.send("<enabled xmlns='" + nsSM + "'/>")
			if got := p.bodies(1); got != "2" {
				t.Errorf("the new session got %q", got)
			}
		}
	})
	var u told
	c := plainAccount(t, addr, u.hook)
	w := work(t, mustConnect(t, c), nil)
	send(t, w, "1", "2")
	w.end(t)
	var broken *stream.Error
	if err := work(t, mustConnect(t, c), nil).end(t); !errors.As(err, &broken) || !broken.Received {
		t.Errorf("the resumed session ended with %v", err)
	}
	work(t, mustConnect(t, c), nil)
	<-done
	if u.String() != "" {
		t.Errorf("told of %q, which certainly did not arrive", u.String())
	}
}

func TestNothingLeavesBeforeTheSessionHasBegun(t *testing.T) {
	again := make(chan struct{})
	addr := serve(t, func(p *peer) {
		plainLogin(p, bindOffer+smOffer)
		p.bind()
		p.want("enable")
		if p.nth == 0 {
			return // no <enabled/>: a message now would have an unknown fate
		}
		defer close(again)
		p.send("<enabled xmlns='" + nsSM + "'/>")
		if got := p.bodies(1); got != "1" {
			t.Errorf("got %q", got)
		}
	})
	var u told
	c := plainAccount(t, addr, u.hook)
	w := work(t, mustConnect(t, c), nil)
	_ = w.Send(t.Context(), chat("john@chat.test", "1")) // ErrClosed when the end came first
	w.end(t)
	link := mustConnect(t, c)
	w2 := work(t, link, nil)
	if len(link.Replay) == 0 { // it was never taken by the first
		send(t, w2, "1")
	}
	<-again
	if u.String() != "" {
		t.Errorf("told of %q", u.String())
	}
}

func TestRefusedStreamManagementLeavesAnOrdinaryStream(t *testing.T) {
	done := make(chan struct{})
	addr := serve(t, func(p *peer) {
		defer close(done)
		plainLogin(p, bindOffer+smOffer)
		p.bind()
		p.want("enable")
		p.send("<failed xmlns='" + nsSM + "'><unexpected-request xmlns='" + stream.NSStanzas + "'/></failed>")
		for _, want := range []string{"1", "2"} {
			if got := p.want("message").ChildText(stream.NSClient, "body"); got != want {
				t.Errorf("got %q", got)
			}
		}
	})
	w := work(t, mustConnect(t, plainAccount(t, addr)), nil)
	send(t, w, "1", "2")
	<-done
}

func TestCountBeyondWhatWasSentEndsTheStreamWithItsError(t *testing.T) {
	done := make(chan struct{})
	addr := serve(t, func(p *peer) {
		defer close(done)
		p.newSession("s1")
		p.send("<a xmlns='" + nsSM + "' h='5'/>")
		p.want("a") // the last of ours
		p.want("r")
		e := p.want("error")
		if e.Child(nsSM, "handled-count-too-high").Attr("send-count") != "0" {
			t.Errorf("stream error %s", e)
		}
	})
	err := work(t, mustConnect(t, plainAccount(t, addr)), nil).end(t)
	var broken *stream.Error
	if !errors.As(err, &broken) || broken.Received || broken.Condition != stream.UndefinedCondition {
		t.Errorf("the session ended with %v", err)
	}
	<-done
}

func TestGoodbyeConfirmsWhatWasHandled(t *testing.T) {
	handled, done := make(chan struct{}), make(chan struct{})
	addr := serve(t, func(p *peer) {
		defer close(done)
		p.newSession("s1")
		p.send("<message/>")
		if h := p.want("a").Attr("h"); h != "1" {
			t.Errorf("confirmed %s at the end", h)
		}
		p.want("r")
		if _, err := p.r.Next(); err != io.EOF {
			t.Errorf("no proper end of the stream: %v", err)
		}
		p.send(stream.CloseTag)
	})
	c := plainAccount(t, addr)
	link := mustConnect(t, c)
	inner := link.Handling
	link.Handling = func(e *stream.Element) func() {
		done := inner(e)
		return func() { done(); close(handled) }
	}
	w := work(t, link, nil)
	<-handled
	w.stop()
	w.end(t)
	<-done
	if _, _, ok := c.books.resumable(); ok {
		t.Error("a session that was closed can be resumed")
	}
}

// The confirmation may be behind what our own handler doesn't take in because
// it waits to send: waiting for it would be waiting for ourselves.
func TestOverloadedEchoIsNoDeadlock(t *testing.T) {
	const n = 3000
	done := make(chan struct{})
	addr := serve(t, func(p *peer) {
		defer close(done)
		p.newSession("s1")
		var mu sync.Mutex
		got, owed, written := 0, false, false
		confirm := func() { // with mu held: no <a/> overtakes what is written before
			if owed && written {
				owed = false
				_, _ = p.conn.Write([]byte("<a xmlns='" + nsSM + "' h='" + fmt.Sprint(got) + "'/>"))
			}
		}
		go func() {
			for range n {
				if _, err := p.conn.Write([]byte("<message><body>x</body></message>")); err != nil {
					return
				}
			}
			mu.Lock()
			defer mu.Unlock()
			written = true
			confirm()
		}()
		for got < n {
			e := p.next()
			if e == nil {
				p.quit("the stream ended after %d of %d", got, n)
			}
			mu.Lock()
			if e.Local == "message" {
				got++
			}
			owed = owed || e.Is(nsSM, "r")
			confirm()
			mu.Unlock()
		}
	})
	var w *served
	ready := make(chan struct{})
	w = work(t, mustConnect(t, plainAccount(t, addr)), func(ctx context.Context, _ *stream.Element) {
		<-ready
		_ = w.Send(ctx, chat("john@chat.test", "x"))
	})
	close(ready)
	select {
	case <-done:
	case err := <-w.ended:
		t.Fatalf("the session ended: %v", err)
	}
}

// A server that takes everything and confirms nothing must not fill our memory.
func TestServerThatConfirmsNothingIsLeftInTheEnd(t *testing.T) {
	addr := serve(t, func(p *peer) {
		p.newSession("s1")
		p.idle()
	})
	c := plainAccount(t, addr)
	link := mustConnect(t, c)
	w := work(t, link, nil)
	send(t, w, "first") // after this the session has begun
	c.books.mu.Lock()
	for range hardLimit {
		c.books.out.wrote(chat("john@chat.test", ""))
	}
	c.books.mu.Unlock()
	_ = w.Send(t.Context(), chat("john@chat.test", "one too many"))
	if err := w.end(t); err == nil || !strings.Contains(err.Error(), "not confirmed the last") {
		t.Errorf("the session ended with %v", err)
	}
	if _, _, ok := c.books.resumable(); !ok {
		t.Error("the session was given up: the server could have said how far it is")
	}
}

// memoryStore is a ResumeStore, as the next process sees it.
type memoryStore struct {
	mu    sync.Mutex
	saved map[string]Saved
	fail  bool
}

func (m *memoryStore) Load(_ context.Context, account string) (Saved, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.saved[account], nil
}

func (m *memoryStore) Save(_ context.Context, account string, s Saved) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail {
		return errors.New("disk full")
	}
	m.saved[account] = s
	return nil
}

func TestNextProcessResumesWithWhatWasSaved(t *testing.T) {
	store := &memoryStore{saved: map[string]Saved{}}
	done := make(chan struct{})
	addr := serve(t, func(p *peer) {
		if p.nth == 0 {
			p.newSession("s1")
			p.send("<message/><message/>")
			if got := p.confirmed(); got != "2" {
				t.Errorf("confirmed %s", got)
			}
			store.mu.Lock()
			if got, want := store.saved["bot@chat.test"], (Saved{"s1", "bot@chat.test/dragoman", 2}); got != want {
				t.Errorf("saved %+v before the server was told, want %+v", got, want)
			}
			store.fail = true
			store.mu.Unlock()
			p.send("<message/><r xmlns='" + nsSM + "'/><iq type='get' id='1' from='chat.test'/>")
			if e := p.want("iq"); e.Attr("id") != "1" {
				t.Errorf("got %s: what cannot be saved must not be confirmed", e)
			}
			return
		}
		defer close(done)
		if e := p.resume("17"); e.Attr("previd") != "s1" || e.Attr("h") != "2" {
			t.Errorf("resumption %s", e)
		}
		if got := p.bodies(1); got != "on" {
			t.Errorf("got %q", got)
		}
		p.send("<a xmlns='" + nsSM + "' h='18'/>")
	})
	with := func(c *Config) { c.Resume = store }
	var w *served
	ready := make(chan struct{})
	w = work(t, mustConnect(t, plainAccount(t, addr, with)), func(ctx context.Context, e *stream.Element) {
		<-ready
		if r := stream.ResultReply(e); r != nil {
			_ = w.Send(ctx, r)
		}
	})
	close(ready)
	w.end(t)
	store.fail = false
	link := mustConnect(t, plainAccount(t, addr, with)) // a new Connector
	if !link.Resumed || link.Own.String() != "bot@chat.test/dragoman" || len(link.Replay) != 0 {
		t.Fatalf("resumed %v as %s", link.Resumed, link.Own)
	}
	send(t, work(t, link, nil), "on")
	<-done
}

func TestSavedSessionOfAnotherAccountIsNotUsed(t *testing.T) {
	store := &memoryStore{saved: map[string]Saved{"bot@chat.test": {ID: "s1", Own: "eve@chat.test/x"}}}
	done := make(chan struct{})
	addr := serve(t, func(p *peer) { p.newSession("s2"); close(done); p.idle() })
	if link := mustConnect(t, plainAccount(t, addr, func(c *Config) { c.Resume = store })); link.Resumed {
		t.Error("resumed somebody else's session")
	}
	<-done
}

func BenchmarkReadAlong(b *testing.B) {
	const n = 1000
	one := "<message from='john@chat.test/desk' to='bot@chat.test/dragoman' type='chat' id='0123456789'><body>get-status machine1</body></message>"
	text := []byte(strings.Repeat(one, n))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		l := newLedger(nil)
		l.phase = managed
		m := &managedConn{books: l}
		m.along = stream.NewReader(&m.bytes, stream.DefaultLimits())
		m.bytes.b = []byte(header(testDomain))
		_ = m.follow()
		for rest := text; len(rest) > 0; rest = rest[min(16<<10, len(rest)):] {
			m.bytes.b = rest[:min(16<<10, len(rest))]
			_ = m.follow()
		}
		if len(l.in.pending) != n {
			b.Fatalf("%d stanzas seen", len(l.in.pending))
		}
	}
}
