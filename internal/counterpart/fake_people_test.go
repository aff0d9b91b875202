package counterpart

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// sees takes the next thing that matches out of what has come.
func sees(t *testing.T, u *FakeUser, what string, match func(Event) bool) Event {
	t.Helper()
	e, err := u.Expect(t.Context(), match)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return e
}

func fromWith(from, kind string, codes ...int) func(Event) bool {
	return func(e Event) bool {
		return e.From == from && e.Type == kind && !slices.ContainsFunc(codes, func(c int) bool { return !slices.Contains(e.Codes, c) })
	}
}

func TestPeopleInARoomRenameWhisperAndInvite(t *testing.T) {
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		john, mary, room := f.Login("john", "desk"), f.Login("mary", "desk"), f.Room("ops")
		phone := f.Login("john", "phone")
		for u, nick := range map[*FakeUser]string{john: "John", mary: "Mary"} {
			_, err := u.Join(t.Context(), room, nick)
			check(t, err)
		}
		_, err := phone.Join(t.Context(), room, "John") // the same person may share a nick
		check(t, err)
		check(t, mary.Presence(t.Context(), room+"/Maria", ""))
		sees(t, john, "the old nick", fromWith(room+"/Mary", "unavailable", 303))
		sees(t, john, "the new nick", fromWith(room+"/Maria", ""))
		sees(t, mary, "her own new nick", fromWith(room+"/Maria", "", 110))

		check(t, mary.Say(room+"/John", "psst"))
		for _, u := range []*FakeUser{john, phone} {
			if e := sees(t, u, "a private message", Says(room+"/Maria", "psst")); e.Type != "chat" || !strings.Contains(e.XML, nsMUCUser) {
				t.Errorf("a private message is %s", e.XML)
			}
		}
		check(t, mary.Ping(t.Context(), room+"/John")) // he answers through the room
		refusedBy(t, mary.Ping(t.Context(), room+"/nobody"), "item-not-found")
		check(t, mary.Invite(t.Context(), room, "bot@"+fakeBot, false)) // nobody there: it comes back
		sees(t, mary, "the bounce", func(e Event) bool { return e.Error == "remote-server-timeout" })
		peer := f.Peer("somebody@peer.example")
		check(t, mary.Invite(t.Context(), room, peer.JID(), true))
		if e := sees(t, peer, "the invitation", func(e Event) bool { return e.Invite == room }); !strings.Contains(e.XML, "from='"+mary.JID()+"'") {
			t.Errorf("the invitation is %s", e.XML)
		}
		check(t, phone.Leave(t.Context(), room, "John"))
		if got := f.Occupants("ops"); !slices.Contains(got, "John") {
			t.Errorf("John went with his phone: %q", got)
		}
		check(t, john.Close())
		sees(t, mary, "his going", fromWith(room+"/John", "unavailable"))
	})
}

func TestModeratorsRule(t *testing.T) {
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		john, mary, room := f.Login("john", "desk"), f.Login("mary", "desk"), f.Room("own")
		admin := func(u *FakeUser, item string) error {
			_, err := u.IQ(t.Context(), room, "set", "<query xmlns='"+nsMUCAdmin+"'>"+item+"</query>")
			return err
		}
		enter := func() {
			t.Helper()
			_, err := john.Join(t.Context(), room, "John")
			check(t, err)
		}
		_, err := mary.Join(t.Context(), room, "Mary")
		check(t, err)
		enter()
		refusedBy(t, admin(john, "<item nick='Mary' role='none'/>"), "forbidden")
		refusedBy(t, admin(mary, "<item nick='nobody' role='none'/>"), "item-not-found")
		check(t, admin(mary, "<item nick='John' role='none'><reason>too loud</reason></item>"))
		if e := sees(t, john, "the kick", fromWith(room+"/John", "unavailable", 110, 307)); !strings.Contains(e.XML, "too loud") || !strings.Contains(e.XML, "nick='Mary'") {
			t.Errorf("the kick is %s", e.XML)
		}
		enter()
		check(t, admin(mary, "<item nick='John' role='visitor'/>"))
		sees(t, john, "another role", func(e Event) bool { return e.Role == "visitor" && slices.Contains(e.Codes, 110) })
		check(t, admin(mary, "<item jid='john@chat.local' affiliation='member'/>"))
		list, err := mary.IQ(t.Context(), room, "get", "<query xmlns='"+nsMUCAdmin+"'><item affiliation='member'/></query>")
		check(t, err)
		if !strings.Contains(list.XML, "jid='john@chat.local'") {
			t.Errorf("the members are %s", list.XML)
		}
		check(t, admin(mary, "<item jid='john@chat.local/desk' affiliation='outcast'/>"))
		sees(t, john, "the ban", fromWith(room+"/John", "unavailable", 110, 301))
		_, err = john.Join(t.Context(), room, "John")
		refusedBy(t, err, "forbidden")
		_, err = mary.IQ(t.Context(), room, "set", "<query xmlns='"+nsMUCOwner+"'><destroy><reason>over</reason></destroy></query>")
		check(t, err)
		if e := sees(t, mary, "the end", fromWith(room+"/Mary", "unavailable", 110)); !strings.Contains(e.XML, "<destroy>") {
			t.Errorf("the end is %s", e.XML)
		}
		refusedBy(t, mary.Ping(t.Context(), room), "item-not-found")
	})
}

func TestAPeerSpeaksForItsDomain(t *testing.T) {
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		peer, john := f.Peer("bot@"+fakeOther), f.Login("john", "desk")
		check(t, peer.Raw(t.Context(), "<message from='a@"+fakeOther+"' to='"+john.JID()+"'><body>from a</body></message>"+
			"<message from='forged@chat.local' to='"+john.JID()+"'><body>from the bot</body></message>"))
		sees(t, john, "its own sender", Says("a@"+fakeOther, "from a"))
		sees(t, john, "a forged sender", Says("bot@"+fakeOther, "from the bot"))
		id, err := john.Send(t.Context(), Outgoing{To: "any@" + fakeOther, Body: "hi", Thread: "t", ReplyID: "r", ChatState: "active", WantReceipt: true})
		check(t, err)
		e := sees(t, peer, "a message", Says(john.JID(), "hi"))
		if e.To != "any@"+fakeOther || e.Thread != "t" || e.ReplyID != "r" || e.ReplyTo != e.To || e.ChatState != "active" || !e.WantsReceipt {
			t.Errorf("the peer gets %s", e.XML)
		}
		if e := sees(t, john, "a receipt", func(e Event) bool { return e.Receipt != "" }); e.Receipt != id {
			t.Errorf("the receipt is %s", e.XML)
		}
		peer.Receipts(false)
		_, err = john.Send(t.Context(), Outgoing{To: "any@" + fakeOther, WantReceipt: true})
		check(t, err)
		check(t, john.Ping(t.Context(), "x@"+fakeOther))
		if got := john.Received(func(e Event) bool { return e.Receipt != "" }); len(got) > 0 {
			t.Errorf("a receipt that was switched off: %v", got)
		}
		check(t, peer.Close())
		refusedBy(t, john.Ping(t.Context(), "x@"+fakeOther), "remote-server-timeout")
		if err := peer.Say(john.JID(), "x"); !errors.Is(err, ErrFakeOffline) {
			t.Errorf("who has closed speaks on: %v", err)
		}
	})
}

func TestAnswersAreReadAsSlixmppReadsThem(t *testing.T) {
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		john, c := f.Login("john", "desk"), linkFake(t, f, fakeBot)
		for space, payload := range map[string]string{
			"jabber:iq:version": "<query xmlns='jabber:iq:version'><name>N</name><version>1</version><os>O</os></query>",
			"jabber:iq:last":    "<query xmlns='jabber:iq:last' seconds='90'/>",
			"urn:xmpp:time":     "<time xmlns='urn:xmpp:time'><tzo>Z</tzo><utc>2026-11-23T09:00:00Z</utc></time>",
			"vcard-temp":        "<vCard xmlns='vcard-temp'><FN>Bot</FN><PHOTO><TYPE>image/png</TYPE><BINVAL>aGk=\n</BINVAL></PHOTO></vCard>",
		} {
			go func() {
				iq := c.next()
				c.write(stanza("iq result", iq.attr("id"), fakeBot, iq.attr("from"), payload))
			}()
			switch space {
			case "jabber:iq:version":
				if v, err := john.Version(t.Context(), fakeBot); err != nil || v != (SoftwareVersion{"N", "1", "O"}) {
					t.Errorf("version %v, %v", v, err)
				}
			case "jabber:iq:last":
				if d, err := john.LastActivity(t.Context(), fakeBot); err != nil || d.Seconds() != 90 {
					t.Errorf("last activity %v, %v", d, err)
				}
			case "urn:xmpp:time":
				if at, err := john.EntityTime(t.Context(), fakeBot); err != nil || at.Hour() != 9 {
					t.Errorf("entity time %v, %v", at, err)
				}
			case "vcard-temp":
				if v, err := john.VCard(t.Context(), fakeBot); err != nil || v.FullName != "Bot" || string(v.Photo) != "hi" || v.PhotoType != "image/png" {
					t.Errorf("vCard %v, %v", v, err)
				}
			}
			synctest.Wait()
		}
	})
}
