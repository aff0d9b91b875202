package outbox

import (
	"strconv"
	"testing"
	"time"

	"dragoman/bot"
)

func TestTelephoneNumbersAreMasked(t *testing.T) {
	for in, want := range map[bot.Address]string{
		"":                         "",
		"john@chat.local":          "john@chat.local",
		"room2026@rooms.local":     "room2026@rooms.local",
		"555-555-5555@sms.local":   "xxx-xxx-x555@sms.local",
		"+4915112345678@sms.local": "+xxxxxxxxxx678@sms.local",
		"1234567":                  "xxxx567",
	} {
		if got := masked(in); got != want {
			t.Errorf("masked(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestIDsOfParcelsAreDerived(t *testing.T) {
	out := bot.Outgoing{Destination: bot.Destination{Transport: "t", To: "stage"}, Parcel: &bot.Parcel{ID: "7"}}
	a, b := addressed(out), addressed(out)
	if a.ID == "" || a.ID != b.ID || a.Parcel.ID != "7" {
		t.Errorf("got %q and %q for parcel %q", a.ID, b.ID, a.Parcel.ID)
	}
	out.To = "other"
	if c := addressed(out); c.ID == a.ID {
		t.Error("the same parcel to another place has the same id")
	}
	out.ID = "mine"
	if c := addressed(out); c.ID != "mine" || c.Parcel.ID != "7" {
		t.Errorf("got %q for parcel %q", c.ID, c.Parcel.ID)
	}
	out.Parcel.ID = ""
	if c := addressed(out); c.Parcel.ID != "mine" || out.Parcel.ID != "" {
		t.Errorf("got parcel %q, and the caller's is %q", c.Parcel.ID, out.Parcel.ID)
	}
	if a, b := addressed(bot.Outgoing{}), addressed(bot.Outgoing{}); a.ID == "" || a.ID == b.ID {
		t.Errorf("messages without an id have %q and %q", a.ID, b.ID)
	}
}

func TestOpenRepetitions(t *testing.T) {
	first := letter{ID: "a", To: "john", Reply: bot.Say("hello")}
	again := first.repetition()
	if !first.secret() || again.secret() || again.ID == first.ID || again.ID != repetitionID("a") || first.Reply.Text != "hello" {
		t.Errorf("%+v of %+v", again, first)
	}
	for _, l := range []letter{{Room: true}, {Parcel: &bot.Parcel{}}} {
		if l.secret() {
			t.Errorf("%+v", l)
		}
	}
}

func TestPendingIsBoundedAndForgets(t *testing.T) {
	var p pending
	p.init()
	id := strconv.Itoa
	for i := range pendingMax + 10 {
		if got := p.expect(id(i), "g", start); got != (i < pendingMax) {
			t.Fatalf("%d: %v", i, got)
		}
	}
	if p.expect(id(0), "g", start) {
		t.Error("the same twice")
	}
	waiting := p.settled(id(1))
	p.settleBefore(start)
	select {
	case <-waiting:
		t.Error("settled too early")
	default:
	}
	p.settleBefore(start.Add(1))
	<-waiting
	<-p.settled(id(2))
	if len(p.byID)+len(p.groups) != 0 {
		t.Errorf("%d and %d are left", len(p.byID), len(p.groups))
	}
}

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
