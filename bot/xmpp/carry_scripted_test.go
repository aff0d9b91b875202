package xmpp_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/bot"
	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
)

const (
	johnJID = "john@chat.local"
	opsRoom = "ops@rooms.chat.local"
	opsSeat = opsRoom + "/dragoman"
)

// courier is a Transport in a bubble, whose server the test plays.
type courier struct {
	*testing.T
	*xmpp.Transport
}

// carryScripted runs test in a bubble, beside a transport on a scripted server.
func carryScripted(t *testing.T, in bot.Inbox, test func(w courier, c *scripted), change ...func(*xmpp.Config)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		t.Helper()
		c := script(t)
		carryOn(t, c, in, func(w courier) { test(w, c) }, change...)
	})
}

// carryOn is carryScripted on a connector of the bubble that it runs in.
func carryOn(t *testing.T, c xmpp.Connector, in bot.Inbox, test func(w courier), change ...func(*xmpp.Config)) {
	t.Helper()
	cfg := xmpp.Config{Main: stream.MustParse(mainJID), WholeDomain: true, Connector: c, Nick: "dragoman"}
	for _, f := range change {
		f(&cfg)
	}
	wire := xmpp.New(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if err := wire.Run(ctx, in); err != nil {
			t.Error(err)
		}
	}()
	defer func() { cancel(); <-gone }()
	check(t, wire.Await(ctx))
	test(courier{t, wire})
}

// asAccount makes it an ordinary account.
func asAccount(c *xmpp.Config) { c.WholeDomain = false }

func inOps(c *xmpp.Config) { c.Rooms = []stream.JID{stream.MustParse(opsRoom)} }

// carryClogged is carryScripted on a server that takes nothing at first.
func carryClogged(t *testing.T, test func(w courier, c *clogged)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := &clogged{scripted: script(t), breaks: make(chan struct{})}
		carryOn(t, c, deaf{}, func(w courier) { test(w, c) })
	})
}

func withPrefix(c *xmpp.Config) { c.Prefix = "!" }

// carry carries in the background.
func (c courier) carry(ctx context.Context, batch ...bot.Outgoing) <-chan []bot.Fate {
	fates := make(chan []bot.Fate, 1)
	go func() { fates <- c.Carry(ctx, batch) }()
	return fates
}

// ended checks the fates, and returns them.
func (c courier) ended(fates <-chan []bot.Fate, want ...bot.FateState) []bot.Fate {
	c.Helper()
	got := <-fates
	for i, f := range got {
		if f.State != want[i] {
			c.Errorf("message %d is %s (%v), want %s", i, fateName(f.State), f.Err, fateName(want[i]))
		}
	}
	return got
}

// next is the next stanza of a kind.
func (s *server) next(local string) *stream.Element {
	s.Helper()
	for e := range s.got {
		if e.Local == local {
			return e
		}
	}
	s.Fatalf("the bot hung up before it sent a %s", local)
	return nil
}

// answers an IQ with a result, or the error of a condition.
func (s *server) answers(iq *stream.Element, kind, condition string) {
	r := stream.ResultReply(iq)
	if condition != "" {
		r = stream.ErrorReply(iq, stream.StanzaError{Type: kind, Condition: condition})
	}
	s.out <- r.AppendXML(nil, stream.NSComponent)
}

// bounces a message, and whatever else is given after it in the same breath.
func (s *server) bounces(m *stream.Element, kind, condition string, then ...*stream.Element) {
	b := stream.ErrorReply(m, stream.StanzaError{Type: kind, Condition: condition}).AppendXML(nil, stream.NSComponent)
	for _, e := range then {
		b = e.AppendXML(b, stream.NSComponent)
	}
	s.out <- b
}

// repeats a message as a room does, to us.
func (s *server) repeats(m *stream.Element, nick string) {
	e := *m
	e.Attrs = nil
	e.SetAttr("type", "groupchat").SetAttr("id", m.Attr("id")).SetAttr("from", opsRoom+"/"+nick).SetAttr("to", m.Attr("from"))
	s.out <- e.AppendXML(nil, stream.NSComponent)
}

func TestABounceComesBeforeTheBarrier(t *testing.T) {
	for _, test := range []struct {
		kind, condition string
		want            bot.FateState
	}{
		{"wait", "remote-server-timeout", bot.Returned}, {"cancel", "remote-server-not-found", bot.Returned},
		{"wait", "resource-constraint", bot.Returned}, {"wait", "internal-server-error", bot.Returned},
		{"cancel", "service-unavailable", bot.Refused}, {"wait", "recipient-unavailable", bot.Refused},
		{"cancel", "gone", bot.Refused}, {"cancel", "item-not-found", bot.Refused}, {"auth", "forbidden", bot.Refused},
		{"modify", "not-acceptable", bot.Refused}, {"cancel", "undefined-condition", bot.Refused}, {"modify", "policy-violation", bot.Refused},
	} {
		carryScripted(t, deaf{}, func(w courier, c *scripted) {
			s := <-c.links
			fates := w.carry(w.Context(), direct(johnJID, "1", "one"), direct(johnJID, "2", "two"), direct(johnJID, "3", "three"))
			s.next("message")
			m := s.next("message")
			s.next("message")
			ping := s.next("iq")
			if ping.Attr("to") != johnJID || ping.Child("urn:xmpp:ping", "ping") == nil {
				t.Fatalf("behind the batch comes %s", ping)
			}
			s.bounces(m, test.kind, test.condition, stream.ErrorReply(ping, stream.StanzaError{Condition: "service-unavailable"}))
			w.ended(fates, bot.Arrived, test.want, bot.Arrived)
		})
	}
}

func TestWhatIsNoAcknowledgement(t *testing.T) {
	for name, test := range map[string]struct {
		say  func(s *server, m, ping *stream.Element)
		want bot.FateState
	}{
		"the barrier came back from on the way": {func(s *server, _, ping *stream.Element) {
			s.answers(ping, "wait", "remote-server-timeout")
		}, bot.InDoubt},
		"the barrier is not answered": {func(*server, *stream.Element, *stream.Element) {}, bot.InDoubt},
		"a receipt by somebody else": {func(s *server, m, _ *stream.Element) {
			s.say("<message from='evil@chat.local' to='" + mainJID + "'><received xmlns='urn:xmpp:receipts' id='" + m.Attr("id") + "'/></message>")
		}, bot.InDoubt},
		"an error by somebody else": {func(s *server, m, _ *stream.Element) {
			other := *m
			other.Attrs = nil
			s.bounces(other.SetAttr("id", m.Attr("id")).SetAttr("to", "evil@chat.local").SetAttr("from", mainJID), "cancel", "gone")
		}, bot.InDoubt},
		"a receipt by the receiver is one": {func(s *server, m, _ *stream.Element) {
			s.say("<message from='" + johnJID + "' to='" + mainJID + "'><received xmlns='urn:xmpp:receipts' id='" + m.Attr("id") + "'/></message>")
		}, bot.Arrived},
	} {
		t.Run(name, func(t *testing.T) {
			carryScripted(t, deaf{}, func(w courier, c *scripted) {
				s := <-c.links
				fates := w.carry(w.Context(), direct(johnJID, "1", "one"))
				m, ping := s.next("message"), s.next("iq")
				test.say(s, m, ping)
				w.ended(fates, test.want)
			})
		})
	}
}

// What nobody can have got is held, and goes out neither when the stream comes
// back nor when a queue that stood still moves on.
func TestWhatWasNeverWrittenIsHeld(t *testing.T) {
	batch := []bot.Outgoing{direct(johnJID, "1", "one"), direct(johnJID, "2", "two"), parcel(johnJID, "3", "3")}
	t.Run("the stream breaks", func(t *testing.T) {
		carryClogged(t, func(w courier, c *clogged) {
			synctest.Wait() // the canaries stand before the door
			fates, parcels := w.carry(w.Context(), batch[:2]...), w.carry(w.Context(), batch[2])
			synctest.Wait()
			close(c.breaks)
			w.ended(fates, bot.Held, bot.Held)
			w.ended(parcels, bot.Held)
			(<-c.links).silent(time.Second)
		})
	})
	t.Run("time runs out", func(t *testing.T) {
		carryClogged(t, func(w courier, c *clogged) {
			synctest.Wait()
			ctx, cancel := context.WithTimeout(w.Context(), time.Second)
			defer cancel()
			fates, parcels := w.carry(ctx, batch[:2]...), w.carry(ctx, batch[2])
			w.ended(fates, bot.Held, bot.Held)
			w.ended(parcels, bot.Held)
			close(c.breaks)
			(<-c.links).silent(time.Second)
		})
	})
	t.Run("there is no stream", func(t *testing.T) {
		wire := xmpp.New(xmpp.Config{Main: stream.MustParse(mainJID), WholeDomain: true})
		if up, _ := wire.Line(); up {
			t.Error("the line is up before Run")
		}
		for _, out := range batch {
			if f := wire.Carry(t.Context(), []bot.Outgoing{out})[0]; f.State != bot.Held {
				t.Errorf("%s (%v)", fateName(f.State), f.Err)
			}
		}
	})
}

func TestWhatWasWrittenToABrokenStreamIsInDoubtAndNotRepeated(t *testing.T) {
	carryScripted(t, deaf{}, func(w courier, c *scripted) {
		up, changed := w.Line()
		s := <-c.links
		fates := w.carry(w.Context(), direct(johnJID, "1", "one"), direct(johnJID, "2", "two"))
		parcels := w.carry(w.Context(), parcel("there@b.example", "1", "1"))
		for range 4 {
			<-s.got
		}
		_ = s.conn.Close()
		w.ended(fates, bot.InDoubt, bot.InDoubt)
		w.ended(parcels, bot.InDoubt)
		if <-changed; !up {
			t.Error("the line was not up")
		}
		(<-c.links).silent(time.Second)
		if up, _ := w.Line(); !up {
			t.Error("the line is not up again")
		}
	})
}

// Behind what did not get there goes nothing of another kind.
func TestParcelsAndMessagesKeepTheirOrder(t *testing.T) {
	carryScripted(t, deaf{}, func(w courier, c *scripted) {
		s := <-c.links
		fates := w.carry(w.Context(), direct(johnJID, "1", "one"), direct(johnJID, "2", "two"), parcel(johnJID, "3", "3"), direct(johnJID, "4", "four"))
		first := s.next("message")
		s.next("message")
		s.bounces(first, "wait", "resource-constraint")
		s.answers(s.next("iq"), "", "")
		w.ended(fates, bot.Returned, bot.Arrived, bot.Held, bot.Held)
		s.silent(time.Second)
	})
}

func TestTheEndOfTheContextEndsTheWait(t *testing.T) {
	carryScripted(t, deaf{}, func(w courier, c *scripted) {
		s := <-c.links
		s.hears("presence", opsSeat)
		s.say(enter(opsSeat))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		all := []<-chan []bot.Fate{w.carry(ctx, direct(johnJID, "1", "one")), w.carry(ctx, inRoom(opsRoom, "1", "one")), w.carry(ctx, parcel(johnJID, "1", "1"))}
		for _, fates := range all {
			f := w.ended(fates, bot.InDoubt)[0]
			if !errors.Is(f.Err, context.DeadlineExceeded) {
				t.Errorf("the reason is %v", f.Err)
			}
		}
	}, inOps)
}

// An account's stream that is resumed carries on with what was written to the
// broken one; on another stream only what the server said that it has not got.
func TestAResumedStreamGoesOnWithTheBatch(t *testing.T) {
	for name, test := range map[string]struct {
		resumed  bool
		replayed int // how many of the two the next stream begins with
		pings    bool
		want     []bot.FateState
	}{
		"resumed":                  {true, 0, true, []bot.FateState{bot.Arrived, bot.Arrived}},
		"resumed with a replay":    {true, 1, true, []bot.FateState{bot.Arrived, bot.Arrived}},
		"another stream":           {false, 0, false, []bot.FateState{bot.InDoubt, bot.InDoubt}},
		"another, and half is not": {false, 1, true, []bot.FateState{bot.InDoubt, bot.Arrived}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := script(t)
				c.resumed = test.resumed
				var wrote []*stream.Element
				c.wrote = func(e *stream.Element) {
					if e.Local == "message" && len(wrote) < 2 {
						wrote = append(wrote, e)
						c.replay = wrote[max(0, len(wrote)-test.replayed):]
					}
				}
				carryOn(t, c, deaf{}, func(w courier) {
					s := <-c.links
					fates := w.carry(w.Context(), direct(johnJID, "1", "one"), direct(johnJID, "2", "two"))
					s.next("message")
					s.next("message")
					s.next("iq")
					_ = s.conn.Close()
					s = <-c.links
					for range test.replayed {
						if m := s.next("message"); m.Attr("id") != "2" {
							t.Errorf("replay of %s", m)
						}
					}
					if test.pings {
						s.answers(s.next("iq"), "", "")
					}
					w.ended(fates, test.want...)
				}, asAccount)
			})
		})
	}
}

func TestOnlyOurOwnEchoCounts(t *testing.T) {
	carryScripted(t, deaf{}, func(w courier, c *scripted) {
		s := <-c.links
		fates := w.carry(w.Context(), inRoom(opsRoom, "0", "zero"))
		w.ended(fates, bot.Held)
		s.hears("presence", opsSeat)
		s.say(enter(opsSeat))
		synctest.Wait()
		fates = w.carry(w.Context(), inRoom(opsRoom, "1", "one"), inRoom(opsRoom, "2", "two"), inRoom(opsRoom, "3", "three"))
		first, second, third := s.next("message"), s.next("message"), s.next("message")
		s.repeats(first, "somebody")
		s.repeats(second, "dragoman")
		third.SetAttr("id", "another") // as some services do; origin-id stays
		s.repeats(third, "dragoman")
		s.answers(s.next("iq"), "", "") // after a time without an echo it asks the room
		w.ended(fates, bot.InDoubt, bot.Arrived, bot.Arrived)
	}, inOps)
}

func TestAKickedBotIsToldByTheRoom(t *testing.T) {
	carryScripted(t, deaf{}, func(w courier, c *scripted) {
		opened := make(chan bot.Address, 10)
		s := <-c.links
		s.hears("presence", opsSeat)
		s.say(enter(opsSeat))
		synctest.Wait()
		fates := w.carry(w.Context(), inRoom(opsRoom, "1", "one"), inRoom(opsRoom, "2", "two"))
		first, second := s.next("message"), s.next("message")
		s.repeats(first, "dragoman")
		s.say("<presence type='unavailable' from='" + opsSeat + "' to='" + mainJID + "/dragoman'/>")
		ping := s.next("iq")
		s.bounces(second, "modify", "not-acceptable", stream.ErrorReply(ping, stream.StanzaError{Condition: "not-acceptable"}))
		w.ended(fates, bot.Arrived, bot.Held)
		close(opened)
	}, inOps)
}

// The archive is asked in pages until all is found, and what it says comes in
// order with the answer.
func TestTheArchiveIsPaged(t *testing.T) {
	carryScripted(t, deaf{}, func(w courier, c *scripted) {
		s := <-c.links
		s.hears("presence", opsSeat)
		s.say(enter(opsSeat))
		synctest.Wait()
		tried := inRoom(opsRoom, "1", "one")
		tried.Tried = time.Now()
		fates := w.carry(w.Context(), tried)
		seat := s.changesSeat()
		info := s.next("iq")
		s.out <- stream.ResultReply(info, stream.New("http://jabber.org/protocol/disco#info", "query",
			stream.New("http://jabber.org/protocol/disco#info", "feature").SetAttr("var", "urn:xmpp:mam:2"))).AppendXML(nil, stream.NSComponent)
		for page := range 3 {
			q := s.next("iq")
			query := q.Child("urn:xmpp:mam:2", "query")
			after := query.Child("http://jabber.org/protocol/rsm", "set").ChildText("http://jabber.org/protocol/rsm", "after")
			if page > 0 && after != fmt.Sprint("a", page-1) {
				t.Errorf("page %d is asked for after %q", page, after)
			}
			id := map[bool]string{true: "1", false: "other"}[page == 2]
			s.say("<message from='" + opsRoom + "' to='" + seat + "'><result xmlns='urn:xmpp:mam:2' queryid='" + query.Attr("queryid") +
				"' id='a" + fmt.Sprint(page) + "'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='groupchat' from='" + opsRoom +
				"/dragoman_' id='" + id + "'><body>one</body></message></forwarded></result></message>" +
				"<iq type='result' id='" + q.Attr("id") + "' from='" + opsRoom + "' to='" + seat + "'><fin xmlns='urn:xmpp:mam:2'>" +
				"<set xmlns='http://jabber.org/protocol/rsm'><last>a" + fmt.Sprint(page) + "</last></set></fin></iq>")
		}
		w.ended(fates, bot.Arrived)
		s.silent(time.Second)
	}, inOps)
}

func TestAStrangeArchiveSettlesNothing(t *testing.T) {
	carryScripted(t, deaf{}, func(w courier, c *scripted) {
		s := <-c.links
		s.hears("presence", opsSeat)
		s.say(enter(opsSeat))
		synctest.Wait()
		tried := inRoom(opsRoom, "1", "one")
		tried.Tried = time.Now()
		fates := w.carry(w.Context(), tried)
		s.changesSeat()
		s.answers(s.next("iq"), "", "") // no features: there is no archive
		join := s.next("presence")
		if h := join.Child("http://jabber.org/protocol/muc", "x").Child("http://jabber.org/protocol/muc", "history"); h.Attr("since") == "" {
			t.Errorf("the history is asked for by %s", join)
		}
		s.say("<message from='" + opsRoom + "/somebody' to='" + mainJID + "' type='groupchat' id='1'><body>x</body><delay xmlns='urn:xmpp:delay' stamp='2026-11-23T10:00:00Z'/></message>" +
			"<message from='" + opsRoom + "' to='" + mainJID + "' type='groupchat'><subject/></message>")
		s.repeats(s.next("message"), "dragoman") // it was somebody else's: ours is sent
		w.ended(fates, bot.Arrived)

		// A room that doesn't answer leaves it where it is.
		again := w.carry(w.Context(), tried)
		w.ended(again, bot.Held)
	}, inOps)
}

// changesSeat lets the bot change its seat in the room, as it does before it asks
// about what an earlier stream may have taken, and returns the new one.
func (s *server) changesSeat() string {
	s.Helper()
	join, leave := s.next("presence"), s.next("presence")
	seat := join.Attr("from")
	if seat == mainJID+"/dragoman" || join.Attr("type") != "" || join.Attr("to") != opsSeat {
		s.Errorf("the new seat is taken by %s", join)
	}
	if leave.Attr("from") != mainJID+"/dragoman" || leave.Attr("type") != "unavailable" || leave.Attr("to") != opsSeat {
		s.Errorf("the former seat is given up by %s", leave)
	}
	s.say(strings.ReplaceAll(enter(opsSeat), mainJID+"/dragoman", seat))
	return seat
}

// What a room says to a seat that the bot has given up is not for it, and a room
// that doesn't know of that is told again.
func TestAFormerSeatIsGivenUp(t *testing.T) {
	in := &witness{&calls{by: map[string]int{}}}
	carryScripted(t, in, func(w courier, c *scripted) {
		s := <-c.links
		s.hears("presence", opsSeat)
		s.say(enter(opsSeat))
		synctest.Wait()
		for _, stanza := range []string{
			"<message from='" + opsRoom + "/somebody' type='groupchat' to='" + mainJID + "/dragoman-OLD'><body>dragoman: ping</body></message>",
			"<presence from='" + opsSeat + "' to='" + mainJID + "/dragoman-OLD'/>",
		} {
			s.say(stanza)
			leave := s.next("presence")
			if leave.Attr("from") != mainJID+"/dragoman-OLD" || leave.Attr("type") != "unavailable" || leave.Attr("to") != opsSeat {
				t.Errorf("%s is answered with %s", stanza, leave)
			}
		}
		s.say("<presence type='unavailable' from='" + opsSeat + "' to='" + mainJID + "/dragoman-OLD'/>")
		s.silent(time.Second)
		if len(in.calls.all()) > 0 {
			t.Error("it was delivered")
		}
		check(t, w.AwaitRoom(w.Context(), opsRoom)) // and nobody was put out
	}, inOps)
}

// tardy is a Settler that says that it is done when told.
type tardy struct{ settled chan func() }

func (tardy) Deliver(*bot.Message) error { return errors.New("not like this") }

func (in tardy) DeliverThen(m *bot.Message, settled func()) error {
	if m.Text == "busy" {
		return bot.ErrBusy
	}
	in.settled <- settled
	return nil
}

// P1: an account's server is told that a message is done with when the core says
// so, and not before; what the core did not take is done with at once.
func TestAMessageIsDoneWhenTheCoreSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := script(t)
		begun, done := make(chan string, 10), make(chan string, 10)
		c.handling = func(e *stream.Element) func() {
			id := e.Attr("id")
			begun <- id
			return func() { done <- id }
		}
		in := tardy{make(chan func(), 10)}
		carryOn(t, c, in, func(courier) {
			s := <-c.links
			for _, text := range []string{"first", "busy", "second", ""} {
				s.say("<message from='" + johnJID + "' to='" + mainJID + "' id='" + text + "' type='chat'><body>" + text + "</body></message>")
			}
			synctest.Wait()
			if len(begun) != 4 || len(done) != 2 || len(in.settled) != 2 {
				t.Fatalf("%d begun, %d done, %d with the core; want 4, 2 and 2", len(begun), len(done), len(in.settled))
			}
			<-done
			<-done
			first, second := <-in.settled, <-in.settled
			second()
			first()
			if got := <-done + <-done; got != "secondfirst" {
				t.Errorf("done: %s", got)
			}
		}, asAccount)
	})
}
