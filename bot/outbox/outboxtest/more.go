package outboxtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"dragoman/bot"
)

// returnsFromSent fails if Sent has to be given up.
func (r *rig) returnsFromSent(what, id string) {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, limit)
	defer cancel()
	r.Sent(ctx, id)
	if ctx.Err() != nil {
		r.Errorf("Sent does not return for %s", what)
	}
}

func sent(r *rig) {
	r.add(chat("john", "", "the line is up"))
	r.reads("john", "the line is up")
	r.returnsFromSent("what is not known", "nobody")
	for i := range 20 {
		id := fmt.Sprint(i)
		r.add(chat("john", id, id))
		r.returnsFromSent("what is on its way", id)
		if n := len(r.world.Got("john")); n != i+2 {
			r.Fatalf("Sent returned after message %d, and %d arrived", i, n)
		}
		r.returnsFromSent("what has arrived", id)
	}
	r.world.Close("ops")
	r.add(room("ops", "a", "one"))
	r.returnsFromSent("what is held", "a")
	r.add(room("ops", "b", "two"))
	r.returnsFromSent("what is behind what is held", "b")

	r.world.Plan("jane", Refusal)
	r.add(chat("jane", "c", "no"))
	r.returnsFromSent("what is refused", "c")

	release := r.world.Stall("slow")
	defer release()
	r.add(chat("slow", "d", "slow"))
	ctx, cancel := context.WithCancel(r.ctx)
	cancel()
	r.Sent(ctx, "d") // returns, because nobody waits

	r.world.SetLine(false)
	r.add(chat("john", "e", "later"))
	r.returnsFromSent("what waits for the line", "e")
}

func again(r *rig) {
	ask := func(id string) {
		r.Helper()
		if err := r.Again(r.ctx, id); err != nil {
			r.Errorf("Again %q: %v", id, err)
		}
	}
	r.add(chat("john", "a", "arrived"))
	r.reads("john", "arrived")
	ask("a")
	ask("nobody")

	r.world.Plan("john", Refusal)
	r.add(chat("john", "b", "refused"))
	r.add(chat("john", "c", "between"))
	r.reads("john", "arrived", "between")
	for len(r.world.Got("john")) < 3 { // it is known to be refused a moment later
		ask("b")
		r.passes(time.Second)
	}
	r.reads("john", "arrived", "between", "refused")

	// Nobody knows of this one, and its open repetition is lost as well.
	r.world.Plan("jane", slices.Repeat([]Fault{LostBoth}, 8)...)
	r.add(chat("jane", "d", "lost"))
	for len(r.world.Got("jane")) == 0 {
		r.passes(10 * time.Second)
		ask("d")
	}
	if got := r.world.Texts("jane")[0]; !openly("lost")(got) {
		r.Errorf("Jane read %q", got)
	}
	ask("d")
	r.add(chat("jane", "e", "end"))
	r.reads("jane", r.world.Texts("jane")[0], "end")
}

func stops(r *rig) {
	release := r.world.Stall("john")
	r.add(chat("john", "a", "on its way"))
	r.await("the courier", func() bool { return r.world.Busy("john") == 1 })
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		r.Stop()
	}()
	release()
	<-stopped
	r.reads("john", "on its way")
	if r.Kill == nil {
		return // what is stopped is gone
	}
	r.world.Stall("john")
	r.restart()
	r.add(chat("john", "b", "stuck"))
	r.await("the courier", func() bool { return r.world.Busy("john") == 1 })
	r.Stop() // gives up waiting
	r.world.change(func() { r.world.at("john").stall = nil })
	r.restart()
	r.reads("john", "on its way", "stuck")
}

func transportGone(r *rig) {
	out := chat("john", "a", "hello")
	out.Transport = "gone"
	if err := r.Add(r.ctx, out); !errors.Is(err, bot.ErrNoTransport) {
		r.Errorf("got %v", err)
	}
}

// deaf is a transport that is no courier. It refuses the first message.
type deaf struct {
	mu    sync.Mutex
	tries int
	world *World
}

func (*deaf) Name() string { return "plain" }

func (*deaf) Run(ctx context.Context, _ bot.Inbox) error {
	<-ctx.Done()
	return nil
}

func (d *deaf) Send(_ context.Context, out bot.Outgoing) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tries++; d.tries == 1 {
		return errWorld
	}
	d.world.change(func() { d.world.at(out.To).take(out) })
	return nil
}

func plainTransport(r *rig) {
	r.Stop()
	d := &deaf{world: r.world}
	r.Process = r.storage.Start(r.TB, r.clock, map[string]bot.Transport{d.Name(): d})
	for i := range 3 {
		out := chat("john", fmt.Sprint(i), fmt.Sprint(i))
		out.Transport = d.Name()
		r.add(out)
	}
	r.reads("john", "0", "1", "2")
}

func manyAdders(r *rig) {
	const adders, each = 8, 25
	var wg sync.WaitGroup
	for a := range adders {
		wg.Go(func() {
			for i := range each {
				if err := r.Add(r.ctx, room("ops", "", fmt.Sprintf("%d %d", a, i))); err != nil {
					r.Error(err)
				}
			}
		})
	}
	wg.Wait()
	r.await("all", func() bool { return len(r.world.Got("ops")) == adders*each })
	next := make(map[int]int)
	for _, text := range r.world.Texts("ops") {
		var a, i int
		if _, err := fmt.Sscan(text, &a, &i); err != nil || next[a] != i {
			r.Fatalf("%q, where adder %d was at %d (%v)", text, a, next[a], err)
		}
		next[a]++
	}
}

// wholeMessage checks that everything comes out that went in, also what a
// database does not like.
func wholeMessage(r *rig) {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	in := bot.Outgoing{
		Destination: bot.Destination{Transport: TransportName, From: "bot@x/y", To: "john@chat.local/a\x00b", Room: true},
		ID:          "i\x00d", At: at,
		Reply: bot.Reply{Text: "NUL \x00, 🫩, %s, '; DROP TABLE", Table: &bot.Table{Head: []string{"a"}, Rows: [][]string{{"b"}}}, Choices: []string{"yes"}, Private: true},
		About: &bot.Message{
			ID: "m", Unique: true, Transport: TransportName, From: "f", To: "t", Room: "r", Private: true, Addressed: true, Text: "x",
			Lang: "de", Thread: "th", At: at, Reference: bot.Reference{ID: "ref", Author: "who"}, WantsReceipt: true,
			Sender: bot.Person{Account: "acc", Name: "n", Handle: "h", Session: "s", Affiliation: "owner"},
		},
	}
	r.add(in)
	r.await("the message", func() bool { return len(r.world.Got(in.To)) == 1 })
	got := r.world.Got(in.To)[0]
	got.ID = in.ID // any that can be stored
	want, _ := json.Marshal(in)
	if text, _ := json.Marshal(got); string(text) != string(want) {
		r.Errorf("got  %s\nwant %s", text, want)
	}
}
