package scheduler

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/store/queue"
)

var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func daily(spec string) Plan {
	return Plan{Name: "digest", Spec: spec, Kind: "work", Args: "a"}
}

func TestARecurringPlanRunsEachTickOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, monday)
		o.open()
		o.must(o.Recurring(t.Context(), Plan{Name: "digest", Spec: "0 9 * * 1-5", Zone: zone(t, "Asia/Kolkata"), Kind: "work", Args: "a"}))
		if got, want := o.next("digest"), "11-24 03:30"; got != want {
			t.Fatalf("next is %s, want %s", got, want)
		}
		for range 7 * 24 {
			o.advance(time.Hour)
		}
		want := "[digest 11-24 03:30 digest 11-25 03:30 digest 11-26 03:30 digest 11-27 03:30 digest 11-30 03:30]"
		if got := strings.ReplaceAll(o.took(), " late by 30 minutes", ""); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestAnIntervalKeepsItsPhaseOverRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, monday)
		plan := daily("@every 25m")
		o.must(o.Recurring(t.Context(), plan))
		o.open()
		o.advance(25 * time.Minute)
		o.stop()
		o.advance(70 * time.Minute)
		o.open()
		o.must(o.Recurring(t.Context(), plan))
		if got, want := o.took(), "[digest 11-23 08:25 digest 11-23 09:15 late by 20 minutes]"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got, want := o.next("digest"), "11-23 09:40"; got != want {
			t.Errorf("next is %s, want %s", got, want)
		}
	})
}

func TestWhatBecomesOfMissedTicks(t *testing.T) {
	for _, c := range []struct {
		name    string
		catchUp CatchUp
		down    time.Duration // from 8:00 on a Monday
		want    string
	}{
		{"once, nothing missed", Once, 59 * time.Minute, "[]"},
		{"once, one missed", Once, 2*time.Hour + 5*time.Minute, "[digest 11-23 09:00 late by 1 hour 5 minutes]"},
		{"once, several missed", Once, 76 * time.Hour, "[digest 11-26 09:00 late by 3 hours]"},
		{"skip", Skip, 76 * time.Hour, "[]"},
		{"skip, as good as punctual", Skip, 73*time.Hour + 30*time.Second, "[digest 11-26 09:00]"},
		{"within, latest young enough", Within(4 * time.Hour), 76 * time.Hour, "[digest 11-26 09:00 late by 3 hours]"},
		{"within, latest too old", Within(2 * time.Hour), 76 * time.Hour, "[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, monday)
				plan := daily("0 9 * * *")
				plan.CatchUp = c.catchUp
				o.must(o.Recurring(t.Context(), plan))
				o.advance(c.down)
				for range 3 { // starts, of which only the first finds something to do
					o.open()
					o.must(o.Recurring(t.Context(), plan))
					synctest.Wait()
				}
				if got := o.took(); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
				if missed := c.down > time.Hour && c.want == "[]"; missed != strings.Contains(o.log.String(), "left out") {
					t.Errorf("what is left out must be logged, and nothing else:\n%s", o.log)
				}
				due := monday.Add(c.down).Add(15 * time.Hour).Truncate(24 * time.Hour).Add(9 * time.Hour)
				if got, want := o.next("digest"), due.Format("01-02 15:04"); got != want {
					t.Errorf("next is %s, want %s", got, want)
				}
				o.advance(due.Sub(o.clk.Now()))
				if got, want := o.took(), due.Format("[digest 01-02 15:04]"); got != want {
					t.Errorf("afterwards: %s, want %s", got, want)
				}
			})
		})
	}
}

func TestAStartLeavesAnUnchangedPlanAloneAndFollowsAChangedOne(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for _, c := range []struct {
		name   string
		change func(*Plan)
		keeps  bool   // the job
		next   string // 9:00 in Berlin is 8:00 UTC
	}{
		{"unchanged", func(*Plan) {}, true, "11-24 08:00"},
		{"the same in other words", func(p *Plan) { p.Spec, p.Zone = " CRON_TZ=Europe/Berlin  0 9 * *  * ", nil }, true, "11-24 08:00"},
		{"spec", func(p *Plan) { p.Spec = "0 10 * * *" }, false, "11-23 09:00"},
		{"zone", func(p *Plan) { p.Zone = time.UTC }, false, "11-23 09:00"},
		{"zone within the spec", func(p *Plan) { p.Spec = "TZ=Asia/Kolkata 0 9 * * *" }, false, "11-24 03:30"},
		{"to an interval", func(p *Plan) { p.Spec = "90m" }, false, "11-23 09:31"},
		{"arguments", func(p *Plan) { p.Args = "b" }, false, "11-24 08:00"},
		{"catch-up", func(p *Plan) { p.CatchUp = Skip }, false, "11-24 08:00"},
		{"kind", func(p *Plan) { p.Kind = "other" }, false, "11-24 08:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, monday.Add(time.Minute))
				plan := Plan{Name: "digest", Spec: "0 9 * * *", Zone: berlin, Kind: "work", Args: "a"}
				o.must(o.Recurring(t.Context(), plan))
				before, _, err := o.q.Find(t.Context(), tickKind, "digest")
				o.must(err)
				c.change(&plan)
				for range 2 {
					o.must(o.Recurring(t.Context(), plan))
				}
				after, _, err := o.q.Find(t.Context(), tickKind, "digest")
				o.must(err)
				if keeps := before.ID == after.ID; keeps != c.keeps {
					t.Errorf("the job stayed: %v, want %v", keeps, c.keeps)
				}
				if got := o.next("digest"); got != c.next || !after.RunAt.Equal(mustNext(t, o)) {
					t.Errorf("next is %s (job at %v), want %s", got, after.RunAt, c.next)
				}
			})
		})
	}
}

func mustNext(t *testing.T, o *office) time.Time {
	t.Helper()
	due, ok, err := o.Next(t.Context(), "digest")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	return due
}

func TestAChangeOfSpecFirstCatchesUpWithTheOldOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, monday)
		o.must(o.Recurring(t.Context(), daily("0 9 * * *")))
		o.advance(3 * time.Hour)
		plan := daily("0 10 * * *")
		plan.Args = "b"
		for range 2 {
			o.must(o.Recurring(t.Context(), plan))
		}
		o.open()
		if len(o.runs) != 1 || o.runs[0].args != "b" {
			t.Errorf("%+v; want one run, of the new plan", o.runs)
		}
		if got, want := o.took(), "[digest 11-23 09:00 late by 2 hours]"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got, want := o.next("digest"), "11-24 10:00"; got != want {
			t.Errorf("next is %s, want %s", got, want)
		}
	})
}

func TestAOneOffRunsAtItsTime(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	local := func(text string) time.Time {
		at, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct {
		name string
		at   At
		want string
	}{
		{"an instant", At{When: time.Date(2026, 11, 24, 9, 0, 0, 0, berlin)}, "2026-11-24T08:00:00Z"},
		{"milliseconds", At{When: monday.Add(1500*time.Millisecond + 3*time.Microsecond)}, "2026-11-23T08:00:01.5Z"},
		{"local time", At{When: local("2026-11-24 09:00"), Zone: berlin}, "2026-11-24T08:00:00Z"},
		{"the first of two", At{When: local("2027-10-31 02:30"), Zone: berlin}, "2027-10-31T00:30:00Z"},
		{"in a gap, by the offset before it", At{When: local("2027-03-28 02:30"), Zone: berlin}, "2027-03-28T01:30:00Z"},
		{"at a midnight that does not exist", At{When: local("2027-09-05 00:00"), Zone: zone(t, "America/Santiago")}, "2027-09-05T04:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, monday)
				o.open()
				c.at.Name, c.at.Kind, c.at.Args = "meeting", "work", "a"
				o.must(o.Once(t.Context(), c.at))
				due, ok, err := o.Next(t.Context(), "meeting")
				if err != nil || !ok || due.Format(time.RFC3339Nano) != c.want {
					t.Fatalf("due %v, %v, %v; want %s", due.Format(time.RFC3339Nano), ok, err, c.want)
				}
				o.advance(due.Sub(monday) - 10*time.Millisecond)
				if got := o.took(); got != "[]" {
					t.Errorf("too early: %s", got)
				}
				o.advance(10 * time.Millisecond) // the queue looks no closer
				if len(o.runs) != 1 || !o.runs[0].due.Equal(due) || o.runs[0].plan != "meeting" {
					t.Errorf("ran %v", o.runs)
				}
				if got := o.next("meeting"); got != "none" {
					t.Errorf("afterwards %s is planned", got)
				}
			})
		})
	}
}

func TestAMissedOneOff(t *testing.T) {
	for _, c := range []struct {
		catchUp CatchUp
		want    string
	}{
		{Once, "[meeting 11-23 09:00 late by 2 hours]"},
		{Within(2 * time.Hour), "[meeting 11-23 09:00 late by 2 hours]"},
		{Within(time.Hour), "[]"},
		{Skip, "[]"},
	} {
		t.Run(c.catchUp.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, monday)
				at := At{Name: "meeting", When: monday.Add(time.Hour), CatchUp: c.catchUp, Kind: "work"}
				o.must(o.Once(t.Context(), at))
				o.advance(3 * time.Hour)
				o.open()
				if got := o.took(); got != c.want || o.next("meeting") != "none" {
					t.Errorf("got %s, want %s; next %s", got, c.want, o.next("meeting"))
				}
				at.Name = "past" // planned when it is late already
				o.must(o.Once(t.Context(), at))
				synctest.Wait()
				if got, want := o.took(), strings.ReplaceAll(c.want, "meeting", "past"); got != want {
					t.Errorf("planned late: got %s, want %s", got, want)
				}
			})
		})
	}
}

func TestMoveAndRemove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		o := newOffice(t, monday)
		o.open()
		at := At{Name: "meeting", When: monday.Add(time.Hour), Kind: "work", Args: "a"}
		o.must(o.Once(ctx, at))
		o.must(o.Move(ctx, "meeting", monday.Add(3*time.Hour), nil))
		o.must(o.Move(ctx, "meeting", monday.Add(2*time.Hour), nil))
		o.advance(4 * time.Hour)
		if got, want := o.took(), "[meeting 11-23 10:00 late by 2 hours]"; got != want {
			t.Errorf("moved: got %s, want %s", got, want)
		}
		if err := o.Move(ctx, "meeting", monday.Add(9*time.Hour), nil); !errors.Is(err, ErrNotPlanned) {
			t.Errorf("moving what has happened: %v", err)
		}

		at.When = monday.Add(5 * time.Hour)
		o.must(o.Once(ctx, at))
		o.must(o.Move(ctx, "meeting", time.Date(2026, 11, 23, 14, 30, 0, 0, time.UTC), zone(t, "Europe/Berlin")))
		if got := o.next("meeting"); got != "11-23 13:30" {
			t.Errorf("moved to a local time: %s", got)
		}
		for _, want := range []bool{true, false} {
			if removed, err := o.Remove(ctx, "meeting"); err != nil || removed != want {
				t.Errorf("Remove: %v, %v; want %v", removed, err, want)
			}
		}
		o.must(o.Recurring(ctx, daily("@every 1h")))
		if err := o.Move(ctx, "digest", monday, nil); err == nil || errors.Is(err, ErrNotPlanned) {
			t.Errorf("moving a recurring plan: %v", err)
		}
		if removed, err := o.Remove(ctx, "digest"); err != nil || !removed {
			t.Errorf("Remove: %v, %v", removed, err)
		}
		o.advance(240 * time.Hour)
		if got := o.took(); got != "[]" {
			t.Errorf("removed, and yet: %s", got)
		}
	})
}

func TestAPlanCommitsWithWhatItFollowsFrom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, monday)
		at := At{Name: "meeting", When: monday.Add(time.Hour), Kind: "work"}
		noRoom := errors.New("no room")
		err := o.db.Do(t.Context(), func(ctx context.Context) error {
			o.must(o.Once(ctx, at))
			o.must(o.Recurring(ctx, daily("0 9 * * *")))
			if due, ok, err := o.Next(ctx, "meeting"); err != nil || !ok || !due.Equal(at.When) {
				t.Errorf("inside of the transaction: %v, %v, %v", due, ok, err)
			}
			return noRoom
		})
		if !errors.Is(err, noRoom) || o.next("meeting") != "none" || o.next("digest") != "none" {
			t.Errorf("after a rollback (%v): %s, %s", err, o.next("meeting"), o.next("digest"))
		}
		o.must(o.Once(t.Context(), at))
		_ = o.db.Do(t.Context(), func(ctx context.Context) error {
			o.must(o.Move(ctx, "meeting", monday.Add(2*time.Hour), nil))
			_, err := o.Remove(ctx, "meeting")
			return errors.Join(err, noRoom)
		})
		if got := o.next("meeting"); got != "11-23 09:00" {
			t.Errorf("after the rollback of a change: %s", got)
		}
	})
}

func TestWhatCannotBePlannedIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, monday)
		for reason, err := range map[string]error{
			"no name":          o.Recurring(t.Context(), Plan{Spec: "0 9 * * *", Kind: "work"}),
			`kind ""`:          o.Once(t.Context(), At{Name: "x", When: monday}),
			`kind "tick"`:      o.Once(t.Context(), At{Name: "x", When: monday, Kind: "tick"}),
			"negative":         o.Once(t.Context(), At{Name: "x", When: monday, Kind: "work", CatchUp: -1}),
			"arguments":        o.Once(t.Context(), At{Name: "x", When: monday, Kind: "work", Args: func() {}}),
			"no time":          o.Once(t.Context(), At{Name: "x", Kind: "work"}),
			"another machine":  o.Once(t.Context(), At{Name: "x", When: monday, Zone: time.Local, Kind: "work"}),
			"another machine:": o.Recurring(t.Context(), Plan{Name: "x", Spec: "0 9 * * *", Zone: time.Local, Kind: "work"}),
			"is not known":     o.Recurring(t.Context(), Plan{Name: "x", Spec: "0 9 * * *", Zone: time.FixedZone("my own", 3600), Kind: "work"}),
			"accepted are":     o.Recurring(t.Context(), Plan{Name: "x", Spec: "soon", Kind: "work"}),
			"too short":        o.Recurring(t.Context(), Plan{Name: "x", Spec: "999ms", Kind: "work"}),
			"nothing is":       o.Move(t.Context(), "x", monday, nil),
		} {
			if err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(reason, ":")) || !strings.HasPrefix(err.Error(), "scheduler: ") {
				t.Errorf("%s: %v", reason, err)
			}
		}
		if jobs, err := o.q.List(t.Context(), queue.Filter{Limit: 10}); err != nil || len(jobs) != 0 {
			t.Errorf("%d jobs (%v) of what was refused", len(jobs), err)
		}
	})
}
