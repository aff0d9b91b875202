package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

const (
	// dialTimeout bounds the attempt at one target, so that a silent one
	// leaves time for the next.
	dialTimeout = 5 * time.Second
	// maxTargets bounds how many hosts a domain can make us try.
	maxTargets = 10
)

// resolver is the part of net.Resolver that is used.
type resolver interface {
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
}

// target is a place where the server may be.
type target struct {
	addr   string // host:port
	direct bool   // TLS from the first byte
}

// targets are the places to try, in order.
func (c *Connector) targets(ctx context.Context) ([]target, error) {
	if c.cfg.Address != "" {
		return []target{{c.cfg.Address, c.cfg.TLS == DirectTLS}}, nil
	}
	direct, errDirect := c.lookup(ctx, "xmpps-client", c.cfg.TLS == StartTLS)
	start, errStart := c.lookup(ctx, "xmpp-client", c.cfg.TLS == DirectTLS)
	all := append(direct, start...)
	switch {
	case len(all) > 0:
		return all[:min(len(all), maxTargets)], nil
	case errors.Is(errStart, errNotOffered), c.cfg.TLS == DirectTLS && errors.Is(errDirect, errNotOffered):
		return nil, fmt.Errorf("%s: %w; if you know better, set address", c.host, errNotOffered)
	case ctx.Err() != nil:
		return nil, fmt.Errorf("the DNS did not say in time where %s is: %w", c.host, ctx.Err())
	}
	if c.cfg.TLS == DirectTLS {
		return []target{{net.JoinHostPort(c.host, "5223"), true}}, nil
	}
	return []target{{net.JoinHostPort(c.host, "5222"), false}}, nil
}

// errNotOffered is what a single SRV record with the target "." means.
var errNotOffered = errors.New("its SRV records say that it has no XMPP service for clients")

// lookup asks for one kind of SRV record. net.Resolver sorts by priority and
// shuffles by weight (RFC 2782). That there is none, or no DNS, is no error:
// the domain itself is tried then.
func (c *Connector) lookup(ctx context.Context, service string, skip bool) ([]target, error) {
	if skip || net.ParseIP(c.host) != nil {
		return nil, nil
	}
	_, records, err := c.resolver.LookupSRV(ctx, service, "tcp", c.host+".")
	if err != nil {
		c.cfg.Log.Debug("no SRV record", "service", service, "domain", c.host, "err", err)
	}
	if len(records) == 1 && records[0].Target == "." {
		return nil, errNotOffered
	}
	var found []target
	for _, r := range records {
		host := strings.TrimSuffix(r.Target, ".")
		if host == "" || r.Port == 0 {
			continue
		}
		found = append(found, target{
			addr:   net.JoinHostPort(host, strconv.Itoa(int(r.Port))),
			direct: service == "xmpps-client",
		})
	}
	return found, nil
}

// dial connects to the first target that answers, TLS included where it comes
// first. The error tells of every target.
func (c *Connector) dial(ctx context.Context) (net.Conn, target, error) {
	targets, err := c.targets(ctx)
	if err != nil {
		return nil, target{}, err
	}
	var failures []error
	for _, t := range targets {
		conn, err := c.dialOne(ctx, t)
		if err == nil {
			return conn, t, nil
		}
		failures = append(failures, fmt.Errorf("connect to %s: %w", t.addr, err))
		if ctx.Err() != nil {
			break
		}
	}
	return nil, target{}, errors.Join(failures...)
}

func (c *Connector) dialOne(ctx context.Context, t target) (net.Conn, error) {
	conn, err := c.dialer.DialContext(ctx, "tcp", t.addr)
	if err != nil {
		return nil, err
	}
	if c.cfg.TLS == NoTLS && !isLoopback(conn.RemoteAddr()) {
		conn.Close()
		return nil, errors.New("tls: none is for a server on this machine, and this address leads elsewhere; use tls: starttls")
	}
	if !t.direct {
		return conn, nil
	}
	secure, err := c.encrypt(ctx, conn, "xmpp-client")
	if err != nil {
		conn.Close()
		return nil, err
	}
	return secure, nil
}

func isLoopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}
