// Package component opens the stream of an external component, XEP-0114: a
// whole domain of the server that belongs to the bot.
//
// The protocol has no TLS, so the server's component port is reached over the
// loopback interface or through a tunnel. It has no acknowledgements and no
// resumption either: what the server sends while no component is connected
// comes back to its sender as an error.
package component

import (
	"context"
	"crypto/sha1" // XEP-0114 section 3 prescribes it
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"time"

	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
)

// Config says which component to be, and where.
type Config struct {
	// Domain is the component's domain, such as mycomponent.chat.local.
	Domain string
	// Address is the server's component port, host:port.
	Address string
	// Secret is shared with the server.
	Secret string
}

// Connector implements xmpp.Connector.
type Connector struct {
	cfg  Config
	dial net.Dialer
}

// New makes a Connector.
func New(cfg Config) *Connector { return &Connector{cfg: cfg} }

// Connect dials the server and shakes hands (XEP-0114 section 3). A refusal is
// a *stream.Error with the server's condition: not-authorized for a wrong
// secret, host-unknown for an unknown domain, conflict when another connection
// holds it.
func (c *Connector) Connect(ctx context.Context) (*xmpp.Link, error) {
	conn, err := c.dial.DialContext(ctx, "tcp", c.cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("the component port cannot be reached: %w", err)
	}
	// A context that ends unblocks the reads and writes of the handshake.
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	link, err := c.handshake(conn)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		conn.Close()
		if ctx.Err() != nil {
			err = fmt.Errorf("the server at %s did not finish the handshake in time: %w", c.cfg.Address, ctx.Err())
		}
		return nil, err
	}
	return link, nil
}

func (c *Connector) handshake(conn net.Conn) (*xmpp.Link, error) {
	open := stream.AppendHeader(nil, stream.NSComponent, stream.Attr{Local: "to", Value: c.cfg.Domain})
	if _, err := conn.Write(open); err != nil {
		return nil, err
	}
	r := stream.NewReader(conn, stream.DefaultLimits())
	header, err := r.Header()
	if err != nil {
		return nil, fmt.Errorf("no XMPP component stream at %s: %w", c.cfg.Address, err)
	}
	if r.ContentSpace() != stream.NSComponent {
		return nil, fmt.Errorf("%s is not a component port: it speaks %s; "+
			"component_ports in Prosody, ejabberd_service in ejabberd name the right one", c.cfg.Address, r.ContentSpace())
	}
	sum := sha1.Sum([]byte(header.Attr("id") + c.cfg.Secret))
	proof := stream.TextElement(stream.NSClient, "handshake", hex.EncodeToString(sum[:]))
	// A server that knows no such domain says so without waiting for the proof,
	// and closes: its reason is worth more than the failure of our write.
	_, unsent := conn.Write(proof.AppendXML(nil, stream.NSComponent))
	answer, err := r.Next()
	if err != nil {
		return nil, fmt.Errorf("the server ended the handshake: %w", errors.Join(unsent, err))
	}
	if refusal := stream.ParseError(answer); refusal != nil {
		return nil, refusal
	}
	if !answer.Is(stream.NSClient, "handshake") {
		return nil, errors.New("the server answered the handshake with something else")
	}
	return &xmpp.Link{Conn: conn, Reader: r}, nil
}
