package status

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/skills/status/check"
)

// results are written as letters: Up, Down, ? for unknown.
func results(letters string) []check.State {
	var list []check.State
	for _, l := range letters {
		list = append(list, map[rune]check.State{'U': check.Up, 'D': check.Down, '?': check.Unknown}[l])
	}
	return list
}

func TestWhichResultsAreAChange(t *testing.T) {
	for name, tt := range map[string]struct {
		failures int
		results  string
		told     string // what subscribers are told, a letter each
		state    string // at the end
	}{
		"nothing happens":                              {2, "UUUUUU", "", "U"},
		"the first state is told to nobody":            {2, "D", "", "D"},
		"unknown at the start is nothing yet":          {2, "?U", "", "U"},
		"nor before down":                              {2, "?D", "", "D"},
		"the first state may be unknown":               {2, "?", "", "?"},
		"down takes so many failures":                  {3, "UDDD", "D", "D"},
		"and not one fewer":                            {3, "UDDUDDUDD", "", "U"},
		"one failure is enough where one is asked":     {1, "UDUD", "DUD", "D"},
		"one success brings it back":                   {3, "UDDDU", "DU", "U"},
		"from unknown too":                             {3, "U???U", "?U", "U"},
		"flapping is told to nobody":                   {2, "UDUDUDUDUD", "", "U"},
		"unknown takes as many as down":                {2, "U?U??", "?", "?"},
		"unknown is not up":                            {2, "??U", "U", "U"},
		"down and unknown in turns is not up for ever": {2, "UD?D?D?", "?", "?"},
		"nor with three":                               {3, "U?D?U?DD", "?U?", "?"},
		"one unknown does not end down":                {2, "UDD?D?D", "D", "D"},
		"but several do":                               {2, "UDD??", "D?", "?"},
		"from unknown to down":                         {2, "U??D?DD", "?D", "D"},
		"it stays down":                                {2, "UDDDDDDD", "D", "D"},
		"up from down and down again":                  {2, "DUDDUDD", "UDUD", "D"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := two()
			cfg.Failures = tt.failures
			s := made(t, cfg, Deps{DB: inMemory(t), Notify: newWire()})
			m, _ := s.watch.get("web1")
			var told strings.Builder
			at := time.Now()
			for _, state := range results(tt.results) {
				at = at.Add(time.Minute)
				if ch := s.watch.note(m, check.Result{State: state, At: at}); ch != nil && !ch.first {
					told.WriteString(map[check.State]string{check.Up: "U", check.Down: "D", check.Unknown: "?"}[ch.to])
				}
			}
			if told.String() != tt.told {
				t.Errorf("%s is told as %q, want %q", tt.results, told.String(), tt.told)
			}
			if st := s.watch.status(m); st.state != results(tt.state)[0] {
				t.Errorf("after %s it is %v", tt.results, st.state)
			}
		})
	}
}

func TestAMachineIsDownSinceTheFirstFailure(t *testing.T) {
	s := made(t, two(), Deps{DB: inMemory(t), Notify: newWire()})
	m, _ := s.watch.get("web1")
	start := time.Now()
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	s.watch.note(m, check.Result{State: check.Up, At: at(0)})
	s.watch.note(m, check.Result{State: check.Down, At: at(60)})
	ch := s.watch.note(m, check.Result{State: check.Down, At: at(61)})
	if ch == nil || !ch.since.Equal(at(60)) || ch.lasted != 61*time.Minute {
		t.Fatalf("the change is %+v", ch)
	}
	// The machine itself may never have stopped: what it says counts.
	ch = s.watch.note(m, check.Result{State: check.Up, Since: at(-600), At: at(90)})
	if ch == nil || !ch.since.Equal(at(-600)) || ch.text() != "web1 is up again after 30 minutes." {
		t.Errorf("the change is %+v", ch)
	}
}

func TestAReStartedMachineRunsSinceItsStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &machines{}
		fake.setSince("machine1:1", time.Now().Add(-3*time.Hour))
		s := run(t, made(t, two(), Deps{DB: inMemory(t), Notify: newWire(), NewCheck: fake.new}))
		time.Sleep(time.Minute)
		m, _ := s.watch.get("machine1")
		if got := s.describe(m); got != "machine1 is currently running for 3 hours" {
			t.Error(got)
		}
		fake.setSince("machine1:1", time.Now())
		time.Sleep(time.Minute)
		if got := s.describe(m); got != "machine1 is currently running for 1 minute" {
			t.Error(got)
		}
	})
}

func TestAMachineIsUpSinceTheFirstSuccess(t *testing.T) {
	s := made(t, two(), Deps{DB: inMemory(t), Notify: newWire()})
	m, _ := s.watch.get("web1")
	start := time.Now()
	for i, state := range results("D?U") {
		s.watch.note(m, check.Result{State: state, At: start.Add(time.Duration(i) * time.Hour)})
	}
	if st := s.watch.status(m); !st.since.Equal(start.Add(2 * time.Hour)) {
		t.Errorf("it is up since %v after the first check", st.since.Sub(start))
	}
}

// stuck is a check that never gets an answer.
func stuck(ctx context.Context) check.Result {
	<-ctx.Done()
	return check.Result{State: check.Down, Detail: "no answer in time"}
}

// slow is stuck for that long.
func slow(d time.Duration) func(context.Context) check.Result {
	return func(ctx context.Context) check.Result {
		ctx, cancel := context.WithTimeout(ctx, d)
		defer cancel()
		return stuck(ctx)
	}
}

func TestChecksThatHangDelayNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const hanging = 2000
		cfg := Config{Interval: 15 * time.Second, Timeout: 5 * time.Second, Failures: 2}
		fake := &machines{}
		for i := range hanging {
			name := "h" + string(rune('a'+i%26)) + time.Duration(i).String()
			cfg.Machines = append(cfg.Machines, Machine{Name: name, Spec: check.Spec{Kind: "tcp", Target: name + ":1"}})
			fake.setFunc(name+":1", slow(5*time.Second))
		}
		cfg.Machines = append(cfg.Machines, two().Machines...)
		var last atomic.Int64 // Unix milliseconds
		var widest atomic.Int64
		fake.setFunc("web1:1", func(context.Context) check.Result {
			now := time.Now().UnixMilli()
			if before := last.Swap(now); before != 0 {
				widest.Store(max(widest.Load(), now-before))
			}
			return check.Result{State: check.Up}
		})
		run(t, made(t, cfg, Deps{DB: inMemory(t), Notify: newWire(), NewCheck: fake.new}))
		time.Sleep(5 * time.Minute)
		// One and a half intervals may lie between the first and the second.
		if got := time.Duration(widest.Load()) * time.Millisecond; got == 0 || got > 23*time.Second {
			t.Errorf("beside %d checks that hang, a machine was checked only every %v", hanging, got)
		}
	})
}

func TestACheckThatPanicsHasLearnedNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, w, log := &machines{}, newWire(), &journal{}
		s := run(t, made(t, two(), Deps{DB: inMemory(t), Notify: w, NewCheck: fake.new, Log: log.logger()}))
		subscribed(t, s.Skill, "web1", "john")
		time.Sleep(time.Minute)
		fake.setFunc("web1:1", func(context.Context) check.Result { panic("index out of range") })
		time.Sleep(time.Minute)
		m, _ := s.watch.get("web1")
		if got, want := s.describe(m), "web1 is in an unknown state for 58 seconds: the check failed inside the bot"; got != want {
			t.Errorf("%s", got)
		}
		if got := w.texts("john"); !slices.Equal(got, []string{"web1 can no longer be seen; its state is unknown."}) {
			t.Errorf("told %q", got)
		}
		if !strings.Contains(log.String(), "index out of range") || !strings.Contains(log.String(), "watch_test.go") {
			t.Errorf("the log does not say where:\n%s", log)
		}
		if other, _ := s.watch.get("machine1"); s.describe(other) != "machine1 is currently running for 2 minutes" && s.describe(other) != "machine1 is currently running for 1 minute" {
			t.Error(s.describe(other))
		}
	})
}

func TestAStateThatIsNotKnownIsUnknown(t *testing.T) {
	fake := &machines{}
	fake.set("web1:1", check.State(7), "")
	s := made(t, two(), Deps{DB: inMemory(t), Notify: newWire(), NewCheck: fake.new})
	m, _ := s.watch.get("web1")
	s.watch.look(t.Context(), m)
	if st := s.watch.status(m); st.latest.State != check.Unknown || st.settled {
		t.Errorf("%+v", st)
	}
}

func TestAMachineThatIsRemovedWhileItIsChecked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, w := &machines{}, newWire()
		answer := make(chan check.State)
		s := run(t, made(t, two(), Deps{DB: inMemory(t), Notify: w, NewCheck: fake.new}))
		first, err := s.watch.add(Machine{Name: "db1", Spec: check.Spec{Kind: "tcp", Target: "db1:1"}}, false, stateRow{})
		if err != nil {
			t.Fatal(err)
		}
		subscribed(t, s.Skill, "db1", "john")
		time.Sleep(time.Minute)
		fake.setFunc("db1:1", func(ctx context.Context) check.Result { return check.Result{State: <-answer} })
		time.Sleep(time.Minute) // now a check waits
		s.watch.remove(first)
		again, err := s.watch.add(first.Machine, false, stateRow{})
		if err != nil {
			t.Fatal(err)
		}
		answer <- check.Down // to the old machine
		synctest.Wait()
		if st := s.watch.status(again); !st.latest.At.IsZero() {
			t.Errorf("the new machine of that name took the old one's result: %+v", st)
		}
		if st := s.watch.status(first); st.latest.State != check.Up {
			t.Errorf("the old one still takes notes: %+v", st)
		}
		s.watch.remove(again)
		close(answer)
		time.Sleep(time.Minute)
		if got := w.texts(""); len(got) > 0 {
			t.Errorf("told %q", got)
		}
		if _, ok := s.watch.get("db1"); ok || slices.Contains(s.watch.sorted(), "db1") {
			t.Error("the machine is still there")
		}
	})
}

func TestTheFirstLookIsOnDemandAndOneForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &machines{}
		fake.setFunc("web1:1", func(ctx context.Context) check.Result {
			time.Sleep(2 * time.Second)
			return check.Result{State: check.Down, Detail: "connection refused"}
		})
		s := made(t, two(), Deps{DB: inMemory(t), Notify: newWire(), NewCheck: fake.new})
		said := make(chan string)
		for range 20 {
			go func() {
				m, err := s.known(t.Context(), "web1")
				if err != nil {
					said <- err.Error()
					return
				}
				said <- s.describe(m)
			}()
		}
		for range 20 {
			if got := <-said; got != "web1 is down for 1 second: connection refused" {
				t.Error(got)
			}
		}
		if n := fake.checks("web1:1"); n != 1 {
			t.Errorf("%d checks for 20 questions", n)
		}
	})
}

func TestAFirstLookThatTakesTooLongIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &machines{}
		fake.setFunc("web1:1", stuck)
		s := made(t, two(), Deps{DB: inMemory(t), Notify: newWire(), NewCheck: fake.new})
		start := time.Now()
		m, err := s.known(t.Context(), "web1")
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != lookLimit {
			t.Errorf("it took %v", took)
		}
		if got := s.describe(m); got != "web1 has not been checked yet; ask again in a moment" {
			t.Error(got)
		}
	})
}

// As when somebody asks before the bot is connected, and again after that.
func TestWhatIsUnknownIsLookedAtOnDemand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &machines{}
		fake.set("web1:1", check.Unknown, "no XMPP connection to ask over")
		s := made(t, two(), Deps{DB: inMemory(t), Notify: newWire(), NewCheck: fake.new})
		says := func(want string) {
			t.Helper()
			m, err := s.known(t.Context(), "web1")
			if err != nil {
				t.Fatal(err)
			}
			if got := s.describe(m); got != want {
				t.Error(got)
			}
		}
		for _, span := range []string{"1 second", "2 seconds", "4 seconds", "6 seconds", "8 seconds"} { // which counts once
			says("web1 is in an unknown state for " + span + ": no XMPP connection to ask over")
			time.Sleep(2 * time.Second)
		}
		m, _ := s.watch.get("web1")
		if st := s.watch.status(m); st.settled || st.streak != 1 {
			t.Errorf("%+v", st)
		}
		if n := fake.checks("web1:1"); n != 5 {
			t.Errorf("%d checks", n)
		}
		fake.setSince("web1:1", time.Now().Add(-3*time.Hour))
		says("web1 is currently running for 3 hours")
		says("web1 is currently running for 3 hours")
		if n := fake.checks("web1:1"); n != 6 {
			t.Errorf("%d checks", n)
		}
	})
}

func TestAnOldResultSpeaksForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &machines{}
		s := made(t, two(), Deps{DB: inMemory(t), Notify: newWire(), NewCheck: fake.new})
		m, _ := s.watch.get("web1")
		s.watch.look(t.Context(), m)
		fake.setFunc("web1:1", stuck)
		time.Sleep(time.Hour) // with no Run, as if the computer had slept
		if got := s.describe(m); got != "web1 has not been checked for 1 hour; ask again in a moment" {
			t.Error(got)
		}
		fake.set("web1:1", check.Up, "")
		if m, err := s.known(t.Context(), "web1"); err != nil || s.describe(m) != "web1 is currently running for 1 hour" {
			t.Error(s.describe(m), err)
		}
	})
}
