package scheduler

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestSettingTheClockNeitherFloodsNorStallsIntervals(t *testing.T) {
	for _, step := range []time.Duration{time.Hour, -time.Hour, 240 * time.Hour, -240 * time.Hour, time.Second, -time.Second} {
		t.Run(step.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, 4)
				job, runs := count()
				s.Add("web1", Every(15*time.Second), job)
				pass(10 * time.Minute)
				before := runs.Load()
				s.clk.set(step)
				for minute := range 10 {
					pass(time.Minute)
					n := runs.Load() - before
					if want := int64(4 * (minute + 1)); n < want-1 || n > want+1 {
						t.Fatalf("%d runs in the %d minutes after the step, want %d", n, minute+1, want)
					}
				}
			})
		})
	}
}

func TestSettingTheClockAndCalendarJobs(t *testing.T) {
	for _, c := range []struct {
		name, spec string
		set        time.Duration // after 9 h 10 min
		passes     time.Duration
		before     int
		after      string // due times of the runs after the step
	}{
		{"forward over a daily tick runs it once", "0 10 * * *", time.Hour, time.Minute, 0, "[01 10:00]"},
		{"forward over days runs one tick", "0 10 * * *", 72 * time.Hour, time.Hour, 0, "[01 10:00 04 10:00]"},
		{"forward does not flood", "*/5 * * * *", time.Hour, 11 * time.Minute, 110, "[01 09:15 01 10:15 01 10:20]"},
		{"back does not stall", "*/5 * * * *", -time.Hour, 11 * time.Minute, 110, "[01 08:15 01 08:20]"},
		{"back by a second repeats nothing", "*/5 * * * *", -time.Second, 6 * time.Minute, 110, "[01 09:15]"},
		{"back over a daily tick does not repeat it", "0 9 * * *", -time.Hour, 25 * time.Hour, 1, "[02 09:00]"},
		{"back over an hourly tick does not repeat it", "0 * * * *", -time.Hour, 3 * time.Hour, 9, "[01 10:00 01 11:00]"},
		{"back before a tick that did not run", "0 10 * * *", -time.Hour, 3 * time.Hour, 0, "[01 10:00]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, 1)
				var due []string
				s.Add("job", mustParse(t, c.spec, time.UTC), func(_ context.Context, at time.Time) {
					due = append(due, at.UTC().Format("02 15:04"))
				})
				pass(9*time.Hour + 10*time.Minute + time.Second)
				if len(due) != c.before {
					t.Fatalf("%d runs before the step, want %d", len(due), c.before)
				}
				due = nil
				s.clk.set(c.set)
				pass(c.passes)
				if got := fmt.Sprint(due); got != c.after {
					t.Errorf("runs after the step: %s, want %s", got, c.after)
				}
			})
		})
	}
}

// A schedule written elsewhere: once, and never again.
type at time.Time

func (a at) Next(t time.Time) time.Time {
	if t.Before(time.Time(a)) {
		return time.Time(a)
	}
	return time.Time{}
}

func TestAScheduleThatEndsRunsNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 1)
		job, runs := count()
		s.Add("once", at(time.Now().Add(time.Hour)), job)
		s.Add("over", at(time.Now().Add(-time.Hour)), job)
		pass(24 * time.Hour)
		s.clk.set(-48 * time.Hour)
		pass(24 * time.Hour)
		if n := runs.Load(); n != 1 {
			t.Errorf("%d runs, want 1", n)
		}
		s.Trigger("over")
		pass(0)
		if n := runs.Load(); n != 2 {
			t.Errorf("%d runs after a trigger, want 2", n)
		}
	})
}

// An oscillating clock, as two time servers at odds make it.
func TestAClockThatJumpsToAndFroFloodsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 2)
		job, runs := count()
		s.Add("web1", Every(15*time.Second), job)
		cron, ticks := count()
		s.Add("cron", mustParse(t, "*/5 * * * *", nil), cron)
		for range 10 {
			s.clk.set(time.Hour)
			pass(30 * time.Second)
			s.clk.set(-time.Hour)
			pass(30 * time.Second)
		}
		if n := runs.Load(); n < 38 || n > 55 {
			t.Errorf("%d runs of a 15 s job in ten minutes, want 40 and at most one more for each jump", n)
		}
		if n := ticks.Load(); n > 22 {
			t.Errorf("%d runs of a five-minute job in ten minutes of 20 jumps", n)
		}
	})
}
