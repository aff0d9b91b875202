package xmpp_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

const (
	nsReply = "urn:xmpp:reply:0"
	nsMUCx  = "http://jabber.org/protocol/muc#user"
)

// A reply may wait in a database until after a restart: it is the same then.
func TestAReplyOutOfADatabaseIsTheSame(t *testing.T) {
	for name, test := range map[string]struct {
		xml        string
		id, author string // what the reply refers to, "" if to nothing
		thread, pm bool
	}{
		"direct with an origin-id": {xml: "<message type='chat' from='john@chat.local/a' to='" + mainJID + "' id='1'><body>!x</body><thread>t</thread>" +
			"<origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>", id: "o1", author: "john@chat.local/a", thread: true},
		"direct without": {xml: "<message type='chat' from='john@chat.local/a' to='" + mainJID + "' id='1'><body>!x</body></message>"},
		"in a room, with its own id": {xml: "<message type='groupchat' from='" + opsRoom + "/John' to='" + mainJID + "/dragoman' id='1'><body>!x</body>" +
			"<stanza-id xmlns='urn:xmpp:sid:0' id='s1' by='" + opsRoom + "'/></message>", id: "s1", author: opsRoom + "/John"},
		"in private in a room": {xml: "<message type='chat' from='" + opsRoom + "/John' to='" + mainJID + "/dragoman' id='1'><body>!x</body></message>", pm: true},
	} {
		t.Run(name, func(t *testing.T) {
			in := make(inbox, 1)
			carryScripted(t, in, func(w courier, c *scripted) {
				s := <-c.links
				s.hears("presence", opsSeat)
				s.say(enter(opsSeat) + test.xml)
				synctest.Wait()
				m := <-in
				out := bot.Outgoing{Destination: m.Destination(), ID: "reply", Reply: bot.Say("yes"), About: m}
				check(t, w.Send(w.Context(), out))
				direct := s.next("message")

				stored, err := json.Marshal(out)
				check(t, err)
				var back bot.Outgoing
				check(t, json.Unmarshal(stored, &back))
				if back.About.Origin != nil {
					t.Fatal("the transport's note survived: the test shows nothing")
				}
				check(t, w.Send(w.Context(), back))
				restored := s.next("message")
				if !restored.Equal(direct) {
					t.Errorf("it is\n%s, want\n%s", restored, direct)
				}
				reply := restored.Child(nsReply, "reply")
				if reply.Attr("id") != test.id || reply.Attr("to") != test.author {
					t.Errorf("it refers to %v, want %q of %q", reply, test.id, test.author)
				}
				if got := restored.ChildText(stream.NSClient, "thread") != ""; got != test.thread {
					t.Errorf("a thread: %v", got)
				}
				if got := restored.Child(nsMUCx, "x") != nil; got != test.pm {
					t.Errorf("marked as private in a room: %v", got)
				}
			}, inOps, withPrefix)
		})
	}
}

func TestARefusalGoesBackToTheSender(t *testing.T) {
	in := make(inbox, 2)
	carryScripted(t, in, func(w courier, c *scripted) {
		s := <-c.links
		s.hears("presence", opsSeat)
		s.say(enter(opsSeat) + "<message type='chat' from='john@chat.local/a' to='" + mainJID + "' id='1'><body>!x</body><origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>" +
			"<message type='groupchat' from='" + opsRoom + "/John' to='" + mainJID + "/dragoman' id='2'><body>!x</body></message>")
		synctest.Wait()
		direct, inRoom := <-in, <-in
		check(t, w.Refuse(w.Context(), direct, bot.ErrNotAccepted))
		e := s.next("message")
		se := stream.ParseStanzaError(e)
		if se == nil || se.Type != "wait" || se.Condition != "resource-constraint" || se.Text != bot.ErrNotAccepted.Error() {
			t.Errorf("refused with %s", e)
		}
		if e.Attr("id") != "1" || e.Attr("to") != "john@chat.local/a" || e.Attr("from") != mainJID {
			t.Errorf("refused with %s", e)
		}
		if w.Refuse(w.Context(), inRoom, bot.ErrBusy) == nil {
			t.Error("a message to a room was refused without a word")
		}
		s.silent(time.Second)
	}, inOps, withPrefix)
}

// Only what nobody asked for, and is old, says when it was said first.
func TestOnlyAnOldNoticeIsStamped(t *testing.T) {
	carryScripted(t, deaf{}, func(w courier, c *scripted) {
		s := <-c.links
		about := &bot.Message{ID: "1", From: johnJID, Private: true}
		for _, test := range []struct {
			age   time.Duration
			about *bot.Message
			want  bool
		}{
			{time.Hour, nil, true}, {31 * time.Second, nil, true}, {29 * time.Second, nil, false}, {-time.Hour, nil, false}, {time.Hour, about, false},
		} {
			out := direct(johnJID, "n", "machine1 has gone down.")
			out.At, out.About = time.Now().Add(-test.age), test.about
			check(t, w.Send(w.Context(), out))
			e := s.next("message")
			stamp := e.Child("urn:xmpp:delay", "delay").Attr("stamp")
			if got := stamp != ""; got != test.want {
				t.Errorf("%v old, an answer: %v: %s", test.age, test.about != nil, e)
			} else if at, err := time.Parse(time.RFC3339Nano, stamp); got && (err != nil || at.Sub(out.At).Abs() > time.Millisecond) {
				t.Errorf("stamp %q, want %v", stamp, out.At)
			}
		}
	})
}
