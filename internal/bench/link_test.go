package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// stanzas reads all of input with a reader of this size, and returns why it
// ended.
func stanzas(input []byte, size int) (all []string, err error) {
	l := &link{r: bufio.NewReaderSize(bytes.NewReader(input), size)}
	for {
		s, err := l.next()
		if err != nil {
			return all, err
		}
		all = append(all, string(s))
	}
}

func TestStanzasAreFoundInTheStream(t *testing.T) {
	for name, test := range map[string]struct {
		input string
		want  []string
	}{
		"one":              {"<a/>", []string{"<a/>"}},
		"two in a row":     {"<a/><b></b>", []string{"<a/>", "<b></b>"}},
		"nested":           {"<a><b><c/></b></a><d/>", []string{"<a><b><c/></b></a>", "<d/>"}},
		"with text":        {"<m><body>1 &lt; 2</body></m>", []string{"<m><body>1 &lt; 2</body></m>"}},
		"a bare > in text": {"<m><body>2 > 1 > 0</body></m><a/>", []string{"<m><body>2 > 1 > 0</body></m>", "<a/>"}},
		"space between":    {"<a/> \n <b/>", []string{"<a/>", "<b/>"}},
		"keepalives first": {"   <a/>", []string{"<a/>"}},
		"longer than the reader's buffer": {"<a b='" + strings.Repeat("x", 500) + "'>" + strings.Repeat("y", 500) + "</a><b/>",
			[]string{"<a b='" + strings.Repeat("x", 500) + "'>" + strings.Repeat("y", 500) + "</a>", "<b/>"}},
		"cut off":               {"<a/><b><c/>", []string{"<a/>"}},
		"nothing after the end": {"<a/></stream:stream><b/>", []string{"<a/>"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := stanzas([]byte(test.input), 16)
			if !slices.Equal(got, test.want) || !errors.Is(err, io.EOF) {
				t.Errorf("%q is read as %q and %v, want %q and the end", test.input, got, err, test.want)
			}
		})
	}
}

func TestAStreamErrorEndsTheLinkWithItsReason(t *testing.T) {
	_, err := stanzas([]byte("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"), 4096)
	if err == nil || !strings.Contains(err.Error(), "conflict") {
		t.Errorf("a stream error is returned as %v", err)
	}
}

func TestStanzaParts(t *testing.T) {
	for name, test := range map[string]struct {
		stanza              stanza
		is, attr, of, value string
		body                string
		hasBody             bool
	}{
		"single quotes":      {stanza("<message from='a@b/c' id='1'><body>hi</body></message>"), "message", "from", "'a@b/c'", "a@b/c", "hi", true},
		"double quotes":      {stanza(`<message from="a" id="it's"><body>hi</body></message>`), "message", "id", `"it's"`, "it's", "hi", true},
		"no attribute":       {stanza("<message from='a'/>"), "message", "id", "''", "", "", false},
		"a longer name":      {stanza("<message xml:id='1' grid='2' id='3'/>"), "message", "id", "'3'", "3", "", false},
		"a child's":          {stanza("<message><x id='1'/></message>"), "message", "id", "''", "", "", false},
		"unfinished":         {stanza("<message id='1"), "message", "id", "''", "", "", false},
		"no value":           {stanza("<message id="), "message", "id", "''", "", "", false},
		"entities stay":      {stanza("<iq id='&amp;'><body>&lt;</body></iq>"), "iq", "id", "'&amp;'", "&amp;", "&lt;", true},
		"body with language": {stanza("<message><body xml:lang='en'>hi</body></message>"), "message", "id", "''", "", "hi", true},
		"an empty body":      {stanza("<message><body/></message>"), "message", "id", "''", "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			if !test.stanza.is(test.is) || test.stanza.is(test.is[:1]) {
				t.Errorf("%s is %q and no other: not so", test.stanza, test.is)
			}
			if got := test.stanza.quoted(test.attr); string(got) != test.of {
				t.Errorf("quoted %s is %s, want %s", test.attr, got, test.of)
			}
			if got := test.stanza.attr(test.attr); string(got) != test.value {
				t.Errorf("%s is %s, want %s", test.attr, got, test.value)
			}
			if got, ok := test.stanza.body(); string(got) != test.body || ok != test.hasBody {
				t.Errorf("body is %q, %v", got, ok)
			}
		})
	}
}

func TestOnlyRequestsAreToBeAnswered(t *testing.T) {
	for text, want := range map[string]bool{
		"<iq type='get'/>": true, `<iq type="set"/>`: true, "<iq type='result'/>": false, "<iq type='error'/>": false,
		"<iq/>": false, "<message type='get'/>": false, "<presence/>": false,
	} {
		if got := stanza(text).asks(); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// What a buffer's end cuts through must not matter, and no input may panic.
func FuzzNext(f *testing.F) {
	f.Add([]byte("<a b='c'>d > e<f/></a> <g/></stream:stream>"))
	f.Add([]byte("<message to='p1@load/load' id='1'><body>x</body></message>"))
	f.Add([]byte("<><//></>>"))
	f.Fuzz(func(t *testing.T, input []byte) {
		small, _ := stanzas(input, 16)
		large, _ := stanzas(input, 1<<16)
		if !slices.Equal(small, large) {
			t.Fatalf("%q is read as %q and as %q", input, small, large)
		}
		for _, s := range large {
			s := stanza(s)
			if q := s.quoted("id"); len(q) < 2 || q[0] != q[len(q)-1] {
				t.Errorf("%q has the quoted id %q", s, q)
			}
			if _, ok := s.body(); ok && !bytes.Contains(s, []byte("</body>")) {
				t.Errorf("%q has a body", s)
			}
			if p := personOf(s, 0); p != -1 {
				t.Errorf("%q is for person %d of none", s, p)
			}
		}
	})
}
