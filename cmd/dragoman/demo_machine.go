package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
)

// machineCmd is the machine that the demo watches, a process of its own: it
// accepts TCP connections and closes them. It ends with its standard input,
// and so with the demo, however that ends.
type machineCmd struct {
	Listen string `help:"Address to listen on; a free one on loopback by default." placeholder:"HOST:PORT"`
}

// Run prints the address and accepts until the input or the context ends.
func (c *machineCmd) Run(i *invocation) error {
	l, err := listenLoopback(c.Listen)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(i.std.out, l.Addr()); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(i.ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, i.std.in) // its end is what matters, not why
		cancel()
	}()
	var g errgroup.Group
	g.Go(func() error {
		<-ctx.Done()
		return l.Close()
	})
	g.Go(func() error {
		defer cancel()
		for {
			conn, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return nil
			}
			if err != nil {
				return err
			}
			conn.Close()
		}
	})
	return g.Wait()
}

// listenLoopback finds a port below Linux's ephemeral range. When the machine
// is down its port is then given to no outgoing connection; in that range the
// check of a dead machine could now and then connect to itself.
func listenLoopback(address string) (net.Listener, error) {
	if address != "" {
		return net.Listen("tcp", address)
	}
	var l net.Listener
	err := errors.New("no port was tried")
	for range 100 {
		port := strconv.Itoa(15000 + rand.IntN(17000))
		if l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", port)); err == nil {
			return l, nil
		}
	}
	return nil, fmt.Errorf("no free port was found: %w", err)
}

// machine is a process that runs machineCmd.
type machine struct {
	address string
	cmd     *exec.Cmd
	input   io.Closer // its standard input; closed, it ends
	stopped bool
}

// startMachine starts this program once more, as the machine. An empty address
// lets it choose one.
func startMachine(ctx context.Context, address string) (*machine, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.Command(self, "demo-machine", "--listen", address)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", demoMachine, err)
	}
	m := &machine{cmd: cmd, input: input}
	unblock := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(output).ReadString('\n')
	if !unblock() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		m.stop()
		return nil, fmt.Errorf("%s did not start: %w: %s", demoMachine, err, strings.TrimSpace(complaint.String()))
	}
	m.address = strings.TrimSpace(line)
	return m, nil
}

// pid is the machine's process id.
func (m *machine) pid() int { return m.cmd.Process.Pid }

// stop kills the machine and returns when the process is gone. A second stop
// does nothing.
func (m *machine) stop() {
	_ = m.cmd.Process.Kill() // fails when it has ended already
	_ = m.cmd.Wait()         // "signal: killed" is what was wanted
	_ = m.input.Close()
	m.stopped = true
}
