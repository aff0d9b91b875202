package when

import (
	"testing"
	"time"

	"dragoman/internal/clock"
)

// present is the first instant at which clocks in loc show s.
func present(t *testing.T, s string, loc *time.Location) time.Time {
	t.Helper()
	if len(s) == len("2006-01-02 15:04") {
		s += ":00"
	}
	local, err := time.Parse(time.DateTime, s)
	if err != nil {
		t.Fatal(err)
	}
	return clock.Resolve(local, loc)
}

// one returns the only expression in text.
func one(t *testing.T, text, lang string, now time.Time) Expression {
	t.Helper()
	found := Find(nil, text, lang, Reference{Now: now})
	if len(found) != 1 {
		t.Fatalf("%q: found %s, want one expression", text, shown(found))
	}
	return found[0]
}

func TestLocalTimesResolveAsRFC5545Says(t *testing.T) {
	for _, c := range []struct{ zone, now, text, value, instant string }{
		// Clocks put forward: the offset before the gap.
		{"Europe/Berlin", "2026-03-28 10:00", "tomorrow at 2:30am", "2026-03-29T02:30", "2026-03-29T03:30:00+02:00"},
		{"Europe/Berlin", "2026-03-28 10:00", "2026-03-29 01:59", "2026-03-29T01:59", "2026-03-29T01:59:00+01:00"},
		{"Europe/Berlin", "2026-03-28 10:00", "at 02:15 on sunday", "2026-03-29T02:15", "2026-03-29T03:15:00+02:00"},
		{"America/New_York", "2026-03-07 10:00", "tomorrow at 2:30 am", "2026-03-08T02:30", "2026-03-08T03:30:00-04:00"},
		{"Australia/Lord_Howe", "2026-10-03 10:00", "tomorrow at 02:15", "2026-10-04T02:15", "2026-10-04T02:45:00+11:00"},
		// Clocks put back: the first of two.
		{"Europe/Berlin", "2026-10-24 10:00", "tomorrow at 2:30am", "2026-10-25T02:30", "2026-10-25T02:30:00+02:00"},
		{"Europe/Berlin", "2026-10-24 10:00", "tomorrow at 03:00", "2026-10-25T03:00", "2026-10-25T03:00:00+01:00"},
		{"America/New_York", "2026-10-31 10:00", "tomorrow at 1:30am", "2026-11-01T01:30", "2026-11-01T01:30:00-04:00"},
		{"Australia/Lord_Howe", "2026-04-04 10:00", "tomorrow at 01:45", "2026-04-05T01:45", "2026-04-05T01:45:00+11:00"},
		// What is counted from now is exact: hours pass on the clock, days on the calendar.
		{"Europe/Berlin", "2026-03-29 01:30", "in an hour", "2026-03-29T03:30", "2026-03-29T03:30:00+02:00"},
		{"Europe/Berlin", "2026-10-25 02:30", "in an hour", "2026-10-25T02:30", "2026-10-25T02:30:00+01:00"},
		{"Europe/Berlin", "2026-10-25 02:30", "in 2 hours", "2026-10-25T03:30", "2026-10-25T03:30:00+01:00"},
		{"Europe/Berlin", "2026-10-25 03:30", "an hour ago", "2026-10-25T02:30", "2026-10-25T02:30:00+01:00"},
		{"Europe/Berlin", "2026-10-24 10:00", "in 1 day and 1 hour", "2026-10-25T11:00", "2026-10-25T11:00:00+01:00"},
		{"Australia/Lord_Howe", "2026-04-05 01:45", "in 30 minutes", "2026-04-05T01:45", "2026-04-05T01:45:00+10:30"},
		{"America/New_York", "2026-03-08 01:59", "in a minute", "2026-03-08T03:00", "2026-03-08T03:00:00-04:00"},
		// An offset that is written is believed.
		{"America/New_York", "2026-03-07 10:00", "2026-12-05T14:00:00Z", "2026-12-05T09:00", "2026-12-05T09:00:00-05:00"},
		{"Europe/Berlin", "2026-03-07 10:00", "2026-10-25T01:30:00Z", "2026-10-25T02:30", "2026-10-25T02:30:00+01:00"},
		{"Europe/Berlin", "2026-03-07 10:00", "2026-10-25T00:30:00Z", "2026-10-25T02:30", "2026-10-25T02:30:00+02:00"},
	} {
		loc := zone(t, c.zone)
		now := present(t, c.now, loc)
		e := one(t, c.text, "en", now)
		if got := e.From.In(loc).Format(time.RFC3339); e.Kind != DateTime || e.String() != c.value || got != c.instant {
			t.Errorf("%s, %s: %q is %s %s at %s, want %s at %s", c.zone, c.now, c.text, e.Kind, e, got, c.value, c.instant)
		}
	}
}

func TestDaysAreThoseOfTheCalendar(t *testing.T) {
	for _, c := range []struct{ now, text, want string }{
		{"2026-11-23 23:59:59", "tomorrow", "2026-11-24"},
		{"2026-11-24 00:00:00", "tomorrow", "2026-11-25"},
		{"2026-03-28 23:59:59", "tomorrow", "2026-03-29"}, // a day of 23 hours
		{"2026-03-28 23:30:00", "the day after tomorrow", "2026-03-30"},
		{"2026-10-24 23:59:59", "tomorrow", "2026-10-25"}, // a day of 25 hours
		{"2026-10-25 00:10:00", "tomorrow", "2026-10-26"},
		{"2026-10-25 00:10:00", "in 1 day", "2026-10-26"},
		{"2026-12-31 23:59:59", "tomorrow", "2027-01-01"},
		{"2026-12-31 12:00:00", "next week", "2027-01-04/2027-01-10"},
		{"2026-12-31 12:00:00", "next month", "2027-01-01/2027-01-31"},
		{"2027-01-01 12:00:00", "last week", "2026-12-21/2026-12-27"},
		{"2027-01-01 12:00:00", "yesterday", "2026-12-31"},
		{"2027-01-31 12:00:00", "in a month", "2027-02-28"},
		{"2028-01-31 12:00:00", "in a month", "2028-02-29"},
		{"2027-03-31 12:00:00", "a month ago", "2027-02-28"},
		{"2028-02-29 12:00:00", "in a year", "2029-02-28"},
		{"2027-01-31 12:00:00", "next month", "2027-02-01/2027-02-28"},
		{"2026-11-23 12:00:00", "february 29", "2028-02-29"},
		{"2028-02-29 12:00:00", "february 29", "2028-02-29"},
		{"2028-03-01 12:00:00", "february 29", "2032-02-29"},
		{"2096-03-01 12:00:00", "february 29", "2104-02-29"}, // 2100 is no leap year
		{"2026-11-23 12:00:00", "on the 31st", "2026-12-31"}, // November has none
		{"2027-01-31 12:00:00", "on the 31st", "2027-01-31"},
		{"2027-02-01 12:00:00", "on the 30th", "2027-03-30"},
		{"2026-11-23 12:00:00", "monday", "2026-11-30"}, // a Monday: the next one
		{"2026-11-23 12:00:00", "this monday", "2026-11-23"},
		{"2026-11-29 12:00:00", "this monday", "2026-11-23"}, // weeks begin on Monday
		{"2026-11-29 12:00:00", "this week", "2026-11-23/2026-11-29"},
		{"2026-11-29 12:00:00", "next week", "2026-11-30/2026-12-06"},
		{"2026-11-29 12:00:00", "this weekend", "2026-11-28/2026-11-29"},
		{"2026-11-29 12:00:00", "tomorrow at noon", "2026-11-30T12:00"},
		{"2026-11-23 12:00:00", "5 december 2026", "2026-12-05"},
		{"2026-12-05 12:00:00", "5 december", "2026-12-05"}, // today counts
		{"2026-12-06 12:00:00", "5 december", "2027-12-05"},
		{"2026-12-06 12:00:00", "since 5 december", "2026-12-05/.."},
		{"2026-12-04 12:00:00", "since 5 december", "2025-12-05/.."},
		{"2026-02-02 12:00:00", "last december", "2025-12-01/2025-12-31"},
		{"2026-12-30 12:00:00", "dec 31 to jan 2", "2026-12-31/2027-01-02"},
	} {
		now := present(t, c.now, zone(t, "Europe/Berlin"))
		if e := one(t, c.text, "en", now); e.String() != c.want {
			t.Errorf("at %s %q is %s, want %s", c.now, c.text, e, c.want)
		}
	}
}

func TestTimesWithoutADayComeNext(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for _, c := range []struct{ now, text, want string }{
		{"2026-11-23 10:00", "15:00", "2026-11-23T15:00:00+01:00"},
		{"2026-11-23 10:00", "10:00", "2026-11-23T10:00:00+01:00"}, // now is the next
		{"2026-11-23 10:01", "10:00", "2026-11-24T10:00:00+01:00"},
		{"2026-11-23 10:00", "midnight", "2026-11-24T00:00:00+01:00"},
		{"2026-03-28 10:00", "02:30", "2026-03-29T03:30:00+02:00"},
		{"2026-10-25 02:10", "02:30", "2026-10-25T02:30:00+02:00"},
	} {
		now := present(t, c.now, berlin)
		e := one(t, "at "+c.text, "en", now)
		if got := e.From.In(berlin).Format(time.RFC3339); e.Kind != Time || got != c.want {
			t.Errorf("at %s %q is %s at %s, want %s", c.now, c.text, e.Kind, got, c.want)
		}
	}
	e := one(t, "from 10pm to 2am", "en", time.Date(2026, 11, 23, 10, 0, 0, 0, berlin))
	if d := e.To.In(berlin).Sub(e.From.In(berlin)); d != 4*time.Hour {
		t.Errorf("from 10pm to 2am lasts %v", d)
	}
}

func TestUntilIsWrittenAsRFC5545WantsIt(t *testing.T) {
	for _, c := range []struct{ zone, text, want string }{
		{"Europe/Berlin", "every day until december 31", "FREQ=DAILY;UNTIL=20261231"},
		{"Europe/Berlin", "every day at 9 until december 31", "FREQ=DAILY;UNTIL=20261231T225959Z;BYHOUR=9;BYMINUTE=0"},
		{"America/New_York", "every day at 9 until december 31", "FREQ=DAILY;UNTIL=20270101T045959Z;BYHOUR=9;BYMINUTE=0"},
		{"Europe/Berlin", "every hour until december 31", "FREQ=HOURLY;UNTIL=20261231T225959Z"},
		{"Europe/Berlin", "every 15 minutes until 5pm", "FREQ=MINUTELY;INTERVAL=15;UNTIL=20261123T160000Z"},
	} {
		if e := one(t, c.text, "en", time.Date(2026, 11, 23, 10, 0, 0, 0, zone(t, c.zone))); e.String() != c.want {
			t.Errorf("%q in %s is %s, want %s", c.text, c.zone, e, c.want)
		}
	}
}
