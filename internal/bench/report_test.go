package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"dragoman/internal/bench/stats"
)

func TestBars(t *testing.T) {
	for name, test := range map[string]struct {
		bar    bar
		median float64
		want   string
		missed bool
	}{
		"none":         {bar{}, 0, "", false},
		"reached":      {bar{least: 0.8}, 0.8, "at least 0.8: met", false},
		"not reached":  {bar{least: 0.8}, 0.79, "at least 0.8: MISSED", true},
		"kept":         {bar{most: 1.5}, 1.5, "at most 1.5: met", false},
		"exceeded":     {bar{most: 1.5}, 1.51, "at most 1.5: MISSED", true},
		"not measured": {bar{least: 5}, 0, "at least 5: MISSED", true},
	} {
		if got, missed := test.bar.judge(test.median); got != test.want || missed != test.missed {
			t.Errorf("%s: %q, %v", name, got, missed)
		}
	}
}

// house is a stage on which the bot made these answers per second beside an
// echo of 1000 and an Errbot of 250.
func house(kind string, rate float64) *stage {
	three := func(v float64) []float64 { return []float64{v, v, v} }
	return &stage{kind: kind, startNew: three(0.2), startOld: three(0.1), others: []float64{0.5, 0, 0.1}, peers: []*peer{
		{name: "echo", rate: three(1000), alone: three(0.2), answers: 1000, cpu: 10 * time.Millisecond, peak: 10e6},
		{name: "dragoman", rate: three(rate), alone: three(0.28), answers: 1000, cpu: 30 * time.Millisecond, peak: 30e6},
		{name: "errbot", rate: three(250), alone: three(0.5), answers: 1000, cpu: 300 * time.Millisecond, peak: 70e6},
	}}
}

func TestTheTable(t *testing.T) {
	r := report{cores: 2, loadBefore: 0.5, plan: plan{rounds: 3}}
	r.add(house("prosody", 790))
	r.add(house("ejabberd", 790))
	r.allocate([]allocation{{"bot Deliver", "810", "14"}})
	var out strings.Builder
	if err := r.print(&out); err != nil {
		t.Fatal(err)
	}
	table := out.String()
	var lines []string // with single spaces
	for line := range strings.Lines(table) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	for _, want := range []string{
		"0.1 (0.0–0.5) of 2 cores busy.",
		"server figure peer peer's dragoman ratio bar",
		"prosody answers/s echo 1000 790 0.79 at least 0.8: MISSED",
		"ejabberd answers/s echo 1000 790 0.79 at least 0.6: met",
		"prosody one at a time, p50 ms echo 0.20 0.28 1.40 at most 1.5: met",
		"prosody CPU per answer, µs echo 10 30 3.00",
		"prosody answers/s errbot 250 790 3.16 at least 5: MISSED",
		"prosody peak RSS, MB errbot 70.0 30.0 0.43",
		"prosody peak RSS, MB 30.0 at most 50: met",
		"prosody start, new database, s 0.200 at most 1: met",
		"prosody start, existing database, s 0.100 at most 1: met",
		"none bot Deliver 810 B in 14 allocations",
		"prosody: the raw echo itself makes 4.0 times the answers of errbot, so 5 are out of any bot's reach here.",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("there is no line %q in\n%s", want, table)
		}
	}
	if strings.Contains(table, "busy with something else") {
		t.Error("a machine at rest is called busy")
	}
	if got := r.missed(); got != 3 {
		t.Errorf("%d bars are missed, want 3", got)
	}
}

func TestABusyMachineIsSaid(t *testing.T) {
	r := report{cores: 2, others: []float64{0.1, 0.9, 0.9}}
	var out strings.Builder
	if err := r.print(&out); err != nil || !strings.Contains(out.String(), "busy with something else") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestGoBenchmarksAreRead(t *testing.T) {
	const out = `goos: linux
pkg: dragoman/bot
BenchmarkDeliver/one_at_a_time-2         	  217 	      5483 ns/op	     810 B/op	      14 allocs/op
BenchmarkDeliver/64_people-2 	 217 	 2.5 ns/op	 12.00 MB/s	 879 B/op	 15 allocs/op
--- BENCH: something
PASS
pkg: dragoman/bot/xmpp
BenchmarkMessage-2 	 217 	 100 ns/op	 20 B/op	 3 allocs/op
BenchmarkOther 	 217 	 100 ns/op
ok  	dragoman/bot/xmpp	1.2s
`
	want := []allocation{
		{"bot Deliver, one at a time", "810", "14"},
		{"bot Deliver, 64 people", "879", "15"},
		{"bot/xmpp Message", "20", "3"},
	}
	if got := allocations(out); !slices.Equal(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}
}

func TestASpreadShowsItsEndsOnlyWhereTheyDiffer(t *testing.T) {
	if got := shown(stats.SpreadOf([]float64{1.234}), "%.1f"); got != "1.2" {
		t.Errorf("one value is shown as %q", got)
	}
	if got := shown(stats.SpreadOf([]float64{1, 2, 4}), "%.0f"); got != "2 (1–4)" {
		t.Errorf("three values are shown as %q", got)
	}
}
