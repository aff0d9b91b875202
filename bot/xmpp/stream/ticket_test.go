package stream

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestAStanzaIsWrittenOrWithdrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wrote []string
		s, p, _, _ := serve(t, clientHeader, Config{Wrote: func(e *Element) { wrote = append(wrote, e.Attr("id")) }})
		message := func(id string) *Element { return New(NSClient, "message").SetAttr("id", id) }
		var first, second, third Ticket
		for range 2 { // before it is queued, and twice
			if !second.Withdraw() {
				t.Error("a stanza that nobody has was not withdrawn")
			}
		}
		for _, q := range []struct {
			id string
			t  *Ticket
		}{{"1", &first}, {"2", &second}, {"3", &third}} {
			if err := s.Submit(t.Context(), message(q.id), q.t); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.next().Attr("id") + p.next().Attr("id"); got != "13" {
			t.Errorf("the peer got %s, want 1 and 3", got)
		}
		if first.Withdraw() || !first.Written() || second.Written() || !third.Written() {
			t.Error("the tickets don't say what was written")
		}
		if len(wrote) != 2 {
			t.Errorf("Wrote was called for %q", wrote)
		}
	})
}

func TestWhatIsSubmittedIsNeverUnsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		blocked := make(chan struct{})
		s, p, _, ended := serve(t, clientHeader, Config{Wrote: func(e *Element) {
			if e.Attr("id") == "first" {
				<-blocked
			}
		}})
		_ = s.Send(t.Context(), New(NSClient, "message").SetAttr("id", "first"))
		synctest.Wait()
		var ticket Ticket
		_ = s.Send(t.Context(), New(NSClient, "message").SetAttr("id", "sent"))
		_ = s.Submit(t.Context(), New(NSClient, "message").SetAttr("id", "submitted"), &ticket)
		q, err := s.Pose(t.Context(), get("a@b"))
		if err != nil {
			t.Fatal(err)
		}
		_ = p.conn.Close()
		synctest.Wait()
		if !ticket.Withdraw() || !q.Withdraw() {
			t.Error("what waits behind a writer that stands still cannot be withdrawn")
		}
		close(blocked)
		<-ended
		for _, e := range s.Unsent() {
			if e.Attr("id") != "sent" {
				t.Errorf("unsent: %s", e)
			}
		}
		if err := s.Submit(t.Context(), New(NSClient, "message"), new(Ticket)); !errors.Is(err, ErrClosed) {
			t.Errorf("after the end Submit gives %v", err)
		}
		if _, err := q.Wait(t.Context()); !errors.Is(err, ErrClosed) {
			t.Errorf("after the end Wait gives %v", err)
		}
		if len(s.asked) != 0 {
			t.Errorf("%d questions are left", len(s.asked))
		}
	})
}

// An answer that is wanted in order comes behind what came before it, though
// Handle takes its time.
func TestAskInOrderWaitsForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var handled atomic.Int32
		s, p, _, _ := serve(t, componentHeader, Config{Handle: func(context.Context, *Element) {
			time.Sleep(time.Second)
			handled.Add(1)
		}})
		type outcome struct {
			handled int32
			err     error
		}
		got := make(chan outcome, 2)
		go func() {
			_, err := s.AskInOrder(t.Context(), get("a@b"))
			got <- outcome{handled.Load(), err}
		}()
		id := p.next().Attr("id")
		p.say("<message/><message/><message/><iq type='result' from='a@b' id='" + id + "'/><message/>")
		if o := <-got; o.handled != 3 || o.err != nil {
			t.Errorf("the answer came when %d of 3 were handled (%v)", o.handled, o.err)
		}
		go func() {
			_, err := s.AskInOrder(t.Context(), get("a@b"))
			got <- outcome{handled.Load(), err}
		}()
		id = p.next().Attr("id")
		p.say("<iq type='error' from='a@b' id='" + id + "'><error type='cancel'><gone xmlns='" + NSStanzas + "'/></error></iq>")
		var se *StanzaError
		if o := <-got; !errors.As(o.err, &se) || se.Condition != "gone" {
			t.Errorf("the answer is %v", o.err)
		}
	})
}
