package xmpp

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// origin is what receipts and chat states need of a stanza. It travels through
// the core as bot.Message.Origin, and is gone after a restart.
type origin struct {
	id     string // the id attribute, which receipts name
	typing atomic.Bool
}

// handle takes one stanza from the stream. It runs on the stream's one
// dispatcher, so it must not wait for an answer.
func (t *Transport) handle(ctx context.Context, e *stream.Element) {
	t.handleUntil(ctx, e, func() {})
}

// handleUntil is handle for who wants to know when it is done with, which may
// be long after it returns: an account tells its server only then that a message
// need not be kept (XEP-0198). With an Inbox that is no bot.Settler that is when
// Deliver has returned.
func (t *Transport) handleUntil(ctx context.Context, e *stream.Element, done func()) {
	defer t.handled.Add(1)
	kept := false
	defer func() {
		if !kept {
			done()
		}
	}()
	from, err := stream.ParseJID(e.Attr("from"))
	if err != nil && e.Attr("from") != "" {
		t.log.Debug("stanza from an address that is none", "stanza", e.Local)
		t.bounce(ctx, e, stream.StanzaError{Type: stream.TypeModify, Condition: "jid-malformed"})
		return
	}
	if t.toFormer(ctx, e, from) {
		return
	}
	switch e.Local {
	case "message":
		kept = t.onMessage(ctx, e, from, done)
	case "presence":
		t.onPresence(ctx, e, from)
	case "iq":
		t.onIQ(ctx, e, from)
	}
}

// bounce answers the stanza with an error, where one may be answered at all.
func (t *Transport) bounce(ctx context.Context, e *stream.Element, se stream.StanzaError) {
	if r := stream.ErrorReply(e, se); r != nil {
		t.answer(ctx, r)
	}
}

// answer sends what a stanza from outside caused, or what belongs to this
// stream alone, such as presence. It doesn't wait for a later stream, which
// would only hold up the end of this one, and a broken stream needs no second
// report.
func (t *Transport) answer(ctx context.Context, e *stream.Element) {
	if t.cfg.WholeDomain && (e.Attr("from") == "" || e.Attr("to") == "") {
		// ejabberd closes a component's stream for it.
		t.log.Debug("a stanza without an address cannot be answered", "stanza", e.Local)
		return
	}
	s, changed := t.current()
	for s == nil { // what came first is handled before the stream is announced
		select {
		case <-changed:
			s, changed = t.current()
		case <-ctx.Done():
			return
		}
	}
	if err := s.Send(ctx, e); err != nil {
		t.log.Debug("answer was not sent", "err", err)
	}
}

// onMessage decides what a message is and hands on what may be a command. It
// reports whether the core has kept it, and calls done.
func (t *Transport) onMessage(ctx context.Context, e *stream.Element, from stream.JID, done func()) (kept bool) {
	if t.canary.caught(e, from) || t.rooms.recalled(e, from) {
		return false
	}
	t.onReturn(e, from)
	if t.onInvitation(ctx, e, from) {
		return false
	}
	kind := e.Attr("type")
	if kind == "error" {
		se := stream.ParseStanzaError(e)
		t.rooms.bounced(from, se)
		t.log.Debug("message bounced", "from", from.Bare(), "err", se)
		return false
	}
	text, secret := withoutFallback(e), encrypted(e)
	if kind == "headline" || t.ours(from) || from.IsZero() || !secret && strings.TrimSpace(text) == "" {
		return false
	}
	if !current(e) {
		t.onOffline(ctx, e, from)
		return false
	}
	m := t.message(e, from, text)
	if m == nil {
		return false
	}
	if secret {
		if m.Addressed && m.Private {
			t.say(ctx, m, "I cannot read encrypted messages. Please turn encryption off for this conversation.")
		}
		return false
	}
	var err error
	if in, ok := t.in.(bot.Settler); ok {
		err = in.DeliverThen(m, done)
		kept = err == nil
	} else {
		err = t.in.Deliver(m)
	}
	t.notTaken(ctx, e, m, err)
	return kept
}

// notTaken tells the sender of a message that the core did not take.
func (t *Transport) notTaken(ctx context.Context, e *stream.Element, m *bot.Message, err error) {
	switch {
	case err == nil:
	case m.Room != "" && !m.Private:
		if m.Addressed { // an error would reach the room, not the person
			t.say(ctx, m, "I have too much to do at the moment. Please try again later.")
		}
	case errors.Is(err, bot.ErrBusy), errors.Is(err, bot.ErrStopped):
		t.bounce(ctx, e, stream.StanzaError{Type: stream.TypeWait, Condition: "resource-constraint", Text: err.Error()})
	}
}

// encrypted reports whether what was said is not in the body: the sender says so
// (XEP-0380) or an element of any of the schemes is there.
func encrypted(e *stream.Element) bool {
	for c := range e.Elements() {
		if c.Is(nsEncryption, "encryption") || c.Local == "encrypted" {
			return true
		}
	}
	return false
}

// onOffline tells people what became of a message that their server kept for
// us while we were away: it is too late to act on it. Only an account's own
// server can have kept one, and it signs the delay (XEP-0160 section 3). A sender
// can sign one with its name too; then he is told so, and nothing is done.
//
// Nobody knows how far the last process or stream got with it: what was done and
// not yet confirmed comes again with a delay as well (XEP-0198 section 5).
func (t *Transport) onOffline(ctx context.Context, e *stream.Element, from stream.JID) {
	delay := t.delayedByServer(e)
	if t.cfg.WholeDomain || e.Attr("type") == "groupchat" || delay == nil {
		return
	}
	if _, room := t.rooms.get(from.Bare()); room {
		return
	}
	m := t.message(e, from, "")
	t.log.Info("a message from the time of absence was not acted upon", "from", from.Domain(), "stamp", delay.Attr("stamp"))
	t.say(ctx, m, "You wrote to me while I was away. Unless I have answered, I did nothing about it: please write again what still holds.")
}

// delayedByServer is the delay that our own server signed, nil without one. What
// keeps messages there signs with the domain, and Prosody's mod_smacks with our
// bare JID; a message that went through both has a delay of each.
func (t *Transport) delayedByServer(e *stream.Element) *stream.Element {
	for c := range e.Elements() {
		if !c.Is(nsDelay, "delay") {
			continue
		}
		if from := c.Attr("from"); from == t.cfg.Main.Domain() || from == t.cfg.Main.String() {
			return c
		}
	}
	return nil
}

// current reports whether a message was written just now and to us: not out of
// an archive or a room's history, and not a copy of what went to or came from
// another of our devices.
func current(e *stream.Element) bool {
	for c := range e.Elements() {
		switch c.Space {
		case nsDelay, nsDelayLegacy, nsCarbons, nsMAM:
			return false
		}
	}
	return true
}

// message is the stanza in the core's words, with the text that it says, or nil
// when it is nothing for the core.
func (t *Transport) message(e *stream.Element, from stream.JID, text string) *bot.Message {
	m := &bot.Message{
		ID: e.Attr("id"), Transport: t.Name(), At: t.clock.Now(),
		From: bot.Address(from.String()), To: bot.Address(e.Attr("to")),
		Lang: e.Lang(), Thread: e.ChildText(stream.NSClient, "thread"),
	}
	o := &origin{id: m.ID}
	m.Origin = o
	m.Reference = bot.Reference{ID: m.ID, Author: m.From}
	if id := e.Child(nsStanzaIDs, "origin-id").Attr("id"); id != "" {
		m.ID, m.Unique, m.Reference.ID = id, true, id
	}
	if e.Attr("type") == "groupchat" {
		return t.roomMessage(e, m, from, text)
	}
	m.Private, m.Addressed = true, true
	m.WantsReceipt = o.id != "" && e.Child(nsReceipts, "request") != nil
	if r, ok := t.rooms.get(from.Bare()); ok && from.Resource() != "" {
		m.Room = bot.Address(from.Bare().String())
		m.Sender = r.person(from.Resource())
	} else {
		m.Sender = bot.Person{
			Account: bot.Address(from.Bare().String()),
			Name:    strings.TrimSpace(e.ChildText(nsNick, "nick")),
			Handle:  cmp.Or(stream.UnescapeLocal(from.Local()), from.Domain()),
		}
	}
	m.Text, _ = t.unaddressed(text, t.cfg.Nick)
	return m
}

// roomMessage completes a message that a room sent to all.
func (t *Transport) roomMessage(e *stream.Element, m *bot.Message, from stream.JID, text string) *bot.Message {
	r, ok := t.rooms.get(from.Bare())
	nick := from.Resource()
	if !ok || nick == "" || nick == r.nick() {
		return nil // not our room, the room itself, or our own echo
	}
	for c := range e.Elements() {
		if c.Is(nsStanzaIDs, "stanza-id") && c.Attr("by") == from.Bare().String() {
			m.ID, m.Unique, m.Reference.ID = c.Attr("id"), true, c.Attr("id")
		}
	}
	r.touched(t.clock.Now())
	m.Room = bot.Address(from.Bare().String())
	m.To = bot.Address(t.cfg.Main.String())
	m.Sender = r.person(nick)
	m.Text, m.Addressed = t.unaddressed(text, r.nick())
	if to, err := stream.ParseJID(e.Child(nsReply, "reply").Attr("to")); err == nil && to == from.Bare().WithResource(r.nick()) {
		m.Addressed = true // an answer to what we said
	}
	return m
}

// unaddressed cuts the words that address us ("nick: ", "nick, ", "@nick ",
// the prefix) and reports whether there were any.
func (t *Transport) unaddressed(text, nick string) (string, bool) {
	text = strings.TrimSpace(text)
	if p := t.cfg.Prefix; p != "" && strings.HasPrefix(text, p) {
		return strings.TrimSpace(text[len(p):]), true
	}
	if nick == "" {
		return text, false
	}
	rest, at := strings.CutPrefix(text, "@")
	if len(rest) < len(nick) || !strings.EqualFold(rest[:len(nick)], nick) {
		return text, false
	}
	rest = rest[len(nick):]
	if rest == "" {
		return "", true
	}
	next, size := utf8.DecodeRuneInString(rest)
	switch {
	case next == ':' || next == ',':
		return strings.TrimSpace(rest[size:]), true
	case at && next == ' ':
		return strings.TrimSpace(rest), true
	}
	return text, false
}

// withoutFallback is the body without what stands in it only for clients that
// know less (XEP-0428): the quotation of a reply (XEP-0461 section 4), or all of
// it where it describes something else, such as a retraction.
func withoutFallback(e *stream.Element) string {
	body := e.ChildText(stream.NSClient, "body")
	for c := range e.Elements() {
		if !c.Is(nsFallback, "fallback") {
			continue
		}
		part := c.Child(nsFallback, "body")
		if c.Attr("for") != nsReply && part.Attr("end") != "" {
			continue // a part that is not ours to cut
		}
		if part.Attr("start") == "" && part.Attr("end") == "" {
			return "" // the whole body is a fallback, as it is without any part
		}
		runes := []rune(body)
		start, err1 := strconv.Atoi(part.Attr("start"))
		end, err2 := strconv.Atoi(part.Attr("end"))
		if err1 == nil && err2 == nil && 0 <= start && start <= end && end <= len(runes) {
			return string(runes[:start]) + string(runes[end:])
		}
	}
	return body
}
