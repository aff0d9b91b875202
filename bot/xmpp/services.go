package xmpp

import (
	"context"
	"encoding/base64"
	"runtime"
	"strconv"
	"time"

	_ "embed"

	"dragoman/bot/xmpp/stream"
)

// picture is the vCard's photo, a 96x96 PNG.
//
//go:embed picture.png
var picture []byte

// project is where people find out what bot this is.
const project = "Dragoman, a bot for XMPP"

// features are what disco says that we understand (XEP-0030).
var features = []string{
	nsDiscoInfo, nsDiscoItems, nsPing, nsVersion, nsLast, nsTime, nsVCard,
	nsReceipts, nsChatStates, nsReply, nsStanzaIDs, nsMUC, nsConference, nsParcel,
}

// onIQ answers every request: with what we know or with service-unavailable
// (RFC 6120 section 8.2.3). Answers to our own never come here.
func (t *Transport) onIQ(ctx context.Context, e *stream.Element, from stream.JID) {
	kind := e.Attr("type")
	if kind != "get" && kind != "set" {
		return
	}
	var ask *stream.Element
	for c := range e.Elements() {
		ask = c
		break
	}
	if ask == nil {
		t.bounce(ctx, e, stream.StanzaError{Type: stream.TypeModify, Condition: "bad-request"})
		return
	}
	if ask.Space == nsRoster && kind == "set" {
		t.onRosterPush(ctx, e, from)
		return
	}
	if ask.Is(nsParcel, "parcel") && kind == "set" {
		t.parcels.arrived(ctx, e, ask)
		return
	}
	if kind == "get" {
		if payload, known := t.service(e, ask); known {
			if payload == nil {
				t.bounce(ctx, e, stream.StanzaError{Type: stream.TypeCancel, Condition: "item-not-found"})
				return
			}
			r := stream.ResultReply(e)
			if payload != ask {
				r.Append(payload)
			}
			t.answer(ctx, r)
			return
		}
	}
	t.bounce(ctx, e, stream.StanzaError{Type: stream.TypeCancel, Condition: "service-unavailable"})
}

// onRosterPush accepts what only our own server may say (RFC 6121 section
// 2.1.6).
func (t *Transport) onRosterPush(ctx context.Context, e *stream.Element, from stream.JID) {
	if t.cfg.WholeDomain || !from.IsZero() && from != t.cfg.Main {
		t.bounce(ctx, e, stream.StanzaError{Type: stream.TypeCancel, Condition: "service-unavailable"})
		return
	}
	t.answer(ctx, stream.ResultReply(e))
}

// service is the answer to a request that we know. The request itself stands
// for an empty result, nil for a node that does not exist.
func (t *Transport) service(iq, ask *stream.Element) (payload *stream.Element, known bool) {
	text := func(space, local, value string) *stream.Element {
		return stream.TextElement(space, local, value)
	}
	switch ask.Space + " " + ask.Local {
	case nsPing + " ping":
		return ask, true
	case nsDiscoInfo + " query":
		return t.discoInfo(iq, ask), true
	case nsDiscoItems + " query":
		return t.discoItems(iq, ask), true
	case nsVersion + " query":
		return stream.New(nsVersion, "query",
			text(nsVersion, "name", "Dragoman"),
			text(nsVersion, "version", t.cfg.Version),
			text(nsVersion, "os", runtime.GOOS)), true
	case nsLast + " query":
		seconds := int(t.clock.Now().Sub(t.started).Seconds())
		return stream.New(nsLast, "query").SetAttr("seconds", strconv.Itoa(seconds)), true
	case nsTime + " time":
		now := t.clock.Now().In(t.cfg.Zone)
		return stream.New(nsTime, "time",
			text(nsTime, "tzo", now.Format("-07:00")),
			text(nsTime, "utc", now.UTC().Format(time.RFC3339))), true
	case nsVCard + " vCard":
		return stream.New(nsVCard, "vCard",
			text(nsVCard, "FN", t.cfg.Nick),
			text(nsVCard, "NICKNAME", t.cfg.Nick),
			text(nsVCard, "DESC", project),
			stream.New(nsVCard, "PHOTO",
				text(nsVCard, "TYPE", "image/png"),
				text(nsVCard, "BINVAL", base64.StdEncoding.EncodeToString(picture)))), true
	}
	return nil, false
}

// discoInfo says what we are (XEP-0030 section 3): a component at the bare
// domain, a bot everywhere else.
func (t *Transport) discoInfo(iq, ask *stream.Element) *stream.Element {
	if ask.Attr("node") != "" {
		return nil
	}
	identity := stream.New(nsDiscoInfo, "identity").
		SetAttr("category", "client").SetAttr("type", "bot").SetAttr("name", t.cfg.Nick)
	if t.wroteToDomain(iq) {
		identity.SetAttr("category", "component").SetAttr("type", "generic")
	}
	q := stream.New(nsDiscoInfo, "query", identity)
	for _, f := range features {
		q.Append(stream.New(nsDiscoInfo, "feature").SetAttr("var", f))
	}
	return q
}

// discoItems leads from the component's domain to the bot.
func (t *Transport) discoItems(iq, ask *stream.Element) *stream.Element {
	if ask.Attr("node") != "" {
		return nil
	}
	q := stream.New(nsDiscoItems, "query")
	if t.wroteToDomain(iq) {
		q.Append(stream.New(nsDiscoItems, "item").
			SetAttr("jid", t.cfg.Main.String()).SetAttr("name", t.cfg.Nick))
	}
	return q
}

// wroteToDomain reports whether a stanza went to the bare domain of a
// component.
func (t *Transport) wroteToDomain(e *stream.Element) bool {
	to, err := stream.ParseJID(e.Attr("to"))
	return err == nil && t.cfg.WholeDomain && to.Local() == ""
}
