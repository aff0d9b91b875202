package counterpart

import "slices"

// iq answers what is asked of the room itself.
func (r *fakeRoom) iq(s *elem) *fault {
	if !asks(s) {
		return nil
	}
	set := s.attr("type") == "set"
	switch payload := s.elems()[0]; {
	case payload.space == nsMAM && payload.local == "query":
		return r.query(s, payload)
	case payload.space == nsMUCAdmin && set:
		return r.admin(s, payload)
	case payload.space == nsMUCAdmin:
		return r.list(s, payload)
	case payload.space == nsMUCOwner && r.affiliation(s.attr("from")) != "owner":
		return faultForbidden
	case payload.space == nsMUCOwner:
		r.own(s, payload)
		return nil
	}
	anonymous := "muc_nonanonymous"
	if r.hidden {
		anonymous = "muc_semianonymous"
	}
	return r.f.toService(s, []*elem{identity("conference", "text", splitJID(r.jid).local)}, []string{
		nsMUC, nsMUC + "#stable_id", nsMUC + "#self-ping-optimization", nsMAM, nsStanzaID, nsPing,
		"muc_persistent", "muc_open", "muc_public", "muc_unmoderated", "muc_unsecured", anonymous}, nil)
}

// admin changes roles and affiliations (XEP-0045 sections 8 and 9).
func (r *fakeRoom) admin(s, q *elem) *fault {
	actor := r.bySession(s.attr("from"))
	if actor == nil || actor.role != "moderator" {
		return faultForbidden
	}
	by := el(nsMUCUser, "actor").set("nick", actor.nick)
	for _, i := range q.elems() {
		why := el(nsMUCUser, "item", by)
		if reason := i.kid(nsMUCAdmin, "reason").text(); reason != "" {
			why.add(el(nsMUCUser, "reason", reason))
		}
		if a := i.attr("affiliation"); a != "" {
			r.affiliate(i.attr("jid"), a, why)
			continue
		}
		o := r.byNick(i.attr("nick"))
		switch {
		case o == nil:
			return faultNotFound
		case i.attr("role") == "none":
			r.remove(o, why, status(307))
		default:
			o.role = i.attr("role")
			r.show(o, "")
		}
	}
	r.f.answer(s)
	return nil
}

// affiliate gives an account its place, and puts outcasts out.
func (r *fakeRoom) affiliate(account, affiliation string, why *elem) {
	account = bareJID(account)
	r.affiliations[account] = affiliation
	for _, o := range slices.Clone(r.occupants) {
		switch {
		case bareJID(o.sessions[0]) != account:
		case affiliation == "outcast":
			r.remove(o, why, status(301))
		default:
			o.role = r.roleFor(account)
			r.show(o, "")
		}
	}
}

// list answers who has an affiliation or a role.
func (r *fakeRoom) list(s, q *elem) *fault {
	actor := r.bySession(s.attr("from"))
	if actor == nil || actor.role != "moderator" {
		return faultForbidden
	}
	wanted := q.kid(nsMUCAdmin, "item")
	answer := el(nsMUCAdmin, "query")
	for account, a := range r.affiliations {
		if a == wanted.attr("affiliation") {
			answer.add(el(nsMUCAdmin, "item").set("jid", account).set("affiliation", a))
		}
	}
	for _, o := range r.occupants {
		if o.role == wanted.attr("role") {
			answer.add(el(nsMUCAdmin, "item").set("jid", o.sessions[0]).set("nick", o.nick).set("role", o.role))
		}
	}
	r.f.answer(s, answer)
	return nil
}

// own configures the room, of which only who sees real addresses can be
// chosen, or destroys it (XEP-0045 section 10).
func (r *fakeRoom) own(s, q *elem) {
	form := func(kind, value string) *elem {
		return el(nsMUCOwner, "query", el(nsForms, "x", el(nsForms, "field", el(nsForms, "value", value)).
			set("var", "muc#roomconfig_whois").set("type", "list-single")).set("type", kind))
	}
	if s.attr("type") == "get" {
		whois := "anyone"
		if r.hidden {
			whois = "moderators"
		}
		r.f.answer(s, form("form", whois))
		return
	}
	if d := q.kid(nsMUCOwner, "destroy"); d != nil {
		r.f.answer(s)
		gone := el(nsMUCUser, "destroy", el(nsMUCUser, "reason", d.kid(nsMUCOwner, "reason").text()))
		delete(r.f.rooms, r.jid)
		for len(r.occupants) > 0 {
			o := r.occupants[0]
			r.occupants = r.occupants[1:]
			for _, session := range o.sessions {
				p := r.seat(o, session, "unavailable", 110)
				p.kids[0].(*elem).add(gone)
				r.send(session, p)
			}
		}
		return
	}
	for _, field := range q.kid(nsForms, "x").elems() {
		if field.attr("var") == "muc#roomconfig_whois" {
			r.hidden = field.kid(nsForms, "value").text() != "anyone"
		}
	}
	r.f.answer(s)
	code := 172
	if r.hidden {
		code = 173
	}
	for _, session := range r.sessions() {
		r.send(session, el(nsClient, "message", el(nsMUCUser, "x", status(code))).set("from", r.jid).set("type", "groupchat"))
	}
}

// Kick puts an occupant out of a room (status 307), as a moderator does. It
// reports whether there was one of that nick.
func (f *FakeXMPP) Kick(room, nick, reason string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.rooms[f.Room(room)]
	if r == nil || r.byNick(nick) == nil {
		return false
	}
	defer r.sweep()
	r.remove(r.byNick(nick), el(nsMUCUser, "item", el(nsMUCUser, "reason", reason)), status(307))
	return true
}

// Forget empties a room as a restart of its service does: nobody is told, and
// who asks for their seat (XEP-0410) is not in it.
func (f *FakeXMPP) Forget(room string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.rooms[f.Room(room)]; r != nil {
		r.occupants = nil
	}
}

// Occupants are the nicks in a room, in the order in which they came.
func (f *FakeXMPP) Occupants(room string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var nicks []string
	if r := f.rooms[f.Room(room)]; r != nil {
		for _, o := range r.occupants {
			nicks = append(nicks, o.nick)
		}
	}
	return nicks
}
