package when

import (
	"sync"
	"testing"
	"time"
)

func TestADateWithTwoReadingsHasBoth(t *testing.T) {
	at := monday10(t)
	for _, c := range []struct{ lang, text, want, other string }{
		{"en", "05/12/2027", "2027-05-12", "2027-12-05"},
		{"en", "on 05/12", "2027-05-12", "2026-12-05"},
		{"en", "05/12/2027 at 3pm", "2027-05-12T15:00", "2027-12-05T15:00"},
		{"en-GB", "from 05/12/2027 to 06/12/2027", "2027-05-12/2027-06-12", "2027-12-05/2027-12-06"},
		{"", "05/12/2027", "2027-05-12", "2027-12-05"},
		{"en", "05/05/2027", "2027-05-05", ""},
		{"en", "13/12/2027", "2027-12-13", ""},
		{"en", "12/13/2027", "2027-12-13", ""},
		{"en", "2027-05-12", "2027-05-12", ""},
		{"de", "05/12/2027", "2027-12-05", ""},
		{"fr", "05/12/2027", "2027-12-05", ""},
		{"es-MX", "05/12/2027", "2027-12-05", ""},
	} {
		found := Find(nil, c.text, c.lang, at)
		if len(found) != 1 {
			t.Errorf("%s %q: %s", c.lang, c.text, shown(found))
			continue
		}
		e, other := found[0], ""
		if e.Ambiguous {
			other = e.Alternative().String()
		}
		if e.String() != c.want || other != c.other {
			t.Errorf("%s %q is %s or %q, want %s or %q", c.lang, c.text, e, other, c.want, c.other)
		}
		if again := e.Alternative().Alternative(); again != e {
			t.Errorf("%q: the alternative of the alternative is %s", c.text, again)
		}
	}
}

func TestHalfDaySaysThatATimeMayBeTwelveHoursOff(t *testing.T) {
	at := monday10(t)
	for _, c := range []struct {
		lang, text, want string
		half             bool
	}{
		{"en", "at 3", "15:00", true},
		{"en", "at 7", "07:00", true},
		{"en", "at 5:30", "17:30", true},
		{"en", "at 6", "06:00", true},
		{"en", "half past five", "17:30", true},
		{"en", "at 3am", "03:00", false},
		{"en", "at 3 in the morning", "03:00", false},
		{"en", "at 03:30", "03:30", false},
		{"en", "at 15:30", "15:30", false},
		{"en", "at noon", "12:00", false},
		{"en", "from 9 to 5", "09:00/17:00", true},
		{"en", "from 3 to 4pm", "15:00/16:00", false},
		{"en", "from 11 to 1pm", "11:00/13:00", false},
		{"en", "today at 8", "2026-11-23T20:00", true},
		{"en", "tomorrow at 8", "2026-11-24T08:00", true},
		{"de", "halb vier", "15:30", true},
		{"de", "um 3 Uhr", "03:00", false},
		{"de", "um 3:30", "03:30", false},
		{"de", "um 3 Uhr nachmittags", "15:00", false},
		{"fr", "à 3h", "03:00", false},
		{"es", "a las 3", "15:00", true},
		{"es", "a las 3 de la madrugada", "03:00", false},
		{"es", "a las 12 de la noche", "00:00", false},
	} {
		found := Find(nil, c.text, c.lang, at)
		if len(found) != 1 || found[0].String() != c.want || found[0].HalfDay != c.half {
			t.Errorf("%s %q: %s, want %s with HalfDay %v", c.lang, c.text, shown(found), c.want, c.half)
		}
	}
}

func TestOnlyFormsWithoutWordsAreFoundInOtherLanguages(t *testing.T) {
	at := monday10(t)
	for text, want := range map[string]string{
		"2026-12-05 14:00 tomorrow morgen demain": "datetime=2026-12-05T14:00 @0-16",
		"14:00 next friday":                       "time=14:00 @0-5",
		"domani alle 9":                           "none",
	} {
		for _, lang := range []string{"", "it", "xx-YY"} {
			if got := shown(Find(nil, text, lang, at)); got != want {
				t.Errorf("%q in %q: %s, want %s", text, lang, got, want)
			}
		}
	}
}

func TestALengthOfMonthsIsWrittenAsAPeriod(t *testing.T) {
	for _, c := range []struct {
		months int
		rest   time.Duration
		want   string
	}{
		{0, 90 * time.Minute, "1h30m0s"},
		{2, 0, "P2M"},
		{14, 0, "P1Y2M"},
		{24, 49*time.Hour + 5*time.Minute + 6*time.Second, "P2Y2DT1H5M6S"},
	} {
		got := Expression{Kind: Duration, Months: c.months, Length: c.rest}.String()
		if got != c.want {
			t.Errorf("%d months and %v are %s, want %s", c.months, c.rest, got, c.want)
		}
	}
}

func TestARecurrenceKnowsItsFirstDayAndItsLength(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, berlin)
	e := one(t, "every tuesday from 3 to 4:30pm starting december 1", "en", now)
	if e.String() != "FREQ=WEEKLY;BYDAY=TU;BYHOUR=15;BYMINUTE=0" || e.Length != 90*time.Minute || e.From.String() != "2026-12-01" {
		t.Errorf("got %s for %v from %s", e, e.Length, e.From)
	}
	if !e.Rule.Days.Of(time.Tuesday) || e.Rule.Days.Of(time.Monday) {
		t.Errorf("days %b", e.Rule.Days)
	}
}

func TestALengthBeyondALifetimeIsNone(t *testing.T) {
	at := monday10(t)
	for _, text := range []string{"88888815 minutes", "999999999 hours", "99999999.5 weeks", "999999999 years", "36601 days", "99999999999 seconds"} {
		if found := Find(nil, text, "en", at); len(found) > 0 {
			t.Errorf("%q is %s", text, shown(found))
		}
	}
	if e := one(t, "36600 days and 878400 hours", "en", at.Now); e.Length != 2*longest {
		t.Errorf("got %v", e.Length)
	}
}

func TestFindAppends(t *testing.T) {
	at := monday10(t)
	dst := Find(nil, "today", "en", at)
	if dst = Find(dst, "tomorrow", "en", at); len(dst) != 2 || dst[0].String() != "2026-11-23" {
		t.Errorf("got %s", shown(dst))
	}
}

func TestManyMayFindAtOnce(t *testing.T) {
	at := monday10(t)
	lines := suite(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for _, l := range lines {
				if got := shown(Find(nil, l.text, l.lang, at)); got != l.want {
					t.Errorf("line %d: %s", l.number, got)
				}
			}
		})
	}
	group.Wait()
}

// A value is also what the same words mean in disguise.
func TestWritingMakesNoDifference(t *testing.T) {
	at := monday10(t)
	for _, texts := range [][]string{
		{"tomorrow at 3pm", "TOMORROW AT 3PM", "Tomorrow  at\u00a03\u202fpm", "tomorrow at 3 p.m."},
		{"3-4pm", "3–4pm", "3 - 4 pm", "3pm‑4pm"},
		{"9 o'clock", "9 o’clock", "9 oclock"},
	} {
		want := one(t, texts[0], "en", at.Now).String()
		for _, text := range texts[1:] {
			if e := one(t, text, "en", at.Now); e.String() != want {
				t.Errorf("%q is %s, want %s as %q", text, e, want, texts[0])
			}
		}
	}
	if e := one(t, "apre\u0300s-demain", "fr", at.Now); e.String() != "2026-11-25" {
		t.Errorf("with a combining accent it is %s", e)
	}
}
