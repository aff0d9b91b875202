package xmpp

import (
	"context"
	"fmt"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// Send implements bot.Transport. It waits for the stream, and for a room until
// we are in it.
func (t *Transport) Send(ctx context.Context, out bot.Outgoing) error {
	if out.Room {
		room, err := stream.ParseJID(string(out.To))
		if err != nil {
			return fmt.Errorf("%q is no room: %w", out.To, err)
		}
		if err := t.rooms.await(ctx, room); err != nil {
			return err
		}
	}
	return t.send(ctx, t.render(out))
}

// render is the reply as a stanza.
func (t *Transport) render(out bot.Outgoing) *stream.Element {
	id := out.ID
	if id == "" {
		id = stream.NewID()
	}
	e := stream.New(stream.NSClient, "message")
	e.Attrs = make([]stream.Attr, 0, 4) // all of them, in one allocation
	e.SetAttr("type", "chat").
		SetAttr("id", id).
		SetAttr("to", string(out.To)).
		SetAttr("from", t.from(out.From))
	e.Append(stream.TextElement(stream.NSClient, "body", out.Reply.Plain()))
	if out.Room {
		e.SetAttr("type", "groupchat").SetAttr("from", t.occupant())
	}
	m := out.About
	if m == nil || m.Unique {
		// Who uses stable ids gets one (XEP-0359); others would only pay for it.
		e.Append(stream.New(nsStanzaIDs, "origin-id").SetAttr("id", id))
	}
	if m == nil {
		return e
	}
	if m.Thread != "" {
		e.Append(stream.TextElement(stream.NSClient, "thread", m.Thread))
	}
	if m.Room != "" && !out.Room {
		e.Append(stream.New(nsMUCUser, "x")) // XEP-0045 section 7.5
		e.SetAttr("from", t.occupant())
	}
	if o, ok := m.Origin.(*origin); ok {
		if m.Unique { // XEP-0461 section 3.1 wants an id that stays
			e.Append(stream.New(nsReply, "reply").SetAttr("to", o.author).SetAttr("id", o.replyID))
		}
		if o.typing.Load() {
			e.Append(stream.New(nsChatStates, "active"))
		}
	}
	return e
}

// say answers a message without the core.
func (t *Transport) say(ctx context.Context, m *bot.Message, text string) {
	t.answer(ctx, t.render(bot.Outgoing{
		Destination: m.Destination(), ID: m.ReplyID(0), Reply: bot.Say(text), About: m,
	}))
}

// Acknowledge implements bot.Acknowledger with XEP-0184.
func (t *Transport) Acknowledge(ctx context.Context, m *bot.Message) error {
	o, ok := m.Origin.(*origin)
	if !ok {
		return nil
	}
	return t.send(ctx, t.aside(m).SetAttr("id", stream.NewID()).
		Append(stream.New(nsReceipts, "received").SetAttr("id", o.id)))
}

// Typing implements bot.Typist with XEP-0085. In a room it stays silent: to
// all occupants it would be noise.
func (t *Transport) Typing(ctx context.Context, m *bot.Message, on bool) error {
	o, ok := m.Origin.(*origin)
	if !ok || !m.Private {
		return nil
	}
	state := "paused"
	if on {
		state = "composing"
	}
	o.typing.Store(on)
	return t.send(ctx, t.aside(m).Append(stream.New(nsChatStates, state)))
}

// aside is an empty message to the sender of m.
func (t *Transport) aside(m *bot.Message) *stream.Element {
	return stream.New(stream.NSClient, "message").
		SetAttr("type", "chat").
		SetAttr("to", string(m.From)).
		SetAttr("from", t.from(m.To))
}
