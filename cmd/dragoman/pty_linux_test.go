package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminalSession is a program on a terminal, and a person at it.
type terminalSession struct {
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File
	read   chan struct{} // closed when the program has closed the terminal

	mu      sync.Mutex
	screen  bytes.Buffer // all that was ever shown
	seen    int          // up to where the person has read
	changed chan struct{}
}

// atTerminal starts cmd on a new terminal, as its session's leader.
func atTerminal(t *testing.T, cmd *exec.Cmd) *terminalSession {
	t.Helper()
	master, slave := openTerminal(t)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	err := cmd.Start()
	slave.Close()
	if err != nil {
		t.Fatal(err)
	}
	s := &terminalSession{t: t, cmd: cmd, master: master, read: make(chan struct{}), changed: make(chan struct{})}
	go s.watch()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		master.Close()
		<-s.read
		if t.Failed() {
			t.Logf("the screen:\n%s", s.shown())
		}
	})
	return s
}

func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatalf("this machine gives no terminal: %v", err)
	}
	raw, err := master.SyscallConn() // Fd would make the file one that Close can't interrupt
	if err != nil {
		t.Fatal(err)
	}
	var n int
	var errUnlock, errNumber error
	err = raw.Control(func(fd uintptr) {
		errUnlock = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0)
		n, errNumber = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
	})
	if err = errors.Join(err, errUnlock, errNumber); err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return master, slave
}

func (s *terminalSession) watch() {
	defer close(s.read)
	buf := make([]byte, 4096)
	for {
		n, err := s.master.Read(buf)
		s.mu.Lock()
		s.screen.Write(bytes.ReplaceAll(buf[:n], []byte("\r"), nil))
		close(s.changed)
		s.changed = make(chan struct{})
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (s *terminalSession) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.screen.String()
}

// sees waits until text is shown, after what was seen before.
func (s *terminalSession) sees(text string) {
	s.t.Helper()
	limit := time.After(30 * time.Second)
	for {
		s.mu.Lock()
		i := strings.Index(s.screen.String()[s.seen:], text)
		if i >= 0 {
			s.seen += i + len(text)
		}
		changed := s.changed
		s.mu.Unlock()
		if i >= 0 {
			return
		}
		select {
		case <-changed:
		case <-s.read:
			if !strings.Contains(s.shown()[s.seen:], text) {
				s.t.Fatalf("the program ended without showing %q", text)
			}
		case <-limit:
			s.t.Fatalf("waiting for %q", text)
		}
	}
}

// types writes keys; "\x03" is Ctrl-C and "\x04" Ctrl-D.
func (s *terminalSession) types(keys string) {
	s.t.Helper()
	if _, err := s.master.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// hangsUp takes the terminal away.
func (s *terminalSession) hangsUp() { s.master.Close() }
