package stream

import (
	"slices"
	"testing"
)

func TestAccessorsOfNilAreEmpty(t *testing.T) {
	var e *Element
	if e.Attr("id") != "" || e.Lang() != "" || e.Text() != "" || e.ChildText(NSClient, "body") != "" ||
		e.Child("", "x") != nil || e.Is("", "") || len(slices.Collect(e.Elements())) != 0 {
		t.Error("a nil element has content")
	}
	if !e.Equal(nil) || e.Equal(New("", "a")) || New("", "a").Equal(nil) {
		t.Error("Equal with nil")
	}
}

func TestSetAttrSetsReplacesAndRemoves(t *testing.T) {
	e := New(NSClient, "message").SetAttr("id", "1").SetAttr("to", "a").SetAttr("id", "2")
	if e.Attr("id") != "2" || len(e.Attrs) != 2 {
		t.Errorf("attributes %v", e.Attrs)
	}
	if e.SetAttr("id", "").SetAttr("absent", ""); e.Attr("id") != "" || len(e.Attrs) != 1 {
		t.Errorf("attributes %v after removal", e.Attrs)
	}
	e.Attrs = append(e.Attrs, Attr{"urn:x", "type", "theirs"}, Attr{NSXML, "lang", "de"})
	if e.SetAttr("type", "chat"); e.Attr("type") != "chat" || e.Attrs[1].Value != "theirs" || e.Lang() != "de" {
		t.Errorf("a namespaced attribute was mistaken: %v", e.Attrs)
	}
}

func TestTextAndChildren(t *testing.T) {
	e := New(NSClient, "message", Text("a"), TextElement(NSClient, "body", "hi"), nil, (*Element)(nil), Text("b"))
	e.Append(TextElement("urn:x", "body", "other"))
	if got := e.Text(); got != "ab" {
		t.Errorf("Text() = %q", got)
	}
	if e.ChildText(NSClient, "body") != "hi" || e.ChildText(NSComponent, "body") != "hi" || e.ChildText("urn:x", "body") != "other" {
		t.Error("ChildText found the wrong child")
	}
	n := 0
	for range e.Elements() {
		n++
		break
	}
	if n != 1 || len(slices.Collect(e.Elements())) != 2 {
		t.Error("Elements must skip text and nil, and stop when told")
	}
}

func TestEqual(t *testing.T) {
	attrs := func(a ...Attr) *Element { return &Element{Local: "e", Attrs: a} }
	x, y := Attr{"", "x", "1"}, Attr{"", "y", "2"}
	for name, tc := range map[string]struct {
		a, b *Element
		want bool
	}{
		"order of attributes":        {attrs(x, y), attrs(y, x), true},
		"fewer attributes":           {attrs(x, y), attrs(x), false},
		"value":                      {attrs(x), attrs(Attr{"", "x", "2"}), false},
		"namespace of attribute":     {attrs(x), attrs(Attr{"u", "x", "1"}), false},
		"split text":                 {New("", "e", Text("a"), Text("b")), New("", "e", Text("ab")), true},
		"empty text":                 {New("", "e", Text("")), New("", "e"), true},
		"text around elements":       {New("", "e", Text("a"), New("", "i")), New("", "e", New("", "i"), Text("a")), false},
		"more children":              {New("", "e", New("", "i")), New("", "e", New("", "i"), New("", "i")), false},
		"nested difference":          {New("", "e", New("", "i")), New("", "e", New("u", "i")), false},
		"component and client alike": {New(NSComponent, "iq"), New(NSClient, "iq"), true},
	} {
		if got := tc.a.Equal(tc.b); got != tc.want || tc.b.Equal(tc.a) != got {
			t.Errorf("%s: Equal = %v, want %v", name, got, tc.want)
		}
	}
}
