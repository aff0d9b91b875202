package xmpp

import (
	"context"
	"errors"
	"net"
)

// errNotOurs ends a stream whose address may be another process's.
var errNotOurs = errors.New("this address may be another process's by now")

// guarded is a connection on which nothing is said under an address that is not
// ours any more. A process that was frozen goes on where it was, perhaps right
// before it writes, and learns only after that that its time was over.
type guarded struct {
	net.Conn
	ours func() bool
}

// Write implements net.Conn; it closes the connection of who may not speak.
func (g guarded) Write(b []byte) (int, error) {
	if !g.ours() {
		_ = g.Close()
		return 0, errNotOurs
	}
	return g.Conn.Write(b)
}

// connect opens a stream, unless the address is not ours.
func (t *Transport) connect(ctx context.Context) (*Link, error) {
	if t.cfg.Ours != nil && !t.cfg.Ours() {
		return nil, errNotOurs
	}
	dial, cancel := context.WithTimeout(ctx, t.times.connect)
	defer cancel()
	link, err := t.cfg.Connector.Connect(dial)
	if err == nil && t.cfg.Ours != nil {
		link.Conn = guarded{link.Conn, t.cfg.Ours}
	}
	return link, err
}
