package counterpart

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Ports are taken from below Linux's ephemeral range (32768 and up). While a
// server is down its port then stays free for it: no outgoing connection can
// be given it, and a client that dials it again and again can't meet itself
// (a TCP self-connect).
const firstPort, lastPort = 15000, 31999

// errPortTaken says that another program was faster; new ports mend it.
var errPortTaken = errors.New("another program took a port of the server")

// reservation is a number of loopback addresses that no other reservation on
// this machine has, in whatever process, until it is released. A server that
// is restarted finds its ports free.
type reservation struct {
	addrs []string

	mu    sync.Mutex
	holds []io.Closer
}

// reserve finds n addresses that nobody listens on now.
func reserve(n int) (*reservation, error) {
	r := &reservation{}
	for range 200 * n {
		if len(r.addrs) == n {
			return r, nil
		}
		port := firstPort + rand.IntN(lastPort-firstPort+1)
		hold, err := holdPort(port)
		if err != nil {
			continue
		}
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		l, err := net.Listen("tcp4", addr)
		if err != nil {
			hold.Close()
			continue
		}
		l.Close()
		r.addrs, r.holds = append(r.addrs, addr), append(r.holds, hold)
	}
	r.release()
	return nil, fmt.Errorf("no %d free TCP ports between %d and %d on 127.0.0.1", n, firstPort, lastPort)
}

// listenAgain listens on a reserved address on which somebody may have listened a
// moment ago. A child of this process that was being forked then has the old
// socket, which goes on listening, until it executes its program.
func listenAgain(addr string) (net.Listener, error) {
	const patience, pause = 5 * time.Second, 5 * time.Millisecond
	for began := time.Now(); ; time.Sleep(pause) {
		l, err := net.Listen("tcp4", addr)
		if !errors.Is(err, syscall.EADDRINUSE) || time.Since(began) > patience {
			return l, err
		}
	}
}

// release gives the addresses back; it may be called again, from any goroutine, and on nil.
func (r *reservation) release() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range r.holds {
		h.Close()
	}
	r.holds = nil
}

// portOf is the port of an address that reserve made.
func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}
