package stream

import (
	"io"
	"strings"
	"testing"
)

func TestRender(t *testing.T) {
	body := TextElement(NSClient, "body", "hi")
	for name, tc := range map[string]struct {
		e     *Element
		space string
		want  string
	}{
		"stanza on a client stream":      {New(NSClient, "message", body), NSClient, "<message><body>hi</body></message>"},
		"stanza on a component stream":   {New(NSClient, "message", body), NSComponent, "<message><body>hi</body></message>"},
		"stanza as a document":           {New(NSClient, "message", body), "", "<message xmlns='jabber:client'><body>hi</body></message>"},
		"component namespace in a tree":  {New(NSComponent, "handshake"), NSComponent, "<handshake/>"},
		"foreign child":                  {New(NSClient, "iq", New("urn:xmpp:ping", "ping")), NSComponent, "<iq><ping xmlns='urn:xmpp:ping'/></iq>"},
		"forwarded stanza on component":  {New(NSClient, "message", New("urn:xmpp:forward:0", "forwarded", New(NSClient, "message", body))), NSComponent, "<message><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><body>hi</body></message></forwarded></message>"},
		"no namespace":                   {New(NSClient, "iq", New("", "x")), NSClient, "<iq><x xmlns=''/></iq>"},
		"stream error":                   {(&Error{Condition: Conflict}).Element(), NSComponent, "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"},
		"text escapes":                   {TextElement("", "a", "<&>'\"\t\n\r]]>"), "", "<a>&lt;&amp;&gt;'\"\t\n&#xD;]]&gt;</a>"},
		"attribute escapes":              {New("", "a").SetAttr("b", "<&>'\"\t\n\r"), "", "<a b='&lt;&amp;&gt;&apos;&quot;&#x9;&#xA;&#xD;'/>"},
		"forbidden characters":           {TextElement("", "a", "x\x00\x1b\xff\uFFFE\U0001FAE9"), "", "<a>x\uFFFD\uFFFD\uFFFD\uFFFD\U0001FAE9</a>"},
		"xml:lang":                       {&Element{Local: "a", Attrs: []Attr{{NSXML, "lang", "de"}}}, "", "<a xml:lang='de'/>"},
		"namespaced attributes":          {&Element{Local: "a", Attrs: []Attr{{"u", "b", "1"}, {"u", "c", "2"}}}, "", "<a xmlns:n0='u' n0:b='1' n0:c='2'/>"},
		"repeated attribute":             {&Element{Local: "a", Attrs: []Attr{{"", "b", "1"}, {"", "b", "2"}}}, "", "<a b='1'/>"},
		"declaration as attribute":       {&Element{Local: "a", Attrs: []Attr{{"", "xmlns", "evil"}, {nsXMLNS, "b", "evil"}}}, "", "<a/>"},
		"declaration by a prefixed name": {&Element{Local: "a", Attrs: []Attr{{"", "xmlns:b", "u"}}}, "", "<a xmlns_b='u'/>"},
		"injection by element name":      {New("", "a><evil/"), "", "<a__evil_/>"},
		"injection by attribute name":    {&Element{Local: "a", Attrs: []Attr{{"", "b='1'><evil c", "x"}}}, "", "<a b__1___evil_c='x'/>"},
		"injection by namespace":         {New("u'><evil/>", "a"), "", "<a xmlns='u&apos;&gt;&lt;evil/&gt;'/>"},
		"empty name":                     {New("", ""), "", "<_/>"},
		"name with a digit first":        {New("", "1a"), "", "<_1a/>"},
		"name beyond ASCII":              {New("", "été"), "", "<été/>"},
		"name beyond XML":                {New("", "a\U0001FAE9"), "", "<a____/>"},
		"reserved namespaces":            {New(NSXML, "a", New(nsXMLNS, "b")), "", "<xml:a><b/></xml:a>"},
		"nil children":                   {New("", "a", nil, (*Element)(nil), Text("")), "", "<a/>"},
		"nil":                            {nil, NSClient, ""},
	} {
		if got := string(tc.e.AppendXML(nil, tc.space)); got != tc.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, tc.want)
		}
	}
}

func TestHeaderReadsBack(t *testing.T) {
	raw := AppendHeader(nil, NSComponent, Attr{"", "to", "a'b"}, Attr{NSXML, "lang", "en"})
	r := NewReader(strings.NewReader(string(raw)+CloseTag), DefaultLimits())
	h, err := r.Header()
	if err != nil || !h.Is(NSStreams, "stream") || h.Attr("to") != "a'b" || h.Lang() != "en" || r.ContentSpace() != NSComponent {
		t.Errorf("header %v, %v", h, err)
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("Next = %v, want io.EOF", err)
	}
}

// seed builds a tree out of bytes, so that the fuzzer reaches every field.
type seed struct{ b []byte }

func (s *seed) byte() byte {
	if len(s.b) == 0 {
		return 0
	}
	c := s.b[0]
	s.b = s.b[1:]
	return c
}

func (s *seed) string() string {
	n := min(int(s.byte()%24), len(s.b))
	t := string(s.b[:n])
	s.b = s.b[n:]
	return t
}

func (s *seed) space() string {
	known := []string{"", NSClient, NSComponent, NSStreams, NSXML, nsXMLNS, "urn:x"}
	if i := int(s.byte()) % (len(known) + 2); i < len(known) {
		return known[i]
	}
	return s.string()
}

func (s *seed) element(depth int) *Element {
	e := New(s.space(), s.string())
	for range s.byte() % 4 {
		e.Attrs = append(e.Attrs, Attr{s.space(), s.string(), s.string()})
	}
	for range s.byte() % 5 {
		switch kind := s.byte() % 4; {
		case kind == 0:
			e.Append(nil)
		case kind == 1 && depth < 8:
			e.Append(s.element(depth + 1))
		default:
			e.Append(Text(s.string()))
		}
	}
	return e
}

// clean is what a tree must read back as, by the rules of AppendXML.
func clean(e *Element) *Element {
	text := func(s string) string {
		return strings.Map(func(r rune) rune {
			if !isXMLChar(r) {
				return '\uFFFD'
			}
			return r
		}, s)
	}
	out := New(text(e.Space), safeName(e.Local))
	if out.Space == nsXMLNS {
		out.Space = ""
	}
	for _, a := range e.Attrs {
		a = Attr{text(a.Space), safeName(a.Local), text(a.Value)}
		if a.Space == nsXMLNS || a.Space == "" && a.Local == "xmlns" || hasAttr(out.Attrs, a.Space, a.Local) {
			continue
		}
		out.Attrs = append(out.Attrs, a)
	}
	for _, n := range e.Children {
		switch n := n.(type) {
		case Text:
			out.Append(Text(text(string(n))))
		case *Element:
			out.Append(clean(n))
		}
	}
	return out
}

func FuzzRender(f *testing.F) {
	f.Add([]byte("\x01\x07message\x02\x00\x02id\x03'>\n\x00\x05xmlns\x01x\x02\x02\x05]]>\r\n\x01\x06\x04body\x00\x01\x02\x02hi"))
	f.Add([]byte("\x03\x05error\x01\x08\x01\x00\x01a\x01b\x00"))
	f.Add([]byte("\x08\x03\x00\xff<\x04a:b \x03\x08\x01\x01\x01a\x00\x08\x01\x02\x01a\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		e := (&seed{b}).element(0)
		for header, space := range map[string]string{clientHeader: NSClient, componentHeader: NSComponent} {
			raw := string(e.AppendXML(nil, space))
			r := open(t, header, raw+CloseTag, Limits{Bytes: 1 << 20, Depth: 100, Attrs: 100})
			got, err := r.Next()
			if err != nil {
				t.Fatalf("%q doesn't read back: %v", raw, err)
			}
			if want := clean(e); !got.Equal(want) {
				t.Fatalf("%q reads back as\n%v, want\n%v", raw, got, want)
			}
			if _, err := r.Next(); err != io.EOF {
				t.Fatalf("%q is more than one element: %v", raw, err)
			}
		}
	})
}
