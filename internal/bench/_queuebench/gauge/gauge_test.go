package gauge

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/internal/bench/stats"
)

// list is a queue in memory. Its flaw breaks it in one way.
type list struct {
	flaw string

	mu            sync.Mutex
	waiting, done int
	wake          chan int
}

func openList(flaw string) func(context.Context, Database) (Subject, func() error, error) {
	return func(context.Context, Database) (Subject, func() error, error) {
		return &list{flaw: flaw, wake: make(chan int, 10_000)}, func() error { return nil }, nil
	}
}

func (l *list) Add(_ context.Context, n int) (time.Time, error) {
	l.mu.Lock()
	if l.flaw != "loses" {
		l.waiting++
	}
	l.mu.Unlock()
	at := time.Now()
	select {
	case l.wake <- n:
	default: // nobody works
	}
	return at, nil
}

func (l *list) Fill(ctx context.Context, n int) error {
	for i := range n {
		switch l.flaw {
		case "backwards":
			i = n - 1 - i
		case "doubles":
			i -= i % 2
		}
		if _, err := l.Add(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

func (l *list) Work(_ context.Context, _ int, do func(n int)) (func() error, error) {
	if l.flaw == "fails" {
		return nil, errors.New("it is broken")
	}
	ctx, cancel := context.WithCancel(context.Background())
	var g sync.WaitGroup
	g.Go(func() {
		for {
			select {
			case n := <-l.wake:
				do(n)
				l.mu.Lock()
				l.waiting--
				l.done++
				l.mu.Unlock()
			case <-ctx.Done():
				return
			}
		}
	})
	return func() error { cancel(); g.Wait(); return nil }, nil
}

func (l *list) Count(context.Context) (waiting, done int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting, l.done, nil
}

// serve does a brief task on a queue in memory whose jobs are in two groups.
func serve(t *testing.T, figure, who, flaw string) ([]float64, error) {
	t.Helper()
	task, err := json.Marshal(Task{Figure: figure, Contestant: who, Database: Database{Kind: SQLite},
		Enqueue: 5 * time.Millisecond, Backlog: 100, Pickups: 3, Idle: 10 * time.Millisecond, Settle: time.Millisecond,
		Profile: t.TempDir() + "/profile"})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err = Serve(t.Context(), strings.NewReader(string(task)), &out, []Contestant{{Name: "list", Groups: 2, Open: openList(flaw)}})
	var values []float64
	if err == nil {
		err = json.Unmarshal([]byte(out.String()), &values)
	}
	return values, err
}

func TestEachFigureHasItsValues(t *testing.T) {
	for figure, want := range map[string]int{Enqueue: 2, Enqueue8: 2, Worked: 2, Pickup: 3, Idle: 1} {
		values, err := serve(t, figure, "list", "")
		if err != nil || len(values) != want {
			t.Errorf("%s: %v, %v; want %d values", figure, values, err, want)
			continue
		}
		if figure != Idle && values[0] <= 0 {
			t.Errorf("%s: %v", figure, values)
		}
		if figure == Pickup && (values[0] > values[1] || values[1] > values[2]) {
			t.Errorf("the percentiles are %v", values)
		}
	}
}

func TestAWorthlessMeasurementIsNone(t *testing.T) {
	for _, test := range []struct{ figure, who, flaw, want string }{
		{Enqueue, "list", "loses", "the database has 0"},
		{Worked, "list", "backwards", "ran after a later one"},
		{Worked, "list", "doubles", "did not run once"},
		{Worked, "list", "fails", "it is broken"},
		{Pickup, "list", "fails", "it is broken"},
		{Idle, "list", "fails", "it is broken"},
		{"speed", "list", "", `no figure "speed"`},
		{Idle, "nobody", "", `no contestant "nobody"`},
	} {
		if values, err := serve(t, test.figure, test.who, test.flaw); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s of %s that is %q: %v, %v; want %q", test.figure, test.who, test.flaw, values, err, test.want)
		}
	}
	if err := Serve(t.Context(), strings.NewReader("{"), new(strings.Builder), nil); err == nil {
		t.Error("half a task is done")
	}
}

func TestPercentileIsTheNearestRank(t *testing.T) {
	for _, test := range []struct {
		sorted  []float64
		q, want float64
	}{
		{nil, 50, 0}, {[]float64{7}, 99, 7}, {[]float64{1, 2, 3}, 50, 2}, {[]float64{1, 2, 3, 4}, 50, 2},
		{[]float64{1, 2, 3}, 100, 3}, {[]float64{1, 2, 3}, 0, 1},
	} {
		if got := stats.Percentile(test.sorted, test.q); got != test.want {
			t.Errorf("percentile(%v, %v) = %v, want %v", test.sorted, test.q, got, test.want)
		}
	}
}

func TestABusyQueueIsNotCalledIdle(t *testing.T) {
	stop := make(chan struct{})
	var g sync.WaitGroup
	g.Go(func() {
		for x := 1.0; ; x = math.Sqrt(x + 1) {
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	// The system may give the processor to somebody else for a while.
	percent, err := idlePercent(t.Context(), 0, 300*time.Millisecond)
	close(stop)
	g.Wait()
	if err != nil || percent < 2 {
		t.Errorf("a loop that does nothing else takes %v %% of a processor, %v", percent, err)
	}
}
