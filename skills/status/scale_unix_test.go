//go:build unix

package status

import (
	"context"
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
	"dragoman/bot/outbox"
	"dragoman/internal/clock"
	"dragoman/skills/status/check"
	"dragoman/store"
	"dragoman/store/queue"
)

const manyMachines = 10_000

// crowd is a configuration with n machines at an interval of 30 s.
func crowd(n int) Config {
	cfg := Config{Interval: 30 * time.Second, Timeout: 5 * time.Second, Failures: 2}
	for i := range n {
		name := fmt.Sprintf("machine%d", i)
		cfg.Machines = append(cfg.Machines, Machine{Name: name, Spec: check.Spec{Kind: "tcp", Target: name + ":1"}})
	}
	return cfg
}

// processor is the processor time that this process has taken so far.
func processor(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// heap is the memory in use after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// load is what a skill cost in some time.
type load struct {
	checks uint64
	took   time.Duration // on the clock of the test, which may be a bubble's
	cpu    time.Duration
}

// measure is the load of the next d.
func measure(t testing.TB, s *Skill, d time.Duration) load {
	t.Helper()
	runs, start, used := s.sched.Stats().Runs, time.Now(), processor(t)
	time.Sleep(d)
	return load{s.sched.Stats().Runs - runs, time.Since(start), processor(t) - used}
}

func (l load) cores() float64     { return l.cpu.Seconds() / l.took.Seconds() }
func (l load) perSecond() float64 { return float64(l.checks) / l.took.Seconds() }

// steady is when the first checks, which come at once, have turned into those
// that are spread over the interval.
func steady(s *Skill) time.Duration {
	return manyMachines*time.Millisecond + 3*s.cfg.Interval/2
}

// Ten thousand machines at an interval of 30 s take less than half a core. The
// minutes are those of a bubble, the processor's time is real; see
// BenchmarkTenThousandMachines for real minutes.
func TestTenThousandMachines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, before := &machines{}, heap()
		s := made(t, crowd(manyMachines), Deps{DB: inMemory(t), Notify: newWire(), NewCheck: fake.new})
		run(t, s)
		first := measure(t, s, steady(s))
		l := measure(t, s, 5*time.Minute)
		t.Logf("%d machines at %v: %.0f checks/s, %.2f s of processor time a minute (%.2f %% of a core), %.0f KiB of heap; the first checks took %v",
			manyMachines, s.cfg.Interval, l.perSecond(), 60*l.cores(), 100*l.cores(), float64(heap()-before)/1024, first.cpu.Round(time.Millisecond))
		if want := manyMachines / s.cfg.Interval.Seconds(); l.perSecond() < 0.99*want {
			t.Errorf("%.0f checks/s instead of %.0f", l.perSecond(), want)
		}
		if l.cores() > 0.5 {
			t.Errorf("they take %.0f %% of a core", 100*l.cores())
		}
	})
}

// All of them go down at once, and each has a subscriber.
func TestTenThousandMachinesThatGoDown(t *testing.T) {
	fake, w := &machines{}, newWire()
	cfg := crowd(manyMachines)
	s := made(t, cfg, Deps{DB: openStore(t, "sqlite:"+t.TempDir()+"/bot.db"), Notify: w, NewCheck: fake.new})
	var subs []subscription
	for _, m := range cfg.Machines {
		subs = append(subs, subscription{Machine: key(m.Name), Transport: "fake", Address: "ops@rooms.test", Room: true})
	}
	storeAll(t, s.deps.DB, subs)
	start, used := time.Now(), processor(t)
	for round := range 3 { // up, and twice down
		for _, m := range cfg.Machines {
			if round == 1 {
				fake.set(m.Target, check.Down, "connection refused")
			}
			watched, _ := s.watch.get(m.Name)
			s.watch.look(t.Context(), watched)
		}
	}
	checked := time.Since(start)
	watching := run(t, s)
	w.await(t, manyMachines)
	told := time.Since(start) - checked
	t.Logf("%d outages: checked in %v, stored and told in %v more, %v of processor time", manyMachines,
		checked.Round(time.Millisecond), told.Round(time.Millisecond), processor(t)-used)
	watching.end()
	rows, err := s.store.states(t.Context())
	if err != nil || len(rows) != manyMachines || rows[key(cfg.Machines[0].Name)].State != "down" {
		t.Errorf("%d states are stored, %v", len(rows), err)
	}
}

// subscribersOf are subscriptions to one machine: half of them direct, half in
// a hundred rooms, so that so many places are to be told.
func subscribersOf(machine, transport string, n int) (subs []subscription, places int) {
	const rooms = 100
	for i := range n {
		sub := subscription{Machine: key(machine), Transport: transport, Person: fmt.Sprintf("person%d@chat.test", i), Own: string(bottest.BotAddress), Since: int64(i)}
		if sub.Address = sub.Person; i%2 == 1 {
			sub.Address, sub.Room = string(bottest.Room(fmt.Sprint("room", i/2%rooms))), true
		}
		subs = append(subs, sub)
	}
	return subs, n/2 + rooms
}

// Ten thousand subscribers of one machine are told within ten seconds.
func TestTenThousandSubscribers(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		fake, r := &machines{}, &relay{ready: make(chan struct{})}
		s := made(t, two(), Deps{DB: openStore(t, url), Notify: r, NewCheck: fake.new})
		subs, places := subscribersOf("web1", bottest.TransportName, manySubscribers)
		storeAll(t, s.deps.DB, subs)
		m, _ := s.watch.get("web1")
		s.watch.look(t.Context(), m)
		chat := bottest.Start(t, bot.Config{}, s)
		defer chat.Stop()
		r.bot = chat.Bot
		close(r.ready)

		fake.set("web1:1", check.Down, "")
		start, used := time.Now(), processor(t)
		s.watch.look(t.Context(), m)
		s.watch.look(t.Context(), m)
		told := make(map[bot.Address]int)
		for range places {
			told[chat.Next(t).To]++
		}
		took := time.Since(start)
		t.Logf("%d subscribers in %d places told in %v, %v of processor time", len(subs), places, took.Round(time.Millisecond), processor(t)-used)
		if len(told) != places {
			t.Errorf("%d of %d places were told", len(told), places)
		}
		if took > tellBar {
			t.Errorf("it took %v", took)
		}
	})
}

// The same through the outbox of the product, which keeps the notices.
func TestTenThousandSubscribersInTheOutbox(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		db := openStore(t, url)
		for owner, steps := range map[string][]store.Migration{"queue": queue.Migrations(), "outbox": outbox.Migrations()} {
			if err := db.Migrate(t.Context(), owner, steps); err != nil {
				t.Fatal(err)
			}
		}
		jobs := queue.New(queue.Config{DB: db, Clock: clock.System{}, Log: quiet()})
		box := outbox.New(outbox.Config{DB: db, Queue: jobs, Transports: []string{bottest.TransportName}})
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- jobs.Run(ctx) }()
		defer func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}()
		fake, r := &machines{}, &relay{ready: make(chan struct{})}
		s := made(t, two(), Deps{DB: db, Notify: r, NewCheck: fake.new})
		subs, places := subscribersOf("web1", bottest.TransportName, manySubscribers)
		storeAll(t, db, subs)
		m, _ := s.watch.get("web1")
		s.watch.look(t.Context(), m)
		chat := bottest.Start(t, bot.Config{Outbox: box, Journal: box}, s)
		defer chat.Stop()
		r.bot = chat.Bot
		close(r.ready)

		fake.set("web1:1", check.Down, "")
		start := time.Now()
		s.watch.look(t.Context(), m)
		s.watch.look(t.Context(), m)
		told := make(map[bot.Address]int)
		for range places {
			told[chat.Next(t).To]++
		}
		took := time.Since(start)
		t.Logf("%d notices were stored and told in %v", places, took.Round(time.Millisecond))
		if len(told) != places {
			t.Errorf("%d of %d places were told", len(told), places)
		}
		if rows, err := s.store.states(t.Context()); err != nil || rows["web1"].State != "down" {
			t.Errorf("stored %+v, %v", rows, err)
		}
		if took > tellBar*slowdown {
			t.Errorf("it took %v", took)
		}
	})
}

// BenchmarkTenThousandMachines watches them for one interval of real time.
func BenchmarkTenThousandMachines(b *testing.B) {
	s := made(b, crowd(manyMachines), Deps{DB: inMemory(b), Notify: newWire(), NewCheck: (&machines{}).new})
	run(b, s)
	time.Sleep(steady(s))
	var all load
	for b.Loop() {
		l := measure(b, s, s.cfg.Interval)
		all.checks, all.took, all.cpu = all.checks+l.checks, all.took+l.took, all.cpu+l.cpu
	}
	b.ReportMetric(0, "ns/op") // it is the interval
	b.ReportMetric(all.cores(), "cores")
	b.ReportMetric(all.perSecond(), "checks/s")
}

// BenchmarkLook is one check that finds everything as it was.
func BenchmarkLook(b *testing.B) {
	s := made(b, two(), Deps{DB: inMemory(b), Notify: newWire(), NewCheck: (&machines{}).new})
	m, _ := s.watch.get("web1")
	s.watch.look(b.Context(), m)
	b.ReportAllocs()
	for b.Loop() {
		s.watch.look(b.Context(), m)
	}
}
