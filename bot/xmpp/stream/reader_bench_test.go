package stream

import (
	"bytes"
	"testing"
)

const clientHeader = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1' version='1.0'>"

const componentHeader = "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='1' from='bot.chat.test'>"

// typical is a chat message as servers deliver it, 224 bytes.
const typical = "<message from='john@chat.local/laptop' to='bot@my.chat.local' type='chat' id='b7c1f0aa-31'>" +
	"<body>get-status machine1</body><active xmlns='http://jabber.org/protocol/chatstates'/>" +
	"<request xmlns='urn:xmpp:receipts'/></message>"

// endless repeats one text for ever.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		k := copy(p[n:], e.text[e.at:])
		n += k
		e.at = (e.at + k) % len(e.text)
	}
	return n, nil
}

func BenchmarkReader(b *testing.B) {
	r := NewReader(&chain{[]byte(clientHeader), &endless{text: typical}}, DefaultLimits())
	if _, err := r.Header(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(typical)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Next(); err != nil {
			b.Fatal(err)
		}
	}
}

// chain gives first, then what follows.
type chain struct {
	first []byte
	then  *endless
}

func (c *chain) Read(p []byte) (int, error) {
	if len(c.first) > 0 {
		n := copy(p, c.first)
		c.first = c.first[n:]
		return n, nil
	}
	return c.then.Read(p)
}

func BenchmarkRender(b *testing.B) {
	r := NewReader(bytes.NewReader([]byte(componentHeader+typical)), DefaultLimits())
	if _, err := r.Header(); err != nil {
		b.Fatal(err)
	}
	e, err := r.Next()
	if err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		buf = e.AppendXML(buf[:0], NSComponent)
	}
}
