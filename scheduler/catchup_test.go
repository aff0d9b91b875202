package scheduler

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestLateNamesTheTwoLargestUnits(t *testing.T) {
	due := time.Date(2026, 11, 23, 9, 0, 0, 0, zone(t, "Europe/Berlin"))
	for late, want := range map[time.Duration]string{
		-time.Hour:                      "",
		0:                               "",
		Grace:                           "",
		Grace + time.Millisecond:        "late by 1 minute",
		2*time.Minute + 59*time.Second:  "late by 2 minutes",
		time.Hour:                       "late by 1 hour",
		time.Hour + 59*time.Second:      "late by 1 hour",
		2*time.Hour + 5*time.Minute:     "late by 2 hours 5 minutes",
		23*time.Hour + time.Minute:      "late by 23 hours 1 minute",
		24*time.Hour + 59*time.Minute:   "late by 1 day",
		3*24*time.Hour + time.Hour:      "late by 3 days 1 hour",
		400*24*time.Hour + 23*time.Hour: "late by 400 days 23 hours",
	} {
		if got := Late(due, due.Add(late).UTC()); got != want {
			t.Errorf("%v late reads %q, want %q", late, got, want)
		}
	}
}

func TestCatchUpAllows(t *testing.T) {
	const year = 8766 * time.Hour
	for _, c := range []struct {
		policy CatchUp
		late   time.Duration
		want   bool
	}{
		{Once, -time.Second, true}, {Once, 0, true}, {Once, year, true},
		{Skip, -time.Second, true}, {Skip, Grace, true}, {Skip, Grace + 1, false}, {Skip, year, false},
		{Within(2 * time.Hour), 2 * time.Hour, true}, {Within(2 * time.Hour), 2*time.Hour + 1, false},
		{Within(time.Second), Grace, true}, {Within(-time.Hour), Grace + 1, false}, {Within(0), year, false},
		{CatchUp(1), Grace, true}, {CatchUp(1), Grace + 1, false},
	} {
		if got := c.policy.allows(c.late); got != c.want {
			t.Errorf("%v allows %v late: %v, want %v", c.policy, c.late, got, c.want)
		}
	}
}

func TestCatchUpAsText(t *testing.T) {
	for text, want := range map[string]CatchUp{
		"once": Once, "skip": Skip, " skip ": Skip, "within 2h": Within(2 * time.Hour),
		"within  1h30m": Within(90 * time.Minute), "within 1s": Skip,
	} {
		var got CatchUp
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "always", "within", "within 0s", "within -2h", "within 2", "2h", "skip once",
		strings.Repeat("within ", 1000)} {
		got := Within(time.Hour)
		if err := got.UnmarshalText([]byte(text)); err == nil || got != Within(time.Hour) || len(err.Error()) > 300 {
			t.Errorf("%.20q was accepted as %v (%v)", text, got, err)
		}
	}
	if _, err := json.Marshal(CatchUp(-time.Hour)); err == nil {
		t.Error("a negative catch-up was written")
	}
}

// What is accepted reads back as itself.
func FuzzCatchUp(f *testing.F) {
	for _, text := range []string{"once", "skip", "within 2h", "within 1h0.5s", "within 9999999h", "within within"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var c, again CatchUp
		if c.UnmarshalText([]byte(text)) != nil {
			return
		}
		written, err := c.MarshalText()
		if err != nil {
			t.Fatalf("%q was read as %d, which cannot be written: %v", text, c, err)
		}
		if err := again.UnmarshalText(written); err != nil || again != c {
			t.Errorf("%q became %q and %v (%v)", text, written, again, err)
		}
	})
}
