package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// question is an IQ that waits for its answer.
type question struct {
	to      string
	inOrder bool
	answer  chan arrival // has room for one
}

// Inquiry is an IQ that was asked.
type Inquiry struct {
	Ticket
	s  *Session
	id string
	q  question
}

// Ask sends an IQ of type get or set under a random id of its own and waits for
// the answer, until ctx ends. iq itself is left as it is. An answer counts only
// from the address asked. One of type error comes back as a *StanzaError, one
// beyond the Limits as a *TooBig; without any, ErrClosed means that the session
// ended, and ctx's error that time ran out: the outcome is unknown then.
func (s *Session) Ask(ctx context.Context, iq *Element) (*Element, error) {
	return s.ask(ctx, iq, false)
}

// AskInOrder is Ask whose answer takes its turn behind what came before it:
// when it returns, Handle is through with that. Handle itself must not use it.
func (s *Session) AskInOrder(ctx context.Context, iq *Element) (*Element, error) {
	return s.ask(ctx, iq, true)
}

func (s *Session) ask(ctx context.Context, iq *Element, inOrder bool) (*Element, error) {
	q, err := s.pose(ctx, iq, inOrder)
	if err != nil {
		return nil, err
	}
	return q.Wait(ctx)
}

// Pose sends an IQ as Ask does and returns without its answer, for which Wait
// or Drop has to be called.
func (s *Session) Pose(ctx context.Context, iq *Element) (*Inquiry, error) {
	return s.pose(ctx, iq, false)
}

func (s *Session) pose(ctx context.Context, iq *Element, inOrder bool) (*Inquiry, error) {
	if t := iq.Attr("type"); !iq.Is(NSClient, "iq") || t != "get" && t != "set" {
		return nil, errors.New("ask: not an iq of type get or set")
	}
	sent := *iq
	sent.Attrs = slices.Clone(iq.Attrs)
	q := &Inquiry{s: s, id: NewID(), q: question{to: iq.Attr("to"), inOrder: inOrder, answer: make(chan arrival, 1)}}
	sent.SetAttr("id", q.id)
	s.mu.Lock()
	s.asked[q.id] = q.q
	s.mu.Unlock()
	if err := s.Submit(ctx, &sent, &q.Ticket); err != nil {
		q.Drop()
		return nil, err
	}
	return q, nil
}

// Wait returns the answer, or the error that Ask describes.
func (q *Inquiry) Wait(ctx context.Context) (*Element, error) {
	defer q.Drop()
	select {
	case a := <-q.q.answer:
		return a.result()
	case <-ctx.Done():
	case <-q.s.done:
	}
	select { // it may have come together with the end
	case a := <-q.q.answer:
		return a.result()
	default:
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("no answer to an iq: %w", err)
	}
	return nil, ErrClosed
}

// Drop gives up the answer.
func (q *Inquiry) Drop() {
	q.s.mu.Lock()
	defer q.s.mu.Unlock()
	delete(q.s.asked, q.id)
}

// result is what an answer means to the one who asked.
func (a arrival) result() (*Element, error) {
	if a.big != nil {
		return nil, a.big
	}
	if e := ParseStanzaError(a.e); e != nil {
		return nil, e
	}
	return a.e, nil
}

// settle gives an answer to the one who asked, and reports whether it is done
// with. One that nobody waits for, or from somebody else than the one asked, is
// dropped; one that is wanted in order goes the way of all other stanzas.
func (s *Session) settle(a *arrival) bool {
	iq := a.e
	if a.big != nil {
		iq = a.big.Header
	}
	if !iq.Is(NSClient, "iq") || !isAnswer(iq) {
		return false
	}
	id, from := iq.Attr("id"), iq.Attr("from")
	s.mu.Lock()
	q, ok := s.asked[id]
	if ok = ok && mayAnswer(s.cfg.Own, q.to, from); ok {
		delete(s.asked, id)
	}
	s.mu.Unlock()
	if !ok {
		s.cfg.Log.Debug("iq answer that nobody waits for", "domain", domainOf(iq))
		return true
	}
	if q.inOrder {
		a.asker = q.answer
		return false
	}
	q.answer <- *a
	return true
}

// mayAnswer reports whether from may answer an IQ that was sent to to on the
// stream of own, zero for a component. It is the address asked, or one that RFC
// 6120 makes equivalent on an account's stream:
//
//   - without 'to' the server answers for the account (10.3.3): without 'from',
//     from the bare address, or from the server itself;
//   - an answer without 'from' comes from the account (8.1.2.1), and older
//     servers leave their own 'from' out too.
func mayAnswer(own JID, to, from string) bool {
	if from == to {
		return true
	}
	asked, errTo := parseOptional(to)
	answers, errFrom := parseOptional(from)
	switch {
	case errTo != nil || errFrom != nil:
		return false
	case asked == answers:
		return true
	case own.IsZero():
		return false
	}
	account, server := own.Bare(), JID{domain: own.domain}
	switch {
	case asked.IsZero():
		return answers == account || answers == server
	case answers.IsZero():
		return asked == account || asked == server
	}
	return false
}

// parseOptional is ParseJID with the zero JID for an absent address.
func parseOptional(s string) (JID, error) {
	if s == "" {
		return JID{}, nil
	}
	return ParseJID(s)
}
