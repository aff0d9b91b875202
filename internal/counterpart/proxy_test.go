package counterpart

import (
	"bufio"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"
)

// echoServer answers each line with itself.
func echoServer(t *testing.T) string {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

// line is a connection on which lines are sent and read back.
type line struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

func dialLine(t *testing.T, addr string) line {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	check(t, err)
	t.Cleanup(func() { c.Close() })
	return line{t, c, bufio.NewReader(c)}
}

func (l line) send(text string) {
	l.t.Helper()
	_, err := io.WriteString(l, text+"\n")
	check(l.t, err)
}

func (l line) read(within time.Duration) (string, error) {
	check(l.t, l.SetReadDeadline(time.Now().Add(within)))
	return l.r.ReadString('\n')
}

func (l line) wantEcho(text string) {
	l.t.Helper()
	if got, err := l.read(5 * time.Second); err != nil || got != text+"\n" {
		l.t.Fatalf("read %q, %v; want %q", got, err, text)
	}
}

func (l line) wantSilence() {
	l.t.Helper()
	var timeout net.Error
	if got, err := l.read(50 * time.Millisecond); !errors.As(err, &timeout) || !timeout.Timeout() {
		l.t.Fatalf("read %q, %v; want silence", got, err)
	}
}

func TestAStalledLineLosesNothing(t *testing.T) {
	p := LineTo(t, echoServer(t))
	l := dialLine(t, p.Addr())
	l.send("one")
	l.wantEcho("one")
	p.Stall()
	l.send("two")
	l.wantSilence()
	late := dialLine(t, p.Addr()) // connects, and hears nothing either
	late.send("three")
	late.wantSilence()
	p.Pass()
	l.wantEcho("two")
	late.wantEcho("three")
}

func TestASwallowedLineIsSilentAndForgets(t *testing.T) {
	p := LineTo(t, echoServer(t))
	l := dialLine(t, p.Addr())
	l.send("one")
	l.wantEcho("one")
	p.Swallow()
	l.send("gone")
	l.wantSilence()
	p.Pass()
	l.send("two")
	l.wantEcho("two")
}

func TestResetAndCutAreToldApart(t *testing.T) {
	for name, end := range map[string]struct {
		do   func(*Proxy)
		want error
	}{
		"reset": {(*Proxy).Reset, syscall.ECONNRESET},
		"cut":   {(*Proxy).Cut, io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			p := LineTo(t, echoServer(t))
			l := dialLine(t, p.Addr())
			l.send("one")
			l.wantEcho("one")
			end.do(p)
			if got, err := l.read(5 * time.Second); !errors.Is(err, end.want) {
				t.Errorf("read %q, %v; want %v", got, err, end.want)
			}
			again := dialLine(t, p.Addr())
			again.send("two")
			again.wantEcho("two")
		})
	}
}

func TestARefusingProxyKeepsWhatItHas(t *testing.T) {
	p := LineTo(t, echoServer(t))
	l := dialLine(t, p.Addr())
	l.send("one")
	l.wantEcho("one")
	p.Refuse()
	if _, err := net.Dial("tcp", p.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dialling a refusing proxy: %v", err)
	}
	l.send("two")
	l.wantEcho("two")
	check(t, p.Accept())
	again := dialLine(t, p.Addr())
	again.send("three")
	again.wantEcho("three")
	if p.Links() != 2 {
		t.Errorf("%d links, want 2", p.Links())
	}
}

func TestAHumanLivesThroughAStallAndFeelsADrop(t *testing.T) {
	s := Prosody(t, two())
	john := DialHuman(t, s, "john", `p"w\john`, "phone")
	john.line.Stall()
	check(t, john.Say(john.JID(), "later"))
	john.line.Pass()
	_, err := john.Expect(t.Context(), Messages(john.JID(), "later"))
	check(t, err)
	john.Drop()
	if _, err := john.Expect(t.Context(), func(Msg) bool { return false }); err == nil {
		t.Error("a dropped Human waits on")
	}
	began := time.Now()
	john.Close()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("Close after a drop takes %s", took)
	}
}

func TestAHumansLoginEndsWithItsContext(t *testing.T) {
	s := Prosody(t, two())
	check(t, s.Pause())
	ctx, cancel := newTimeout(t, 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := Dial(ctx, s, "john", `p"w\john`, "phone")
	if err == nil || time.Since(began) > 5*time.Second {
		t.Errorf("login at a paused server: %v after %s", err, time.Since(began))
	}
	check(t, s.Resume())
	if _, err := Dial(t.Context(), s, "john", "wrong", "phone"); err == nil {
		t.Error("a wrong password logs in")
	}
}
