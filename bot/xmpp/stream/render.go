package stream

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// CloseTag ends a stream that AppendHeader began.
const CloseTag = "</stream:stream>"

// AppendHeader appends the XML declaration and the start tag of a stream with
// the given content namespace, NSClient or NSComponent, RFC 6120 4.7.
func AppendHeader(dst []byte, contentSpace string, attrs ...Attr) []byte {
	dst = append(dst, "<?xml version='1.0'?><stream:stream xmlns='"...)
	dst = appendEscaped(dst, contentSpace, true)
	dst = append(dst, "' xmlns:stream='"+NSStreams+"'"...)
	dst = appendAttrs(dst, attrs)
	return append(dst, '>')
}

// AppendXML appends e as XML that stands where defaultSpace is the default
// namespace: the content namespace of a stream (see the package comment for
// what that does to stanzas), or "" for a document of its own. It is the only
// way from a tree to bytes, and whatever the tree holds, exactly one element
// comes out:
//
//   - A character that XML forbids, or a byte that is not UTF-8, becomes U+FFFD.
//     White space in attributes, and carriage returns, survive as references.
//   - In a name that is none each offending character becomes an underscore.
//   - An attribute that repeats an earlier one, or would be a namespace
//     declaration, is left out. Nil children are left out.
//
// On a stream an outermost element in NSStreams takes the prefix stream, which
// servers expect of <stream:error/>.
func (e *Element) AppendXML(dst []byte, defaultSpace string) []byte {
	switch {
	case e == nil:
		return dst
	case canon(defaultSpace) != NSClient:
		return appendElement(dst, e, defaultSpace, false)
	case e.Space == NSStreams:
		return appendTagged(dst, e, "stream:", defaultSpace, defaultSpace, false)
	}
	return appendElement(dst, e, defaultSpace, true)
}

// String is e as a document of its own, for logs and tests.
func (e *Element) String() string { return string(e.AppendXML(nil, "")) }

// appendElement renders e where outer is the default namespace. inContent says
// that all around e is in the content namespace of the stream.
func appendElement(dst []byte, e *Element, outer string, inContent bool) []byte {
	space := canon(e.Space)
	switch {
	case inContent && space == NSClient:
		return appendTagged(dst, e, "", outer, outer, true)
	case space == NSXML: // may be used, must not be declared
		return appendTagged(dst, e, "xml:", outer, outer, false)
	case space == nsXMLNS: // may be neither
		space = ""
	}
	return appendTagged(dst, e, "", outer, space, false)
}

// appendTagged renders e under prefix where outer is the default namespace and
// declares inner if that is another.
func appendTagged(dst []byte, e *Element, prefix, outer, inner string, inContent bool) []byte {
	name := safeName(e.Local)
	dst = append(append(append(dst, '<'), prefix...), name...)
	if outer != inner {
		dst = append(dst, " xmlns='"...)
		dst = appendEscaped(dst, inner, true)
		dst = append(dst, '\'')
	}
	dst = appendAttrs(dst, e.Attrs)
	mark := len(dst)
	dst = append(dst, '>')
	for _, n := range e.Children {
		switch n := n.(type) {
		case Text:
			dst = appendEscaped(dst, string(n), false)
		case *Element:
			if n != nil {
				dst = appendElement(dst, n, inner, inContent)
			}
		}
	}
	if len(dst) == mark+1 {
		return append(dst[:mark], "/>"...)
	}
	dst = append(append(append(dst, "</"...), prefix...), name...)
	return append(dst, '>')
}

// appendAttrs appends attributes, each with a blank before it.
func appendAttrs(dst []byte, attrs []Attr) []byte {
	for i := range attrs {
		a := &attrs[i]
		local, space := safeName(a.Local), safeSpace(a.Space)
		if space == nsXMLNS || space == "" && local == "xmlns" || repeated(attrs[:i], space, local) {
			continue
		}
		dst = append(dst, ' ')
		switch space {
		case "":
		case NSXML:
			dst = append(dst, "xml:"...)
		default:
			dst = appendPrefix(dst, attrs, i)
		}
		dst = append(dst, local...)
		dst = append(dst, "='"...)
		dst = appendEscaped(dst, a.Value, true)
		dst = append(dst, '\'')
	}
	return dst
}

// appendPrefix appends the prefix for the namespace of attrs[i], declared
// before the first attribute that needs it.
func appendPrefix(dst []byte, attrs []Attr, i int) []byte {
	first := 0
	for attrs[first].Space != attrs[i].Space {
		first++
	}
	if first == i {
		dst = append(dst, "xmlns:n"...)
		dst = strconv.AppendInt(dst, int64(first), 10)
		dst = append(dst, "='"...)
		dst = appendEscaped(dst, attrs[i].Space, true)
		dst = append(dst, "' "...)
	}
	dst = append(dst, 'n')
	dst = strconv.AppendInt(dst, int64(first), 10)
	return append(dst, ':')
}

// repeated reports whether attrs would render an attribute of that name.
func repeated(attrs []Attr, space, local string) bool {
	for i := range attrs {
		a := &attrs[i]
		if (a.Local == local || safeName(a.Local) == local) && (a.Space == space || safeSpace(a.Space) == space) {
			return true
		}
	}
	return false
}

// safeSpace is the namespace as it reads back after rendering.
func safeSpace(s string) string {
	if s == "" || s == NSXML {
		return s
	}
	for _, r := range s {
		if !isXMLChar(r) || r == utf8.RuneError {
			return strings.Map(func(r rune) rune {
				if !isXMLChar(r) {
					return utf8.RuneError
				}
				return r
			}, s)
		}
	}
	return s
}

// appendEscaped appends s so that it reads back as s between single quotes
// (attr) or tags.
func appendEscaped(dst []byte, s string, attr bool) []byte {
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 || !isXMLChar(r) {
				dst = append(append(dst, s[from:i]...), "\uFFFD"...)
				from = i + n
			}
			i += n
			continue
		}
		if esc := escapeOf(c, attr); esc != "" {
			dst = append(append(dst, s[from:i]...), esc...)
			from = i + 1
		}
		i++
	}
	return append(dst, s[from:]...)
}

// escapeOf is what stands for the ASCII character c, "" for c itself.
func escapeOf(c byte, attr bool) string {
	switch {
	case c > '>':
		return ""
	case c == '&':
		return "&amp;"
	case c == '<':
		return "&lt;"
	case c == '>':
		return "&gt;"
	case c == '\r':
		return "&#xD;"
	case c == '\'' && attr:
		return "&apos;"
	case c == '"' && attr:
		return "&quot;"
	case c == '\t' && attr:
		return "&#x9;"
	case c == '\n' && attr:
		return "&#xA;"
	case c < 0x20 && c != '\t' && c != '\n':
		return "\uFFFD"
	}
	return ""
}
