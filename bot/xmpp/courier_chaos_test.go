package xmpp_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/internal/counterpart"
)

// chaos does bad things to lines, from a seed, until it is told to stop; then
// the lines are whole again. Between two of them is most at most. With thieves single stanzas get lost on the way to
// the server, which no TCP does but a server between may.
func chaos(seed uint64, most time.Duration, thieves bool, lines ...*counterpart.FakeLine) (stop func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		random := rand.New(rand.NewPCG(seed, 0))
		for {
			l := lines[random.IntN(len(lines))]
			switch random.IntN(7) {
			case 0:
				l.Reset(random.IntN(20_000))
			case 1:
				l.Close(random.IntN(20_000))
			case 2:
				l.Lose(1 + random.IntN(3))
			case 3:
				if thieves {
					l.LoseSent(1 + random.IntN(3))
				}
			case 4:
				l.SwallowAnswers(1 + random.IntN(5))
			case 5:
				l.DuplicateEvery(random.IntN(10))
			case 6:
				l.Blackhole()
			}
			select {
			case <-done:
				for _, l := range lines {
					l.Calm()
					l.Heal()
				}
				return
			case <-time.After(time.Duration(random.Int64N(int64(most)))):
				l.Heal()
			}
		}
	})
	return func() { close(done); wg.Wait() }
}

// Whatever lines do, short of inventing something: each parcel has its effect
// once, and in order.
func TestParcelsSurviveChaos(t *testing.T) {
	count, seeds := 500, uint64(2)
	if long() {
		count, seeds = 10_000, 10
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			s := fakePlace(t, []string{"prosody", "ejabberd"}[seed%2])
			there := newDepot()
			from, to := prepare(ctx, t, s), prepare(ctx, t, s, asDomain(evilDomain))
			from.Impatient()
			to.Impatient()
			from.start(deaf{})
			to.start(there)
			ids := numbered("p", count)
			var batch []bot.Outgoing
			for _, id := range ids {
				batch = append(batch, parcel("bot@"+evilDomain, id, `"`+id+`"`))
			}
			stop := chaos(seed, 60*time.Millisecond, true, s.line(botDomain), s.line(evilDomain))
			calls := 0
			for i := 0; i < count; i += 50 {
				calls += from.deliver(ctx, batch[i:min(i+50, count)], func() {})
				time.Sleep(5 * time.Millisecond) // for chaos to keep up
			}
			stop()
			got := there.took()
			if !slices.Equal(got, ids) {
				t.Errorf("%d effects of %d parcels, or not in order", len(got), count)
			}
			t.Logf("%d parcels: %d came twice, %d calls of Carry", count, there.onWire()-count, calls)
		})
	}
}

// A room has each message once and in order, and a person has what is said to
// have arrived, nothing twice, and nothing of what is said to be held.
func TestWhatIsSaidOfAMessageIsTrueInChaos(t *testing.T) {
	count, seeds := 150, uint64(2)
	if long() {
		count, seeds = 2000, 10
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			s := fakePlace(t, []string{"prosody", "ejabberd"}[seed%2])
			room := s.Room("ops")
			john := s.login(ctx, t, "john")
			c := prepare(ctx, t, s, inRooms(room))
			c.Impatient()
			c.start(deaf{})
			stop := chaos(seed, time.Second, false, s.line(botDomain))
			said := map[string]bot.FateState{}
			var ids []string
			for i := range count {
				id, second := fmt.Sprintf("r%05d", i), fmt.Sprintf("s%05d", i)
				ids = append(ids, id, second)
				c.deliver(ctx, []bot.Outgoing{inRoom(room, id, id), inRoom(room, second, second)}, func() {})
				check(t, c.Await(ctx))
				id = fmt.Sprintf("d%05d", i)
				said[id] = c.Carry(ctx, []bot.Outgoing{direct(john.JID(), id, id)})[0].State
				time.Sleep(20 * time.Millisecond) // for chaos to keep up
			}
			stop()
			var kept []string
			for _, e := range s.archive(room) {
				kept = append(kept, e.ID)
			}
			if !slices.Equal(kept, ids) {
				t.Errorf("the room has %d messages of %d, or not in order", len(kept), len(ids))
			}
			has, states := map[string]int{}, map[string]int{}
			for _, e := range john.Received(messages(mainJID)) {
				has[e.ID]++
			}
			for id, state := range said {
				states[fateName(state)]++
				if n := has[id]; n > 1 || n == 0 && state == bot.Arrived || n > 0 && state == bot.Held {
					t.Errorf("%s came %d times and is said to be %s", id, n, fateName(state))
				}
			}
			t.Logf("%d messages to the room; %d to a person: %v", len(ids), count, states)
		})
	}
}
