package clock

import (
	"testing"
	"time"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatalf("zone %s: %v", name, err)
	}
	return loc
}

func TestResolveTakesTheFirstOfTwoAndTheOffsetBeforeAGap(t *testing.T) {
	const layout = "2006-01-02 15:04"
	for _, c := range []struct{ zone, local, want string }{
		{"Europe/Berlin", "2026-07-01 12:00", "2026-07-01T12:00:00+02:00"},
		{"Europe/Berlin", "2026-03-29 01:59", "2026-03-29T01:59:00+01:00"},
		{"Europe/Berlin", "2026-03-29 02:00", "2026-03-29T03:00:00+02:00"},
		{"Europe/Berlin", "2026-03-29 02:30", "2026-03-29T03:30:00+02:00"},
		{"Europe/Berlin", "2026-03-29 03:00", "2026-03-29T03:00:00+02:00"},
		{"Europe/Berlin", "2026-10-25 01:59", "2026-10-25T01:59:00+02:00"},
		{"Europe/Berlin", "2026-10-25 02:00", "2026-10-25T02:00:00+02:00"},
		{"Europe/Berlin", "2026-10-25 02:30", "2026-10-25T02:30:00+02:00"},
		{"Europe/Berlin", "2026-10-25 03:00", "2026-10-25T03:00:00+01:00"},
		// The examples of RFC 5545, section 3.3.5.
		{"America/New_York", "2007-11-04 01:30", "2007-11-04T01:30:00-04:00"},
		{"America/New_York", "2007-03-11 02:30", "2007-03-11T03:30:00-04:00"},
		// Half an hour.
		{"Australia/Lord_Howe", "2026-04-05 01:29", "2026-04-05T01:29:00+11:00"},
		{"Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-05T01:45:00+11:00"},
		{"Australia/Lord_Howe", "2026-04-05 02:00", "2026-04-05T02:00:00+10:30"},
		{"Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-04T02:45:00+11:00"},
		{"Australia/Lord_Howe", "2026-10-04 02:30", "2026-10-04T02:30:00+11:00"},
		// Never changes, and not by whole hours.
		{"Asia/Kolkata", "2026-03-29 02:30", "2026-03-29T02:30:00+05:30"},
		// Midnight does not exist; a whole day does not exist.
		{"America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04T01:00:00-02:00"},
		{"Pacific/Apia", "2011-12-30 12:00", "2011-12-31T12:00:00+14:00"},
		// Winter time is the one with the shift (negative DST).
		{"Europe/Dublin", "2026-10-25 01:30", "2026-10-25T01:30:00+01:00"},
		{"Europe/Dublin", "2026-03-29 01:30", "2026-03-29T02:30:00+01:00"},
		{"UTC", "2026-03-29 02:30", "2026-03-29T02:30:00Z"},
	} {
		local, err := time.Parse(layout, c.local)
		if err != nil {
			t.Fatal(err)
		}
		if got := Resolve(local, zone(t, c.zone)).Format(time.RFC3339); got != c.want {
			t.Errorf("%s in %s is %s, want %s", c.local, c.zone, got, c.want)
		}
	}
}

func TestResolveIgnoresTheZoneOfItsArgument(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	local := time.Date(2026, 7, 1, 9, 0, 0, 5, zone(t, "Asia/Kolkata"))
	if got, want := Resolve(local, berlin), time.Date(2026, 7, 1, 9, 0, 0, 5, berlin); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Every instant of two years is found again from its local time, except that
// the second of two is taken for the first, by exactly the shift.
func TestResolveUndoesTheWallClock(t *testing.T) {
	for name, shift := range map[string]time.Duration{
		"Europe/Berlin": time.Hour, "America/New_York": time.Hour,
		"Australia/Lord_Howe": 30 * time.Minute, "Asia/Kolkata": 0,
	} {
		loc, seconds := zone(t, name), 0
		for at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2028; at = at.Add(5 * time.Minute) {
			switch early := at.Sub(Resolve(at.In(loc), loc)); early {
			case 0:
			case shift:
				seconds++
			default:
				t.Fatalf("%s: %v is off by %v", name, at.In(loc), early)
			}
		}
		if want := 2 * int(shift/(5*time.Minute)); seconds != want {
			t.Errorf("%s: %d times came twice, want %d", name, seconds, want)
		}
	}
}

func TestOccurrencesGivesBothWhereThereAreTwo(t *testing.T) {
	const layout = "2006-01-02 15:04"
	for _, c := range []struct{ zone, local, first, second string }{
		{"Europe/Berlin", "2026-10-25 02:30", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"},
		{"Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-05T01:45:00+11:00", "2026-04-05T01:45:00+10:30"},
		{"Europe/Berlin", "2026-10-25 03:00", "2026-10-25T03:00:00+01:00", ""},
		{"Europe/Berlin", "2026-03-29 02:30", "2026-03-29T03:30:00+02:00", ""},
	} {
		local, err := time.Parse(layout, c.local)
		if err != nil {
			t.Fatal(err)
		}
		first, second := Occurrences(local, zone(t, c.zone))
		got := ""
		if !second.IsZero() {
			got = second.Format(time.RFC3339)
		}
		if f := first.Format(time.RFC3339); f != c.first || got != c.second {
			t.Errorf("%s in %s is %s and %q, want %s and %q", c.local, c.zone, f, got, c.first, c.second)
		}
	}
}
