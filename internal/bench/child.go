package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// child is a process that is measured.
type child struct {
	cmd  *exec.Cmd
	log  string // the file that its output goes to
	done chan struct{}
	err  error // how it ended; valid after done
}

// endLimit is how long a child may take to end in good order.
const endLimit = 10 * time.Second

// startChild starts cmd with its output appended to a file. The child ends
// with stop and, on Linux, with this process however that ends.
func startChild(cmd *exec.Cmd, log string) (*child, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", cmd.Path, err)
	}
	defer out.Close() // the child has its own
	cmd.Stdout, cmd.Stderr = out, out
	endWithParent(cmd)
	c := &child{cmd: cmd, log: log, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The kernel ends the child when the thread that forked it ends.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			c.err = cmd.Wait()
			close(c.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return c, nil
}

// stop ends the child in good order. A child that had ended by itself is an
// error, with the end of its log.
func (c *child) stop() error {
	select {
	case <-c.done:
		return fmt.Errorf("%s ended by itself (%v); its log ends:\n%s", c.cmd.Path, c.err, c.tail())
	default:
	}
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("end %s: %w", c.cmd.Path, err)
	}
	limit := time.NewTimer(endLimit)
	defer limit.Stop()
	select {
	case <-c.done:
		return nil
	case <-limit.C:
		err := c.cmd.Process.Kill()
		<-c.done
		return errors.Join(fmt.Errorf("%s did not end within %v and was killed", c.cmd.Path, endLimit), err)
	}
}

// tail is the end of the child's log.
func (c *child) tail() string {
	text, err := os.ReadFile(c.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2000):])
}

// proc reads a file of the child's in /proc.
func (c *child) proc(name string) (string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", c.cmd.Process.Pid, name))
	if err != nil {
		return "", fmt.Errorf("measure %s: %w", c.cmd.Path, err)
	}
	return string(text), nil
}

// cpu is the processor time that the child has used, in steps of 10 ms.
func (c *child) cpu() (time.Duration, error) {
	text, err := c.proc("stat")
	if err != nil {
		return 0, err
	}
	return cpuTime(text)
}

// peak is the largest resident memory that the child ever had, in bytes.
func (c *child) peak() (float64, error) {
	text, err := c.proc("status")
	if err != nil {
		return 0, err
	}
	return peakMemory(text)
}
