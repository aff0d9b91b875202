package counterpart

import (
	"net"
	"testing"
	"time"
)

// A child that is being forked has all sockets until it executes its program.
func TestAPortIsListenedOnAgainThoughAChildStillHasIt(t *testing.T) {
	r, err := reserve(1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.release()
	old, err := net.Listen("tcp4", r.addrs[0])
	if err != nil {
		t.Fatal(err)
	}
	child, err := old.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	old.Close()
	if l, err := net.Listen("tcp4", r.addrs[0]); err == nil {
		l.Close()
		t.Fatal("the copy of the socket does not listen, so that there is nothing to test")
	}
	time.AfterFunc(50*time.Millisecond, func() { child.Close() })
	l, err := listenAgain(r.addrs[0])
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}
