package client

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/xdg-go/scram"
)

// encrypt is the server's side of STARTTLS up to the stream after it.
func (p *peer) encrypt(cert tls.Certificate, change ...func(*tls.Config)) {
	p.open(tlsOffer)
	p.want("starttls")
	p.send("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
	p.handshake(cert, change...)
}

func (p *peer) handshake(cert tls.Certificate, change ...func(*tls.Config)) bool {
	cfg := &tls.Config{Certificates: []tls.Certificate{cert}}
	for _, f := range change {
		f(cfg)
	}
	secure := tls.Server(p.conn, cfg)
	p.conn = secure
	return secure.Handshake() == nil
}

func TestSTARTTLSAndDirectTLSLogIn(t *testing.T) {
	cert, pool := certificate(t, time.Hour, testDomain)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []TLSMode{"", StartTLS, DirectTLS} {
		t.Run("mode "+string(mode), func(t *testing.T) {
			addr := serve(t, func(p *peer) {
				if mode == DirectTLS {
					p.handshake(cert, func(c *tls.Config) { c.NextProtos = []string{"xmpp-client"} })
					if got := p.conn.(*tls.Conn).ConnectionState().NegotiatedProtocol; got != "xmpp-client" {
						t.Errorf("ALPN %q", got)
					}
				} else {
					p.encrypt(cert)
				}
				if from := p.open(mechanisms("SCRAM-SHA-256")).Attr("from"); from != "bot@chat.test" {
					t.Errorf("header on TLS is from %q", from)
				}
				p.send(sasl("success", p.converse(scramServer(t, scram.SHA256, minIterations).NewConversation())))
				p.open(bindOffer)
				p.bind()
				p.idle()
			})
			link := mustConnect(t, account(t, addr, func(c *Config) {
				c.TLS = mode
				if c.RootCAs = pool; mode == StartTLS {
					c.RootCAs, c.CAFile = nil, ca
				}
			}))
			if link.Own.String() != "bot@chat.test/dragoman" {
				t.Errorf("bound to %s", link.Own)
			}
		})
	}
}

func TestNameIsNotToldBeforeTLS(t *testing.T) {
	cert, pool := certificate(t, time.Hour, testDomain)
	addr := serve(t, func(p *peer) {
		if from := p.open(tlsOffer).Attr("from"); from != "" {
			t.Errorf("header before TLS is from %q", from)
		}
		p.want("starttls")
		p.send("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
		p.handshake(cert)
	})
	refuses(t, account(t, addr, func(c *Config) { c.TLS, c.RootCAs = StartTLS, pool }))
}

func TestBadCertificateSaysWhatToMend(t *testing.T) {
	good, pool := certificate(t, time.Hour, testDomain)
	other, otherPool := certificate(t, time.Hour, "localhost", "evil\x1b[31m.test")
	bare, barePool := certificate(t, time.Hour)
	old, oldPool := certificate(t, -time.Hour, testDomain)
	for name, tc := range map[string]struct {
		cert tls.Certificate
		pool *x509.CertPool
		says []string
	}{
		// The address is 127.0.0.1 and would fit localhost no better: what
		// counts is the domain.
		"another name":       {other, otherPool, []string{`"localhost"`, `"chat.test"`, "correct jid"}},
		"no name":            {bare, barePool, []string{"no name at all", `"chat.test"`}},
		"an unknown issuer":  {good, x509.NewCertPool(), []string{"ca_file", `"chat.test"`}},
		"an expired one":     {old, oldPool, []string{"not valid", "expired"}},
		"the system's trust": {good, nil, []string{"ca_file"}},
		"TLS 1.1":            {good, pool, []string{"TLS"}},
	} {
		for _, mode := range []TLSMode{StartTLS, DirectTLS} {
			t.Run(name+" "+string(mode), func(t *testing.T) {
				addr := serve(t, func(p *peer) {
					old := func(c *tls.Config) {
						if name == "TLS 1.1" {
							c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
						}
					}
					if mode == DirectTLS {
						p.handshake(tc.cert, old)
					} else {
						p.encrypt(tc.cert, old)
					}
					if n, err := p.conn.Read(make([]byte, 1)); err == nil {
						t.Errorf("%d bytes came over a connection that must not be trusted", n)
					}
				})
				refuses(t, account(t, addr, func(c *Config) { c.TLS, c.RootCAs = mode, tc.pool }), tc.says...)
			})
		}
	}
}

func TestThereIsNoWayBackToPlainText(t *testing.T) {
	cert, pool := certificate(t, time.Hour, testDomain)
	for name, tc := range map[string]struct {
		script func(*peer)
		says   string
	}{
		"STARTTLS not offered": {func(p *peer) {
			p.open(mechanisms("PLAIN", "SCRAM-SHA-1"))
			if e := p.next(); e != nil {
				t.Errorf("got %s without encryption", e)
			}
		}, "no encryption"},
		"STARTTLS refused": {func(p *peer) {
			p.open(tlsOffer)
			p.want("starttls")
			p.send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
			if e := p.next(); e != nil {
				t.Errorf("got %s without encryption", e)
			}
		}, "refuses to encrypt"},
		"plain text slipped in before the encryption": {func(p *peer) {
			p.open(tlsOffer)
			p.want("starttls")
			p.send("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><message/>")
			p.handshake(cert)
		}, "plain text between"},
	} {
		t.Run(name, func(t *testing.T) {
			refuses(t, account(t, serve(t, tc.script), func(c *Config) {
				c.TLS, c.RootCAs, c.AllowPlain = StartTLS, pool, true
			}), tc.says)
		})
	}
}

func TestDirectTLSToAPortWithoutSaysSo(t *testing.T) {
	addr := serve(t, func(p *peer) { p.send(header(testDomain)); p.conn.Read(make([]byte, 1)) })
	refuses(t, account(t, addr, func(c *Config) { c.TLS = DirectTLS }), "does not speak TLS", "starttls")
}
