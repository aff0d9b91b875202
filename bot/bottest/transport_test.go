package bottest

import (
	"context"
	"errors"
	"testing"

	"dragoman/bot"
)

func TestATransportHasTheCapabilitiesThatItIsGiven(t *testing.T) {
	for c := range Typing | Receipts | Names + 1 {
		tr := NewTransport("x").With(c)
		_, typist := tr.(bot.Typist)
		_, acknowledger := tr.(bot.Acknowledger)
		_, namer := tr.(bot.Namer)
		if typist != (c&Typing != 0) || acknowledger != (c&Receipts != 0) || namer != (c&Names != 0) || tr.Name() != "x" {
			t.Errorf("With(%03b) is typist %v, acknowledger %v, namer %v", c, typist, acknowledger, namer)
		}
	}
}

func TestABlockedSendWaitsForItsRelease(t *testing.T) {
	tr := NewTransport("x")
	wire := tr.With(0)
	release := tr.Block()
	sent := make(chan error)
	go func() { sent <- wire.Send(t.Context(), bot.Outgoing{ID: "1"}) }()
	tr.AwaitBlocked(t, 1)
	if n := len(tr.Sent()); n != 0 {
		t.Fatalf("%d replies were sent through a block", n)
	}
	release()
	if err := <-sent; err != nil || tr.Next(t).ID != "1" {
		t.Errorf("the blocked Send returned %v", err)
	}

	tr.Block()
	ctx, cancel := context.WithCancel(t.Context())
	go func() { sent <- wire.Send(ctx, bot.Outgoing{ID: "2"}) }()
	tr.AwaitBlocked(t, 1)
	cancel()
	if err := <-sent; !errors.Is(err, context.Canceled) {
		t.Errorf("a blocked Send whose context ended returned %v", err)
	}
}

func TestAnEndedTransportTakesNothing(t *testing.T) {
	tr := NewTransport("x")
	wire := tr.With(0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := wire.Run(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if err := wire.Send(t.Context(), bot.Outgoing{}); err == nil || len(tr.Sent()) != 0 {
		t.Errorf("Send after the end returned %v", err)
	}
}

func TestPeopleRememberNames(t *testing.T) {
	var p People
	for _, met := range []string{"John Doe", ""} { // a name that is not known does not overwrite
		if err := p.Met(t.Context(), "john@chat.test", met, NewClock().Now()); err != nil {
			t.Fatal(err)
		}
	}
	if name, err := p.Name(t.Context(), "john@chat.test"); name != "John Doe" || err != nil {
		t.Errorf("Name = %q, %v", name, err)
	}
	if name, err := p.Name(t.Context(), "mary@chat.test"); name != "" || err != nil {
		t.Errorf("the name of a stranger is %q, %v", name, err)
	}
}
