package client

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
)

// fakeDNS answers SRV questions; a service that is not in it has no record.
type fakeDNS map[string][]*net.SRV

func (f fakeDNS) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if proto != "tcp" || name != testDomain+"." {
		return "", nil, errors.New("asked for " + name)
	}
	if r, ok := f[service]; ok {
		return name, r, nil
	}
	return "", nil, &net.DNSError{Err: "no such host", IsNotFound: true}
}

func TestTargetsFollowSRVRecords(t *testing.T) {
	xmpps := []*net.SRV{{Target: "a.test.", Port: 5223}, {Target: "b.test.", Port: 443}}
	xmpp := []*net.SRV{{Target: "c.test.", Port: 5222}}
	none := []*net.SRV{{Target: ".", Port: 0}}
	for name, tc := range map[string]struct {
		mode TLSMode
		dns  fakeDNS
		want string
	}{
		"direct TLS comes first":            {"", fakeDNS{"xmpps-client": xmpps, "xmpp-client": xmpp}, "a.test:5223! b.test:443! c.test:5222"},
		"STARTTLS alone":                    {StartTLS, fakeDNS{"xmpps-client": xmpps, "xmpp-client": xmpp}, "c.test:5222"},
		"direct TLS alone":                  {DirectTLS, fakeDNS{"xmpps-client": xmpps, "xmpp-client": xmpp}, "a.test:5223! b.test:443!"},
		"no record means the domain":        {"", fakeDNS{}, "chat.test:5222"},
		"no record means the domain's 5223": {DirectTLS, fakeDNS{}, "chat.test:5223!"},
		"a dot means none":                  {"", fakeDNS{"xmpps-client": none, "xmpp-client": none}, "error"},
		"a dot for direct TLS leaves 5222":  {"", fakeDNS{"xmpps-client": none}, "chat.test:5222"},
		"a dot beside real ones is no host": {"", fakeDNS{"xmpp-client": append(slices.Clone(xmpp), none...)}, "c.test:5222"},
	} {
		t.Run(name, func(t *testing.T) {
			c := account(t, "", func(c *Config) { c.TLS = tc.mode })
			c.resolver = tc.dns
			targets, err := c.targets(t.Context())
			var got []string
			for _, x := range targets {
				if x.direct {
					x.addr += "!"
				}
				got = append(got, x.addr)
			}
			if err != nil {
				got = []string{"error"}
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("targets = %v (%v), want %s", got, err, tc.want)
			}
		})
	}
}

func TestTargetsAreBounded(t *testing.T) {
	c := account(t, "", func(c *Config) { c.TLS = "" })
	c.resolver = fakeDNS{"xmpp-client": slices.Repeat([]*net.SRV{{Target: "a.test.", Port: 1}}, 500)}
	if got, err := c.targets(t.Context()); err != nil || len(got) != maxTargets {
		t.Errorf("%d targets, %v; want %d", len(got), err, maxTargets)
	}
}

func TestDialTriesTheNextTarget(t *testing.T) {
	addr := serve(t, func(p *peer) { p.conn.Read(make([]byte, 1)) })
	_, port, _ := net.SplitHostPort(addr)
	closed, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := closed.Addr().(*net.TCPAddr).Port
	closed.Close()
	live, _ := net.LookupPort("tcp", port)
	c := account(t, "", func(c *Config) { c.TLS = StartTLS })
	c.resolver = fakeDNS{"xmpp-client": {{Target: "127.0.0.1.", Port: uint16(dead)}, {Target: "127.0.0.1.", Port: uint16(live)}}}
	conn, where, err := c.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if where.addr != addr {
		t.Errorf("connected to %s, want %s", where.addr, addr)
	}

	c.resolver = fakeDNS{"xmpp-client": {{Target: "127.0.0.1.", Port: uint16(dead)}}}
	if _, _, err := c.dial(t.Context()); err == nil || !strings.Contains(err.Error(), "connect to 127.0.0.1:") {
		t.Errorf("dial = %v, want an error that names the target", err)
	}
}

func TestInternationalDomainIsAskedForInASCII(t *testing.T) {
	c, err := New(Config{JID: "bot@bücher.example", Password: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if c.host != "xn--bcher-kva.example" || c.jid.Domain() != "bücher.example" {
		t.Errorf("host %q, domain %q", c.host, c.jid.Domain())
	}
}
