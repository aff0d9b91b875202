package stream

import (
	"strings"
	"testing"
)

func TestStanzaErrorReadsBack(t *testing.T) {
	for name, tc := range map[string]struct {
		xml  string
		want StanzaError
	}{
		"complete": {"<message type='error'><error type='wait' by='b'><remote-server-timeout xmlns='" + NSStanzas + "'/><text xmlns='" + NSStanzas +
			"'>later</text><not-connected xmlns='u'/></error></message>", StanzaError{TypeWait, "remote-server-timeout", "later", "b", New("u", "not-connected")}},
		"empty error":     {"<iq type='error'><error/></iq>", StanzaError{Type: TypeCancel, Condition: UndefinedCondition}},
		"no error at all": {"<iq type='error'><query xmlns='u'/></iq>", StanzaError{Type: TypeCancel, Condition: UndefinedCondition}},
	} {
		stanza := parse(t, tc.xml)
		got := ParseStanzaError(stanza)
		if got == nil || got.Type != tc.want.Type || got.Condition != tc.want.Condition || got.Text != tc.want.Text || got.By != tc.want.By || !got.App.Equal(tc.want.App) {
			t.Fatalf("%s: %+v, want %+v", name, got, tc.want)
		}
		again := ParseStanzaError(New(NSClient, "iq", got.Element()).SetAttr("type", "error"))
		if again == nil || !again.Element().Equal(got.Element()) || !strings.Contains(again.Error(), got.Condition) {
			t.Errorf("%s: renders as %v", name, again.Element())
		}
	}
	if ParseStanzaError(parse(t, "<iq type='result'><error/></iq>")) != nil || ParseStanzaError(nil) != nil {
		t.Error("an error where none is")
	}
	if got := (&StanzaError{}).Element(); !got.Equal(New(NSClient, "error", New(NSStanzas, UndefinedCondition)).SetAttr("type", TypeCancel)) {
		t.Errorf("the zero error renders as %v", got)
	}
}

func TestErrorReplySwapsAddressesAndNeverAnswersAnAnswer(t *testing.T) {
	e := StanzaError{Type: TypeCancel, Condition: "service-unavailable"}
	got := ErrorReply(parse(t, "<iq type='get' id='7' from='a@b/c' to='d@e'><q xmlns='u'/></iq>"), e)
	want := parse(t, "<iq type='error' id='7' from='d@e' to='a@b/c'><error type='cancel'><service-unavailable xmlns='"+NSStanzas+"'/></error></iq>")
	if !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, s := range []string{"<message type='error'/>", "<presence type='error'/>", "<iq type='error'/>", "<iq type='result'/>", "<r xmlns='urn:xmpp:sm:3'/>", "<body/>"} {
		if got := ErrorReply(parse(t, s), e); got != nil {
			t.Errorf("%s was answered with %v", s, got)
		}
	}
	if ErrorReply(nil, e) != nil || ResultReply(nil) != nil {
		t.Error("nothing was answered")
	}
}

func TestResultReply(t *testing.T) {
	got := ResultReply(parse(t, "<iq type='set' id='7' from='a@b/c'/>"), New("u", "q"))
	if want := parse(t, "<iq type='result' id='7' to='a@b/c'><q xmlns='u'/></iq>"); !got.Equal(want) {
		t.Errorf("got %v", got)
	}
	for _, s := range []string{"<message type='get'/>", "<iq type='error'/>", "<iq/>"} {
		if got := ResultReply(parse(t, s)); got != nil {
			t.Errorf("%s was answered with %v", s, got)
		}
	}
}

func TestStreamErrorReadsBack(t *testing.T) {
	for _, want := range []Error{
		{Condition: Conflict, Text: "Replaced by a new connection"},
		{Condition: SeeOtherHost, Host: "[::1]:5222"},
		{Condition: UndefinedCondition, App: New("u", "escape-your-data")},
		{Condition: SystemShutdown},
	} {
		got := ParseError(want.Element())
		if got == nil || got.Condition != want.Condition || got.Text != want.Text || got.Host != want.Host || !got.App.Equal(want.App) || !got.Received {
			t.Errorf("%+v reads back as %+v", want, got)
		}
		if !strings.Contains(got.Error(), want.Condition) || !strings.Contains(got.Error(), want.Text) || got.Error() == want.Error() {
			t.Errorf("%q and %q", got.Error(), want.Error())
		}
	}
	if ParseError(New(NSClient, "error")) != nil || ParseError(nil) != nil {
		t.Error("a stream error where none is")
	}
}

func TestIDsAreLongAndDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := NewID()
		if len(id) < 16 || strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" || seen[id] {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
	}
}

func TestMayAnswer(t *testing.T) {
	account := MustParse("me@home/r")
	for _, tc := range []struct {
		name     string
		own      JID
		to, from string
		want     bool
	}{
		{"the address asked", account, "a@b/c", "a@b/c", true},
		{"in another spelling", account, "A@B./c", "a@b/c", true},
		{"resource is opaque", account, "a@b/c", "a@b/C", false},
		{"another resource", account, "a@b/c", "a@b/d", false},
		{"bare for full", account, "a@b/c", "a@b", false},
		{"the server of the one asked", account, "a@b", "b", false},
		{"a stranger", account, "a@b", "evil@b", false},
		{"no from for a stranger", account, "a@b", "", false},
		{"no address", account, "a@b", "@", false},
		{"asked no address", account, "@", "a@b", false},
		{"no to: no from", account, "", "", true},
		{"no to: own account", account, "", "me@home", true},
		{"no to: own server", account, "", "home", true},
		{"no to: a resource of mine", account, "", "me@home/x", false},
		{"no to: a stranger", account, "", "a@b", false},
		{"own account: no from", account, "me@home", "", true},
		{"own server: no from", account, "home", "", true},
		{"own account: own server", account, "me@home", "home", false},
		{"own full address: no from", account, "me@home/r", "", false},
		{"component: the address asked", JID{}, "home", "home", true},
		{"component: no from", JID{}, "home", "", false},
		{"component: no to", JID{}, "", "home", false},
	} {
		if got := mayAnswer(tc.own, tc.to, tc.from); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}
