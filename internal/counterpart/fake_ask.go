package counterpart

import (
	"context"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// IQ sends an IQ of type "get" or "set" with a payload given as XML, and
// returns the result. An error answer is a *SlixmppError, as of [Slixmpp].
func (u *FakeUser) IQ(ctx context.Context, to, kind, payload string) (Event, error) {
	kids, err := parseElems(payload)
	if err != nil {
		return Event{}, err
	}
	iq := el(nsClient, "iq").set("type", kind).set("to", to).set("id", u.newID())
	for _, k := range kids {
		iq.add(k)
	}
	answer := make(chan Event, 1)
	u.f.mu.Lock()
	u.asked[iq.attr("id")] = answer
	u.f.mu.Unlock()
	if err := u.send(iq); err != nil {
		return Event{}, err
	}
	select {
	case e := <-answer:
		if e.Type == "error" {
			return e, &SlixmppError{"iq", e.Error}
		}
		return e, nil
	case <-ctx.Done():
		return Event{}, fmt.Errorf("%s asks %s: %w", u.jid, to, context.Cause(ctx))
	}
}

// query is IQ with the answer's payload.
func (u *FakeUser) query(ctx context.Context, to, space, local, attrs string) (*elem, error) {
	e, err := u.IQ(ctx, to, "get", "<"+local+" xmlns='"+space+"'"+attrs+"/>")
	if err != nil {
		return nil, err
	}
	list, err := parseElems(e.XML)
	if err != nil {
		return nil, err
	}
	return list[0].kid(space, local), nil
}

func nodeAttr(node string) string {
	if node == "" {
		return ""
	}
	var b strings.Builder
	writeAttr(&b, "node", node)
	return b.String()
}

// Ping sends a XEP-0199 ping. A *SlixmppError is an answer, too.
func (u *FakeUser) Ping(ctx context.Context, to string) error {
	_, err := u.IQ(ctx, to, "get", "<ping xmlns='"+nsPing+"'/>")
	return err
}

// DiscoInfo asks what an address is and can; node may be empty.
func (u *FakeUser) DiscoInfo(ctx context.Context, to, node string) (DiscoInfo, error) {
	var d DiscoInfo
	q, err := u.query(ctx, to, nsDiscoInfo, "query", nodeAttr(node))
	for _, k := range q.elems() {
		switch k.local {
		case "identity":
			d.Identities = append(d.Identities, Identity{k.attr("category"), k.attr("type"), k.attr("name")})
		case "feature":
			d.Features = append(d.Features, k.attr("var"))
		}
	}
	slices.Sort(d.Features)
	return d, err
}

// DiscoItems asks what an address holds; node may be empty.
func (u *FakeUser) DiscoItems(ctx context.Context, to, node string) ([]DiscoItem, error) {
	q, err := u.query(ctx, to, nsDiscoItems, "query", nodeAttr(node))
	var items []DiscoItem
	for _, k := range q.elems() {
		items = append(items, DiscoItem{k.attr("jid"), k.attr("node"), k.attr("name")})
	}
	return items, err
}

// Version asks which software an address runs (XEP-0092).
func (u *FakeUser) Version(ctx context.Context, to string) (SoftwareVersion, error) {
	const space = "jabber:iq:version"
	q, err := u.query(ctx, to, space, "query", "")
	return SoftwareVersion{q.kid(space, "name").text(), q.kid(space, "version").text(), q.kid(space, "os").text()}, err
}

// LastActivity asks for XEP-0012 seconds.
func (u *FakeUser) LastActivity(ctx context.Context, to string) (time.Duration, error) {
	q, err := u.query(ctx, to, "jabber:iq:last", "query", "")
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(q.attr("seconds"))
	return time.Duration(n) * time.Second, err
}

// EntityTime asks for the time at an address (XEP-0202), in UTC.
func (u *FakeUser) EntityTime(ctx context.Context, to string) (time.Time, error) {
	q, err := u.query(ctx, to, "urn:xmpp:time", "time", "")
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339Nano, q.kid("urn:xmpp:time", "utc").text())
}

// VCard asks for an address's vCard (XEP-0054).
func (u *FakeUser) VCard(ctx context.Context, to string) (VCard, error) {
	const space = "vcard-temp"
	q, err := u.query(ctx, to, space, "vCard", "")
	if err != nil {
		return VCard{}, err
	}
	photo := q.kid(space, "PHOTO")
	v := VCard{FullName: q.kid(space, "FN").text(), Nickname: q.kid(space, "NICKNAME").text(), PhotoType: photo.kid(space, "TYPE").text(), XML: q.String()}
	v.Photo, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(photo.kid(space, "BINVAL").text()), ""))
	return v, err
}

// ConfigureRoom sets fields of a room that this person owns, such as
// "muc#roomconfig_whois": "moderators".
func (u *FakeUser) ConfigureRoom(ctx context.Context, room string, fields map[string]string) error {
	form := el(nsForms, "x").set("type", "submit")
	for name, value := range fields {
		form.add(el(nsForms, "field", el(nsForms, "value", value)).set("var", name))
	}
	_, err := u.IQ(ctx, room, "set", el(nsMUCOwner, "query", form).String())
	return err
}

// eventOf is what a test may want to know of a stanza.
func eventOf(s *elem) Event {
	e := Event{Kind: s.local, ID: s.attr("id"), From: s.attr("from"), To: s.attr("to"), Type: s.attr("type"), XML: s.String()}
	for _, k := range s.elems() {
		switch name := (xml.Name{Space: k.space, Local: k.local}); {
		case k.space == nsClient:
			e.word(k)
		case k.space == nsReply:
			e.ReplyID, e.ReplyTo = k.attr("id"), k.attr("to")
		case name == xml.Name{Space: nsReceipts, Local: "received"}:
			e.Receipt = k.attr("id")
		case name == xml.Name{Space: nsReceipts, Local: "request"}:
			e.WantsReceipt = true
		case k.space == nsChatStates:
			e.ChatState = k.local
		case k.space == nsDelay:
			e.Delay = k.attr("stamp")
		case name == xml.Name{Space: nsStanzaID, Local: "stanza-id"}:
			e.StanzaID, e.StanzaBy = k.attr("id"), k.attr("by")
		case name == xml.Name{Space: nsStanzaID, Local: "origin-id"}:
			e.OriginID = k.attr("id")
		case k.space == nsConference:
			e.Invite = k.attr("jid")
		case k.space == nsMUCUser:
			e.seat(k)
		}
	}
	return e
}

// word takes a child of the stanza's own name space.
func (e *Event) word(k *elem) {
	switch k.local {
	case "body":
		e.Body = k.text()
	case "subject":
		e.Subject = k.text()
	case "thread":
		e.Thread = k.text()
	case "show":
		e.Show = k.text()
	case "status":
		e.Status = k.text()
	case "error":
		for _, c := range k.elems() {
			if c.space == nsStanzas && c.local != "text" {
				e.Error = c.local
			}
		}
	}
}

// seat takes what a room says of an occupant.
func (e *Event) seat(x *elem) {
	for _, k := range x.elems() {
		switch k.local {
		case "status":
			if code, err := strconv.Atoi(k.attr("code")); err == nil {
				e.Codes = append(e.Codes, code)
			}
		case "item":
			e.RealJID, e.Affiliation, e.Role = k.attr("jid"), k.attr("affiliation"), k.attr("role")
		case "invite":
			e.Invite = e.From
		}
	}
}
