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
	"dragoman/bot/xmpp/stream"
)

func TestParcelsGoInAWindowAndNameTheOneBefore(t *testing.T) {
	carryScripted(t, deaf{}, func(w courier, c *scripted) {
		s := <-c.links
		ids := numbered("p", 200)
		var batch []bot.Outgoing
		for _, id := range ids {
			batch = append(batch, parcel("there@b.example", id, "1"))
		}
		fates := w.carry(w.Context(), batch...)
		synctest.Wait()
		flying := len(s.got)
		if flying < 8 || flying > 100 {
			t.Errorf("%d parcels are under way without an answer", flying)
		}
		for i := range 100 + flying {
			iq := s.next("iq")
			p := iq.Child("urn:dragoman:parcel:1", "parcel")
			before := ""
			if i > 0 {
				before = ids[i-1]
			}
			if iq.Attr("type") != "set" || p.Attr("id") != ids[i] || p.Attr("kind") != "test" || p.Attr("after") != before ||
				p.ChildText("urn:xmpp:json:0", "json") != "1" {
				t.Fatalf("parcel %d is %s", i, iq)
			}
			if i == 100 {
				s.answers(iq, "wait", "resource-constraint")
			} else {
				s.answers(iq, "", "") // also behind it, by a receiver that doesn't look at the order
			}
			synctest.Wait()
		}
		for i, f := range <-fates {
			want := bot.Arrived
			switch {
			case i == 100:
				want = bot.Returned
			case i >= 100+flying:
				want = bot.Held
			}
			if f.State != want {
				t.Errorf("parcel %d is %s (%v), want %s", i, fateName(f.State), f.Err, fateName(want))
			}
		}
		s.silent(time.Second)
	})
}

func TestParcelErrors(t *testing.T) {
	for condition, want := range map[string]bot.FateState{
		"remote-server-not-found": bot.Returned, "remote-server-timeout": bot.Returned, "service-unavailable": bot.Returned,
		"recipient-unavailable": bot.Returned, "feature-not-implemented": bot.Refused, "bad-request": bot.Refused,
		"not-allowed": bot.Refused, "forbidden": bot.Refused, "no answer": bot.Returned,
	} {
		carryScripted(t, deaf{}, func(w courier, c *scripted) {
			s := <-c.links
			fates := w.carry(w.Context(), parcel("there@b.example", "1", "1"))
			if iq := s.next("iq"); condition != "no answer" {
				s.answers(iq, "cancel", condition)
			}
			w.ended(fates, want)
		})
	}
}

// slowDepot takes a parcel when told.
type slowDepot struct {
	deaf
	take chan error
	got  chan string
}

func (d *slowDepot) Accept(_ context.Context, p *bot.Parcel) error {
	d.got <- p.ID
	return <-d.take
}

func TestParcelsAreTakenInOrderAndPushedBack(t *testing.T) {
	in := new(slowDepot)
	send := func(s *server, id, after string) {
		s.say("<iq type='set' id='i" + id + "' from='a@b.example/x' to='" + mainJID + "'><parcel xmlns='urn:dragoman:parcel:1' id='" + id +
			"' kind='k' after='" + after + "'><json xmlns='urn:xmpp:json:0'>1</json></parcel></iq>")
	}
	answer := func(s *server, id, want string) {
		t.Helper()
		iq := s.next("iq")
		got := iq.Attr("type")
		if se := stream.ParseStanzaError(iq); se != nil {
			got = se.Type + " " + se.Condition
		}
		if iq.Attr("id") != "i"+id || got != want {
			t.Errorf("parcel %s is answered with %s, want %s to %s", iq.Attr("id"), got, want, id)
		}
	}
	carryScripted(t, in, func(_ courier, c *scripted) {
		in.take, in.got = make(chan error), make(chan string, 1000) // of this bubble
		s := <-c.links
		send(s, "1", "")
		send(s, "2", "1")
		send(s, "3", "2")
		send(s, "4", "3")
		synctest.Wait()
		if len(in.got) != 1 {
			t.Errorf("%d are being accepted at once", len(in.got))
		}
		in.take <- nil
		answer(s, "1", "result")
		in.take <- errors.New("the database is busy at " + "10.0.0.1")
		answer(s, "2", "wait resource-constraint")
		answer(s, "3", "wait resource-constraint") // without being looked at
		answer(s, "4", "wait resource-constraint")
		send(s, "2", "")
		in.take <- nil
		answer(s, "2", "result")
		send(s, "3", "2")
		in.take <- bot.ErrNoReceiver
		answer(s, "3", "cancel feature-not-implemented")
		send(s, "4", "3")
		in.take <- nil
		answer(s, "4", "result")

		// Another sender is not kept waiting, and too many are pushed back.
		send(s, "5", "")
		s.say("<iq type='set' id='ix' from='other@b.example' to='" + mainJID + "'><parcel xmlns='urn:dragoman:parcel:1' id='x' kind='k'><json xmlns='urn:xmpp:json:0'>1</json></parcel></iq>")
		in.take <- nil
		in.take <- nil
		s.next("iq")
		s.next("iq")
		for i := range 200 {
			send(s, fmt.Sprint("f", i), "")
		}
		synctest.Wait()
		refused := len(s.got)
		if refused < 10 || refused > 150 {
			t.Errorf("%d of 200 are pushed back", refused)
		}
		for range refused {
			if se := stream.ParseStanzaError(s.next("iq")); se == nil || se.Type != "wait" {
				t.Errorf("pushed back with %v", se)
			}
		}
		for range 200 - refused {
			in.take <- nil
			s.next("iq")
		}
	})
}

func TestWhatIsNoParcelIsRefused(t *testing.T) {
	for _, payload := range []string{
		"<parcel xmlns='urn:dragoman:parcel:1' id='1' kind='k'/>",
		"<parcel xmlns='urn:dragoman:parcel:1' id='1' kind='k'><json xmlns='urn:xmpp:json:0'>{</json></parcel>",
		"<parcel xmlns='urn:dragoman:parcel:1' id='' kind='k'><json xmlns='urn:xmpp:json:0'>1</json></parcel>",
		"<parcel xmlns='urn:dragoman:parcel:1' id='1'><json xmlns='urn:xmpp:json:0'>1</json></parcel>",
		"<parcel xmlns='urn:dragoman:parcel:1' id='" + strings.Repeat("x", 300) + "' kind='k'><json xmlns='urn:xmpp:json:0'>1</json></parcel>",
	} {
		for name, in := range map[string]bot.Inbox{"bad-request": newDepot(), "feature-not-implemented": deaf{}} {
			carryScripted(t, in, func(w courier, c *scripted) {
				s := <-c.links
				s.say("<iq type='set' id='1' from='a@b.example' to='" + mainJID + "'>" + payload + "</iq>")
				if se := stream.ParseStanzaError(s.next("iq")); se == nil || se.Condition != name {
					t.Errorf("%s is answered with %v, want %s", payload, se, name)
				}
			})
		}
	}
}
