package stream

import (
	"context"
	"fmt"
)

// flushAt is how many bytes are gathered before a write, as long as there is
// more in the queue.
const flushAt = 64 << 10

// Send queues e, which must not be changed afterwards, and waits for room in
// the queue. A nil error means queued, not sent: see Wrote and Unsent. After
// the end of the session it gives ErrClosed, after that of ctx its error.
func (s *Session) Send(ctx context.Context, e *Element) error {
	return s.enqueue(ctx, queued{e: e})
}

// Submit is Send for a stanza that somebody answers for: with the Ticket, which
// is a new one for each, it can be taken back as long as it was not written, also
// after an error.
func (s *Session) Submit(ctx context.Context, e *Element, t *Ticket) error {
	return s.enqueue(ctx, queued{e, t})
}

func (s *Session) enqueue(ctx context.Context, q queued) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.sending.RLock()
	defer s.sending.RUnlock()
	select {
	case <-s.done:
		return ErrClosed
	default:
	}
	select {
	case s.out <- q:
		return nil
	case <-s.done:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("no room in the outbound XMPP queue: %w", ctx.Err())
	}
}

// write sends what is queued until the session is over, then takes leave.
func (s *Session) write() error {
	buf := make([]byte, 0, flushAt/4)
	for {
		select {
		case q := <-s.out:
			if buf = s.gather(s.render(buf[:0], q)); len(buf) == 0 {
				continue // all of it was withdrawn
			}
			if err := s.flush(buf); err != nil {
				return err
			}
			if cap(buf) > 2*flushAt {
				buf = make([]byte, 0, flushAt/4)
			}
		case <-s.done:
			return s.takeLeave(buf[:0])
		}
	}
}

// gather renders what else is queued, up to one good write.
func (s *Session) gather(buf []byte) []byte {
	for len(buf) < flushAt {
		select {
		case q := <-s.out:
			buf = s.render(buf, q)
		default:
			return buf
		}
	}
	return buf
}

func (s *Session) render(buf []byte, q queued) []byte {
	if !q.ticket.punch() {
		return buf
	}
	s.cfg.Wrote(q.e)
	return q.e.AppendXML(buf, s.reader.ContentSpace())
}

// flush writes under the guard, which makes Run close the connection under a
// write that takes too long.
func (s *Session) flush(buf []byte) error {
	s.guard.Reset(s.cfg.WriteTimeout)
	defer s.guard.Stop()
	_, err := s.conn.Write(buf)
	return err
}

func (s *Session) takeLeave(buf []byte) error {
	if s.last.mute {
		return nil
	}
	// Every Send that passed the closed door in time is in the queue after this.
	s.sending.Lock()
	//lint:ignore SA2001 a barrier, not a critical section
	s.sending.Unlock()
	for s.last.flush && len(s.out) > 0 {
		if buf = s.gather(buf); len(buf) == 0 {
			continue
		}
		if err := s.flush(buf); err != nil {
			return err
		}
		buf = buf[:0]
	}
	if s.last.why != nil {
		buf = s.last.why.Element().AppendXML(buf, s.reader.ContentSpace())
	}
	return s.flush(append(buf, CloseTag...))
}
