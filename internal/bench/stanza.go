package main

import (
	"bytes"
	"fmt"
)

// stanza is the bytes of one stanza as a server wrote it.
type stanza []byte

// is reports whether the stanza's element has this name.
func (s stanza) is(name string) bool {
	rest, ok := bytes.CutPrefix(s, []byte("<"+name))
	return ok && len(rest) > 0 && bytes.IndexByte([]byte(" \t\r\n/>"), rest[0]) >= 0
}

// quoted is the value of an attribute with its quotes, as it was written: it
// can be copied. It is empty quotes when there is no such attribute.
func (s stanza) quoted(name string) []byte {
	tag, _, _ := bytes.Cut(s, []byte(">"))
	for {
		i := bytes.Index(tag, []byte(name+"="))
		if i < 0 {
			return []byte("''")
		}
		before, value := tag[:i], tag[i+len(name)+1:]
		tag = value
		if len(before) == 0 || bytes.IndexByte([]byte(" \t\r\n"), before[len(before)-1]) < 0 || len(value) == 0 {
			continue // the end of a longer name
		}
		if end := bytes.IndexByte(value[1:], value[0]); end >= 0 {
			return value[:end+2]
		}
	}
}

// attr is the value of an attribute, with its entities as they are, or empty.
func (s stanza) attr(name string) []byte {
	v := s.quoted(name)
	return bytes.Clone(v[1 : len(v)-1])
}

// body is the text of the message, with its entities as they are.
func (s stanza) body() (text []byte, ok bool) {
	_, rest, _ := bytes.Cut(s, []byte("<body"))
	_, rest, _ = bytes.Cut(rest, []byte(">"))
	if text, _, ok = bytes.Cut(rest, []byte("</body>")); !ok {
		return nil, false
	}
	return text, true
}

// excerpt is the stanza short enough for an error.
func (s stanza) excerpt() string { return fmt.Sprintf("%.300s", []byte(s)) }

// hasType compares the attribute type.
func (s stanza) hasType(t string) bool {
	v := s.quoted("type")
	return string(v[1:len(v)-1]) == t
}

// asks reports whether the stanza is a request that must be answered.
func (s stanza) asks() bool { return s.is("iq") && (s.hasType("get") || s.hasType("set")) }
