package outboxtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/bot"
)

// Simulate sends messages of all sorts through processes that die again and
// again, to destinations that misbehave, and checks that none is lost, that
// each destination got them in order, and none twice unless it says so. The
// seed decides what goes wrong.
func Simulate(t *testing.T, s Storage, seed uint64) {
	t.Logf("seed %d", seed)
	sim := &simulation{
		rig:  &rig{TB: t, storage: s, world: NewWorld(), clock: quick(t), ctx: t.Context()},
		rand: rand.New(rand.NewPCG(seed, 0)),
	}
	for _, kind := range []string{"chat", "room", "parcel"} {
		for i := range 2 {
			to := fmt.Sprint(kind, i)
			sim.places = append(sim.places, to)
			sim.world.Plan(bot.Address(to), sim.faults()...)
		}
	}
	sim.begin()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		sim.feed()
	}()
	sim.survive(ended)
	sim.passes(20 * time.Second) // for what comes once too often
	for _, to := range sim.places {
		sim.check(to)
	}
	t.Logf("%d deaths, %d messages carried for %d", sim.deaths, sim.world.Carried(), len(sim.places)*perPlace)
}

// perPlace is how many messages each destination gets.
const perPlace = 40

type simulation struct {
	*rig
	rand   *rand.Rand
	places []string

	mu     sync.Mutex
	alive  Process
	fresh  chan struct{} // closed when alive is another one
	death  chan struct{} // closed when alive was cut
	deaths int
}

// faults are what the messages to one destination meet.
func (s *simulation) faults() []Fault {
	var all []Fault
	for range 2 * perPlace {
		f := Fault(0)
		switch n := s.rand.IntN(100); {
		case n < 5:
			f = Bounce
		case n < 8:
			f = LostAck
		case n < 11:
			f = LostBoth
		case n < 13:
			f = DieBefore
		case n < 15:
			f = DieAfter
		}
		all = append(all, f)
	}
	return all
}

// begin starts a process.
func (s *simulation) begin() {
	s.restart()
	s.mu.Lock()
	defer s.mu.Unlock()
	death := make(chan struct{})
	cut := sync.OnceFunc(func() {
		s.Cut()
		close(death)
	})
	if s.fresh != nil {
		close(s.fresh)
	}
	s.alive, s.death, s.fresh = s.Process, death, make(chan struct{})
	s.world.OnDeath(cut)
}

func (s *simulation) now() (p Process, death, next chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.alive, s.death, s.fresh
}

// feed has the causes of all messages happen, each once; a cause without an
// answer happens again in the next process.
func (s *simulation) feed() {
	for i := range perPlace {
		for _, to := range s.places {
			for {
				p, _, next := s.now()
				_, err := p.Once(s.ctx, fmt.Sprint("cause ", to, i), 24*time.Hour, func(ctx context.Context) error {
					return p.Add(ctx, message(to, i))
				})
				if err == nil {
					break
				}
				<-next
			}
		}
	}
}

func message(to string, i int) bot.Outgoing {
	id := fmt.Sprint(to, " ", i)
	switch {
	case strings.HasPrefix(to, "room"):
		return room(to, id, fmt.Sprint(i))
	case strings.HasPrefix(to, "parcel"):
		return parcel(to, id)
	}
	return chat(to, id, fmt.Sprint(i))
}

// survive starts a process after each death, until all has arrived.
func (s *simulation) survive(fed <-chan struct{}) {
	late := time.NewTimer(limit)
	defer late.Stop()
	done := false
	for {
		_, death, _ := s.now()
		changed := s.world.Changed()
		if done && !slices.ContainsFunc(s.places, func(to string) bool { return !s.complete(to) }) {
			return
		}
		select {
		case <-death:
			s.deaths++
			s.Kill()
			s.begin()
		case <-changed:
		case <-fed:
			done, fed = true, nil
		case <-late.C:
			for _, to := range s.places {
				plain, open, _ := s.heard(to)
				s.Logf("%s: plainly %v, openly %v", to, plain, open)
			}
			s.Fatalf("waited %v in vain for what is missing", limit)
		}
	}
}

// heard counts how often each message to a destination was told, plainly and
// openly as a repetition, and gives the plain ones in their order.
func (s *simulation) heard(to string) (plain, open []int, order []int) {
	plain, open = make([]int, perPlace), make([]int, perPlace)
	for _, out := range s.world.Got(bot.Address(to)) {
		for i := range perPlace {
			switch id, text := fmt.Sprint(to, " ", i), fmt.Sprint(i); {
			case out.ID == id:
				plain[i]++
				order = append(order, i)
			case out.Parcel == nil && strings.HasSuffix(out.Reply.Text, " "+text):
				open[i]++
			}
		}
	}
	return plain, open, order
}

func (s *simulation) complete(to string) bool {
	plain, open, _ := s.heard(to)
	for i := range plain {
		if plain[i]+open[i] == 0 {
			return false
		}
	}
	return true
}

func (s *simulation) check(to string) {
	plain, open, order := s.heard(to)
	if !slices.IsSorted(order) {
		s.Errorf("%s: order %v", to, order)
	}
	// An open repetition is itself sent again when nobody hears of it, or who
	// sent it dies: on purpose that cannot happen more often than this.
	if slices.Max(plain) > 1 || slices.Max(open) > 5+s.deaths || !strings.HasPrefix(to, "chat") && slices.Max(open) > 0 {
		s.Errorf("%s: told %v times, and openly %v times", to, plain, open)
	}
}
