package client

import (
	"context"

	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
)

func confirmation(h uint32) *stream.Element {
	return stream.New(nsSM, "a").SetAttr("h", formatH(h))
}

// keepBooks gives a link what feeds the ledger.
func (c *Connector) keepBooks(link *xmpp.Link, conn *managedConn) {
	link.Wrote = conn.wrote
	link.Handling = func(*stream.Element) func() { return c.books.handling() }
	link.Nonza = c.onNonza
}

// onNonza answers the stream management elements of the server. It tells the
// server of no more than what is done with and committed; the rest is told with
// the next request, and when the stream is closed.
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
// confirmed may have arrived or not, and is reported. Only where the server
// itself has said that it did not, the next session sends it again; but not to
// a room, which has to be joined first.
func (c *Connector) abandon() {
	left, absent := c.books.forget()
	var again, unclear []*stream.Element
	for _, e := range left {
		switch {
		case e.Local != "message":
			// Presence and IQs belong to the stream that ended: presence is
			// announced anew, and who asked an IQ knows.
		case absent && e.Attr("type") != "groupchat":
			again = append(again, e)
		default:
			unclear = append(unclear, e)
		}
	}
	c.books.carry(again)
	if len(again) > 0 {
		c.cfg.Log.Info("messages that the server certainly has not got wait for the next connection", "account", c.jid, "messages", len(again))
	}
	c.report(unclear)
}

// report tells of messages with an unknown outcome.
func (c *Connector) report(messages []*stream.Element) {
	if len(messages) == 0 {
		return
	}
	c.cfg.Log.Warn("the connection ended before the server confirmed what was sent: it may have arrived or not, and is not sent again",
		"account", c.jid, "messages", len(messages))
	if c.cfg.Unconfirmed != nil {
		c.cfg.Unconfirmed(messages)
	}
}
