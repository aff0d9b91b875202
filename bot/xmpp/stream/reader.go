package stream

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Limits bound one top-level element. What goes beyond is drained and reported
// as TooBig.
type Limits struct {
	// Bytes is the most bytes from its first < to its last >; 512 at least.
	Bytes int
	// Depth is the most elements inside each other, itself included.
	Depth int
	// Attrs is the most attributes of any one tag, namespace declarations
	// included.
	Attrs int
}

// DefaultLimits is 256 KiB, 64 levels, 64 attributes.
func DefaultLimits() Limits { return Limits{Bytes: 256 << 10, Depth: 64, Attrs: 64} }

// Reader cuts a stream into its header and top-level elements. One goroutine
// uses it at a time.
type Reader struct {
	frame   framer
	parse   parser
	root    string // the stream's start tag as written, prefix included
	content string
	err     error // the stream is over, or broken, with this
	cost    int   // an estimate of the memory of the last element, in bytes
}

// NewReader reads a stream from r. A limit of zero or less becomes that of
// DefaultLimits.
func NewReader(r io.Reader, l Limits) *Reader {
	d := DefaultLimits()
	for _, p := range []struct {
		v *int
		d int
	}{{&l.Bytes, d.Bytes}, {&l.Depth, d.Depth}, {&l.Attrs, d.Attrs}} {
		if *p.v <= 0 {
			*p.v = p.d
		}
	}
	l.Bytes = max(l.Bytes, maxDecl)
	return &Reader{frame: framer{src: r, limits: l}}
}

// Header reads an optional XML declaration and the start tag of the stream,
// RFC 6120 4.7, whose namespace declarations hold for all that follows. It is
// called first, and again after a stream restart. Its errors are those of
// Next, except that nothing here is recoverable.
func (r *Reader) Header() (*Element, error) {
	if r.err != nil {
		return nil, r.err
	}
	r.parse.scope = scope{}
	kind, raw, err := r.frame.next(true)
	if err == nil && kind == unitDecl {
		if err = checkDecl(raw); err == nil {
			kind, raw, err = r.frame.next(true)
		}
	}
	if err != nil {
		return nil, r.fail(err)
	}
	if kind != unitElement {
		return nil, r.fail(malformed("no stream header"))
	}
	e, err := r.parse.header(raw, true)
	if err != nil {
		return nil, r.fail(err)
	}
	r.content = r.parse.scope.fallback
	r.root = tagName(raw)
	return e, r.checkRoot(e, raw)
}

// checkRoot applies RFC 6120 4.8.
func (r *Reader) checkRoot(e *Element, raw []byte) error {
	switch {
	case e.Space != NSStreams:
		return r.fail(&Error{Condition: InvalidNamespace, Text: "the stream header is not in the namespace of streams"})
	case e.Local != "stream" || raw[len(raw)-2] == '/':
		return r.fail(&Error{Condition: BadFormat, Text: "the stream header opens no stream"})
	case r.content != NSClient && r.content != NSComponent:
		return r.fail(&Error{Condition: InvalidNamespace, Text: "the content namespace is neither a client's nor a component's"})
	}
	return nil
}

// ContentSpace is the content namespace that the header declared, NSClient or
// NSComponent: what AppendXML wants for this stream.
func (r *Reader) ContentSpace() string { return r.content }

// Buffered is the number of bytes read and not yet consumed. After STARTTLS it
// must be zero: more would be what somebody slipped in before the encryption.
func (r *Reader) Buffered() int { return r.frame.end - r.frame.pos }

// Next reads the next top-level element and skips white space before it. After
// a *TooBig the next call goes on with the following element. An *Error means
// that the stream is broken, io.EOF that the peer closed it properly,
// io.ErrUnexpectedEOF that the connection ended without that; those repeat. Any
// other error is the source's own, and after a time-out Next may be called
// again.
func (r *Reader) Next() (*Element, error) {
	if r.err != nil {
		return nil, r.err
	}
	kind, raw, err := r.frame.next(false)
	if err != nil {
		return nil, r.fail(err)
	}
	switch kind {
	case unitTooBig:
		return nil, r.tooBig(raw)
	case unitEnd:
		if tagName(raw) != r.root {
			return nil, r.fail(malformed("an end tag that does not match"))
		}
		return nil, r.fail(errEndOfStream)
	}
	e, err := r.parse.element(raw, r.frame.tags)
	if err != nil {
		return nil, r.fail(err)
	}
	r.cost = len(raw) + r.frame.tags*elementCost
	return e, nil
}

// elementCost is what an element takes in memory beside its text, in bytes.
const elementCost = 128

// errEndOfStream is told from the io.EOF of a connection that just ended.
var errEndOfStream = errors.New("end of stream")

func (r *Reader) tooBig(startTag []byte) error {
	big := &TooBig{Why: r.frame.why}
	if startTag == nil {
		return big
	}
	h, err := r.parse.header(startTag, false)
	if err != nil {
		return r.fail(err)
	}
	big.Header = h
	return big
}

// fail translates err and remembers it if it is final.
func (r *Reader) fail(err error) error {
	switch {
	case err == errEndOfStream:
		err = io.EOF
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	default:
		if broken := (*Error)(nil); !errors.As(err, &broken) {
			return err
		}
	}
	r.err = err
	return err
}

// tagName is the name in a tag as written.
func tagName(raw []byte) string {
	s := strings.TrimLeft(string(raw), "</")
	if i := strings.IndexAny(s, " \t\r\n/>"); i >= 0 {
		s = s[:i]
	}
	return s
}

// checkDecl allows <?xml ... ?> for XML 1.0 in UTF-8 only.
func checkDecl(raw []byte) error {
	tok, err := xml.NewDecoder(strings.NewReader(string(raw))).RawToken()
	if err != nil {
		if syn := (*xml.SyntaxError)(nil); !errors.As(err, &syn) && strings.Contains(string(raw), "encoding") {
			return &Error{Condition: UnsupportedEncoding, Text: "only UTF-8 is understood"}
		}
		return malformed("a broken XML declaration")
	}
	if pi, ok := tok.(xml.ProcInst); !ok || pi.Target != "xml" {
		return restricted("a processing instruction")
	}
	return nil
}
