package counterpart

import (
	"fmt"
	"slices"
	"time"
)

// FakeLine is the connection of one component to a [FakeXMPP], with all that
// can be done to it. A fault counts from the moment of the call in the order
// of the stream, so that the same calls and stanzas give the same bytes.
//
// What hurts one connection (Reset, CutRune, Garbage, HalfClose, StreamError,
// Blackhole) hurts the one that is there, each of them where there are more,
// and waits for the next where there is none. The other settings hold for
// every connection until they are changed.
type FakeLine struct {
	f      *FakeXMPP
	domain string
	secret string

	// All below is guarded by the lock of f.
	links   []*fakeLink       // after their handshake, oldest first
	pending []func(*fakeLink) // for the next link
	changed chan struct{}     // closed when links change; nil when nobody waits
	taken   int               // stanzas that came from the component

	delay               time.Duration
	readRate, writeRate int // bytes per second; 0 is all at once

	twice, count int // every nth stanza is sent twice; how many there were
	lose         int // stanzas to the component to throw away
	loseSent     int // stanzas of the component to throw away
	swallow      int // answers to the component to throw away
	swap         time.Duration
	held         []*elem // what waits for a stanza of somebody else
	holds        int     // number of times that something was held
}

// Connections is how many streams the component has: 0 or 1, and more only
// where a second one splits the stanzas.
func (l *FakeLine) Connections() int {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	return len(l.links)
}

// Taken is the number of stanzas that were taken from the component so far.
func (l *FakeLine) Taken() int {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	return l.taken
}

// Changed is closed when a stream of the component begins or ends after the
// call.
func (l *FakeLine) Changed() <-chan struct{} {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return l.changed
}

func (l *FakeLine) signal() {
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// each does something to the connections, or to the next.
func (l *FakeLine) each(do func(*fakeLink)) {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	if len(l.links) == 0 {
		l.pending = append(l.pending, do)
	}
	for _, link := range slices.Clone(l.links) {
		do(link)
	}
}

// Reset breaks the connection with a TCP RST after that many more bytes to the
// component, counted from the end of what is on its way already: so it falls
// into the middle of a stanza. Negative means at once, and what is on its way
// is lost. From the RST on the server knows that the component is away.
func (l *FakeLine) Reset(after int) { l.breakAt(after, endReset) }

// Close ends the connection like Reset, but in the ordinary way (FIN) and
// without a word.
func (l *FakeLine) Close(after int) { l.breakAt(after, endClose) }

func (l *FakeLine) breakAt(after int, end fakeEnd) {
	l.each(func(k *fakeLink) {
		if after < 0 {
			if end == endReset {
				k.abort()
			}
			k.finish()
			return
		}
		k.resetAt, k.resetBy = k.offset+int64(after), end
		if after == 0 {
			k.say("", endNot)
		}
	})
}

// CutRune ends the connection in the middle of the next character of more than
// one byte that goes to the component: by an RST, or in the ordinary way.
func (l *FakeLine) CutRune(reset bool) {
	l.each(func(k *fakeLink) {
		k.cut = endClose
		if reset {
			k.cut = endReset
		}
	})
}

// HalfClose ends our direction (FIN) and goes on taking what the component
// sends. What comes for the component is returned from then on.
func (l *FakeLine) HalfClose() { l.each(func(k *fakeLink) { k.say("", endHalf) }) }

// StreamError ends the stream with a condition of RFC 6120 section 4.9.3.
func (l *FakeLine) StreamError(condition, text string) {
	l.each(func(k *fakeLink) { k.refuse(condition, text) })
}

// Garbage sends raw text between two stanzas.
func (l *FakeLine) Garbage(text string) { l.each(func(k *fakeLink) { k.say(text, endNot) }) }

// Blackhole lets the connection stand still: nothing is read and nothing
// written any more, while TCP stays up and the server goes on believing in it.
// Another connection is not affected. What is sent to the component meanwhile
// is lost unless Heal comes in time.
func (l *FakeLine) Blackhole() {
	l.each(func(k *fakeLink) {
		if k.stalled == nil {
			k.stalled = make(chan struct{})
		}
	})
}

// Heal ends every Blackhole of this line: what was queued goes on.
func (l *FakeLine) Heal() {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	for k := range l.f.links {
		if k.line == l && k.stalled != nil {
			close(k.stalled)
			k.stalled = nil
		}
	}
}

// with changes a setting.
func (l *FakeLine) with(change func()) {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	change()
}

// SlowReader takes no more than that many bytes a second from the component; 0
// takes all.
func (l *FakeLine) SlowReader(perSecond int) { l.with(func() { l.readRate = perSecond }) }

// SlowWriter sends no more than that many bytes a second; 0 sends all at once.
func (l *FakeLine) SlowWriter(perSecond int) { l.with(func() { l.writeRate = perSecond }) }

// Delay holds each stanza to the component back for that long; the order
// stays.
func (l *FakeLine) Delay(d time.Duration) { l.with(func() { l.delay = d }) }

// DuplicateEvery sends each nth stanza to the component twice; 0 none.
func (l *FakeLine) DuplicateEvery(n int) { l.with(func() { l.twice, l.count = n, 0 }) }

// Lose throws away the next n stanzas to the component, and tells nobody.
func (l *FakeLine) Lose(n int) { l.with(func() { l.lose = n }) }

// LoseSent throws away the next n stanzas that the component sends, and tells
// nobody.
func (l *FakeLine) LoseSent(n int) { l.with(func() { l.loseSent = n }) }

// SwallowAnswers throws away the next n answers to IQs of the component.
func (l *FakeLine) SwallowAnswers(n int) { l.with(func() { l.swallow = n }) }

// Swap lets the next stanza to the component be overtaken by the first one
// between two other addresses, as XMPP allows: it keeps only the order between
// the same two (RFC 6120 section 10.1). If none comes within patience it goes
// on alone. It is lost if the component goes meanwhile.
func (l *FakeLine) Swap(patience time.Duration) { l.with(func() { l.swap = patience }) }

// Calm ends every setting; what Blackhole did stays for Heal.
func (l *FakeLine) Calm() {
	l.with(func() {
		l.delay, l.readRate, l.writeRate = 0, 0, 0
		l.twice, l.lose, l.loseSent, l.swallow, l.swap = 0, 0, 0, 0, 0
		l.release()
	})
}

// take makes a link the component's, or says why not. The caller holds the
// lock.
func (l *FakeLine) take(k *fakeLink) error {
	if len(l.links) > 0 {
		switch l.f.opts.Second {
		case KickNew:
			return &streamFault{"conflict", "Component already connected"}
		case KickOld:
			for _, old := range slices.Clone(l.links) {
				old.refuse("conflict", "Replaced by a new connection")
				old.leave()
			}
		}
	}
	k.line = l
	l.links = append(l.links, k)
	k.say("<handshake/>", endNot)
	pending := l.pending
	l.pending = nil
	for _, do := range pending {
		do(k)
	}
	l.signal()
	return nil
}

// drop takes a link off. The caller holds the lock.
func (l *FakeLine) drop(k *fakeLink) {
	if i := slices.Index(l.links, k); i >= 0 {
		l.links = slices.Delete(l.links, i, i+1)
		l.signal()
	}
}

// deliver sends a stanza to the component, as the faults let it. It reports
// false when the component is away. The caller holds the lock.
func (l *FakeLine) deliver(s *elem) bool {
	if len(l.links) == 0 {
		return false
	}
	switch {
	case l.lose > 0:
		l.lose--
		return true
	case l.swallow > 0 && s.local == "iq" && (s.attr("type") == "result" || s.attr("type") == "error"):
		l.swallow--
		return true
	case l.swap > 0 && len(l.held) == 0:
		l.hold(s)
		return true
	case len(l.held) > 0 && samePair(l.held[0], s):
		l.held = append(l.held, s)
		return true
	}
	l.transmit(s)
	l.release()
	return true
}

func samePair(a, b *elem) bool {
	return a.attr("from") == b.attr("from") && a.attr("to") == b.attr("to")
}

// hold keeps a stanza back until release, for the patience of swap.
func (l *FakeLine) hold(s *elem) {
	patience := l.swap
	l.swap = 0
	l.held = []*elem{s}
	l.holds++
	this := l.holds
	l.f.running.Go(func() {
		if l.f.sleep(patience, l.f.done) {
			l.with(func() {
				if l.holds == this {
					l.release()
				}
			})
		}
	})
}

// release sends what was held.
func (l *FakeLine) release() {
	held := l.held
	l.held = nil
	for _, s := range held {
		l.transmit(s)
	}
}

// transmit queues a stanza on one of the links.
func (l *FakeLine) transmit(s *elem) {
	if len(l.links) == 0 {
		return // it was held when the component went
	}
	k := l.links[0]
	if len(l.links) > 1 {
		k = l.links[l.f.rand.IntN(len(l.links))]
	}
	copies := 1
	if l.count++; l.twice > 0 && l.count%l.twice == 0 {
		copies = 2
	}
	xml := s.String()
	for range copies {
		if l.f.opts.Trace != nil {
			l.f.opts.Trace("<", l.domain, xml)
		}
		k.say(xml, endNot)
	}
}

// fromComponent takes one element of a component's stream. The caller holds
// the lock.
func (f *FakeXMPP) fromComponent(k *fakeLink, e *elem) {
	l := k.line
	if f.opts.Trace != nil {
		f.opts.Trace(">", l.domain, e.String())
	}
	if e.space != nsClient || e.local != "message" && e.local != "presence" && e.local != "iq" {
		k.refuse("unsupported-stanza-type", fmt.Sprintf("%q is no stanza", e.local))
		return
	}
	l.taken++
	if f.Like == "ejabberd" && (e.attr("from") == "" || e.attr("to") == "") {
		k.refuse("improper-addressing", "Missing 'to' or 'from' attribute")
		return
	}
	if e.attr("from") == "" {
		e.set("from", l.domain)
	}
	if splitJID(e.attr("from")).domain != l.domain {
		k.refuse("invalid-from", "Component tried to send from address that does not match its own domain")
		return
	}
	if l.loseSent > 0 {
		l.loseSent--
		return
	}
	f.route(e)
}
