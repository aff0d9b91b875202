package classify

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// task is a part of the training that depends on no other.
type task func(ctx context.Context) error

// inParallel runs the tasks, started in their order, on as many goroutines as
// there are processors. It returns when all have ended, with the first error.
func inParallel(ctx context.Context, tasks []task) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(tasks)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(tasks) || ctx.Err() != nil {
					return
				}
				if err := tasks[i](ctx); err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}
