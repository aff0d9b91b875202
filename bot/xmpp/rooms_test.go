package xmpp_test

import (
	"context"
	"strings"
	"testing"

	"dragoman/internal/counterpart"
)

func aRoomIsAnsweredWhenAddressed(ctx context.Context, t *testing.T, s *place) {
	room := s.Room("addressed")
	mary := s.login(ctx, t, "mary")
	mary.join(room, "Mary")
	mary.sayRoom(room, "dragoman: count history")
	mary.hears(room+"/Mary", "history")

	r := up(ctx, t, s, inRooms(room))
	mary.sees(room, "dragoman", "")
	for i, test := range []struct{ text, want string }{
		{"dragoman: echo a", "a"},
		{"Dragoman, echo b", "b"},
		{"@dragoman echo c", "c"},
		{"!echo d", "d"},
		{"  ! echo e", "e"},
	} {
		id := mary.sayRoom(room, test.text)
		sent := mary.hears(room+"/Mary", strings.TrimSpace(test.text))
		got := mary.expect("answer "+test.want, func(e counterpart.Event) bool { return e.From == room+"/dragoman" && e.Body == test.want })
		if got.Type != "groupchat" || got.ID == "" {
			t.Errorf("%d: %q is answered with %s", i, test.text, got.XML)
		}
		if want := stanzaID(sent, room); want != "" && (got.ReplyID != want || got.ReplyTo != room+"/Mary") {
			t.Errorf("%d: the answer replies to %q of %q, want the room's id %q (the message's own is %q)",
				i, got.ReplyID, got.ReplyTo, want, id)
		}
	}

	// A private message in the room is answered there, and to her alone.
	mary.say(room+"/dragoman", "echo privately")
	got := mary.hears(room+"/dragoman", "privately")
	if got.Type != "chat" || !strings.Contains(got.XML, "muc#user") {
		t.Errorf("a private message is answered with %s", got.XML)
	}

	// A reply to what the bot said is for the bot, without the quotation.
	mary.send(counterpart.Outgoing{To: room, Type: "groupchat", Body: "> a\necho quoted",
		ReplyID: "x", ReplyTo: room + "/dragoman",
		Extra: []string{"<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='4'/></fallback>"}})
	mary.expect("the answer to a reply", func(e counterpart.Event) bool { return e.From == room+"/dragoman" && e.Body == "quoted" })

	// What was said before it came, and what is not for it, it leaves alone.
	for _, text := range []string{
		"echo nobody", "dragomans: echo nobody", "dragoman_: echo nobody", "hello dragoman", "dragoman echo nobody",
		"> dragoman: echo nobody", "@dragomanx echo nobody", "?echo nobody",
	} {
		mary.sayRoom(room, text)
	}
	mary.send(counterpart.Outgoing{To: room, Type: "groupchat", Body: "echo nobody", ReplyID: "x", ReplyTo: room + "/Mary"})
	mary.send(counterpart.Outgoing{To: room, Type: "groupchat", Body: "echo nobody", ReplyID: "x", ReplyTo: "other@rooms.chat.local/dragoman"})
	mary.sayRoom(room, "!echo the end")
	mary.expect("the end", func(e counterpart.Event) bool { return e.From == room+"/dragoman" && e.Body == "the end" })
	for _, e := range mary.Received(messages(room + "/dragoman")) {
		t.Errorf("the bot answered what was not for it: %s", e.XML)
	}
	if n := r.calls.of("history"); n != 0 {
		t.Errorf("a command from the room's history was executed")
	}

	// Its own echo, even when it reads like a command.
	mary.sayRoom(room, "!echo !count echoed")
	mary.expect("its echo", func(e counterpart.Event) bool { return e.From == room+"/dragoman" && e.Body == "!count echoed" })
	mary.settle()
	if n := r.calls.of("echoed"); n != 0 {
		t.Error("the bot executed what it said itself")
	}
}

// stanzaID is the id that the room gave a message.
func stanzaID(e counterpart.Event, room string) string {
	if e.StanzaBy != room {
		return ""
	}
	return e.StanzaID
}

func occupantsAreToldApart(ctx context.Context, t *testing.T, s *place) {
	open, hidden := s.Room("told-apart"), s.Room("hidden")
	mary, john := s.login(ctx, t, "mary"), s.login(ctx, t, "john")
	mary.join(open, "Mary")
	mary.join(hidden, "Mary")
	check(t, mary.ConfigureRoom(ctx, hidden, map[string]string{"muc#roomconfig_whois": "moderators"}))
	up(ctx, t, s, inRooms(open, hidden))
	john.join(open, "Guest")
	john.sees(open, "dragoman", "")
	ask := func(p *person, room string) string {
		t.Helper()
		p.sayRoom(room, "!whoami")
		return p.expect("who", func(e counterpart.Event) bool {
			return e.From == room+"/dragoman" && strings.HasPrefix(e.Body, "account=")
		}).Body
	}
	clear := func(p *person) { p.settle(); p.Received(messages(open)); p.Received(messages(hidden)) }

	// The room shows who they are: another nick is the same person.
	before := ask(john, open)
	if !strings.HasPrefix(before, "account=john@chat.local ") {
		t.Errorf("in an open room John is %q", before)
	}
	clear(mary)
	john.raw("<presence to='" + open + "/Visitor'/>")
	john.sees(open, "Visitor", "")
	if after := ask(john, open); !strings.HasPrefix(after, "account=john@chat.local ") {
		t.Errorf("under another nick John is %q", after)
	}
	clear(mary)
	if mine := ask(mary, open); !strings.Contains(mine, "account=mary@chat.local affiliation=owner") {
		t.Errorf("the owner is %q", mine)
	}

	// The room hides it: who takes a nick that was freed is somebody else.
	clear(john)
	john.join(hidden, "Guest")
	john.sees(hidden, "dragoman", "")
	first := ask(john, hidden)
	if !strings.HasPrefix(first, "account= ") {
		t.Errorf("in a semi-anonymous room John is %q", first)
	}
	if again := ask(john, hidden); again != first {
		t.Errorf("the same stay is %q and then %q", first, again)
	}
	john.raw("<presence type='unavailable' to='" + hidden + "/Guest'/>")
	john.sees(hidden, "Guest", "unavailable")
	john.join(hidden, "Guest")
	john.sees(hidden, "dragoman", "")
	if second := ask(john, hidden); second == first {
		t.Errorf("who took the freed nick is taken for the one before: %q", second)
	}
}

func theSeat(ctx context.Context, t *testing.T, s *place) {
	taken, kicked, banned, destroyed := s.Room("taken"), s.Room("kicked"), s.Room("banned"), s.Room("destroyed")
	mary, john := s.login(ctx, t, "mary"), s.login(ctx, t, "john")
	for _, room := range []string{kicked, banned, destroyed} {
		mary.join(room, "Mary")
	}
	mary.join(taken, "dragoman")
	r := up(ctx, t, s, inRooms(taken, kicked, banned, destroyed))

	// Somebody else has the nick: it comes as dragoman_ and answers to that.
	mary.sees(taken, "dragoman_", "")
	mary.sayRoom(taken, "dragoman_: echo here")
	mary.hears(taken+"/dragoman_", "here")
	mary.sayRoom(taken, "dragoman: count to the other one")
	mary.sayRoom(taken, "dragoman_: echo still")
	mary.hears(taken+"/dragoman_", "still")
	if r.calls.of("to the other one") != 0 {
		t.Error("the bot answers to a nick that is not its own")
	}

	for _, test := range []struct{ room, how, item string }{
		{kicked, "kicked", "<item nick='dragoman' role='none'><reason>too loud</reason></item>"},
		{banned, "banned", "<item jid='" + mainJID + "' affiliation='outcast'><reason>too loud</reason></item>"},
	} {
		mary.sees(test.room, "dragoman", "")
		mary.admin(test.room, test.item)
		mary.sees(test.room, "dragoman", "unavailable")
		r.awaitLogSince(0, "thrown out", test.room, "too loud")
	}
	mary.sees(destroyed, "dragoman", "")
	_, err := mary.IQ(ctx, destroyed, "set", "<query xmlns='http://jabber.org/protocol/muc#owner'><destroy><reason>over</reason></destroy></query>")
	check(t, err)
	r.awaitLogSince(0, "destroyed", destroyed)

	// It stays out: what it sends afterwards to one that it may be in arrives
	// before any return would.
	mary.sayRoom(taken, "dragoman_: echo and now")
	mary.hears(taken+"/dragoman_", "and now")
	for _, room := range []string{kicked, banned, destroyed} {
		for _, e := range mary.Received(presence(room+"/dragoman", "")) {
			t.Errorf("the bot came back: %s", e.XML)
		}
	}
	// An invitation by an administrator ends the exile.
	john.join(kicked, "John")
	check(t, john.Invite(ctx, kicked, mainJID, false))
	mary.sees(kicked, "dragoman", "")
}

func invitations(ctx context.Context, t *testing.T, s *place) {
	ops := s.Room("ops")
	r := up(ctx, t, s, inRooms(ops))
	mary, john := s.login(ctx, t, "mary"), s.login(ctx, t, "john")
	direct, mediated, others := s.Room("invited-directly"), s.Room("invited-by-the-room"), s.Room("not-for-the-bot")
	john.join(direct, "John")
	john.join(mediated, "John")
	mary.join(others, "Mary")

	check(t, mary.Invite(ctx, others, mainJID, false))
	check(t, mary.Invite(ctx, others, mainJID, true))
	check(t, john.Invite(ctx, direct, mainJID, false))
	check(t, john.Invite(ctx, mediated, mainJID, true))
	john.sees(direct, "dragoman", "")
	john.sees(mediated, "dragoman", "")
	r.awaitLogSince(0, "invitation declined", others, "mary@chat.local")

	// The service of a stranger says that John has asked for it.
	comp := s.evil(ctx, t)
	forged := "<message from='trap@" + evilDomain + "%' to='" + mainJID + "'><x xmlns='http://jabber.org/protocol/muc#user'>" +
		"<invite from='john@chat.local'/></x></message>"
	for _, who := range []string{"", "/occupant"} {
		comp.raw(strings.Replace(forged, "%", who, 1))
	}
	r.awaitLogSince(0, "invitation", "ignored", "trap@"+evilDomain)
	comp.nothing("a forged invitation was followed", func(e counterpart.Event) bool { return strings.HasPrefix(e.To, "trap@"+evilDomain) })
	mary.nothing("an invitation by somebody was followed", presence(others+"/dragoman", ""))

	// What an administrator began lasts.
	r.stop()
	for _, room := range []string{direct, mediated} {
		john.sees(room, "dragoman", "unavailable")
	}
	up(ctx, t, s, withBook(r.book))
	for _, room := range []string{direct, mediated} {
		john.sees(room, "dragoman", "")
	}
}
