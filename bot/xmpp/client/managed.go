package client

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"

	"dragoman/bot/xmpp"
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

	along  *stream.Reader // nil once the stream is broken
	bytes  chunk
	opened bool // along is past the header
}

func newManagedConn(conn net.Conn, books *ledger, onBye func()) *managedConn {
	books.connected()
	m := &managedConn{Conn: conn, books: books, onBye: onBye, ended: make(chan struct{})}
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
	n, err := m.Conn.Read(p)
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
			return nil
		case errors.As(err, &big):
		case err != nil:
			return errNotOurs
		case !m.opened:
			m.opened = true
			continue
		}
		if err := m.books.observe(e, big); err != nil {
			return err
		}
	}
}

// Write implements net.Conn. A Session writes whole elements, so what is added
// behind or, at the end of the stream, before stands where an element may. When
// too much is unconfirmed it waits, and the Session's write timeout, which ends
// the connection, bounds that.
func (m *managedConn) Write(p []byte) (int, error) {
	full := p
	if bytes.HasSuffix(p, []byte(stream.CloseTag)) {
		m.goodbye.Store(true)
		full = m.takeLeave(p)
	} else if m.books.wantsAnswer() {
		full = stream.New(nsSM, "r").AppendXML(bytes.Clone(p), stream.NSClient)
	}
	if _, err := m.Conn.Write(full); err != nil {
		return 0, err
	}
	for {
		room := m.books.full()
		if room == nil || m.goodbye.Load() {
			return len(p), nil
		}
		select {
		case <-room:
		case <-m.ended:
			return 0, net.ErrClosed
		}
	}
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

func confirmation(h uint32) *stream.Element {
	return stream.New(nsSM, "a").SetAttr("h", formatH(h))
}

// keepBooks gives a link what feeds the ledger.
func (c *Connector) keepBooks(link *xmpp.Link) {
	link.Wrote = c.books.wrote
	link.Handled = func(*stream.Element) { c.books.handled() }
	link.Nonza = c.onNonza
}

// onNonza answers the stream management elements of the server. It comes in
// order with the stanzas, so what came before it is handled.
func (c *Connector) onNonza(ctx context.Context, s *stream.Session, e *stream.Element) {
	if e.Space != nsSM {
		return
	}
	var answer *stream.Element
	switch e.Local {
	case "enabled":
		saved, _ := c.books.saved()
		c.cfg.Log.Debug("stream management", "resumable", saved.ID != "", "max", e.Attr("max"))
		c.save(ctx)
	case "failed":
		c.cfg.Log.Warn("the server refuses stream management: what is under way when the connection breaks is lost", "account", c.jid)
	case "r":
		if h, ok := c.save(ctx); ok {
			answer = confirmation(h)
		}
	case "a":
		if c.books.wantsAnswer() {
			answer = stream.New(nsSM, "r")
		}
	}
	if answer == nil {
		return
	}
	if err := s.Send(ctx, answer); err != nil {
		c.cfg.Log.Debug("stream management", "err", err)
	}
}

// save keeps how far we are before the server may forget it.
func (c *Connector) save(ctx context.Context) (h uint32, ok bool) {
	saved, ok := c.books.saved()
	if !ok || c.cfg.Resume == nil {
		return saved.Handled, ok
	}
	if err := c.cfg.Resume.Save(ctx, c.jid.String(), saved); err != nil {
		c.cfg.Log.Error("the XMPP session cannot be saved; the server is not told how far we are", "err", err)
		return 0, false
	}
	return saved.Handled, true
}

// abandon gives up the session of the last link. What the server had not
// confirmed may have arrived or not.
func (c *Connector) abandon(ctx context.Context) {
	left := c.books.forget()
	if c.cfg.Resume != nil {
		if err := c.cfg.Resume.Save(ctx, c.jid.String(), Saved{}); err != nil {
			c.cfg.Log.Warn("the XMPP session that ended cannot be removed", "err", err)
		}
	}
	c.report(left)
}

// report tells of messages with an unknown outcome. Presence and IQs belong to
// the stream that ended: presence is announced anew, and who asked an IQ knows.
func (c *Connector) report(left []*stream.Element) {
	var messages []*stream.Element
	for _, e := range left {
		if e.Local == "message" {
			messages = append(messages, e)
		}
	}
	if len(messages) == 0 {
		return
	}
	c.cfg.Log.Warn("the connection ended before the server confirmed what was sent: it may have arrived or not, and is not sent again",
		"account", c.jid, "messages", len(messages))
	if c.cfg.Unconfirmed != nil {
		c.cfg.Unconfirmed(messages)
	}
}
