package xmpp_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Who wrote to an account in its absence is told so, whatever the server's
// modules have signed, and nothing is done about it. A delay that somebody else
// signed is history, to which nothing is said.
func TestWhatTheServerKeptIsSaidToItsSender(t *testing.T) {
	delay := func(from string) string {
		return "<delay xmlns='urn:xmpp:delay' stamp='2026-11-23T10:00:00Z' from='" + from + "'/>"
	}
	for _, c := range []struct {
		name, attrs, delays string
		told                bool
	}{
		{"offline storage", "type='chat'", delay(botDomain), true},
		{"mod_smacks", "type='chat'", delay(mainJID), true},
		{"mod_smacks and offline storage", "type='chat'", delay(mainJID) + delay(botDomain), true},
		{"offline storage and mod_smacks", "", delay(botDomain) + delay(mainJID), true},
		{"a client and offline storage", "type='chat'", delay("john@chat.local/phone") + delay(botDomain), true},
		{"a client", "type='chat'", delay("john@chat.local/phone"), false},
		{"nobody", "type='chat'", "<delay xmlns='urn:xmpp:delay' stamp='2026-11-23T10:00:00Z'/>", false},
		{"a resource of ours", "type='chat'", delay(mainJID + "/x"), false},
		{"a room", "type='groupchat'", delay(botDomain), false},
		{"an error", "type='error'", delay(botDomain), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := &witness{&calls{by: map[string]int{}}}
			carryScripted(t, in, func(_ courier, sc *scripted) {
				s := <-sc.links
				s.hears("presence", "") // that we are there
				s.say("<message " + c.attrs + " id='1' from='" + johnJID + "' to='" + mainJID + "'><body>count it</body>" + c.delays + "</message>")
				if c.told {
					answer := s.hears("message", johnJID)
					if text := answer.ChildText(answer.Space, "body"); !strings.HasPrefix(text, "You wrote to me while I was away.") {
						t.Errorf("told with %s", answer)
					}
				}
				s.silent(time.Second)
				synctest.Wait()
				if len(in.calls.all()) > 0 {
					t.Error("it was delivered")
				}
			}, asAccount)
		})
	}
}
