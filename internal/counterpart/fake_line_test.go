package counterpart

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

// onFakes runs a test on a server in memory and on one on TCP.
func onFakes(t *testing.T, test func(t *testing.T, f *FakeXMPP)) {
	t.Run("memory", func(t *testing.T) { inBubble(t, fakeOptions(), test) })
	t.Run("TCP", func(t *testing.T) { test(t, FakeServer(t, fakeOptions())) })
}

// burst lets John write n messages to the bot, and returns what the component
// then gets for each of them.
func burst(t *testing.T, john *FakeUser, n int, text string) []string {
	t.Helper()
	var want []string
	for i := range n {
		_, err := john.Send(t.Context(), Outgoing{To: fakeBot, ID: fmt.Sprint(i), Body: text})
		check(t, err)
		want = append(want, fmt.Sprintf("<message type='chat' id='%d' to='%s' from='%s'><body>%s</body></message>", i, fakeBot, john.JID(), text))
	}
	return want
}

func TestAResetFallsWhereItWasOrdered(t *testing.T) {
	for _, after := range []int{0, 1, 7, 150, 151, 1000, -1} {
		onFakes(t, func(t *testing.T, f *FakeXMPP) {
			john := f.Login("john", "desk")
			c := linkRaw(t, f)
			before := strings.Join(burst(t, john, 3, "before"), "")
			if after < 0 { // even what was on its way is gone, or not
				c.await(t, len(before))
				before = ""
			}
			f.Line(fakeBot).Reset(after)
			all := before + strings.Join(burst(t, john, 10, "ä after"), "")
			got, err := c.all()
			if want := all[:len(before)+max(0, after)]; got != want || !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("after %d bytes: got %d bytes (%v), want %d", after, len(got), err, len(want))
			}
			if back := len(john.Received(func(e Event) bool { return e.Error == "remote-server-timeout" })); after < 150 && back < 9 {
				t.Errorf("after %d bytes: %d of 10 came back", after, back)
			}
			linkFake(t, f, fakeBot) // it is over for that connection only
		})
	}
}

// rawComp is a component that reads bytes.
type rawComp struct{ *fakeComp }

// linkRaw is past the handshake and its answer.
func linkRaw(t *testing.T, f *FakeXMPP) *rawComp {
	t.Helper()
	c := &rawComp{dialFake(t, f, fakeBot)}
	c.prove(fakeSecret)
	c.await(t, len("<handshake/>"))
	return c
}

// await reads and forgets n bytes.
func (c *rawComp) await(t *testing.T, n int) {
	t.Helper()
	_, err := io.ReadFull(c.conn, make([]byte, n))
	check(t, err)
}

func (c *rawComp) all() (string, error) {
	b, err := io.ReadAll(c.conn)
	return string(b), err
}

func TestARuneIsCutInTheMiddle(t *testing.T) {
	for _, reset := range []bool{true, false} {
		onFakes(t, func(t *testing.T, f *FakeXMPP) {
			john := f.Login("john", "desk")
			c := linkRaw(t, f)
			f.Line(fakeBot).CutRune(reset)
			burst(t, john, 2, "plain")
			burst(t, john, 2, "see 🤖")
			got, err := c.all()
			if !strings.HasSuffix(got, "<body>see \xf0\x9f") || strings.Count(got, "plain") != 2 || utf8.ValidString(got) {
				t.Errorf("the stream ends in %q", got[max(0, len(got)-40):])
			}
			if reset != errors.Is(err, syscall.ECONNRESET) || !reset && err != nil {
				t.Errorf("reset %v ends with %v", reset, err)
			}
		})
	}
}

func TestAHalfClosedStreamStillTakes(t *testing.T) {
	onFakes(t, func(t *testing.T, f *FakeXMPP) {
		john := f.Login("john", "desk")
		c := linkRaw(t, f)
		f.Line(fakeBot).HalfClose()
		if got, err := c.all(); got != "" || err != nil {
			t.Errorf("our direction brings %q, %v", got, err)
		}
		c.write(stanza("message", "1", fakeBot, "john@chat.local", "<body>heard</body>"))
		_, err := john.Expect(t.Context(), Says(fakeBot, "heard"))
		check(t, err)
		check(t, john.Say(fakeBot, "hi"))
		if _, err := john.Expect(t.Context(), func(e Event) bool { return e.Error == "remote-server-timeout" }); err != nil {
			t.Error(err)
		}
	})
}

func TestABlackholeTakesAndSaysNothingUntilItHeals(t *testing.T) {
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		john := f.Login("john", "desk")
		c := linkFake(t, f, fakeBot)
		f.Line(fakeBot).Blackhole()
		want := burst(t, john, 2, "held")
		c.write(stanza("message", "1", fakeBot, "john@chat.local", "<body>swallowed</body>"))
		check(t, c.conn.SetReadDeadline(time.Now().Add(24*time.Hour)))
		if _, err := c.conn.Read(make([]byte, 1)); err == nil || len(john.Received(anyEvent)) > 0 {
			t.Error("something comes out of a blackhole")
		}
		check(t, c.conn.SetReadDeadline(time.Time{}))
		if n := f.Line(fakeBot).Connections(); n != 1 {
			t.Errorf("the server believes in %d connections, want 1", n)
		}
		f.Line(fakeBot).Heal()
		for _, w := range want {
			c.gets(w)
		}
		_, err := john.Expect(t.Context(), Says(fakeBot, "swallowed"))
		check(t, err)
		f.Line(fakeBot).Blackhole()
		linkFake(t, f, fakeBot) // another connection is not affected
	})
}

func TestSlowLinesKeepTheirPace(t *testing.T) {
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		john := f.Login("john", "desk")
		c := linkFake(t, f, fakeBot)
		line := f.Line(fakeBot)
		line.SlowWriter(1000)
		began := time.Now()
		want := burst(t, john, 50, "slowly")
		for _, w := range want {
			c.gets(w)
		}
		bytes := len(strings.Join(want, ""))
		if d, ideal := time.Since(began), time.Duration(bytes)*time.Millisecond; d < ideal || d > ideal+time.Second {
			t.Errorf("%d bytes at 1000 a second take %v", bytes, d)
		}

		line.Calm()
		line.SlowReader(1000)
		const readAhead = 5 * time.Second // at 1000 a second: what was asked for before
		began = time.Now()
		big := stanza("message", "1", fakeBot, "john@chat.local", "<body>"+strings.Repeat("x", 3*fakeWindow)+"</body>")
		c.write(big) // has to wait for two thirds of it to be read
		if d := time.Since(began); d < 2*fakeWindow*time.Millisecond-readAhead || d > 2*fakeWindow*time.Millisecond {
			t.Errorf("writing to a slow reader takes %v", d)
		}
		_, err := john.Expect(t.Context(), anyEvent)
		check(t, err)
		if d := time.Since(began); d < 3*fakeWindow*time.Millisecond-readAhead {
			t.Errorf("read after %v", d)
		}

		line.Calm()
		line.Delay(time.Minute)
		began = time.Now()
		for _, w := range burst(t, john, 3, "late") {
			c.gets(w)
		}
		if d := time.Since(began); d != time.Minute {
			t.Errorf("delayed by %v, want a minute for all", d)
		}
	})
}

func TestStanzasAreLostDoubledAndSwapped(t *testing.T) {
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		john, mary := f.Login("john", "desk"), f.Login("mary", "desk")
		c := linkFake(t, f, fakeBot)
		line := f.Line(fakeBot)
		expect := func(what string, want ...string) {
			t.Helper()
			for _, w := range want {
				if got := c.next().String(); got != w {
					t.Errorf("%s: got %s, want %s", what, got, w)
				}
			}
		}
		line.Lose(2)
		w := burst(t, john, 3, "a")
		expect("two are lost", w[2])

		line.DuplicateEvery(3)
		w = burst(t, john, 7, "b")
		expect("each third comes twice", w[0], w[1], w[2], w[2], w[3], w[4], w[5], w[5], w[6])
		line.Calm()

		line.Swap(time.Hour)
		johns := burst(t, john, 2, "c")
		marys := burst(t, mary, 2, "c")
		expect("who came later is first", marys[0], johns[0], johns[1], marys[1])

		line.Swap(time.Minute)
		began := time.Now()
		johns = burst(t, john, 2, "d")
		expect("nobody overtakes", johns...)
		if d := time.Since(began); d != time.Minute {
			t.Errorf("held for %v", d)
		}

		line.SwallowAnswers(1)
		for i := range 2 {
			c.write(stanza("iq get", fmt.Sprint(i), fakeBot, "chat.local", "<ping xmlns='urn:xmpp:ping'/>"))
		}
		expect("one answer is swallowed", "<iq type='result' id='1' from='chat.local' to='bot.chat.local'/>")

		taken := line.Taken()
		line.LoseSent(1)
		for i := range 2 {
			c.write(stanza("message", fmt.Sprint(i), fakeBot, "john@chat.local", "<body>x</body>"))
		}
		synctest.Wait()
		if got := john.Received(anyEvent); len(got) != 1 || got[0].ID != "1" || line.Taken() != taken+2 {
			t.Errorf("of two messages, one lost, come %v; %d were taken", got, line.Taken()-taken)
		}
	})
}

func TestGarbageErrorsAndEndsAreSentInOrder(t *testing.T) {
	onFakes(t, func(t *testing.T, f *FakeXMPP) {
		john := f.Login("john", "desk")
		line := f.Line(fakeBot)
		line.Garbage("before anybody came") // waits for the next connection
		c := linkRaw(t, f)
		first := burst(t, john, 1, "a")[0]
		line.Garbage("\x00<&>")
		second := burst(t, john, 1, "b")[0]
		line.StreamError("reset", "no reason")
		if got, err := c.all(); err != nil || got != "before anybody came"+first+"\x00<&>"+second+"<stream:error>"+
			"<reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>no reason</text>"+
			"</stream:error></stream:stream>" {
			t.Errorf("got %s, %v", got, err)
		}
		c = linkRaw(t, f)
		line.Close(10)
		all := burst(t, john, 1, "c")[0]
		if got, err := c.all(); got != all[:10] || err != nil {
			t.Errorf("before a close after 10 bytes: %q, %v", got, err)
		}
		c = linkRaw(t, f)
		changed := line.Changed()
		line.Close(-1)
		<-changed
		if got, err := c.all(); got != "" || err != nil {
			t.Errorf("a close at once brings %q, %v", got, err)
		}
	})
}

func TestAPeerThatTakesNothingIsGivenUp(t *testing.T) {
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		john := f.Login("john", "desk")
		c := linkFake(t, f, fakeBot)
		big := strings.Repeat("x", 1<<20)
		for range fakeBacklog/len(big) + 2 {
			check(t, john.Say(fakeBot, big))
		}
		if n := f.Line(fakeBot).Connections(); n != 0 {
			t.Errorf("%d connections, want none", n)
		}
		if _, err := io.Copy(io.Discard, c.conn); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("it ends with %v", err)
		}
	})
}

func TestTheSameSeedGivesTheSameStream(t *testing.T) {
	run := func(seed uint64) (trace string) {
		o := fakeOptions()
		o.Seed, o.Second = seed, Split
		inBubble(t, o, func(t *testing.T, f *FakeXMPP) {
			a, b := linkRaw(t, f), linkRaw(t, f)
			john := f.Login("john", "desk")
			f.Line(fakeBot).DuplicateEvery(5)
			burst(t, john, 40, "x")
			f.Line(fakeBot).Close(0)
			for _, c := range []*rawComp{a, b} {
				got, err := c.all()
				check(t, err)
				trace += got + "|"
			}
		})
		return trace
	}
	if one, two := run(1), run(1); one != two {
		t.Error("two runs of seed 1 differ")
	}
	if run(1) == run(2) {
		t.Error("seeds 1 and 2 are the same")
	}
}
