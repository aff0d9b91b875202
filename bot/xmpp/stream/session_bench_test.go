package stream

import (
	"bufio"
	"context"
	"io"
	"net"
	"testing"
)

// BenchmarkSessionEcho is one message in, handled, and one message out over
// loopback TCP; the peer writes and counts bytes without parsing.
func BenchmarkSessionEcho(b *testing.B) {
	near, far := tcpPair(b)
	defer far.Close()
	var s *Session
	r := NewReader(near, DefaultLimits())
	cfg := Config{Handle: func(ctx context.Context, in *Element) {
		out := New(NSClient, "message", TextElement(NSClient, "body", in.ChildText(NSClient, "body"))).
			SetAttr("type", "chat").SetAttr("from", in.Attr("to")).SetAttr("to", in.Attr("from"))
		if err := s.Send(ctx, out); err != nil {
			b.Error(err)
		}
	}}
	s = NewSession(near, r, cfg)
	if _, err := far.Write([]byte(componentHeader)); err != nil {
		b.Fatal(err)
	}
	if _, err := r.Header(); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	over := make(chan error, 1)
	go func() { over <- s.Run(ctx) }()
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		w := bufio.NewWriterSize(far, 32<<10)
		for range b.N {
			_, _ = w.WriteString(typical)
		}
		_ = w.Flush()
	}()
	one := len("<message type='chat' from='bot@my.chat.local' to='john@chat.local/laptop'><body>get-status machine1</body></message>")
	if _, err := io.CopyN(io.Discard, far, int64(b.N*one)); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "stanzas/s")
	cancel()
	_ = far.Close()
	<-over
}

func tcpPair(tb testing.TB) (near, far net.Conn) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	if near, err = net.Dial("tcp", l.Addr().String()); err != nil {
		tb.Fatal(err)
	}
	if far, err = l.Accept(); err != nil {
		tb.Fatal(err)
	}
	return near, far
}
