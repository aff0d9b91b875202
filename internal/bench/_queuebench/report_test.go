package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"dragoman/internal/bench/queuebench/gauge"
)

// found is a report in which River and ours made these jobs per second, ours
// with this latency and idling at this percentage.
func found(kind string, theirs, ours []float64, p99, idle float64) *report {
	r := &report{plan: plan{rounds: 3, kinds: []string{kind}}, cores: 2}
	for _, f := range figures() {
		for i := range 3 {
			switch f.name {
			case gauge.Worked, gauge.Enqueue:
				r.note(kind, f, river, []float64{theirs[i], 100})
				r.note(kind, f, plain, []float64{ours[i], 50})
			case gauge.Pickup:
				r.note(kind, f, river, []float64{3, 9, 10})
				r.note(kind, f, plain, []float64{0.5, p99, 9})
			case gauge.Idle:
				r.note(kind, f, river, []float64{20})
				r.note(kind, f, plain, []float64{idle})
			}
		}
		if f.name == gauge.Enqueue {
			r.note(kind, f, bare, []float64{4000, 10})
		}
	}
	return r
}

func TestTheTable(t *testing.T) {
	r := found(gauge.SQLite, []float64{1000, 2000, 3000}, []float64{1400, 2800, 4200}, 5.01, 0.5)
	var out strings.Builder
	if err := r.print(&out); err != nil {
		t.Fatal(err)
	}
	var lines []string // with single spaces
	for line := range strings.Lines(out.String()) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	for _, want := range []string{
		"sqlite one job enqueued per transaction, 1 goroutine, jobs/s a bare insert 4,000 4.00",
		"sqlite one job enqueued per transaction, 1 goroutine, jobs/s River 2,000 (1,000 to 3,000)",
		"sqlite one job enqueued per transaction, 1 goroutine, jobs/s dragoman 2,800 (1,400 to 4,200) 1.40 ratio at least 1.5: short",
		"sqlite enqueued by 1 goroutine, CPU of the process per job, µs dragoman 50 0.50",
		"sqlite no-op jobs worked from a backlog, 100 workers, jobs/s dragoman 2,800 (1,400 to 4,200) 1.40 ratio at least 1: met",
		"sqlite commit to start of the handler, p50, ms dragoman 0.50 0.17",
		"sqlite commit to start of the handler, p99, ms dragoman 5.01 0.56 at most 5: short",
		"sqlite CPU of the process of an idle queue, % of one processor dragoman 0.50 0.03 at most 1: met",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("there is no line %q in\n%s", want, out.String())
		}
	}
	if got := r.short(); got != 2 {
		t.Errorf("%d bars are missed, want 2", got)
	}
}

func TestTheBarsAreThoseOfTheDatabase(t *testing.T) {
	river, same := []float64{10, 10, 10}, []float64{10, 10, 10}
	if got := found(gauge.Postgres, river, same, 1, 0.1).short(); got != 0 {
		t.Errorf("as fast as River on PostgreSQL: %d bars are missed", got)
	}
	if got := found(gauge.SQLite, river, same, 1, 0.1).short(); got != 1 {
		t.Errorf("as fast as River on SQLite: %d bars are missed, want that of enqueueing", got)
	}
}

// What slows a whole round must not show in the ratio.
func TestRatiosAreTakenRoundByRound(t *testing.T) {
	r := found(gauge.SQLite, []float64{100, 10, 50}, []float64{80, 8, 40}, 1, 0.1)
	const title = "no-op jobs worked from a backlog, 100 workers, jobs/s"
	if got, ok := r.ratio(r.find(gauge.SQLite, title, plain)); !ok || got != 0.8 {
		t.Errorf("the ratio is %v (%v), want 0.8", got, ok)
	}
	if got, ok := r.ratio(r.find(gauge.SQLite, title, river)); ok {
		t.Errorf("River is compared with itself: %v", got)
	}
}

func TestWithoutRiverNothingIsShortOfIt(t *testing.T) {
	r := &report{plan: plan{kinds: []string{gauge.SQLite}}}
	for _, f := range figures() {
		if f.name == gauge.Enqueue {
			r.note(gauge.SQLite, f, plain, []float64{1, 1})
		}
	}
	var out strings.Builder
	if err := r.print(&out); err != nil || r.short() != 0 || strings.Contains(out.String(), "short") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestNumbersAreGroupedByThousands(t *testing.T) {
	for _, test := range []struct {
		v        float64
		decimals int
		want     string
	}{
		{0, 0, "0"}, {999, 0, "999"}, {1000, 0, "1,000"}, {1234567.891, 2, "1,234,567.89"}, {-123, 0, "-123"}, {-1234, 1, "-1,234.0"},
	} {
		if got := number(test.v, test.decimals); got != test.want {
			t.Errorf("number(%v, %d) = %q, want %q", test.v, test.decimals, got, test.want)
		}
	}
}

func TestPlans(t *testing.T) {
	p, strict, err := planFrom([]string{"-strict", "-databases", "postgres", "-figures", "idle,worked", "-who", "River"})
	if err != nil || !strict || p.task.Enqueue != 3*time.Second {
		t.Fatalf("%+v, %v, %v", p, strict, err)
	}
	var wanted []string
	for _, f := range figures() {
		for _, who := range f.who {
			if p.wants(f, who, 0) {
				wanted = append(wanted, f.name+"/"+who)
			}
		}
	}
	if want := []string{"worked/River"}; !slices.Equal(wanted, want) { // idle comes in the last round
		t.Errorf("in the first round %q are measured, want %q", wanted, want)
	}
	for _, args := range [][]string{{"x"}, {"-rounds", "0"}, {"-databases", "mysql"}, {"-figures", "speed"}, {"-who", "nobody"}, {"-nonsense"}} {
		if _, _, err := planFrom(args); err == nil {
			t.Errorf("%q is a plan", args)
		}
	}
}
