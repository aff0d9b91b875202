package gauge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
	"time"
)

// Task is one measurement.
type Task struct {
	Figure     string // one of Figures
	Contestant string
	Database   Database

	Enqueue time.Duration // how long to enqueue
	Backlog int           // jobs to work
	Pickups int           // jobs whose pickup is timed, one at a time
	Idle    time.Duration // how long to watch an idle queue
	Settle  time.Duration // how long a queue is left alone before it counts as idle or asleep

	Profile string // a file for a processor profile; empty means none
}

// The figures, and the values of each.
const (
	Enqueue  = "enqueue"  // jobs per second by one goroutine, processor time of each in µs
	Enqueue8 = "enqueue8" // the same by eight goroutines
	Worked   = "worked"   // jobs per second, processor time of each in µs
	Pickup   = "pickup"   // from commit to handler in ms: median, 99th percentile, longest
	Idle     = "idle"     // processor time in percent of one processor
)

// Figures are all figures, in the order in which they are shown.
func Figures() []string { return []string{Enqueue, Enqueue8, Worked, Pickup, Idle} }

// Main is the main function of a program that measures contestants: it reads a
// Task as JSON from standard input and writes the values as JSON to standard
// output. SIGTERM ends it early. It does not return.
func Main(contestants []Contestant) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := Serve(ctx, os.Stdin, os.Stdout, contestants)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Serve does one Task from in and writes the values to out.
func Serve(ctx context.Context, in io.Reader, out io.Writer, contestants []Contestant) error {
	var t Task
	if err := json.NewDecoder(in).Decode(&t); err != nil {
		return fmt.Errorf("read what to measure: %w", err)
	}
	stop, err := t.profile()
	if err != nil {
		return err
	}
	values, err := t.measure(ctx, contestants)
	if err := errors.Join(err, stop()); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(values)
}

func (t Task) measure(ctx context.Context, contestants []Contestant) (values []float64, err error) {
	for _, c := range contestants {
		if c.Name != t.Contestant {
			continue
		}
		s, closing, err := c.Open(ctx, t.Database)
		if err != nil {
			return nil, fmt.Errorf("open: %w", err)
		}
		values, err = t.of(ctx, s, c.Groups)
		return values, errors.Join(err, closing())
	}
	return nil, fmt.Errorf("there is no contestant %q here", t.Contestant)
}

// of measures a Subject.
func (t Task) of(ctx context.Context, s Subject, groups int) ([]float64, error) {
	switch t.Figure {
	case Enqueue:
		return t.enqueue(ctx, s, 1)
	case Enqueue8:
		return t.enqueue(ctx, s, 8)
	case Worked:
		return t.work(ctx, s, groups)
	case Pickup:
		return t.pickup(ctx, s)
	case Idle:
		return t.idle(ctx, s)
	}
	return nil, fmt.Errorf("there is no figure %q", t.Figure)
}

// profile begins the processor profile, and returns what ends it.
func (t Task) profile() (stop func() error, err error) {
	if t.Profile == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Create(t.Profile)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() error { pprof.StopCPUProfile(); return file.Close() }, nil
}
