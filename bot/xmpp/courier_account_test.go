package xmpp_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/client"
	"dragoman/bot/xmpp/component"
	"dragoman/bot/xmpp/stream"
	"dragoman/internal/counterpart"
)

// asUser makes the carrier an account that connects through a line.
func asUser(t *testing.T, s *counterpart.Server, name string, line *counterpart.Proxy) setup {
	return func(c *xmpp.Config, _ *component.Config) {
		jid := name + "@" + s.Domain
		account, err := client.New(client.Config{JID: jid, Password: password, Address: line.Addr(), RootCAs: s.RootCAs, Log: c.Log})
		check(t, err)
		c.Main, c.WholeDomain, c.Connector = stream.MustParse(jid), false, account
	}
}

// An account's stream is resumed when it breaks (XEP-0198), and what was under
// way with it: what Carry says is what john has.
func TestAnAccountCarriesOverABrokenStream(t *testing.T) {
	const batches, size, breaks = 40, 10, 5
	onEach(t, options(), func(ctx context.Context, t *testing.T, s *counterpart.Server) {
		line := counterpart.LineTo(t, s.C2S)
		john := user(ctx, t, s, "john")
		c := carry(ctx, t, realPlace(s), deaf{}, asUser(t, s, "mary", line))
		states := map[string]int{}
		said := map[string]bot.FateState{}
		for b := range batches {
			check(t, c.Await(ctx))
			var batch []bot.Outgoing
			for i := range size {
				id := fmt.Sprintf("a%03d-%d", b, i)
				batch = append(batch, direct(john.JID(), id, "text "+id))
			}
			fates := make(chan []bot.Fate, 1)
			breaks := b%(batches/breaks) == batches/breaks/2
			if breaks {
				line.Stall() // what is written doesn't get there
			}
			go func() { fates <- c.Carry(ctx, batch) }()
			if breaks {
				time.Sleep(20 * time.Millisecond) // nobody sees from outside that it is written
				line.Reset()
				line.Pass()
			}
			for i, f := range <-fates {
				said[batch[i].ID] = f.State
				states[fateName(f.State)]++
			}
		}
		c.deliver(ctx, []bot.Outgoing{direct(john.JID(), "end", "the end")}, func() {})
		john.hears("mary@", "the end")
		has := map[string]int{}
		for _, e := range john.Received(messages("mary@")) {
			has[e.ID]++
		}
		twice := 0
		for id, state := range said {
			n := has[id]
			if n > 1 {
				twice++ // by ejabberd 23.01 itself, see package client's tests
			}
			if n == 0 && state == bot.Arrived || n > 0 && state == bot.Held || state == bot.Refused {
				t.Errorf("%s came %d times and is said to be %s", id, n, fateName(state))
			}
		}
		if twice > 0 && s.Kind == "prosody" {
			t.Errorf("%d came twice", twice)
		}
		resumed := 0
		for _, l := range c.journal.lines(0) {
			if strings.Contains(l, "resumed=true") && strings.Contains(l, "msg=connected") {
				resumed++
			}
		}
		if resumed == 0 {
			t.Error("the stream was never resumed: the test shows nothing")
		}
		t.Logf("%d messages, %d breaks, %d resumptions: %v; %d came twice", batches*size, breaks, resumed, states, twice)
	})
}
