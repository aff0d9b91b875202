package stream

import (
	"bytes"
	"io"
)

// framer finds where top-level elements end, looking at no more than tags,
// quotes and CDATA brackets, and counts what it sees against the limits while
// the bytes come in. It keeps at most one element within the limits; of one
// beyond them it keeps the start tag and forgets the rest as it passes by.
//
// It doesn't judge well-formedness beyond what it needs to stay in step; that
// is the parser's work. What it lets through is one element as encoding/xml
// understands it, and the parser checks that they agree.
type framer struct {
	src    io.Reader
	srcErr error // came with the last bytes, to be told after them
	limits Limits

	buf        []byte // buf[start:pos] is scanned, buf[pos:end] is not
	start, pos int
	end        int

	state state
	head  bool // a stream header ends with its start tag
	depth int  // open elements, the top-level one included
	tags  int  // elements seen, the top-level one included
	attrs int  // attributes of the tag under scan
	quote byte // what ends the attribute value under scan
	match int  // bytes seen of the literal that state waits for
	tag   int  // length of the element's start tag, 0 until it is complete

	why     string // the limit that the element broke, "" if none
	drain   bool   // forget what is scanned
	dropped []byte // start tag of the element that is drained
}

type state uint8

const (
	between   state = iota // outside any element: white space
	content                // text inside an element
	markup                 // after <
	tagBody                // inside a start tag, after its first byte
	afterVal               // inside a start tag, right after a closing quote
	attrVal                // inside a quoted value
	emptyTag               // inside a start tag, after /
	endTag                 // inside an end tag
	bang                   // after <!
	cdataOpen              // inside <![CDATA[
	cdata                  // inside a CDATA section
	decl                   // inside <?xml ... ?>
	complete               // a unit ends right before pos
)

// What next found.
type unit uint8

const (
	unitElement unit = iota // a whole element; with a header, its start tag
	unitEnd                 // the end tag of the stream
	unitDecl                // an XML declaration, before a header only
	unitTooBig              // an element beyond the limits; the bytes are its start tag, if known
)

const (
	whyBytes = "more bytes than allowed"
	whyDepth = "nested deeper than allowed"
	whyAttrs = "more attributes than allowed"
)

// next returns the next unit. The bytes are valid until the next call.
func (f *framer) next(head bool) (unit, []byte, error) {
	f.head = head
	f.reset()
	for {
		for f.pos < f.end && f.state != complete {
			if err := f.step(); err != nil {
				return 0, nil, err
			}
			f.checkSize()
			if f.head && f.why != "" {
				return 0, nil, &Error{Condition: PolicyViolation, Text: f.why}
			}
		}
		if f.state == complete {
			return f.finish()
		}
		if err := f.fill(); err != nil {
			return 0, nil, err
		}
	}
}

// reset forgets the unit that was returned, if one was; an interrupted one
// (the source gave a time-out) goes on where it stopped.
func (f *framer) reset() {
	if f.state != complete {
		return
	}
	f.state, f.start, f.depth, f.tags, f.tag = between, f.pos, 0, 0, 0
	f.why, f.drain, f.dropped = "", false, nil
}

func (f *framer) finish() (unit, []byte, error) {
	raw := f.buf[f.start:f.pos]
	switch {
	case f.why != "":
		return unitTooBig, f.dropped, nil
	case raw[1] == '/':
		return unitEnd, raw, nil
	case raw[1] == '?':
		return unitDecl, raw, nil
	}
	return unitElement, raw, nil
}

// step scans buf[pos:end] as far as the state carries; at least one byte.
func (f *framer) step() error {
	b := f.buf[f.pos:f.end]
	switch f.state {
	case between:
		return f.stepBetween(b)
	case content:
		if i := bytes.IndexByte(b, '<'); i >= 0 {
			f.to(markup, i+1)
		} else {
			f.pos = f.end
		}
		return nil
	case markup:
		return f.stepMarkup(b[0])
	case tagBody, afterVal, emptyTag:
		return f.stepTag(b)
	case attrVal:
		return f.stepAttrVal(b)
	case endTag:
		return f.stepEndTag(b)
	case bang:
		if b[0] != '[' {
			return restricted("a comment or a document type")
		}
		f.match = 0
		f.to(cdataOpen, 1)
		return nil
	case cdataOpen:
		return f.stepCDATAOpen(b[0])
	case cdata:
		f.stepCDATA(b)
		return nil
	default:
		return f.stepDecl(b[0])
	}
}

func (f *framer) to(s state, n int) {
	f.state = s
	f.pos += n
}

func (f *framer) stepBetween(b []byte) error {
	for i, c := range b {
		switch c {
		case ' ', '\t', '\r', '\n':
		case '<':
			f.start = f.pos + i
			f.to(markup, i+1)
			return nil
		default:
			return &Error{Condition: BadFormat, Text: "text between stanzas"}
		}
	}
	f.pos = f.end
	f.start = f.pos
	return nil
}

// stepMarkup decides by the byte after < what begins here.
func (f *framer) stepMarkup(c byte) error {
	switch {
	case c == '?' && f.head && f.depth == 0:
		f.match = 0
		f.to(decl, 1)
	case c == '?':
		return restricted("a processing instruction")
	case c == '!' && f.depth == 0:
		return restricted("a comment or a document type")
	case c == '!':
		f.to(bang, 1)
	case c == '/':
		f.to(endTag, 1)
	case c == '<' || c == '>' || isSpace(c):
		return malformed("a tag without a name")
	default:
		f.attrs = 0
		f.tags++
		if f.depth++; f.depth > f.limits.Depth {
			f.refuse(whyDepth)
		}
		f.to(tagBody, 1)
	}
	return nil
}

func (f *framer) stepTag(b []byte) error {
	for i, c := range b {
		if f.state == emptyTag && c != '>' || f.state == afterVal && c != '>' && c != '/' && !isSpace(c) {
			return malformed("a broken start tag")
		}
		switch c {
		case '>':
			f.endOfStartTag(i + 1)
			return nil
		case '/':
			f.state = emptyTag
		case '"', '\'':
			f.quote = c
			if f.attrs++; f.attrs > f.limits.Attrs {
				f.refuse(whyAttrs)
			}
			f.to(attrVal, i+1)
			return nil
		case '<':
			return malformed("a < inside a tag")
		default:
			f.state = tagBody
		}
	}
	f.pos = f.end
	return nil
}

func (f *framer) endOfStartTag(n int) {
	empty := f.state == emptyTag
	f.to(content, n)
	if f.tag == 0 {
		f.tag = f.pos - f.start
		if f.why != "" && !f.drain { // too many attributes, but all of them read
			f.forget()
		}
		if f.head {
			f.state = complete
			return
		}
	}
	if empty {
		f.closeOne()
	}
}

func (f *framer) stepAttrVal(b []byte) error {
	i := bytes.IndexByte(b, f.quote)
	val := b
	if i >= 0 {
		val = b[:i]
	}
	if bytes.IndexByte(val, '<') >= 0 {
		return malformed("a < inside an attribute")
	}
	if i < 0 {
		f.pos = f.end
		return nil
	}
	f.to(afterVal, i+1)
	return nil
}

func (f *framer) stepEndTag(b []byte) error {
	i := bytes.IndexByte(b, '>')
	if j := bytes.IndexByte(b, '<'); j >= 0 && (i < 0 || j < i) {
		return malformed("a < inside a tag")
	}
	n := i + 1
	if i < 0 {
		n = len(b)
	}
	f.pos += n
	if f.depth == 0 && f.pos-f.start > maxDecl {
		return malformed("an end tag of the stream that does not end")
	}
	if i >= 0 {
		f.closeOne()
	}
	return nil
}

func (f *framer) closeOne() {
	f.state = content
	if f.depth--; f.depth <= 0 {
		f.state = complete
	}
}

func (f *framer) stepCDATAOpen(c byte) error {
	const open = "CDATA["
	if c != open[f.match] {
		return malformed("a broken CDATA section")
	}
	f.match++
	f.pos++
	if f.match == len(open) {
		f.state, f.match = cdata, 0
	}
	return nil
}

// stepCDATA looks for ]]>; match counts the brackets right before, up to two.
func (f *framer) stepCDATA(b []byte) {
	for i, c := range b {
		switch {
		case c == ']':
			f.match = min(f.match+1, 2)
		case c == '>' && f.match == 2:
			f.to(content, i+1)
			return
		default:
			f.match = 0
		}
	}
	f.pos = f.end
}

func (f *framer) stepDecl(c byte) error {
	f.pos++
	if f.pos-f.start > maxDecl {
		return malformed("an XML declaration that does not end")
	}
	if c == '>' && f.match == 1 {
		f.state = complete
	}
	f.match = 0
	if c == '?' {
		f.match = 1
	}
	return nil
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func malformed(what string) *Error { return &Error{Condition: NotWellFormed, Text: what} }

func restricted(what string) *Error { return &Error{Condition: RestrictedXML, Text: what} }
