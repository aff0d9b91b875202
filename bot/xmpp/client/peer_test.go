package client

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"log/slog"
	"math/big"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xdg-go/scram"
	"go.uber.org/goleak"

	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testDomain   = "chat.test"
	testPassword = "correct horse"
	bindOffer    = "<bind xmlns='" + stream.NSBind + "'/>"
	smOffer      = "<sm xmlns='" + nsSM + "'/>"
	tlsOffer     = "<starttls xmlns='" + stream.NSTLS + "'><required/></starttls>"
)

// peer is the server's end of one connection, played by a script.
type peer struct {
	t    testing.TB
	conn net.Conn
	r    *stream.Reader
	nth  int // connections before this one
}

// serve runs script for every connection to the address that it returns.
func serve(t testing.TB, script func(p *peer)) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	all.Go(func() {
		for n := 0; ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			all.Go(func() {
				defer conn.Close()
				script(&peer{t: t, conn: conn, nth: n})
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, c := range conns {
			c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return l.Addr().String()
}

// quit ends the script with a failure of the test.
func (p *peer) quit(format string, args ...any) {
	p.t.Errorf("the server's script: "+format, args...)
	runtime.Goexit()
}

func (p *peer) send(xml string) {
	if _, err := p.conn.Write([]byte(xml)); err != nil {
		p.quit("write %.60s: %v", xml, err)
	}
}

func header(from string) string {
	return "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='" + stream.NSStreams +
		"' id='s1' version='1.0' from='" + from + "'>"
}

// readHeader takes the client's.
func (p *peer) readHeader() *stream.Element {
	p.r = stream.NewReader(p.conn, stream.DefaultLimits())
	h, err := p.r.Header()
	if err != nil {
		p.quit("header: %v", err)
	}
	return h
}

// open takes the client's header and answers with features.
func (p *peer) open(features string) *stream.Element {
	h := p.readHeader()
	p.send(header(testDomain) + "<stream:features>" + features + "</stream:features>")
	return h
}

// next is the client's next element, nil at the end of the connection.
func (p *peer) next() *stream.Element {
	e, err := p.r.Next()
	if err != nil {
		return nil
	}
	return e
}

// want is the client's next element, which must have this name.
func (p *peer) want(local string) *stream.Element {
	e, err := p.r.Next()
	if err != nil {
		p.quit("waiting for <%s>: %v", local, err)
	}
	if e.Local != local {
		p.quit("got %s, want <%s>", e, local)
	}
	return e
}

// idle waits until the client hangs up.
func (p *peer) idle() {
	for p.next() != nil {
	}
}

func mechanisms(names ...string) string {
	return "<mechanisms xmlns='" + stream.NSSASL + "'><mechanism>" +
		strings.Join(names, "</mechanism><mechanism>") + "</mechanism></mechanisms>"
}

func sasl(local, data string) string {
	return "<" + local + " xmlns='" + stream.NSSASL + "'>" + base64.StdEncoding.EncodeToString([]byte(data)) + "</" + local + ">"
}

func (p *peer) data(e *stream.Element) string {
	b, err := base64.StdEncoding.DecodeString(e.Text())
	if err != nil {
		p.quit("base64 of %s: %v", e, err)
	}
	return string(b)
}

// scramServer knows the test's account.
func scramServer(t testing.TB, hash scram.HashGeneratorFcn, iterations int) *scram.Server {
	t.Helper()
	client, err := hash.NewClient("bot", testPassword, "")
	if err != nil {
		t.Fatal(err)
	}
	server, err := hash.NewServer(func(string) (scram.StoredCredentials, error) {
		return client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: "some salt", Iters: iterations})
	})
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// converse plays the server's side of SCRAM to the point where it would send
// its signature, which it returns.
func (p *peer) converse(c *scram.ServerConversation) string {
	first, err := c.Step(p.data(p.want("auth")))
	if err != nil {
		p.quit("client's first message: %v", err)
	}
	p.send(sasl("challenge", first))
	final, err := c.Step(p.data(p.want("response")))
	if err != nil {
		p.quit("client's final message: %v", err)
	}
	return final
}

// bind answers the client's binding.
func (p *peer) bind() {
	iq := p.want("iq")
	p.send("<iq type='result' id='" + iq.Attr("id") + "'><bind xmlns='" + stream.NSBind + "'><jid>bot@" + testDomain + "/" +
		iq.Child(stream.NSBind, "bind").ChildText(stream.NSBind, "resource") + "</jid></bind></iq>")
}

// logbook collects what is logged and fails the test if it tells the password.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func logTo(l *logbook) *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// unconfirmed is what a next link would have to replay.
func (l *ledger) unconfirmed() []*stream.Element {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.out.queue)
}

// account is a Connector for the account of the scripts at addr.
func account(t testing.TB, addr string, change ...func(*Config)) *Connector {
	t.Helper()
	log := &logbook{}
	cfg := Config{JID: "bot@" + testDomain, Password: testPassword, Address: addr, TLS: NoTLS,
		Log: logTo(log)}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if strings.Contains(log.String(), testPassword) {
			t.Errorf("the log tells the password:\n%s", log)
		}
		if t.Failed() {
			t.Logf("log of the client:\n%s", log)
		}
	})
	return c
}

func connect(t testing.TB, c *Connector) (*xmpp.Link, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	link, err := c.Connect(ctx)
	if err != nil {
		if strings.Contains(err.Error(), testPassword) {
			t.Errorf("the error tells the password: %v", err)
		}
		return nil, err
	}
	t.Cleanup(func() { link.Conn.Close() })
	return link, nil
}

func mustConnect(t testing.TB, c *Connector) *xmpp.Link {
	t.Helper()
	link, err := connect(t, c)
	if err != nil {
		t.Fatal(err)
	}
	return link
}

// refuses fails the test unless Connect fails and says every one of words.
func refuses(t testing.TB, c *Connector, words ...string) error {
	t.Helper()
	_, err := connect(t, c)
	if err == nil {
		t.Fatal("Connect succeeded")
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
	return err
}

// certificate is a self-signed one for names, good from a day before to the
// given time after now, and the pool that trusts it.
func certificate(t testing.TB, good time.Duration, names ...string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: names, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(good),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, pool
}
