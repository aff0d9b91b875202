package xmpp

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// Bounds of a parcel, in bytes. Servers close the stream of who sends more than
// they take in one stanza, and with it all that is under way: the smallest
// limit in use is 256 KiB (Prosody's for accounts).
const (
	maxParcel   = 192 << 10 // of its JSON
	maxStanza   = 240 << 10 // of the whole as it is sent
	maxParcelID = 256
	maxKind     = 128
)

// wrap is the parcel as an IQ. after is the id of the parcel that is under way
// before it, "" if there is none.
func (t *Transport) wrap(out bot.Outgoing, after string) (*stream.Element, error) {
	p := out.Parcel
	switch {
	case !isName(p.ID, maxParcelID):
		return nil, fmt.Errorf("a parcel has an id of 1 to %d bytes of text, not %q", maxParcelID, shortened(p.ID))
	case !isName(p.Kind, maxKind):
		return nil, fmt.Errorf("a parcel has a kind of 1 to %d bytes of text, not %q", maxKind, shortened(p.Kind))
	case len(p.Body) > maxParcel:
		return nil, fmt.Errorf("a parcel holds %d bytes at most, not %d", maxParcel, len(p.Body))
	case !json.Valid(p.Body) || !utf8.Valid(p.Body):
		return nil, errors.New("the body of a parcel is JSON in UTF-8")
	}
	iq := stream.New(stream.NSClient, "iq", stream.New(nsParcel, "parcel",
		stream.TextElement(nsJSON, "json", xmlSafe(p.Body))).
		SetAttr("id", p.ID).SetAttr("kind", p.Kind).SetAttr("after", after)).
		SetAttr("type", "set").SetAttr("from", t.from(out.From)).SetAttr("to", string(out.To))
	if len(p.Body) > maxStanza/8 { // in the worst case each byte becomes five
		if n := len(iq.AppendXML(nil, stream.NSClient)); n > maxStanza {
			return nil, fmt.Errorf("a parcel takes %d bytes of XML at most, not %d", maxStanza, n)
		}
	}
	return iq, nil
}

// isName reports whether s is not empty, not too long, and the same after XML.
func isName(s string, most int) bool {
	return s != "" && len(s) <= most && utf8.ValidString(s) &&
		strings.IndexFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == 0xFFFE || r == 0xFFFF }) < 0
}

func shortened(s string) string { return s[:min(len(s), 40)] }

// xmlSafe is JSON in which no character is forbidden in XML: in a string, the
// only place where one can be, it is escaped.
func xmlSafe(body json.RawMessage) string {
	text := string(body)
	bad := func(r rune) bool { return r == 0xFFFE || r == 0xFFFF }
	if strings.IndexFunc(text, bad) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if bad(r) {
			fmt.Fprintf(&b, "\\u%04x", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// delivery is a parcel that came, and how to answer it.
type delivery struct {
	parcel bot.Parcel
	after  string
	iq     *stream.Element
}

// unwrap reads a parcel, whose sender is not trusted in any way.
func (t *Transport) unwrap(iq, e *stream.Element) (*delivery, error) {
	body := e.Child(nsJSON, "json").Text()
	d := &delivery{after: e.Attr("after"), iq: iq, parcel: bot.Parcel{
		ID: e.Attr("id"), Transport: t.Name(), Kind: e.Attr("kind"), Body: json.RawMessage(body),
		From: bot.Address(iq.Attr("from")), To: bot.Address(iq.Attr("to")),
	}}
	switch p := &d.parcel; {
	case !isName(p.ID, maxParcelID) || len(d.after) > maxParcelID:
		return nil, fmt.Errorf("a parcel has an id of 1 to %d bytes", maxParcelID)
	case !isName(p.Kind, maxKind):
		return nil, fmt.Errorf("a parcel has a kind of 1 to %d bytes", maxKind)
	case !json.Valid(p.Body):
		return nil, errors.New("a parcel holds an element json in urn:xmpp:json:0 with one JSON text")
	}
	return d, nil
}
