package stream

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadsTrees(t *testing.T) {
	for name, tc := range map[string]struct {
		xml  string
		want *Element
	}{
		"default namespace": {"<message><body>hi</body></message>", New(NSClient, "message", TextElement(NSClient, "body", "hi"))},
		"own namespace":     {"<r xmlns='urn:xmpp:sm:3'/>", New("urn:xmpp:sm:3", "r")},
		"no namespace":      {"<iq><x xmlns=''/></iq>", New(NSClient, "iq", New("", "x"))},
		"prefixes and their scope": {"<a:iq xmlns:a='u'><a:x xmlns:a='v' a:y='1' y='2'/><a:z/></a:iq>",
			New("u", "iq", &Element{Space: "v", Local: "x", Attrs: []Attr{{"v", "y", "1"}, {"", "y", "2"}}}, New("u", "z"))},
		"prefix of the header":      {"<stream:features/>", New(NSStreams, "features")},
		"default after a child":     {"<iq><q xmlns='u'/><p/></iq>", New(NSClient, "iq", New("u", "q"), New(NSClient, "p"))},
		"xml:lang without xmlns":    {"<a xml:lang='de' xmlns:xml='" + NSXML + "'/>", &Element{Space: NSClient, Local: "a", Attrs: []Attr{{NSXML, "lang", "de"}}}},
		"predefined references":     {"<a b='&lt;&quot;'>&lt;&gt;&amp;&apos;&quot;&#65;&#x1FAE9;</a>", TextElement(NSClient, "a", "<>&'\"A\U0001FAE9").SetAttr("b", `<"`)},
		"CDATA is text":             {"<a>x<![CDATA[<b>&amp;]]]]><![CDATA[>]]>y</a>", TextElement(NSClient, "a", "x<b>&amp;]]>y")},
		"white space as references": {"<a b='&#xD;&#xA;&#x9;'>&#xD;</a>", TextElement(NSClient, "a", "\r").SetAttr("b", "\r\n\t")},
		"line ends":                 {"<a>1\r\n2\r3\n</a>", TextElement(NSClient, "a", "1\n2\n3\n")},
		"a > in an attribute":       {`<a b="'>/>"/>`, New(NSClient, "a").SetAttr("b", "'>/>")},
		"blanks inside tags":        {"<a \n b = '1' ></a \t>", New(NSClient, "a").SetAttr("b", "1")},
		"names beyond ASCII":        {"<é:ü xmlns:é='u' é:à='1'/>", &Element{Space: "u", Local: "ü", Attrs: []Attr{{"u", "à", "1"}}}},
		"keep-alive blanks":         {" \r\n\t <a/> ", New(NSClient, "a")},
	} {
		if got := parse(t, tc.xml); !got.Equal(tc.want) {
			t.Errorf("%s: got %v, want %v", name, got, tc.want)
		}
	}
}

func TestComponentStreamReadsAsClient(t *testing.T) {
	r := open(t, componentHeader, "<message><body>1</body><f xmlns='u'><message xmlns='jabber:component:accept'/></f></message>", DefaultLimits())
	e, err := r.Next()
	want := New(NSClient, "message", TextElement(NSClient, "body", "1"), New("u", "f", New(NSClient, "message")))
	if err != nil || !e.Equal(want) || e.Space != NSClient {
		t.Errorf("got %v, %v", e, err)
	}
}

func TestEndOfStream(t *testing.T) {
	for name, tc := range map[string]struct {
		body string
		want error
	}{
		"end tag":               {"<a/></stream:stream>", io.EOF},
		"end tag with a blank":  {"<a/> </stream:stream >", io.EOF},
		"connection lost":       {"<a/>", io.ErrUnexpectedEOF},
		"lost inside a stanza":  {"<a/><b>", io.ErrUnexpectedEOF},
		"lost inside a tag":     {"<a/><b", io.ErrUnexpectedEOF},
		"lost inside a drained": {"<a/><b>" + strings.Repeat("x", 2000), io.ErrUnexpectedEOF},
	} {
		r := open(t, clientHeader, tc.body, Limits{Bytes: 1000})
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		for range 2 { // it repeats
			if _, err := r.Next(); err != tc.want {
				t.Errorf("%s: %v, want %v", name, err, tc.want)
			}
		}
	}
}

func TestHeaderRules(t *testing.T) {
	root := "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
	for name, tc := range map[string]struct{ head, condition string }{
		"plain":                   {root + ">", ""},
		"declared":                {"<?xml version='1.0' encoding='utf-8'?>\n" + root + ">", ""},
		"blanks first":            {"\n " + root + ">", ""},
		"default is the streams'": {"<stream xmlns='http://etherx.jabber.org/streams'>", InvalidNamespace},
		"other content":           {"<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>", InvalidNamespace},
		"other namespace":         {"<stream:stream xmlns='jabber:client' xmlns:stream='u'>", InvalidNamespace},
		"other name":              {"<stream:features xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>", BadFormat},
		"closed at once":          {root + "/>", BadFormat},
		"end tag":                 {"</stream:stream>", NotWellFormed},
		"HTTP":                    {"HTTP/1.1 400 Bad Request\r\n", BadFormat},
		"undeclared prefix":       {"<stream:stream xmlns='jabber:client'>", NotWellFormed},
		"other encoding":          {"<?xml version='1.0' encoding='latin1'?>" + root + ">", UnsupportedEncoding},
		"other version":           {"<?xml version='1.1'?>" + root + ">", NotWellFormed},
		"broken declaration":      {"<?>" + strings.Repeat("x", 1000), NotWellFormed},
		"other instruction":       {"<?php version='1.0'?>" + root + ">", RestrictedXML},
		"two declarations":        {"<?xml version='1.0'?><?xml version='1.0'?>" + root + ">", NotWellFormed},
		"document type":           {"<!DOCTYPE x>" + root + ">", RestrictedXML},
		"endless":                 {root + strings.Repeat(" x", 200_000), PolicyViolation},
		"many attributes":         {root + strings.Repeat(" x=''", 100), PolicyViolation},
	} {
		r := NewReader(strings.NewReader(tc.head), DefaultLimits())
		_, err := r.Header()
		broken := (*Error)(nil)
		if got := errors.As(err, &broken); got != (tc.condition != "") || got && broken.Condition != tc.condition {
			t.Errorf("%s: %v, want %q", name, err, tc.condition)
		}
	}
}

func TestStreamRestart(t *testing.T) {
	second := strings.Replace(componentHeader, "<stream:stream", "<stream:stream xmlns:x='u'", 1)
	r := open(t, clientHeader, "<success xmlns='"+NSSASL+"'/>"+second+"<x:a/><b/></stream:stream>", DefaultLimits())
	if e, err := r.Next(); err != nil || !e.Is(NSSASL, "success") {
		t.Fatal(e, err)
	}
	if r.Buffered() == 0 {
		t.Error("what was read ahead must show")
	}
	if _, err := r.Header(); err != nil || r.ContentSpace() != NSComponent {
		t.Fatal(err)
	}
	if e, err := r.Next(); err != nil || !e.Is("u", "a") {
		t.Fatal(e, err)
	}
	if e, err := r.Next(); err != nil || !e.Is(NSClient, "b") {
		t.Fatal(e, err)
	}
	if _, err := r.Next(); err != io.EOF || r.Buffered() != 0 {
		t.Fatal(err)
	}
}

func TestNextGoesOnAfterATimeout(t *testing.T) {
	src := iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(clientHeader + "<a>1</a>")))
	r, timeouts := NewReader(src, DefaultLimits()), 0
	retry := func(f func() (*Element, error)) *Element {
		for {
			e, err := f()
			if err == nil {
				return e
			}
			if err != iotest.ErrTimeout {
				t.Fatal(err)
			}
			timeouts++
		}
	}
	retry(r.Header)
	if e := retry(r.Next); !e.Equal(TextElement(NSClient, "a", "1")) || timeouts == 0 {
		t.Errorf("got %v after %d time-outs", e, timeouts)
	}
}

func TestSourceThatGivesNothing(t *testing.T) {
	r := NewReader(readerFunc(func([]byte) (int, error) { return 0, nil }), DefaultLimits())
	if _, err := r.Header(); err != io.ErrNoProgress {
		t.Errorf("%v, want io.ErrNoProgress", err)
	}
	r = openFrom(t, iotest.DataErrReader(strings.NewReader(clientHeader+"<a/>")), DefaultLimits())
	if e, err := r.Next(); err != nil || !e.Is(NSClient, "a") {
		t.Errorf("the last bytes came with an error and were lost: %v, %v", e, err)
	}
	r = openFrom(t, io.MultiReader(strings.NewReader(clientHeader), iotest.ErrReader(os.ErrDeadlineExceeded)), DefaultLimits())
	if _, err := r.Next(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v, want the source's error", err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// everything is what a Reader makes of a stream, as text.
func everything(t *testing.T, src io.Reader, l Limits) []string {
	r := openFrom(t, src, l)
	var out []string
	for {
		e, err := r.Next()
		if len(r.frame.buf) > 4*l.Bytes+2*firstBuffer {
			t.Fatalf("the buffer grew to %d bytes", len(r.frame.buf))
		}
		big, recoverable := err.(*TooBig)
		if err != nil && !recoverable {
			return append(out, err.Error())
		}
		if recoverable {
			out = append(out, "too big: "+big.Why+" "+big.Header.String())
			continue
		}
		raw := string(e.AppendXML(nil, NSClient)) // String would be for a place without a namespace
		if again := readBack(t, raw); !again.Equal(e) {
			t.Fatalf("%q reads back as %v", raw, again)
		}
		out = append(out, raw)
	}
}

func readBack(t *testing.T, raw string) *Element {
	e, err := open(t, clientHeader, raw, Limits{Bytes: 1 << 24, Depth: 1000, Attrs: 1000}).Next()
	if err != nil {
		t.Fatalf("%q doesn't read back: %v", raw, err)
	}
	return e
}

func FuzzReader(f *testing.F) {
	for _, s := range []string{typical, typical + " " + typical + CloseTag, "<a><![CDATA[<]]></a>", "<a:b xmlns:a='u' a:c='1'/>",
		"<a b='&#xD;'>&#65;&bogus;</a>", "<!DOCTYPE a>", "<a><!-- --></a>", "<a><?b?></a>", "<a><b></a></b>", "<a b='1' b='2'/>",
		"<iq type='get' id='1'>" + strings.Repeat("<x>", 20) + strings.Repeat("</x>", 20) + "</iq><b/>",
		"<message id='1'>" + strings.Repeat("x", 600) + "</message><b/>", "<a" + strings.Repeat(" b=''", 20) + "/>", "<a>\xff</a>", "<é:à/>", "<a xmlns=''/>", "<a><b xmlns=''><c xmlns='u'/></b></a>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		l := Limits{Bytes: 512, Depth: 8, Attrs: 8}
		whole := everything(t, io.MultiReader(strings.NewReader(clientHeader), bytes.NewReader(body)), l)
		bytewise := everything(t, io.MultiReader(strings.NewReader(clientHeader), iotest.OneByteReader(bytes.NewReader(body))), l)
		if strings.Join(whole, "\n") != strings.Join(bytewise, "\n") {
			t.Fatalf("depends on how the bytes arrive:\n%q\n%q", whole, bytewise)
		}
	})
}
