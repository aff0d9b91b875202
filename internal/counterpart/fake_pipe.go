package counterpart

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"dragoman/internal/clock"
)

// fakeWindow is how many bytes one direction of a connection in memory holds
// before a writer has to wait, as the kernel's buffers do for TCP.
const fakeWindow = 64 << 10

// fakeConn is one end of a connection in memory that behaves like TCP where
// net.Pipe doesn't: writes are buffered, each direction ends on its own, and a
// reset is told from an end. All that it waits on is a channel, so that time
// can pass in a synctest bubble meanwhile.
type fakeConn struct {
	pipe   *fakePipe
	local  fakeAddr
	remote fakeAddr
	in     *fakeFlow
	out    *fakeFlow

	// All below is guarded by the lock of pipe.
	closed                      bool
	hard                        bool // Close resets, as SO_LINGER 0 does
	readDeadline, writeDeadline time.Time
}

// fakePipe is what both ends share.
type fakePipe struct {
	clock clock.Clock

	mu      sync.Mutex
	changed chan struct{} // closed and replaced with each change
}

// fakeFlow is one direction.
type fakeFlow struct {
	data  []byte
	ended bool // no more will be written
	reset bool // ended by a reset
	deaf  bool // nobody reads any more
}

// newFakePipe connects two ends.
func newFakePipe(c clock.Clock, near, far fakeAddr) (*fakeConn, *fakeConn) {
	p := &fakePipe{clock: c, changed: make(chan struct{})}
	a, b := &fakeFlow{}, &fakeFlow{}
	return &fakeConn{pipe: p, local: near, remote: far, in: a, out: b},
		&fakeConn{pipe: p, local: far, remote: near, in: b, out: a}
}

// signal wakes who waits. The caller holds the lock.
func (p *fakePipe) signal() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// wait unlocks, waits for a change or the deadline, and locks again.
func (p *fakePipe) wait(deadline time.Time) {
	changed := p.changed
	p.mu.Unlock()
	defer p.mu.Lock()
	if deadline.IsZero() {
		<-changed
		return
	}
	t := p.clock.NewTimer(deadline.Sub(p.clock.Now()))
	defer t.Stop()
	select {
	case <-changed:
	case <-t.C():
	}
}

// late reports whether a deadline has passed.
func (p *fakePipe) late(deadline time.Time) bool {
	return !deadline.IsZero() && !p.clock.Now().Before(deadline)
}

// Read gives what came before an end or a reset before it tells of that.
func (c *fakeConn) Read(b []byte) (int, error) {
	c.pipe.mu.Lock()
	defer c.pipe.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, c.fail("read", net.ErrClosed)
		case c.pipe.late(c.readDeadline):
			return 0, c.fail("read", os.ErrDeadlineExceeded)
		case len(b) == 0:
			return 0, nil
		case len(c.in.data) > 0:
			n := copy(b, c.in.data)
			c.in.data = c.in.data[n:]
			c.pipe.signal()
			return n, nil
		case c.in.reset:
			return 0, c.fail("read", syscall.ECONNRESET)
		case c.in.ended:
			return 0, io.EOF
		}
		c.pipe.wait(c.readDeadline)
	}
}

// Write waits while the window is full.
func (c *fakeConn) Write(b []byte) (int, error) {
	c.pipe.mu.Lock()
	defer c.pipe.mu.Unlock()
	written := 0
	for {
		switch {
		case c.closed || c.out.ended:
			return written, c.fail("write", net.ErrClosed)
		case c.pipe.late(c.writeDeadline):
			return written, c.fail("write", os.ErrDeadlineExceeded)
		case c.out.deaf:
			return written, c.fail("write", syscall.ECONNRESET)
		}
		n := min(len(b)-written, fakeWindow-len(c.out.data))
		if n > 0 {
			c.out.data = append(c.out.data, b[written:written+n]...)
			written += n
			c.pipe.signal()
		}
		if written == len(b) {
			return written, nil
		}
		c.pipe.wait(c.writeDeadline)
	}
}

func (c *fakeConn) fail(op string, err error) error {
	return &net.OpError{Op: op, Net: "memory", Source: c.local, Addr: c.remote, Err: err}
}

// Close ends both directions, by a reset after SetLinger(0).
func (c *fakeConn) Close() error {
	c.pipe.mu.Lock()
	defer c.pipe.mu.Unlock()
	if c.closed {
		return c.fail("close", net.ErrClosed)
	}
	c.closed = true
	c.in.deaf, c.in.data = true, nil
	c.out.ended, c.out.reset = true, c.hard
	c.pipe.signal()
	return nil
}

// CloseWrite ends one direction.
func (c *fakeConn) CloseWrite() error {
	c.pipe.mu.Lock()
	defer c.pipe.mu.Unlock()
	c.out.ended = true
	c.pipe.signal()
	return nil
}

// SetLinger makes Close reset the connection if sec is 0.
func (c *fakeConn) SetLinger(sec int) error {
	c.pipe.mu.Lock()
	defer c.pipe.mu.Unlock()
	c.hard = sec == 0
	return nil
}

// LocalAddr is this end.
func (c *fakeConn) LocalAddr() net.Addr { return c.local }

// RemoteAddr is the other end.
func (c *fakeConn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline is both of the two below.
func (c *fakeConn) SetDeadline(t time.Time) error { return c.setDeadlines(&t, &t) }

// SetReadDeadline ends a Read, also one under way; zero means never.
func (c *fakeConn) SetReadDeadline(t time.Time) error { return c.setDeadlines(&t, nil) }

// SetWriteDeadline ends a Write, also one under way; zero means never.
func (c *fakeConn) SetWriteDeadline(t time.Time) error { return c.setDeadlines(nil, &t) }

func (c *fakeConn) setDeadlines(read, write *time.Time) error {
	c.pipe.mu.Lock()
	defer c.pipe.mu.Unlock()
	if read != nil {
		c.readDeadline = *read
	}
	if write != nil {
		c.writeDeadline = *write
	}
	c.pipe.signal()
	return nil
}

// fakeAddr names an end of a connection in memory.
type fakeAddr string

// Network is "memory".
func (fakeAddr) Network() string { return "memory" }

// String is the name.
func (a fakeAddr) String() string { return string(a) }
