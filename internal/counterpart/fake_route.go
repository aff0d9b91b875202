package counterpart

import (
	"maps"
	"slices"
	"strings"
)

// jid is an address in its parts (RFC 7622 section 3.1). The fake server
// doesn't normalise, it compares bytes.
type jid struct{ local, domain, resource string }

func splitJID(s string) jid {
	var j jid
	s, j.resource, _ = strings.Cut(s, "/")
	if local, domain, ok := strings.Cut(s, "@"); ok {
		j.local, s = local, domain
	}
	j.domain = s
	return j
}

func (j jid) bare() string {
	if j.local == "" {
		return j.domain
	}
	return j.local + "@" + j.domain
}

func bareJID(s string) string { return splitJID(s).bare() }

// fault is why a stanza is returned (RFC 6120 section 8.3).
type fault struct {
	kind, condition, text string
	extra                 *elem
}

var (
	faultUnavailable = &fault{kind: "cancel", condition: "service-unavailable"}
	faultNotFound    = &fault{kind: "cancel", condition: "item-not-found"}
	faultBadRequest  = &fault{kind: "modify", condition: "bad-request"}
	faultForbidden   = &fault{kind: "auth", condition: "forbidden"}
	faultNowhere     = &fault{kind: "cancel", condition: "remote-server-not-found", text: "DNS lookup failed: non-existing domain"}
)

// away is how a stanza for a component comes back that is not connected.
func (f *FakeXMPP) away() *fault {
	if f.Like == "ejabberd" {
		return faultNowhere
	}
	return &fault{"wait", "remote-server-timeout", "Component unavailable", el(nsNotLinked, "not-connected")}
}

// beyond is how a stanza for a domain comes back that is not here: the
// counterpart that is called Prosody knows that it may not look elsewhere.
func (f *FakeXMPP) beyond() *fault {
	if f.Like == "ejabberd" {
		return faultNowhere
	}
	return &fault{kind: "cancel", condition: "not-allowed", text: "Communication with remote domains is not enabled"}
}

// route delivers a stanza whose from has been checked, or returns it to its
// sender. The caller holds the lock, here and below.
func (f *FakeXMPP) route(s *elem) {
	if why := f.deliver(s); why != nil {
		f.bounce(s, why)
	}
}

// bounce returns a stanza. What is an answer itself is never answered, and of
// presence only what says that somebody is there.
func (f *FakeXMPP) bounce(s *elem, why *fault) {
	t := s.attr("type")
	if t == "error" || t == "result" || s.local == "presence" && t != "" {
		return
	}
	r := el(nsClient, s.local).set("from", s.attr("to")).set("to", s.attr("from")).set("id", s.attr("id")).set("type", "error")
	if f.Like == "ejabberd" {
		r.kids = slices.Clone(s.kids)
	}
	e := el(nsClient, "error", el(nsStanzas, why.condition)).set("type", why.kind)
	if why.text != "" {
		e.add(el(nsStanzas, "text", why.text))
	}
	f.route(r.add(e.add(why.extra)))
}

// answer is the result of an IQ.
func (f *FakeXMPP) answer(iq *elem, payload ...any) {
	f.route(el(nsClient, "iq", payload...).set("type", "result").set("id", iq.attr("id")).
		set("from", iq.attr("to")).set("to", iq.attr("from")))
}

// deliver hands a stanza to whom it is for, and says why not.
func (f *FakeXMPP) deliver(s *elem) *fault {
	if s.local == "iq" && !validIQ(s) {
		return faultBadRequest
	}
	to := splitJID(s.attr("to"))
	switch {
	case s.attr("to") == "":
		return faultBadRequest
	case to.domain == f.Domain && to.local == "":
		return f.toServer(s)
	case to.domain == f.Domain:
		return f.toAccount(s, to)
	case to.domain == f.RoomsDomain:
		return f.toRooms(s, to)
	case f.peers[to.domain] != nil:
		f.peers[to.domain].receive(s)
		return nil
	case f.lines[to.domain] == nil:
		return f.beyond()
	case !f.lines[to.domain].deliver(s):
		return f.away()
	}
	return nil
}

// validIQ is RFC 6120 section 8.2.3.
func validIQ(s *elem) bool {
	switch s.attr("type") {
	case "get", "set":
		return s.attr("id") != "" && len(s.elems()) == 1
	case "result", "error":
		return s.attr("id") != ""
	}
	return false
}

// asks reports whether a stanza is an IQ that wants an answer.
func asks(s *elem) bool {
	return s.local == "iq" && (s.attr("type") == "get" || s.attr("type") == "set")
}

// toServer answers what is asked of the domain itself.
func (f *FakeXMPP) toServer(s *elem) *fault {
	if !asks(s) {
		return nil
	}
	items := []any{item(f.RoomsDomain)}
	for _, d := range slices.Sorted(maps.Keys(f.lines)) {
		items = append(items, item(d))
	}
	return f.toService(s, []*elem{identity("server", "im", "")}, []string{nsPing}, items)
}

func item(address string) *elem { return el(nsDiscoItems, "item").set("jid", address) }

func identity(category, kind, name string) *elem {
	return el(nsDiscoInfo, "identity").set("category", category).set("type", kind).set("name", name)
}

// toService answers pings and disco (XEP-0030), and nothing else.
func (f *FakeXMPP) toService(s *elem, identities []*elem, features []string, items []any) *fault {
	payload := s.elems()[0]
	switch {
	case s.attr("type") != "get":
		return faultUnavailable
	case payload.space == nsPing:
		f.answer(s)
	case payload.space == nsDiscoInfo || payload.space == nsDiscoItems:
		if payload.attr("node") != "" {
			return faultNotFound
		}
		q := el(payload.space, "query")
		if payload.space == nsDiscoItems {
			f.answer(s, q.add(items...))
			return nil
		}
		for _, i := range identities {
			q.add(i)
		}
		for _, v := range append(features, nsDiscoInfo, nsDiscoItems) {
			q.add(el(nsDiscoInfo, "feature").set("var", v))
		}
		f.answer(s, q)
	default:
		return faultUnavailable
	}
	return nil
}
