package scheduler

import (
	"math/rand/v2"
	"testing"
	"time"
)

// The oracle walks the series tick by tick.
func TestTheLatestTickIsTheOneThatWalkingFinds(t *testing.T) {
	const seed = 11
	rnd := rand.New(rand.NewPCG(seed, seed))
	for _, spec := range []string{
		"@every 7m", "@every 90s", "*/20 * * * *", "30 2 * * *", "0 9 * * 1-5", "0 12 29 2 *", "* * 1 1 *", "20,35 2 * * *",
	} {
		s := mustParse(t, spec, zone(t, "Australia/Lord_Howe"))
		for range 20 {
			from := s.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(span(rnd, 8766*time.Hour)))
			at := from.Add(span(rnd, 1<<rnd.IntN(52))) // up to 52 days, mostly less
			latest, next := from, s.Next(from)
			for ; !next.After(at); next = s.Next(next) {
				latest = next
			}
			if got := latestTick(s, from, at); !got.Equal(latest) {
				t.Fatalf("seed %d: %s: the latest from %v to %v is %v, want %v", seed, spec, from, at, got, latest)
			}
			if got := tickAfter(s, from, at); !got.Equal(next) {
				t.Fatalf("seed %d: %s from %v: after %v comes %v, want %v", seed, spec, from, at, got, next)
			}
		}
	}
}

// span is a time below most.
func span(rnd *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(rnd.Int64N(int64(most)))
}

func TestALongDowntimeIsNotWalkedThrough(t *testing.T) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now := from.Add(100 * 8766 * time.Hour)
	for _, spec := range []string{"@every 1s", "* * * * *", "0 9 * * *", "* * 1 1 *"} {
		s := mustParse(t, spec, time.UTC)
		counted := &counting{Schedule: s}
		latest := latestTick(counted, from, now)
		if next := s.Next(latest); latest.After(now) || !next.After(now) {
			t.Errorf("%s: %v is not the latest before %v", spec, latest, now)
		}
		if _, interval := s.(every); !interval && counted.calls > 24*60+100 {
			t.Errorf("%s: %d steps", spec, counted.calls)
		}
	}
}

type counting struct {
	Schedule
	calls int
}

func (c *counting) Next(t time.Time) time.Time {
	c.calls++
	return c.Schedule.Next(t)
}

func TestStrandedIsOnlyWhatAWrongClockPlanned(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	for _, c := range []struct {
		spec  string
		ahead time.Duration
		want  bool
	}{
		{"0 9 * * *", 21 * time.Hour, false},
		{"0 9 * * *", 6*day + 21*time.Hour, false}, // the clock was put back by six days
		{"0 9 * * *", 7*day + 21*time.Hour, true},
		{"* * * * *", 6 * day, false},
		{"* * * * *", 8 * day, true},
		{"0 0 1 * *", 8 * day, false},
		{"0 0 1 * *", 60 * day, false}, // the first of January; next is that of December
		{"0 0 1 * *", 400 * day, true},
		{"@every 240h", 10 * day, false},
		{"@every 240h", 31 * day, true},
		{"0 12 29 2 *", 465 * day, false},
	} {
		if got := stranded(mustParse(t, c.spec, time.UTC), now.Add(c.ahead), now); got != c.want {
			t.Errorf("%s with %v to go is stranded: %v, want %v", c.spec, c.ahead, got, c.want)
		}
	}
}
