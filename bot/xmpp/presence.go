package xmpp

import (
	"context"
	"slices"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// Status codes of a room's presence (XEP-0045 section 15.6).
const (
	statusSelf        = "110" // the presence is our own
	statusBanned      = "301"
	statusNickChanged = "303"
	statusKicked      = "307"
)

// maxContacts bounds the book against strangers who add the bot from a million
// addresses.
const (
	maxContacts  = 50_000
	maxAddresses = 500 // of ours that have contacts
)

// onPresence follows rooms and lets people add the bot as a contact.
func (t *Transport) onPresence(ctx context.Context, e *stream.Element, from stream.JID) {
	if r, ok := t.rooms.get(from.Bare()); ok {
		t.onRoomPresence(ctx, r, e, from.Resource())
		return
	}
	own, err := stream.ParseJID(e.Attr("to"))
	if err != nil || t.ours(from) {
		return
	}
	switch e.Attr("type") {
	case "subscribe": // RFC 6121 section 3.1
		if !t.remember(ctx, own.Bare(), from.Bare()) {
			t.presence(ctx, own.Bare(), from.Bare(), "unsubscribed")
			return
		}
		t.presence(ctx, own.Bare(), from.Bare(), "subscribed")
		t.presence(ctx, own, from.Bare(), "")
	case "unsubscribe":
		if t.cfg.WholeDomain && t.cfg.Book != nil {
			if err := t.cfg.Book.Remove(ctx, bookContact, own.Bare().String(), from.Bare().String()); err != nil {
				t.log.Error("contact could not be removed", "err", err)
			}
		}
		t.presence(ctx, own.Bare(), from.Bare(), "unsubscribed")
	case "probe": // RFC 6121 section 4.3: a component answers for its addresses
		if t.cfg.WholeDomain {
			t.presence(ctx, own, from, "")
		}
	}
}

// remember writes a contact into the book and reports whether there was room.
// An account's contacts are in its server's roster.
func (t *Transport) remember(ctx context.Context, own, contact stream.JID) bool {
	if !t.cfg.WholeDomain || t.cfg.Book == nil {
		return true
	}
	full, err := t.note(ctx, bookContact, own.String(), contact.String(), maxContacts)
	if err == nil && !full {
		full, err = t.note(ctx, bookAddress, t.Name(), own.String(), maxAddresses)
	}
	switch {
	case err != nil:
		t.log.Error("contact could not be remembered", "err", err)
	case full:
		t.log.Warn("contact refused: the book is full")
	}
	return !full
}

// note adds an entry to a list in the book, unless that has grown to limit.
func (t *Transport) note(ctx context.Context, kind, own, entry string, limit int) (full bool, err error) {
	known, err := t.cfg.Book.List(ctx, kind, own)
	switch {
	case err != nil, slices.Contains(known, entry):
		return false, err
	case len(known) >= limit:
		return true, nil
	}
	return false, t.cfg.Book.Add(ctx, kind, own, entry)
}

// presence sends presence of the given type from an address of ours. That of a
// device, available or not, comes from a full JID.
func (t *Transport) presence(ctx context.Context, own, to stream.JID, kind string) {
	e := stream.New(stream.NSClient, "presence").SetAttr("type", kind).SetAttr("to", to.String())
	if t.cfg.WholeDomain {
		if (kind == "" || kind == "unavailable") && own.Local() != "" {
			own = own.WithResource(resource)
		}
		e.SetAttr("from", own.String())
	}
	t.answer(ctx, e)
}

// announce tells our contacts that we are here ("") or that we go
// ("unavailable").
func (t *Transport) announce(ctx context.Context, kind string) {
	if !t.cfg.WholeDomain {
		t.answer(ctx, stream.New(stream.NSClient, "presence").SetAttr("type", kind)) // the server tells the roster
		return
	}
	for _, own := range t.listed(ctx, bookAddress, t.Name()) {
		for _, contact := range t.listed(ctx, bookContact, own.String()) {
			t.presence(ctx, own, contact, kind)
		}
	}
}

// listed reads addresses from the book.
func (t *Transport) listed(ctx context.Context, kind, own string) []stream.JID {
	if t.cfg.Book == nil {
		return nil
	}
	entries, err := t.cfg.Book.List(ctx, kind, own)
	if err != nil {
		t.log.Error("addresses of "+own+" could not be read from the book", "kind", kind, "err", err)
	}
	var list []stream.JID
	for _, s := range entries {
		if j, err := stream.ParseJID(s); err == nil {
			list = append(list, j)
		}
	}
	return list
}

// onRoomPresence keeps the list of occupants and our own seat.
func (t *Transport) onRoomPresence(ctx context.Context, r *room, e *stream.Element, nick string) {
	x := e.Child(nsMUCUser, "x")
	var codes []string
	for c := range x.Elements() {
		if c.Is(nsMUCUser, "status") {
			codes = append(codes, c.Attr("code"))
		}
	}
	item := x.Child(nsMUCUser, "item")
	self := slices.Contains(codes, statusSelf)
	switch e.Attr("type") {
	case "error":
		t.joinRefused(r, nick, stream.ParseStanzaError(e))
	case "unavailable":
		self = self || nick == r.nick() // ejabberd leaves 110 out of the last presence
		r.away(nick)
		switch {
		case !self:
		case slices.Contains(codes, statusNickChanged):
			r.rename(item.Attr("nick"))
		case slices.Contains(codes, statusBanned), slices.Contains(codes, statusKicked):
			t.log.Warn("thrown out of the room, and staying out until invited again or restarted", "room", r.jid,
				"by", item.Child(nsMUCUser, "actor").Attr("nick"), "reason", item.ChildText(nsMUCUser, "reason"))
			t.rooms.forget(ctx, r)
		case x.Child(nsMUCUser, "destroy") != nil:
			t.log.Warn("the room was destroyed", "room", r.jid)
			t.rooms.forget(ctx, r)
		default: // the room or the server is going down: come back
			t.rooms.enterAgain(r)
		}
	case "":
		if nick == "" {
			return // about the room itself
		}
		r.present(nick, item)
		if self {
			t.log.Info("in the room", "room", r.jid, "nick", nick)
			r.rename(nick)
			r.entered()
			t.rooms.nudge() // which tells who waits for it
		}
	}
}

// joinRefused reacts to a room that does not let us in. Only a taken nick can
// be helped; the rest is tried again ever more rarely.
func (t *Transport) joinRefused(r *room, nick string, se *stream.StanzaError) {
	if nick != "" && nick != r.nick() {
		return // the answer to a join that another has overtaken
	}
	if se.Condition == stream.Conflict {
		r.rename(r.nick() + "_")
		t.rooms.enterAgain(r)
		return
	}
	r.left()
	t.log.Warn("the room does not let the bot in; it will try again", "room", r.jid, "err", se)
}

// present notes an occupant. A new stay begins unless the same person only
// changed their presence.
func (r *room) present(nick string, item *stream.Element) {
	var account bot.Address
	if j, err := stream.ParseJID(item.Attr("jid")); err == nil && item.Attr("jid") != "" && r.t.believes(r.jid) {
		account = bot.Address(j.Bare().String())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.heard = r.t.clock.Now()
	o, known := r.occupants[nick]
	if !known || o.account != account {
		r.stays++
		o.stay = r.stays
	}
	o.account, o.affiliation = account, item.Attr("affiliation")
	r.occupants[nick] = o
}

// away notes that an occupant left.
func (r *room) away(nick string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.occupants, nick)
}

// rename notes our own nick in the room.
func (r *room) rename(nick string) {
	if nick == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.name = nick
}
