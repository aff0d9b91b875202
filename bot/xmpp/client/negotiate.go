package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"

	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
)

// negotiation takes one connection from its first byte to the first stanza.
type negotiation struct {
	c       *Connector
	conn    net.Conn // encrypted once secure is set
	secure  bool
	r       *stream.Reader
	managed *managedConn // conn as the link gets it, nil before the login
	step    string       // what is under way, for errors
}

// beforeLogin is what a server has to say before it is known: less than to a
// stanza of its own later.
var beforeLogin = stream.Limits{Bytes: 64 << 10, Depth: 16, Attrs: 32}

// maxUnexpected bounds the elements that are passed over while one is awaited.
const maxUnexpected = 16

func (n *negotiation) run(ctx context.Context) (*xmpp.Link, error) {
	n.step = "opening the stream"
	f, err := n.open()
	if err != nil {
		return nil, err
	}
	if !n.secure && n.c.cfg.TLS != NoTLS {
		n.step = "STARTTLS"
		if f, err = n.startTLS(ctx, f); err != nil {
			return nil, err
		}
	}
	n.step = "login"
	if err := n.authenticate(f); err != nil {
		return nil, err
	}
	n.step = "opening the stream after login"
	n.managed = newManagedConn(n.conn, n.c.books, n.c.abandon)
	if n.r.Buffered() != 0 {
		return nil, errors.New("the server said more than it may before the stream begins anew")
	}
	n.conn = n.managed
	if f, err = n.open(); err != nil {
		return nil, err
	}
	n.step = "opening the session"
	return n.session(f)
}

// startTLS encrypts and opens the stream anew, RFC 6120 section 5.4.
func (n *negotiation) startTLS(ctx context.Context, f features) (features, error) {
	if !f.startTLS {
		return f, errors.New("the server offers no encryption, or somebody on the way hides it; nothing was sent. " +
			"Turn on STARTTLS in the server, or use tls: direct with its port for that")
	}
	if err := n.send(stream.New(stream.NSTLS, "starttls")); err != nil {
		return f, err
	}
	e, err := n.next()
	switch {
	case err != nil:
		return f, err
	case !e.Is(stream.NSTLS, "proceed"):
		return f, fmt.Errorf("the server refuses to encrypt: it answered <%s>", printable(e.Local))
	case n.r.Buffered() != 0: // CVE-2011-0411
		return f, errors.New("somebody put plain text between STARTTLS and the encryption")
	}
	secure, err := n.c.encrypt(ctx, n.conn)
	if err != nil {
		return f, err
	}
	n.conn, n.secure = secure, true
	return n.open()
}

// open sends the header of a new stream and reads the server's, with its
// features.
func (n *negotiation) open() (features, error) {
	attrs := []stream.Attr{
		{Local: "to", Value: n.c.jid.Domain()},
		{Local: "version", Value: "1.0"},
		{Space: stream.NSXML, Local: "lang", Value: "en"},
	}
	if n.secure { // RFC 6120 4.7.1: no name where anybody can read it
		attrs = append(attrs, stream.Attr{Local: "from", Value: n.c.jid.String()})
	}
	if _, err := n.conn.Write(stream.AppendHeader(nil, stream.NSClient, attrs...)); err != nil {
		return features{}, err
	}
	limits := beforeLogin
	if n.managed != nil {
		limits = stream.DefaultLimits()
	}
	n.r = stream.NewReader(n.conn, limits)
	header, err := n.r.Header()
	if err != nil {
		return features{}, fmt.Errorf("no XMPP stream came back: %w", err)
	}
	e, err := n.next() // a stream error explains more than an odd header
	if err != nil {
		return features{}, err
	}
	if err := n.checkHeader(header); err != nil {
		return features{}, err
	}
	return parseFeatures(e)
}

// checkHeader holds the server's header against RFC 6120 section 4.7.
func (n *negotiation) checkHeader(h *stream.Element) error {
	if n.r.ContentSpace() != stream.NSClient {
		return errors.New("this is not the port for clients but another XMPP port of the server")
	}
	if v, _, _ := strings.Cut(h.Attr("version"), "."); v != "1" {
		return fmt.Errorf("the server speaks version %q of XMPP, not 1.0", printable(h.Attr("version")))
	}
	from, err := stream.ParseJID(h.Attr("from"))
	if err != nil || from.String() != n.c.jid.Domain() {
		return fmt.Errorf("the server says that it is %q, not the %q of jid", printable(h.Attr("from")), n.c.jid.Domain())
	}
	return nil
}

func (n *negotiation) send(e *stream.Element) error {
	_, err := n.conn.Write(e.AppendXML(nil, stream.NSClient))
	return err
}

// next reads one element; a stream error is returned as such.
func (n *negotiation) next() (*stream.Element, error) {
	e, err := n.r.Next()
	if err != nil {
		return nil, fmt.Errorf("the server ended the exchange: %w", err)
	}
	told := stream.ParseError(e)
	switch {
	case told == nil:
		return e, nil
	case told.Condition == stream.SeeOtherHost:
		return nil, fmt.Errorf("the server says to use %q instead; if that is right, make it the address: %w", printable(told.Host), told)
	}
	return nil, told
}

// tlsState is that of the connection, or nil without TLS.
func (n *negotiation) tlsState() *tls.ConnectionState {
	secure, ok := n.conn.(*tls.Conn)
	if !ok {
		return nil
	}
	state := secure.ConnectionState()
	return &state
}
