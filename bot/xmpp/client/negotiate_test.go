package client

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"dragoman/bot/xmpp/stream"
)

func TestStreamOfTheWrongKindIsRefused(t *testing.T) {
	features := "<stream:features>" + mechanisms("SCRAM-SHA-1") + "</stream:features>"
	for name, tc := range map[string]struct{ answer, says string }{
		"another domain":       {header("evil.test") + features, `"evil.test"`},
		"no domain":            {strings.Replace(header(testDomain), " from='chat.test'", "", 1) + features, `not the "chat.test"`},
		"before XMPP 1.0":      {strings.Replace(header(testDomain), "' version='1.0'", "'", 1) + features, "version"},
		"version 2":            {strings.Replace(header(testDomain), "' version='1.0'", "' version='2.0'", 1) + features, "version"},
		"a component port":     {strings.Replace(header(testDomain), "jabber:client", "jabber:component:accept", 1) + features, "not the port for clients"},
		"not XMPP":             {"HTTP/1.1 400 Bad Request\r\n\r\n", "no XMPP stream"},
		"no features":          {header(testDomain) + "<message/>", "<message>"},
		"too much of it":       {header(testDomain) + "<stream:features>" + strings.Repeat("<x/>", 20000) + "</stream:features>", "more bytes"},
		"the end at once":      {header(testDomain) + "</stream:stream>", "ended the exchange"},
		"nothing to log in to": {header(testDomain) + "<stream:features/>", "offers nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			addr := serve(t, func(p *peer) {
				p.readHeader()
				p.conn.Write([]byte(tc.answer)) // the client may hang up in the middle
				if e := p.next(); e != nil {
					t.Errorf("got %s", e)
				}
			})
			refuses(t, account(t, addr), tc.says, addr)
		})
	}
}

func TestStreamErrorSurfacesAtEveryStep(t *testing.T) {
	steps := map[string]func(p *peer){
		"instead of features": func(p *peer) { p.readHeader(); p.send(header("")) },
		"during login":        func(p *peer) { p.open(mechanisms("SCRAM-SHA-1")); p.want("auth") },
		"after login": func(p *peer) {
			p.open(mechanisms("PLAIN"))
			p.want("auth")
			p.send("<success xmlns='" + stream.NSSASL + "'/>")
			p.readHeader()
			p.send(header(testDomain))
		},
		"during binding": func(p *peer) {
			p.open(mechanisms("PLAIN"))
			p.want("auth")
			p.send("<success xmlns='" + stream.NSSASL + "'/>")
			p.open(bindOffer)
			p.want("iq")
		},
	}
	for name, step := range steps {
		for condition, content := range map[string]string{
			stream.HostUnknown: "", stream.SystemShutdown: "", stream.Conflict: "", stream.SeeOtherHost: "other.test:5222\n",
		} {
			t.Run(name+" "+condition, func(t *testing.T) {
				addr := serve(t, func(p *peer) {
					step(p)
					p.send("<stream:error><" + condition + " xmlns='" + stream.NSStreamErrors + "'>" + content + "</" + condition + "></stream:error></stream:stream>")
					p.idle()
				})
				err := refuses(t, account(t, addr, func(c *Config) { c.AllowPlain = true }), condition)
				var told *stream.Error
				if !errors.As(err, &told) || !told.Received || told.Condition != condition {
					t.Errorf("error %v", err)
				}
				if condition == stream.SeeOtherHost && !strings.Contains(err.Error(), `"other.test:5222 "`) {
					t.Errorf("error %q does not name the other host", err)
				}
			})
		}
	}
}

// plainLogin is a login that costs no hashing.
func plainLogin(p *peer, features string) {
	p.open(mechanisms("PLAIN"))
	p.want("auth")
	p.send("<success xmlns='" + stream.NSSASL + "'/>")
	p.open(features)
}

func plainAccount(t testing.TB, addr string, change ...func(*Config)) *Connector {
	return account(t, addr, append(change, func(c *Config) { c.AllowPlain = true })...)
}

func TestServerThatStallsAtAnyStepIsLeftWithTheContext(t *testing.T) {
	for name, step := range map[string]func(p *peer){
		"at once":         func(*peer) {},
		"before features": func(p *peer) { p.readHeader(); p.send(header(testDomain)) },
		"within an element": func(p *peer) {
			p.readHeader()
			p.send(header(testDomain) + "<stream:features><mechanisms")
		},
		"in the login": func(p *peer) { p.open(mechanisms("PLAIN")); p.want("auth") },
		"after login": func(p *peer) {
			p.open(mechanisms("PLAIN"))
			p.want("auth")
			p.send("<success xmlns='" + stream.NSSASL + "'/>")
		},
		"in the binding": func(p *peer) { plainLogin(p, bindOffer); p.want("iq") },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			addr := serve(t, func(p *peer) {
				step(p)
				cancel() // stands for the time limit; the step before is through
				_, _ = io.Copy(io.Discard, p.conn)
			})
			_, err := plainAccount(t, addr).Connect(ctx)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Connect = %v, want the context's error", err)
			}
		})
	}
	t.Run("in the TLS handshake", func(t *testing.T) {
		for _, mode := range []TLSMode{StartTLS, DirectTLS} {
			ctx, cancel := context.WithCancel(t.Context())
			addr := serve(t, func(p *peer) {
				if mode == StartTLS {
					p.open(tlsOffer)
					p.want("starttls")
					p.send("<proceed xmlns='" + stream.NSTLS + "'/>")
				}
				p.conn.Read(make([]byte, 1))
				cancel()
				_, _ = io.Copy(io.Discard, p.conn)
			})
			if _, err := account(t, addr, func(c *Config) { c.TLS = mode }).Connect(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: Connect = %v, want the context's error", mode, err)
			}
		}
	})
	t.Run("with a dead address", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
		defer cancel()
		if _, err := account(t, "127.0.0.1:9").Connect(ctx); err == nil {
			t.Error("Connect succeeded")
		}
	})
}

func TestBindingTakesTheServersResourceAndNothingElse(t *testing.T) {
	for name, tc := range map[string]struct{ answer, want string }{
		"ours":               {"<iq type='result' id='ID'><bind xmlns='NS'><jid>bot@chat.test/dragoman</jid></bind></iq>", "bot@chat.test/dragoman"},
		"another":            {"<iq type='result' id='ID'><bind xmlns='NS'><jid>bot@chat.test/4f</jid></bind></iq>", "bot@chat.test/4f"},
		"other things first": {"<presence/><iq type='result' id='other'/><iq type='result' id='ID'><bind xmlns='NS'><jid>bot@chat.test/x</jid></bind></iq>", "bot@chat.test/x"},
		"another account":    {"<iq type='result' id='ID'><bind xmlns='NS'><jid>eve@chat.test/x</jid></bind></iq>", "error eve@chat.test"},
		"no resource":        {"<iq type='result' id='ID'><bind xmlns='NS'><jid>bot@chat.test</jid></bind></iq>", "error no resource"},
		"no address":         {"<iq type='result' id='ID'/>", "error bound us"},
		"a refusal":          {"<iq type='error' id='ID'><error type='cancel'><not-allowed xmlns='" + stream.NSStanzas + "'/></error></iq>", "error not-allowed"},
		"never an answer":    {strings.Repeat("<presence/>", 2*maxUnexpected), "error does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			addr := serve(t, func(p *peer) {
				plainLogin(p, bindOffer)
				id := p.want("iq").Attr("id")
				p.conn.Write([]byte(strings.NewReplacer("ID", id, "NS", stream.NSBind).Replace(tc.answer)))
				p.idle()
			})
			c := plainAccount(t, addr)
			if says, ok := strings.CutPrefix(tc.want, "error "); ok {
				refuses(t, c, says)
				return
			}
			link := mustConnect(t, c)
			if link.Own.String() != tc.want || link.Resumed || link.Wrote != nil {
				t.Errorf("link of %s", link.Own)
			}
		})
	}
	t.Run("not offered", func(t *testing.T) {
		addr := serve(t, func(p *peer) { plainLogin(p, smOffer); p.idle() })
		refuses(t, plainAccount(t, addr), "no resource binding")
	})
}

func TestBindingTakesAnotherResourceWhenOursIsHeld(t *testing.T) {
	addr := serve(t, func(p *peer) {
		plainLogin(p, bindOffer)
		iq := p.want("iq")
		p.send("<iq type='error' id='" + iq.Attr("id") + "'><error type='modify'><conflict xmlns='" + stream.NSStanzas + "'/></error></iq>")
		iq = p.want("iq")
		if iq.Child(stream.NSBind, "bind").Child(stream.NSBind, "resource") != nil {
			t.Errorf("asked for a resource again: %s", iq)
		}
		p.send("<iq type='result' id='" + iq.Attr("id") + "'><bind xmlns='" + stream.NSBind + "'><jid>bot@chat.test/other</jid></bind></iq>")
		p.idle()
	})
	if link := mustConnect(t, plainAccount(t, addr)); link.Own.Resource() != "other" {
		t.Errorf("bound to %s", link.Own)
	}
}

func TestStanzaBeforeTheStreamBeginsAnewIsRefused(t *testing.T) {
	addr := serve(t, func(p *peer) {
		p.open(mechanisms("PLAIN"))
		p.want("auth")
		p.send("<success xmlns='" + stream.NSSASL + "'/><message from='admin@chat.test'/>")
		p.idle()
	})
	refuses(t, plainAccount(t, addr), "said more than it may")
}
