package xmpp_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"dragoman/bot/xmpp/stream"
	"dragoman/internal/counterpart"
)

// fill completes a stanza of the hostile component: its number as the id, whom
// it goes to and whom it comes from.
func fill(stanza string, n int, to string) string {
	return strings.NewReplacer("%to", escape(to), "%from", "bot@"+evilDomain, "%", "n"+strconv.Itoa(n)).Replace(stanza)
}

// escape makes text fit for an attribute or a body.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&apos;", `"`, "&quot;").Replace(s)
}

func whatAMessageCarries(ctx context.Context, t *testing.T, s *place) {
	r := up(ctx, t, s)
	john := s.login(ctx, t, "john")

	id := john.send(counterpart.Outgoing{To: mainJID, Body: "echo one", Thread: "t-1", WantReceipt: true})
	answer := john.hears(mainJID, "one")
	if answer.To != john.JID() || answer.Thread != "t-1" || answer.ID == "" || answer.Type != "chat" || answer.ReplyID != "" {
		t.Errorf("answered with %s", answer.XML)
	}
	receipt := john.expect("the receipt", func(e counterpart.Event) bool { return e.Receipt != "" })
	if receipt.Receipt != id || receipt.From != mainJID || receipt.Body != "" || receipt.WantsReceipt {
		t.Errorf("the receipt for %s is %s", id, receipt.XML)
	}

	john.send(counterpart.Outgoing{To: mainJID, Body: "echo two", Extra: []string{"<origin-id xmlns='urn:xmpp:sid:0' id='o-2'/>"}})
	answer = john.hears(mainJID, "two")
	if answer.ReplyID != "o-2" || answer.ReplyTo != john.JID() || answer.OriginID != answer.ID {
		t.Errorf("a message with an origin-id is answered with %s", answer.XML)
	}
	if answer.Receipt != "" || answer.ChatState != "" {
		t.Errorf("an answer with what nobody asked for: %s", answer.XML)
	}

	john.say(mainJID, "slow")
	john.expect("composing", func(e counterpart.Event) bool { return e.From == mainJID && e.ChatState == "composing" && e.Body == "" })
	close(r.calls.finish)
	if answer = john.hears(mainJID, "done at last"); answer.ChatState != "active" {
		t.Errorf("the answer after composing says %q, want active: %s", answer.ChatState, answer.XML)
	}

	// The same stanza again, as a client sends it after it reconnected.
	for range 2 {
		john.send(counterpart.Outgoing{To: mainJID, Body: "count again", ID: "same", Extra: []string{"<origin-id xmlns='urn:xmpp:sid:0' id='same'/>"}})
	}
	john.hears(mainJID, "again 1")
	john.nothing("a repeated message was executed", counterpart.Says(mainJID, "again"))

	john.send(counterpart.Outgoing{To: mainJID, Body: "secret", Extra: []string{"<encryption xmlns='urn:xmpp:eme:0' namespace='eu.siacs.conversations.axolotl'/>"}})
	john.hears(mainJID, "cannot read encrypted messages")
}

func theAnswerComesFromTheAddressWrittenTo(ctx context.Context, t *testing.T, s *place) {
	up(ctx, t, s)
	john := s.login(ctx, t, "john")
	for i, to := range []string{
		botDomain,
		"☃@" + botDomain + "/☎ ★",
		botDomain + "/resource only",
		mainJID,
		mainJID + "/Phone",
		"555-555-5555@" + botDomain,
		"555-555-5555@" + botDomain + "/" + `"quoted" <i>&amp;'`,
		stream.EscapeLocal(`d'artagnan "x" <y>&z@home/`) + "@" + botDomain,
		"🤖@" + botDomain,
		"\U0001FAE9@" + botDomain,
		"👩‍👩‍👧@" + botDomain + "/👩‍🚀 on the moon",
		"%s%n@" + botDomain + "/%d",
		"straße.ünïcödé@" + botDomain,
		"ελλάς@" + botDomain + "/مرحبا",
		strings.Repeat("x", 1000) + "@" + botDomain + "/" + strings.Repeat("y", 1000),
		"dragoman@" + botDomain + "/" + strings.Repeat("🏴‍☠️", 70),
	} {
		mark := "address-" + strconv.Itoa(i)
		// slixmpp would prepare the address in its own way.
		john.raw("<message type='chat' id='" + mark + "' to='" + escape(to) + "'><body>echo " + mark + "</body></message>")
		e := john.expect("an answer from "+to, func(e counterpart.Event) bool { return e.Body == mark || e.ID == mark && e.Type == "error" })
		switch {
		case e.Type == "error" && s.Kind == "ejabberd" && e.Error == "bad-request":
			t.Logf("ejabberd takes no message to %q", to) // its stringprep knows Unicode 3.2
		case e.Type == "error":
			t.Errorf("a message to %q comes back: %s", to, e.XML)
		case e.Type != "error" && prepared.Replace(e.From) != prepared.Replace(to):
			t.Errorf("a message to %q is answered from %q", to, e.From)
		}
	}
}

// prepared is what stringprep (RFC 3920), which the servers still use, makes
// of an address on its way to the bot.
var prepared = strings.NewReplacer("\u200d", "", "\ufe0f", "", "ß", "ss", "ς", "σ")

// whatIsNoCommandIsNeverExecuted sends the same command in every disguise. The
// hostile component can send what a server lets no account say.
func whatIsNoCommandIsNeverExecuted(ctx context.Context, t *testing.T, s *place) {
	r := up(ctx, t, s)
	comp := s.evil(ctx, t)
	const body = "<body>count disguised</body>"
	inner := "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='chat' from='john@chat.local/x' to='" +
		mainJID + "'>" + body + "</message></forwarded>"
	for i, m := range []string{
		"<message type='error' id='%' to='%to' from='%from'>" + body + "</message>",
		"<message type='headline' id='%' to='%to' from='%from'>" + body + "</message>",
		"<message type='groupchat' id='%' to='%to' from='%from/nick'>" + body + "</message>",
		"<message type='chat' id='%' to='%to' from='%from'>" + body + "<delay xmlns='urn:xmpp:delay' stamp='2026-11-01T09:00:00Z'/></message>",
		"<message type='chat' id='%' to='%to' from='%from'>" + body + "<x xmlns='jabber:x:delay' stamp='20261101T09:00:00'/></message>",
		"<message id='%' to='%to' from='%from'>" + body + "<result xmlns='urn:xmpp:mam:2' id='1'>" + inner + "</result></message>",
		"<message id='%' to='%to' from='%from'>" + body + "<received xmlns='urn:xmpp:carbons:2'>" + inner + "</received></message>",
		"<message id='%' to='%to' from='%from'>" + body + "<sent xmlns='urn:xmpp:carbons:2'>" + inner + "</sent></message>",
		"<message id='%' to='%to' from='%from'>" + inner + "</message>",
		"<message id='%' to='%to' from='%from'><subject>count disguised</subject></message>",
		"<message id='%' to='%to' from='%from'><body xmlns='urn:other'>count disguised</body></message>",
		"<message id='%' to='%to' from='%from'>count disguised</message>",
		"<message id='%' to='%to' from='%from'>" + body + "<x xmlns='jabber:x:conference' jid='x@rooms.chat.local'/></message>",
		"<presence to='%to' from='%from'><status>count disguised</status></presence>",
	} {
		comp.raw(fill(m, i, mainJID))
	}
	comp.settle()
	if n := r.calls.of("disguised"); n != 0 {
		t.Errorf("executed %d times", n)
	}
	for _, e := range comp.Received(messages(mainJID)) {
		t.Errorf("answered: %s", e.XML)
	}
}

func peopleAddTheBot(ctx context.Context, t *testing.T, s *place) {
	const sms = "555@" + botDomain
	r := up(ctx, t, s)
	john := s.login(ctx, t, "john")
	for _, to := range []string{mainJID, sms} {
		check(t, john.Presence(ctx, to, "subscribe"))
		john.expect("subscribed", presence(to, "subscribed"))
		john.expect("presence", presence(to+"/dragoman", ""))
	}
	check(t, john.Presence(ctx, mainJID, "probe")) // servers keep a client's own to themselves
	comp := s.evil(ctx, t)
	comp.raw("<presence type='probe' from='bot@" + evilDomain + "' to='" + sms + "'/>")
	comp.expect("the answer to a probe", presence(sms+"/dragoman", ""))

	// Who is stopped says so, and who comes back too.
	r.stop()
	for _, from := range []string{mainJID, sms} {
		john.expect("the good-bye", presence(from+"/dragoman", "unavailable"))
	}
	r = up(ctx, t, s, withBook(r.book))
	for _, from := range []string{mainJID, sms} {
		john.expect("presence after the restart", presence(from+"/dragoman", ""))
	}

	// To refuse the bot one's own presence is not to give up the bot's.
	comp.raw("<presence type='subscribe' from='bot@" + evilDomain + "' to='" + mainJID + "'/>")
	comp.expect("subscribed", presence(mainJID, "subscribed"))
	comp.raw("<presence type='unsubscribed' from='bot@" + evilDomain + "' to='" + mainJID + "'/>")
	comp.settle()
	if list, _ := r.book.List(ctx, "contact", mainJID); len(list) != 2 {
		t.Errorf("the contacts are %q, want John and the component", list)
	}

	check(t, john.Presence(ctx, mainJID, "unsubscribe"))
	john.settle()
	john.Received(func(e counterpart.Event) bool { return e.Kind == "presence" })
	r.stop()
	john.expect("the good-bye of the other address", presence(sms+"/dragoman", "unavailable"))
	up(ctx, t, s, withBook(r.book))
	john.expect("presence after the restart", presence(sms+"/dragoman", ""))
	john.nothing("somebody who left is still told", presence(mainJID+"/dragoman", ""))
}
