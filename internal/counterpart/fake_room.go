package counterpart

import (
	"maps"
	"slices"
	"strconv"
)

// fakeRoom is a room of XEP-0045: persistent, open, and without a limit.
type fakeRoom struct {
	f            *FakeXMPP
	jid          string
	hidden       bool              // real addresses are for moderators only
	occupants    []*fakeOccupant   // in the order in which they came
	affiliations map[string]string // by bare JID
	subject      *elem             // the message that set it, or nil
	archive      []fakeArchived
	archived     int      // number of messages that ever were
	lost         []string // sessions that could not be reached just now
}

// fakeOccupant is one nick, with all the devices of its owner that share it.
type fakeOccupant struct {
	nick     string
	role     string
	sessions []string // full JIDs
}

func (f *FakeXMPP) makeRoom(bare string) *fakeRoom {
	r := &fakeRoom{f: f, jid: bare, hidden: f.opts.SemiAnonymous, affiliations: map[string]string{}}
	f.rooms[bare] = r
	return r
}

// toRooms takes what is sent to the service, a room or an occupant.
func (f *FakeXMPP) toRooms(s *elem, to jid) *fault {
	if to.local == "" {
		if !asks(s) {
			return nil
		}
		var items []any
		for _, r := range slices.Sorted(maps.Keys(f.rooms)) {
			items = append(items, item(r))
		}
		return f.toService(s, []*elem{identity("conference", "text", "Rooms")}, []string{nsMUC, nsMAM, nsPing}, items)
	}
	r := f.rooms[to.bare()]
	created := false
	switch {
	case r != nil:
	case s.local == "presence" && s.attr("type") == "" && to.resource != "":
		r, created = f.makeRoom(to.bare()), true
		r.affiliations[bareJID(s.attr("from"))] = "owner"
	default:
		return faultNotFound
	}
	defer r.sweep()
	switch {
	case s.local == "presence":
		return r.presence(s, to.resource, created)
	case to.resource != "":
		return r.toOccupant(s, to.resource)
	case s.local == "message":
		return r.message(s)
	}
	return r.iq(s)
}

// bySession finds who sits in the room with that full JID, or nil.
func (r *fakeRoom) bySession(full string) *fakeOccupant {
	for _, o := range r.occupants {
		if slices.Contains(o.sessions, full) {
			return o
		}
	}
	return nil
}

func (r *fakeRoom) byNick(nick string) *fakeOccupant {
	for _, o := range r.occupants {
		if o.nick == nick {
			return o
		}
	}
	return nil
}

func (r *fakeRoom) affiliation(full string) string {
	if a := r.affiliations[bareJID(full)]; a != "" {
		return a
	}
	return "none"
}

// roleFor is the role that goes with an affiliation.
func (r *fakeRoom) roleFor(full string) string {
	if a := r.affiliation(full); a == "owner" || a == "admin" {
		return "moderator"
	}
	return "participant"
}

// presence lets somebody in, out, or be called otherwise.
func (r *fakeRoom) presence(s *elem, nick string, created bool) *fault {
	from := s.attr("from")
	o := r.bySession(from)
	switch s.attr("type") {
	case "unavailable":
		if o != nil {
			r.leave(o, from)
		}
		return nil
	case "error": // who returns what the room says is not there any more
		if o != nil {
			r.lost = append(r.lost, from)
		}
		return nil
	case "":
	default:
		return nil
	}
	holder := r.byNick(nick)
	switch {
	case nick == "":
		return &fault{kind: "modify", condition: "jid-malformed"}
	case r.affiliation(from) == "outcast":
		return faultForbidden
	case holder != nil && bareJID(holder.sessions[0]) != bareJID(from):
		return &fault{kind: "cancel", condition: "conflict"}
	case o != nil && o.nick != nick:
		r.rename(o, nick)
	case o != nil && s.kid(nsMUC, "x") == nil:
		r.show(o, "")
	default:
		r.enter(s, o, nick, created)
	}
	return nil
}

// enter takes a session in, also one that is in and has forgotten it (XEP-0045
// section 7.2): who is there, itself, what was said, the subject.
func (r *fakeRoom) enter(s *elem, o *fakeOccupant, nick string, created bool) {
	from := s.attr("from")
	if o == nil {
		if o = r.byNick(nick); o == nil {
			o = &fakeOccupant{nick: nick, role: r.roleFor(from)}
			r.occupants = append(r.occupants, o)
		}
		o.sessions = append(o.sessions, from)
	}
	for _, other := range r.occupants {
		if other != o {
			r.send(from, r.seat(other, from, ""))
		}
	}
	for _, session := range r.sessions() {
		if session != from {
			r.send(session, r.seat(o, session, ""))
		}
	}
	codes := []int{110}
	if !r.hidden {
		codes = append(codes, 100)
	}
	if created {
		codes = append(codes, 201)
	}
	r.send(from, r.seat(o, from, "", codes...))
	r.sendHistory(s)
	subject := el(nsClient, "message", el(nsClient, "subject")).set("from", r.jid).set("type", "groupchat")
	if r.subject != nil {
		subject = r.subject
	}
	r.send(from, subject)
}

// sessions are all that sit in the room now.
func (r *fakeRoom) sessions() []string {
	var list []string
	for _, o := range r.occupants {
		list = append(list, o.sessions...)
	}
	return list
}

// seat is the presence of an occupant as a session gets to see it.
func (r *fakeRoom) seat(o *fakeOccupant, viewer, kind string, codes ...int) *elem {
	i := el(nsMUCUser, "item").set("affiliation", r.affiliation(o.sessions[0])).set("role", o.role)
	if v := r.bySession(viewer); !r.hidden || v == o || v != nil && v.role == "moderator" {
		i.set("jid", o.sessions[0])
	}
	if kind == "unavailable" {
		i.set("role", "none")
	}
	x := el(nsMUCUser, "x", i)
	for _, c := range codes {
		x.add(el(nsMUCUser, "status").set("code", strconv.Itoa(c)))
	}
	return el(nsClient, "presence", x).set("from", r.jid+"/"+o.nick).set("type", kind)
}

// show tells everybody of an occupant; extra goes into each presence's x.
func (r *fakeRoom) show(o *fakeOccupant, kind string, extra ...any) {
	for _, session := range r.sessions() {
		var codes []int
		if slices.Contains(o.sessions, session) {
			codes = []int{110}
		}
		p := r.seat(o, session, kind, codes...)
		x := p.kids[0].(*elem)
		for _, e := range extra {
			e := e.(*elem)
			if e.local == "item" { // what it says is added to the item that is there
				i := x.kids[0].(*elem)
				i.attrs = append(i.attrs, e.attrs...)
				i.add(e.kids...)
				continue
			}
			x.add(e)
		}
		r.send(session, p)
	}
}

// status is a status code for show.
func status(code int) *elem { return el(nsMUCUser, "status").set("code", strconv.Itoa(code)) }

// rename is XEP-0045 section 7.6.
func (r *fakeRoom) rename(o *fakeOccupant, nick string) {
	r.show(o, "unavailable", el(nsMUCUser, "item").set("nick", nick), status(303))
	o.nick = nick
	r.show(o, "")
}

// leave takes one session out; the nick goes with the last one.
func (r *fakeRoom) leave(o *fakeOccupant, session string) {
	if len(o.sessions) == 1 {
		r.remove(o)
		return
	}
	o.sessions = slices.DeleteFunc(o.sessions, func(s string) bool { return s == session })
	r.send(session, r.seat(o, session, "unavailable", 110))
}

// remove takes an occupant out and tells everybody, also the one who goes.
func (r *fakeRoom) remove(o *fakeOccupant, extra ...any) {
	r.show(o, "unavailable", extra...)
	r.occupants = slices.DeleteFunc(r.occupants, func(p *fakeOccupant) bool { return p == o })
}

// send delivers to one session. One that can't be reached is put out by sweep.
func (r *fakeRoom) send(session string, s *elem) {
	if r.f.deliver(s.clone().set("to", session)) != nil {
		r.lost = append(r.lost, session)
	}
}

// sweep puts those out whose component is not connected any more, as Prosody
// does when it hears of it: with status 333 and at the next chance.
func (r *fakeRoom) sweep() {
	for len(r.lost) > 0 {
		session := r.lost[0]
		r.lost = r.lost[1:]
		o := r.bySession(session)
		if o == nil {
			continue
		}
		if len(o.sessions) > 1 {
			o.sessions = slices.DeleteFunc(o.sessions, func(s string) bool { return s == session })
			continue
		}
		r.occupants = slices.DeleteFunc(r.occupants, func(p *fakeOccupant) bool { return p == o })
		r.show(o, "unavailable", status(333))
	}
}

// message takes what is said to all, and what is asked of the room.
func (r *fakeRoom) message(s *elem) *fault {
	o := r.bySession(s.attr("from"))
	if s.attr("type") == "error" {
		if o != nil {
			r.lost = append(r.lost, s.attr("from"))
		}
		return nil
	}
	if o == nil {
		return &fault{kind: "modify", condition: "not-acceptable", text: "You are not currently connected to this chat"}
	}
	if s.attr("type") != "groupchat" {
		return r.invite(s)
	}
	m := s.without(func(k *elem) bool { return k.space == nsStanzaID && k.local == "stanza-id" && k.attr("by") == r.jid })
	m.set("from", r.jid+"/"+o.nick)
	switch {
	case s.kid(nsClient, "body") != nil:
		r.keep(m)
	case s.kid(nsClient, "subject") != nil:
		if o.role != "moderator" {
			return faultForbidden
		}
		r.subject = m
	}
	for _, session := range r.sessions() {
		r.send(session, m)
	}
	return nil
}

// invite is XEP-0045 section 7.8.2.
func (r *fakeRoom) invite(s *elem) *fault {
	for _, i := range s.kid(nsMUCUser, "x").elems() {
		if i.local == "invite" {
			r.f.route(el(nsClient, "message", el(nsMUCUser, "x", i.clone().set("to", "").set("from", s.attr("from")))).
				set("from", r.jid).set("to", i.attr("to")))
		}
	}
	return nil
}

// toOccupant passes on what is said or asked between two occupants.
func (r *fakeRoom) toOccupant(s *elem, nick string) *fault {
	from, to := r.bySession(s.attr("from")), r.byNick(nick)
	switch {
	case from == nil:
		return &fault{kind: "modify", condition: "not-acceptable"}
	case to == nil:
		return faultNotFound
	case s.attr("type") == "groupchat":
		return faultBadRequest
	case from == to && asks(s) && s.kid(nsPing, "ping") != nil: // XEP-0410 section 3.2
		r.f.answer(s)
		return nil
	}
	m := s.clone().set("from", r.jid+"/"+from.nick)
	if s.local == "message" && s.kid(nsMUCUser, "x") == nil {
		m.add(el(nsMUCUser, "x"))
	}
	sessions := to.sessions
	if s.local == "iq" {
		sessions = sessions[:1]
	}
	for _, session := range slices.Clone(sessions) {
		r.send(session, m)
	}
	return nil
}
