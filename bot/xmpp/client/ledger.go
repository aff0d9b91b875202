package client

import (
	"fmt"
	"strconv"
	"sync"
	"time"

	"dragoman/bot/xmpp/stream"
	"dragoman/internal/clock"
)

// lateNotice is for how long after its end a session is asked for: the server
// counts 'max' from when it noticed the loss, which may be later than we did.
const lateNotice = 2 * time.Minute

// ledger keeps the books of one account's stream management session (XEP-0198)
// over all the connections that it lives through. Everything that arrives is
// entered by observe in the order of the wire, everything that leaves by wrote.
type ledger struct {
	clock clock.Clock

	mu    sync.Mutex
	phase phase
	id    string        // what the session can be resumed by, "" if it cannot
	own   stream.JID    // what it is bound to
	max   time.Duration // how long the server keeps it, 0 if it didn't say
	lost  time.Time     // when its last connection ended; zero while there is one
	in    inbound
	out   outbound
}

// phase is where the present connection stands.
type phase uint8

const (
	unmanaged phase = iota // nothing is counted
	enabling               // we count what we send, the server doesn't yet
	resuming               // we wait to hear whether the session goes on
	managed                // both sides count
)

func newLedger(c clock.Clock) *ledger {
	return &ledger{clock: c, out: outbound{room: make(chan struct{})}}
}

// restore takes over the session of an earlier process. How much that one had
// sent is not known; the server will say.
func (l *ledger) restore(id string, own stream.JID, handled uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.id, l.own = id, own
	l.in.handled = handled
	l.out.unknown = true
}

// connected begins a connection on which nothing is managed yet.
func (l *ledger) connected() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.phase = unmanaged
	l.in.reset(l.in.handled)
	l.out.asked = false
}

// resumable is the session to ask for, and how much of it is handled.
func (l *ledger) resumable() (id string, h uint32, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.max > 0 && !l.lost.IsZero() && l.clock.Now().Sub(l.lost) > l.max+lateNotice {
		return "", 0, false
	}
	return l.id, l.in.handled, l.id != ""
}

// resuming is called before the server is asked to resume.
func (l *ledger) resuming() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.phase = resuming
}

// enabling is called before the server is asked to begin a session.
func (l *ledger) enabling(own stream.JID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.phase = enabling
	l.id, l.own, l.max, l.lost = "", own, 0, time.Time{}
	l.out = outbound{room: l.out.room}
}

// continued is the address of the session that was resumed, and what has to be
// sent again.
func (l *ledger) continued() (stream.JID, []*stream.Element) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.own, l.out.pending()
}

// forget ends the session, which nobody can resume any more, and returns what
// the server had not confirmed.
func (l *ledger) forget() []*stream.Element {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.id = ""
	return l.out.drain()
}

// disconnected notes the end of the connection. The phase stays: a Session
// whose connection was closed may still hand over what it tries to write, and
// that is gone if it isn't entered.
func (l *ledger) disconnected() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost.IsZero() {
		l.lost = l.clock.Now()
	}
}

// wrote enters a stanza that is about to leave.
func (l *ledger) wrote(e *stream.Element) {
	if !stream.IsStanza(e) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.phase == managed || l.phase == enabling {
		l.out.wrote(e)
	}
}

// handled enters that one stanza more is done with.
func (l *ledger) handled() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.in.done()
}

// saved is the session as a ResumeStore keeps it, and whether there is one.
func (l *ledger) saved() (Saved, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Saved{ID: l.id, Own: l.own.String(), Handled: l.in.handled}, l.phase == managed
}

// wantsAnswer reports whether to ask the server how far it is: when there is
// something to confirm and it hasn't been asked. It will have been, then.
func (l *ledger) wantsAnswer() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.phase == unmanaged || l.phase == resuming || l.out.asked || l.out.written == 0 {
		return false
	}
	l.out.asked = true
	return true
}

// full returns nil while there is room for stanzas that are not confirmed, else
// a channel that is closed when something was confirmed.
func (l *ledger) full() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out.written <= maxUnconfirmed {
		return nil
	}
	return l.out.room
}

// observe enters a top-level element that arrived, or with big one beyond the
// limits. An error ends the stream.
func (l *ledger) observe(e *stream.Element, big *stream.TooBig) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case big != nil:
		if l.phase == managed && (big.Header == nil || stream.IsStanza(big.Header)) {
			l.in.arrived(false)
		}
	case stream.IsStanza(e):
		if l.phase == managed {
			l.in.arrived(isHandled(e))
		}
	case e.Space == nsSM:
		return l.observeSM(e)
	}
	return nil
}

func (l *ledger) observeSM(e *stream.Element) error {
	h, hasH := parseH(e.Attr("h"))
	switch {
	case e.Local == "enabled" && l.phase == enabling:
		l.phase = managed
		l.in.reset(0)
		if resume := e.Attr("resume"); resume == "true" || resume == "1" {
			l.id = e.Attr("id")
		}
		seconds, _ := strconv.ParseUint(e.Attr("max"), 10, 31)
		l.max = time.Duration(seconds) * time.Second
	case e.Local == "resumed" && l.phase == resuming:
		return l.observeResumed(e, h, hasH)
	case e.Local == "failed" && l.phase == resuming:
		l.phase = unmanaged
		l.id = ""
		if hasH { // it still knows how far it was
			_ = l.out.confirm(h)
		}
	case e.Local == "failed" && l.phase == enabling:
		l.phase = unmanaged
		l.out.drain()
	case e.Local == "a" && (l.phase == managed || l.phase == enabling):
		l.out.asked = false
		if !hasH {
			return &stream.Error{Condition: stream.BadFormat, Text: "an acknowledgement without a number"}
		}
		return l.end(l.out.confirm(h))
	}
	return nil
}

// observeResumed continues the session. The counts of both sides go on, and
// what the server hasn't got is sent again and counted again.
func (l *ledger) observeResumed(e *stream.Element, h uint32, hasH bool) error {
	if !hasH || e.Attr("previd") != l.id {
		return l.end(&stream.Error{Condition: stream.BadFormat, Text: "a resumption of another session"})
	}
	if err := l.out.resume(h); err != nil {
		return l.end(err)
	}
	l.phase = managed
	l.lost = time.Time{}
	l.in.reset(l.in.handled)
	return nil
}

// end makes a session whose books don't agree one that cannot be resumed.
func (l *ledger) end(err error) error {
	if err != nil {
		l.id = ""
	}
	return err
}

// isHandled reports whether a Session gives a stanza to its Handle: answers go
// to the one who asked, and IQs that are none are refused by the Session.
func isHandled(e *stream.Element) bool {
	if e.Local != "iq" {
		return true
	}
	t := e.Attr("type")
	return e.Attr("id") != "" && (t == "get" || t == "set")
}

func parseH(s string) (uint32, bool) {
	h, err := strconv.ParseUint(s, 10, 32)
	return uint32(h), err == nil
}

func formatH(h uint32) string { return strconv.FormatUint(uint64(h), 10) }

// tooHigh is the stream error for an h that confirms what was never sent,
// XEP-0198 section 6.
func tooHigh(h, sent uint32) *stream.Error {
	return &stream.Error{
		Condition: stream.UndefinedCondition,
		Text:      fmt.Sprintf("%d stanzas acknowledged, %d sent", h, sent),
		App: stream.New(nsSM, "handled-count-too-high").
			SetAttr("h", formatH(h)).SetAttr("send-count", formatH(sent)),
	}
}
