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

// maxID is how long the name of a session may be, XEP-0198 section 5.
const maxID = 4000

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
	return &ledger{clock: c, in: inbound{news: make(chan struct{}, 1)}, out: outbound{room: make(chan struct{})}}
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
	l.in.early = 0
	l.out.asked, l.out.answered = false, false
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

// enabling is called when the server is asked to begin a session, and returns
// what that has to begin with. Until the answer nothing may be sent, because
// what was lost then nobody could ask about.
func (l *ledger) enabling(own stream.JID) []*stream.Element {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.phase = enabling
	l.id, l.own, l.max, l.lost = "", own, 0, time.Time{}
	l.out = outbound{room: l.out.room, queue: l.out.queue, held: true}
	return l.out.pending()
}

// carry puts what certainly did not arrive in the last session into the next.
func (l *ledger) carry(queue []*stream.Element) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out.queue, l.out.written, l.out.held = queue, 0, true
}

// continued is the address of the session that was resumed, and what has to be
// sent again.
func (l *ledger) continued() (stream.JID, []*stream.Element) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.own, l.out.pending()
}

// forget ends the session, which nobody can resume any more, and returns what
// the server had not confirmed; absent says that it certainly has none of it.
func (l *ledger) forget() (left []*stream.Element, absent bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.id = ""
	absent = l.out.held
	return l.out.drain(), absent
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
	if l.counts() {
		l.out.wrote(e)
	}
}

// handling enters that a handler has got the next stanza. The function that it
// returns enters that the stanza is done with; it may be called by anybody and
// at any time, and after the end of the connection does nothing.
func (l *ledger) handling() (done func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.in.begin()
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.in.done(t)
	}
}

// saved is the session as a ResumeStore keeps it, and whether there is one.
func (l *ledger) saved() (Saved, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Saved{ID: l.id, Own: l.own.String(), Handled: l.in.handled}, l.phase == managed
}

// telling is saved for who tells the server.
func (l *ledger) telling() (Saved, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.in.owed = len(l.in.pending) > 0
	return Saved{ID: l.id, Own: l.own.String(), Handled: l.in.handled}, l.phase == managed
}

// wantsAnswer reports whether to ask the server how far it is: when there is
// something to confirm and it hasn't been asked. Who sends the request calls
// asked when it leaves.
func (l *ledger) wantsAnswer() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts() && !l.out.asked && l.out.written > 0
}

func (l *ledger) asked() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out.asked = true
}

// held returns nil when the connection may be written to, else a channel that
// is closed when that may have changed.
func (l *ledger) held() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.out.held || !l.counts() {
		return nil
	}
	return l.out.room
}

// caughtUp is called when all that has come is entered. Only then an answer
// counts as a sign that the stream goes on: Prosody confirms once more what it
// got right before it ends a stream with an error.
func (l *ledger) caughtUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out.answered && l.out.held {
		l.out.release()
	}
	l.out.answered = false
}

// unwritten takes back what was entered while the connection was held, and
// never written. The session is of no more use: if it is only the connection
// that broke a second time, a new one costs little.
func (l *ledger) unwritten() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out.held {
		l.out.written = 0
		l.id = ""
	}
}

// release ends the hold, since stanzas are about to be written. What is written
// before a session goes on is none of them.
func (l *ledger) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts() {
		l.out.held = false
	}
}

// counts reports whether what is sent on the present connection is entered.
func (l *ledger) counts() bool { return l.phase == managed || l.phase == enabling }

// overflows reports whether so much is unconfirmed that the connection has to
// end for it.
func (l *ledger) overflows() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.written > hardLimit
}

// full returns nil while there is room for stanzas that are not confirmed, else
// a channel that is closed when something was confirmed.
func (l *ledger) full() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out.written <= softLimit || !l.counts() {
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
	case stream.IsStanza(e) && l.phase == managed:
		l.in.arrived(isHandled(e))
	case stream.IsStanza(e) && l.phase == enabling && isHandled(e):
		l.in.early++
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
		l.out.release()
		if resume := e.Attr("resume"); (resume == "true" || resume == "1") && len(e.Attr("id")) <= maxID {
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
			_ = l.out.settle(h)
		}
	case e.Local == "failed" && l.phase == enabling:
		l.phase = unmanaged
		l.out.drain()
	case e.Local == "a" && l.counts():
		l.out.asked = false
		if !hasH {
			return &stream.Error{Condition: stream.BadFormat, Text: "an acknowledgement without a number"}
		}
		l.out.answered = true
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
	if err := l.out.settle(h); err != nil {
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
