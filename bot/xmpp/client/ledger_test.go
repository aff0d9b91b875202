package client

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"dragoman/bot/xmpp/stream"
	"dragoman/internal/clock"
)

func sm(local string, attrs ...string) *stream.Element {
	e := stream.New(nsSM, local)
	for i := 0; i < len(attrs); i += 2 {
		e.SetAttr(attrs[i], attrs[i+1])
	}
	return e
}

// managedLedger is past <enabled/> of the session "s1".
func managedLedger(t testing.TB) (*ledger, *clock.Fake) {
	t.Helper()
	c := clock.NewFake(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	l := newLedger(c)
	l.connected()
	l.enabling(stream.MustParse("bot@chat.test/x"))
	see(t, l, sm("enabled", "resume", "true", "id", "s1", "max", "60"))
	return l, c
}

func see(t testing.TB, l *ledger, elements ...*stream.Element) {
	t.Helper()
	for _, e := range elements {
		if err := l.observe(e, nil); err != nil {
			t.Fatalf("%s: %v", e, err)
		}
	}
	l.caughtUp()
}

func someMessages(n int) []*stream.Element {
	list := make([]*stream.Element, n)
	for i := range list {
		list[i] = chat("john@chat.test", "x")
	}
	return list
}

func TestConfirmedIsForgottenAndTheRestReplayedInOrder(t *testing.T) {
	l, _ := managedLedger(t)
	m := someMessages(5)
	for _, e := range m {
		l.wrote(e)
	}
	l.wrote(sm("r"))
	see(t, l, sm("a", "h", "2"))
	if got := l.unconfirmed(); !slices.Equal(got, m[2:]) {
		t.Fatalf("%d unconfirmed, want the last 3", len(got))
	}
	l.disconnected()
	l.wrote(chat("john@chat.test", "while the connection closes")) // must not get lost
	l.connected()
	l.resuming()
	see(t, l, sm("resumed", "previd", "s1", "h", "4"))
	own, replay := l.continued()
	if len(replay) != 2 || replay[0] != m[4] || own.Resource() != "x" {
		t.Fatalf("replay of %d as %s, want the last message and the late one", len(replay), own)
	}
}

// A replay that breaks off goes on in the next: what was sent of it and not
// confirmed first, then what was not sent, each once, whatever came between.
func TestReplayThatBreaksOffLosesAndDoublesNothing(t *testing.T) {
	l, _ := managedLedger(t)
	m := someMessages(4)
	for _, e := range m {
		l.wrote(e)
	}
	resume := func(h string) []*stream.Element {
		l.disconnected()
		l.connected()
		l.resuming()
		see(t, l, sm("resumed", "previd", "s1", "h", h))
		_, replay := l.continued()
		return replay
	}
	replay := resume("1")
	if !slices.Equal(replay, m[1:]) {
		t.Fatalf("first replay has %d", len(replay))
	}
	fresh := chat("john@chat.test", "a ping of the Session")
	l.wrote(m[1])
	l.wrote(fresh)
	l.wrote(m[2])
	if got, want := resume("2"), []*stream.Element{fresh, m[2], m[3]}; !slices.Equal(got, want) {
		t.Errorf("second replay = %d stanzas, want the new one, and the two that are left", len(got))
	}
}

func TestCountsWrapAt32Bits(t *testing.T) {
	l, _ := managedLedger(t)
	l.out.acked, l.in.handled = 1<<32-2, 1<<32-1
	for _, e := range someMessages(4) {
		l.wrote(e)
	}
	see(t, l, sm("a", "h", "1")) // 2^32-1, 0, 1
	if left := len(l.unconfirmed()); left != 1 {
		t.Errorf("%d unconfirmed, want 1", left)
	}
	see(t, l, chat("", ""))
	l.handling()()
	if saved, _ := l.saved(); saved.Handled != 0 {
		t.Errorf("handled = %d, want 0", saved.Handled)
	}
}

func TestConfirmationOfWhatWasNeverSentEndsTheSession(t *testing.T) {
	for name, e := range map[string]*stream.Element{
		"too high": sm("a", "h", "3"), "below the last": sm("a", "h", "4294967295"),
		"no number": sm("a"), "not a number": sm("a", "h", "-1"), "33 bits": sm("a", "h", "4294967296"),
	} {
		t.Run(name, func(t *testing.T) {
			l, _ := managedLedger(t)
			l.wrote(chat("john@chat.test", ""))
			l.wrote(chat("john@chat.test", ""))
			err, ok := l.observe(e, nil).(*stream.Error)
			if !ok || err.Received {
				t.Fatalf("observe = %v, want a stream error of ours", err)
			}
			if len(l.unconfirmed()) != 2 {
				t.Error("something was taken for confirmed")
			}
		})
	}
	l, _ := managedLedger(t)
	l.connected()
	l.resuming()
	if l.observe(sm("resumed", "previd", "s1", "h", "7"), nil) == nil {
		t.Error("a resumption with a count beyond what was sent passed")
	}
	if _, _, ok := l.resumable(); ok {
		t.Error("the session can still be resumed")
	}
}

func TestHandledIsAPrefixOfWhatArrived(t *testing.T) {
	l, _ := managedLedger(t)
	message, answer := chat("", ""), stream.New(stream.NSClient, "iq").SetAttr("type", "result").SetAttr("id", "1")
	request := stream.New(stream.NSClient, "iq").SetAttr("type", "get").SetAttr("id", "1")
	odd := stream.New(stream.NSClient, "iq").SetAttr("type", "get")
	h := func() uint32 { s, _ := l.saved(); return s.Handled }
	see(t, l, answer, message, answer, request, odd)
	if err := l.observe(nil, &stream.TooBig{Header: message}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []uint32{1, 3, 6, 6} { // nobody handles the answers, the odd one and the big one
		if h() != want {
			t.Errorf("after %d handlers: h = %d, want %d", i, h(), want)
		}
		l.handling()()
	}
	see(t, l, message)
	if h() != 6 {
		t.Errorf("h = %d counts what only arrived", h())
	}
}

func TestStanzaBeforeEnabledIsNotCounted(t *testing.T) {
	l := newLedger(clock.System{})
	l.connected()
	l.enabling(stream.MustParse("bot@chat.test/x"))
	see(t, l, chat("", "early"), sm("enabled"), chat("", "counted"))
	l.handling()()
	if s, _ := l.saved(); s.Handled != 0 {
		t.Errorf("h = %d after the early one", s.Handled)
	}
	l.handling()()
	if s, _ := l.saved(); s.Handled != 1 {
		t.Errorf("h = %d after both", s.Handled)
	}
}

func TestSessionIsAskedForUntilTheServerMustHaveForgottenIt(t *testing.T) {
	l, c := managedLedger(t)
	l.disconnected()
	for _, tc := range []struct {
		after time.Duration
		want  bool
	}{{0, true}, {60*time.Second + lateNotice, true}, {time.Second, false}} {
		c.Advance(tc.after)
		if _, _, ok := l.resumable(); ok != tc.want {
			t.Errorf("%v later: resumable %v", tc.after, ok)
		}
	}
}

func TestSessionWithoutResumptionIsNotAskedFor(t *testing.T) {
	for name, e := range map[string]*stream.Element{
		"not offered": sm("enabled", "id", "x"), "no id": sm("enabled", "resume", "true"),
		"an endless id": sm("enabled", "resume", "true", "id", string(make([]byte, maxID+1))),
	} {
		l := newLedger(clock.System{})
		l.connected()
		l.enabling(stream.MustParse("bot@chat.test/x"))
		see(t, l, e)
		if _, _, ok := l.resumable(); ok {
			t.Errorf("%s: resumable", name)
		}
	}
}

// FuzzLedger plays a client and a server that agree, through any number of
// breaks, and checks that the server gets every stanza once and in order.
func FuzzLedger(f *testing.F) {
	f.Add(uint64(1), uint16(50))
	f.Add(uint64(7), uint16(400))
	f.Fuzz(func(t *testing.T, seed uint64, steps uint16) {
		r := rand.New(rand.NewPCG(seed, 0))
		l, _ := managedLedger(t)
		var sent, got, wire, replay []*stream.Element // wire is under way
		flush := func(n int) {
			got = append(got, wire[:n]...)
			wire = wire[n:]
		}
		write := func() {
			e := chat("john@chat.test", "")
			if len(replay) > 0 {
				e, replay = replay[0], replay[1:]
			} else {
				sent = append(sent, e)
			}
			l.wrote(e)
			wire = append(wire, e)
		}
		reconnect := func() {
			flush(r.IntN(len(wire) + 1))
			wire = nil
			l.disconnected()
			l.connected()
			l.resuming()
			see(t, l, sm("resumed", "previd", "s1", "h", formatH(uint32(len(got)))))
			_, replay = l.continued()
		}
		for range steps % 1000 {
			switch k := r.IntN(10); {
			case k < 6:
				write()
			case k < 8:
				flush(r.IntN(len(wire) + 1))
			case k < 9:
				see(t, l, sm("a", "h", formatH(uint32(len(got)))))
			default:
				reconnect()
			}
		}
		reconnect()
		for len(replay) > 0 {
			write()
		}
		flush(len(wire))
		if !slices.Equal(got, sent) {
			t.Fatalf("the server got %d stanzas of %d, or in another order", len(got), len(sent))
		}
	})
}

// The count goes no further than the first stanza that is not done with, in
// whatever order the others end, and a stanza of an earlier connection counts
// for nothing: it comes again.
func TestWhatEndsOutOfOrderIsCountedInOrder(t *testing.T) {
	l, _ := managedLedger(t)
	message := chat("bot@chat.test", "x")
	answer := stream.New(stream.NSClient, "iq").SetAttr("type", "result").SetAttr("id", "1")
	wants := func(h uint32) {
		t.Helper()
		if s, _ := l.saved(); s.Handled != h {
			t.Errorf("h = %d, want %d", s.Handled, h)
		}
	}
	see(t, l, message, answer, message, message, answer)
	first, second := l.handling(), l.handling()
	second()
	wants(0)
	third := l.handling()
	first()
	wants(3) // the answer between them needs nobody
	see(t, l, message)
	fourth := l.handling()
	fourth()
	second() // twice does no harm
	wants(3)

	l.disconnected()
	l.connected()
	l.resuming()
	see(t, l, sm("resumed", "previd", "s1", "h", "0"))
	see(t, l, message) // the third again
	again := l.handling()
	third()
	wants(3)
	again()
	wants(4)
}
