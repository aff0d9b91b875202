package xmpp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// Send implements bot.Transport. It waits for the stream, and for a room until
// we are in it.
func (t *Transport) Send(ctx context.Context, out bot.Outgoing) error {
	if out.Parcel != nil {
		return t.Carry(ctx, []bot.Outgoing{out})[0].Err
	}
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

// late is the age from which a notice tells when it was said first.
const late = 30 * time.Second

// render is the reply as a stanza. It takes nothing from the note that a
// transport made of the message's origin, unless it is there: the message may
// come out of a database.
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
		e.SetAttr("type", "groupchat").SetAttr("from", t.rooms.seatIn(out.To))
	}
	m := out.About
	if m == nil || m.Unique || out.Room {
		// Who uses stable ids gets one (XEP-0359), and a room gives it back
		// where it replaces the other; others would only pay for it.
		e.Append(stream.New(nsStanzaIDs, "origin-id").SetAttr("id", id))
	}
	if !out.Room && t.toOccupant(out) {
		e.Append(stream.New(nsMUCUser, "x")) // XEP-0045 section 7.5
		e.SetAttr("from", t.rooms.seatIn(out.To))
	}
	if m == nil {
		if !out.At.IsZero() && t.clock.Now().Sub(out.At) > late {
			e.Append(stream.New(nsDelay, "delay").SetAttr("stamp", stamp(out.At)))
		}
		return e
	}
	if m.Thread != "" {
		e.Append(stream.TextElement(stream.NSClient, "thread", m.Thread))
	}
	if m.Unique && m.Reference.ID != "" { // XEP-0461 section 3.1 wants an id that stays
		e.Append(stream.New(nsReply, "reply").
			SetAttr("to", string(m.Reference.Author)).SetAttr("id", m.Reference.ID))
	}
	if o, ok := m.Origin.(*origin); ok && o.typing.Load() {
		e.Append(stream.New(nsChatStates, "active"))
	}
	return e
}

// toOccupant reports whether a message goes to one occupant of a room alone.
func (t *Transport) toOccupant(out bot.Outgoing) bool {
	if out.About != nil && out.To == out.About.From {
		return out.About.Room != ""
	}
	to, err := stream.ParseJID(string(out.To))
	if err != nil || to.Resource() == "" {
		return false
	}
	_, room := t.rooms.get(to.Bare())
	return room
}

// Refuse implements bot.Refuser. A room has no way to tell one occupant that a
// message to all was not taken.
func (t *Transport) Refuse(ctx context.Context, m *bot.Message, why error) error {
	o, ok := m.Origin.(*origin)
	if !ok || !m.Private {
		return errors.New("an error would not reach the sender")
	}
	se := stream.StanzaError{Type: stream.TypeWait, Condition: "resource-constraint", Text: why.Error()}
	return t.send(ctx, t.aside(m).SetAttr("type", "error").SetAttr("id", o.id).Append(se.Element()))
}

// say answers a message without the core. The answer has an id of its own,
// because the message may come again and get another one.
func (t *Transport) say(ctx context.Context, m *bot.Message, text string) {
	t.answer(ctx, t.render(bot.Outgoing{
		Destination: m.Destination(), Reply: bot.Say(text), About: m,
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
