package xmpp

import (
	"context"
	"errors"
	"fmt"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// window is how many parcels may be under way to one destination.
const window = 64

// convoy is a batch of parcels on its way to one destination.
type convoy struct {
	t      *Transport
	s      *stream.Session
	batch  []bot.Outgoing
	fates  []bot.Fate
	flying []parcelFlight // in order
	next   int            // the first that was not sent
	after  string         // the id of the last that was
	halted bool           // no more are sent
}

type parcelFlight struct {
	*stream.Inquiry
	fate *bot.Fate
}

// carryParcels sends parcels, several at once, and takes in their results in
// order. After the first that did not get there it sends no more, and what is
// under way behind it the receiver doesn't take, because it names the one
// before it. Where that is a receiver of somebody else that doesn't look, each
// still gets the fate that it really had: the receiver knows it by its id, so
// that a false report would mend nothing.
func (t *Transport) carryParcels(ctx context.Context, batch []bot.Outgoing, fates []bot.Fate) {
	s, _ := t.current()
	if s == nil {
		settle(fates, bot.Fate{State: bot.Held, Err: ErrNotConnected})
		return
	}
	c := &convoy{t: t, s: s, batch: batch, fates: fates}
	for c.fill(ctx); len(c.flying) > 0; c.fill(ctx) {
		f := c.flying[0]
		c.flying = c.flying[1:]
		c.land(ctx, f)
	}
	settle(fates, bot.Fate{State: bot.Held, Err: errAfterError})
}

// fill sends as many as may be under way.
func (c *convoy) fill(ctx context.Context) {
	for ; !c.halted && c.next < len(c.batch) && len(c.flying) < window; c.next++ {
		out, fate := c.batch[c.next], &c.fates[c.next]
		iq, err := c.t.wrap(out, c.after)
		if err != nil {
			*fate = bot.Fate{State: bot.Refused, Err: err}
			continue
		}
		q, err := c.s.Pose(ctx, iq)
		if err != nil {
			*fate = bot.Fate{State: bot.Held, Err: errNoLine}
			c.halted = true
			continue
		}
		c.flying = append(c.flying, parcelFlight{q, fate})
		c.after = out.Parcel.ID
	}
}

// land waits for one result. When there is none for a long time, or the stream
// has ended, the others are not waited for.
func (c *convoy) land(ctx context.Context, f parcelFlight) {
	patience, cancel := context.WithTimeout(ctx, c.t.times.answer)
	_, err := f.Wait(patience)
	cancel()
	var se *stream.StanzaError
	var big *stream.TooBig
	switch {
	case err == nil, errors.As(err, &big) && big.Header.Attr("type") == "result":
		*f.fate = bot.Fate{State: bot.Arrived}
	case errors.As(err, &se):
		*f.fate = unaccepted(se)
		c.halted = c.halted || f.fate.State != bot.Refused
	default:
		fate := bot.Fate{State: bot.InDoubt, Err: fmt.Errorf("no result: %w", err)}
		if ctx.Err() == nil && !errors.Is(err, stream.ErrClosed) {
			fate.State = bot.Returned // the other side is slow, or stands still
		}
		c.abandon(f, fate)
		for _, f := range c.flying {
			c.abandon(f, fate)
		}
		c.flying, c.halted = nil, true
	}
}

// abandon takes a parcel back where that is possible.
func (c *convoy) abandon(f parcelFlight, fate bot.Fate) {
	f.Drop()
	if f.Withdraw() {
		fate = bot.Fate{State: bot.Held, Err: errNoLine}
	}
	*f.fate = fate
}
