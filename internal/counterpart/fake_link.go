package counterpart

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"dragoman/internal/clock"
)

// fakeTransport is a connection that can end in all the ways: *net.TCPConn and
// fakeConn.
type fakeTransport interface {
	net.Conn
	CloseWrite() error
	SetLinger(sec int) error
}

// fakeEnd is how a connection ends after a chunk.
type fakeEnd int

const (
	endNot   fakeEnd = iota
	endHalf          // our direction only
	endClose         // both, in the ordinary way
	endReset         // both, by a reset
)

// fakeChunk is something to write, or an end.
type fakeChunk struct {
	data string
	due  time.Time // not before
	end  fakeEnd
}

// fakeBacklog is how much a connection may be behind, in bytes, before the
// server gives it up, as ejabberd's max_fsm_queue does.
const fakeBacklog = 64 << 20

// fakeLink is one connection of a component. One goroutine reads and one
// writes.
type fakeLink struct {
	f    *FakeXMPP
	conn fakeTransport
	gone chan struct{} // closed when it is over
	wake chan struct{} // there is something to write

	// All below is guarded by the lock of f.
	line    *FakeLine // nil until the handshake
	queue   []fakeChunk
	backlog int   // bytes queued and not written
	offset  int64 // of the stream, after all that was ever queued
	resetAt int64 // where the stream breaks; -1 for nowhere
	resetBy fakeEnd
	cut     fakeEnd       // how to end inside of the next character; endNot for not
	stalled chan struct{} // nothing is read or written until it is closed; nil for go
	mute    bool          // nothing more is queued
	deaf    bool          // nothing more is handled
	over    bool
}

// say queues text, as far as the faults let it. The caller holds the lock.
func (l *fakeLink) say(text string, end fakeEnd) {
	if l.mute {
		return
	}
	if i := halfRune(text); l.cut != endNot && i >= 0 {
		text, end = text[:i], l.cut
	}
	if at := l.resetAt; at >= 0 && at <= l.offset+int64(len(text)) {
		text, end = text[:at-l.offset], l.resetBy
	}
	c := fakeChunk{data: text, end: end}
	if l.line != nil && l.line.delay > 0 {
		c.due = l.f.clock.Now().Add(l.line.delay)
	}
	l.queue = append(l.queue, c)
	l.offset += int64(len(text))
	l.backlog += len(text)
	if end != endNot {
		l.leave()
		l.mute, l.deaf = true, end != endHalf
	} else if l.backlog > fakeBacklog {
		l.abort()
	}
	select {
	case l.wake <- struct{}{}:
	default: // it is awake
	}
}

// leave takes the connection off its line: what comes for the component from
// now on has to find another way. The caller holds the lock.
func (l *fakeLink) leave() {
	if l.line != nil {
		l.line.drop(l)
	}
}

// refuse ends the stream with an error (RFC 6120 section 4.9). The caller
// holds the lock.
func (l *fakeLink) refuse(condition, text string) {
	e := el(nsStream, "error", el(nsStreams, condition))
	if text != "" {
		e.add(el(nsStreams, "text", text))
	}
	var b strings.Builder
	e.write(&b, nsStream)
	// The prefix is declared in the header, and what real servers use.
	xml := strings.Replace(strings.Replace(b.String(), "<error", "<stream:error", 1), "</error>", "</stream:error>", 1)
	l.say(xml+"</stream:stream>", endClose)
}

// abort resets the connection at once; what is queued is lost. The caller
// holds the lock.
func (l *fakeLink) abort() {
	if l.over {
		return
	}
	_ = l.conn.SetLinger(0)
	l.finish()
}

// finish ends the connection for good. The caller holds the lock.
func (l *fakeLink) finish() {
	if l.over {
		return
	}
	l.leave()
	l.over, l.mute, l.deaf, l.queue = true, true, true, nil
	close(l.gone)
	delete(l.f.links, l)
	l.conn.Close()
}

func (l *fakeLink) end() {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	l.finish()
}

// gate waits while the server or this connection stands still. It reports false
// when the connection is over.
func (l *fakeLink) gate() bool {
	for {
		l.f.mu.Lock()
		wait := l.stalled
		if wait == nil {
			wait = l.f.paused
		}
		l.f.mu.Unlock()
		if wait == nil {
			break
		}
		select {
		case <-wait:
		case <-l.gone:
			return false
		}
	}
	select {
	case <-l.gone:
		return false
	default:
		return true
	}
}

// write sends what is queued until an end.
func (l *fakeLink) write() {
	defer l.end()
	for {
		c, ok := l.take()
		if !ok || !l.f.sleep(c.due.Sub(l.f.clock.Now()), l.gone) || !l.gate() || !l.put(c.data) {
			return
		}
		switch c.end {
		case endHalf:
			_ = l.conn.CloseWrite()
		case endReset:
			l.drain()
			_ = l.conn.SetLinger(0)
			return
		case endClose:
			return
		}
	}
}

// drain waits until the peer's kernel has what was written, since a reset
// throws away what ours still holds. It takes real time, as the kernel does; in
// memory it takes none.
func (l *fakeLink) drain() {
	for range 200 {
		if unsent(l.conn) == 0 {
			return
		}
		t := clock.System{}.NewTimer(time.Millisecond)
		select {
		case <-t.C():
		case <-l.gone:
		}
	}
}

// take waits for the next chunk.
func (l *fakeLink) take() (fakeChunk, bool) {
	for {
		l.f.mu.Lock()
		if len(l.queue) > 0 {
			c := l.queue[0]
			l.queue[0] = fakeChunk{} // or its text stays in memory
			l.queue = l.queue[1:]
			l.backlog -= len(c.data)
			l.f.mu.Unlock()
			return c, true
		}
		l.f.mu.Unlock()
		select {
		case <-l.wake:
		case <-l.gone:
			return fakeChunk{}, false
		}
	}
}

// put writes at the pace of the line.
func (l *fakeLink) put(data string) bool {
	for data != "" {
		n, pause := l.pace(func(line *FakeLine) int { return line.writeRate }, len(data))
		if !l.f.sleep(pause, l.gone) || !l.gate() {
			return false
		}
		if _, err := io.WriteString(l.conn, data[:n]); err != nil {
			return false
		}
		data = data[n:]
	}
	return true
}

// pace is how many of n bytes may go through after which pause.
func (l *fakeLink) pace(rate func(*FakeLine) int, n int) (int, time.Duration) {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	perSecond := 0
	if l.line != nil {
		perSecond = rate(l.line)
	}
	if perSecond <= 0 {
		return n, 0
	}
	n = min(n, max(1, perSecond/10))
	return n, time.Duration(n) * time.Second / time.Duration(perSecond)
}

// fakeSlowReader reads from a link at the pace of its line.
type fakeSlowReader struct{ l *fakeLink }

func (r fakeSlowReader) Read(b []byte) (int, error) {
	n, pause := r.l.pace(func(line *FakeLine) int { return line.readRate }, len(b))
	if !r.l.gate() || !r.l.f.sleep(pause, r.l.gone) {
		return 0, net.ErrClosed
	}
	return r.l.conn.Read(b[:n])
}

// read shakes hands and handles what comes until the stream ends.
func (l *fakeLink) read() {
	r := newFakeReader(fakeSlowReader{l}, l.f.opts.StanzaLimit)
	err := l.handshake(r)
	for err == nil {
		var e *elem
		if e, err = r.next(); err == nil {
			if !l.gate() {
				return
			}
			l.f.mu.Lock()
			if !l.deaf {
				l.f.fromComponent(l, e)
			}
			l.f.mu.Unlock()
		}
	}
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	var fault *streamFault
	switch {
	case l.deaf: // the writer ends it
	case errors.As(err, &fault) && !l.mute:
		l.refuse(fault.condition, fault.text)
	case errors.Is(err, errStreamEnd) && !l.mute:
		l.say("</stream:stream>", endClose)
	default:
		l.finish()
	}
}

// handshake is that of XEP-0114 section 3. The stream is on its line when it
// returns nil.
func (l *fakeLink) handshake(r *fakeReader) error {
	header, err := r.header()
	if err != nil {
		return err
	}
	if !l.gate() {
		return net.ErrClosed
	}
	domain := header.attr("to")
	l.f.mu.Lock()
	line, id := l.f.lines[domain], l.f.id("s")
	l.say(fmt.Sprintf("<?xml version='1.0'?><stream:stream xmlns='%s' xmlns:stream='%s' from='%s' id='%s'>",
		nsComponent, nsStream, fakeAttrEscaper.Replace(domain), id), endNot)
	if line == nil && l.f.Like == "prosody" {
		err = &streamFault{"host-unknown", "This server does not serve " + domain}
	}
	l.f.mu.Unlock()
	if err != nil {
		return err
	}
	proof, err := r.next()
	if err != nil {
		return err
	}
	if !l.gate() {
		return net.ErrClosed
	}
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	if line == nil || proof.local != "handshake" || proof.text() != fmt.Sprintf("%x", sha1.Sum([]byte(id+line.secret))) {
		return &streamFault{"not-authorized", "Given token does not match calculated token"}
	}
	return line.take(l)
}
