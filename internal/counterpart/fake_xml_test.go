package counterpart

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzFakeXML checks that whatever the fake server reads it writes so that it
// reads the same again.
func FuzzFakeXML(f *testing.F) {
	for _, s := range []string{
		"<message to='a'><body>hi</body></message>", "<message xml:lang='de' xmlns:p='urn:p' p:a='&lt;&#xA;'><p:x/>]]&gt;\r\n</message>",
		"<iq><query xmlns='urn:x'><a xmlns=''/><b xmlns='jabber:client'/></query></iq>", "<a/><b/>", "<a", "</stream:stream>", "<a>&x;</a>", "<x:a/>",
		"<message xmlns='jabber:component:accept'/>", "<!DOCTYPE x>", "<a b='1' b='2'/>", "text", "<a>\xf0\x9f</a>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseElems(text)
		if err != nil {
			return
		}
		for _, e := range list {
			xml := e.String()
			if !utf8.ValidString(xml) {
				t.Fatalf("%q is written as %q", text, xml)
			}
			again, err := parseElems(xml)
			if err != nil || len(again) != 1 {
				t.Fatalf("%q is written as %q, which is read as %v, %v", text, xml, again, err)
			}
			if got := again[0].String(); got != xml {
				t.Fatalf("%q is written as %q and then as %q", text, xml, got)
			}
			_ = eventOf(e)
		}
	})
}

// FuzzFakeStream feeds the server's side of a stream: it says what is wrong or
// reads on, and comes to an end.
func FuzzFakeStream(f *testing.F) {
	const header = "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='a'>"
	f.Add(header + "<handshake>x</handshake><message/></stream:stream>")
	f.Add(header + " <?x?>")
	f.Add("<a/>")
	f.Fuzz(func(t *testing.T, text string) {
		r := newFakeReader(strings.NewReader(text), 1<<12)
		_, err := r.header()
		for err == nil {
			var e *elem
			if e, err = r.next(); err == nil && len(e.String()) > 64<<10 {
				t.Fatalf("%d bytes make an element of %d", len(text), len(e.String()))
			}
		}
	})
}

func TestACloneIsIndependent(t *testing.T) {
	list, err := parseElems("<message to='a' from='b'><body>x</body><y xmlns='urn:y'/></message>")
	check(t, err)
	e := list[0]
	before := e.String()
	c := e.clone().set("to", "c").add(el("urn:z", "z"))
	c = c.without(func(k *elem) bool { return k.space == "urn:y" })
	if e.String() != before || c.String() != "<message from='b' to='c'><body>x</body><z xmlns='urn:z'/></message>" {
		t.Errorf("the original is %s, the clone %s", e, c)
	}
	var none *elem
	if none.attr("x") != "" || none.text() != "" || none.kid("a", "b") != nil || none.elems() != nil {
		t.Error("nothing has something")
	}
}

func TestAddressesAreTakenApart(t *testing.T) {
	for s, want := range map[string]jid{
		"chat.local": {domain: "chat.local"}, "a@b": {"a", "b", ""}, "a@b/c@d/e": {"a", "b", "c@d/e"}, "b/c@d": {"", "b", "c@d"}, "": {},
	} {
		if got := splitJID(s); !reflect.DeepEqual(got, want) {
			t.Errorf("%q is %+v", s, got)
		}
	}
	if bareJID("a@b/c") != "a@b" || bareJID("b/c") != "b" {
		t.Error("the bare addresses are wrong")
	}
}

func TestHalfARuneIsFound(t *testing.T) {
	for s, want := range map[string]int{"": -1, "plain": -1, "aä": 2, "🤖": 2, "ab€": 3} {
		if got := halfRune(s); got != want || got >= 0 && utf8.ValidString(s[:got]) {
			t.Errorf("in %q it is at %d", s, got)
		}
	}
}

func TestAnExtraThatIsNoXMLIsAnError(t *testing.T) {
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		john := f.Login("john", "x")
		if _, err := john.Send(t.Context(), Outgoing{To: fakeBot, Extra: []string{"<a>"}}); err == nil {
			t.Error("Send takes what is no XML")
		}
		var fault *streamFault
		if err := john.Raw(t.Context(), "<a></b>"); !errors.As(err, &fault) {
			t.Errorf("Raw takes what is no XML: %v", err)
		}
	})
}
