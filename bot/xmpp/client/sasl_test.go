package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/xdg-go/scram"

	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
)

func TestSCRAMLogsInWithEveryHash(t *testing.T) {
	for name, hash := range map[string]scram.HashGeneratorFcn{
		"SCRAM-SHA-1": scram.SHA1, "SCRAM-SHA-256": scram.SHA256, "SCRAM-SHA-512": scram.SHA512,
	} {
		for _, late := range []bool{false, true} { // the signature in a last challenge, RFC 6120 6.4.6
			t.Run(name, func(t *testing.T) {
				addr := serve(t, func(p *peer) {
					p.open(mechanisms("PLAIN", name))
					final := p.converse(scramServer(t, hash, minIterations).NewConversation())
					if late {
						p.send(sasl("challenge", final))
						p.want("response")
						final = ""
					}
					p.send(sasl("success", final))
					p.open(bindOffer)
					p.bind()
					p.idle()
				})
				mustConnect(t, account(t, addr))
			})
		}
	}
}

func TestSCRAMBindsToTheTLSConnection(t *testing.T) {
	cert, pool := certificate(t, time.Hour, testDomain)
	for name, tc := range map[string]struct {
		version uint16
		listed  string
		binding func(*tls.ConnectionState) (scram.ChannelBinding, error)
	}{
		"tls-exporter": {tls.VersionTLS13, "tls-exporter", scram.NewTLSExporterBinding},
		"tls-unique": {tls.VersionTLS12, "", func(s *tls.ConnectionState) (scram.ChannelBinding, error) {
			return scram.NewTLSUniqueBinding(s.TLSUnique), nil
		}},
		"tls-server-end-point": {tls.VersionTLS13, "tls-server-end-point", func(*tls.ConnectionState) (scram.ChannelBinding, error) {
			return scram.NewTLSServerEndpointBinding(&tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert.Leaf}})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			addr := serve(t, func(p *peer) {
				p.encrypt(cert, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tc.version, tc.version })
				offer := mechanisms("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS")
				if tc.listed != "" {
					offer += "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='" + tc.listed + "'/></sasl-channel-binding>"
				}
				p.open(offer)
				state := p.conn.(*tls.Conn).ConnectionState()
				binding, err := tc.binding(&state)
				if err != nil || string(binding.Type) != name {
					p.quit("binding %q: %v", binding.Type, err)
				}
				server := scramServer(t, scram.SHA256, minIterations)
				p.send(sasl("success", p.converse(server.NewConversationWithChannelBindingRequired(binding))))
				p.open(bindOffer)
				p.bind()
				p.idle()
			})
			mustConnect(t, account(t, addr, func(c *Config) { c.TLS, c.RootCAs = StartTLS, pool }))
		})
	}
}

// A man in the middle who strips -PLUS from the offer gets the flag "y", which
// the real server refuses.
func TestStrippedBindingIsNoticedByTheServer(t *testing.T) {
	cert, pool := certificate(t, time.Hour, testDomain)
	addr := serve(t, func(p *peer) {
		p.encrypt(cert)
		p.open(mechanisms("SCRAM-SHA-256"))
		state := p.conn.(*tls.Conn).ConnectionState()
		binding, _ := scram.NewTLSExporterBinding(&state)
		says, err := scramServer(t, scram.SHA256, minIterations).NewConversationWithChannelBinding(binding).Step(p.data(p.want("auth")))
		if err == nil || says != scram.ErrServerDoesSupportChannelBinding {
			t.Errorf("the server said %q, %v", says, err)
		}
		p.send("<failure xmlns='" + stream.NSSASL + "'><not-authorized/></failure>")
	})
	refuses(t, account(t, addr, func(c *Config) { c.TLS, c.RootCAs = StartTLS, pool }), "not-authorized")
}

func TestServerHasToProveThatItKnowsThePassword(t *testing.T) {
	for name, success := range map[string]string{
		"no signature":       sasl("success", ""),
		"an empty one":       "<success xmlns='" + stream.NSSASL + "'>=</success>",
		"a wrong one":        sasl("success", "v=AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
		"an error":           sasl("success", "e=other-error"),
		"what is not base64": "<success xmlns='" + stream.NSSASL + "'>!</success>",
	} {
		t.Run(name, func(t *testing.T) {
			addr := serve(t, func(p *peer) {
				p.open(mechanisms("SCRAM-SHA-1"))
				p.converse(scramServer(t, scram.SHA1, minIterations).NewConversation())
				p.send(success)
				if e := p.next(); e != nil {
					t.Errorf("got %s after a success without proof", e)
				}
			})
			refuses(t, account(t, addr), "login")
		})
	}
	t.Run("success at once", func(t *testing.T) {
		addr := serve(t, func(p *peer) {
			p.open(mechanisms("SCRAM-SHA-1"))
			p.want("auth")
			p.send(sasl("success", ""))
			p.idle()
		})
		refuses(t, account(t, addr), "impostor")
	})
}

func TestRefusedLoginIsPermanentOrNot(t *testing.T) {
	for condition, permanent := range map[string]bool{
		"not-authorized": true, "account-disabled": true, "credentials-expired": true, "encryption-required": true,
		"invalid-authzid": true, "invalid-mechanism": true, "mechanism-too-weak": true, "malformed-request": true,
		"temporary-auth-failure": false, "aborted": false, "some-news": false, "": false,
	} {
		t.Run(condition, func(t *testing.T) {
			addr := serve(t, func(p *peer) {
				p.open(mechanisms("SCRAM-SHA-1"))
				p.want("auth")
				if condition == "" {
					p.send("<failure xmlns='" + stream.NSSASL + "'/>")
				} else {
					p.send("<failure xmlns='" + stream.NSSASL + "'><text>ask\nJoe</text><" + condition + "/></failure>")
				}
				p.idle()
			})
			err := refuses(t, account(t, addr), condition)
			var denied *xmpp.AuthError
			if errors.As(err, &denied) != permanent {
				t.Fatalf("error %v is permanent: %v", err, !permanent)
			}
			if permanent && (denied.Condition != condition || denied.Text != "ask Joe") {
				t.Errorf("AuthError = %+v", denied)
			}
		})
	}
}

func TestPLAINNeedsPermission(t *testing.T) {
	addr := serve(t, func(p *peer) {
		p.open(mechanisms("PLAIN"))
		e := p.next()
		if p.nth == 0 {
			if e != nil {
				t.Errorf("got %s without permission", e)
			}
			return
		}
		if got, want := p.data(e), "\x00bot\x00"+testPassword; got != want || e.Attr("mechanism") != "PLAIN" {
			t.Errorf("PLAIN = %q, want %q", got, want)
		}
		if p.nth == 2 {
			p.send(sasl("challenge", "what else?"))
			p.idle()
			return
		}
		p.send("<success xmlns='" + stream.NSSASL + "'/>")
		p.open(bindOffer)
		p.bind()
		p.idle()
	})
	refuses(t, account(t, addr), "invalid-mechanism", "allow_plain")
	c := account(t, addr, func(c *Config) { c.AllowPlain = true })
	mustConnect(t, c)
	refuses(t, c, "no questions")
}

func TestIterationsAreBounded(t *testing.T) {
	for name, tc := range map[string]struct {
		said  string
		least int
		says  string
	}{
		"too few":                  {"i=4095", 0, "4096 to 1000000"},
		"fewer than we were told":  {"i=9999", 10000, "10000 to 1000000"},
		"too many":                 {"i=1000001", 0, "iterations"},
		"more than an int":         {"i=99999999999999999999", 0, "iterations"},
		"negative":                 {"i=-4096", 0, "iterations"},
		"none":                     {"x=1", 0, "no iterations"},
		"allowed by configuration": {"i=1000", 1000, ""},
	} {
		t.Run(name, func(t *testing.T) {
			addr := serve(t, func(p *peer) {
				p.open(mechanisms("SCRAM-SHA-1"))
				_, nonce, _ := strings.Cut(p.data(p.want("auth")), "r=")
				p.send(sasl("challenge", "r="+nonce+"server,s=c2FsdA==,"+tc.said))
				e := p.next()
				if answered := e != nil; answered != (tc.says == "") {
					t.Errorf("answered: %v", answered)
				}
			})
			refuses(t, account(t, addr, func(c *Config) { c.MinIterations = tc.least }), tc.says)
		})
	}
}

func TestChallengesAreBounded(t *testing.T) {
	t.Run("in number", func(t *testing.T) {
		addr := serve(t, func(p *peer) {
			p.open(mechanisms("SCRAM-SHA-1"))
			final := p.converse(scramServer(t, scram.SHA1, minIterations).NewConversation())
			for range 2 * maxRounds {
				p.conn.Write([]byte(sasl("challenge", final)))
			}
			p.idle()
		})
		refuses(t, account(t, addr), "login")
	})
	t.Run("in size", func(t *testing.T) {
		addr := serve(t, func(p *peer) {
			p.open(mechanisms("SCRAM-SHA-1"))
			p.want("auth")
			p.send(sasl("challenge", strings.Repeat("x", maxChallenge+1)))
			p.idle()
		})
		refuses(t, account(t, addr), "challenge of")
	})
}

func TestPasswordThatSASLprepRefusesIsUsedAsItIs(t *testing.T) {
	c := account(t, "127.0.0.1:1", func(c *Config) { c.Password = "pass\U0001FAE9word" })
	m, err := c.mechanism(choice{mechanism: "SCRAM-SHA-1", hash: scram.SHA1})
	if err != nil {
		t.Fatal(err)
	}
	if first, err := m.first(); err != nil || !strings.HasPrefix(first, "n,,n=bot,r=") {
		t.Errorf("first message %q, %v", first, err)
	}
}

// Whatever a server says first, it makes us hash neither more nor less than
// the bounds allow, and proves nothing.
func FuzzServerFirst(f *testing.F) {
	f.Add("s=c2FsdA==,i=4096", true)
	f.Add("s=c2FsdA==,i=1000000000", true)
	f.Add("r=x,s=c2FsdA==,i=4096,v=", false)
	f.Add("v=,,i=1", false) // an empty signature after a failure
	f.Add("m=ext,r=x,s=,i=4096", false)
	f.Fuzz(func(t *testing.T, rest string, withNonce bool) {
		s := &scramLogin{least: 1}
		client, err := scram.SHA1.NewClient("bot", testPassword, "")
		if err != nil {
			t.Fatal(err)
		}
		s.conversation = client.WithMinIterations(1).NewConversation()
		first, _ := s.first()
		if withNonce {
			_, nonce, _ := strings.Cut(first, "r=")
			rest = "r=" + nonce + "s," + rest
		}
		start := time.Now()
		response, err := s.answer(rest)
		if err == nil && checkServerFirst(rest, 1) != nil {
			t.Fatalf("answered %q to %q, which is out of bounds", response, rest)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Fatalf("%q took %v", rest, took)
		}
		if s.proven() == nil {
			t.Fatalf("%q proves something", rest)
		}
		if _, err := s.answer(rest); err == nil && s.proven() == nil {
			t.Fatalf("%q twice proves something", rest)
		}
	})
}
