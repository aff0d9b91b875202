package when

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var languages = []string{"en", "de", "fr", "es", ""}

// seed adds the lines of the suite whose value has one of the kinds.
func seed(f *testing.F, kinds ...string) {
	for _, l := range suite(f) {
		for _, k := range kinds {
			if strings.HasPrefix(l.want, k) {
				f.Add(l.text)
			}
		}
	}
}

// checkSpans fails the test unless found are proper expressions of text, in order.
func checkSpans(t *testing.T, text string, found []Expression) {
	t.Helper()
	last := 0
	for _, e := range found {
		if e.Start < last || e.End <= e.Start || e.End > len(text) {
			t.Fatalf("%q: span %d-%d after %d", text, e.Start, e.End, last)
		}
		if utf8.ValidString(text) && !utf8.ValidString(text[e.Start:e.End]) {
			t.Fatalf("%q: span %d-%d cuts a letter", text, e.Start, e.End)
		}
		last = e.End
	}
}

// fuzzKind is a fuzz target for what must be true of one kind.
func fuzzKind(f *testing.F, kind Kind, check func(t *testing.T, e Expression, at Reference)) {
	seed(f, kind.String()+"=")
	at := monday10(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, lang := range languages {
			found := Find(nil, text, lang, at)
			checkSpans(t, text, found)
			for _, e := range found {
				if e.Kind == kind {
					check(t, e, at)
				}
			}
		}
	})
}

// checkPoint fails unless p is a day and time that exist.
func checkPoint(t *testing.T, e Expression, p Point, date, clock bool) {
	t.Helper()
	w := p.wall()
	if p.HasDate != date || p.HasTime != clock || w.Year() != p.Year || w.Month() != p.Month || w.Day() != p.Day ||
		w.Hour() != p.Hour || w.Minute() != p.Minute || w.Second() != p.Second {
		t.Fatalf("%s: %+v is no point (date %v, time %v)", e.Kind, p, date, clock)
	}
}

// readsBack fails unless the canonical text is found again as the same value.
func readsBack(t *testing.T, e Expression, at Reference) {
	t.Helper()
	s := e.String()
	again := Find(nil, s, "", at)
	if len(again) != 1 || again[0].Kind != e.Kind || again[0].String() != s || again[0].Start != 0 || again[0].End != len(s) {
		t.Fatalf("%s %s reads back as %s", e.Kind, s, shown(again))
	}
}

func FuzzFind(f *testing.F) {
	seed(f, "none", "d", "t", "r")
	f.Add(strings.Repeat("1 ", 300))
	f.Add(strings.Repeat("every ", 300))
	at := monday10(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, lang := range languages {
			begin := time.Now()
			found := Find(nil, text, lang, at)
			if took := time.Since(begin); took > 200*time.Millisecond+time.Duration(len(text))*20*time.Microsecond {
				t.Fatalf("%d bytes took %v", len(text), took)
			}
			checkSpans(t, text, found)
		}
	})
}

func FuzzDuration(f *testing.F) {
	fuzzKind(f, Duration, func(t *testing.T, e Expression, _ Reference) {
		if e.Length < 0 || e.Months < 0 || e.Length == 0 && e.Months == 0 {
			t.Fatalf("a length of %v and %d months", e.Length, e.Months)
		}
		if e.Months != 0 {
			return
		}
		if d, err := time.ParseDuration(e.String()); err != nil || d != e.Length {
			t.Fatalf("%v is written %s: %v", e.Length, e, err)
		}
	})
}

func FuzzDate(f *testing.F) {
	fuzzKind(f, Date, func(t *testing.T, e Expression, at Reference) {
		checkPoint(t, e, e.From, true, false)
		readsBack(t, e, at)
		if e.Ambiguous {
			checkPoint(t, e, e.Other, true, false)
			if e.Other == e.From {
				t.Fatalf("both readings are %s", e)
			}
		}
	})
}

func FuzzTime(f *testing.F) {
	fuzzKind(f, Time, func(t *testing.T, e Expression, at Reference) {
		checkPoint(t, e, e.From, false, true)
		readsBack(t, e, at)
		in := e.From.In(at.Now.Location())
		if in.Before(at.Now) || in.After(at.Now.AddDate(0, 0, 2)) {
			t.Fatalf("%s comes next at %v", e, in)
		}
	})
}

func FuzzDateTime(f *testing.F) {
	fuzzKind(f, DateTime, func(t *testing.T, e Expression, at Reference) {
		checkPoint(t, e, e.From, true, true)
		readsBack(t, e, at)
	})
}

func FuzzRange(f *testing.F) {
	fuzzKind(f, Range, func(t *testing.T, e Expression, at Reference) {
		if e.From.IsOpen() && e.To.IsOpen() {
			t.Fatal("open at both ends")
		}
		for _, p := range []Point{e.From, e.To} {
			if !p.IsOpen() {
				checkPoint(t, e, p, p.HasDate, p.HasTime)
			}
		}
		if !e.From.IsOpen() && !e.To.IsOpen() && e.To.wall().Before(e.From.wall()) {
			t.Fatalf("%s ends before it begins", e)
		}
	})
}

func FuzzRecurrence(f *testing.F) {
	fuzzKind(f, Recurrence, func(t *testing.T, e Expression, _ Reference) {
		r := e.Rule
		switch {
		case r.Freq < Secondly || r.Freq > Yearly, r.Interval < 0, r.Count < 0, r.Count > 0 && !r.Until.IsZero(),
			r.Month < 0 || r.Month > 12, r.MonthDay < -1 || r.MonthDay > 31, r.Nth < -1 || r.Nth > 5, r.Nth != 0 && r.Days == 0,
			r.Hour < 0 || r.Hour > 23, r.Minute < 0 || r.Minute > 59, r.Days > 127, e.Length < 0:
			t.Fatalf("no rule: %+v", r)
		}
	})
}
