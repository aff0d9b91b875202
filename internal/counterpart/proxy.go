package counterpart

import (
	"errors"
	"fmt"
	"net"
	"sync"
)

// Proxy is a TCP relay on loopback that does what bad networks do. It starts
// in the mode of Pass. All its methods may be called from any goroutine.
type Proxy struct {
	addr, target string
	port         *reservation

	mu       sync.Mutex
	mode     proxyMode
	changed  chan struct{} // closed and replaced with each change of mode
	listener net.Listener
	links    map[*proxyLink]struct{}
	closed   bool
	running  sync.WaitGroup
}

type proxyMode int

const (
	proxyPass proxyMode = iota
	proxyStall
	proxySwallow
)

// proxyLink is one connection through the proxy: both its halves.
type proxyLink struct {
	near, far *net.TCPConn
	ended     chan struct{}
	once      sync.Once
}

// NewProxy listens on a free loopback port and relays to target (host:port).
func NewProxy(target string) (*Proxy, error) {
	p := &Proxy{target: target, changed: make(chan struct{}), links: map[*proxyLink]struct{}{}}
	for range startAttempts {
		port, err := reserve(1)
		if err != nil {
			return nil, err
		}
		p.addr, p.port = port.addrs[0], port
		if err = p.Accept(); err == nil {
			return p, nil
		}
		port.release()
	}
	return nil, fmt.Errorf("no port for a proxy to %s: %w", target, errPortTaken)
}

// Addr is the host:port to connect to instead of the target. It stays the
// same through Refuse and Accept.
func (p *Proxy) Addr() string { return p.addr }

// Links is the number of connections that are open through the proxy.
func (p *Proxy) Links() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links)
}

// Pass relays everything, and first what was held back by Stall.
func (p *Proxy) Pass() { p.setMode(proxyPass) }

// Stall relays nothing and loses nothing: the far ends see an open connection
// on which no byte comes. New connections are accepted and stall too.
func (p *Proxy) Stall() { p.setMode(proxyStall) }

// Swallow reads everything and throws it away; nobody is told. A stream is
// broken after that, also when Pass follows: end it with Reset.
func (p *Proxy) Swallow() { p.setMode(proxySwallow) }

func (p *Proxy) setMode(m proxyMode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = m
	close(p.changed)
	p.changed = make(chan struct{})
}

// Reset ends all connections with a TCP RST in both directions. New ones are
// served in the mode that holds.
func (p *Proxy) Reset() { p.cut(true) }

// Cut ends all connections in the ordinary way (FIN) in both directions.
func (p *Proxy) Cut() { p.cut(false) }

func (p *Proxy) cut(reset bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.end(reset)
	}
}

// Refuse stops listening: connecting is refused, what is connected stays.
func (p *Proxy) Refuse() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		p.listener.Close()
		p.listener = nil
	}
}

// Accept listens again after Refuse.
func (p *Proxy) Accept() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errors.New("the proxy is closed")
	}
	if p.listener != nil {
		return nil
	}
	l, err := listenAgain(p.addr)
	if err != nil {
		return fmt.Errorf("the proxy can't listen: %w", err)
	}
	p.listener = l
	p.running.Go(func() { p.serve(l) })
	return nil
}

// Close ends all connections and returns when nothing runs any more.
func (p *Proxy) Close() {
	p.Refuse()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.Cut()
	p.running.Wait()
	p.port.release()
}

func (p *Proxy) serve(l net.Listener) {
	for {
		near, err := l.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.relay(near.(*net.TCPConn)) })
	}
}

// relay carries one connection until both directions have ended.
func (p *Proxy) relay(near *net.TCPConn) {
	conn, err := net.DialTimeout("tcp", p.target, attemptLimit)
	if err != nil {
		_ = near.SetLinger(0) // tell the near end as a refused connection would
		near.Close()
		return
	}
	link := &proxyLink{near: near, far: conn.(*net.TCPConn), ended: make(chan struct{})}
	if !p.add(link) {
		link.end(false)
		return
	}
	var pumps sync.WaitGroup
	pumps.Go(func() { p.pump(link, link.near, link.far) })
	pumps.Go(func() { p.pump(link, link.far, link.near) })
	pumps.Wait()
	link.end(false)
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, link)
}

func (p *Proxy) add(l *proxyLink) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.links[l] = struct{}{}
	}
	return !p.closed
}

// pump copies one direction and passes on its end.
func (p *Proxy) pump(l *proxyLink, from, to *net.TCPConn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		mode := p.gate(l)
		if n > 0 && mode == proxyPass {
			if _, err := to.Write(buf[:n]); err != nil {
				l.end(true)
				return
			}
		}
		if err != nil {
			if mode == proxyPass {
				_ = to.CloseWrite()
			}
			return
		}
	}
}

// gate waits while the proxy stalls and returns the mode that holds then.
func (p *Proxy) gate(l *proxyLink) proxyMode {
	for {
		p.mu.Lock()
		mode, changed := p.mode, p.changed
		p.mu.Unlock()
		if mode != proxyStall {
			return mode
		}
		select {
		case <-changed:
		case <-l.ended:
			return proxySwallow
		}
	}
}

// end closes both halves; it is safe to call it more than once.
func (l *proxyLink) end(reset bool) {
	l.once.Do(func() {
		close(l.ended)
		for _, c := range []*net.TCPConn{l.near, l.far} {
			if reset {
				_ = c.SetLinger(0)
			}
			c.Close()
		}
	})
}
