package stream

import (
	"iter"
	"slices"
	"strings"
)

// Node is what an element contains: *Element or Text.
type Node interface{ node() }

// Text is character data, unescaped. CDATA sections are read as Text.
type Text string

func (Text) node() {}

// Attr is an attribute. Space is "" for the usual attribute without prefix.
// Namespace declarations are not attributes: a tree has none.
type Attr struct{ Space, Local, Value string }

// Element is an XML element with its namespace resolved. An empty Space means
// no namespace, not that of the parent.
//
// An element handed to Session.Send is read by the writer later: do not change
// it any more.
type Element struct {
	Space, Local string
	Attrs        []Attr
	Children     []Node
}

func (*Element) node() {}

// New returns an element with the given children.
func New(space, local string, children ...Node) *Element {
	return &Element{Space: space, Local: local, Children: children}
}

// TextElement returns an element that contains text only, or nothing when text
// is empty.
func TextElement(space, local, text string) *Element {
	e := &Element{Space: space, Local: local}
	if text != "" {
		e.Children = []Node{Text(text)}
	}
	return e
}

// Attr is the value of the attribute local that has no namespace, "" if absent.
func (e *Element) Attr(local string) string { return e.attr("", local) }

// Lang is the element's own xml:lang, "" if absent; it is not inherited.
func (e *Element) Lang() string { return e.attr(NSXML, "lang") }

func (e *Element) attr(space, local string) string {
	if e == nil {
		return ""
	}
	for i := range e.Attrs {
		if a := &e.Attrs[i]; a.Local == local && a.Space == space {
			return a.Value
		}
	}
	return ""
}

// SetAttr sets the attribute local without namespace to value, or removes it
// when value is "". It returns e.
func (e *Element) SetAttr(local, value string) *Element {
	i := slices.IndexFunc(e.Attrs, func(a Attr) bool { return a.Space == "" && a.Local == local })
	switch {
	case i >= 0 && value == "":
		e.Attrs = slices.Delete(e.Attrs, i, i+1)
	case i >= 0:
		e.Attrs[i].Value = value
	case value != "":
		e.Attrs = append(e.Attrs, Attr{Local: local, Value: value})
	}
	return e
}

// Is reports whether e is the element local in space. A nil e is none.
func (e *Element) Is(space, local string) bool {
	return e != nil && e.Local == local && canon(e.Space) == canon(space)
}

// Child is the first child element local in space, nil if there is none.
func (e *Element) Child(space, local string) *Element {
	for c := range e.Elements() {
		if c.Is(space, local) {
			return c
		}
	}
	return nil
}

// ChildText is the Text of Child(space, local), "" if there is none.
func (e *Element) ChildText(space, local string) string { return e.Child(space, local).Text() }

// Text is the character data of e itself, joined, without that of its children.
func (e *Element) Text() string {
	if e == nil {
		return ""
	}
	if len(e.Children) == 1 {
		t, _ := e.Children[0].(Text)
		return string(t)
	}
	var b strings.Builder
	for _, n := range e.Children {
		if t, ok := n.(Text); ok {
			b.WriteString(string(t))
		}
	}
	return b.String()
}

// Elements yields the child elements in order; a nil e has none.
func (e *Element) Elements() iter.Seq[*Element] {
	return func(yield func(*Element) bool) {
		if e == nil {
			return
		}
		for _, n := range e.Children {
			if c, ok := n.(*Element); ok && c != nil && !yield(c) {
				return
			}
		}
	}
}

// Append adds children and returns e.
func (e *Element) Append(children ...Node) *Element {
	e.Children = append(e.Children, children...)
	return e
}

// Equal reports whether two trees say the same: the order of attributes and
// the division of adjacent text do not count.
func (e *Element) Equal(o *Element) bool {
	if e == nil || o == nil {
		return e == o
	}
	return e.Is(o.Space, o.Local) && equalAttrs(e.Attrs, o.Attrs) && equalNodes(e.Children, o.Children)
}

func equalAttrs(a, b []Attr) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if !slices.Contains(b, x) {
			return false
		}
	}
	return true
}

// equalNodes walks both lists by runs: all adjacent text, then one element.
func equalNodes(a, b []Node) bool {
	for {
		ta, ea, resta := nextRun(a)
		tb, eb, restb := nextRun(b)
		if ta != tb || (ea == nil) != (eb == nil) {
			return false
		}
		if ea == nil {
			return true
		}
		if !ea.Equal(eb) {
			return false
		}
		a, b = resta, restb
	}
}

// nextRun is the text up to the next element, that element, and what follows.
func nextRun(nodes []Node) (text string, e *Element, rest []Node) {
	for i, n := range nodes {
		switch n := n.(type) {
		case Text:
			text += string(n)
		case *Element:
			if n != nil {
				return text, n, nodes[i+1:]
			}
		}
	}
	return text, nil, nil
}
