package xmpp

import (
	"context"
	"errors"
	"slices"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// seats are the full JIDs under which a component sits in a room.
//
// A server may still have before it what we wrote to a stream that broke, while
// we ask on the next one what the room has: ejabberd reads each connection in a
// process of its own, and one that was stuck for a minute goes on. So before the
// room is asked about a message from an earlier stream we enter under another
// full JID, beside the former one and under the same nick, and let the former
// one leave. A room takes nothing from who is no occupant (XEP-0045 section
// 7.4), so that what it has not repeated by then it never will; and nobody there
// sees us go.
//
// An account needs none of this: it always binds the same resource, for which
// the server ends the session that had it (RFC 6120 section 7.7.2.2).
type seats struct {
	own    string   // what we sit under now; "" for an account
	former []string // what we sat under, and may still
	fenced bool     // own was new on this stream
}

// maxFormer bounds what is remembered of attempts that failed.
const maxFormer = 16

// errNoFence keeps a message until the room can be asked.
var errNoFence = errors.New("the room did not let the bot take a new seat")

// own is the full JID under which we sit in the room, "" for an account.
func (r *room) own() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seats.own
}

// fence returns once nothing that we wrote to an earlier stream can get into
// the room any more.
func (r *room) fence(ctx context.Context) error {
	r.mu.Lock()
	if !r.t.cfg.WholeDomain || r.seats.fenced {
		r.mu.Unlock()
		return nil
	}
	s := &r.seats
	s.former = append(s.former[max(0, len(s.former)+1-maxFormer):], s.own)
	s.own = r.t.cfg.Main.WithResource(resource + "-" + stream.NewID()[:8]).String()
	s.fenced = true
	former, nick := slices.Clone(s.former), r.jid.WithResource(r.name).String()
	r.in, r.joinAt = false, r.t.clock.Now().Add(r.patience)
	r.signal()
	r.mu.Unlock()

	r.ask(ctx, stream.New(nsMUC, "history").SetAttr("maxstanzas", "0"))
	for _, own := range former {
		r.vacate(ctx, own, nick)
	}
	if !r.awaitSoon(ctx) {
		return errNoFence
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s.former = nil
	return nil
}

// vacate leaves the room as one of our addresses.
func (r *room) vacate(ctx context.Context, own, nick string) {
	r.t.answer(ctx, stream.New(stream.NSClient, "presence").SetAttr("type", "unavailable").
		SetAttr("from", own).SetAttr("to", nick))
}

// toFormer takes what a room says to a seat that we have given up, or that an
// earlier process of ours had, and gives it up once more where the room doesn't
// know that. What was sent from there and came back is not in the room.
func (t *Transport) toFormer(ctx context.Context, e *stream.Element, from stream.JID) bool {
	to, err := stream.ParseJID(e.Attr("to"))
	if !t.cfg.WholeDomain || err != nil || to.Resource() == "" || to.Bare() != t.cfg.Main || e.Local == "iq" {
		return false
	}
	r, ok := t.rooms.get(from.Bare())
	if !ok || to.String() == r.own() {
		return false
	}
	switch kind := e.Attr("type"); {
	case e.Local == "message" && kind == "error":
		t.courier.learned(flightKey{from.String(), e.Attr("id")}, bot.Fate{State: bot.Held, Err: errSeatLost})
	case kind != "error" && kind != "unavailable":
		r.vacate(ctx, to.String(), r.jid.WithResource(r.nick()).String())
	}
	return true
}
