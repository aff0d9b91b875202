package check

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/net/icmp"

	"dragoman/internal/clock"
)

// listener accepts connections, hands each to serve, and is gone with the test.
func listener(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

// closedPort is an address where nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// resolver asks a name server on loopback that answers every question with
// code, or not at all when code is -1.
func resolver(t *testing.T, code dnsmessage.RCode, silent bool) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 512)
		for {
			n, from, err := server.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if silent || m.Unpack(b[:n]) != nil {
				continue
			}
			answer := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, RCode: code}, Questions: m.Questions}
			if packed, err := answer.Pack(); err == nil {
				server.WriteTo(packed, from)
			}
		}
	}()
	t.Cleanup(func() { server.Close(); <-done })
	return newResolver(func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	})
}

// failing is a dialer whose connections end with err, or with their context
// when err is nil.
func failing(err error) *net.Dialer {
	return &net.Dialer{ControlContext: func(ctx context.Context, _, _ string, _ syscall.RawConn) error {
		if err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}}
}

func TestTCP(t *testing.T) {
	expect(t, run(t, Spec{Kind: "tcp", Target: listener(t, func(net.Conn) {})}, Deps{}), Up, "")
	expect(t, run(t, Spec{Kind: "tcp", Target: closedPort(t)}, Deps{}), Down, "connection refused")
}

func TestWhatTheOtherSideDidIsDownWhatThisSideLacksIsUnknown(t *testing.T) {
	for _, c := range []struct {
		err    error
		state  State
		detail string
	}{
		{nil, Down, "no answer in time"},
		{syscall.EHOSTUNREACH, Down, "host unreachable"},
		{syscall.ETIMEDOUT, Down, "no answer in time"},
		{syscall.ENETUNREACH, Unknown, "no route to that network from here"},
		{syscall.EADDRNOTAVAIL, Unknown, "no local address or port is free for it"},
		{syscall.EPERM, Unknown, "this machine does not permit the connection"},
		{syscall.EACCES, Unknown, "this machine does not permit the connection"},
		{syscall.EMFILE, Unknown, "too many open files here"},
		{errors.New("refused by policy: 10.0.0.1 hunter2"), Unknown, "cannot connect from here"},
	} {
		for kind, target := range map[string]string{"tcp": "127.0.0.1:1", "http": "http://127.0.0.1:1/"} {
			r := run(t, Spec{Kind: kind, Target: target, Timeout: 50 * time.Millisecond}, Deps{Dialer: failing(c.err)})
			expect(t, r, c.state, c.detail)
		}
	}
}

func TestANameThatDoesNotExistIsDownASilentNameServerIsUnknown(t *testing.T) {
	const lost = "the name cannot be looked up: no answer from the name server"
	for _, c := range []struct {
		name   string
		code   dnsmessage.RCode
		silent bool
		state  State
		detail string
	}{
		{"NXDOMAIN", dnsmessage.RCodeNameError, false, Down, "the name does not exist"},
		{"SERVFAIL", dnsmessage.RCodeServerFailure, false, Unknown, lost},
		{"silence", 0, true, Unknown, lost},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := Deps{Dialer: &net.Dialer{Resolver: resolver(t, c.code, c.silent)}}
			for kind, target := range map[string]string{"tcp": "web1.test.:22", "http": "http://web1.test.:80/", "icmp": "web1.test."} {
				r := run(t, Spec{Kind: kind, Target: target, Timeout: 200 * time.Millisecond}, d)
				expect(t, r, c.state, c.detail)
			}
		})
	}
}

func TestPingOfLoopback(t *testing.T) {
	for _, target := range []string{"127.0.0.1", "::1"} {
		r := run(t, Spec{Kind: "icmp", Target: target}, Deps{})
		switch {
		case r.Detail == icmpRemedy:
			t.Skip("ICMP is not permitted here: ", r.Detail)
		case target == "::1" && r.State == Unknown:
			t.Logf("no IPv6 loopback: %s", r.Detail)
		default:
			expect(t, r, Up, "")
			if r.Latency > 5*time.Second {
				t.Errorf("%s: latency %v", target, r.Latency)
			}
		}
	}
}

// No socket is trouble of this side.
func TestPingOverABrokenSocketIsNotDown(t *testing.T) {
	p := &pinger{host: "127.0.0.1", resolver: net.DefaultResolver, listen: func(string, string) (*icmp.PacketConn, error) {
		return nil, syscall.EMFILE
	}}
	expect(t, p.probe(t.Context()), Unknown, "cannot open a socket for ping here")
}

func TestPingWithoutPermissionIsUnknownAndSaysTheRemedy(t *testing.T) {
	var tried []string
	p := &pinger{host: "127.0.0.1", resolver: net.DefaultResolver, listen: func(network, _ string) (*icmp.PacketConn, error) {
		tried = append(tried, network)
		return nil, &net.OpError{Op: "listen", Err: os.NewSyscallError("socket", syscall.EPERM)}
	}}
	expect(t, p.probe(t.Context()), Unknown, icmpRemedy)
	if got := strings.Join(tried, " "); got != "udp4 ip4:icmp" {
		t.Errorf("tried %s", got)
	}
	for _, word := range []string{"ping_group_range", "CAP_NET_RAW"} {
		if !strings.Contains(icmpRemedy, word) {
			t.Errorf("the remedy lacks %s", word)
		}
	}
}

// A reply that does not hold the nonce of this check is somebody else's, and
// with no reply of its own the check ends when its context does.
func TestPingIgnoresForeignRepliesAndEndsWithItsContext(t *testing.T) {
	p := &pinger{listen: icmp.ListenPacket}
	s, err := p.open(loopback4)
	if err != nil {
		t.Skip("ICMP is not permitted here: ", err)
	}
	defer s.conn.Close()
	if err := s.send(1); err != nil {
		t.Fatal(err)
	}
	s.nonce = append([]byte(nil), s.nonce...)
	s.nonce[0]++
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	defer context.AfterFunc(ctx, func() { s.conn.SetDeadline(time.Unix(1, 0)) })()
	if err := s.await(1); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("await = %v, want the deadline", err)
	}
	expect(t, s.ping(ctx, clock.System{}), Down, "no answer in time")
}
