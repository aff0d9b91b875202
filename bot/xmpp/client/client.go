package client

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
)

// Connector implements xmpp.Connector for one account. It remembers the stream
// management session of its last Link, so the links of one account come from
// one Connector, one after the other: Connect is called when the last Link has
// ended.
type Connector struct {
	cfg      Config
	jid      stream.JID // bare
	host     string     // the domain in ASCII, as certificates and the DNS have it
	resolver resolver
	dialer   net.Dialer
	books    *ledger
	loaded   bool // the ResumeStore was asked
	// telling is held while the server is told how far we are, so that neither
	// it nor the ResumeStore hears of less after more.
	telling sync.Mutex
}

// New checks the configuration and reads the CAFile; it connects to nothing.
func New(cfg Config) (*Connector, error) {
	jid, host, err := cfg.check()
	if err != nil {
		return nil, err
	}
	return &Connector{
		cfg: cfg, jid: jid, host: host,
		resolver: net.DefaultResolver,
		dialer:   net.Dialer{Timeout: dialTimeout},
		books:    newLedger(cfg.Clock),
	}, nil
}

// Connect opens the stream and resumes the session of the last one where the
// server still has it. A login that was refused for good is a *xmpp.AuthError,
// what the server complained of on the stream a received *stream.Error.
func (c *Connector) Connect(ctx context.Context) (*xmpp.Link, error) {
	c.load(ctx)
	conn, where, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	// A context that ends unblocks every read and write of the negotiation.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	n := &negotiation{c: c, conn: conn, secure: where.direct}
	link, err := n.run(ctx)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err == nil {
		return link, nil
	}
	if n.managed != nil {
		_ = n.managed.Close()
	}
	_ = conn.Close()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%s at %s did not get through %s in time: %w", c.jid.Domain(), where.addr, n.step, ctx.Err())
	}
	return nil, fmt.Errorf("%s at %s: %w", n.step, where.addr, err)
}

// load asks the ResumeStore once for the session of an earlier process.
func (c *Connector) load(ctx context.Context) {
	if c.loaded || c.cfg.Resume == nil {
		return
	}
	c.loaded = true
	saved, err := c.cfg.Resume.Load(ctx, c.jid.String())
	if err != nil {
		c.cfg.Log.Warn("the XMPP session of an earlier run cannot be loaded; a new one begins", "err", err)
		return
	}
	own, err := stream.ParseJID(saved.Own)
	if saved.ID == "" || err != nil || own.Bare() != c.jid {
		return
	}
	c.books.restore(saved.ID, own, saved.Handled)
}
