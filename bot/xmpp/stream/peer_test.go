package stream

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
)

// peer is the server's end of a session under test.
type peer struct {
	t    *testing.T
	conn net.Conn
	got  chan *Element // what the session wrote
	end  chan error    // how it ended its stream
}

// serve starts a session against a peer over an in-memory connection, which
// buffers nothing. stop ends its context; ended gives Run's result.
func serve(t *testing.T, header string, cfg Config) (s *Session, p *peer, stop func(), ended chan error) {
	t.Helper()
	near, far := net.Pipe()
	r := openFrom(t, io.MultiReader(strings.NewReader(header), near), DefaultLimits())
	if cfg.Handle == nil {
		cfg.Handle = func(context.Context, *Element) {}
	}
	s = NewSession(near, r, cfg)
	p = &peer{t: t, conn: far, got: make(chan *Element, 10_000), end: make(chan error, 1)}
	go p.listen(openFrom(t, io.MultiReader(strings.NewReader(header), far), DefaultLimits()))
	ctx, cancel := context.WithCancel(t.Context())
	ended = make(chan error, 1)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		ended <- s.Run(ctx)
	}()
	t.Cleanup(func() { cancel(); _ = far.Close(); <-gone })
	return s, p, cancel, ended
}

func (p *peer) listen(r *Reader) {
	defer close(p.got)
	for {
		e, err := r.Next()
		if err != nil {
			p.end <- err
			return
		}
		p.got <- e
	}
}

func (p *peer) say(xml string) {
	p.t.Helper()
	if _, err := p.conn.Write([]byte(xml)); err != nil {
		p.t.Fatalf("the session does not read: %v", err)
	}
}

// next is what the session wrote next.
func (p *peer) next() *Element {
	p.t.Helper()
	e, ok := <-p.got
	if !ok {
		p.t.Fatal("the session ended its stream")
	}
	return e
}

// leaves checks that the session closed its stream with nothing more to say,
// and closes the peer's side.
func (p *peer) leaves() {
	p.t.Helper()
	if e, ok := <-p.got; ok {
		p.t.Errorf("the session said %v before it closed", e)
	}
	if err := <-p.end; err != io.EOF {
		p.t.Errorf("the stream ended with %v, want its end tag", err)
	}
	_ = p.conn.Close()
}
