package stream

import (
	"context"
	"errors"
	"io"
)

// inBudget bounds the memory of what is read ahead of Handle, in bytes by the
// Reader's estimate. A count alone would not: a stanza of tiny elements takes
// many times its size on the wire.
const inBudget = 4 << 20

// arrival is what the reader hands to the dispatcher.
type arrival struct {
	e    *Element
	big  *TooBig // instead of e
	cost int64
	// asker waits for this answer, in order with what came before it.
	asker chan<- arrival
}

// read takes in the stream until it ends and tells the reason. It runs no
// handler. The answer to an IQ goes to the one who asked, all else to the
// dispatcher.
func (s *Session) read(ctx context.Context, ended chan<- error) {
	err := s.readAll(ctx)
	close(s.in)
	ended <- err
	if broken := (*Error)(nil); errors.As(err, &broken) && !broken.Received {
		// A socket closed with unread bytes is reset, which could overtake the
		// stream error on its way to the peer. Closing the connection ends this.
		_, _ = io.Copy(io.Discard, s.conn)
	}
}

func (s *Session) readAll(ctx context.Context) error {
	for {
		e, err := s.reader.Next()
		a := arrival{e: e, cost: min(int64(s.reader.cost), inBudget)}
		if err != nil {
			big, ok := err.(*TooBig)
			if !ok {
				return err
			}
			a = arrival{big: big}
		}
		s.heard.Add(1)
		if told := ParseError(e); told != nil {
			return told
		}
		if s.settle(&a) {
			continue
		}
		if err := s.queue(ctx, a); err != nil {
			return err
		}
	}
}

// queue hands a to the dispatcher, waiting for room.
func (s *Session) queue(ctx context.Context, a arrival) error {
	if s.room.TryAcquire(a.cost) {
		select {
		case s.in <- a:
			return nil
		default:
		}
	} else {
		s.stalled.Store(true)
		if err := s.room.Acquire(ctx, a.cost); err != nil {
			return err
		}
	}
	s.stalled.Store(true)
	defer s.stalled.Store(false)
	select {
	case s.in <- a:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// dispatch hands out what was read, in order, until the reader has ended and
// the queue is empty, or ctx ends.
func (s *Session) dispatch(ctx context.Context) {
	dropped := 0
	for a := range s.in {
		if ctx.Err() != nil {
			dropped++
			continue
		}
		s.deliver(ctx, a)
		s.room.Release(a.cost)
	}
	if dropped > 0 {
		s.cfg.Log.Warn("the session ended before all that was read was handled", "elements", dropped)
	}
}

func (s *Session) deliver(ctx context.Context, a arrival) {
	switch {
	case a.asker != nil:
		a.asker <- a // has room for the one answer
	case a.big != nil:
		s.cfg.Log.Warn("stanza refused", "why", a.big.Why, "domain", domainOf(a.big.Header))
		s.refuse(ctx, a.big.Header, StanzaError{Type: TypeModify, Condition: PolicyViolation, Text: a.big.Why})
	case !IsStanza(a.e):
		s.cfg.Nonza(ctx, a.e)
	case a.e.Local == "iq" && !isRequest(a.e):
		if a.e.Attr("id") != "" {
			s.refuse(ctx, a.e, StanzaError{Type: TypeModify, Condition: "bad-request"})
		}
		s.cfg.Log.Debug("iq without id or with a wrong type", "domain", domainOf(a.e))
	default:
		s.cfg.Handle(ctx, a.e)
	}
}

// isRequest reports whether an IQ can be handled and answered, RFC 6120 8.2.3.
func isRequest(iq *Element) bool {
	t := iq.Attr("type")
	return iq.Attr("id") != "" && (t == "get" || t == "set")
}

// refuse answers a stanza with e where it may be answered.
func (s *Session) refuse(ctx context.Context, stanza *Element, e StanzaError) {
	answer := ErrorReply(stanza, e)
	if answer == nil {
		return
	}
	if err := s.Send(ctx, answer); err != nil {
		s.cfg.Log.Debug("stanza refused without an answer", "err", err)
	}
}

// domainOf is where a stanza comes from, as far as a log may tell: the local
// part can be a telephone number.
func domainOf(stanza *Element) string {
	from, _ := parseOptional(stanza.Attr("from"))
	return from.Domain()
}
