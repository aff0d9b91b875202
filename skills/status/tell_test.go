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
		if _, err := o.store.subscribe(t.Context(), subscription{Machine: "web1", Transport: "fake", Address: "john", Person: "", Own: "help@bot.test"}, true); err != nil {
			t.Fatal(err)
		}
		// And on another transport there is another john.
		if _, err := o.store.subscribe(t.Context(), subscription{Machine: "web1", Transport: "other", Address: "john", Person: "john@chat.test"}, true); err != nil {
			t.Fatal(err)
		}
		o.becomes("web1", check.Down)
		o.becomes("machine1", check.Down) // nobody subscribed to it
		var places []string
		for _, n := range o.wire.told {
			if n.text != down {
				t.Errorf("told %q", n.text)
			}
			places = append(places, fmt.Sprint(n.To.Transport, " ", n.To.To, " ", n.To.Room))
		}
		slices.Sort(places)
		if want := []string{"fake dev true", "fake john false", "fake mary false", "fake ops true", "other john false"}; !slices.Equal(places, want) {
			t.Errorf("told in %q, want %q", places, want)
		}
	})
}

// waitsFor is the retry after a failure.
const waitsFor = 2 * retryAfter

func (o *outage) stores(t *testing.T, machine, state string) {
	t.Helper()
	if rows, err := o.store.states(t.Context()); err != nil || rows[machine].State != state {
		t.Errorf("stored %+v, %v, want %s to be %q", rows, err, machine, state)
	}
}

func TestTheStateAndItsNoticesCommitTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "ann", "john", "mary")
		o.wire.refuse("john", errors.New("the database is full"))
		o.becomes("web1", check.Down)
		o.wants(t, "")
		o.stores(t, "web1", "up")
		if log := o.log.String(); !strings.Contains(log, "changes could not be stored") || !strings.Contains(log, "database is full") {
			t.Errorf("the log does not say so:\n%s", log)
		}
		o.wire.refuse("john", nil)
		time.Sleep(waitsFor)
		o.wants(t, "", down, down, down)
		o.stores(t, "web1", "down")
	})
}

func TestANoticeSaysWhenItHappened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "john")
		renameTable(t, o.deps.DB, "status_states", "away")
		began := time.Now()
		o.becomes("web1", check.Down)
		seen := time.Now()
		time.Sleep(time.Hour)
		renameTable(t, o.deps.DB, "away", "status_states")
		time.Sleep(waitsFor)
		o.wants(t, "john", down)
		if at := o.wire.told[0].At; at.Before(began) || at.After(seen) {
			t.Errorf("it happened between %v and %v, and the notice says %v", began, seen, at)
		}
	})
}

// What the machine itself says of its start may be the same before and after.
func TestEveryChangeIsAnotherCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "john")
		boot := time.Now().Add(-time.Hour)
		for range 3 {
			o.becomes("web1", check.Unknown)
			o.fake.setSince("web1:1", boot)
			time.Sleep(45 * time.Second)
			synctest.Wait()
		}
		const lost, back = "web1 can no longer be seen; its state is unknown.", "web1 can be seen again; it is up."
		o.wants(t, "john", lost, back, lost, back, lost, back)
	})
}

func TestASubscriberWhoseTransportIsGoneKeepsNoOtherFromBeingTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "ann", "john", "mary")
		o.wire.refuse("john", fmt.Errorf("transport %q: %w", "old", bot.ErrNoTransport))
		o.becomes("web1", check.Down)
		o.wants(t, "", down, down)
		o.stores(t, "web1", "down")
		if log := o.log.String(); !strings.Contains(log, "can no longer be told") {
			t.Errorf("the log does not say so:\n%s", log)
		}
	})
}

// The bot dies when some of many subscribers have been told; the next start
// finds the same change at another time.
func TestACrashAmongManySubscribersTellsEachOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		const many = 2*chunk + 100
		var who []string
		for i := range many {
			who = append(who, fmt.Sprint("person", i))
		}
		subscribed(t, o.Skill, "web1", who...)
		o.wire.refuse(bot.Address(who[chunk+10]), errors.New("killed"))
		o.becomes("web1", check.Down)
		if n := len(o.wire.texts("")); n != chunk {
			t.Fatalf("%d were told before the crash, want one transaction of %d", n, chunk)
		}
		o.stores(t, "web1", "up")
		o.end()

		o.wire.refuse(bot.Address(who[chunk+10]), nil)
		s := run(t, made(t, two(), Deps{DB: o.deps.DB, Notify: o.wire, NewCheck: o.fake.new}))
		time.Sleep(time.Minute)
		o.stores(t, "web1", "down")
		s.end()
		count := make(map[bot.Address]int)
		for _, n := range o.wire.told {
			count[n.To.To]++
		}
		for _, w := range who {
			if count[bot.Address(w)] != 1 {
				t.Fatalf("%s was told %d times", w, count[bot.Address(w)])
			}
		}
	})
}

func TestOfChangesThatWaitForTheDatabaseOnlyTheLatestIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "john@ops")
		subscribed(t, o.Skill, "machine1", "john@ops")
		renameTable(t, o.deps.DB, "status_subscriptions", "away")
		o.becomes("machine1", check.Down)
		for range 3 {
			o.becomes("web1", check.Down)
			o.becomes("web1", check.Up)
		}
		renameTable(t, o.deps.DB, "away", "status_subscriptions")
		time.Sleep(waitsFor)
		o.wants(t, "ops", "machine1 has gone down.", up)
		o.end()
		o.stores(t, "web1", "up")
		o.stores(t, "machine1", "down")
		if log := o.log.String(); strings.Contains(log, "before everybody was told") {
			t.Errorf("everybody was told, but the log says:\n%s", log)
		}
	})
}

func TestNothingIsToldOrStoredOfAMachineThatWasRemoved(t *testing.T) {
	for name, forgotten := range map[string]bool{"in memory too": true, "the moment before": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOutage(t)
				m, err := o.watch.prepare(Machine{Name: "db1", Spec: check.Spec{Kind: "tcp", Target: "db1:1"}}, false, stateRow{})
				if err != nil {
					t.Fatal(err)
				}
				if added, err := o.store.addMachine(t.Context(), m.Machine, false, "", time.Now()); err != nil || !added {
					t.Fatal(added, err)
				}
				o.added(m)
				time.Sleep(time.Minute)
				o.stores(t, "db1", "up")
				if err := o.store.removeMachine(t.Context(), "db1"); err != nil {
					t.Fatal(err)
				}
				now := time.Now()
				ch := &change{machine: m, from: check.Up, to: check.Down, since: now, at: now}
				if forgotten {
					o.watch.remove(m)
				}
				o.Skill.tell.add(ch)
				synctest.Wait()
				o.wants(t, "")
				o.stores(t, "db1", "")
			})
		})
	}
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
		o.stores(t, "web1", "down")
	})
}

func TestWhatCannotBeStoredAtTheStopIsSaidAndToldLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		subscribed(t, o.Skill, "web1", "john", "mary@ops")
		o.wire.refuse("ops", errors.New("no room"))
		o.becomes("web1", check.Down)
		start := time.Now()
		o.end()
		if took := time.Since(start); took > 2*farewell {
			t.Errorf("the stop took %v", took)
		}
		o.wants(t, "")
		if log := o.log.String(); !strings.Contains(log, "the bot stops before everybody was told") || !strings.Contains(log, "names=[web1]") {
			t.Errorf("the log does not say so:\n%s", log)
		}
		w := newWire()
		run(t, made(t, two(), Deps{DB: o.deps.DB, Notify: w, NewCheck: o.fake.new}))
		time.Sleep(time.Minute)
		for _, to := range []bot.Address{"john", "ops"} {
			if got := w.texts(to); !slices.Equal(got, []string{down}) {
				t.Errorf("after the restart %s was told %q", to, got)
			}
		}
	})
}

// A database that fails for a while, as when it is restarted.
func TestADatabaseThatFailsIsTriedAgain(t *testing.T) {
	for _, table := range []string{"status_subscriptions", "status_states"} {
		t.Run(table, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOutage(t)
				subscribed(t, o.Skill, "web1", "john")
				renameTable(t, o.deps.DB, table, "away")
				o.becomes("web1", check.Down)
				o.wants(t, "john")
				if log := o.log.String(); !strings.Contains(log, "changes could not be stored") {
					t.Errorf("the log does not say so:\n%s", log)
				}
				renameTable(t, o.deps.DB, "away", table)
				time.Sleep(waitsFor)
				o.wants(t, "john", down)
				o.stores(t, "web1", "down")
			})
		})
	}
}

func TestWithoutAnOutboxARefusalIsLoggedAndEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutage(t)
		o.wire.stays(false)
		subscribed(t, o.Skill, "web1", "ann", "john", "mary")
		o.wire.refuse("john", errors.New("the queue is full"))
		o.becomes("web1", check.Down)
		o.wants(t, "ann", down)
		o.wants(t, "john")
		o.wants(t, "mary", down)
		o.stores(t, "web1", "down")
		if log := o.log.String(); strings.Count(log, "a notice was not taken") != 1 {
			t.Errorf("the log should say so once:\n%s", log)
		}
	})
}

func TestPendingKeepsTheOrderAndTheLatest(t *testing.T) {
	a, b := &machine{}, &machine{}
	one, two, three, four := &change{machine: a}, &change{machine: b}, &change{machine: a}, &change{machine: a}
	var p pending
	for _, ch := range []*change{one, two, three} {
		p.put(ch)
	}
	first := p.take(1)
	if !slices.Equal(first, []*change{three}) {
		t.Errorf("first came %v", first)
	}
	p.putBack(first)
	if first = p.take(1); !slices.Equal(first, []*change{three}) {
		t.Errorf("what was put back did not come first, but %v", first)
	}
	p.put(four)
	p.putBack(first) // too late
	if got := p.take(9); !slices.Equal(got, []*change{two, four}) {
		t.Errorf("then came %v", got)
	}
	if got := p.take(9); len(got) != 0 {
		t.Errorf("there is more: %v", got)
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

func (r *relay) Notify(ctx context.Context, n bot.Notice) error {
	<-r.ready
	return r.bot.Notify(ctx, n)
}

func (r *relay) Durable() bool {
	<-r.ready
	return bot.IsDurable(r.bot)
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
