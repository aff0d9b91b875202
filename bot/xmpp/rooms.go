package xmpp

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// rooms are those that we sit in or want to.
type rooms struct {
	t    *Transport
	wake chan struct{} // tells the keeper that there is something to do

	mu sync.Mutex
	by map[stream.JID]*room
}

func newRooms(t *Transport) *rooms {
	return &rooms{t: t, wake: make(chan struct{}, 1), by: make(map[stream.JID]*room)}
}

// load fills in the rooms of the configuration and those that the bot was
// invited to earlier.
func (rs *rooms) load(ctx context.Context) {
	for _, j := range rs.t.cfg.Rooms {
		rs.want(j, "")
	}
	for _, j := range rs.t.listed(ctx, bookRoom, rs.t.Name()) {
		rs.want(j, "")
	}
}

// want adds a room to those that we keep in.
func (rs *rooms) want(j stream.JID, password string) *room {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r := rs.by[j.Bare()]
	if r == nil {
		r = newRoom(rs.t, j.Bare())
		rs.by[r.jid] = r
	}
	if password != "" {
		r.setPassword(password)
	}
	return r
}

// get finds a room by its bare JID.
func (rs *rooms) get(j stream.JID) (*room, bool) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r, ok := rs.by[j]
	return r, ok
}

// forget gives a room up for good.
func (rs *rooms) forget(ctx context.Context, r *room) {
	rs.mu.Lock()
	delete(rs.by, r.jid)
	rs.mu.Unlock()
	r.gone()
	if b := rs.t.cfg.Book; b != nil {
		if err := b.Remove(ctx, bookRoom, rs.t.Name(), r.jid.String()); err != nil {
			rs.t.log.Error("room could not be taken out of the book", "room", r.jid, "err", err)
		}
	}
}

// seatIn is the full JID under which we sit in the room of an address, "" for an
// account.
func (rs *rooms) seatIn(to bot.Address) string {
	if j, err := stream.ParseJID(string(to)); err == nil {
		if r, ok := rs.get(j.Bare()); ok {
			return r.own()
		}
	}
	return rs.t.occupant()
}

func (rs *rooms) all() []*room {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	list := make([]*room, 0, len(rs.by))
	for _, r := range rs.by {
		list = append(list, r)
	}
	return list
}

// await returns once we are in the room.
func (rs *rooms) await(ctx context.Context, j stream.JID) error {
	r, ok := rs.get(j.Bare())
	if !ok {
		return fmt.Errorf("%s is not in the room %s; invite it or add the room to skills.yaml", rs.t.Name(), j)
	}
	return r.await(ctx)
}

// lost notes that the stream is gone, and with it our seats.
func (rs *rooms) lost() {
	for _, r := range rs.all() {
		r.suspend()
	}
}

// opened notes that there is a stream again. One that was resumed (XEP-0198)
// still has our seats; on another they are all to be taken anew.
func (rs *rooms) opened(resumed bool) {
	for _, r := range rs.all() {
		if !resumed || !r.resume() {
			r.anew(rs.t.clock.Now())
		}
	}
}

// recalled takes what a room has kept, when it was asked, and reports whether
// the message was an answer to that alone.
func (rs *rooms) recalled(e *stream.Element, from stream.JID) bool {
	r, ok := rs.get(from.Bare())
	return ok && r.recalled(e, from)
}

// nudge makes the keeper look at once.
func (rs *rooms) nudge() {
	select {
	case rs.wake <- struct{}{}:
	default: // it is about to look anyway
	}
}

// bounced reacts to a message of ours that a room refused: whoever is told
// that they are no occupant has lost their seat.
func (rs *rooms) bounced(from stream.JID, se *stream.StanzaError) {
	if r, ok := rs.get(from.Bare()); ok && se != nil && from.Resource() == "" {
		if seatless(se) {
			rs.enterAgain(r)
		}
	}
}

// enterAgain gives up the seat, if there is one, and takes a new one.
func (rs *rooms) enterAgain(r *room) {
	r.left()
	r.due(rs.t.clock.Now())
	rs.nudge()
}

// keep enters the rooms that we want to be in, as long as the stream lives.
func (rs *rooms) keep(ctx context.Context) {
	var pings sync.WaitGroup
	defer pings.Wait()
	timer := rs.t.clock.NewTimer(0)
	defer timer.Stop()
	for {
		now := rs.t.clock.Now()
		for _, r := range rs.all() {
			switch {
			case r.wantsJoin(now):
				r.join(ctx)
			case r.wantsPing(now):
				pings.Go(func() { rs.selfPing(ctx, r) })
			}
			for _, to := range r.wakes() {
				rs.t.courier.tellOpened(to)
			}
		}
		select {
		case <-timer.C():
			timer.Reset(rs.t.times.keepEvery)
		case <-rs.wake:
		case <-ctx.Done():
			return
		}
	}
}

// selfPing asks the room whether we are still in it (XEP-0410).
func (rs *rooms) selfPing(ctx context.Context, r *room) {
	ctx, cancel := context.WithTimeout(ctx, rs.t.times.selfPingTimeout)
	defer cancel()
	iq := stream.New(stream.NSClient, "iq", stream.New(nsPing, "ping")).
		SetAttr("type", "get").
		SetAttr("from", r.own()).
		SetAttr("to", r.jid.WithResource(r.nick()).String())
	_, err := rs.t.ask(ctx, iq)
	var se *stream.StanzaError
	switch {
	case err == nil:
	case errors.As(err, &se) && (se.Condition == "service-unavailable" || se.Condition == "feature-not-implemented"):
		// The room passed the ping on, so we are in it (section 3.1). What that
		// section also takes for a yes, item-not-found, is what both servers
		// answer for a room that they have forgotten.
	case errors.As(err, &se) && se.Condition != "remote-server-not-found" && se.Condition != "remote-server-timeout":
		rs.t.log.Warn("no longer in the room, entering again", "room", r.jid, "err", err)
		rs.enterAgain(r)
		return
	default:
		return // nothing is known: ask again after the next silence
	}
	r.touched(rs.t.clock.Now())
}

// nickOf is the nick of an account in a room that shows who it is, or "".
func (rs *rooms) nickOf(account bot.Address) string {
	for _, r := range rs.all() {
		if nick := r.nickOf(account); nick != "" {
			return nick
		}
	}
	return ""
}
