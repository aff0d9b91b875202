package scheduler

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"dragoman/internal/clock"
)

// Schedule says when. Next is the first time after t, or zero if none is left.
// It must depend on t alone and must not call the Scheduler.
type Schedule interface {
	Next(t time.Time) time.Time
}

// The bounds of an interval. Below the first a job would be a busy loop, above
// the second it wants a calendar, because no process runs that long.
const (
	MinInterval = 10 * time.Millisecond
	MaxInterval = 366 * 24 * time.Hour
)

const accepted = `accepted are a duration ("15s", "@every 1h30m"), ` +
	`five cron fields (minute hour day month weekday: "0 9 * * 1-5"), ` +
	`or @hourly, @daily, @weekly, @monthly, @yearly; ` +
	`the last two kinds also behind CRON_TZ=Europe/Berlin`

// Parse reads a schedule: an interval ("15s", "@every 15s"), five cron fields,
// or one of the names @hourly, @daily, @weekly, @monthly, @yearly. Cron times
// are local times in loc (nil means UTC) unless the spec names its own zone in
// front: "CRON_TZ=Europe/Berlin 0 9 * * *" or "TZ=...".
//
// A cron spec that names hours happens exactly once at each of its local times,
// placed by Resolve on the nights on which clocks change. One that leaves the
// hour open ("*/15 * * * *") follows the hours as they pass, also the one that
// comes twice.
//
// The error names the spec and what is accepted.
func Parse(spec string, loc *time.Location) (Schedule, error) {
	s, err := parse(spec, loc)
	if err != nil {
		return nil, fmt.Errorf("schedule %q: %w; %s", abridge(spec), err, accepted)
	}
	return s, nil
}

func parse(spec string, loc *time.Location) (Schedule, error) {
	if loc == nil {
		loc = time.UTC
	}
	fields := strings.Fields(spec)
	if len(fields) == 0 {
		return nil, errors.New("it is empty")
	}
	zone, zoned := zonePrefix(fields[0])
	if zoned {
		var err error
		if loc, err = loadZone(zone); err != nil {
			return nil, err
		}
		fields = fields[1:]
	}
	text, interval := strings.CutPrefix(strings.Join(fields, " "), "@every ")
	if interval || len(fields) == 1 && !strings.HasPrefix(text, "@") {
		if zoned {
			return nil, errors.New("an interval has no time zone")
		}
		return parseInterval(text)
	}
	return parseCalendar(text, loc)
}

func zonePrefix(field string) (zone string, ok bool) {
	if zone, ok = strings.CutPrefix(field, "CRON_TZ="); ok {
		return zone, true
	}
	return strings.CutPrefix(field, "TZ=")
}

func loadZone(name string) (*time.Location, error) {
	if name == "" {
		return nil, errors.New("the time zone has no name")
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q is not known here", abridge(name))
	}
	return loc, nil
}

func parseInterval(text string) (Schedule, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return nil, errors.New("not a duration")
	}
	if d < MinInterval || d > MaxInterval {
		return nil, fmt.Errorf("an interval lies between %v and %v", MinInterval, MaxInterval)
	}
	return every(d), nil
}

// every is an interval. Scheduler counts it in time that passed, not on the
// calendar.
type every time.Duration

// Every is the schedule of "@every d". A d outside of MinInterval and
// MaxInterval counts as the nearer of the two.
func Every(d time.Duration) Schedule {
	return every(min(max(d, MinInterval), MaxInterval))
}

func (e every) Next(t time.Time) time.Time { return t.Add(time.Duration(e)) }

func (e every) String() string { return "@every " + time.Duration(e).String() }

// calendar is a cron spec on the wall clocks of loc.
type calendar struct {
	// ticks counts in UTC, so that it knows no transitions: it makes local
	// times, and Next places them. cron's own way loses those in a gap.
	ticks     *cron.SpecSchedule
	loc       *time.Location
	text      string
	everyHour bool
}

func parseCalendar(text string, loc *time.Location) (Schedule, error) {
	parser := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)
	parsed, err := parser.Parse(text)
	if err != nil {
		return nil, errors.New(abridge(err.Error()))
	}
	ticks, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, errors.New("not a calendar") // no text that parse passes on gets here
	}
	ticks.Location = time.UTC
	if !comes(ticks) {
		return nil, errors.New("no date fits it")
	}
	const hours = 1<<24 - 1
	return &calendar{ticks: ticks, loc: loc, text: text, everyHour: ticks.Hour&hours == hours}, nil
}

// comes reports whether ticks ever happens. cron searches five years, and those
// after the reference hold a 29th of February.
func comes(ticks *cron.SpecSchedule) bool {
	const star = 1 << 63 // cron's mark for "*", set besides the values
	for _, field := range []uint64{ticks.Minute, ticks.Hour, ticks.Dom, ticks.Month, ticks.Dow} {
		if field&^star == 0 { // "," is a list of nothing
			return false
		}
	}
	return !ticks.Next(time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)).IsZero()
}

func (c *calendar) String() string { return "CRON_TZ=" + c.loc.String() + " " + c.text }

// Next is the first tick after t. Near a transition instants do not come in the
// order of their local times, so it looks that far back and ahead.
func (c *calendar) Next(t time.Time) time.Time {
	t = t.In(c.loc)
	reach := shiftAround(t)
	var best time.Time
	consider := func(at time.Time) {
		if at.After(t) && (best.IsZero() || at.Before(best)) {
			best = at
		}
	}
	for wall := c.ticks.Next(clock.Wall(t).Add(-reach)); !wall.IsZero(); wall = c.ticks.Next(wall) {
		if !best.IsZero() && wall.After(clock.Wall(best).Add(reach)) {
			break
		}
		first, second := clock.Occurrences(wall, c.loc)
		consider(first)
		if c.everyHour {
			consider(second)
		}
	}
	return best
}

// shiftAround is by how much the clocks of t's zone change within a day of t.
// It is zero on all but a few days of a year.
func shiftAround(t time.Time) time.Duration {
	const day = 25 * time.Hour // the longest
	_, before := t.Add(-day).Zone()
	_, now := t.Zone()
	_, after := t.Add(day).Zone()
	seconds := max(before-now, now-before, after-now, now-after)
	return time.Duration(seconds) * time.Second
}

// abridge keeps an error readable whatever somebody typed.
func abridge(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}
