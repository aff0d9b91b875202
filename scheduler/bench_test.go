package scheduler

import (
	"container/heap"
	"context"
	"fmt"
	"log/slog"
	"syscall"
	"testing"
	"time"

	"dragoman/internal/clock"
)

// BenchmarkTick runs 10,000 jobs of a 30 s interval on the machine's clock, in
// real time: an op is one tick and takes 3 ms by definition. What it measures is
// the processor time of that, sleeping and waking included.
func BenchmarkTick(b *testing.B) {
	const jobs, interval = 10_000, 30 * time.Second
	s := New(clock.System{}, slog.New(slog.DiscardHandler), 64)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ticks := make(chan struct{}, jobs)
	for i := range jobs {
		s.Add(fmt.Sprintf("web%d", i), Every(interval), func(context.Context, time.Time) { ticks <- struct{}{} })
	}
	for _, e := range s.intervals { // past the first runs, which come sooner
		e.fresh = false
		e.at = s.nextOnPhase(e, 0, false)
	}
	heap.Init(&s.intervals)
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	b.ResetTimer()
	before := processorTime(b)
	begin := time.Now()
	for range b.N {
		<-ticks
	}
	used, took := processorTime(b)-before, time.Since(begin)
	b.StopTimer()
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(used.Microseconds())/float64(b.N), "cpu-µs/tick")
	b.ReportMetric(100*used.Seconds()/took.Seconds(), "%core")
}

// BenchmarkAdd is the cost of one more job, or of replacing one, among 10,000.
func BenchmarkAdd(b *testing.B) {
	const jobs = 10_000
	s := New(clock.System{}, slog.New(slog.DiscardHandler), 64)
	keys := make([]string, jobs)
	for i := range keys {
		keys[i] = fmt.Sprintf("web%d", i)
		s.Add(keys[i], Every(30*time.Second), nil)
	}
	for i := 0; b.Loop(); i++ {
		s.Add(keys[i%jobs], Every(30*time.Second), nil)
	}
}

func BenchmarkNextCron(b *testing.B) {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		b.Fatal(err)
	}
	s := mustParse(b, "*/15 * * * *", loc)
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, loc)
	for b.Loop() {
		at = s.Next(at)
	}
}

func processorTime(b testing.TB) time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
