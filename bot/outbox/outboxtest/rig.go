package outboxtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/internal/clock"
)

// Process is a running Outbox.
type Process struct {
	bot.Outbox
	bot.Journal
	// Stop ends it in good order and returns when it has ended.
	Stop func()
	// Cut begins what SIGKILL does: once it has returned, nothing more is
	// stored. Kill ends the rest, and returns when no goroutine is left. They
	// are nil if nothing outlives the process.
	Cut, Kill func()
}

// Storage starts processes that share what is stored, one at a time. Their
// Outbox is to be running, with those transports, and be stopped at the end of
// the test.
type Storage interface {
	Start(t testing.TB, c clock.Clock, transports map[string]bot.Transport) Process
}

// rig is what a case works with.
type rig struct {
	testing.TB
	storage Storage
	world   *World
	clock   clock.Clock
	Process
	ctx context.Context
}

// limit is how long a case waits for something that never comes.
const limit = 60 * time.Second

// The clock of a case runs speed times as fast as the system's, so that pauses
// of seconds pass in milliseconds. It is moved every pace, and never by more
// than stride, so that a machine that is busy slows it down.
const (
	speed  = 50
	pace   = time.Millisecond
	stride = 10 * speed * pace
)

// quick is a clock that runs faster than the system's until the test ends.
func quick(t testing.TB) clock.Clock {
	c := clock.NewFake(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(pace)
		defer tick.Stop()
		for last := time.Now(); ; {
			select {
			case <-tick.C:
				now := time.Now()
				c.Advance(min(speed*now.Sub(last), stride))
				last = now
			case <-stop:
				return
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		<-ended
	})
	return c
}

func newRig(t testing.TB, s Storage) *rig {
	r := &rig{TB: t, storage: s, world: NewWorld(), clock: quick(t), ctx: t.Context()}
	r.restart()
	return r
}

// restart starts the next process.
func (r *rig) restart() {
	r.Process = r.storage.Start(r.TB, r.clock, map[string]bot.Transport{TransportName: r.world.Courier()})
}

// chat, room and parcel are messages.
func chat(to, id, text string) bot.Outgoing {
	return bot.Outgoing{Destination: bot.Destination{Transport: TransportName, To: bot.Address(to)}, ID: id, Reply: bot.Say(text)}
}

func room(to, id, text string) bot.Outgoing {
	out := chat(to, id, text)
	out.Room = true
	return out
}

func parcel(to, id string) bot.Outgoing {
	out := chat(to, id, "")
	out.Parcel = &bot.Parcel{ID: id, Transport: TransportName, To: out.To, Kind: "test", Body: []byte(`{"n":1}`)}
	return out
}

// add adds messages.
func (r *rig) add(all ...bot.Outgoing) {
	r.Helper()
	for _, out := range all {
		if err := r.Add(r.ctx, out); err != nil {
			r.Fatal(err)
		}
	}
}

// await waits until the world is as done says.
func (r *rig) await(what string, done func() bool) {
	r.Helper()
	late := time.NewTimer(limit)
	defer late.Stop()
	for {
		changed := r.world.Changed()
		if done() {
			return
		}
		select {
		case <-changed:
		case <-late.C:
			r.Fatalf("waited %v in vain for %s", limit, what)
		}
	}
}

// reads waits until exactly those texts were read somewhere.
func (r *rig) reads(to string, want ...string) {
	r.Helper()
	r.await(fmt.Sprintf("%d messages to %s", len(want), to), func() bool { return len(r.world.Got(bot.Address(to))) >= len(want) })
	got := r.world.Texts(bot.Address(to))
	if fmt.Sprint(got) != fmt.Sprint(want) {
		r.Errorf("%s read %q, want %q", to, got, want)
	}
}

// passes waits until that much time has passed on the clock.
func (r *rig) passes(d time.Duration) {
	r.Helper()
	if err := clock.Sleep(r.ctx, r.clock, d); err != nil {
		r.Fatal(err)
	}
}
