package status

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
	"dragoman/skills/status/check"
)

// outage is a skill in a bubble whose web1 goes down on demand.
type outage struct {
	running
	fake *machines
	wire *wire
	log  *journal
}

func newOutage(t *testing.T) *outage {
	t.Helper()
	o := &outage{fake: &machines{}, wire: newWire(), log: &journal{}}
	o.running = run(t, made(t, two(), Deps{DB: inMemory(t), Notify: o.wire, NewCheck: o.fake.new, Log: o.log.logger()}))
	time.Sleep(time.Minute) // up is established
	return o
}

// becomes changes a machine and lets the bot find out.
func (o *outage) becomes(machine string, s check.State) {
	o.fake.set(machine+":1", s, "")
	time.Sleep(45 * time.Second)
	synctest.Wait()
}

const (
	down = "web1 has gone down."
	up   = "web1 is up again after 45 seconds."
)

func (o *outage) wants(t *testing.T, to bot.Address, texts ...string) {
	t.Helper()
	if got := o.wire.texts(to); !slices.Equal(got, texts) {
		t.Errorf("%s was told %q, want %q", to, got, texts)
	}
}

func TestEachPlaceIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "john", "mary", "john@ops", "mary@ops", "ann@ops", "john@dev")
		// john wrote to another of our addresses too.
		if _, err := o.store.subscribe(t.Context(), subscription{Machine: "web1", Transport: "fake", Address: "john", Person: "", Own: "help@bot.test"}); err != nil {
			t.Fatal(err)
		}
		// And on another transport there is another john.
		if _, err := o.store.subscribe(t.Context(), subscription{Machine: "web1", Transport: "other", Address: "john", Person: "john@chat.test"}); err != nil {
			t.Fatal(err)
		}
		o.becomes("web1", check.Down)
		o.becomes("machine1", check.Down) // nobody subscribed to it
		var places []string
		for _, n := range o.wire.told {
			if n.text != down {
				t.Errorf("told %q", n.text)
			}
			places = append(places, fmt.Sprint(n.to.Transport, " ", n.to.To, " ", n.to.Room))
		}
		slices.Sort(places)
		if want := []string{"fake dev true", "fake john false", "fake mary false", "fake ops true", "other john false"}; !slices.Equal(places, want) {
			t.Errorf("told in %q, want %q", places, want)
		}
	})
}

func TestAPlaceThatIsOutOfReachDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "ann@gone", "john", "mary@ops")
		release := o.wire.hold("gone")
		o.becomes("web1", check.Down)
		o.wants(t, "john", down)
		o.wants(t, "ops", down)
		o.becomes("web1", check.Up)
		o.wants(t, "john", down, up)
		o.wants(t, "ops", down, up)
		o.wants(t, "gone")
		// Get-status and the checks go on as well.
		if m, _ := o.watch.get("web1"); o.describe(m) != "web1 is currently running for 43 seconds" {
			t.Error(o.describe(m))
		}
		release()
		synctest.Wait()
		o.wants(t, "gone", down, up) // in the order in which it happened
	})
}

func TestOfChangesThatWaitOnlyTheLatestIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "john@ops")
		subscribed(t, o.Skill, "machine1", "john@ops")
		release := o.wire.hold("ops")
		o.becomes("machine1", check.Down) // this one is on its way
		for range 3 {
			o.becomes("web1", check.Down)
			o.becomes("web1", check.Up)
		}
		release()
		synctest.Wait()
		o.wants(t, "ops", "machine1 has gone down.", up)
		o.end()
		rows, err := o.store.states(t.Context())
		if err != nil || rows["web1"].State != "up" || rows["machine1"].State != "down" {
			t.Errorf("stored %+v, %v", rows, err)
		}
		if log := o.log.String(); strings.Contains(log, "before everybody was told") {
			t.Errorf("everybody was told, but the log says:\n%s", log)
		}
	})
}

// What was overtaken by a later change must not be stored over it.
func TestTheLatestStateIsStoredWhateverPlaceIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "john@ops", "mary")
		release := o.wire.hold("ops")
		o.becomes("web1", check.Down) // mary knows, the room does not
		left := subscription{Machine: "web1", Transport: "fake", Address: "ops", Person: "john@chat.test"}
		if found, err := o.store.unsubscribe(t.Context(), left); err != nil || !found {
			t.Fatal(found, err)
		}
		o.becomes("web1", check.Up) // mary alone is told
		o.wants(t, "mary", down, up)
		release()
		synctest.Wait()
		o.end()
		if rows, err := o.store.states(t.Context()); err != nil || rows["web1"].State != "up" {
			t.Errorf("stored %+v, %v", rows, err)
		}
	})
}

func TestNothingIsStoredOfAMachineThatWasRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "john@ops")
		release := o.wire.hold("ops")
		o.becomes("web1", check.Down)
		m, _ := o.watch.get("web1")
		o.watch.remove(m)
		if err := o.store.removeMachine(t.Context(), "web1"); err != nil {
			t.Fatal(err)
		}
		release()
		synctest.Wait()
		o.end()
		if rows, err := o.store.states(t.Context()); err != nil || len(rows) != 1 {
			t.Errorf("stored %+v, %v", rows, err)
		}
	})
}

func TestANoticeIsGivenUpWhenItIsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "john@ops", "mary")
		release := o.wire.hold("ops")
		o.becomes("web1", check.Down)
		time.Sleep(patience)
		release()
		synctest.Wait()
		o.wants(t, "ops")
		o.wants(t, "mary", down)
		if log := o.log.String(); !strings.Contains(log, "did not reach its places") || !strings.Contains(log, "room=ops") || !strings.Contains(log, "missed=1") {
			t.Errorf("the log does not say so:\n%s", log)
		}
		o.becomes("web1", check.Up)
		o.wants(t, "ops", "web1 is up again after 10 minutes.")
	})
}

func TestARefusalIsLoggedAndEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "ann", "john", "mary")
		o.wire.refuse("john", errors.New("no transport is called fake"))
		o.becomes("web1", check.Down)
		o.wants(t, "ann", down)
		o.wants(t, "john")
		o.wants(t, "mary", down)
		if log := o.log.String(); strings.Count(log, "did not reach its places") != 1 || !strings.Contains(log, "places=3 missed=1") {
			t.Errorf("the log should say so once:\n%s", log)
		}
	})
}

func TestNobodyIsToldOfAMachineThatWasRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "john@ops")
		subscribed(t, o.Skill, "machine1", "john@ops")
		release := o.wire.hold("ops")
		o.becomes("machine1", check.Down)
		o.becomes("web1", check.Down)
		m, _ := o.watch.get("web1")
		o.watch.remove(m)
		release()
		synctest.Wait()
		o.wants(t, "ops", "machine1 has gone down.")
	})
}

func TestWhatIsFoundAtTheStopIsStillTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "john", "mary@ops")
		m, _ := o.watch.get("web1")
		// As if two checks ended just before.
		now := time.Now()
		o.watch.note(m, check.Result{State: check.Down, At: now})
		o.tell.add(o.watch.note(m, check.Result{State: check.Down, At: now}))
		start := time.Now()
		o.end()
		if took := time.Since(start); took > 0 {
			t.Errorf("the stop took %v", took)
		}
		o.wants(t, "john", down)
		o.wants(t, "ops", down)
		if rows, err := o.store.states(t.Context()); err != nil || rows["web1"].State != "down" {
			t.Errorf("stored %+v, %v", rows, err)
		}
	})
}

func TestWhatCannotBeToldAtTheStopIsSaidAndToldLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "john", "mary@ops")
		o.wire.hold("ops")
		o.becomes("web1", check.Down)
		start := time.Now()
		o.end()
		if took := time.Since(start); took > 2*farewell {
			t.Errorf("the stop took %v", took)
		}
		o.wants(t, "john", down)
		o.wants(t, "ops")
		if log := o.log.String(); !strings.Contains(log, "the bot stops before everybody was told") || !strings.Contains(log, "names=[web1]") || !strings.Contains(log, "stopping=true") {
			t.Errorf("the log does not say so:\n%s", log)
		}
		w := newWire()
		run(t, made(t, two(), Deps{DB: o.deps.DB, Notify: w, NewCheck: o.fake.new}))
		time.Sleep(time.Minute)
		for _, to := range []bot.Address{"john", "ops"} { // at least once
			if got := w.texts(to); !slices.Equal(got, []string{down}) {
				t.Errorf("after the restart %s was told %q", to, got)
			}
		}
	})
}

// A database that fails for a while, as when it is restarted.
func TestADatabaseThatFailsIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "john")
		rename := func(from, to string) { renameTable(t, o.deps.DB, from, to) }
		rename("status_subscriptions", "away")
		o.becomes("web1", check.Down)
		o.wants(t, "john")
		if log := o.log.String(); !strings.Contains(log, "subscribers could not be read") {
			t.Errorf("the log does not say so:\n%s", log)
		}
		rename("away", "status_subscriptions")
		time.Sleep(2 * retryAfter)
		o.wants(t, "john", down)

		rename("status_states", "away")
		o.becomes("web1", check.Up)
		o.wants(t, "john", down, "web1 is up again after 1 minute.")
		rename("away", "status_states")
		if rows, err := o.store.states(t.Context()); err != nil || rows["web1"].State != "down" {
			t.Fatalf("stored %+v, %v", rows, err)
		}
		time.Sleep(2 * retryAfter)
		if rows, err := o.store.states(t.Context()); err != nil || rows["web1"].State != "up" {
			t.Errorf("stored %+v, %v", rows, err)
		}
	})
}

func TestPendingKeepsTheOrderAndTheLatest(t *testing.T) {
	a, b := &machine{}, &machine{}
	n := func(m *machine, seq uint64) notice { return notice{change: &change{machine: m, seq: seq}} }
	var p pending
	for _, in := range []notice{n(a, 1), n(b, 2)} {
		if _, waited := p.put(in); waited {
			t.Errorf("%d replaced something", in.change.seq)
		}
	}
	if before, waited := p.put(n(a, 3)); !waited || before.change.seq != 1 {
		t.Errorf("3 replaced %+v, %v", before, waited)
	}
	got, _ := p.take()
	if got.change.seq != 3 {
		t.Errorf("first came %d", got.change.seq)
	}
	p.putBack(got)
	if got, _ = p.take(); got.change.seq != 3 {
		t.Errorf("what was put back did not come first, but %d", got.change.seq)
	}
	p.put(n(a, 4))
	p.putBack(got) // too late
	for _, want := range []uint64{2, 4} {
		if got, ok := p.take(); !ok || got.change.seq != want {
			t.Errorf("%+v, want %d", got.change, want)
		}
	}
	if _, ok := p.take(); ok {
		t.Error("there is one more")
	}
}

// hidden is a person in a room that does not show real addresses.
func hidden(who, text string) *bot.Message {
	m := bottest.InRoom(who, "ops", text)
	m.Sender.Account, m.Sender.Session = "", "stay of "+who
	return m
}

// relay is the bot as the notifier of a skill that is made before it.
type relay struct {
	ready chan struct{}
	bot   bot.Notifier
}

func (r *relay) Notify(ctx context.Context, to bot.Destination, reply bot.Reply) error {
	<-r.ready
	return r.bot.Notify(ctx, to, reply)
}

func TestARoomThatHidesWhoPeopleAreSubscribesAsAWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, r := &machines{}, &relay{ready: make(chan struct{})}
		chat := bottest.Start(t, bot.Config{}, made(t, two(), Deps{DB: inMemory(t), Notify: r, NewCheck: fake.new}))
		r.bot = chat.Bot
		close(r.ready)
		for _, tt := range []struct{ who, text, want string }{
			{"John Doe", "subscribe web1", "John Doe is now subscribed to changes to web1"},
			{"mary", "subscribe web1", "mary is already subscribed to changes to web1"},
			{"mary", "subscriptions", "mary is subscribed to changes to web1"},
			{"John Doe", "add machine a tcp 127.0.0.1:1", "I now watch a"},
		} {
			if got := chat.Ask(hidden(tt.who, tt.text)); got != tt.want {
				t.Errorf("%s: %s: %s", tt.who, tt.text, got)
			}
		}
		fake.set("web1:1", check.Down, "")
		time.Sleep(time.Minute)
		notice := chat.Next(t)
		if notice.To != bottest.Room("ops") || !notice.Room || notice.Reply.Plain() != down {
			t.Errorf("%+v", notice)
		}
		time.Sleep(time.Minute)
		if n := len(chat.Sent()); n != 5 {
			t.Errorf("the bot spoke %d times, want 5", n)
		}
		if got := chat.Ask(hidden("mary", "unsubscribe web1")); got != "mary is no longer subscribed to changes to web1" {
			t.Error(got)
		}
		if got := chat.Ask(hidden("John Doe", "subscriptions")); got != "John Doe is subscribed to nothing here" {
			t.Error(got)
		}
	})
}
