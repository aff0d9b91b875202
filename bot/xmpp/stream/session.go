package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"dragoman/internal/clock"
)

// ErrClosed is what Send and Ask give once the session is over, or on its way
// there.
var ErrClosed = errors.New("the XMPP session is over")

// ErrWriteTimeout ends a session whose peer has stopped reading.
var ErrWriteTimeout = errors.New("the peer took nothing within the write timeout")

// ErrPingTimeout ends a session whose peer has fallen silent.
var ErrPingTimeout = errors.New("the peer answered no ping in time")

const (
	// closeGrace bounds everything between the end of the session and that of
	// its connection: sending what is queued, the peer's farewell, and the
	// handling of what came before it.
	closeGrace = 3 * time.Second
	// lastWords is how long a session whose write failed listens for the
	// reason: a server that closes says why before it stops reading.
	lastWords = time.Second
)

// Config says how a Session behaves. Handle is required; everything else has
// a default.
type Config struct {
	// Log receives what goes wrong; nil discards it.
	Log *slog.Logger
	// Clock measures every time-out; nil is the system's.
	Clock clock.Clock
	// Own is the full address of an account. It stays zero for a component,
	// which has no answers without a 'from'.
	Own JID
	// Out bounds the outbound queue in stanzas; default 256.
	Out int
	// In bounds, in elements, what is read ahead of Handle; default 256. A
	// second bound, of 4 MiB, holds for their memory.
	In int
	// WriteTimeout ends the session when one write takes longer; default 10 s.
	WriteTimeout time.Duration

	// Ping makes the IQ whose answer proves the peer alive; nil pings never.
	// It need not have an id.
	Ping func() *Element
	// PingEvery is the pause between pings; default 25 s.
	PingEvery time.Duration
	// PingTimeout is how long the peer may keep silent after a ping; default
	// 10 s. While Handle is what keeps us from reading, the peer is not blamed.
	PingTimeout time.Duration

	// Handle receives messages, presence, and IQs of type get and set, one
	// after the other in the order of arrival. It may Send; it must not wait
	// for the answer to an IQ. An IQ that it leaves unanswered stays so. What was
	// read before the end is handled in the few seconds after it, without a
	// way to Send any more; then the context ends, and Handle must return.
	Handle func(ctx context.Context, stanza *Element)
	// Nonza receives all other top-level elements but stream errors, in order
	// with Handle; nil ignores them.
	Nonza func(ctx context.Context, e *Element)
	// Wrote is called for every element, stanza or not, in the order of the
	// wire just before it is written: what it was not called for was certainly
	// not sent. It must be quick and must not Send.
	Wrote func(e *Element)
}

func (c *Config) setDefaults() {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Nonza == nil {
		c.Nonza = func(context.Context, *Element) {}
	}
	if c.Wrote == nil {
		c.Wrote = func(*Element) {}
	}
	for _, n := range []*int{&c.Out, &c.In} {
		if *n <= 0 {
			*n = 256
		}
	}
	for d, def := range map[*time.Duration]time.Duration{
		&c.WriteTimeout: 10 * time.Second, &c.PingEvery: 25 * time.Second, &c.PingTimeout: 10 * time.Second,
	} {
		if *d <= 0 {
			*d = def
		}
	}
}

// Session serves one stream from the end of its negotiation to that of its
// connection: one goroutine reads, one hands out what was read, one writes, one
// pings. Send and Ask are safe for concurrent use.
type Session struct {
	conn   net.Conn
	reader *Reader
	cfg    Config

	in      chan arrival
	room    *semaphore.Weighted // memory of what is in the queue
	heard   atomic.Uint64       // elements read, a sign of life
	stalled atomic.Bool         // the reader waits for Handle, not for the peer

	out     chan queued
	sending sync.RWMutex  // shared by Send; exclusive to wait for all Sends to be over
	done    chan struct{} // closed once nothing more is accepted
	last    farewell      // valid after done
	guard   clock.Timer   // runs while a write is under way

	mu     sync.Mutex
	asked  map[string]question
	unsent []*Element
}

// farewell is how the writer takes its leave.
type farewell struct {
	flush bool   // send what is queued
	why   *Error // say what the peer did wrong
	mute  bool   // say nothing: the connection has failed
}

// NewSession takes over conn, authenticated and past all negotiation, and the
// Reader that read its header. It does nothing until Run, but stanzas may be
// queued.
func NewSession(conn net.Conn, r *Reader, cfg Config) *Session {
	cfg.setDefaults()
	s := &Session{
		conn: conn, reader: r, cfg: cfg,
		in:    make(chan arrival, cfg.In),
		room:  semaphore.NewWeighted(inBudget),
		out:   make(chan queued, cfg.Out),
		done:  make(chan struct{}),
		guard: cfg.Clock.NewTimer(cfg.WriteTimeout),
		asked: make(map[string]question),
	}
	s.guard.Stop()
	return s
}

// Run serves the connection until it ends, closes it, and leaves no goroutine
// behind. It is called once. It returns the first reason: ctx's own error; the
// *Error that the peer sent, or that we sent because of what it did; an error
// that wraps io.EOF when the peer closed the stream; ErrPingTimeout;
// ErrWriteTimeout; or the error of the connection.
//
// When ctx ends, what is queued is sent and the stream closed; then the peer
// has a few seconds for its own farewell, and what it still sends is handled.
func (s *Session) Run(ctx context.Context) error {
	_ = s.conn.SetDeadline(time.Time{}) // the negotiation may have left one
	live, kill := context.WithCancel(context.WithoutCancel(ctx))
	pinging, stopPinging := context.WithCancel(live)
	r := running{read: make(chan error, 1), write: make(chan error, 1), ping: make(chan error, 1), handled: make(chan struct{})}
	var all sync.WaitGroup
	all.Go(func() { s.read(live, r.read) })
	all.Go(func() { s.dispatch(live); close(r.handled) })
	all.Go(func() { r.write <- s.write() })
	all.Go(func() { r.ping <- s.ping(pinging) })

	cause := s.firstReason(ctx, &r)
	stopPinging()
	s.last = leaveTaking(ctx, cause)
	close(s.done)
	if s.last.mute {
		_ = s.conn.Close() // it has failed already
	}
	s.linger(&r)
	_ = s.conn.Close()
	kill()
	all.Wait()
	s.guard.Stop()
	s.keepUnsent()
	return cause
}

// running is how Run hears of its goroutines.
type running struct {
	read, write, ping chan error
	handled           chan struct{}
}

// firstReason waits for what ends the session.
func (s *Session) firstReason(ctx context.Context, r *running) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-r.read:
		r.read = nil
		return readError(err)
	case err := <-r.ping:
		return err
	case <-s.guard.C():
		return s.hearReason(r, ErrWriteTimeout)
	case err := <-r.write:
		r.write = nil
		return s.hearReason(r, fmt.Errorf("write to the XMPP stream: %w", err))
	}
}

// hearReason prefers the peer's own words on why it stopped reading to the
// failure of our write.
func (s *Session) hearReason(r *running, failed error) error {
	t := s.cfg.Clock.NewTimer(lastWords)
	defer t.Stop()
	select {
	case err := <-r.read:
		r.read = nil
		if told := (*Error)(nil); errors.As(err, &told) && told.Received {
			return told
		}
	case <-t.C():
	}
	return failed
}

func readError(err error) error {
	if broken := (*Error)(nil); errors.As(err, &broken) {
		return broken
	}
	if err == io.EOF {
		return fmt.Errorf("the peer closed the XMPP stream: %w", err)
	}
	return fmt.Errorf("read from the XMPP stream: %w", err)
}

// leaveTaking decides by the cause how the session ends. Once the peer has said
// its last word it handles nothing more, so what is queued stays unsent.
func leaveTaking(ctx context.Context, cause error) farewell {
	broken := (*Error)(nil)
	switch {
	case ctx.Err() != nil && cause == ctx.Err():
		return farewell{flush: true}
	case errors.As(cause, &broken) && !broken.Received:
		return farewell{flush: true, why: broken}
	case broken != nil, errors.Is(cause, io.EOF):
		return farewell{}
	}
	return farewell{mute: true}
}

// linger waits until all is said on both sides and what came is handled, for
// closeGrace at most.
func (s *Session) linger(r *running) {
	grace := s.cfg.Clock.NewTimer(closeGrace)
	defer grace.Stop()
	for r.write != nil || r.read != nil || r.handled != nil {
		select {
		case <-r.write:
			r.write = nil
		case <-r.read:
			r.read = nil
		case <-r.handled:
			r.handled = nil
		case <-grace.C():
			return
		case <-s.guard.C():
			return
		}
	}
}

// keepUnsent saves what was queued and never written.
func (s *Session) keepUnsent() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		select {
		case q := <-s.out:
			if q.ticket == nil {
				s.unsent = append(s.unsent, q.e)
			}
		default:
			return
		}
	}
}

// Unsent is, once Run has returned, what Send accepted and Wrote was never
// called for, in order. What went by Submit or Pose is not in it: who holds the
// Ticket decides about that.
func (s *Session) Unsent() []*Element {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unsent
}
