package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"dragoman/internal/bench/queuebench/gauge"
	"dragoman/internal/bench/stats"
	"dragoman/internal/counterpart"
)

// TestMain is also the program itself, because the benchmark calls its own file.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == asGauge {
		main()
	}
	os.Exit(m.Run())
}

// TestTheWholeBenchmark measures everything on both databases, very briefly.
func TestTheWholeBenchmark(t *testing.T) {
	t.Setenv("GORACE", "atexit_sleep_ms=0") // else each measurement under -race ends a second late
	progs, err := buildRiver(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := progs.remove(); err != nil {
			t.Error(err)
		}
	})
	p := plan{
		rounds: 2, backlog: map[string]int{gauge.SQLite: 300, gauge.Postgres: 300}, dir: t.TempDir(),
		task: gauge.Task{Enqueue: 20 * time.Millisecond, Pickups: 2, Idle: 50 * time.Millisecond, Settle: 10 * time.Millisecond},
	}
	for _, kind := range []string{gauge.SQLite, gauge.Postgres} {
		t.Run(kind, func(t *testing.T) {
			if kind == gauge.Postgres {
				counterpart.Need(t, "postgresql")
			}
			p.kinds = []string{kind}
			everythingIsMeasured(t, p, kind, progs)
		})
	}
}

func everythingIsMeasured(t *testing.T, p plan, kind string, progs programs) {
	b, err := openBase(t.Context(), kind, p.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.close(); err != nil {
			t.Error(err)
		}
	})
	r := &report{plan: p}
	if err := r.rounds(t.Context(), b, progs, io.Discard); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := r.print(&out); err != nil {
		t.Fatal(err)
	}
	for _, f := range figures() {
		for _, who := range f.who {
			found := r.find(kind, f.lines[0].title, who)
			if found == nil {
				t.Errorf("%s of %s was not measured", f.name, who)
				continue
			}
			if want := map[bool]int{false: 2, true: 1}[f.once]; len(found.values) != want {
				t.Errorf("%s of %s was measured %d times, want %d", f.name, who, len(found.values), want)
			}
			if f.name != gauge.Idle && stats.SpreadOf(found.values).Least <= 0 {
				t.Errorf("%s of %s: %v", f.name, who, found.values)
			}
		}
	}
	if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), kind+" one job enqueued") {
		t.Errorf("the table says\n%s", out.String())
	}
}
