package xmpp_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"dragoman/internal/counterpart"
)

// hostileTexts are what an attacker writes where the bot may repeat it.
var hostileTexts = []string{
	`</body></message><iq type='set' id='x' to='john@chat.local'><query xmlns='jabber:iq:roster'/></iq><message><body>`,
	`"><presence to='ops@rooms.chat.local/dragoman'/><x y="`,
	`'/><message to='john@chat.local'><body>injected</body></message><x y='`,
	`<![CDATA[ & ]]>`, `]]>`, `]]&gt;`, `<!--`, `-->`, `<?xml version='1.0'?>`, `<!DOCTYPE a [<!ENTITY b "c">]>`,
	`&lt;&amp;&#60;&#x3c;&notdefined;&`, `&#0;&#x1F;`, `%s%s%n%x%d%!s(MISSING)`, `{{.}}${env:HOME}{{printf "%d" 1}}`,
	`$(reboot) ; rm -rf / | cat`, "`id`", `\u0000\x00\n\t\\`, `'; DROP TABLE people; --`, `<stream:stream>`, `</stream:stream>`,
	`<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`, `<handshake/>`,
	"line one\nline two", "tab\there", "right\u202Eto left\u202C", "zero\u200Bwidth\u200Djoiner\uFEFFbom", "e\u0301\u0301\u0301\u0301",
	"\U0001F469\u200D\U0001F680", "\U0001F3F4\U000E0067\U000E007F", "\U0010FFFD\uFFFD\uE000", "\u2028and\u2029", "a\u0000b",
	"\u0085next", strings.Repeat("\U0001F9E8", 500), strings.Repeat("((((", 300), strings.Repeat("> ", 200) + "quote",
	"dragoman: dragoman: !!!", "@dragoman", "/me sleeps", "!!!!", "\"unbalanced 'quotes", "machine=\"a\" b='c", "--help -rf",
	"ﷺ﷽", "Ω≈ç√∫˜µ≤≥÷", "\u1E9E\u0130\u0131\u017F", "xn--\u00DF", "0x7fffffffffffffff -9223372036854775808 NaN", "null", "nil",
}

// hostileTextHarmsNobody writes hundreds of hostile things to the bot, as a
// component and as a user, and reads every stanza that comes back.
func hostileTextHarmsNobody(ctx context.Context, t *testing.T, s *place) {
	r := up(ctx, t, s, inRooms(s.Room("ops")))
	comp, john := s.evil(ctx, t), s.login(ctx, t, "john")
	john.join(s.Room("ops"), "John")
	john.sees(s.Room("ops"), "dragoman", "")
	john.settle()
	john.Received(func(counterpart.Event) bool { return true })
	connections := strings.Count(r.journal.tail(1<<20), "msg=connected")

	strange := "xml:lang='%Q'"
	if s.Kind == "ejabberd" {
		strange = "" // its own bounce of such a language is more than slixmpp can read
	}
	sent := hostileWords(comp, strange) + hostileShapes(comp)
	t.Logf("%d hostile stanzas from a component", sent)
	if sent < 500 {
		t.Errorf("only %d hostile stanzas, the promise is about 500", sent)
	}
	for i, text := range hostileTexts {
		if strings.ContainsRune(text, 0) {
			continue
		}
		john.raw(fmt.Sprintf("<message type='chat' id='%s' to='%s'><body>echo %s</body><thread>%[3]s</thread><request xmlns='urn:xmpp:receipts'/></message>",
			escape(text), mainJID, escape(text)))
		want := strings.TrimSpace(text)
		got := john.expect(fmt.Sprintf("the answer to hostile text %d", i), func(e counterpart.Event) bool { return e.Kind == "message" && e.Body != "" })
		if got.Body != want {
			t.Errorf("text %d comes back as %q, want %q", i, got.Body, want)
		}
	}
	john.settle()
	john.Received(func(e counterpart.Event) bool { return e.Receipt != "" })
	for _, e := range john.Received(func(e counterpart.Event) bool { return e.Kind != "presence" }) {
		t.Errorf("a stanza that nobody asked for: %s", e.XML)
	}
	for _, bad := range []string{"panic", "msg=disconnected", "incident"} {
		r.silent(bad)
	}
	if n := strings.Count(r.journal.tail(1<<20), "msg=connected"); n != connections {
		t.Errorf("the component was connected %d times, want %d", n, connections)
	}
}

// hostileWords puts every text into every place of a message that the answer
// may repeat, and checks that each is answered by that text and nothing else.
func hostileWords(comp *person, strange string) (sent int) {
	comp.Helper()
	want := map[string]string{} // sender -> text
	var batch strings.Builder
	for _, text := range hostileTexts {
		if strings.ContainsRune(text, 0) {
			continue
		}
		q := escape(text)
		for _, m := range []string{
			"<message id='1' type='chat' from='%F' to='" + mainJID + "'><body>echo %Q</body></message>",
			"<message id='%Q' type='normal' from='%F' to='" + mainJID + "'><body>echo %Q</body></message>",
			"<message id='1' from='%F' to='" + mainJID + "'><thread parent='%Q'>%Q</thread><body>echo %Q</body></message>",
			"<message id='1' type='%Q' from='%F' to='" + mainJID + "'><body>echo %Q</body><origin-id xmlns='urn:xmpp:sid:0' id='%Q'/></message>",
			"<message id='1' from='%F' to='" + mainJID + "'><nick xmlns='http://jabber.org/protocol/nick'>%Q</nick><body>echo %Q</body>" +
				"<reply xmlns='urn:xmpp:reply:0' id='%Q' to='%Q'/></message>",
			"<message id='1' " + strange + " from='%F' to='" + mainJID + "'><body>echo %Q</body><x xmlns='urn:x' a='%Q'>%Q</x></message>",
		} {
			from := fmt.Sprintf("w%d@%s/x", sent, evilDomain)
			batch.WriteString(strings.NewReplacer("%F", from, "%Q", q).Replace(m))
			want[from] = strings.TrimSpace(text)
			sent++
		}
	}
	comp.raw(batch.String())
	for range len(want) {
		e := comp.expect("an answer to hostile text", func(e counterpart.Event) bool { return e.Kind == "message" })
		if text, ok := want[e.To]; !ok || e.Type != "chat" || e.Body != text || e.From != mainJID {
			comp.Errorf("to %s (%q): %s", e.To, text, e.XML)
		}
		delete(want, e.To)
	}
	comp.settle()
	for _, e := range comp.Received(func(counterpart.Event) bool { return true }) {
		comp.Errorf("a stanza that nobody asked for: %s", e.XML)
	}
	return sent
}

// hostileShapes sends stanzas that mean nothing or contradict themselves. Not
// one is a command, so nothing but errors and results may come back.
func hostileShapes(comp *person) (sent int) {
	comp.Helper()
	payloads := []string{
		"", "<body/>", "<body xmlns='x'>!count shape</body>", "<error/>", "<error type='cancel'><text/></error>", "<query/>", "<a xmlns=''/>",
		"<x xmlns='http://jabber.org/protocol/muc#user'/>", "<x xmlns='http://jabber.org/protocol/muc#user'><invite/></x>",
		"<x xmlns='http://jabber.org/protocol/muc#user'><item nick='dragoman' jid='@@@'/><status code='110'/><status code='307'/></x>",
		"<x xmlns='http://jabber.org/protocol/muc#user'><destroy/></x>", "<x xmlns='jabber:x:conference'/>",
		"<x xmlns='jabber:x:conference' jid='@/'/>", "<x xmlns='jabber:x:conference' jid='ops@rooms.chat.local' password='&lt;'/>",
		"<query xmlns='http://jabber.org/protocol/disco#info' node='&lt;&apos;&quot;'/>", "<query xmlns='jabber:iq:roster'><item/></query>",
		"<canary xmlns='urn:dragoman:canary' id='x'/>", "<ping xmlns='urn:xmpp:ping'/><ping xmlns='urn:xmpp:ping'/>",
		"<received xmlns='urn:xmpp:receipts'/>", "<request xmlns='urn:xmpp:receipts'/>", "<vCard xmlns='vcard-temp'><vCard/></vCard>",
		"<p:q xmlns:p='urn:a' p:b='c' p:xmlns='d'><p:q/></p:q>", strings.Repeat("<x>", 40) + strings.Repeat("</x>", 40),
		"<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='-1' end='99999999999999999999'/></fallback>",
	}
	var batch strings.Builder
	for _, kind := range []string{"message", "presence", "iq"} {
		for _, typ := range []string{"", "get", "error", "groupchat", "subscribed", "unavailable", "&lt;&apos;"} {
			for _, p := range payloads {
				to := []string{mainJID, botDomain, "x@" + botDomain + "/&apos;&lt;&quot;"}[sent%3]
				fmt.Fprintf(&batch, "<%s type='%s' id='s%d' from='s%d@%s/&quot;&lt;' to='%s'>%s</%s>", kind, typ, sent, sent, evilDomain, to, p, kind)
				sent++
			}
		}
	}
	comp.raw(batch.String())
	comp.settle()
	for _, e := range comp.Received(func(counterpart.Event) bool { return true }) {
		if e.Type != "error" && e.Type != "result" && e.Receipt == "" {
			comp.Errorf("a meaningless stanza is answered with %s", e.XML)
		}
	}
	return sent
}

func giantStanzasAreRefused(ctx context.Context, t *testing.T, s *place) {
	r := up(ctx, t, s)
	comp, john := s.evil(ctx, t), s.login(ctx, t, "john")
	attrs := &strings.Builder{}
	for i := range 300 {
		fmt.Fprintf(attrs, " a%d='x'", i)
	}
	giants := map[string]string{
		"300 KiB of text": "<body>echo " + strings.Repeat("x", 300<<10) + "</body>",
		"1 MiB of text":   "<body>echo " + strings.Repeat("y", 1<<20) + "</body>",
		"320 KiB of tags": "<body>echo z</body>" + strings.Repeat("<z/>", 80<<10),
		"300 attributes":  "<body>echo wide</body><w" + attrs.String() + "/>",
	}
	depth := 10_000
	if s.Kind == "ejabberd" {
		depth = 1_000 // 23.01 itself dies of 10,000
	}
	giants[fmt.Sprintf("%d deep", depth)] = "<no-store xmlns='urn:xmpp:hints'/><body>echo deep</body>" +
		strings.Repeat("<d>", depth) + strings.Repeat("</d>", depth)
	before := heap()
	for name, payload := range giants {
		for _, p := range []*person{comp, john} {
			from := ""
			if p == comp {
				from = " from='bot@" + evilDomain + "'"
			}
			p.raw("<message type='chat' id='" + name + "'" + from + " to='" + mainJID + "'>" + payload + "</message>")
			e := p.expect(name, func(e counterpart.Event) bool { return e.Kind == "message" && e.From == mainJID })
			if e.Type != "error" || e.Error != "policy-violation" || e.ID != name {
				t.Errorf("%s is answered with %s %q %q", name, e.Type, e.Error, e.ID)
			}
		}
	}
	grown := heap() - before
	for wait := time.Now().Add(soon); !s.Fake && grown > 8<<20 && time.Now().Before(wait); grown = heap() - before {
		time.Sleep(100 * time.Millisecond) // the tests beside this one have memory of their own
	}
	if grown > 8<<20 && !s.Fake { // the fake one keeps what it returned, in this process
		t.Errorf("the heap grew by %d KiB", grown>>10)
	}
	john.settle()
	r.silent("msg=disconnected")
}

// heap is what is in use once the garbage is gone, in bytes.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
