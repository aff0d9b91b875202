package xmpp_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/internal/counterpart"
)

// TestCourier holds the courier against its contract on the servers: what it
// says of a message is what the far side saw.
func TestCourier(t *testing.T) {
	onEveryPlace(t, func(ctx context.Context, t *testing.T, s *place) {
		for _, test := range []struct {
			name string
			run  func(context.Context, *testing.T, *place)
		}{
			{"a direct message arrives, in order", aDirectMessageArrives},
			{"what comes back is told", whatComesBackIsTold},
			{"a room's echo is the acknowledgement", aRoomsEcho},
			{"what a room has already is not sent again", whatARoomHas},
			{"a room that the bot is not in holds", aRoomThatTheBotIsNotIn},
			{"an occupant is reached in private", anOccupantIsReached},
			{"who asks for receipts is asked for them", whoAsksForReceipts},
			{"an old notice says when it was", anOldNotice},
			{"parcels keep their order and get results", parcelsGetResults},
			{"a parcel that is not accepted holds up those behind it", aGapHoldsUp},
		} {
			t.Run(test.name, func(t *testing.T) { test.run(ctx, t, s) })
		}
	})
}

func aDirectMessageArrives(ctx context.Context, t *testing.T, s *place) {
	john := s.login(ctx, t, "john")
	c := carry(ctx, t, s, deaf{})
	const many = 100
	for _, to := range []string{"john@" + s.Domain, john.JID()} {
		var batch []bot.Outgoing
		for i := range many {
			batch = append(batch, direct(to, fmt.Sprint("d", i), fmt.Sprint("text ", i)))
		}
		c.wants(bot.Arrived, batch...)
		for i := range many {
			e := john.expect("a message", messages(mainJID))
			if e.ID != fmt.Sprint("d", i) || e.Body != fmt.Sprint("text ", i) {
				t.Fatalf("to %s: message %d is %s", to, i, e.XML)
			}
		}
	}
	// Who is away gets it later: the server has it.
	c.wants(bot.Arrived, direct("mary@"+s.Domain, "offline", "for later"))
	s.login(ctx, t, "mary").expect("what was kept", func(e counterpart.Event) bool { return e.ID == "offline" })
	// A component of somebody else.
	comp := s.evil(ctx, t)
	c.wants(bot.Arrived, direct("somebody@"+evilDomain, "e", "hello"), direct("somebody@"+evilDomain, "f", "again"))
	comp.hears(mainJID, "hello")
	comp.hears(mainJID, "again")
}

func whatComesBackIsTold(ctx context.Context, t *testing.T, s *place) {
	c := carry(ctx, t, s, deaf{})
	elsewhere := bot.Returned
	if s.Kind == "prosody" { // here it knows that it may not look beyond itself
		elsewhere = bot.Refused
	}
	for _, test := range []struct {
		to   string
		want bot.FateState
	}{
		{"nobody@" + s.Domain, bot.Refused},
		{"somebody@" + evilDomain, bot.Returned}, // a component that is away
		{"somebody@elsewhere.example", elsewhere},
		{"nobody@" + s.RoomsDomain + "/nick", bot.Refused},
		{"@" + s.Domain, bot.Refused},
		{"", bot.Refused},
	} {
		f := c.wants(test.want, direct(test.to, "b", "hello"))[0]
		t.Logf("%s: %v", test.to, f.Err)
	}
	c.wants(bot.Returned, parcel("somebody@"+evilDomain, "p", "1"))
	c.wants(bot.Arrived, direct("john@"+s.Domain, "b", "the same id does no harm"))
}

func aRoomsEcho(ctx context.Context, t *testing.T, s *place) {
	room := s.Room("echo")
	mary := s.login(ctx, t, "mary")
	mary.join(room, "Mary")
	c := carry(ctx, t, s, deaf{}, inRooms(room))
	c.awaitOpened(room)
	const many = 50
	var batch []bot.Outgoing
	for i := range many {
		batch = append(batch, inRoom(room, fmt.Sprint("r", i), fmt.Sprint("text ", i)))
	}
	c.wants(bot.Arrived, batch...)
	for i := range many {
		if e := mary.expect("a message", messages(room+"/dragoman")); e.ID != fmt.Sprint("r", i) {
			t.Fatalf("message %d is %s", i, e.XML)
		}
	}
}

func whatARoomHas(ctx context.Context, t *testing.T, s *place) {
	archived, plain := s.Room("archived"), s.Room("plain")
	mary := s.login(ctx, t, "mary")
	mary.join(archived, "Mary")
	mary.join(plain, "Mary")
	archiving := "muc#roomconfig_enablearchiving"
	if s.Kind == "ejabberd" {
		archiving = "mam"
	}
	check(t, mary.ConfigureRoom(ctx, plain, map[string]string{archiving: "0"}))
	c := carry(ctx, t, s, deaf{}, inRooms(archived, plain))
	c.awaitOpened(archived, plain)
	for _, room := range []string{archived, plain} {
		for i := range 130 { // more than a page of the archive
			mary.sayRoom(room, fmt.Sprint("talk ", i))
		}
		mary.hears(room+"/Mary", "talk 129")
		began := time.Now()
		c.wants(bot.Arrived, inRoom(room, "there", "said once"), inRoom(room, "there2", "said once"))
		// Somebody else's message of that id is not ours.
		mary.send(counterpart.Outgoing{To: room, Type: "groupchat", ID: "missing", Body: "forged"})
		mary.hears(room+"/Mary", "forged")
		batch := []bot.Outgoing{inRoom(room, "there", "said twice"), inRoom(room, "missing", "said late"), inRoom(room, "there2", "said twice"), inRoom(room, "new", "said anew")}
		for i := range 3 {
			batch[i].Tried = began
		}
		c.wants(bot.Arrived, batch...)
		mary.hears(room+"/dragoman", "said anew")
		var got []string
		for _, e := range mary.Received(messages(room + "/dragoman")) {
			got = append(got, e.ID+" "+e.Body)
		}
		if want := []string{"there said once", "there2 said once", "missing said late"}; !slices.Equal(got, want) {
			t.Errorf("%s: the room heard %q, want %q", room, got, want)
		}
	}
}

func aRoomThatTheBotIsNotIn(ctx context.Context, t *testing.T, s *place) {
	room := s.Room("locked")
	mary := s.login(ctx, t, "mary")
	mary.join(room, "Mary")
	mary.admin(room, "<item jid='"+mainJID+"' affiliation='outcast'/>")
	c := carry(ctx, t, s, deaf{}, inRooms(room))
	c.wants(bot.Refused, inRoom(s.Room("unknown"), "x", "hello"))
	c.wants(bot.Held, inRoom(room, "x", "hello"), inRoom(room, "y", "hello"))
	occupant := room + "/Mary"
	c.wants(bot.Held, direct(occupant, "z", "hello"))
	mary.admin(room, "<item jid='"+mainJID+"' affiliation='none'/>")
	c.awaitOpened(occupant)
	c.wants(bot.Arrived, direct(occupant, "z", "hello at last"))
	mary.hears(room+"/dragoman", "hello at last")

	// Thrown out, it is held or refused, but never said to have arrived.
	mary.admin(room, "<item nick='dragoman' role='none'/>")
	mary.sees(room, "dragoman", "unavailable")
	fates := c.Carry(ctx, []bot.Outgoing{inRoom(room, "x", "hello")})
	if st := fates[0].State; st != bot.Held && st != bot.Refused {
		t.Errorf("after a kick: %s (%v)", fateName(st), fates[0].Err)
	}
}

func anOccupantIsReached(ctx context.Context, t *testing.T, s *place) {
	room := s.Room("private")
	mary := s.login(ctx, t, "mary")
	mary.join(room, "Mary")
	c := carry(ctx, t, s, deaf{}, inRooms(room))
	c.awaitOpened(room)
	c.wants(bot.Arrived, direct(room+"/Mary", "p1", "one"), direct(room+"/Mary", "p2", "two"))
	for _, id := range []string{"p1", "p2"} {
		e := mary.expect("a private message", messages(room+"/dragoman"))
		if e.ID != id || e.Type != "chat" || !strings.Contains(e.XML, "muc#user") {
			t.Errorf("private message: %s", e.XML)
		}
	}
	c.wants(bot.Refused, direct(room+"/Nobody", "p3", "three"))
}

func whoAsksForReceipts(ctx context.Context, t *testing.T, s *place) {
	john := s.login(ctx, t, "john")
	in := make(inbox, 10)
	c := carry(ctx, t, s, in)
	c.wants(bot.Arrived, direct(john.JID(), "before", "before"))
	if e := john.hears(mainJID, "before"); e.WantsReceipt {
		t.Errorf("asked for a receipt without knowing that there will be one: %s", e.XML)
	}
	john.send(counterpart.Outgoing{To: mainJID, Body: "hello", WantReceipt: true})
	<-in
	c.wants(bot.Arrived, direct(john.JID(), "after", "after"))
	if e := john.hears(mainJID, "after"); !e.WantsReceipt {
		t.Errorf("not asked for a receipt: %s", e.XML)
	}
}

// inbox hands on what a transport delivers.
type inbox chan *bot.Message

func (in inbox) Deliver(m *bot.Message) error { in <- m; return nil }

func anOldNotice(ctx context.Context, t *testing.T, s *place) {
	room := s.Room("notices")
	john := s.login(ctx, t, "john")
	john.join(room, "John")
	c := carry(ctx, t, s, deaf{}, inRooms(room))
	c.awaitOpened(room)
	at := time.Now().Add(-time.Hour)
	for _, out := range []bot.Outgoing{direct(john.JID(), "old1", "machine1 has gone down."), inRoom(room, "old2", "machine1 has gone down.")} {
		out.At = at
		c.wants(bot.Arrived, out)
		e := john.expect("the notice", func(e counterpart.Event) bool { return e.ID == out.ID })
		if got, err := time.Parse(time.RFC3339, e.Delay); err != nil || got.Sub(at).Abs() > time.Second {
			t.Errorf("the notice says %q (%v), want %v: %s", e.Delay, err, at, e.XML)
		}
		out.ID, out.At = out.ID+"now", time.Now()
		c.wants(bot.Arrived, out)
		if e := john.expect("the notice", func(e counterpart.Event) bool { return e.ID == out.ID }); e.Delay != "" {
			t.Errorf("a fresh notice says that it is old: %s", e.XML)
		}
	}
}

func parcelsGetResults(ctx context.Context, t *testing.T, s *place) {
	there := newDepot()
	from := carry(ctx, t, s, deaf{})
	carry(ctx, t, s, there, asDomain(evilDomain))
	to := "bot@" + evilDomain
	const many = 1000
	want := numbered("p", many)
	var batch []bot.Outgoing
	for _, id := range want {
		batch = append(batch, parcel(to, id, `{"text":"<&>'\"\ufffe `+"\uFFFE"+`"}`))
	}
	began := time.Now()
	from.wants(bot.Arrived, batch...)
	t.Logf("%d parcels in %v", many, time.Since(began).Round(time.Millisecond))
	if got := there.took(); !slices.Equal(got, want) {
		t.Errorf("%d parcels came, or not in order", len(got))
	}
	// What nobody takes, and what no one could.
	from.wants(bot.Refused, parcel(mainJID, "x", "1"))
	from.wants(bot.Refused, parcel(to, "", "1"))
	from.wants(bot.Refused, parcel(to, "x", "{"))
	from.wants(bot.Refused, parcel(to, "x", `"`+strings.Repeat("x", 200<<10)+`"`))
	from.wants(bot.Refused, parcel(to, "x", `"`+strings.Repeat("&", 100<<10)+`"`))
	from.wants(bot.Arrived, parcel(to, "big", `"`+strings.Repeat("&", 45<<10)+`"`))
}

func aGapHoldsUp(ctx context.Context, t *testing.T, s *place) {
	there := newDepot()
	failures := 0
	there.refuse = func(p *bot.Parcel) error {
		switch {
		case p.Kind == "unknown":
			return bot.ErrNoReceiver
		case p.ID == "p00007" && failures < 3:
			failures++
			return errors.New("the database is busy")
		}
		return nil
	}
	from := carry(ctx, t, s, deaf{})
	carry(ctx, t, s, there, asDomain(evilDomain))
	want := numbered("p", 40)
	var batch []bot.Outgoing
	for _, id := range want {
		batch = append(batch, parcel("bot@"+evilDomain, id, "1"))
	}
	batch[20].Parcel.Kind = "unknown" // which holds up nobody
	want = slices.Delete(want, 20, 21)
	fates := from.Carry(ctx, batch)
	for i, f := range fates {
		if want := map[bool]bot.FateState{true: bot.Arrived, false: bot.Returned}[i < 7]; f.State != want {
			t.Errorf("parcel %d: %s (%v), want %s", i, fateName(f.State), f.Err, fateName(want))
		}
	}
	for range 3 {
		fates = from.Carry(ctx, batch[7:])
	}
	for i, f := range fates {
		if want := map[bool]bot.FateState{true: bot.Refused, false: bot.Arrived}[i == 13]; f.State != want {
			t.Errorf("later parcel %d: %s (%v), want %s", i, fateName(f.State), f.Err, fateName(want))
		}
	}
	if got := there.took(); !slices.Equal(got, want) {
		t.Errorf("the effects are %q", got)
	}
}
