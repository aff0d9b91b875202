package counterpart

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const opsRoom = "ops@rooms.chat.local"

// fakeArrival lets a component join and returns what it gets until the
// subject.
func (c *fakeComp) enter(room, nick, x string) []*elem {
	c.Helper()
	c.write(stanza("presence", "j", "b@"+fakeBot+"/r", room+"/"+nick, "<x xmlns='http://jabber.org/protocol/muc'>"+x+"</x>"))
	var got []*elem
	for {
		e := c.next()
		got = append(got, e)
		if e.local == "message" && e.kid(nsClient, "subject") != nil || e.attr("type") == "error" {
			return got
		}
	}
}

func TestARoomLetsInTellsAndReflects(t *testing.T) {
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		c, mary := linkFake(t, f, fakeBot), f.Login("mary", "desk")
		_, err := mary.Join(t.Context(), opsRoom, "Mary")
		check(t, err)
		for _, text := range []string{"one", "two", "three"} {
			check(t, mary.SayRoom(opsRoom, text))
			time.Sleep(time.Minute)
		}
		got := c.enter(opsRoom, "Mary", "")
		if e := eventOf(got[0]); e.Error != "conflict" || e.From != opsRoom+"/Mary" {
			t.Errorf("a taken nick is answered with %s", e.XML)
		}
		got = c.enter(opsRoom, "bot", "<history maxstanzas='2'/>")
		if len(got) != 5 {
			t.Fatalf("on entering: %v", got)
		}
		if e := eventOf(got[0]); e.From != opsRoom+"/Mary" || e.RealJID != mary.JID() || e.Affiliation != "none" || e.Role != "participant" {
			t.Errorf("Mary is shown as %s", e.XML)
		}
		if e := eventOf(got[1]); e.From != opsRoom+"/bot" || !slices.Equal(e.Codes, []int{110, 100}) {
			t.Errorf("its own presence is %s", e.XML)
		}
		ago := func(e Event) time.Duration {
			at, err := time.Parse(time.RFC3339, e.Delay)
			check(t, err)
			return time.Since(at).Round(time.Second)
		}
		for i, text := range []string{"two", "three"} {
			if e := eventOf(got[2+i]); e.Body != text || e.StanzaBy != opsRoom || ago(e) != time.Duration(2-i)*time.Minute {
				t.Errorf("history: %s", e.XML)
			}
		}
		mary.Received(anyEvent)
		c.write(stanza("message groupchat", "my-id", "b@"+fakeBot+"/r", opsRoom, "<body>hi</body><stanza-id xmlns='urn:xmpp:sid:0' id='forged' by='"+opsRoom+"'/>"))
		echo := eventOf(c.next())
		seen, err := mary.Expect(t.Context(), anyEvent)
		check(t, err)
		if echo.ID != "my-id" || echo.From != opsRoom+"/bot" || echo.Delay != "" || echo.StanzaID == "" || strings.Contains(echo.XML, "forged") ||
			seen.StanzaID != echo.StanzaID || seen.ID != "my-id" || seen.RealJID != "" {
			t.Errorf("the echo is %s, Mary sees %s", echo.XML, seen.XML)
		}
		if got := f.Occupants("ops"); !slices.Equal(got, []string{"Mary", "bot"}) {
			t.Errorf("in the room are %q", got)
		}
	})
}

func TestARoomShowsAddressesToModeratorsOnly(t *testing.T) {
	o := fakeOptions()
	o.SemiAnonymous = true
	inBubble(t, o, func(t *testing.T, f *FakeXMPP) {
		room := f.Room("new")
		mary, john := f.Login("mary", "desk"), f.Login("john", "desk")
		own, err := mary.Join(t.Context(), room, "Mary")
		check(t, err)
		if own.Affiliation != "owner" || own.Role != "moderator" || !slices.Equal(own.Codes, []int{110, 201}) {
			t.Errorf("who makes a room is %s", own.XML)
		}
		_, err = john.Join(t.Context(), room, "John")
		check(t, err)
		if e, _ := john.Expect(t.Context(), func(e Event) bool { return e.From == room+"/Mary" }); e.RealJID != "" {
			t.Errorf("John sees %s", e.XML)
		}
		if e, _ := mary.Expect(t.Context(), func(e Event) bool { return e.From == room+"/John" }); e.RealJID != john.JID() {
			t.Errorf("the moderator sees %s", e.XML)
		}
		check(t, mary.ConfigureRoom(t.Context(), room, map[string]string{"muc#roomconfig_whois": "anyone"}))
		if _, err := john.Expect(t.Context(), func(e Event) bool { return slices.Contains(e.Codes, 172) }); err != nil {
			t.Error(err)
		}
		refusedBy(t, john.ConfigureRoom(t.Context(), room, nil), "forbidden")
	})
}

func TestTheSeatIsAskedForKeptAndLost(t *testing.T) {
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		c, mary := linkFake(t, f, fakeBot), f.Login("mary", "desk")
		_, err := mary.Join(t.Context(), opsRoom, "Mary")
		check(t, err)
		selfPing := func(want string) {
			t.Helper()
			c.write(stanza("iq get", "p", "b@"+fakeBot+"/r", opsRoom+"/bot", "<ping xmlns='urn:xmpp:ping'/>"))
			if e := eventOf(c.next()); e.Error != want || want == "" && e.Type != "result" {
				t.Errorf("XEP-0410 is answered with %s, want %q", e.XML, want)
			}
		}
		selfPing("not-acceptable")
		c.enter(opsRoom, "bot", "")
		selfPing("")
		f.Forget("ops")
		selfPing("not-acceptable")
		c.write(stanza("message groupchat", "m", "b@"+fakeBot+"/r", opsRoom, "<body>hi</body>"))
		c.bounced("modify", "not-acceptable")
		c.enter(opsRoom, "bot", "")
		_, err = mary.Join(t.Context(), opsRoom, "Mary")
		check(t, err)
		c.next()

		if !f.Kick("ops", "bot", "too loud") || f.Kick("ops", "bot", "") {
			t.Error("Kick must report who there was")
		}
		if e := eventOf(c.next()); e.Type != "unavailable" || !slices.Equal(e.Codes, []int{110, 307}) || !strings.Contains(e.XML, "too loud") {
			t.Errorf("who is kicked gets %s", e.XML)
		}
		c.enter(opsRoom, "bot", "")
		c.write(stanza("presence unavailable", "l", "b@"+fakeBot+"/r", opsRoom+"/bot", ""))
		if e := eventOf(c.next()); e.Type != "unavailable" || !slices.Equal(e.Codes, []int{110}) {
			t.Errorf("who leaves gets %s", e.XML)
		}
		c.enter(opsRoom, "bot", "")
		mary.Received(anyEvent)
		c.conn.Close() // without a word: the room finds out at the next message
		synctest.Wait()
		check(t, mary.SayRoom(opsRoom, "anybody there?"))
		_, err = mary.Expect(t.Context(), func(e Event) bool {
			return e.From == opsRoom+"/bot" && e.Type == "unavailable" && slices.Contains(e.Codes, 333)
		})
		check(t, err)
		mary.Offline()
		if got := f.Occupants("ops"); len(got) != 0 {
			t.Errorf("there remain %q", got)
		}
	})
}

// archivePage is one answer to a query of the archive.
type archivePage struct {
	ids, bodies []string
	complete    bool
	count       string
}

func (c *fakeComp) page(room, fields, set string) archivePage {
	c.Helper()
	c.write(stanza("iq set", "q", fakeBot, room, "<query xmlns='urn:xmpp:mam:2' queryid='x'><x xmlns='jabber:x:data' type='submit'>"+
		"<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>"+fields+"</x><set xmlns='http://jabber.org/protocol/rsm'>"+set+"</set></query>"))
	var p archivePage
	for {
		s := c.next()
		if s.local == "iq" {
			fin := s.kid(nsMAM, "fin")
			p.complete, p.count = fin.attr("complete") == "true", fin.kid(nsRSM, "set").kid(nsRSM, "count").text()
			if n := len(p.ids); n > 0 && (fin.kid(nsRSM, "set").kid(nsRSM, "first").text() != p.ids[0] || fin.kid(nsRSM, "set").kid(nsRSM, "last").text() != p.ids[n-1]) {
				c.Errorf("the page of %q ends with %s", p.ids, s)
			}
			return p
		}
		r := s.kid(nsMAM, "result")
		m := r.kid(nsForward, "forwarded").kid(nsClient, "message")
		if r.attr("queryid") != "x" || s.attr("from") != room || r.kid(nsForward, "forwarded").kid(nsDelay, "delay") == nil {
			c.Errorf("a result is %s", s)
		}
		p.ids, p.bodies = append(p.ids, r.attr("id")), append(p.bodies, m.kid(nsClient, "body").text())
	}
}

func TestTheArchiveIsReadInPages(t *testing.T) {
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		c, mary := linkFake(t, f, fakeBot), f.Login("mary", "desk")
		_, err := mary.Join(t.Context(), opsRoom, "Mary")
		check(t, err)
		middle := ""
		for i := range 10 {
			if i == 5 {
				middle = time.Now().UTC().Format(time.RFC3339Nano)
			}
			check(t, mary.SayRoom(opsRoom, fmt.Sprint(i)))
			time.Sleep(time.Minute)
		}
		want := func(p archivePage, bodies string, complete bool) archivePage {
			t.Helper()
			if got := strings.Join(p.bodies, ""); got != bodies || p.complete != complete {
				t.Errorf("got %q complete %v, want %q %v", got, p.complete, bodies, complete)
			}
			return p
		}
		p := want(c.page(opsRoom, "", "<max>4</max>"), "0123", false)
		if p.count != "10" {
			t.Errorf("%s messages, want 10", p.count)
		}
		p = want(c.page(opsRoom, "", "<max>4</max><after>"+p.ids[3]+"</after>"), "4567", false)
		want(c.page(opsRoom, "", "<max>4</max><after>"+p.ids[3]+"</after>"), "89", true)
		p = want(c.page(opsRoom, "", "<max>3</max><before/>"), "789", false)
		want(c.page(opsRoom, "", "<max>7</max><before>"+p.ids[0]+"</before>"), "0123456", true)
		want(c.page(opsRoom, "<field var='start'><value>"+middle+"</value></field>", ""), "56789", true)
		want(c.page(opsRoom, "<field var='end'><value>"+middle+"</value></field>", "<max>0</max>"), "", false)
		want(c.page(opsRoom, "<field var='with'><value>"+opsRoom+"/nobody</value></field>", ""), "", true)
		c.write(stanza("iq set", "q", fakeBot, opsRoom, "<query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><after>gone</after></set></query>"))
		c.bounced("cancel", "item-not-found")
		c.write(stanza("iq set", "q", fakeBot, opsRoom, "<query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><max>x</max></set></query>"))
		c.bounced("modify", "bad-request")
		if got := f.Archive("ops"); len(got) != 10 || got[9].Body != "9" || got[9].From != opsRoom+"/Mary" {
			t.Errorf("the archive is %v", got)
		}
	})
}
