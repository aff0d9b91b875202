package xmpp_test

import (
	"bytes"
	"context"
	"errors"
	"image/png"
	"math"
	"slices"
	"testing"
	"time"

	"dragoman/internal/counterpart"
)

// TestOnEveryServer runs what needs no fault against one server of each kind.
func TestOnEveryServer(t *testing.T) {
	onEveryPlace(t, func(ctx context.Context, t *testing.T, s *place) {
		for _, test := range []struct {
			name string
			run  func(context.Context, *testing.T, *place)
		}{
			{"every client's questions are answered", questionsAreAnswered},
			{"an unknown request gets service-unavailable and an answer nothing", unknownRequestsAreRefused},
			{"people add the bot as a contact", peopleAddTheBot},
			{"receipts, threads, replies and typing", whatAMessageCarries},
			{"the answer comes from the address that was written to", theAnswerComesFromTheAddressWrittenTo},
			{"what is no command is never executed", whatIsNoCommandIsNeverExecuted},
			{"in a room it answers when addressed", aRoomIsAnsweredWhenAddressed},
			{"occupants are told apart", occupantsAreToldApart},
			{"the bot keeps its seat, and leaves when thrown out", theSeat},
			{"invitations of administrators are followed", invitations},
			{"hostile text harms nobody", hostileTextHarmsNobody},
			{"giant stanzas are refused", giantStanzasAreRefused},
		} {
			t.Run(test.name, func(t *testing.T) { test.run(ctx, t, s) })
		}
	})
}

func questionsAreAnswered(ctx context.Context, t *testing.T, s *place) {
	up(ctx, t, s)
	john := s.login(ctx, t, "john")

	domain, err := john.DiscoInfo(ctx, botDomain, "")
	check(t, err)
	if want := (counterpart.Identity{Category: "component", Type: "generic", Name: "dragoman"}); !slices.Contains(domain.Identities, want) {
		t.Errorf("the domain is %v, want %v", domain.Identities, want)
	}
	bot, err := john.DiscoInfo(ctx, mainJID, "")
	check(t, err)
	if want := (counterpart.Identity{Category: "client", Type: "bot", Name: "dragoman"}); !slices.Contains(bot.Identities, want) {
		t.Errorf("the bot is %v, want %v", bot.Identities, want)
	}
	for _, f := range []string{
		"http://jabber.org/protocol/disco#info", "jabber:iq:version", "jabber:iq:last", "urn:xmpp:ping",
		"urn:xmpp:time", "vcard-temp", "urn:xmpp:receipts", "jabber:x:conference",
	} {
		if !slices.Contains(bot.Features, f) {
			t.Errorf("disco#info of the bot lacks %s", f)
		}
	}
	items, err := john.DiscoItems(ctx, botDomain, "")
	check(t, err)
	if len(items) != 1 || items[0].JID != mainJID {
		t.Errorf("the domain holds %v, want the bot", items)
	}
	items, err = john.DiscoItems(ctx, mainJID, "")
	check(t, err)
	if len(items) != 0 {
		t.Errorf("the bot holds %v, want nothing", items)
	}
	items, err = john.DiscoItems(ctx, s.Domain, "")
	check(t, err)
	if !slices.ContainsFunc(items, func(i counterpart.DiscoItem) bool { return i.JID == botDomain }) {
		t.Errorf("the server lists %v, want the component among them", items)
	}
	_, err = john.DiscoInfo(ctx, mainJID, "no such node")
	refusedWith(t, err, "item-not-found")
	_, err = john.DiscoItems(ctx, botDomain, "no such node")
	refusedWith(t, err, "item-not-found")

	for _, to := range []string{botDomain, mainJID, mainJID + "/dragoman", "any body@" + botDomain} {
		if to == "any body@"+botDomain {
			to = `any\20body@` + botDomain
		}
		check(t, john.Ping(ctx, to))
	}
	v, err := john.Version(ctx, mainJID)
	check(t, err)
	if v.Name != "Dragoman" || v.Version != version || v.OS == "" {
		t.Errorf("version %+v", v)
	}
	upFor, err := john.LastActivity(ctx, botDomain)
	check(t, err)
	if upFor < 0 || upFor > time.Minute {
		t.Errorf("up for %v, want the time since the start", upFor)
	}
	now, err := john.EntityTime(ctx, mainJID)
	check(t, err)
	if d := time.Since(now); math.Abs(d.Seconds()) > 5 {
		t.Errorf("the entity time is %v off", d)
	}
	card, err := john.VCard(ctx, mainJID)
	check(t, err)
	if card.FullName != "dragoman" || card.PhotoType != "image/png" {
		t.Errorf("vCard of %q with a %q", card.FullName, card.PhotoType)
	}
	if _, err := png.Decode(bytes.NewReader(card.Photo)); err != nil {
		t.Errorf("the vCard's picture: %v", err)
	}
}

func refusedWith(t *testing.T, err error, condition string) {
	t.Helper()
	var refused *counterpart.SlixmppError
	if !errors.As(err, &refused) || refused.Condition != condition {
		t.Errorf("answered with %v, want %s", err, condition)
	}
}

func unknownRequestsAreRefused(ctx context.Context, t *testing.T, s *place) {
	up(ctx, t, s)
	john := s.login(ctx, t, "john")
	for _, kind := range []string{"get", "set"} {
		for _, to := range []string{botDomain, mainJID} {
			_, err := john.IQ(ctx, to, kind, "<query xmlns='urn:nobody:knows'/>")
			refusedWith(t, err, "service-unavailable")
		}
	}
	_, err := john.IQ(ctx, mainJID, "set", "<query xmlns='jabber:iq:roster'><item jid='evil@chat.local'/></query>")
	refusedWith(t, err, "service-unavailable")
	_, err = john.IQ(ctx, mainJID, "set", "<query xmlns='jabber:iq:version'/>")
	refusedWith(t, err, "service-unavailable")
	_, err = john.IQ(ctx, mainJID, "get", "")
	refusedWith(t, err, "bad-request")

	// Nothing comes back for these, whatever they carry. A component's stanzas
	// are passed on with less care than an account's.
	comp := s.evil(ctx, t)
	for i, stanza := range []string{
		"<iq type='result' id='%' to='%to' from='%from'><query xmlns='jabber:iq:version'/></iq>",
		"<iq type='result' id='%' to='%to' from='%from'/>",
		"<iq type='error' id='%' to='%to' from='%from'><query xmlns='jabber:iq:version'/><error type='cancel'>" +
			"<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
		"<iq type='error' id='%' to='%to' from='%from'/>",
	} {
		for _, to := range []string{botDomain, mainJID} {
			comp.raw(fill(stanza, i, to))
		}
	}
	comp.nothing("an answer was answered", func(e counterpart.Event) bool { return e.Kind == "iq" })

	// One of a type that does not exist is refused, by the server or by the bot.
	for i, kind := range []string{"", "GET", "fetch", "get "} {
		comp.raw(fill("<iq type='"+kind+"' id='%' to='%to' from='%from'><ping xmlns='urn:xmpp:ping'/></iq>", 100+i, mainJID))
	}
	comp.settle()
	for _, e := range comp.Received(func(e counterpart.Event) bool { return e.Kind == "iq" }) {
		if e.Type != "error" {
			t.Errorf("an iq of a wrong type was answered with %s", e.XML)
		}
	}
}
