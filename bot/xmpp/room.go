package xmpp

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// room is one room (XEP-0045) and who is in it.
type room struct {
	t   *Transport
	jid stream.JID

	mu        sync.Mutex
	name      string // our nick there
	password  string
	in        bool
	fresh     bool          // in is new, and nobody was told
	seated    bool          // in was true when the stream was lost
	closed    bool          // given up for good
	changed   chan struct{} // closed when in or closed changes
	joinAt    time.Time     // when to try to enter next
	patience  time.Duration
	heard     time.Time // when the room last gave a sign of life
	stays     int       // number of stays so far, to tell occupants apart
	occupants map[string]occupant
	recall    *recall                  // a question about what the room has kept, or nil
	held      map[bot.Address]struct{} // occupants for whom something waits until we are in
	seats     seats
	marks     []mark // of the archive, in order
}

// occupant is one stay of somebody under a nick.
type occupant struct {
	account     bot.Address // real bare JID, empty where it is hidden or not to be believed
	affiliation string
	stay        int
}

func newRoom(t *Transport, jid stream.JID) *room {
	return &room{
		t: t, jid: jid, name: t.cfg.Nick,
		patience: t.times.joinPatience,
		changed:  make(chan struct{}), occupants: make(map[string]occupant),
		seats: seats{own: t.occupant()},
	}
}

func (r *room) nick() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.name
}

func (r *room) setPassword(p string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.password = p
}

// signal wakes who waits for a change. The caller holds the lock.
func (r *room) signal() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// here reports whether we are in the room, and gives a channel that is closed
// when that may have changed.
func (r *room) here() (in bool, changed <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.in, r.changed
}

// maxHeld bounds the occupants of a room that are remembered for Opened. What is
// held for others goes when it is tried again.
const maxHeld = 1000

// takes reports whether we are in the room and can write to it or to an
// occupant. Who is refused is told by Opened when we are.
func (r *room) takes(to bot.Address) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.in && len(r.held) < maxHeld {
		if r.held == nil {
			r.held = make(map[bot.Address]struct{})
		}
		r.held[to] = struct{}{}
	}
	return r.in
}

// wakes returns, once after we have entered, whom to tell by Opened.
func (r *room) wakes() []bot.Address {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.in || !r.fresh {
		return nil
	}
	r.fresh = false
	list := []bot.Address{bot.Address(r.jid.String())}
	for to := range r.held {
		if to != list[0] {
			list = append(list, to)
		}
	}
	r.held = nil
	return list
}

// seat reports whether we are in the room.
func (r *room) seat() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.in
}

// await returns once we are in the room.
func (r *room) await(ctx context.Context) error {
	for {
		r.mu.Lock()
		in, closed, changed := r.in, r.closed, r.changed
		r.mu.Unlock()
		switch {
		case in:
			return nil
		case closed:
			return fmt.Errorf("the bot has left the room %s", r.jid)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("not in the room %s: %w", r.jid, ctx.Err())
		}
	}
}

// awaitSoon reports whether we are in the room within the time that it may take
// to repeat a message.
func (r *room) awaitSoon(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, r.t.times.echo)
	defer cancel()
	return r.await(ctx) == nil
}

// suspend gives up the seat with the stream, but remembers whether there was
// one.
func (r *room) suspend() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seated = r.in
	if r.in {
		r.in = false
		r.signal()
	}
}

// resume takes the seat again that the resumed stream still holds, and reports
// whether there is one.
func (r *room) resume() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seated {
		r.in, r.fresh, r.heard = true, true, r.t.clock.Now()
		r.signal()
	}
	return r.seated
}

// anew makes the room one to enter now, under the nick that we really want.
func (r *room) anew(now time.Time) {
	r.due(now)
	r.rename(r.t.cfg.Nick)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seats.fenced = false
}

// due sets when to try to enter next.
func (r *room) due(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.joinAt, r.patience = at, r.t.times.joinPatience
}

// wantsJoin reports whether it is time to try to enter.
func (r *room) wantsJoin(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.in && !r.closed && !now.Before(r.joinAt)
}

// join asks to enter without history: what was said before is not for us. The
// answer comes as presence.
func (r *room) join(ctx context.Context) {
	r.mu.Lock()
	r.joinAt = r.t.clock.Now().Add(r.patience)
	r.patience = min(2*r.patience, r.t.times.joinPatienceMax)
	clear(r.occupants)
	r.mu.Unlock()
	r.ask(ctx, stream.New(nsMUC, "history").SetAttr("maxstanzas", "0"))
}

// ask asks to enter with the history described (XEP-0045 section 7.2.13). From
// an occupant it is a request to be told everything once more (section 7.2.2 and
// both servers).
func (r *room) ask(ctx context.Context, history *stream.Element) {
	r.mu.Lock()
	x := stream.New(nsMUC, "x", history)
	if r.password != "" {
		x.Append(stream.TextElement(nsMUC, "password", r.password))
	}
	to, own := r.jid.WithResource(r.name), r.seats.own
	r.mu.Unlock()
	r.t.answer(ctx, stream.New(stream.NSClient, "presence", x).
		SetAttr("from", own).SetAttr("to", to.String()))
}

// entered notes that the room took us in.
func (r *room) entered() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fresh = r.fresh || !r.in
	r.in, r.patience, r.heard = true, r.t.times.joinPatience, r.t.clock.Now()
	r.signal()
}

// left notes that we are out, until the keeper enters again.
func (r *room) left() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.in {
		r.in = false
		r.signal()
	}
}

// gone notes that we are out for good.
func (r *room) gone() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.in, r.closed = false, true
	r.signal()
}

// touched notes a sign of life.
func (r *room) touched(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.heard = now
}

// wantsPing reports, once for each silence, that the room has been silent for
// long.
func (r *room) wantsPing(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.in || now.Sub(r.heard) < r.t.times.selfPingAfter {
		return false
	}
	r.heard = now // the next one is due after another silence
	return true
}

// person is who holds the nick at the moment.
func (r *room) person(nick string) bot.Person {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.occupants[nick]
	return bot.Person{
		Account: o.account, Name: nick, Handle: nick, Affiliation: o.affiliation,
		Session: r.jid.String() + "#" + strconv.Itoa(o.stay) + "/" + nick,
	}
}

// nickOf is the nick of an account, or "".
func (r *room) nickOf(account bot.Address) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for nick, o := range r.occupants {
		if o.account == account {
			return nick
		}
	}
	return ""
}
