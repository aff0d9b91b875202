package xmpp_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/internal/counterpart"
)

// What the fence stands on: two full JIDs of one bare JID may sit under one nick,
// nobody sees the first go, and what it says after that gets nowhere.
func TestARoomTakesNothingFromAFormerSeat(t *testing.T) {
	onEveryPlace(t, func(ctx context.Context, t *testing.T, s *place) {
		room := s.Room("seats")
		mary := s.login(ctx, t, "mary")
		mary.join(room, "Mary")
		comp := s.evil(ctx, t)
		from := "bot@" + evilDomain
		join := func(seat string) string {
			return "<presence from='" + from + "/" + seat + "' to='" + room + "/Bot'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
		}
		say := func(seat, id string) string {
			return "<message type='groupchat' id='" + id + "' from='" + from + "/" + seat + "' to='" + room + "'><body>" + id + "</body></message>"
		}
		comp.raw(join("a"))
		mary.sees(room, "Bot", "")
		comp.raw(say("a", "one"))
		comp.raw(join("b"))
		comp.raw("<presence type='unavailable' from='" + from + "/a' to='" + room + "/Bot'/>")
		comp.raw(say("a", "late"))
		comp.raw(say("b", "two"))
		mary.hears(room+"/Bot", "one")
		mary.hears(room+"/Bot", "two")
		comp.expect("the refusal", func(e counterpart.Event) bool { return e.ID == "late" && e.Type == "error" })
		if n := len(mary.Received(messages(room + "/Bot"))); n != 0 {
			t.Errorf("%d messages too many", n)
		}
		for _, e := range mary.Received(presence(room+"/Bot", "unavailable")) {
			t.Errorf("the nick was seen to go: %s", e.XML)
		}
	})
}

// A server may go on with a connection that was stuck although there is another
// one by now: a message that was sent again meanwhile must not come out of it.
func TestAStreamThatComesBackToLifeAddsNothing(t *testing.T) {
	for name, hurt := range map[string]func(*counterpart.FakeLine){
		"it still gets a share": func(l *counterpart.FakeLine) { l.Blackhole() },
		"it gets nothing": func(l *counterpart.FakeLine) {
			l.Blackhole()
			l.HalfClose()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			s := fakePlace(t, "ejabberd")
			room := s.Room("ops")
			c := prepare(ctx, t, s, inRooms(room))
			c.Impatient()
			c.start(deaf{})
			c.awaitOpened(room)
			line := s.line(botDomain)
			c.deliver(ctx, []bot.Outgoing{inRoom(room, "0", "before")}, func() {})
			hurt(line)
			var healing *time.Timer
			c.deliver(ctx, []bot.Outgoing{inRoom(room, "1", "once")}, func() {
				if healing == nil { // as long as there is a split, nothing is sent again
					healing = time.AfterFunc(3*time.Second, line.Heal)
				}
			})
			if healing.Stop() {
				line.Heal()
			}
			c.deliver(ctx, []bot.Outgoing{inRoom(room, "2", "after")}, func() {})
			time.Sleep(100 * time.Millisecond) // for what could come late
			var kept []string
			for _, e := range s.archive(room) {
				kept = append(kept, e.ID)
			}
			if want := []string{"0", "1", "2"}; !slices.Equal(kept, want) {
				t.Errorf("the room has %q, want %q", kept, want)
			}
		})
	}
}
