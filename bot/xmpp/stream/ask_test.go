package stream

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

type answered struct {
	e   *Element
	err error
}

func ask(ctx context.Context, s *Session, iq *Element) chan answered {
	c := make(chan answered, 1)
	go func() {
		e, err := s.Ask(ctx, iq)
		c <- answered{e, err}
	}()
	return c
}

func get(to string) *Element {
	return New(NSClient, "iq", New("urn:xmpp:ping", "ping")).SetAttr("type", "get").SetAttr("id", "mine").SetAttr("to", to)
}

func TestAskTakesTheAnswerOfTheOneAskedOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p, _, _ := serve(t, clientHeader, Config{Handle: func(ctx context.Context, _ *Element) { <-ctx.Done() }, Own: MustParse("me@home/r")})
		p.say("<message/>") // Handle never returns: answers must not wait for it
		iq := get("a@b/c")
		answer := ask(t.Context(), s, iq)
		id := p.next().Attr("id")
		if iq.Attr("id") != "mine" || len(id) < 16 {
			t.Errorf("asked under id %q; the caller's now has %q", id, iq.Attr("id"))
		}
		p.say("<iq type='result' id='" + id + "' from='evil@b/c'/><iq type='result' id='" + id + "'/><iq type='result' id='other' from='a@b/c'/>" +
			"<iq type='error' id='" + id + "' from='evil@b'><error/></iq>")
		synctest.Wait()
		select {
		case a := <-answer:
			t.Fatalf("a stranger's answer counted: %v", a)
		default:
		}
		p.say("<iq type='result' id='" + id + "' from='a@b/c'><yes xmlns='u'/></iq><iq type='result' id='" + id + "' from='a@b/c'/>")
		if a := <-answer; a.err != nil || a.e.Child("u", "yes") == nil {
			t.Errorf("answer %v", a)
		}
		answer = ask(t.Context(), s, get(""))
		p.say("<iq type='result' id='" + p.next().Attr("id") + "'/>")
		if a := <-answer; a.err != nil {
			t.Errorf("the server's own answer did not count: %v", a.err)
		}
	})
}

func TestAskErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p, stop, ended := serve(t, componentHeader, Config{})
		answer := ask(t.Context(), s, get("a@b"))
		p.say("<iq type='error' from='a@b' id='" + p.next().Attr("id") + "'><error type='cancel'><item-not-found xmlns='" + NSStanzas + "'/></error></iq>")
		refused := (*StanzaError)(nil)
		if a := <-answer; !errors.As(a.err, &refused) || refused.Condition != "item-not-found" {
			t.Errorf("an error came back as %v", a)
		}

		answer = ask(t.Context(), s, get("a@b"))
		p.say("<iq type='result' from='a@b' id='" + p.next().Attr("id") + "'>" + strings.Repeat("x", 1<<20) + "</iq>")
		big := (*TooBig)(nil)
		if a := <-answer; !errors.As(a.err, &big) {
			t.Errorf("an answer too big came back as %v", a)
		}

		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := s.Ask(ctx, get("a@b")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("without an answer: %v", err)
		}
		p.say("<iq type='result' from='a@b' id='" + p.next().Attr("id") + "'/>") // too late, and harmless
		if _, err := s.Ask(ctx, message("1")); err == nil || len(s.asked) != 0 {
			t.Errorf("a message was asked: %v; %d questions left over", err, len(s.asked))
		}

		answer = ask(t.Context(), s, get("a@b"))
		p.next()
		stop()
		if a := <-answer; a.err != ErrClosed {
			t.Errorf("at the end of the session: %v, want ErrClosed", a.err)
		}
		p.leaves()
		<-ended
		if _, err := s.Ask(t.Context(), get("a@b")); err != ErrClosed {
			t.Errorf("after the end of the session: %v, want ErrClosed", err)
		}
	})
}

func ping() *Element { return get("home") }

func TestSilentPeerIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, p, _, ended := serve(t, componentHeader, Config{Ping: ping})
		began := time.Now()
		p.say("<message/>")
		if err := <-ended; err != ErrPingTimeout {
			t.Errorf("Run = %v", err)
		}
		if took := time.Since(began); took != 35*time.Second {
			t.Errorf("took %v, want 25 s until the ping and 10 s for its answer", took)
		}
	})
}

func TestAnyAnswerToAPingProvesLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, p, stop, ended := serve(t, componentHeader, Config{Ping: ping})
		for i := range 20 {
			e, kind := p.next(), []string{"result", "error"}[i%2]
			time.Sleep(9 * time.Second)
			p.say("<iq type='" + kind + "' from='home' id='" + e.Attr("id") + "'/>")
		}
		stop()
		if err := <-ended; err != context.Canceled {
			t.Errorf("Run = %v", err)
		}
	})
}

func TestPeerIsNotBlamedForABusyHandleOrABacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		_, p, stop, ended := serve(t, componentHeader, Config{In: 1, Ping: ping, Handle: func(context.Context, *Element) { <-free }})
		p.say(strings.Repeat("<message/>", 4)) // one handled, one queued, one in the reader's hand
		id := p.next().Attr("id")
		time.Sleep(time.Minute)
		close(free)
		for range 10 { // the answer is behind a backlog
			time.Sleep(8 * time.Second)
			p.say("<message/>")
		}
		p.say("<iq type='result' from='home' id='" + id + "'/>")
		select {
		case err := <-ended:
			t.Fatalf("Run = %v", err)
		default:
		}
		stop()
		<-ended
	})
}
