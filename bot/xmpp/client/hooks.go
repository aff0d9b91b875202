package client

import (
	"context"
	"time"

	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
	"dragoman/internal/clock"
)

func confirmation(h uint32) *stream.Element {
	return stream.New(nsSM, "a").SetAttr("h", formatH(h))
}

// keepBooks gives a link what feeds the ledger.
func (c *Connector) keepBooks(link *xmpp.Link, conn *managedConn) {
	link.Wrote = conn.wrote
	link.Handling = func(*stream.Element) func() { return c.books.handling() }
	link.Nonza = c.onNonza
	link.Attend = c.tellLater
}

// onNonza answers the stream management elements of the server. It tells the
// server of no more than what is done with and committed; tellLater tells of the
// rest.
func (c *Connector) onNonza(ctx context.Context, s *stream.Session, e *stream.Element) {
	if e.Space != nsSM {
		return
	}
	switch e.Local {
	case "enabled":
		saved, _ := c.books.saved()
		c.cfg.Log.Debug("stream management", "resumable", saved.ID != "", "max", e.Attr("max"))
		c.telling.Lock()
		defer c.telling.Unlock()
		c.save(ctx)
	case "failed":
		c.cfg.Log.Warn("the server refuses stream management: what is under way when the connection breaks is lost", "account", c.jid)
	case "r":
		c.tell(ctx, s)
	case "a":
		if c.books.wantsAnswer() {
			c.send(ctx, s, stream.New(nsSM, "r"))
		}
	}
}

// gather is how long tellLater waits for more to tell of at once.
const gather = 200 * time.Millisecond

// tellLater tells the server unasked of what was done with only after it had
// asked. It asks again when it has more to say, which may be never, and would
// meanwhile bring again after a crash what was done long ago.
func (c *Connector) tellLater(ctx context.Context, s *stream.Session) {
	for {
		select {
		case <-c.books.in.news:
		case <-ctx.Done():
			return
		}
		if clock.Sleep(ctx, c.cfg.Clock, gather) != nil {
			return
		}
		c.tell(ctx, s)
	}
}

// tell tells the server how far we are.
func (c *Connector) tell(ctx context.Context, s *stream.Session) {
	c.telling.Lock()
	defer c.telling.Unlock()
	if h, ok := c.save(ctx); ok {
		c.send(ctx, s, confirmation(h))
	}
}

func (c *Connector) send(ctx context.Context, s *stream.Session, e *stream.Element) {
	if err := s.Send(ctx, e); err != nil {
		c.cfg.Log.Debug("stream management", "err", err)
	}
}

// save keeps how far we are before the server may forget it.
func (c *Connector) save(ctx context.Context) (h uint32, ok bool) {
	saved, ok := c.books.telling()
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
