package client

import (
	"errors"
	"fmt"

	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
)

// session resumes the last session or begins a new one.
func (n *negotiation) session(f features) (*xmpp.Link, error) {
	link := &xmpp.Link{Conn: n.conn}
	if id, h, ok := n.c.books.resumable(); ok && f.sm {
		n.step = "resuming the session"
		resumed, err := n.resume(link, id, h)
		if err != nil || resumed {
			return link, err
		}
	}
	n.c.abandon()
	n.step = "binding a resource"
	own, err := n.bind(f)
	if err != nil {
		return nil, err
	}
	link.Own, link.Reader = own, n.r
	if !f.sm {
		link.Replay, _ = n.c.books.forget()
		n.managed.along = nil // nothing to count
		n.c.cfg.Log.Warn("the server has no stream management (XEP-0198): what is under way when the connection breaks is lost",
			"account", n.c.jid)
		return link, nil
	}
	// The answer is not awaited: a stanza may come before it, and everything
	// that comes belongs to the link. The ledger watches for it.
	if err := n.send(stream.New(nsSM, "enable").SetAttr("resume", "true")); err != nil {
		return nil, err
	}
	link.Replay = n.c.books.enabling(own)
	n.c.keepBooks(link, n.managed)
	return link, nil
}

// resume asks for the session id of which we have handled h stanzas, XEP-0198
// section 5. False without an error means that the server hasn't got it.
func (n *negotiation) resume(link *xmpp.Link, id string, h uint32) (bool, error) {
	n.c.books.resuming()
	ask := stream.New(nsSM, "resume").SetAttr("previd", id).SetAttr("h", formatH(h))
	if err := n.send(ask); err != nil {
		return false, err
	}
	e, err := n.next()
	switch {
	case err != nil:
		return false, err
	case e.Is(nsSM, "failed"):
		n.c.cfg.Log.Info("the server has no longer the XMPP session of the last connection; a new one begins", "account", n.c.jid)
		return false, nil
	case !e.Is(nsSM, "resumed"):
		return false, fmt.Errorf("the server answered <%s> to the resumption", printable(e.Local))
	}
	link.Resumed, link.Reader = true, n.r
	link.Own, link.Replay = n.c.books.continued()
	n.c.keepBooks(link, n.managed)
	return true, n.managed.probe()
}

// bind asks for our resource, RFC 6120 section 7, and where somebody has it,
// for one of the server's choice.
func (n *negotiation) bind(f features) (stream.JID, error) {
	if !f.bind {
		return stream.JID{}, errors.New("the server offers no resource binding after the login")
	}
	own, err := n.bindAs(n.c.cfg.Resource)
	var refused *stream.StanzaError
	if errors.As(err, &refused) && refused.Condition == stream.Conflict {
		n.c.cfg.Log.Warn("another connection holds our resource and the server does not end it; taking another",
			"resource", n.c.cfg.Resource)
		own, err = n.bindAs("")
	}
	return own, err
}

func (n *negotiation) bindAs(resource string) (stream.JID, error) {
	bind := stream.New(stream.NSBind, "bind")
	if resource != "" {
		bind.Append(stream.TextElement(stream.NSBind, "resource", resource))
	}
	id := stream.NewID()
	if err := n.send(stream.New(stream.NSClient, "iq", bind).SetAttr("type", "set").SetAttr("id", id)); err != nil {
		return stream.JID{}, err
	}
	for range maxUnexpected {
		e, err := n.next()
		if err != nil {
			return stream.JID{}, err
		}
		if e.Is(stream.NSClient, "iq") && e.Attr("id") == id {
			return n.boundTo(e)
		}
	}
	return stream.JID{}, errors.New("the server does not answer the binding of a resource")
}

// boundTo reads the full address that the server gave us. It may have another
// resource than we wanted, but it must be of our account.
func (n *negotiation) boundTo(e *stream.Element) (stream.JID, error) {
	if refused := stream.ParseStanzaError(e); refused != nil {
		return stream.JID{}, fmt.Errorf("the server refuses the resource: %w", refused)
	}
	given := e.Child(stream.NSBind, "bind").ChildText(stream.NSBind, "jid")
	own, err := stream.ParseJID(given)
	if err != nil || own.Resource() == "" || own.Bare() != n.c.jid {
		return stream.JID{}, fmt.Errorf("the server bound us to %q, which is no resource of %s", printable(given), n.c.jid)
	}
	return own, nil
}
