package simulation

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	_ "github.com/glebarez/go-sqlite" // a second connection, and a look at what is left

	"dragoman/bot"
	"dragoman/store/queue"
)

const (
	people          = 3
	notesPerPerson  = 8
	parcelsOfPeer   = 6
	parcelsToPeer   = 6
	settle          = 3 * time.Hour // after the day, without trouble
	day             = 24 * time.Hour
	patience        = 30 * time.Second // until a person sends the same again
	peer            = bot.Address("peer.world")
	defaultSeeds    = 40
	longSeeds       = 1000
	parcelKind      = "note"
	departuresAtEnd = 100 // how often the settling looks again
)

// TestDays runs virtual days. DRAGOMAN_SEED=n runs the day of one seed again;
// DRAGOMAN_LONG=1 (make faults) runs a thousand.
func TestDays(t *testing.T) {
	first, count := uint64(1), defaultSeeds/seldom
	if os.Getenv("DRAGOMAN_LONG") != "" {
		count = longSeeds
	}
	if s, err := strconv.ParseUint(os.Getenv("DRAGOMAN_SEED"), 10, 64); err == nil {
		first, count = s, 1
	}
	t.Logf("seeds %d to %d", first, first+uint64(count)-1)
	dir := memoryDir(t)
	var total tally
	next := atomic.Uint64{}
	next.Store(first)
	var workers sync.WaitGroup
	for range 2 * runtime.GOMAXPROCS(0) { // some of them wait for a lock of SQLite
		workers.Go(func() {
			for {
				s := next.Add(1) - 1
				if s >= first+uint64(count) {
					return
				}
				oneDay(t, seed(s), dir, &total)
			}
		})
	}
	workers.Wait()
	t.Logf("%d days: %d kills, %d commands, %d deliveries, %d openly repeated", count,
		total.kills.Load(), total.commands.Load(), total.deliveries.Load(), total.openly.Load())
}

// tally is what all days had together.
type tally struct{ kills, commands, deliveries, openly atomic.Int64 }

// memoryDir is a folder in memory where the system has one: a day is thousands
// of commits, and what a disk adds to them has other tests.
func memoryDir(t *testing.T) string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		if dir, err := os.MkdirTemp("/dev/shm", "dragoman-simulation-"); err == nil {
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			return dir
		}
	}
	return t.TempDir()
}

func oneDay(t *testing.T, s seed, dir string, total *tally) (record string) {
	t.Run(fmt.Sprintf("seed=%d", s), func(t *testing.T) {
		own, err := os.MkdirTemp(dir, "day-")
		check(t, err)
		defer os.RemoveAll(own)
		synctest.Test(t, func(t *testing.T) { record = simulate(t, s, own, total) })
	})
	return record
}

// TestASeedReproducesItsDay: what a seed draws is always the same. Where two
// things happen in the same instant the runtime decides which is first, so that
// of two runs most are the same word for word, not all.
func TestASeedReproducesItsDay(t *testing.T) {
	dir := memoryDir(t)
	for s := range seed(12) {
		first := oneDay(t, s, dir, new(tally))
		if second := oneDay(t, s, dir, new(tally)); second == first {
			return
		}
		t.Logf("seed %d made two different days", s)
	}
	t.Error("no day came again as it had been: something draws from another source than the seed")
}

// simulate is one day, and the hours after it in which everything settles.
func simulate(t *testing.T, s seed, dir string, total *tally) (record string) {
	w := newWorld(t, s)
	began := time.Now()
	ctx, over := context.WithTimeout(context.Background(), day)
	defer over()

	var acting sync.WaitGroup
	for n := range people {
		acting.Go(func() { w.person(n) })
	}
	acting.Go(w.sendParcels)
	troubles, noTroubles := context.WithCancel(ctx)
	var making sync.WaitGroup
	c := &chaos{w: w, dir: dir, process: born(t, w, dir+"/0.db")}
	making.Go(func() { c.outages(troubles) })
	making.Go(func() { c.fullDisks(troubles) })
	making.Go(func() { c.busyDatabases(troubles) })
	making.Go(func() { c.addParcels(troubles) })
	c.kills(t, ctx)
	noTroubles()
	making.Wait()
	w.becomeCalm()

	done := make(chan struct{})
	go func() {
		acting.Wait()
		close(done)
	}()
	c.untilSettled(t, done)
	<-done
	w.alive.end()
	w.judge(t, c.process.db, began)
	c.process.end()
	sound(t, c.process.file)
	total.kills.Add(int64(c.killed))
	total.commands.Add(people * notesPerPerson)
	for _, list := range w.got {
		total.deliveries.Add(int64(len(list)))
		for _, a := range list {
			if openly(a.text) {
				total.openly.Add(1)
			}
		}
	}
	return w.record()
}

// becomeCalm ends all trouble, so that what is under way can end well.
func (w *world) becomeCalm() {
	w.mu.Lock()
	w.calm = true
	c := w.carrier
	w.mu.Unlock()
	c.setLine(true)
	for n := range plans {
		c.setAway(roomAddress(n), false)
	}
}

// person gives commands over the day, and sends each again until it is answered.
func (w *world) person(n int) {
	for i := range notesPerPerson {
		r := w.seed.about("person", n, i)
		time.Sleep(between(r, time.Minute, 2*day/notesPerPerson))
		what := fmt.Sprintf("p%d-%d", n, i)
		verb := "note"
		if chance(r, 3) {
			verb = "remind"
		}
		m := bot.Message{
			ID: "m" + what, Unique: true, Transport: carrierName, From: personAddress(n) + "/phone", To: "bot",
			Private: true, Addressed: true, Text: verb + " " + what, WantsReceipt: true,
			Sender: bot.Person{Account: personAddress(n), Handle: fmt.Sprint("p", n)},
		}
		answered := func(a arrival) bool {
			if strings.Contains(a.text, bot.ErrNotAccepted.Error()) {
				return false // told openly: say it again
			}
			return a.about == m.ID || strings.Contains(a.text, "noted "+what)
		}
		for try := 0; !w.over.Load(); try++ {
			again := w.seed.about("again "+what, try)
			w.deliver(m)
			if chance(again, 10) { // a network that doubles
				w.deliver(m)
			}
			if w.await(context.Background(), m.From, patience, answered) {
				break
			}
		}
		if chance(r, 4) { // a client that resends what it had sent long ago
			time.Sleep(between(r, time.Second, time.Hour))
			w.deliver(m)
		}
	}
}

func (w *world) deliver(m bot.Message) {
	w.mu.Lock()
	c := w.carrier
	w.mu.Unlock()
	m.At = time.Now()
	_ = c.deliver(&m) // who is not heard says it again
}

// sendParcels plays the peer: numbered parcels, each until it is accepted.
func (w *world) sendParcels() {
	for i := range parcelsOfPeer {
		r := w.seed.about("parcel", i)
		time.Sleep(between(r, time.Minute, 2*day/parcelsOfPeer))
		what := fmt.Sprint("in-", i)
		body, _ := json.Marshal(what)
		for try := 0; !w.over.Load(); try++ {
			w.mu.Lock()
			c := w.carrier
			w.mu.Unlock()
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			err := c.accept(ctx, &bot.Parcel{ID: what, Transport: carrierName, From: peer, To: "bot", Kind: parcelKind, Body: body})
			cancel()
			lost := chance(w.seed.about("result "+what, try), 10) // the result, on its way
			if err == nil && !lost {
				break
			}
			time.Sleep(10 * time.Second)
		}
	}
}

// chaos makes trouble for the one process that lives at the moment.
type chaos struct {
	w   *world
	dir string

	mu      sync.Mutex
	process *process
	killed  int
}

func (c *chaos) current() *process {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.process
}

// kills kills the process at drawn times, and where it passes a fatal point,
// until ctx ends. Each time another one is born soon.
func (c *chaos) kills(t *testing.T, ctx context.Context) {
	for n := 1; ; n++ {
		r := c.w.seed.about("kill", n)
		wait := time.NewTimer(between(r, time.Minute, 10*time.Hour))
		select {
		case <-wait.C:
		case <-c.w.crash:
			wait.Stop()
		case <-ctx.Done():
			wait.Stop()
			return
		}
		file := c.current().kill(t, c.dir, n)
		down := between(r, time.Second, time.Minute)
		if chance(r, 4) {
			down = between(r, time.Hour, 4*time.Hour)
		}
		time.Sleep(down)
		next := born(t, c.w, file)
		c.mu.Lock()
		c.process = next
		c.killed++
		c.mu.Unlock()
	}
}

// pause waits for a drawn time and reports whether the day goes on.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// outages break the connection, or throw us out of a room.
func (c *chaos) outages(ctx context.Context) {
	for n := 0; ; n++ {
		r := c.w.seed.about("outage", n)
		if !pause(ctx, between(r, time.Hour, 8*time.Hour)) {
			return
		}
		carrier := c.current().carrier
		length := between(r, time.Second, 40*time.Minute)
		room := roomAddress(r.IntN(len(plans)))
		if chance(r, 2) {
			carrier.setAway(room, true)
			pause(ctx, length)
			carrier.setAway(room, false)
			continue
		}
		carrier.setLine(false)
		pause(ctx, length)
		carrier.setLine(true)
	}
}

// fullDisks let the database grow no more for a while.
func (c *chaos) fullDisks(ctx context.Context) {
	for n := 0; ; n++ {
		r := c.w.seed.about("full", n)
		if !pause(ctx, between(r, 4*time.Hour, 20*time.Hour)) {
			return
		}
		p := c.current()
		p.fill(true)
		c.w.full.begin()
		pause(ctx, between(r, time.Minute, 20*time.Minute))
		p.fill(false)
		c.w.full.end()
	}
}

// busyDatabases take the writer's lock from outside, as a backup tool does.
func (c *chaos) busyDatabases(ctx context.Context) {
	for n := 0; ; n++ {
		r := c.w.seed.about("busy", n)
		if !pause(ctx, between(r, time.Hour, 10*time.Hour)) {
			return
		}
		hold(ctx, c.current().file, between(r, time.Second, 20*time.Second))
	}
}

func hold(ctx context.Context, file string, d time.Duration) {
	db, err := sql.Open("sqlite", "file:"+file+"?_txlock=immediate&_pragma=busy_timeout(1000)")
	if err != nil {
		return
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		return // somebody else holds it, which is as good
	}
	pause(ctx, d)
	_ = tx.Rollback()
}

// addParcels gives the process numbered parcels for the peer.
func (c *chaos) addParcels(ctx context.Context) {
	for i := range parcelsToPeer {
		r := c.w.seed.about("add parcel", i)
		if !pause(ctx, between(r, time.Minute, 2*day/parcelsToPeer-2*time.Hour)) {
			return
		}
		what := fmt.Sprint("out-", i)
		body, _ := json.Marshal(what)
		add := func() error {
			p := c.current()
			if p.carrier.dead() {
				return errors.New("nobody to give it to")
			}
			return p.box.Add(ctx, bot.Outgoing{
				Destination: bot.Destination{Transport: carrierName, To: peer}, ID: what,
				Parcel: &bot.Parcel{ID: what, Kind: parcelKind, Body: body},
			})
		}
		for add() != nil {
			if !pause(ctx, time.Minute) {
				return
			}
		}
		c.w.added.Store(int64(i + 1))
	}
}

// untilSettled waits until everybody has what they asked for and nothing is left
// to be done but the plans' next ticks.
func (c *chaos) untilSettled(t *testing.T, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(settle + 2*day):
		t.Error("somebody still waits for an answer")
		c.w.over.Store(true)
		<-done
	}
	time.Sleep(settle)
	for range departuresAtEnd {
		if len(unfinished(t, c.current())) == 0 {
			return
		}
		time.Sleep(time.Minute)
	}
	t.Errorf("left in the queue after the day: %v", unfinished(t, c.current()))
}

// unfinished are the jobs that still have something to do today.
func unfinished(t *testing.T, p *process) []string {
	t.Helper()
	jobs, err := p.queue.List(context.Background(), queue.Filter{
		States: []queue.State{queue.StateReady, queue.StateBehind, queue.StateRunning}, Limit: 1000,
	})
	check(t, err)
	var left []string
	for _, j := range jobs {
		if j.Kind != "tick" {
			left = append(left, fmt.Sprintf("%s %s %s attempt %d: %s", j.Kind, j.Key, j.State, j.Attempt, j.Reason))
		}
	}
	return slices.Clip(left)
}
