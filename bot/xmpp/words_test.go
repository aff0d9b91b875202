package xmpp

import (
	"context"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
	"dragoman/internal/clock"
)

func TestWordsThatAddressTheBotAreCut(t *testing.T) {
	for _, test := range []struct {
		text, nick, prefix string
		want               string
		addressed          bool
	}{
		{"dragoman: help", "dragoman", "!", "help", true},
		{"dragoman, help", "dragoman", "!", "help", true},
		{"dragoman:help", "dragoman", "!", "help", true},
		{"DRAGOMAN: help", "dragoman", "!", "help", true},
		{"@dragoman help", "dragoman", "!", "help", true},
		{"@dragoman: help", "dragoman", "!", "help", true},
		{"  @dragoman   help  ", "dragoman", "!", "help", true},
		{"dragoman", "dragoman", "!", "", true},
		{"@dragoman", "dragoman", "!", "", true},
		{"!help", "dragoman", "!", "help", true},
		{"! help", "dragoman", "!", "help", true},
		{"!", "dragoman", "!", "", true},
		{"bot! help", "dragoman", "bot!", "help", true},
		{"!help", "dragoman", "", "!help", false},
		{"help", "dragoman", "", "help", false},
		{"dragoman help", "dragoman", "!", "dragoman help", false},
		{"dragomans: help", "dragoman", "!", "dragomans: help", false},
		{"dragoman_: help", "dragoman", "!", "dragoman_: help", false},
		{"dragoman: help", "dragoman_", "!", "dragoman: help", false},
		{"ask dragoman: help", "dragoman", "!", "ask dragoman: help", false},
		{"Ürsel: help", "ürsel", "!", "help", true},
		{"机器人， help", "机器人", "!", "机器人， help", false},
		{"机器人: help", "机器人", "!", "help", true},
		{"🤖: help", "🤖", "!", "help", true},
		{"🤖\u200d: help", "🤖", "!", "🤖\u200d: help", false},
		{"a.*b: help", "a.*b", "!", "help", true},
		{"axxb: help", "a.*b", "!", "axxb: help", false},
		{": help", "", "!", ": help", false},
		{"anything", "", "!", "anything", false},
		{"", "", "", "", false},
		{"", "dragoman", "!", "", false},
		{"@", "dragoman", "!", "@", false},
		{"d", "dragoman", "!", "d", false},
	} {
		tr := New(Config{Main: stream.MustParse("b@c.example"), Nick: test.nick, Prefix: test.prefix})
		if got, addressed := tr.unaddressed(test.text, test.nick); got != test.want || addressed != test.addressed {
			t.Errorf("%q to %q is %q, %v; want %q, %v", test.text, test.nick, got, addressed, test.want, test.addressed)
		}
	}
}

func TestQuotationsAreTakenOut(t *testing.T) {
	fallback := func(of string, bodies ...stream.Node) *stream.Element {
		return stream.New(nsFallback, "fallback", bodies...).SetAttr("for", of)
	}
	part := func(start, end string) *stream.Element {
		return stream.New(nsFallback, "body").SetAttr("start", start).SetAttr("end", end)
	}
	for _, test := range []struct {
		name, body string
		fallback   *stream.Element
		want       string
	}{
		{"none", "> a\nb", nil, "> a\nb"},
		{"at the beginning", "> a\nb", fallback(nsReply, part("0", "4")), "b"},
		{"at the end", "b\n> a", fallback(nsReply, part("1", "5")), "b"},
		{"counted in characters, not bytes", "> 🤖é\nb", fallback(nsReply, part("0", "5")), "b"},
		{"all", "> a", fallback(nsReply), ""},
		{"all, by an empty part", "> a", fallback(nsReply, part("", "")), ""},
		{"all, by numbers", "> a", fallback(nsReply, part("0", "3")), ""},
		{"all, for something else", "/me retracted a message", fallback("urn:xmpp:message-retract:1"), ""},
		{"a part for something else", "> a\nb", fallback("urn:xmpp:other", part("0", "4")), "> a\nb"},
		{"beyond the end", "ab", fallback(nsReply, part("0", "3")), "ab"},
		{"backwards", "abc", fallback(nsReply, part("2", "1")), "abc"},
		{"negative", "abc", fallback(nsReply, part("-1", "1")), "abc"},
		{"not a number", "abc", fallback(nsReply, part("0", "x")), "abc"},
		{"too big for a number", "abc", fallback(nsReply, part("0", "99999999999999999999")), "abc"},
		{"half", "abc", fallback(nsReply, part("", "1")), "abc"},
	} {
		m := stream.New(stream.NSClient, "message", stream.TextElement(stream.NSClient, "body", test.body))
		if test.fallback != nil {
			m.Append(test.fallback)
		}
		if got := withoutFallback(m); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestOnlyKnownRoomServicesVouchForAnInviter(t *testing.T) {
	for _, test := range []struct {
		main  string
		whole bool
		room  string
		want  bool
	}{
		{"bot@bot.chat.local", true, "a@rooms.chat.local", true},
		{"bot@bot.chat.local", true, "a@known.elsewhere.net", true},
		{"bot@bot.chat.local", true, "a@other.elsewhere.net", false},
		{"bot@bot.chat.local", true, "a@chat.local", false},
		{"bot@bot.chat.local", true, "a@evilchat.local", false},
		{"bot@bot.chat.local", true, "a@rooms.chat.local.evil.net", false},
		{"bot@example.co.uk", true, "a@rooms.evil.co.uk", false},
		{"bot@example.co.uk", true, "a@evil.co.uk", false},
		{"bot@bot.example.co.uk", true, "a@rooms.example.co.uk", true},
		{"bot@example.com", true, "a@evil.com", false},
		{"bot@mycomponent.chat.local", true, "a@evil.local", false},
		{"bot@localhost", true, "a@evil", false},
		{"bot@localhost", true, "a@rooms.localhost", false},
		{"bot@chat.local", false, "a@rooms.chat.local", true},
		{"bot@example.com", false, "a@rooms.example.com", true},
		{"bot@example.com", false, "a@evil.com", false},
		{"bot@localhost", false, "a@rooms.localhost", true},
	} {
		tr := New(Config{Main: stream.MustParse(test.main), WholeDomain: test.whole, Nick: "bot"})
		tr.rooms.want(stream.MustParse("ops@known.elsewhere.net"), "")
		if got := tr.vouches(stream.MustParse(test.room)); got != test.want {
			t.Errorf("%s, whole domain %v: %s is trusted: %v, want %v", test.main, test.whole, test.room, got, test.want)
		}
	}
}

func TestAnOccupantDoesNotInviteInTheNameOfTheRoom(t *testing.T) {
	asked := 0
	tr := New(Config{Main: stream.MustParse("bot@bot.chat.local"), WholeDomain: true, Nick: "bot",
		MayInvite: func(context.Context, bot.Address) bool { asked++; return true }})
	tr.rooms.want(stream.MustParse("ops@rooms.chat.local"), "")
	for _, test := range []struct {
		from string
		want int
	}{{"ops@rooms.chat.local/mallory", 0}, {"other@rooms.chat.local", 1}} {
		from := stream.MustParse(test.from)
		e := stream.New(stream.NSClient, "message", stream.New(nsMUCUser, "x",
			stream.New(nsMUCUser, "invite").SetAttr("from", "john@chat.local")))
		if !tr.onInvitation(t.Context(), e, from) {
			t.Errorf("from %s: not taken for an invitation", from)
		}
		if asked != test.want {
			t.Errorf("from %s: John's invitation was considered %d times, want %d", from, asked, test.want)
		}
	}
}

func TestTheWaitDoublesToItsLimit(t *testing.T) {
	b := backoff{first: 200 * time.Millisecond, last: 5 * time.Second}
	for range 3 {
		limit := 200 * time.Millisecond
		for i := range 100 {
			if d := b.next(); d < limit/2 || d >= limit {
				t.Fatalf("wait %d is %v, want at least %v and less than %v", i, d, limit/2, limit)
			}
			limit = min(2*limit, 5*time.Second)
		}
		b.reset()
	}
}

func TestEntityTimeIsInTheConfiguredZone(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	x := New(Config{Main: stream.MustParse("bot@mycomponent.chat.local"), WholeDomain: true,
		Zone: time.FixedZone("", 2*3600), Clock: clock.NewFake(now)})
	ask := stream.New(nsTime, "time")
	got, _ := x.service(stream.New(stream.NSClient, "iq", ask), ask)
	if tzo, utc := got.ChildText(nsTime, "tzo"), got.ChildText(nsTime, "utc"); tzo != "+02:00" || utc != "2026-07-01T12:00:00Z" {
		t.Errorf("tzo %q, utc %q", tzo, utc)
	}
}

// A room service that the configuration does not name could call anybody an
// administrator.
func TestOnlyConfiguredServicesSayWhoPeopleAre(t *testing.T) {
	tr := New(Config{Main: stream.MustParse("bot@bot.chat.local"), WholeDomain: true, Nick: "bot",
		Rooms: []stream.JID{stream.MustParse("ops@rooms.chat.local")}})
	item := stream.New(nsMUCUser, "item").SetAttr("jid", "john@chat.local/phone")
	for room, want := range map[string]bot.Address{
		"ops@rooms.chat.local":   "john@chat.local",
		"other@rooms.chat.local": "john@chat.local",
		"ops@evil.chat.local":    "",
		"ops@rooms.elsewhere":    "",
	} {
		r := tr.rooms.want(stream.MustParse(room), "")
		r.present("John", item)
		if got := r.person("John").Account; got != want {
			t.Errorf("in %s John is %q, want %q", room, got, want)
		}
	}
}
