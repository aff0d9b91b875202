package xmpp

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// onInvitation follows an invitation, direct (XEP-0249) or through the room
// (XEP-0045 section 7.8.2), and reports whether the message was one.
func (t *Transport) onInvitation(ctx context.Context, e *stream.Element, from stream.JID) bool {
	inviter, room, password := from, stream.JID{}, ""
	if x := e.Child(nsConference, "x"); x != nil && x.Attr("jid") != "" {
		room, _ = stream.ParseJID(x.Attr("jid"))
		password = x.Attr("password")
	}
	if x := e.Child(nsMUCUser, "x"); x.Child(nsMUCUser, "invite") != nil {
		if from.Resource() != "" || !t.vouches(from) { // an occupant is not the room
			t.log.Warn("invitation through an unknown room service ignored", "from", from.Bare())
			return true
		}
		room = from
		password = x.ChildText(nsMUCUser, "password")
		inviter, _ = stream.ParseJID(x.Child(nsMUCUser, "invite").Attr("from"))
	}
	if room.IsZero() || e.Attr("type") == "error" {
		return false
	}
	if e.Attr("type") == "groupchat" || !current(e) {
		return true
	}
	t.follow(ctx, inviter, room.Bare(), password)
	return true
}

// believes reports whether a room's word on who its occupants are can be
// taken, since rights hang on it: only where the configuration names a room of
// the same service. Any other may call anybody an administrator.
func (t *Transport) believes(room stream.JID) bool {
	return slices.ContainsFunc(t.cfg.Rooms, func(j stream.JID) bool { return j.Domain() == room.Domain() })
}

// vouches reports whether a room's word on who invites us is good enough to
// follow: the room is on a service that we already use, or on our own server.
// The worst that a liar gains is a bot that sits in their room and believes
// nothing that it is told there of who people are.
func (t *Transport) vouches(room stream.JID) bool {
	for _, r := range t.rooms.all() {
		if r.jid.Domain() == room.Domain() {
			return true
		}
	}
	server := t.cfg.Main.Domain()
	if t.cfg.WholeDomain {
		_, server, _ = strings.Cut(server, ".")
		// A component at example.co.uk does not trust all of co.uk.
		if suffix, _ := publicsuffix.PublicSuffix(server); suffix == server {
			return false
		}
	}
	return strings.HasSuffix(room.Domain(), "."+server)
}

// follow enters the room if the inviter may send us there.
func (t *Transport) follow(ctx context.Context, inviter, room stream.JID, password string) {
	account := bot.Address(inviter.Bare().String())
	if room.Local() == "" || t.cfg.MayInvite == nil || !t.cfg.MayInvite(ctx, account) {
		t.log.Warn("invitation declined: the sender may not invite the bot", "room", room, "by", account)
		return
	}
	t.log.Info("following an invitation", "room", room, "by", account)
	r := t.rooms.want(room, password)
	if b := t.cfg.Book; b != nil {
		if err := b.Add(ctx, bookRoom, t.Name(), room.String()); err != nil {
			t.log.Error("the room will be forgotten at a restart", "room", room, "err", err)
		}
	}
	r.due(t.clock.Now())
	t.rooms.nudge()
}
