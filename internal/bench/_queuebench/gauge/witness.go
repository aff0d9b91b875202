package gauge

import (
	"errors"
	"fmt"
	"sync/atomic"
)

// witness sees to it that a figure means something: every job ran once, and in
// its group's order.
type witness struct {
	jobs  int
	count atomic.Int64
	times []atomic.Int32 // how often a job ran
	last  []atomic.Int64 // of each group, the number of the job that ran last, plus one
	late  atomic.Int64   // jobs that ran after a later one of their group
	all   chan struct{}  // closed when so many have run as there are
}

func newWitness(jobs, groups int) *witness {
	return &witness{jobs: jobs, times: make([]atomic.Int32, jobs), last: make([]atomic.Int64, groups), all: make(chan struct{})}
}

// ran is the work of job n.
func (w *witness) ran(n int) {
	w.times[n].Add(1)
	if len(w.last) > 0 {
		if before := w.last[n%len(w.last)].Swap(int64(n) + 1); before > int64(n) {
			w.late.Add(1)
		}
	}
	if w.count.Add(1) == int64(w.jobs) {
		close(w.all)
	}
}

// verdict is an error when a job ran not once, or out of turn.
func (w *witness) verdict() error {
	wrong := 0
	for i := range w.times {
		if w.times[i].Load() != 1 {
			wrong++
		}
	}
	var errs []error
	if wrong > 0 {
		errs = append(errs, fmt.Errorf("%d of %d jobs did not run once", wrong, w.jobs))
	}
	if late := w.late.Load(); late > 0 {
		errs = append(errs, fmt.Errorf("%d jobs ran after a later one of their group", late))
	}
	return errors.Join(errs...)
}
