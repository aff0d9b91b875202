package scheduler

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestSettingTheClockRepeatsNoTickOfAPlan(t *testing.T) {
	const settle = time.Minute // until the queue has noticed
	for _, c := range []struct {
		name  string
		steps []time.Duration // from 8:30 on; each followed by settle
		want  string
	}{
		{"forward over a tick", []time.Duration{40 * time.Minute}, "[digest 11-23 09:00 late by 11 minutes]"},
		{"forward over several runs the latest", []time.Duration{220 * time.Minute}, "[digest 11-23 12:00 late by 11 minutes]"},
		{"back before a tick that did not run", []time.Duration{-time.Hour}, "[]"},
		{"forward and back repeats nothing", []time.Duration{40 * time.Minute, -40 * time.Minute, 40 * time.Minute}, "[digest 11-23 09:00 late by 11 minutes]"},
		{"to and fro", []time.Duration{40 * time.Minute, -time.Hour, time.Hour, -time.Hour, 2 * time.Hour},
			"[digest 11-23 09:00 late by 11 minutes digest 11-23 10:00 late by 15 minutes]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, monday.Add(30*time.Minute))
				plan := daily("0 * * * *")
				o.must(o.Recurring(t.Context(), plan))
				o.open()
				for _, d := range c.steps {
					o.step(d)
					o.advance(settle)
				}
				o.open()
				o.must(o.Recurring(t.Context(), plan))
				if got := o.took(); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
			})
		})
	}
}

func TestAPlanMadeByAClockFarAheadIsMadeAnewAtTheNextStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, monday.AddDate(4, 0, 0))
		plan := daily("0 9 * * *")
		o.must(o.Recurring(t.Context(), plan))
		o.open()
		o.advance(time.Hour)
		o.step(monday.Sub(o.clk.Now()))
		o.open()
		o.must(o.Recurring(t.Context(), plan))
		if got, want := o.took()+o.next("digest"), "[digest 11-23 09:00]11-23 09:00"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if !strings.Contains(o.log.String(), "begins anew") {
			t.Error("the log does not say so")
		}
	})
}

// On each of the nights around a change of clocks, once.
func TestANightlyPlanOverBothEdges(t *testing.T) {
	for _, c := range []struct{ zone, spec, from, want string }{
		{"Europe/Berlin", "30 2 * * *", "2026-03-27T12:00:00Z", "[p 03-28 01:30 p 03-29 01:30 p 03-30 00:30]"},
		{"Europe/Berlin", "30 2 * * *", "2026-10-23T12:00:00Z", "[p 10-24 00:30 p 10-25 00:30 p 10-26 01:30]"},
		{"Australia/Lord_Howe", "15 2 * * *", "2026-10-02T12:00:00Z", "[p 10-02 15:45 p 10-03 15:45 p 10-04 15:15]"},
		{"Australia/Lord_Howe", "45 1 * * *", "2026-04-03T12:00:00Z", "[p 04-03 14:45 p 04-04 14:45 p 04-05 15:15]"},
		{"America/Santiago", "0 0 * * *", "2026-09-04T12:00:00Z", "[p 09-05 04:00 p 09-06 04:00 p 09-07 03:00]"},
		{"America/Santiago", "30 23 * * *", "2026-04-03T12:00:00Z", "[p 04-04 02:30 p 04-05 02:30 p 04-06 03:30]"},
		{"Asia/Kolkata", "30 2 * * *", "2026-03-27T12:00:00Z", "[p 03-27 21:00 p 03-28 21:00 p 03-29 21:00]"},
	} {
		t.Run(c.zone+" "+c.spec, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				from, err := time.Parse(time.RFC3339, c.from)
				o := newOffice(t, from)
				o.must(err)
				o.open()
				o.must(o.Recurring(t.Context(), Plan{Name: "p", Spec: c.spec, Zone: zone(t, c.zone), Kind: "work"}))
				for end := from.Add(72 * time.Hour); o.clk.Now().Before(end); {
					due, _, err := o.Planner.Next(t.Context(), "p")
					o.must(err)
					o.advance(min(due.Sub(o.clk.Now()), 5*time.Hour, end.Sub(o.clk.Now())))
				}
				if got := o.took(); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
			})
		})
	}
}

// A process may die while it has a tick in hand; the job stays as it is until a
// queue runs again.
func TestAChangeOfATickInHandHolds(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(o *office) error
		want   string // runs until 14:00, and what is next
	}{
		{"nothing", func(o *office) error { return o.Recurring(o.t.Context(), daily("0 9 * * *")) },
			"[digest 11-23 09:00 late by 1 hour]11-24 09:00"},
		{"removed", func(o *office) error { _, err := o.Remove(o.t.Context(), "digest"); return err }, "[]none"},
		{"removed and planned", func(o *office) error {
			_, err := o.Remove(o.t.Context(), "digest")
			return errors.Join(err, o.Recurring(o.t.Context(), daily("0 11 * * *")))
		}, "[digest 11-23 11:00 late by 1 hour]11-24 11:00"},
		{"another spec", func(o *office) error { return o.Recurring(o.t.Context(), daily("0 11 * * *")) },
			"[digest 11-23 09:00 late by 1 hour digest 11-23 11:00 late by 1 hour]11-24 11:00"},
		{"changed twice", func(o *office) error {
			return errors.Join(o.Recurring(o.t.Context(), daily("0 11 * * *")), o.Recurring(o.t.Context(), daily("0 12 * * *")))
		}, "[digest 11-23 09:00 late by 1 hour digest 11-23 12:00]11-24 12:00"},
		{"only its catch-up", func(o *office) error {
			plan := daily("0 9 * * *")
			plan.CatchUp = Skip
			return o.Recurring(o.t.Context(), plan)
		}, "[]11-24 09:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, monday)
				o.must(o.Recurring(t.Context(), daily("0 9 * * *")))
				o.advance(2 * time.Hour)
				o.seize("digest")
				o.must(c.change(o))
				o.open()
				o.advance(2 * time.Hour)
				o.advance(2 * time.Hour)
				if got := o.took() + o.next("digest"); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
			})
		})
	}
}
