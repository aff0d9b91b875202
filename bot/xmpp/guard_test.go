package xmpp_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/bot"
	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
)

// Who was frozen for longer than the address was theirs says nothing when they
// go on, whatever they were about to say.
func TestNothingIsSaidUnderAnAddressThatIsNotOurs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lost atomic.Bool
		c := script(t)
		wire := xmpp.New(xmpp.Config{Main: stream.MustParse(mainJID), WholeDomain: true, Connector: c, Nick: "dragoman",
			Ours: func() bool { return !lost.Load() }})
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() { gone <- wire.Run(ctx, deaf{}) }()
		if err := wire.Await(ctx); err != nil {
			t.Fatal(err)
		}
		s := <-c.links
		say := func(text string) error {
			return wire.Send(ctx, bot.Outgoing{Destination: bot.Destination{To: "john@chat.local"}, Reply: bot.Say(text)})
		}
		if err := say("before"); err != nil {
			t.Fatal(err)
		}
		if got := s.next("message").Child(stream.NSClient, "body").Text(); got != "before" {
			t.Errorf("heard %q", got)
		}
		lost.Store(true)
		_ = say("after")
		time.Sleep(10 * time.Minute) // of trying to come back
		for len(s.got) > 0 {
			if e := <-s.got; e.Local == "message" {
				t.Errorf("heard %s", e)
			}
		}
		if len(c.links) > 0 {
			t.Error("a stream was opened under that address")
		}
		cancel()
		if err := <-gone; err != nil {
			t.Error(err)
		}
	})
}
