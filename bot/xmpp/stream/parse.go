package stream

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// parser turns the bytes of one element into a tree. encoding/xml splits them
// into tokens and checks names, characters and references; the parser adds what
// encoding/xml is lax about: namespaces, duplicate attributes, matching tags.
//
// A reference to a surrogate (&#xD800;) is the one thing not well-formed that
// passes: encoding/xml reads it as U+FFFD.
type parser struct {
	feed  feed
	dec   *xml.Decoder
	scope scope

	open  []frame
	nodes []Node    // children found so far of all open elements
	text  []byte    // character data not yet made a node
	slab  []Element // room for the elements of one stanza, which live and die together
}

// frame is an element whose end tag is still to come.
type frame struct {
	el    *Element
	name  xml.Name // as written, with its prefix
	nodes int      // where its children begin in parser.nodes
	undo  int      // where its declarations begin in scope.undo
}

// feed hands the decoder the bytes of one element after the other, so that one
// decoder serves the whole stream.
type feed struct{ b []byte }

func (f *feed) ReadByte() (byte, error) {
	if len(f.b) == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	c := f.b[0]
	f.b = f.b[1:]
	return c, nil
}

func (f *feed) Read(p []byte) (int, error) {
	if len(f.b) == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n := copy(p, f.b)
	f.b = f.b[n:]
	return n, nil
}

// start begins with raw, in which the framer saw so many elements.
func (p *parser) start(raw []byte, elements int) {
	p.feed.b = raw
	p.slab = make([]Element, elements)
	if p.dec == nil {
		p.dec = xml.NewDecoder(&p.feed)
	}
}

// newElement takes the next of the slab.
func (p *parser) newElement() *Element {
	if len(p.slab) == 0 {
		return &Element{}
	}
	e := &p.slab[0]
	p.slab = p.slab[1:]
	return e
}

// element parses a whole element, which contains so many in all.
func (p *parser) element(raw []byte, elements int) (*Element, error) {
	p.start(raw, elements)
	for {
		tok, err := p.dec.RawToken()
		if err != nil {
			return nil, tokenError(raw, err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			err = p.push(t)
		case xml.CharData:
			p.text = append(p.text, t...)
		case xml.EndElement:
			var done *Element
			if done, err = p.pop(t); done != nil {
				return p.finish(done, len(raw))
			}
		default:
			err = restricted("a comment, document type or processing instruction")
		}
		if err != nil {
			return nil, err
		}
	}
}

// finish checks that the framer and the decoder saw the same element, and lets
// go of the memory of a large one.
func (p *parser) finish(e *Element, size int) (*Element, error) {
	if len(p.feed.b) != 0 {
		return nil, malformed("an element that ends early")
	}
	if size > keepBuffer {
		p.dec, p.open, p.nodes, p.text = nil, nil, nil, nil
	}
	return e, nil
}

// header parses a start tag alone. With keep its declarations stay in force.
func (p *parser) header(raw []byte, keep bool) (*Element, error) {
	p.start(raw, 1)
	tok, err := p.dec.RawToken()
	if err != nil {
		return nil, tokenError(raw, err)
	}
	start, ok := tok.(xml.StartElement)
	if !ok || len(p.feed.b) != 0 {
		return nil, malformed("a broken start tag")
	}
	if bytes.HasSuffix(raw, []byte("/>")) {
		p.dec = nil // it would give the end tag next
	}
	if err := p.push(start); err != nil {
		return nil, err
	}
	e := p.open[0].el
	if !keep {
		p.scope.restore(p.open[0].undo)
	}
	p.open = p.open[:0]
	p.scope.undo = p.scope.undo[:0]
	return e, nil
}

// push opens an element.
func (p *parser) push(t xml.StartElement) error {
	p.flushText()
	f := frame{el: p.newElement(), name: t.Name, undo: len(p.scope.undo)}
	if err := p.declare(t.Attr, f.undo); err != nil {
		return err
	}
	if err := p.resolve(f.el, t); err != nil {
		return err
	}
	f.nodes = len(p.nodes)
	p.open = append(p.open, f)
	return nil
}

// declare brings the namespace declarations among attrs into force.
func (p *parser) declare(attrs []xml.Attr, since int) error {
	for i := range attrs {
		prefix, ok := declares(&attrs[i])
		if !ok {
			continue
		}
		if slices.ContainsFunc(p.scope.undo[since:], func(b binding) bool { return b.prefix == prefix }) {
			return malformed("a namespace declared twice")
		}
		if err := p.scope.declare(prefix, attrs[i].Value); err != nil {
			return err
		}
	}
	return nil
}

// declares is the prefix that a declares, "" for the default namespace.
func declares(a *xml.Attr) (prefix string, ok bool) {
	if a.Name.Space == "xmlns" {
		return a.Name.Local, true
	}
	return "", a.Name.Space == "" && a.Name.Local == "xmlns"
}

// resolve gives e the name and attributes of t with their namespaces.
func (p *parser) resolve(e *Element, t xml.StartElement) error {
	space, err := p.scope.resolve(t.Name, p.scope.fallback)
	if err != nil {
		return err
	}
	e.Space, e.Local = canon(space), t.Name.Local
	n := 0
	for i := range t.Attr {
		if _, ok := declares(&t.Attr[i]); !ok {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	e.Attrs = make([]Attr, 0, n)
	for i := range t.Attr {
		a := &t.Attr[i]
		if _, ok := declares(a); ok {
			continue
		}
		space, err := p.scope.resolve(a.Name, "")
		if err != nil {
			return err
		}
		if hasAttr(e.Attrs, space, a.Name.Local) {
			return malformed("an attribute given twice")
		}
		e.Attrs = append(e.Attrs, Attr{Space: space, Local: a.Name.Local, Value: a.Value})
	}
	return nil
}

func hasAttr(attrs []Attr, space, local string) bool {
	for i := range attrs {
		if attrs[i].Local == local && attrs[i].Space == space {
			return true
		}
	}
	return false
}

// pop closes the innermost element and returns it if it was the outermost.
func (p *parser) pop(t xml.EndElement) (*Element, error) {
	if len(p.open) == 0 || p.open[len(p.open)-1].name != t.Name {
		return nil, malformed("an end tag that does not match")
	}
	p.flushText()
	last := len(p.open) - 1
	f := p.open[last]
	p.open[last] = frame{}
	p.open = p.open[:last]
	if kids := p.nodes[f.nodes:]; len(kids) > 0 {
		f.el.Children = slices.Clone(kids)
		clear(kids)
		p.nodes = p.nodes[:f.nodes]
	}
	p.scope.restore(f.undo)
	if last == 0 {
		return f.el, nil
	}
	p.nodes = append(p.nodes, f.el)
	return nil, nil
}

func (p *parser) flushText() {
	if len(p.text) > 0 {
		p.nodes = append(p.nodes, Text(p.text))
		p.text = p.text[:0]
	}
}

// tokenError puts the decoder's complaint under a condition.
func tokenError(raw []byte, err error) *Error {
	if !utf8.Valid(raw) {
		return &Error{Condition: UnsupportedEncoding, Text: "invalid UTF-8"}
	}
	what := "XML that is not well-formed"
	if syn := (*xml.SyntaxError)(nil); errors.As(err, &syn) {
		what = syn.Msg
	}
	// A named reference other than the five predefined is restricted, RFC 6120
	// 11.1; a numeric one is only wrong.
	if _, ref, ok := strings.Cut(what, "invalid character entity &"); ok {
		if name, ends := strings.CutSuffix(ref, ";"); ends && name != "" && name[0] != '#' {
			return restricted("a reference to an entity")
		}
	}
	if len(what) > 100 { // it quotes the peer, who may be long-winded
		what = strings.ToValidUTF8(what[:100], "")
	}
	return malformed(what)
}
