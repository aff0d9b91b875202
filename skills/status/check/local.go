package check

import (
	"context"
	"errors"
	"time"

	"github.com/shirou/gopsutil/v4/host"
)

// newLocal is the machine that the program runs on: up by definition, since its
// boot (in a container, since the container's).
func newLocal(spec Spec, _ Deps) (probe, error) {
	if spec.Target != "" {
		return nil, errors.New("local takes no target: it is the machine that this program runs on")
	}
	return func(ctx context.Context) Result {
		if ctx.Err() != nil {
			return failure(ctx.Err())
		}
		boot, err := host.BootTimeWithContext(ctx)
		if err != nil || boot == 0 {
			return Result{State: Up, Detail: "its boot time cannot be read"}
		}
		return Result{State: Up, Since: time.Unix(int64(boot), 0)}
	}, nil
}
