package counterpart

import (
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// setupLink is a component of our own on every server. Its handshake is the
// only proof that a server is ready: a port accepts before anybody reads from
// it. Its joins open rooms the same way on every kind of server.
type setupLink struct {
	addr, domain, secret string
}

// attemptLimit bounds one handshake; ejabberd accepts a connection up to half
// a second before it reads from it.
const attemptLimit = 3 * time.Second

func newSetupLink(domain string) (setupLink, error) {
	return setupLink{domain: "setup." + domain, secret: rand.Text()}, nil
}

// handshake connects once and leaves again.
func (l setupLink) handshake(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, attemptLimit)
	defer cancel()
	c, err := l.dial(ctx)
	if err != nil {
		return err
	}
	return c.close()
}

// setupConn is one XEP-0114 stream after its handshake.
type setupConn struct {
	net.Conn
	dec *xml.Decoder
}

// dial opens a stream; ctx ends the whole connection, not only the dialling.
func (l setupLink) dial(ctx context.Context) (*setupConn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", l.addr)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	c := &setupConn{conn, xml.NewDecoder(conn)}
	if err := c.open(l); err != nil {
		conn.Close()
		return nil, fmt.Errorf("component handshake: %w", err)
	}
	return c, nil
}

func (c *setupConn) open(l setupLink) error {
	_, err := fmt.Fprintf(c, "<stream:stream xmlns='jabber:component:accept' "+
		"xmlns:stream='http://etherx.jabber.org/streams' to='%s'>", l.domain)
	if err != nil {
		return err
	}
	header, err := c.start()
	if err != nil {
		return err
	}
	id := ""
	for _, a := range header.Attr {
		if a.Name.Local == "id" {
			id = a.Value
		}
	}
	if _, err := fmt.Fprintf(c, "<handshake>%x</handshake>", sha1.Sum([]byte(id+l.secret))); err != nil {
		return err
	}
	answer, err := c.start()
	if err != nil {
		return err
	}
	if answer.Name.Local != "handshake" {
		return fmt.Errorf("the server answers <%s/>", answer.Name.Local)
	}
	return c.dec.Skip()
}

func (c *setupConn) start() (xml.StartElement, error) {
	for {
		t, err := c.dec.Token()
		if err != nil {
			return xml.StartElement{}, err
		}
		if e, ok := t.(xml.StartElement); ok {
			return e, nil
		}
	}
}

// close ends the stream and waits for the server's end tag, so that the next
// connection of this component meets no remains of this one.
func (c *setupConn) close() error {
	_, err := io.WriteString(c, "</stream:stream>")
	for err == nil {
		_, err = c.dec.Token()
	}
	c.Conn.Close()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// roomPresence is what openRooms reads of an answer to a join.
type roomPresence struct {
	XMLName xml.Name
	From    string `xml:"from,attr"`
	Type    string `xml:"type,attr"`
	Error   struct {
		Text string `xml:",innerxml"`
	} `xml:"error"`
	X []struct {
		Status []struct {
			Code int `xml:"code,attr"`
		} `xml:"status"`
	} `xml:"x"`
}

// self says that the presence is about the occupant who gets it (XEP-0045
// section 7.2.2).
func (p roomPresence) self() bool {
	for _, x := range p.X {
		for _, s := range x.Status {
			if s.Code == 110 {
				return true
			}
		}
	}
	return false
}

// openRooms joins and leaves each room; the servers are configured so that
// this leaves a persistent room behind.
func (l setupLink) openRooms(ctx context.Context, rooms []string) error {
	c, err := l.dial(ctx)
	if err != nil {
		return fmt.Errorf("open the rooms: %w", err)
	}
	for _, room := range rooms {
		err := c.presence(l, room, "", "<x xmlns='http://jabber.org/protocol/muc'/>")
		if err == nil {
			err = c.presence(l, room, "unavailable", "")
		}
		if err != nil {
			c.Conn.Close()
			return fmt.Errorf("open the room %s: %w", room, err)
		}
	}
	return c.close()
}

// presence sends a presence to the room and waits for its echo.
func (c *setupConn) presence(l setupLink, room, kind, payload string) error {
	nick := room + "/setup"
	attr := ""
	if kind != "" {
		attr = " type='" + kind + "'"
	}
	_, err := fmt.Fprintf(c, "<presence from='setup@%s/setup' to='%s'%s>%s</presence>", l.domain, nick, attr, payload)
	if err != nil {
		return err
	}
	for {
		e, err := c.start()
		if err != nil {
			return err
		}
		var p roomPresence
		if err := c.dec.DecodeElement(&p, &e); err != nil {
			return err
		}
		switch {
		case p.XMLName.Local != "presence":
		case p.Type == "error":
			return fmt.Errorf("the server refuses: %s", p.Error.Text)
		case p.From == nick && p.Type == kind && (p.self() || kind == "unavailable"):
			return nil
		}
	}
}
