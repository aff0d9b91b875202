package scheduler

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/internal/clock"
)

// yearBar is what a virtual year may take at most, on a machine of its own: where
// others work too, the processor time tells.
const yearBar = 30 * time.Second

// Reminders of a year in five zones: each comes exactly once, at its time or at
// the first moment after it at which the process runs. Restarts, downtimes,
// failing workers and set clocks are drawn from a seed, which SCHEDULER_SEED
// repeats. Under the race detector the year is three weeks, in which clocks
// change in three zones; what it may cost is asked without.
func TestAYearOfRemindersInFiveZonesEachExactlyOnce(t *testing.T) {
	seed := rand.Uint64()
	if text := os.Getenv("SCHEDULER_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("SCHEDULER_SEED=%d", seed)
	start, days := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC), 365
	if raced {
		start, days = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC), 21
	}
	began, used := time.Now(), processorTime(t) // outside of the bubble: real time
	synctest.Test(t, func(t *testing.T) {
		y := newYear(t, seed, start, days)
		y.live()
		y.compare()
	})
	took, used := time.Since(began), processorTime(t)-used
	t.Logf("%d virtual days in %.1f s (%.1f s of processor time): %.0f in a second",
		days, took.Seconds(), used.Seconds(), float64(days)/took.Seconds())
	if min(took, used) > yearBar && !raced {
		t.Errorf("a virtual year took %v (%v of processor time), the bar is %v", took, used, yearBar)
	}
}

type year struct {
	*office
	rnd        *rand.Rand
	start, end time.Time
	plans      []Plan
	once       []At
	due        []time.Time // all times at which something is to happen, in their order
	want       map[string]bool
	restarts   int
}

func newYear(t *testing.T, seed uint64, start time.Time, days int) *year {
	y := &year{
		office: newOffice(t, start), rnd: rand.New(rand.NewPCG(seed, 0)),
		start: start, end: start.AddDate(0, 0, days), want: make(map[string]bool),
	}
	for _, name := range []string{
		"Europe/Berlin",       // north
		"America/New_York",    // north, other dates
		"Australia/Lord_Howe", // south, by half an hour
		"America/Santiago",    // south, at midnight
		"Asia/Kolkata",        // never
	} {
		loc := zone(t, name)
		y.recurring(loc, "30 2 * * *", 150, func(time.Weekday) bool { return true })
		y.recurring(loc, "0 0 * * 0", 0, func(d time.Weekday) bool { return d == time.Sunday }) // clocks change on Sundays
		y.oneOffs(loc)
	}
	slices.SortFunc(y.due, time.Time.Compare)
	y.due = slices.CompactFunc(y.due, time.Time.Equal)
	y.fault = func(j *workJob) error { // of several goroutines, and the same for the same seed
		drawn := fnv.New64a()
		fmt.Fprint(drawn, seed, j.Key, j.Attempt)
		switch drawn.Sum64() % 40 {
		case 0:
			return errors.New("not today")
		case 1:
			panic("at the disco")
		}
		return nil
	}
	return y
}

// expect notes what must happen if it lies in the year.
func (y *year) expect(name string, due time.Time) bool {
	if !due.After(y.start) || !due.Before(y.end) {
		return false
	}
	y.due = append(y.due, due)
	y.want[name+" "+due.UTC().Format(time.RFC3339)] = true
	return true
}

// recurring plans spec, which comes at this minute of some days. The oracle knows
// days and Resolve, which has its own tests, and no cron.
func (y *year) recurring(loc *time.Location, spec string, minute int, on func(time.Weekday) bool) {
	p := Plan{Name: loc.String() + " " + spec, Spec: spec, Zone: loc, Kind: "work"}
	y.plans = append(y.plans, p)
	for day := range 370 { // of the year, and some around it
		if local := time.Date(2026, 1, day-1, 0, minute, 0, 0, time.UTC); on(local.Weekday()) {
			y.expect(p.Name, clock.Resolve(local, loc))
		}
	}
}

// oneOffs plans reminders at drawn local times and around both changes of
// clocks.
func (y *year) oneOffs(loc *time.Location) {
	var local []time.Time
	for range 10 + int(y.end.Sub(y.start).Hours()/24/4) {
		local = append(local, y.start.Add(span(y.rnd, y.end.Sub(y.start))).Truncate(time.Minute))
	}
	for at := y.start.In(loc); ; {
		_, edge := at.ZoneBounds()
		if edge.IsZero() || edge.After(y.end) {
			break
		}
		for _, minutes := range []time.Duration{-60, -45, -30, -15, -1, 0, 1, 15, 29, 30, 45, 60, 61} {
			local = append(local, clock.Wall(edge.Add(-1)).Add(1+minutes*time.Minute))
		}
		at = edge
	}
	for i, when := range local {
		at := At{Name: fmt.Sprint(loc, " ", i), When: when, Zone: loc, Kind: "work"}
		if y.expect(at.Name, clock.Resolve(when, loc)) {
			y.once = append(y.once, at)
		}
	}
}

// live lets the year pass.
func (y *year) live() {
	for _, at := range y.once {
		y.must(y.Once(y.t.Context(), at))
	}
	y.restart(0)
	for now := y.clk.Now(); now.Before(y.end); now = y.clk.Now() {
		place, _ := slices.BinarySearchFunc(y.due, now.Add(1), time.Time.Compare)
		next := y.end
		if place < len(y.due) {
			next = y.due[place]
		}
		switch chance := y.rnd.IntN(100); {
		case chance < 3:
			y.restart(span(y.rnd, 4*time.Hour))
		case chance < 6:
			y.step(span(y.rnd, 40*time.Minute) - 20*time.Minute)
		case chance < 16:
			y.advance(span(y.rnd, 2*time.Hour))
		default:
			y.advance(next.Sub(now))
		}
	}
	y.fault = nil
	for range 6 { // for the last that failed
		y.advance(10 * time.Minute)
	}
}

// restart is down for a while and starts again, as the program does.
func (y *year) restart(down time.Duration) {
	y.restarts++
	y.stop()
	y.advance(down)
	y.open()
	for _, p := range y.plans {
		y.must(y.Recurring(y.t.Context(), p))
	}
}

func (y *year) compare() {
	got := make(map[string]int)
	for _, r := range y.runs {
		if r.at.Before(r.due) {
			y.t.Errorf("%v ran early, at %v", r, r.at)
		}
		if r.due.Before(y.end) {
			got[r.plan+" "+r.due.Format(time.RFC3339)]++
		}
	}
	for key := range y.want {
		if got[key] != 1 {
			y.t.Errorf("%s came %d times", key, got[key])
		}
	}
	for key, n := range got {
		if !y.want[key] {
			y.t.Errorf("%s came %d times and was not expected", key, n)
		}
	}
	y.t.Logf("%d reminders, %d restarts", len(y.want), y.restarts)
}
