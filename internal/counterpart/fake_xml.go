package counterpart

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Name spaces that the fake server speaks.
const (
	nsClient      = "jabber:client"
	nsComponent   = "jabber:component:accept"
	nsStream      = "http://etherx.jabber.org/streams"
	nsStreams     = "urn:ietf:params:xml:ns:xmpp-streams"
	nsStanzas     = "urn:ietf:params:xml:ns:xmpp-stanzas"
	nsXML         = "http://www.w3.org/XML/1998/namespace"
	nsPing        = "urn:xmpp:ping"
	nsDiscoInfo   = "http://jabber.org/protocol/disco#info"
	nsDiscoItems  = "http://jabber.org/protocol/disco#items"
	nsMUC         = "http://jabber.org/protocol/muc"
	nsMUCUser     = nsMUC + "#user"
	nsMUCAdmin    = nsMUC + "#admin"
	nsMUCOwner    = nsMUC + "#owner"
	nsForms       = "jabber:x:data"
	nsDelay       = "urn:xmpp:delay"
	nsStanzaID    = "urn:xmpp:sid:0"
	nsMAM         = "urn:xmpp:mam:2"
	nsRSM         = "http://jabber.org/protocol/rsm"
	nsForward     = "urn:xmpp:forward:0"
	nsReply       = "urn:xmpp:reply:0"
	nsReceipts    = "urn:xmpp:receipts"
	nsChatStates  = "http://jabber.org/protocol/chatstates"
	nsConference  = "jabber:x:conference"
	nsNotLinked   = "xmpp:prosody.im/protocol/component"
	fakeMaxDepth  = 200
	fakeMaxStanza = 512 << 10 // bytes; Prosody's default for components
)

// elem is one XML element. What is written once is never changed after it was
// routed: to change it, copy it with clone.
type elem struct {
	space, local string
	attrs        []xml.Attr
	kids         []any // *elem or string
}

// el makes an element. A kid is an *elem, which may be nil and is left out
// then, or a string.
func el(space, local string, kids ...any) *elem {
	e := &elem{space: space, local: local}
	return e.add(kids...)
}

func (e *elem) add(kids ...any) *elem {
	for _, k := range kids {
		if c, ok := k.(*elem); !ok || c != nil {
			e.kids = append(e.kids, k)
		}
	}
	return e
}

// attr is an attribute without a name space, or "". It may be asked of nil.
func (e *elem) attr(name string) string {
	if e == nil {
		return ""
	}
	for _, a := range e.attrs {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// set changes an attribute; an empty value removes it.
func (e *elem) set(name, value string) *elem {
	e.attrs = slices.DeleteFunc(e.attrs, func(a xml.Attr) bool { return a.Name.Space == "" && a.Name.Local == name })
	if value != "" {
		e.attrs = append(e.attrs, xml.Attr{Name: xml.Name{Local: name}, Value: value})
	}
	return e
}

// clone copies the element; its kids are shared, which nobody changes.
func (e *elem) clone() *elem {
	return &elem{e.space, e.local, slices.Clone(e.attrs), slices.Clone(e.kids)}
}

// elems are the kids that are elements. It may be asked of nil.
func (e *elem) elems() []*elem {
	if e == nil {
		return nil
	}
	var list []*elem
	for _, k := range e.kids {
		if c, ok := k.(*elem); ok {
			list = append(list, c)
		}
	}
	return list
}

// kid is the first element of that name, or nil. It may be asked of nil.
func (e *elem) kid(space, local string) *elem {
	for _, c := range e.elems() {
		if c.space == space && c.local == local {
			return c
		}
	}
	return nil
}

// without is a copy that lacks the kids that match.
func (e *elem) without(match func(*elem) bool) *elem {
	c := e.clone()
	c.kids = slices.DeleteFunc(c.kids, func(k any) bool {
		kid, ok := k.(*elem)
		return ok && match(kid)
	})
	return c
}

// text is the character data directly inside. It may be asked of nil.
func (e *elem) text() string {
	if e == nil {
		return ""
	}
	var b strings.Builder
	for _, k := range e.kids {
		if s, ok := k.(string); ok {
			b.WriteString(s)
		}
	}
	return b.String()
}

// String is the element as XML, for who lives in the name space of clients and
// components.
func (e *elem) String() string {
	var b strings.Builder
	e.write(&b, nsClient)
	return b.String()
}

// write renders the element inside of a parent whose name space is outer.
func (e *elem) write(b *strings.Builder, outer string) {
	b.WriteString("<" + e.local)
	if e.space != outer {
		writeAttr(b, "xmlns", e.space)
	}
	for i, a := range e.attrs {
		switch a.Name.Space {
		case "":
			writeAttr(b, a.Name.Local, a.Value)
		case nsXML:
			writeAttr(b, "xml:"+a.Name.Local, a.Value)
		default:
			prefix := fmt.Sprintf("a%d", i)
			writeAttr(b, "xmlns:"+prefix, a.Name.Space)
			writeAttr(b, prefix+":"+a.Name.Local, a.Value)
		}
	}
	if len(e.kids) == 0 {
		b.WriteString("/>")
		return
	}
	b.WriteByte('>')
	for _, k := range e.kids {
		switch k := k.(type) {
		case string:
			fakeEscaper.WriteString(b, k)
		case *elem:
			k.write(b, e.space)
		}
	}
	b.WriteString("</" + e.local + ">")
}

// fakeEscaper lets no character end what it stands in. Line ends in attributes
// would become blanks, a lone CR anywhere a line feed.
var fakeEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&apos;", `"`, "&quot;", "\r", "&#xD;")
var fakeAttrEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&apos;", `"`, "&quot;",
	"\r", "&#xD;", "\n", "&#xA;", "\t", "&#x9;")

func writeAttr(b *strings.Builder, name, value string) {
	b.WriteString(" " + name + "='")
	fakeAttrEscaper.WriteString(b, value)
	b.WriteByte('\'')
}

// streamFault is a stream error (RFC 6120 section 4.9) that what was read
// deserves.
type streamFault struct{ condition, text string }

func (f *streamFault) Error() string { return f.condition + ": " + f.text }

// errStreamEnd is the end tag of the stream.
var errStreamEnd = errors.New("the peer ended its stream")

// fakeReader cuts a stream into its top-level elements. It is strict: what the
// bot may not send is a streamFault.
type fakeReader struct {
	src   io.Reader
	dec   *xml.Decoder
	limit int             // bytes of one stanza
	depth int             // elements inside of each other
	left  int             // of limit
	begun bool            // the header has been read
	known map[string]bool // name spaces declared so far
}

func newFakeReader(src io.Reader, limit int) *fakeReader {
	r := &fakeReader{src: src, limit: limit, depth: fakeMaxDepth, left: limit, known: map[string]bool{"": true, nsXML: true}}
	r.dec = xml.NewDecoder(r)
	return r
}

// Read hands the decoder no more than one stanza may have, and what was read
// ahead.
func (r *fakeReader) Read(b []byte) (int, error) {
	if r.left <= 0 {
		return 0, &streamFault{"policy-violation", "stanza too large"}
	}
	n, err := r.src.Read(b[:min(len(b), r.left)])
	r.left -= n
	return n, err
}

// header reads the start tag of the stream.
func (r *fakeReader) header() (*elem, error) {
	for {
		t, err := r.token()
		if err != nil {
			return nil, err
		}
		if start, ok := t.(xml.StartElement); ok {
			r.begun = true
			e, err := r.open(start)
			if err == nil && (e.space != nsStream || e.local != "stream") {
				err = &streamFault{"invalid-namespace", "not a stream"}
			}
			return e, err
		}
	}
}

// next reads one top-level element.
func (r *fakeReader) next() (*elem, error) {
	r.left = r.limit
	var stack []*elem
	for {
		t, err := r.token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			e, err := r.open(t)
			if err != nil {
				return nil, err
			}
			if len(stack) == r.depth {
				return nil, &streamFault{"policy-violation", "nested too deeply"}
			}
			stack = append(stack, e)
		case xml.EndElement:
			if len(stack) == 0 {
				return nil, errStreamEnd
			}
			e := stack[len(stack)-1]
			if stack = stack[:len(stack)-1]; len(stack) == 0 {
				return e, nil
			}
			stack[len(stack)-1].add(e)
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].add(string(t))
			} else if strings.TrimSpace(string(t)) != "" {
				return nil, &streamFault{"bad-format", "text between stanzas"}
			}
		}
	}
}

// token is the decoder's, with the errors of a stream.
func (r *fakeReader) token() (xml.Token, error) {
	t, err := r.dec.Token()
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		if strings.Contains(syntax.Msg, "unexpected EOF") {
			return nil, io.ErrUnexpectedEOF
		}
		return nil, &streamFault{"not-well-formed", syntax.Msg}
	}
	switch t.(type) {
	case xml.Comment, xml.Directive:
		return nil, &streamFault{"restricted-xml", "comment or declaration"}
	case xml.ProcInst:
		if r.begun {
			return nil, &streamFault{"restricted-xml", "processing instruction"}
		}
	}
	return t, err
}

// open turns a start tag into an element of the name space of clients.
func (r *fakeReader) open(t xml.StartElement) (*elem, error) {
	e := &elem{space: t.Name.Space, local: t.Name.Local}
	for _, a := range t.Attr {
		if a.Name.Space == "xmlns" || a.Name == (xml.Name{Local: "xmlns"}) {
			r.known[a.Value] = true
			continue
		}
		if slices.ContainsFunc(e.attrs, func(b xml.Attr) bool { return a.Name == b.Name }) {
			return nil, &streamFault{"not-well-formed", "an attribute twice"}
		}
		e.attrs = append(e.attrs, a)
	}
	for _, space := range append(attrSpaces(e.attrs), e.space) {
		if !r.known[space] {
			return nil, &streamFault{"bad-namespace-prefix", "a prefix that nobody declared"}
		}
	}
	if e.space == nsComponent {
		e.space = nsClient
	}
	return e, nil
}

func attrSpaces(attrs []xml.Attr) []string {
	spaces := make([]string, len(attrs))
	for i, a := range attrs {
		spaces[i] = a.Name.Space
	}
	return spaces
}

// parseElems reads elements as they stand in a client's stream, however large
// and deep: what people send is meant to try the bot, not the server.
func parseElems(text string) ([]*elem, error) {
	r := newFakeReader(strings.NewReader("<stream:stream xmlns='"+nsClient+"' xmlns:stream='"+nsStream+"'>"+text+"</stream:stream>"), 64<<20)
	r.depth = 20_000
	if _, err := r.header(); err != nil {
		return nil, err
	}
	var list []*elem
	for {
		e, err := r.next()
		switch {
		case errors.Is(err, errStreamEnd):
			return list, nil
		case err != nil:
			return nil, fmt.Errorf("not XML: %w", err)
		}
		list = append(list, e)
	}
}

// halfRune is the offset in the middle of the first character of more than one
// byte in s, or -1.
func halfRune(s string) int {
	for i, r := range s {
		if n := utf8.RuneLen(r); n > 1 && r != utf8.RuneError {
			return i + n/2
		}
	}
	return -1
}
