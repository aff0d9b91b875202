package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// component is how an external component connects.
type component struct {
	Addr, Domain, Secret string
}

// link is one stream of a component (XEP-0114). It looks for stanzas byte by
// byte and trusts the server to escape ">" in attributes, which Prosody and
// ejabberd do: an XML parser would measure itself.
type link struct {
	conn     net.Conn
	r        *bufio.Reader
	w        *bufio.Writer // flushed whenever link waits for input
	patience time.Duration // of one wait; 0 waits for ever
	last     stanza        // what next returned
	release  func() bool   // of the context that ends the link
}

const (
	linkBuffer = 64 << 10
	dialLimit  = 10 * time.Second
	leaveLimit = 2 * time.Second
)

// dial opens the stream. The end of ctx ends the link.
func dial(ctx context.Context, c component) (*link, error) {
	conn, err := (&net.Dialer{Timeout: dialLimit}).DialContext(ctx, "tcp", c.Addr)
	if err != nil {
		return nil, fmt.Errorf("connect as %s: %w", c.Domain, err)
	}
	l := &link{conn: conn, w: bufio.NewWriterSize(conn, linkBuffer), patience: dialLimit,
		release: context.AfterFunc(ctx, func() { conn.Close() })}
	l.r = bufio.NewReaderSize(flushing{l}, linkBuffer)
	if err := l.shakeHands(c); err != nil {
		l.drop()
		return nil, fmt.Errorf("connect as %s: %w", c.Domain, err)
	}
	return l, nil
}

// flushing is the link's input: nothing that was written waits while the link
// waits, and what is written between two waits goes out at once.
type flushing struct{ *link }

func (f flushing) Read(p []byte) (int, error) {
	if err := f.w.Flush(); err != nil {
		return 0, err
	}
	deadline := time.Time{}
	if f.patience > 0 {
		deadline = time.Now().Add(f.patience)
	}
	if err := f.conn.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	return f.conn.Read(p)
}

func (l *link) shakeHands(c component) error {
	fmt.Fprintf(l.w, "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "+
		"xmlns:stream='http://etherx.jabber.org/streams' to='%s'>", c.Domain)
	var header stanza
	for !bytes.HasPrefix(header, []byte("<stream:stream")) {
		part, err := l.r.ReadSlice('>')
		if err != nil {
			return err
		}
		header = bytes.TrimSpace(part)
	}
	fmt.Fprintf(l.w, "<handshake>%x</handshake>", sha1.Sum(append(header.attr("id"), c.Secret...)))
	answer, err := l.next()
	if err == nil && !answer.is("handshake") {
		err = fmt.Errorf("the server answers %s", answer.excerpt())
	}
	return err
}

// next returns the next stanza, valid until the next call. The end of the
// stream is io.EOF.
func (l *link) next() (stanza, error) {
	l.last = l.last[:0]
	for depth := 0; ; {
		begin := len(l.last)
		part, err := l.r.ReadSlice('>')
		l.last = append(l.last, part...)
		for errors.Is(err, bufio.ErrBufferFull) {
			part, err = l.r.ReadSlice('>')
			l.last = append(l.last, part...)
		}
		if err != nil {
			return nil, err
		}
		depth += step(l.last[begin:])
		switch {
		case depth < 0: // </stream:stream>
			return nil, io.EOF
		case depth == 0 && bytes.IndexByte(l.last[begin:], '<') >= 0:
			l.last = bytes.TrimLeft(l.last, " \t\r\n")
			if l.last.is("stream:error") {
				return nil, fmt.Errorf("the server ends the stream: %s", l.last.excerpt())
			}
			return l.last, nil
		}
	}
}

// step is by how much text that ends with ">" changes the depth of nesting.
func step(part []byte) int {
	i := bytes.LastIndexByte(part, '<')
	switch {
	case i < 0: // a ">" in text
		return 0
	case part[i+1] == '/':
		return -1
	case part[len(part)-2] == '/':
		return 0
	}
	return 1
}

// write adds parts of a stanza to what goes out with the next wait.
func (l *link) write(parts ...[]byte) {
	for _, p := range parts {
		_, _ = l.w.Write(p) // the next Flush returns the error
	}
}

// refuse answers a request that this component does not serve, as every
// entity must (RFC 6120 section 8.2.3). The bot asks for names, for instance.
func (l *link) refuse(iq stanza) {
	l.write([]byte("<iq type='error' from="), iq.quoted("to"), []byte(" to="), iq.quoted("from"), []byte(" id="), iq.quoted("id"),
		[]byte("><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"))
}

// close ends the stream and waits for the server's end, so that the next
// stream of this component shares nothing with it.
func (l *link) close() {
	defer l.drop()
	l.patience = leaveLimit
	l.write([]byte("</stream:stream>"))
	for {
		if _, err := l.next(); err != nil {
			return
		}
	}
}

// drop ends the connection as it is.
func (l *link) drop() {
	l.release()
	l.conn.Close()
}
