package counterpart

import (
	"errors"
	"net"
	"syscall"
	"testing"
	"time"
)

func TestTheFakeStopsRefusesAndComesBack(t *testing.T) {
	o := fakeOptions()
	f := FakeServer(t, o)
	c := linkFake(t, f, fakeBot)
	john := f.Login("john", "desk")
	f.Refuse()
	if _, err := net.Dial("tcp", f.Component(fakeBot)); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dialling a server that refuses: %v", err)
	}
	if _, err := f.Dial(t.Context()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dialling it in memory: %v", err)
	}
	check(t, john.Say(fakeBot, "still here"))
	if s := c.next(); s.kid(nsClient, "body").text() != "still here" {
		t.Errorf("the component gets %s", s)
	}
	check(t, f.Restart(t.Context()))
	if _, err := c.r.next(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a killed server's stream ends with %v", err)
	}
	if err := john.Say(fakeBot, "x"); !errors.Is(err, ErrFakeOffline) {
		t.Errorf("John is still online: %v", err)
	}
	if _, err := john.Expect(t.Context(), func(e Event) bool { return e.Kind == "disconnected" }); err != nil {
		t.Error(err)
	}
	c = linkFake(t, f, fakeBot)
	check(t, f.Stop())
	c.ends("system-shutdown")
	if err := f.Accept(); err == nil {
		t.Error("a stopped server accepts again")
	}
	check(t, f.Stop())
}

func TestAPausedFakeServesWhatWasQueued(t *testing.T) {
	inBubble(t, fakeOptions(), func(t *testing.T, f *FakeXMPP) {
		c := linkFake(t, f, fakeBot)
		john := f.Login("john", "desk")
		check(t, f.Pause())
		check(t, john.Say(fakeBot, "later"))
		c.write(stanza("message", "1", fakeBot, "john@chat.local", "<body>too</body>"))
		late, err := f.Dial(t.Context())
		check(t, err)
		late.Close()
		check(t, c.conn.SetReadDeadline(time.Now().Add(time.Hour)))
		if _, err := c.conn.Read(make([]byte, 1)); err == nil || len(john.Received(anyEvent)) != 0 {
			t.Error("a paused server answers")
		}
		check(t, c.conn.SetReadDeadline(time.Time{}))
		check(t, f.Resume())
		if s := c.next(); s.kid(nsClient, "body").text() != "later" {
			t.Errorf("after the pause the component gets %s", s)
		}
		if _, err := john.Expect(t.Context(), Says(fakeBot, "too")); err != nil {
			t.Error(err)
		}
	})
}
