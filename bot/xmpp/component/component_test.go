package component

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dragoman/bot/xmpp/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	header = "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' " +
		"xmlns:stream='http://etherx.jabber.org/streams' from='bot.chat.local' id='3BF96D32'>"
	secret = "opensesame"
	// proof is what sha1sum makes of the id of the stream and the secret.
	proof = "<handshake>af370d91f58929586ed4e0796ac3336f96ca3084</handshake>"
)

// serve plays a server for one connection: it reads the declaration and the
// header, says first, reads the proof, and says last. What the client sent is
// returned when it has closed.
func serve(t *testing.T, first, last string) (addr string, sent <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	got := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		r := bufio.NewReader(conn)
		decl, _ := r.ReadString('>')
		open, _ := r.ReadString('>')
		open = decl + open
		_, _ = io.WriteString(conn, first)
		if last == "" { // it has said all that it wanted to
			_ = conn.(*net.TCPConn).CloseWrite()
		} else {
			hash, _ := r.ReadString('>')
			end, _ := r.ReadString('>')
			open += hash + end
			_, _ = io.WriteString(conn, last)
		}
		rest, _ := io.ReadAll(r)
		got <- open + string(rest)
	}()
	return l.Addr().String(), got
}

func connect(t *testing.T, addr string) (func(), error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	link, err := New(Config{Domain: "bot.chat.local", Address: addr, Secret: secret}).Connect(ctx)
	if err != nil {
		return func() {}, err
	}
	return func() { link.Conn.Close() }, nil
}

func TestTheHandshakeProvesTheSecretWithoutSendingIt(t *testing.T) {
	addr, sent := serve(t, header, "<handshake/>")
	hangUp, err := connect(t, addr)
	if err != nil {
		t.Fatal(err)
	}
	hangUp()
	got := <-sent
	if !strings.Contains(got, "to='bot.chat.local'") && !strings.Contains(got, `to="bot.chat.local"`) {
		t.Errorf("the header names no domain: %s", got)
	}
	if !strings.Contains(got, proof) || strings.Contains(got, secret) {
		t.Errorf("sent %s, want %s and not the secret", got, proof)
	}
}

func TestARefusalIsTheServersOwn(t *testing.T) {
	refuse := func(condition string) string {
		return "<stream:error><" + condition + " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
	}
	for _, test := range []struct{ name, first, last, condition string }{
		{"wrong secret", header, refuse(stream.NotAuthorized), stream.NotAuthorized},
		{"second connection", header, refuse(stream.Conflict), stream.Conflict},
		{"unknown domain, said before the proof", header + refuse(stream.HostUnknown), "", stream.HostUnknown},
	} {
		addr, _ := serve(t, test.first, test.last)
		_, err := connect(t, addr)
		var refused *stream.Error
		if !errors.As(err, &refused) || refused.Condition != test.condition || !refused.Received {
			t.Errorf("%s: %v, want the server's %s", test.name, err, test.condition)
		}
	}
}

func TestWhatIsNoComponentPortIsCalledSo(t *testing.T) {
	for _, test := range []struct{ name, first, last, want string }{
		{"a client port", strings.Replace(header, "component:accept", "client", 1), "", "not a component port"},
		{"a web server", "HTTP/1.1 400 Bad Request\r\n\r\n", "", "no XMPP component stream"},
		{"closed at once", "", "", "no XMPP component stream"},
		{"closed after the header", header, "", "ended the handshake"},
		{"something else", header, "<message/>", "something else"},
		{"another name space", header, "<handshake xmlns='urn:x'/>", "something else"},
	} {
		addr, _ := serve(t, test.first, test.last)
		if _, err := connect(t, addr); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := connect(t, l.Addr().String()); err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestAServerThatSaysNothingIsGivenUp(t *testing.T) {
	for _, first := range []string{"", header} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, first)
			_, _ = io.Copy(io.Discard, conn) // ends when the client hangs up
		}()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err = New(Config{Domain: "bot.chat.local", Address: l.Addr().String(), Secret: secret}).Connect(ctx)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "in time") {
			t.Errorf("after %q and silence: %v", first, err)
		}
		<-gone
		l.Close()
	}
}
