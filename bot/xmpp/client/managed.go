package client

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"dragoman/bot/xmpp/stream"
)

// managedConn is the connection of a link under stream management. It reads
// along with the Session, because only what it sees itself can be counted
// exactly: the Session settles answers to IQs and refuses what is too big
// without telling anybody. It reads with a Reader of the same kind and limits,
// so both see the same elements.
type managedConn struct {
	net.Conn
	books   *ledger
	goodbye atomic.Bool // the stream was closed in good order, and the session with it
	onBye   func()      // called once at the end, if it was
	ended   chan struct{}
	once    sync.Once
	told    chan struct{} // closed when a stream error came
	reading atomic.Bool   // the Session waits for bytes

	sizes   []int  // of the elements of the next Write, in bytes
	scratch []byte // one of them

	along  *stream.Reader // nil once the stream is broken
	bytes  chunk
	opened bool // along is past the header
}

func newManagedConn(conn net.Conn, books *ledger, onBye func()) *managedConn {
	books.connected()
	m := &managedConn{Conn: conn, books: books, onBye: onBye, ended: make(chan struct{}), told: make(chan struct{})}
	m.along = stream.NewReader(&m.bytes, stream.DefaultLimits())
	return m
}

// chunk hands out what one Read brought, and then says to come back.
type chunk struct{ b []byte }

var errLater = errors.New("no more bytes yet")

func (c *chunk) Read(p []byte) (int, error) {
	if len(c.b) == 0 {
		return 0, errLater
	}
	n := copy(p, c.b)
	c.b = c.b[n:]
	return n, nil
}

// Read implements net.Conn.
func (m *managedConn) Read(p []byte) (int, error) {
	m.reading.Store(true)
	n, err := m.Conn.Read(p)
	m.reading.Store(false)
	if n > 0 && m.along != nil {
		m.bytes.b = p[:n]
		if wrong := m.follow(); wrong != nil {
			m.along = nil
			if wrong != errNotOurs {
				return n, wrong
			}
		}
	}
	return n, err
}

// errNotOurs is a fault of the stream that the Session finds by itself.
var errNotOurs = errors.New("the stream is broken")

// follow enters all that is complete by now.
func (m *managedConn) follow() error {
	for {
		var e *stream.Element
		var err error
		if m.opened {
			e, err = m.along.Next()
		} else {
			_, err = m.along.Header()
		}
		var big *stream.TooBig
		switch {
		case err == errLater:
			m.books.caughtUp()
			return nil
		case errors.As(err, &big):
		case err != nil:
			return errNotOurs
		case !m.opened:
			m.opened = true
			continue
		}
		if e.Is(stream.NSStreams, "error") {
			close(m.told)
			return errNotOurs
		}
		if err := m.books.observe(e, big); err != nil {
			return err
		}
	}
}

// wrote is told of every element before the Write that holds it.
func (m *managedConn) wrote(e *stream.Element) {
	if m.books.wrote(e); e.Is(nsSM, "r") {
		m.books.asked()
	}
	m.scratch = e.AppendXML(m.scratch[:0], stream.NSClient)
	m.sizes = append(m.sizes, len(m.scratch))
	if cap(m.scratch) > 8*oneRecord { // a large stanza must not hold its memory
		m.scratch = nil
	}
}

// Write implements net.Conn. A Session writes whole elements, so what is added
// behind or, at the end of the stream, before stands where an element may. It
// waits for the server in two places: until a session has begun, or the server
// has shown that it understands us in one that was resumed, and when much is
// unconfirmed.
func (m *managedConn) Write(p []byte) (int, error) {
	full := p
	switch {
	case bytes.HasSuffix(p, []byte(stream.CloseTag)):
		m.goodbye.Store(true)
		full = m.takeLeave(p)
	case !m.await(m.books.held):
		m.books.unwritten()
		return 0, errors.New("the server doesn't answer on the stream that it has just opened or resumed; the next one begins anew")
	default:
		m.books.release()
		if m.books.wantsAnswer() {
			m.books.asked()
			full = stream.New(nsSM, "r").AppendXML(bytes.Clone(p), stream.NSClient)
		}
	}
	if err := m.writeWhole(full); err != nil {
		return 0, err
	}
	switch {
	case m.goodbye.Load():
		return len(p), nil
	case m.books.overflows():
		return 0, fmt.Errorf("the server has not confirmed the last %d stanzas; the next connection asks it how far it is", hardLimit)
	}
	// A slow server is waited for again and again: the Session's queue fills
	// meanwhile, and who sends has to wait.
	m.await(m.room)
	return len(p), nil
}

const (
	// stuck is how long a Session may be away from reading before what we wait
	// for is taken to be behind what it cannot take in.
	stuck = 100 * time.Millisecond
	// patience is how often that is looked at before the wait is over: less than
	// the Session's write timeout, which ends the connection.
	patience = 50
)

// await waits while reason has a channel to wait for, and reports whether that
// went well. It gives up waiting when the Session doesn't read: its reader
// waits for a handler then, which may well be waiting for us.
func (m *managedConn) await(reason func() <-chan struct{}) bool {
	changed := reason()
	if changed == nil {
		return true
	}
	look := m.books.clock.NewTimer(stuck)
	defer look.Stop()
	for looks := 0; changed != nil; changed = reason() {
		select {
		case <-changed:
		case <-look.C():
			if !m.reading.Load() {
				return true
			}
			if looks++; looks == patience {
				return false
			}
			look.Reset(stuck)
		case <-m.told:
			return false
		case <-m.ended:
			return false
		}
	}
	return true
}

// room is what to wait for while too much is unconfirmed. It asks again where
// the last answer was about too little: nobody else can while we are in Write.
func (m *managedConn) room() <-chan struct{} {
	changed := m.books.full()
	if changed != nil && m.books.wantsAnswer() {
		_ = m.probe() // a failure ends the wait by ending the connection
	}
	return changed
}

// probe asks for a sign of life on a stream that was just resumed. Prosody 0.12
// goes on with the parser of the old connection, and where that one stopped in
// the middle of an element it takes what we send for the rest of that, until
// the stream is not-well-formed. What we have to send again must not go down
// with it: then nobody would know whether it arrived, while now the server has
// said that it did not.
func (m *managedConn) probe() error {
	m.books.asked()
	_, err := m.Conn.Write(stream.New(nsSM, "r").AppendXML(nil, stream.NSClient))
	return err
}

// oneRecord is how much is written at once: a TLS record that a server reads at
// one go (Prosody in pieces of 8 KiB).
const oneRecord = 8 << 10

// writeWhole writes p in pieces that end where an element does. TLS delivers a
// record or nothing of it, so a connection that breaks between two leaves the
// server no half element, which Prosody 0.12 cannot resume after (see probe).
func (m *managedConn) writeWhole(p []byte) error {
	piece := 0
	for _, size := range m.sizes {
		if piece > 0 && piece+size > oneRecord && piece < len(p) {
			if _, err := m.Conn.Write(p[:piece]); err != nil {
				return err
			}
			p, piece = p[piece:], 0
		}
		piece += size
	}
	m.sizes = m.sizes[:0]
	_, err := m.Conn.Write(p)
	return err
}

// takeLeave puts the last confirmation before the end of the stream: without
// it the server would deliver what we have handled once more at the next login.
func (m *managedConn) takeLeave(p []byte) []byte {
	saved, ok := m.books.saved()
	if !ok {
		return p
	}
	last := confirmation(saved.Handled).AppendXML(nil, stream.NSClient)
	last = stream.New(nsSM, "r").AppendXML(last, stream.NSClient)
	return append(last, p...)
}

// Close implements net.Conn.
func (m *managedConn) Close() error {
	err := m.Conn.Close()
	m.once.Do(func() {
		close(m.ended)
		m.books.disconnected()
		if m.goodbye.Load() {
			m.onBye()
		}
	})
	return err
}
