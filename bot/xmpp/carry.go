package xmpp

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// Line implements bot.Courier.
func (t *Transport) Line() (up bool, changed <-chan struct{}) {
	s, changed := t.current()
	return s != nil, changed
}

// Opened implements bot.Courier. f is told the address of each room that we
// have entered, and of each occupant for whom something was held there. Who
// calls Opened while Run goes on is not told of what was entered before.
func (t *Transport) Opened(f func(to bot.Address)) {
	t.courier.mu.Lock()
	defer t.courier.mu.Unlock()
	t.courier.opened = f
}

// Carry implements bot.Courier. The acknowledgement is
//
//   - of a message to a room its echo, which carries our id. What may be there
//     already is looked for in the room's archive (XEP-0313), else in its
//     history (XEP-0045 section 7.2.13);
//   - of any other message a receipt (XEP-0184), where this very device of the
//     person has asked us for receipts itself, or the answer to a ping of the
//     bare address that follows the batch, whichever comes first. The ping
//     proves that the server which keeps that address has all that went before
//     it, and an error would have come first. It proves nothing of a screen;
//   - of a parcel the result of its IQ.
//
// What a batch holds behind a message that is held, returned or in doubt is
// sent all the same where it was under way, since nobody could stop it, but
// between parcels and messages the order is strict.
func (t *Transport) Carry(ctx context.Context, batch []bot.Outgoing) []bot.Fate {
	fates := make([]bot.Fate, len(batch))
	for from := 0; from < len(batch); {
		to := from + 1
		for to < len(batch) && alike(&batch[from], &batch[to]) {
			to++
		}
		t.carryAlike(ctx, batch[from:to], fates[from:to])
		if slices.ContainsFunc(fates[from:to], func(f bot.Fate) bool { return f.State != bot.Arrived && f.State != bot.Refused }) {
			break
		}
		from = to
	}
	for i := range fates {
		if fates[i].State == 0 {
			fates[i] = bot.Fate{State: bot.Held, Err: errAfterError}
		}
	}
	return fates
}

// alike reports whether two messages travel in the same way.
func alike(a, b *bot.Outgoing) bool {
	return a.To == b.To && a.Room == b.Room && (a.Parcel == nil) == (b.Parcel == nil)
}

// carryAlike carries messages of one kind to one destination.
func (t *Transport) carryAlike(ctx context.Context, batch []bot.Outgoing, fates []bot.Fate) {
	to, err := stream.ParseJID(string(batch[0].To))
	if err != nil || to.IsZero() {
		settle(fates, bot.Fate{State: bot.Refused, Err: fmt.Errorf("%q is no address: %w", batch[0].To, err)})
		return
	}
	r, seated := t.rooms.get(to.Bare())
	switch {
	case batch[0].Parcel != nil:
		t.carryParcels(ctx, batch, fates)
	case batch[0].Room && !seated:
		settle(fates, bot.Fate{State: bot.Refused, Err: fmt.Errorf(
			"the bot doesn't sit in the room %s; invite it, or add the room to skills.yaml, and send this again", to)})
	case seated && !r.takes(batch[0].To):
		settle(fates, bot.Fate{State: bot.Held, Err: fmt.Errorf("the bot is not in the room %s at the moment", r.jid)})
	case batch[0].Room:
		t.carryToRoom(ctx, r, batch, fates)
	default:
		t.carryDirect(ctx, to, batch, fates)
	}
}

// settle gives all that is open the same fate.
func settle(fates []bot.Fate, fate bot.Fate) {
	for i := range fates {
		if fates[i].State == 0 {
			fates[i] = fate
		}
	}
}

// depart renders what is open of a batch and enters it as on its way.
func (t *Transport) depart(with string, batch []bot.Outgoing, fates []bot.Fate) *trip {
	var stanzas []*stream.Element
	var results []*bot.Fate
	for i, out := range batch {
		if fates[i].State != 0 {
			continue
		}
		e := t.render(out)
		if !out.Room && t.courier.asking.has(string(out.To)) {
			e.Append(stream.New(nsReceipts, "request"))
		}
		stanzas = append(stanzas, e)
		results = append(results, &fates[i])
	}
	if len(stanzas) == 0 {
		return nil
	}
	return t.courier.depart(with, stanzas, results)
}

// carryDirect sends to a person, an occupant or another server's address, and
// pings behind it.
func (t *Transport) carryDirect(ctx context.Context, to stream.JID, batch []bot.Outgoing, fates []bot.Fate) {
	l, _ := t.currentLine()
	if l.session == nil {
		settle(fates, bot.Fate{State: bot.Held, Err: ErrNotConnected})
		return
	}
	tr := t.depart(to.String(), batch, fates)
	tr.board(ctx, l.session)
	for on := true; on; {
		err := t.barrier(ctx, l.session, to.Bare())
		switch {
		case err == nil:
			tr.withdraw(errNoLine) // what the stream did not take
			tr.settleAll(bot.Fate{State: bot.Arrived})
			return
		case errors.Is(err, stream.ErrClosed):
			l, on = tr.next(ctx, l)
		default:
			tr.withdraw(err)
			tr.settleAll(bot.Fate{State: bot.InDoubt, Err: fmt.Errorf("%w: %w", errNoBarrier, err)})
			return
		}
	}
}

// barrier asks the address for a sign of life. Nil means that what was sent to
// it before has arrived, or come back already. Any answer will do but one that
// was given on the way.
func (t *Transport) barrier(ctx context.Context, s *stream.Session, to stream.JID) error {
	ctx, cancel := context.WithTimeout(ctx, t.times.barrier)
	defer cancel()
	_, err := s.AskInOrder(ctx, stream.New(stream.NSClient, "iq", stream.New(nsPing, "ping")).
		SetAttr("type", "get").
		SetAttr("from", t.occupant()).
		SetAttr("to", to.String()))
	var se *stream.StanzaError
	var big *stream.TooBig
	if errors.As(err, &se) && !away(se) || errors.As(err, &big) {
		return nil
	}
	return err
}

// carryToRoom sends to a room and waits for the echoes.
func (t *Transport) carryToRoom(ctx context.Context, r *room, batch []bot.Outgoing, fates []bot.Fate) {
	if err := t.lookFor(ctx, r, batch, fates); err != nil {
		settle(fates, bot.Fate{State: bot.Held, Err: fmt.Errorf("whether the room has it already cannot be found out: %w", err)})
		return
	}
	l, _ := t.currentLine()
	if l.session == nil || !r.seat() {
		settle(fates, bot.Fate{State: bot.Held, Err: errNoLine})
		return
	}
	tr := t.depart(r.jid.String(), batch, fates)
	if tr == nil {
		return // all of it was there
	}
	tr.board(ctx, l.session)
	for {
		err := tr.hear(ctx, r)
		if err == nil {
			return
		}
		if now, _ := t.currentLine(); now.session != l.session {
			var on bool
			if l, on = tr.next(ctx, l); on && r.awaitSoon(ctx) {
				continue
			}
		} else if t.barrier(ctx, l.session, r.jid) == nil {
			// What the room had to say of our messages has come before this.
			err = fmt.Errorf("%w, and sent nothing back", err)
		}
		tr.withdraw(err)
		tr.settleAll(bot.Fate{State: bot.InDoubt, Err: err})
		return
	}
}

// hear waits until the room has repeated all, or there is no point in waiting
// any longer.
func (tr *trip) hear(ctx context.Context, r *room) error {
	patience := r.t.clock.NewTimer(r.t.times.echo)
	defer patience.Stop()
	for {
		in, changed := r.here()
		if !in {
			return errSeatLost
		}
		select {
		case <-tr.done:
			return nil
		case <-tr.moved:
			patience.Reset(r.t.times.echo)
		case <-changed:
		case <-patience.C():
			return errNoEcho
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
