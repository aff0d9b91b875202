package scheduler

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"dragoman/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// settable is a machine's clock that somebody sets: Now jumps, timers do not.
// It has no monotonic reading, which is the harder case.
type settable struct {
	clock.System
	offset atomic.Int64
}

func (c *settable) Now() time.Time {
	return c.System.Now().Round(0).Add(time.Duration(c.offset.Load()))
}

func (c *settable) set(by time.Duration) { c.offset.Add(int64(by)) }

// house is a running Scheduler in a synctest bubble, in which time passes only
// when everything sleeps. A bubble starts at midnight UTC, 2000-01-01.
type house struct {
	*Scheduler
	clk *settable
	log *bytes.Buffer
}

func open(t *testing.T, workers int) house {
	t.Helper()
	h := house{clk: &settable{}, log: &bytes.Buffer{}}
	h.Scheduler = New(h.clk, slog.New(slog.NewTextHandler(h.log, nil)), workers)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return h
}

// count returns a job and the number of its runs.
func count() (Job, *atomic.Int64) {
	n := new(atomic.Int64)
	return func(context.Context, time.Time) { n.Add(1) }, n
}

// pass lets d go by and everything that happens in it settle.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestAnIntervalJobRunsSoonAndThenOnceInEachInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 4)
		var runs []time.Time
		added := time.Now()
		s.Add("web1", Every(15*time.Second), func(_ context.Context, due time.Time) {
			if late := s.clk.Now().Sub(due); late != 0 {
				t.Errorf("ran %v after its due time", late)
			}
			runs = append(runs, time.Now())
		})
		pass(10 * time.Minute)
		if n := len(runs); n < 39 || n > 41 {
			t.Fatalf("%d runs in ten minutes, want 40", n)
		}
		if first := runs[0].Sub(added); first >= time.Second {
			t.Errorf("the first run came after %v, want less than a second", first)
		}
		if gap := runs[1].Sub(runs[0]); gap < 7500*time.Millisecond || gap > 22500*time.Millisecond {
			t.Errorf("%v between the first two runs, want half to one and a half intervals", gap)
		}
		for i := 2; i < len(runs); i++ {
			if gap := runs[i].Sub(runs[i-1]); gap != 15*time.Second {
				t.Fatalf("%v between runs %d and %d", gap, i, i+1)
			}
		}
	})
}

func TestManyJobsSpreadOverTheirInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const jobs, interval = 10_000, 30 * time.Second
		s := open(t, 16)
		begin := time.Now()
		var mu sync.Mutex
		perSecond := make(map[int]int)
		for i := range jobs {
			s.Add(fmt.Sprintf("web%d", i), Every(interval), func(context.Context, time.Time) {
				mu.Lock()
				defer mu.Unlock()
				perSecond[int(time.Since(begin)/time.Second)]++
			})
		}
		pass(2*interval - time.Nanosecond)
		known := 0
		for second := range 10 {
			known += perSecond[second]
		}
		if known < jobs {
			t.Errorf("%d of %d jobs ran in the first ten seconds", known, jobs)
		}
		for second := 45; second < 60; second++ { // all are on their phase
			if n := perSecond[second]; n < 260 || n > 410 {
				t.Errorf("%d runs in second %d, want about %d", n, second, jobs/30)
			}
		}
	})
}

func TestACalendarJobRunsAtItsTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 1)
		var got []string
		s.Add("report", mustParse(t, "CRON_TZ=Asia/Kolkata 0 9 * * *", nil), func(_ context.Context, due time.Time) {
			got = append(got, due.Format("15:04 -0700")+" "+s.clk.Now().UTC().Format("02 15:04:05"))
		})
		pass(48 * time.Hour)
		if want := "[09:00 +0530 01 03:30:00 09:00 +0530 02 03:30:00]"; fmt.Sprint(got) != want {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestAJobThatStillRunsIsSkippedAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 8)
		var inFlight, runs atomic.Int64
		s.Add("slow", Every(10*time.Second), func(context.Context, time.Time) {
			if inFlight.Add(1) > 1 {
				t.Error("the job overlaps itself")
			}
			defer inFlight.Add(-1)
			runs.Add(1)
			time.Sleep(35 * time.Second)
		})
		pass(10 * time.Minute)
		st := s.Stats()
		if n := runs.Load(); n < 14 || n > 16 || st.Runs != uint64(n) {
			t.Errorf("%d runs of 35 s in ten minutes (%d counted), want one in each 40 s", n, st.Runs)
		}
		if sum := st.Runs + st.Skipped; sum < 59 || sum > 61 {
			t.Errorf("%d runs and %d skipped ticks, want 60 together", st.Runs, st.Skipped)
		}
		if warnings := strings.Count(s.log.String(), "job=slow"); warnings != int(st.Runs) {
			t.Errorf("%d warnings for %d overlong runs, want one each", warnings, st.Runs)
		}
	})
}

func TestAHangingJobTakesOneWorkerAndNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 2)
		s.Add("hangs", Every(time.Second), func(ctx context.Context, _ time.Time) { <-ctx.Done() })
		job, runs := count()
		for i := range 10 {
			s.Add(fmt.Sprint("web", i), Every(time.Second), job)
		}
		pass(time.Minute)
		if n := runs.Load(); n < 590 {
			t.Errorf("%d runs beside a hanging job, want about 600", n)
		}
		if st := s.Stats(); st.Running != 1 || st.Waiting != 0 || st.Jobs != 11 {
			t.Errorf("%+v", st)
		}
	})
}

func TestNoMoreJobsRunAtOnceThanThereAreWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 3)
		var inFlight, most, runs atomic.Int64
		for i := range 20 {
			s.Add(fmt.Sprint("web", i), Every(time.Hour), func(context.Context, time.Time) {
				most.Store(max(most.Load(), inFlight.Add(1)))
				time.Sleep(time.Minute)
				inFlight.Add(-1)
				runs.Add(1)
			})
		}
		pass(10 * time.Second)
		if st := s.Stats(); st.Running != 3 || st.Waiting != 17 {
			t.Errorf("%+v, want 3 running and 17 waiting", st)
		}
		pass(8 * time.Minute)
		if most.Load() != 3 || runs.Load() != 20 {
			t.Errorf("%d at once, %d runs; want 3 and 20", most.Load(), runs.Load())
		}
	})
}

func TestAPanicEndsThatRunAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 1)
		var runs atomic.Int64
		s.Add("bad%d", Every(time.Minute), func(context.Context, time.Time) {
			if runs.Add(1) == 2 {
				runtime.Goexit() // as t.FailNow does
			}
			panic("no %s today")
		})
		pass(10 * time.Minute)
		if st := s.Stats(); st.Panics+1 != st.Runs || st.Runs < 9 || st.Running != 0 {
			t.Errorf("%+v", st)
		}
		if log := s.log.String(); !strings.Contains(log, "job=bad%d") || !strings.Contains(log, "no %s today") ||
			!strings.Contains(log, "scheduler_test.go") {
			t.Errorf("the log lacks key, panic or stack:\n%.500s", log)
		}
	})
}

func TestTrigger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 2)
		job, runs := count()
		s.Add("report", mustParse(t, "0 9 * * *", nil), job)
		s.Trigger("report")
		s.Trigger("nobody")
		pass(0)
		if n := runs.Load(); n != 1 {
			t.Fatalf("%d runs after a trigger, want 1", n)
		}
		release := make(chan struct{})
		var slow atomic.Int64
		s.Add("slow", mustParse(t, "0 9 * * *", nil), func(context.Context, time.Time) {
			slow.Add(1)
			<-release
		})
		for range 5 {
			s.Trigger("slow")
			pass(0)
		}
		if n := slow.Load(); n != 1 {
			t.Fatalf("%d runs at once", n)
		}
		close(release)
		pass(0)
		if n := slow.Load(); n != 2 {
			t.Errorf("%d runs after four triggers during the first, want one more", n)
		}
		pass(9 * time.Hour)
		if runs.Load() != 2 || slow.Load() != 3 {
			t.Errorf("%d and %d runs at nine, want 2 and 3", runs.Load(), slow.Load())
		}
	})
}

func TestRemoveAndReplaceDoNotOverlapTheRunInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 4)
		release := make(chan struct{})
		s.Add("web1", Every(10*time.Second), func(context.Context, time.Time) { <-release })
		pass(time.Second)
		s.Remove("web1")
		s.Trigger("web1")
		s.Remove("nobody")
		job, runs := count()
		s.Add("web1", Every(10*time.Second), job)
		pass(5 * time.Second)
		if n := runs.Load(); n != 0 {
			t.Fatalf("the new job ran %d times beside the old", n)
		}
		close(release)
		pass(0)
		if n := runs.Load(); n != 1 {
			t.Fatalf("%d runs after the old one ended, want the first at once", n)
		}
		s.Remove("web1")
		pass(time.Minute)
		if st := s.Stats(); runs.Load() != 1 || st.Jobs != 0 {
			t.Errorf("%d runs, %+v after Remove", runs.Load(), st)
		}
	})
}

func TestAJobMayRemoveItselfAndAddOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 1)
		job, runs := count()
		s.Add("once", Every(time.Second), func(ctx context.Context, _ time.Time) {
			s.Remove("once")
			s.Add("next", Every(time.Second), job)
			if ctx.Err() != nil {
				t.Error("removing itself ended the job's context")
			}
		})
		pass(time.Minute)
		if st := s.Stats(); st.Jobs != 1 || runs.Load() < 58 || st.Runs != uint64(runs.Load()+1) {
			t.Errorf("%d runs, %+v", runs.Load(), st)
		}
	})
}

func TestAJobRemovedWhileItWaitsDoesNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 1)
		release := make(chan struct{})
		s.Add("first", Every(time.Hour), func(context.Context, time.Time) { <-release })
		pass(time.Second)
		job, runs := count()
		s.Add("second", Every(time.Hour), job)
		pass(time.Second)
		s.Remove("second")
		close(release)
		pass(0)
		if st := s.Stats(); runs.Load() != 0 || st.Jobs != 1 || st.Waiting != 0 {
			t.Errorf("%d runs, %+v", runs.Load(), st)
		}
	})
}

func TestRunEndsItsJobsAndCanRunAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(clock.System{}, slog.New(slog.DiscardHandler), 1)
		s.Add("hangs", Every(time.Hour), func(ctx context.Context, _ time.Time) {
			<-ctx.Done()
			time.Sleep(time.Second)
		})
		job, runs := count()
		for round := range 2 {
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- s.Run(ctx) }()
			pass(2 * time.Second)
			if err := s.Run(ctx); err == nil {
				t.Error("a second Run beside the first did not fail")
			}
			if round == 0 {
				s.Add("waits", Every(time.Hour), job)
			}
			pass(2 * time.Second)
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("Run: %v", err)
			}
			if st := s.Stats(); st.Running != 0 || runs.Load() != int64(round) {
				t.Errorf("after Run %d has ended: %+v, %d runs of the job that waited", round+1, st, runs.Load())
			}
		}
	})
}

func TestAddRemoveAndTriggerFromManyGoroutines(t *testing.T) {
	s := New(clock.System{}, slog.New(slog.DiscardHandler), 4)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	job, runs := count()
	cron := mustParse(t, "*/5 * * * *", nil)
	var callers sync.WaitGroup
	for g := range 4 {
		callers.Go(func() {
			for i := range 2000 {
				key := fmt.Sprint("web", (g+i)%50)
				switch i % 5 {
				case 0, 1:
					s.Add(key, Every(MinInterval), job)
				case 2:
					s.Add(key, cron, job)
				case 3:
					s.Trigger(key)
				case 4:
					s.Remove(key)
				}
			}
		})
	}
	callers.Wait()
	for i := range 50 {
		s.Remove(fmt.Sprint("web", i))
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.Running != 0 || st.Runs != uint64(runs.Load()) || len(s.intervals)+len(s.calendars) != 0 {
		t.Errorf("%+v after everything was removed, %d runs", st, runs.Load())
	}
}
