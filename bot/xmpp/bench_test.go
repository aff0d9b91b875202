package xmpp_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/access"
	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
)

// tape is a connection without a network: what the benchmark feeds is read,
// and what the bot writes is only counted.
type tape struct {
	in      chan []byte
	rest    []byte
	replies chan int // ends of messages in each write
	once    sync.Once
	closed  chan struct{}
}

func newTape() *tape {
	return &tape{in: make(chan []byte, 64), replies: make(chan int, 4096), closed: make(chan struct{})}
}

func (c *tape) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		select {
		case c.rest = <-c.in:
		case <-c.closed:
			return 0, io.EOF
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *tape) Write(p []byte) (int, error) {
	if n := bytes.Count(p, []byte("</message>")); n > 0 {
		c.replies <- n
	}
	return len(p), nil
}

func (c *tape) Close() error                     { c.once.Do(func() { close(c.closed) }); return nil }
func (c *tape) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *tape) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *tape) SetDeadline(time.Time) error      { return nil }
func (c *tape) SetReadDeadline(time.Time) error  { return nil }
func (c *tape) SetWriteDeadline(time.Time) error { return nil }

// Connect implements xmpp.Connector.
func (c *tape) Connect(context.Context) (*xmpp.Link, error) {
	r, err := reader(c)
	return &xmpp.Link{Conn: c, Reader: r}, err
}

// BenchmarkMessage is one stanza in, through the transport and the whole core,
// and one out. "alone" waits for each answer; "many" keeps 256 people waiting.
func BenchmarkMessage(b *testing.B) {
	for name, people := range map[string]int{"alone": 1, "many": 256} {
		b.Run(name, func(b *testing.B) { benchmarkMessage(b, people) })
	}
}

func benchmarkMessage(b *testing.B, people int) {
	c := newTape()
	wire := xmpp.New(xmpp.Config{Main: stream.MustParse(mainJID), WholeDomain: true, Nick: "dragoman", Prefix: "!",
		Connector: c, Log: slog.New(slog.DiscardHandler)})
	core, err := bot.New(bot.Config{Name: "dragoman", Access: access.New(nil)})
	if err == nil {
		err = core.Add(skill{&calls{by: map[string]int{}}})
	}
	if err == nil {
		err = core.Attach(wire)
	}
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- core.Run(ctx) }()
	// The canaries go out first, and they come home.
	for sent := 0; sent < 20; sent += <-c.replies {
	}

	stanzas := make([][]byte, 2*people) // two of each, since the core ignores a repetition
	for i := range stanzas {
		stanzas[i] = fmt.Appendf(nil, "<message from='person%d@chat.local/phone' to='%s' type='chat' id='%s%03d' xml:lang='en'>"+
			"<body>echo all is well</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>", i%people, mainJID, strings.Repeat("i", 20), i)
	}
	b.ReportAllocs()
	next, waiting := 0, 0
	for b.Loop() {
		for waiting >= people {
			waiting -= <-c.replies
		}
		c.in <- stanzas[next%len(stanzas)]
		next++
		waiting++
		if people == 1 {
			waiting -= <-c.replies
		}
	}
	for waiting > 0 {
		waiting -= <-c.replies
	}
	b.StopTimer()
	cancel()
	<-ended
}
