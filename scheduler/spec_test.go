package scheduler

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"dragoman/internal/clock"
)

func mustParse(t testing.TB, spec string, loc *time.Location) Schedule {
	t.Helper()
	s, err := Parse(spec, loc)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNext(t *testing.T) {
	for _, c := range []struct {
		spec, zone, after string
		want              []string
	}{
		{"15s", "UTC", "2026-11-23T09:00:00Z", []string{"2026-11-23T09:00:15Z", "2026-11-23T09:00:30Z"}},
		{"@every 1h30m", "UTC", "2026-11-23T09:00:00Z", []string{"2026-11-23T10:30:00Z"}},
		{"0 9 * * 1-5", "Europe/Berlin", "2026-11-20T09:00:00+01:00", []string{"2026-11-23T09:00:00+01:00"}},
		{"@daily", "Asia/Kolkata", "2026-11-23T09:00:00Z", []string{"2026-11-24T00:00:00+05:30"}},
		{"  CRON_TZ=America/New_York\t0  9 * * * ", "Europe/Berlin", "2026-11-23T00:00:00-05:00",
			[]string{"2026-11-23T09:00:00-05:00"}},
		{"TZ=Europe/Berlin @hourly", "UTC", "2026-11-23T09:00:00+01:00", []string{"2026-11-23T10:00:00+01:00"}},
		{"0 12 29 2 *", "UTC", "2026-11-23T09:00:00Z", []string{"2028-02-29T12:00:00Z", "2032-02-29T12:00:00Z"}},

		// A spec that names its hours happens once on each day.
		{"30 2 * * *", "Europe/Berlin", "2026-03-28T03:00:00+01:00",
			[]string{"2026-03-29T03:30:00+02:00", "2026-03-30T02:30:00+02:00"}},
		{"30 2 * * *", "Europe/Berlin", "2026-10-24T03:00:00+02:00",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		{"30 1 * * *", "America/New_York", "2026-10-31T02:00:00-04:00",
			[]string{"2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"}},
		{"0 0 * * *", "America/Sao_Paulo", "2018-11-03T00:00:00-03:00",
			[]string{"2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"}},
		// Local times 02:20 (in the gap) and 02:35 change places.
		{"20,35 2 * * *", "Australia/Lord_Howe", "2026-10-04T01:00:00+10:30",
			[]string{"2026-10-04T02:35:00+11:00", "2026-10-04T02:50:00+11:00", "2026-10-05T02:20:00+11:00"}},
		{"20,35 2 4 10 *", "Australia/Lord_Howe", "2026-01-01T00:00:00+11:00",
			[]string{"2026-10-04T02:35:00+11:00", "2026-10-04T02:50:00+11:00", "2027-10-04T02:20:00+11:00"}},

		// One that leaves the hour open follows the hours as they pass.
		{"*/30 * * * *", "Europe/Berlin", "2026-10-25T02:00:00+02:00",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:00:00+01:00"}},
		{"*/30 * * * *", "Europe/Berlin", "2026-03-29T01:30:00+01:00",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"}},
		{"0,55 * * * *", "America/New_York", "2026-11-01T01:50:00-04:00",
			[]string{"2026-11-01T01:55:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T01:55:00-05:00"}},
		{"45 * * * *", "Australia/Lord_Howe", "2026-04-05T01:00:00+11:00",
			[]string{"2026-04-05T01:45:00+11:00", "2026-04-05T01:45:00+10:30", "2026-04-05T02:45:00+10:30"}},
	} {
		at, err := time.Parse(time.RFC3339, c.after)
		if err != nil {
			t.Fatal(err)
		}
		s := mustParse(t, c.spec, zone(t, c.zone))
		for _, want := range c.want {
			next := s.Next(at)
			if got := next.Format(time.RFC3339); got != want {
				t.Errorf("%s in %s after %s: %s, want %s", c.spec, c.zone, at.Format(time.RFC3339), got, want)
			}
			at = next
		}
	}
}

// The oracle walks minute by minute and knows neither Next nor its search.
func TestNextAgreesWithCountingMinutes(t *testing.T) {
	const seed = 8
	rnd := rand.New(rand.NewPCG(seed, seed))
	list := func(limit int) string {
		return fmt.Sprintf("%d,%d", rnd.IntN(limit), rnd.IntN(limit))
	}
	for _, edge := range []struct {
		zone string
		day  time.Time
	}{
		{"Europe/Berlin", time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)},
		{"Europe/Berlin", time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC)},
		{"America/New_York", time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC)},
		{"America/New_York", time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)},
		{"Australia/Lord_Howe", time.Date(2026, 4, 4, 0, 0, 0, 0, time.UTC)},
		{"Australia/Lord_Howe", time.Date(2026, 10, 3, 0, 0, 0, 0, time.UTC)},
		{"Asia/Kolkata", time.Date(2026, 10, 3, 0, 0, 0, 0, time.UTC)},
	} {
		loc := zone(t, edge.zone)
		for range 20 {
			hours := "*"
			if rnd.IntN(2) == 0 {
				hours = list(5)
			}
			spec := list(60) + " " + hours + " * * *"
			s := mustParse(t, spec, loc).(*calendar)
			from, to := edge.day.Add(-24*time.Hour), edge.day.Add(48*time.Hour)
			want := countMinutes(s, from, to)
			var got []time.Time
			for at := s.Next(from.Add(-1)); at.Before(to); at = s.Next(at) {
				got = append(got, at)
			}
			if !slices.EqualFunc(got, want, time.Time.Equal) {
				t.Fatalf("seed %d: %s in %s around %s:\n got %v\nwant %v", seed, spec, edge.zone, edge.day, got, want)
			}
		}
	}
}

func countMinutes(s *calendar, from, to time.Time) []time.Time {
	ticks := make(map[int64]time.Time)
	matches := func(wall time.Time) bool { return s.ticks.Next(wall.Add(-1)).Equal(wall) }
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		if wall := clock.Wall(at.In(s.loc)); s.everyHour && matches(wall) {
			ticks[at.Unix()] = at
		}
	}
	for wall := from.Add(-24 * time.Hour); wall.Before(to.Add(24 * time.Hour)); wall = wall.Add(time.Minute) {
		if at := clock.Resolve(wall, s.loc); matches(wall) && !at.Before(from) && at.Before(to) {
			ticks[at.Unix()] = at
		}
	}
	sorted := make([]time.Time, 0, len(ticks))
	for _, at := range ticks {
		sorted = append(sorted, at)
	}
	slices.SortFunc(sorted, time.Time.Compare)
	return sorted
}

func TestParseSaysWhatIsWrongAndWhatIsAccepted(t *testing.T) {
	for spec, reason := range map[string]string{
		"":                          "empty",
		"CRON_TZ=Europe/Berlin":     "empty",
		"TZ=":                       "no name",
		"TZ= 0 9 * * *":             "no name",
		"TZ=Mars/Olympus 0 9 * * *": "not known",
		"TZ=../../x 0 9 * * *":      "not known",
		"soon":                      "not a duration",
		"15":                        "not a duration",
		"@every":                    "unrecognized",
		"@every soon":               "not a duration",
		"@sometimes":                "unrecognized",
		"0s":                        "lies between",
		"-15s":                      "lies between",
		"1us":                       "lies between",
		"100000h":                   "lies between",
		"TZ=Europe/Berlin 15s":      "no time zone",
		"0 0 9 * * *":               "expected exactly 5 fields",
		"61 9 * * *":                "above maximum",
		"*/0 9 * * *":               "positive",
		", 9 * * *":                 "no date fits",
		"0 9 31 2 *":                "no date fits",
		"0 9 * * " + strings.Repeat("1,", 500) + "9": "...",
	} {
		_, err := Parse(spec, time.UTC)
		if err == nil {
			t.Errorf("%q was accepted", spec)
			continue
		}
		text := err.Error()
		if !strings.Contains(text, reason) || !strings.Contains(text, "accepted are") || len(text) > 600 {
			t.Errorf("%q: %s (want %q)", spec, text, reason)
		}
	}
}

func TestParseWithoutAZoneMeansUTC(t *testing.T) {
	s := mustParse(t, "0 9 * * *", nil)
	if got, want := fmt.Sprint(s), "CRON_TZ=UTC 0 9 * * *"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEveryStaysWithinItsBounds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-1: "@every 10ms", 15 * time.Second: "@every 15s", 1 << 62: "@every 8784h0m0s",
	} {
		if got := fmt.Sprint(Every(d)); got != want {
			t.Errorf("Every(%d) is %s, want %s", d, got, want)
		}
	}
}

// Whatever is typed: no panic, and what is accepted reads back as itself and
// moves forward.
func FuzzParse(f *testing.F) {
	for _, spec := range []string{
		"15s", "@every 1h30m", "0 9 * * 1-5", "CRON_TZ=Europe/Berlin 30 2 * * *", "TZ=UTC", "@daily",
		"*/15 1-5/2,7 1 jan-dec ?", "0 0 30 2 *", "TZ=Australia/Lord_Howe */10 * * * *",
	} {
		f.Add(spec, int64(1792890000))
	}
	f.Fuzz(func(t *testing.T, spec string, unix int64) {
		s, err := Parse(spec, time.UTC)
		if err != nil {
			if errors.Unwrap(err) == nil {
				t.Errorf("%v wraps no reason", err)
			}
			return
		}
		at := time.Unix(unix%4e9, 0)
		next := s.Next(at)
		if !next.IsZero() && !next.After(at) {
			t.Errorf("%q: %v does not come after %v", spec, next, at)
		}
		again, err := Parse(fmt.Sprint(s), nil)
		if err != nil {
			t.Fatalf("%q became %v: %v", spec, s, err)
		}
		if other := again.Next(at); !other.Equal(next) {
			t.Errorf("%q became %v: %v instead of %v", spec, s, other, next)
		}
	})
}

// zone is a time zone of the database, or the end of the test.
func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatalf("zone %s: %v", name, err)
	}
	return loc
}
