package xmpp_test

import (
	"context"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/component"
	"dragoman/internal/counterpart"
)

// long says whether there is time for the tests at their full length.
func long() bool { return os.Getenv("DRAGOMAN_LONG") == "1" }

// deliver sends messages to one destination until all of them have arrived or
// were refused, as an outbox does, and returns how often it called Carry. Each
// time it waits first until ready returns.
func (c *carrier) deliver(ctx context.Context, batch []bot.Outgoing, ready func()) (calls int) {
	c.Helper()
	const most = 256
	for len(batch) > 0 {
		if err := c.Await(ctx); err != nil {
			c.Fatal(err)
		}
		ready()
		calls++
		now := time.Now()
		fates := c.Carry(ctx, batch[:min(most, len(batch))])
		var open []bot.Outgoing
		for i, f := range fates {
			switch f.State {
			case bot.Refused:
				c.Errorf("%s was refused: %v", batch[i].ID, f.Err)
				fallthrough
			case bot.Arrived: // also behind one that did not: that is done with
				continue
			case bot.Held:
			default:
				batch[i].Tried = now
			}
			open = append(open, batch[i])
		}
		done := len(fates) - len(open)
		batch = append(open, batch[len(fates):]...)
		c.delivered.Add(int64(done))
		if done == 0 {
			time.Sleep(20 * time.Millisecond) // an outbox would back off
		}
	}
	return calls
}

// seed is that of DRAGOMAN_SEED, or a new one.
func seed(t *testing.T) uint64 {
	s := rand.Uint64()
	if given := os.Getenv("DRAGOMAN_SEED"); given != "" {
		var err error
		s, err = strconv.ParseUint(given, 10, 64)
		check(t, err)
	}
	t.Logf("DRAGOMAN_SEED=%d", s)
	return s
}

// killing kills and restarts the server once in each stretch of a number of
// things that happen, at a place in it that is drawn.
func killing(ctx context.Context, t *testing.T, s *place, kills, every int, progress func() int) *sync.WaitGroup {
	var wg sync.WaitGroup
	random := rand.New(rand.NewPCG(seed(t), 0))
	wg.Go(func() {
		for k := range kills {
			due := k*every + 1 + random.IntN(every)
			for progress() < due {
				select {
				case <-ctx.Done():
					t.Errorf("only %d of %d kills: there were %d of %d", k, kills, progress(), due)
					return
				case <-time.After(time.Millisecond):
				}
			}
			if err := s.Kill(); err != nil {
				t.Errorf("kill: %v", err)
			}
			if err := s.Restart(ctx); err != nil {
				t.Errorf("restart: %v", err)
				return
			}
		}
	})
	return &wg
}

// P1, P2 and P3 between two machines: whatever the server does, each parcel has
// its effect once and in order.
func TestParcelsSurviveAServerThatIsKilled(t *testing.T) {
	parcels, kills := 3000, 3
	if long() {
		parcels, kills = 20_000, 20
	}
	onEveryPlace(t, func(ctx context.Context, t *testing.T, s *place) {
		there := newDepot()
		from := carry(ctx, t, s, deaf{})
		carry(ctx, t, s, there, asDomain(evilDomain))
		ids := numbered("p", parcels)
		var batch []bot.Outgoing
		for _, id := range ids {
			batch = append(batch, parcel("bot@"+evilDomain, id, `{"number":"`+id+`"}`))
		}
		began := time.Now()
		killer := killing(ctx, t, s, kills, parcels/(kills+1), func() int { return int(from.delivered.Load()) })
		calls := from.deliver(ctx, batch, func() {})
		killer.Wait()
		got := there.took()
		if !slices.Equal(got, ids) {
			t.Errorf("%d effects of %d parcels, or not in order", len(got), len(ids))
		}
		t.Logf("%d parcels and %d SIGKILLs in %v: %d effects in order, %d came twice, %d calls of Carry",
			parcels, kills, time.Since(began).Round(time.Millisecond), len(got), there.onWire()-len(got), calls)
	})
}

// Every message to a room is heard by somebody who is there all the time, or is
// in the archive when they come back, and nobody gets it twice. ejabberd's
// archive forgets what came in the last second before a SIGKILL: a message that
// the room had repeated to us, and to nobody else yet, is gone with it, which no
// bot could know; and one that others had heard is sent again, with its id.
func TestARoomMissesNothingWhenItsServerIsKilled(t *testing.T) {
	count, kills := 300, 2
	if long() {
		count, kills = 3000, 20
	}
	onEveryPlace(t, func(ctx context.Context, t *testing.T, s *place) {
		room := s.Room("ops")
		heard := &calls{by: map[string]int{}}
		from := carry(ctx, t, s, deaf{}, inRooms(room))
		witness := carry(ctx, t, s, &witness{calls: heard}, asDomain(evilDomain), inRooms(room), withNick("witness"))
		from.awaitOpened(room)
		witness.awaitOpened(room)
		ids := numbered("m", count)
		var batch []bot.Outgoing
		for _, id := range ids {
			batch = append(batch, inRoom(room, id, "message "+id))
		}
		ready := func() { check(t, witness.AwaitRoom(ctx, room)) }
		began := time.Now()
		killer := killing(ctx, t, s, kills, count/(kills+1), func() int { return int(from.delivered.Load()) })
		calls := 0
		for i := 0; i < len(batch); i += 10 { // people don't talk in thousands
			calls += from.deliver(ctx, batch[i:min(i+10, len(batch))], ready)
		}
		killer.Wait()
		took := time.Since(began)
		john := s.login(ctx, t, "john")
		john.join(room, "John")
		kept := archive(ctx, t, john, room)
		twiceKept, twiceHeard, lost := 0, 0, 0
		for i, id := range ids {
			n := kept[id]
			if n > 1 {
				twiceKept++
			}
			if h := heard.of("message " + id); h > 1 {
				twiceHeard++
			} else if n == 0 && h == 0 {
				lost++
				t.Logf("%s is gone; it was acknowledged by its echo at the first try: %v", id, batch[i].Tried.IsZero())
			}
		}
		t.Logf("%d messages and %d SIGKILLs in %v: %d lost, %d twice in the archive, %d heard twice by somebody who was there, %d calls of Carry",
			count, kills, took.Round(time.Millisecond), lost, twiceKept, twiceHeard, calls)
		if twiceKept > 0 || s.Kind == "prosody" && (lost > 0 || twiceHeard > 0) {
			t.Error("a message was lost, or is there twice")
		}
		if lost > kills || twiceHeard > 10*kills {
			t.Error("that is more than ejabberd's archive can explain")
		}
	})
}

func withNick(nick string) setup {
	return func(x *xmpp.Config, _ *component.Config) { x.Nick = nick }
}

// witness counts what is said.
type witness struct{ calls *calls }

func (w *witness) Deliver(m *bot.Message) error { w.calls.add(m.Text); return nil }

// archive is how often a room's archive has each of our ids.
func archive(ctx context.Context, t *testing.T, john *person, room string) map[string]int {
	t.Helper()
	ours := regexp.MustCompile(`id=["'](m\d{5})["']`)
	last := regexp.MustCompile(`<last>([^<]*)</last>`)
	kept := map[string]int{}
	for after := ""; ; {
		fin, err := john.IQ(ctx, room, "set", "<query xmlns='urn:xmpp:mam:2' queryid='q'><set xmlns='http://jabber.org/protocol/rsm'><max>200</max>"+after+"</set></query>")
		check(t, err)
		for _, e := range john.Received(func(e counterpart.Event) bool {
			return strings.Contains(e.XML, "urn:xmpp:mam:2") && e.Kind == "message"
		}) {
			if m := ours.FindStringSubmatch(e.XML); m != nil {
				kept[m[1]]++
			}
		}
		m := last.FindStringSubmatch(fin.XML)
		if m == nil {
			return kept
		}
		after = "<after>" + m[1] + "</after>"
	}
}
