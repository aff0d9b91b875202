package counterpart

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"dragoman/internal/clock"
)

const (
	// stopLimit is how long a server may take to end by itself before it is
	// killed. ejabberd with clients was seen to take 2.6 s.
	stopLimit = 15 * time.Second
	// pollPause lies between two looks at something that announces nothing.
	pollPause = 10 * time.Millisecond
)

// process is a child that leads its own process group, so that Ctrl-C in a
// terminal reaches only its parent, who then stops it in good order.
type process struct {
	cmd      *exec.Cmd
	patience time.Duration // between asking it to end and killing it
	done     chan struct{} // closed when the child was reaped
	err      error         // how it ended; valid after done
}

// startProcess starts cmd as acct. When this program dies, however it dies,
// the child gets the signal death (on Linux).
func startProcess(cmd *exec.Cmd, acct *account, death syscall.Signal) (*process, error) {
	cmd.SysProcAttr = sysProcAttr(acct, death)
	p := &process{cmd: cmd, patience: stopLimit, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The kernel sends the death signal when the THREAD that forked
		// ends, and the Go runtime ends threads as it pleases. This thread
		// is therefore held until the child has been reaped.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		p.err = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return p, nil
}

// alive reports whether the child has not been reaped yet.
func (p *process) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// signal sends sig to the child alone.
func (p *process) signal(sig os.Signal) error {
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal %s to process %d: %w", sig, p.cmd.Process.Pid, err)
	}
	return nil
}

// stop asks the child to end with sig and kills it when it takes too long.
func (p *process) stop(sig os.Signal) error {
	if !p.alive() {
		return nil
	}
	if err := p.signal(sig); err != nil {
		return err
	}
	_ = resumeGroup(p.cmd.Process.Pid) // a paused process takes no other signal; where it can't be paused this fails
	limit := time.NewTimer(p.patience)
	defer limit.Stop()
	select {
	case <-p.done:
		return nil
	case <-limit.C:
		p.kill()
		return fmt.Errorf("process %d (%s) did not end within %s of %s and was killed",
			p.cmd.Process.Pid, p.cmd.Path, p.patience, sig)
	}
}

// kill ends the child and the rest of its process group at once.
func (p *process) kill() {
	if !p.alive() {
		return
	}
	_ = killGroup(p.cmd.Process.Pid)
	_ = p.cmd.Process.Kill() // where there are no process groups
	<-p.done
}

// retry calls f until it returns nil, ctx ends, or f says by its first result
// that there is no use in going on.
func retry(ctx context.Context, f func() (again bool, err error)) error {
	for {
		again, err := f()
		if err == nil || !again {
			return err
		}
		if clock.Sleep(ctx, clock.System{}, pollPause) != nil {
			return fmt.Errorf("%w; the last attempt: %w", context.Cause(ctx), err)
		}
	}
}
