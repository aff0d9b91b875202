package counterpart

import (
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const (
	fakeBot    = "bot.chat.local"
	fakeOther  = "other.chat.local"
	fakeSecret = `s3"cret\`
)

func fakeOptions() FakeOptions {
	return FakeOptions{Options: Options{
		Components: map[string]string{fakeBot: fakeSecret, fakeOther: fakeSecret},
		Users:      map[string]string{"john": "", "mary": ""},
		Rooms:      []string{"ops"},
	}}
}

// inBubble runs a test on a server in memory and in virtual time.
func inBubble(t *testing.T, o FakeOptions, test func(t *testing.T, f *FakeXMPP)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o.Memory = true
		test(t, FakeServer(t, o))
	})
}

// fakeComp is a component that the test plays.
type fakeComp struct {
	*testing.T
	conn net.Conn
	r    *fakeReader
	id   string
}

// dialFake opens a stream up to the header of the server.
func dialFake(t *testing.T, f *FakeXMPP, domain string) *fakeComp {
	t.Helper()
	conn, err := f.Dial(t.Context())
	if addr := f.Component(domain); addr != "" {
		conn, err = net.Dial("tcp", addr)
	}
	check(t, err)
	t.Cleanup(func() { conn.Close() })
	c := &fakeComp{T: t, conn: conn, r: newFakeReader(conn, 64<<20)}
	c.write("<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='" + domain + "'>")
	header, err := c.r.header()
	check(t, err)
	if header.attr("from") != domain || header.attr("id") == "" {
		t.Fatalf("the header is %s", header)
	}
	c.id = header.attr("id")
	return c
}

// linkFake is a component after its handshake.
func linkFake(t *testing.T, f *FakeXMPP, domain string) *fakeComp {
	t.Helper()
	c := dialFake(t, f, domain)
	c.prove(fakeSecret)
	if e := c.next(); e.local != "handshake" {
		t.Fatalf("the handshake is answered with %s", e)
	}
	return c
}

func (c *fakeComp) prove(secret string) {
	c.Helper()
	c.write(fmt.Sprintf("<handshake>%x</handshake>", sha1.Sum([]byte(c.id+secret))))
}

func (c *fakeComp) write(text string) {
	c.Helper()
	_, err := io.WriteString(c.conn, text)
	check(c.T, err)
}

func (c *fakeComp) next() *elem {
	c.Helper()
	e, err := c.r.next()
	if err != nil {
		c.Fatalf("the stream ended: %v", err)
	}
	return e
}

// gets waits for the next element and compares it.
func (c *fakeComp) gets(want string) {
	c.Helper()
	if got := c.next().String(); got != want {
		c.Errorf("the component gets\n%s\nwant\n%s", got, want)
	}
}

// ends checks that the stream ends with this error, or in order when it is "".
func (c *fakeComp) ends(condition string) {
	c.Helper()
	e, err := c.r.next()
	if condition != "" {
		if err != nil || e.local != "error" || e.kid(nsStreams, condition) == nil {
			c.Errorf("the stream ends with %v, %v; want %s", e, err, condition)
		}
		_, err = c.r.next()
	}
	if !errors.Is(err, errStreamEnd) {
		c.Errorf("instead of its end the stream brings %v", err)
	}
}

func stanza(kind, id, from, to, payload string) string {
	local, kind, _ := strings.Cut(kind, " ")
	if kind != "" {
		kind = " type='" + kind + "'"
	}
	return fmt.Sprintf("<%s%s id='%s' from='%s' to='%s'>%s</%s>", local, kind, id, from, to, payload, local)
}

func anyEvent(Event) bool { return true }

func TestTheFakeShakesHandsAsXEP0114Says(t *testing.T) {
	for _, test := range []struct{ like, domain, secret, want string }{
		{"prosody", fakeBot, fakeSecret, ""},
		{"prosody", fakeBot, "wrong", "not-authorized"},
		{"prosody", "nobody.example.org", fakeSecret, "host-unknown"},
		{"ejabberd", "nobody.example.org", fakeSecret, "not-authorized"},
	} {
		o := fakeOptions()
		o.Like = test.like
		inBubble(t, o, func(t *testing.T, f *FakeXMPP) {
			c := dialFake(t, f, test.domain)
			if test.want != "host-unknown" { // it is told without the proof
				c.prove(test.secret)
			}
			if test.want != "" {
				c.ends(test.want)
				return
			}
			c.gets("<handshake/>")
			if n := f.Line(fakeBot).Connections(); n != 1 {
				t.Errorf("%d connections", n)
			}
		})
	}
}

func TestASecondConnectionIsTreatedAsChosen(t *testing.T) {
	link := func(t *testing.T, f *FakeXMPP, seconds SecondLink) (*fakeComp, *fakeComp) {
		f.opts.Second = seconds
		return linkFake(t, f, fakeBot), dialFake(t, f, fakeBot)
	}
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		old, young := link(t, f, KickOld)
		young.prove(fakeSecret)
		old.ends("conflict")
		young.gets("<handshake/>")
	})
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		old, young := link(t, f, KickNew)
		young.prove(fakeSecret)
		young.ends("conflict")
		old.write(stanza("iq get", "1", fakeBot, "chat.local", "<ping xmlns='urn:xmpp:ping'/>"))
		old.gets("<iq type='result' id='1' from='chat.local' to='bot.chat.local'/>")
	})
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		old, young := link(t, f, Split)
		young.prove(fakeSecret)
		young.gets("<handshake/>")
		john := f.Login("john", "x")
		for range 50 {
			check(t, john.Say(fakeBot, "hi"))
		}
		shares := map[*fakeComp]int{}
		for _, c := range []*fakeComp{old, young} {
			check(t, c.conn.SetReadDeadline(time.Now().Add(time.Second)))
			for {
				if _, err := c.r.next(); err != nil {
					break
				}
				shares[c]++
			}
		}
		if shares[old]+shares[young] != 50 || shares[old] < 10 || shares[young] < 10 {
			t.Errorf("the shares of 50 are %d and %d", shares[old], shares[young])
		}
	})
}

func TestTheFakeRoutesAndReturns(t *testing.T) {
	const text = "<body>hi &amp; <![CDATA[<bye>]]></body><x xmlns='urn:x' a='1' xmlns:p='urn:p' p:b='2' xml:lang='de'><p:y/></x>"
	const want = "<body>hi &amp; &lt;bye&gt;</body><x xmlns='urn:x' a='1' xmlns:a1='urn:p' a1:b='2' xml:lang='de'><y xmlns='urn:p'/></x>"
	for _, like := range []string{"prosody", "ejabberd"} {
		o := fakeOptions()
		o.Like = like
		inBubble(t, o, func(t *testing.T, f *FakeXMPP) {
			bot, other := linkFake(t, f, fakeBot), linkFake(t, f, fakeOther)
			john := f.Login("john", "desk")
			bot.write(stanza("message chat", "1", "bot@bot.chat.local", "x@other.chat.local/y", text))
			other.gets("<message type='chat' id='1' from='bot@bot.chat.local' to='x@other.chat.local/y'>" + want + "</message>")
			bot.write(stanza("message chat", "2", "bot@bot.chat.local", "john@chat.local", text))
			e, err := john.Expect(t.Context(), anyEvent)
			check(t, err)
			if e.Body != "hi & <bye>" || e.ID != "2" || e.From != "bot@bot.chat.local" || e.Type != "chat" {
				t.Errorf("John gets %+v", e)
			}
			check(t, john.Say("bot@bot.chat.local", "yes"))
			if s := bot.next(); s.attr("from") != "john@chat.local/desk" || s.kid(nsClient, "body").text() != "yes" {
				t.Errorf("the bot gets %s", s)
			}
			elsewhere := "not-allowed"
			if like == "ejabberd" {
				elsewhere = "remote-server-not-found"
			}
			for _, b := range []struct{ to, condition, kind string }{
				{"nobody@chat.local", "service-unavailable", "cancel"},
				{"x@elsewhere.example", elsewhere, "cancel"},
				{"ops@rooms.chat.local", "not-acceptable", "modify"},
				{"none@rooms.chat.local", "item-not-found", "cancel"},
			} {
				bot.write(stanza("message groupchat", "3", fakeBot, b.to, text))
				bot.bounced(b.kind, b.condition)
			}
			other.write("</stream:stream>")
			other.ends("")
			synctest.Wait()
			bot.write(stanza("message error", "4", fakeBot, fakeOther, "") + stanza("message", "5", fakeBot, fakeOther, text))
			if like == "ejabberd" {
				bot.bounced("cancel", "remote-server-not-found")
			} else if e := bot.bounced("wait", "remote-server-timeout"); e.kid(nsNotLinked, "not-connected") == nil {
				t.Errorf("a component that is away is told by %s", e)
			}
		})
	}
}

// bounced checks the next stanza to be an error and returns its error element.
func (c *fakeComp) bounced(kind, condition string) *elem {
	c.Helper()
	s := c.next()
	e := s.kid(nsClient, "error")
	if s.attr("type") != "error" || e.attr("type") != kind || e.kid(nsStanzas, condition) == nil {
		c.Errorf("the answer is %s, want %s of type %s", s, condition, kind)
	}
	return e
}

func TestWhatTheBotMayNotSendEndsItsStream(t *testing.T) {
	ok := stanza("message", "1", fakeBot, "john@chat.local", "<body>x</body>")
	for _, test := range []struct{ like, text, want string }{
		{"prosody", strings.Replace(ok, "from='bot.", "from='robot.", 1), "invalid-from"},
		{"ejabberd", "<message to='john@chat.local'/>", "improper-addressing"},
		{"ejabberd", "<message from='bot.chat.local'/>", "improper-addressing"},
		{"prosody", "<nonsense/>", "unsupported-stanza-type"},
		{"prosody", "<message xmlns='urn:x'/>", "unsupported-stanza-type"},
		{"prosody", "<message><a></b></message>", "not-well-formed"},
		{"prosody", "<message a='1' a='2'/>", "not-well-formed"},
		{"prosody", "<message>\x01</message>", "not-well-formed"},
		{"prosody", "<message>\xff</message>", "not-well-formed"},
		{"prosody", "<message>&what;</message>", "not-well-formed"},
		{"prosody", "<p:message/>", "bad-namespace-prefix"},
		{"prosody", "<message p:a='1'/>", "bad-namespace-prefix"},
		{"prosody", "<!-- hello -->", "restricted-xml"},
		{"prosody", "<message><?php ?></message>", "restricted-xml"},
		{"prosody", "<message><!DOCTYPE x></message>", "restricted-xml"},
		{"prosody", "text<message/>", "bad-format"},
		{"prosody", strings.Repeat("<message>", fakeMaxDepth+1), "policy-violation"},
		{"prosody", "<message><body>" + strings.Repeat("x", fakeMaxStanza+4096), "policy-violation"},
	} {
		o := fakeOptions()
		o.Like = test.like
		inBubble(t, o, func(t *testing.T, f *FakeXMPP) {
			john := f.Login("john", "desk")
			c := linkFake(t, f, fakeBot)
			_, _ = io.WriteString(c.conn, ok+test.text)
			c.ends(test.want)
			if n := len(john.Received(anyEvent)); n != 1 {
				t.Errorf("%.50s: %d messages went through, want the one before", test.text, n)
			}
		})
	}
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) { // what Prosody forgives
		john := f.Login("john", "desk")
		c := linkFake(t, f, fakeBot)
		c.write("<message to='john@chat.local'><body>x</body></message><message id='1'/>")
		c.bounced("modify", "bad-request")
		if e := john.Received(anyEvent); len(e) != 1 || e[0].From != fakeBot {
			t.Errorf("John gets %v", e)
		}
	})
}

func TestTheFakeAnswersPingsAndDisco(t *testing.T) {
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		john := f.Login("john", "desk")
		for _, to := range []string{"chat.local", "john@chat.local", "mary@chat.local", "rooms.chat.local", "ops@rooms.chat.local", john.JID()} {
			check(t, john.Ping(t.Context(), to))
			info, err := john.DiscoInfo(t.Context(), to, "")
			check(t, err)
			if len(info.Identities) != 1 || !slices.Contains(info.Features, nsDiscoInfo) {
				t.Errorf("%s is %v", to, info)
			}
			_, err = john.IQ(t.Context(), to, "get", "<query xmlns='urn:nobody:knows'/>")
			refusedBy(t, err, "service-unavailable")
			_, err = john.DiscoInfo(t.Context(), to, "no such node")
			refusedBy(t, err, "item-not-found")
		}
		items, err := john.DiscoItems(t.Context(), "chat.local", "")
		check(t, err)
		if want := []DiscoItem{{JID: "rooms.chat.local"}, {JID: fakeBot}, {JID: fakeOther}}; !slices.Equal(items, want) {
			t.Errorf("the server holds %v", items)
		}
		refusedBy(t, john.Ping(t.Context(), fakeBot), "remote-server-timeout")
		refusedBy(t, john.Ping(t.Context(), "mary@chat.local/away"), "service-unavailable")
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		linkFake(t, f, fakeBot)
		if err := john.Ping(ctx, fakeBot); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a component that says nothing: %v", err)
		}
	})
}

func refusedBy(t *testing.T, err error, condition string) {
	t.Helper()
	var refused *SlixmppError
	if !errors.As(err, &refused) || refused.Condition != condition {
		t.Errorf("%v, want %s", err, condition)
	}
}

func TestAnOfflinePersonGetsItLater(t *testing.T) {
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		bot := linkFake(t, f, fakeBot)
		bot.write(stanza("message chat", "1", fakeBot, "john@chat.local/old", "<body>one</body>"))
		bot.write(stanza("message headline", "2", fakeBot, "john@chat.local", "<body>two</body>"))
		bot.write(stanza("presence subscribe", "3", "b@"+fakeBot, "john@chat.local", ""))
		synctest.Wait()
		written := time.Now()
		time.Sleep(time.Hour)
		john := f.Login("john", "desk")
		got := john.Received(anyEvent)
		if len(got) != 1 || got[0].Body != "one" {
			t.Fatalf("John gets %v", got)
		}
		if at, err := time.Parse(time.RFC3339, got[0].Delay); err != nil || written.Sub(at).Abs() > time.Millisecond {
			t.Errorf("kept at %v, stamped %s", written, got[0].Delay)
		}

		// Contacts hear of his coming and going.
		check(t, john.Presence(t.Context(), "b@"+fakeBot, "subscribed"))
		check(t, john.Presence(t.Context(), "b@"+fakeBot, "subscribe"))
		bot.gets("<presence type='subscribed' from='john@chat.local' to='b@bot.chat.local'/>")
		bot.gets("<presence from='john@chat.local/desk' to='b@bot.chat.local'/>")
		bot.gets("<presence type='subscribe' from='john@chat.local' to='b@bot.chat.local'/>")
		bot.write(stanza("presence subscribed", "4", "b@"+fakeBot, "john@chat.local", ""))
		synctest.Wait()
		john.Offline()
		john.Online()
		bot.gets("<presence from='john@chat.local/desk' to='b@bot.chat.local' type='unavailable'/>")
		bot.gets("<presence from='john@chat.local/desk' to='b@bot.chat.local'/>")
		bot.gets("<presence from='john@chat.local' to='b@bot.chat.local' type='probe'/>")
	})
}

// TestSlixmppIsContentWithTheFake lets a library that nobody here wrote speak
// with it.
func TestSlixmppIsContentWithTheFake(t *testing.T) {
	Need(t, "slixmpp")
	f := FakeServer(t, fakeOptions())
	x := SlixmppComponent(t, &Server{Kind: f.Kind, Domain: f.Domain, components: map[string]string{fakeBot: f.Component(fakeBot)}}, fakeBot, fakeSecret)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	check(t, x.Ping(ctx, "chat.local"))
	john := f.Login("john", "desk")
	_, err := john.Join(ctx, f.Room("ops"), "John")
	check(t, err)
	check(t, john.SayRoom(f.Room("ops"), "before"))
	e, err := x.Join(ctx, f.Room("ops"), "bot")
	check(t, err)
	if !slices.Contains(e.Codes, 110) || e.Role != "participant" {
		t.Errorf("its own presence is %s", e.XML)
	}
	id, err := x.Send(ctx, Outgoing{To: f.Room("ops"), Type: "groupchat", Body: "hello ☃ & <all>"})
	check(t, err)
	for _, expect := range []func(context.Context, func(Event) bool) (Event, error){x.Expect, john.Expect} {
		e, err := expect(ctx, Says(f.Room("ops")+"/bot", "hello ☃ & <all>"))
		check(t, err)
		if e.ID != id || e.StanzaID == "" || e.StanzaBy != f.Room("ops") {
			t.Errorf("the echo is %s", e.XML)
		}
	}
	items, err := x.DiscoItems(ctx, "rooms.chat.local", "")
	check(t, err)
	if len(items) != 1 || items[0].JID != f.Room("ops") {
		t.Errorf("the service holds %v", items)
	}
	check(t, john.Say("any@"+fakeBot, "hi"))
	_, err = x.Expect(ctx, Says("john@chat.local", "hi"))
	check(t, err)
}
