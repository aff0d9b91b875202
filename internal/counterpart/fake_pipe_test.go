package counterpart

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/internal/clock"
)

// ends are the two ends of a connection in memory.
func ends() (*fakeConn, *fakeConn) { return newFakePipe(clock.System{}, "near", "far") }

func TestMemoryBuffersAndPushesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := ends()
		big := bytes.Repeat([]byte("0123456789"), fakeWindow/5) // twice the window
		done := make(chan error, 1)
		go func() {
			_, err := near.Write(big)
			near.Close()
			done <- err
		}()
		synctest.Wait()
		select {
		case <-done:
			t.Fatal("a write of two windows doesn't wait")
		default:
		}
		got, err := io.ReadAll(far)
		check(t, err)
		check(t, <-done)
		if !bytes.Equal(got, big) {
			t.Errorf("%d bytes arrive, want %d unchanged", len(got), len(big))
		}
	})
}

func TestMemoryEndsAsTCPDoes(t *testing.T) {
	for name, test := range map[string]struct {
		end         func(c *fakeConn)
		read, write error // of the other end; nil means that it goes on
	}{
		"half":  {func(c *fakeConn) { c.CloseWrite() }, io.EOF, nil},
		"close": {func(c *fakeConn) { c.Close() }, io.EOF, syscall.ECONNRESET},
		"reset": {func(c *fakeConn) { _ = c.SetLinger(0); c.Close() }, syscall.ECONNRESET, syscall.ECONNRESET},
	} {
		t.Run(name, func(t *testing.T) {
			near, far := ends()
			_, err := near.Write([]byte("last"))
			check(t, err)
			test.end(near)
			b := make([]byte, 10)
			if n, err := far.Read(b); string(b[:n]) != "last" || err != nil {
				t.Errorf("what came before the end: %q, %v", b[:n], err)
			}
			if _, err := far.Read(b); !errors.Is(err, test.read) {
				t.Errorf("reading gives %v, want %v", err, test.read)
			}
			if _, err := far.Write(b); !errors.Is(err, test.write) {
				t.Errorf("writing gives %v, want %v", err, test.write)
			}
			if _, err := near.Write(b); !errors.Is(err, net.ErrClosed) {
				t.Errorf("writing after the own end gives %v", err)
			}
		})
	}
}

func TestMemoryKeepsDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := ends()
		began := time.Now()
		check(t, near.SetDeadline(began.Add(time.Minute)))
		for _, do := range []func([]byte) (int, error){near.Read, near.Write} {
			_, err := do(make([]byte, 2*fakeWindow))
			var timeout net.Error
			if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
				t.Errorf("after the deadline: %v", err)
			}
			if d := time.Since(began); d != time.Minute {
				t.Errorf("given up after %v", d)
			}
		}
		check(t, far.SetReadDeadline(time.Time{}))
		go func() {
			time.Sleep(time.Second)
			_ = near.SetReadDeadline(time.Unix(1, 0)) // also one under way
		}()
		check(t, near.SetReadDeadline(time.Time{}))
		if _, err := near.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a deadline in the past: %v", err)
		}
		if near.LocalAddr().String() != "near" || near.RemoteAddr().Network() != "memory" {
			t.Error("the ends have the wrong names")
		}
	})
}
