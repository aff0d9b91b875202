package xmpp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
	"dragoman/internal/clock"
)

// Run keeps the identity connected until ctx ends. It returns an error only
// when the server refuses the identity and a person has to mend it.
func (t *Transport) Run(ctx context.Context, in bot.Inbox) error {
	t.in = in
	defer t.parcels.open(ctx)()
	t.rooms.load(ctx)
	b := backoff{first: t.times.firstRetry, last: t.times.lastRetry}
	var lastGood time.Time // when a stream last ended
	for {
		connected, err := t.connectOnce(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if connected {
			lastGood = t.clock.Now()
			b.reset()
		}
		if refusal := t.refused(err); refusal != nil && t.clock.Now().Sub(lastGood) > t.times.refusalGrace {
			return refusal
		}
		wait := b.next()
		if isConflict(err) {
			wait = max(wait, t.times.conflictRetry)
			t.log.Error("another connection uses this address; if it is an old one of this bot, "+
				"set component_conflict_resolve = \"kick_old\" in Prosody, or stop the other program", "retry_in", wait, "err", err)
		} else {
			t.log.Warn("disconnected", "retry_in", wait.Round(time.Millisecond), "err", err)
		}
		if clock.Sleep(ctx, t.clock, wait) != nil {
			return nil
		}
	}
}

// connectOnce opens a stream and serves it to its end. It reports whether the
// server had accepted it.
func (t *Transport) connectOnce(ctx context.Context) (connected bool, err error) {
	link, err := t.connect(ctx)
	if err != nil {
		return false, err
	}
	return true, t.serve(ctx, link)
}

// serve runs the stanzas of one stream, and all that lives only as long as it.
func (t *Transport) serve(ctx context.Context, link *Link) error {
	var s *stream.Session
	handle := t.handle
	if link.Handling != nil {
		handle = func(ctx context.Context, e *stream.Element) { t.handleUntil(ctx, e, link.Handling(e)) }
	}
	cfg := stream.Config{
		Log: t.log, Clock: t.clock, Own: link.Own,
		Ping: t.ping, PingEvery: t.times.pingEvery, PingTimeout: t.times.pingTimeout,
		Handle: handle, Wrote: link.Wrote,
	}
	if link.Nonza != nil {
		cfg.Nonza = func(ctx context.Context, e *stream.Element) { link.Nonza(ctx, s, e) }
	}
	s = stream.NewSession(link.Conn, link.Reader, cfg)
	t.canary.reset()

	live, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() {
		rest := t.catchUp(live, s, link.Replay)
		t.log.Info("connected", "resumed", link.Resumed)
		t.setSession(s, link)
		wg.Go(func() { t.catchUpRooms(live, s, rest) })
		if !link.Resumed {
			wg.Go(func() { t.announce(live, "") })
		}
		t.rooms.opened(link.Resumed)
		t.rooms.keep(live)
	})
	wg.Go(func() { t.canary.watch(live) })
	if link.Attend != nil {
		wg.Go(func() { link.Attend(live, s) })
	}
	wg.Go(func() {
		select {
		case <-ctx.Done():
			t.takeLeave(live)
			t.hearOut(live)
			cancel()
		case <-live.Done():
		}
	})
	err := s.Run(live)
	cancel()
	wg.Wait()
	t.setSession(nil, nil)
	t.rooms.lost()
	t.unsent = s.Unsent()
	return err
}

// catchUp sends first what an earlier stream took and the server has not: what
// it never confirmed, then what Send had queued and was never written. What was
// carried is in the first and never in the second. It returns the messages to
// rooms, which have to wait until we are in them again.
func (t *Transport) catchUp(ctx context.Context, s *stream.Session, replay []*stream.Element) (rest []*stream.Element) {
	for _, e := range replay {
		if s.Send(ctx, e) != nil {
			return nil // the session has ended, which Run says
		}
	}
	for _, e := range t.unsent {
		switch {
		case !speaks(e) || slices.Contains(replay, e):
		case e.Attr("type") == "groupchat":
			rest = append(rest, e)
		case s.Send(ctx, e) != nil:
			return nil
		}
	}
	return rest
}

// catchUpRooms sends messages to rooms once we are in them.
func (t *Transport) catchUpRooms(ctx context.Context, s *stream.Session, messages []*stream.Element) {
	for _, e := range messages {
		room, err := stream.ParseJID(e.Attr("to"))
		if err == nil {
			err = t.rooms.await(ctx, room)
		}
		if err == nil {
			e.SetAttr("from", t.rooms.seatIn(bot.Address(e.Attr("to"))))
			err = s.Send(ctx, e)
		}
		if err != nil {
			t.log.Warn("a message that the last stream had not sent is lost", "room", room, "err", err)
		}
	}
}

// speaks reports whether a stanza says something to somebody, now or later.
// Presence, questions and what shows that we type belong to their stream.
func speaks(e *stream.Element) bool {
	return e.Is(stream.NSClient, "message") &&
		(e.Child(stream.NSClient, "body") != nil || e.Child(nsReceipts, "received") != nil)
}

// takeLeave tells rooms and contacts that we go. The server does it for an
// account; for a component nobody would, and it would be seen sitting there
// until somebody writes to it.
func (t *Transport) takeLeave(ctx context.Context) {
	if !t.cfg.WholeDomain {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, t.times.farewell)
	defer cancel()
	for _, r := range t.rooms.all() {
		if r.seat() {
			r.vacate(ctx, r.own(), r.jid.WithResource(r.nick()).String())
		}
	}
	t.announce(ctx, "unavailable")
}

// hearOut goes on taking what arrives, which is now returned to its senders,
// until nothing has come for a moment: what the server has sent already would
// be lost with the stream, and nobody told.
func (t *Transport) hearOut(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, t.times.farewell)
	defer cancel()
	for n := int64(-1); n != t.handled.Load(); {
		n = t.handled.Load()
		if clock.Sleep(ctx, t.clock, t.times.silence) != nil {
			return
		}
	}
}

// ping is the IQ that proves that the server is alive (XEP-0199): for a
// component to itself through the server, since some servers answer no ping
// of a component.
func (t *Transport) ping() *stream.Element {
	to := t.cfg.Main.Domain()
	iq := stream.New(stream.NSClient, "iq", stream.New(nsPing, "ping")).SetAttr("type", "get")
	if t.cfg.WholeDomain {
		iq.SetAttr("from", t.occupant())
		to = t.cfg.Main.String()
	}
	return iq.SetAttr("to", to)
}

// refused explains an error after which trying again is of no use, or returns
// nil.
func (t *Transport) refused(err error) error {
	var e *stream.Error
	if !errors.As(err, &e) || !e.Received {
		var denied *AuthError
		if errors.As(err, &denied) {
			hint := ""
			if denied.Condition == stream.NotAuthorized {
				hint = "; check jid and password in skills.yaml"
			}
			return fmt.Errorf("the server refuses the login: %w%s", err, hint)
		}
		return nil
	}
	switch e.Condition {
	case stream.NotAuthorized:
		return fmt.Errorf("the server refuses the secret of %s (ejabberd also says so of a domain it does not know); "+
			"compare it with component_secret in Prosody or password in ejabberd's listener: %w", t.Name(), err)
	case stream.HostUnknown:
		return fmt.Errorf("the server knows no component %s; add Component \"%s\" to Prosody's configuration "+
			"or the host to ejabberd's listener: %w", t.Name(), t.Name(), err)
	}
	return nil
}

// AuthError is a login that the server refused for a reason that will not pass
// by itself (RFC 6120 section 6.5).
type AuthError struct {
	// Condition is the SASL failure, such as not-authorized.
	Condition string
	// Text is the server's explanation, if it gave one.
	Text string
}

// Error names the condition and the server's explanation.
func (e *AuthError) Error() string {
	if e.Text == "" {
		return e.Condition
	}
	return e.Condition + ": " + e.Text
}

func isConflict(err error) bool {
	var e *stream.Error
	return errors.As(err, &e) && e.Condition == stream.Conflict
}

// backoff doubles from first to last, with jitter.
type backoff struct {
	first, last time.Duration
	attempt     int
}

func (b *backoff) reset() { b.attempt = 0 }

func (b *backoff) next() time.Duration {
	d := min(b.first<<min(b.attempt, 10), b.last)
	b.attempt++
	return d/2 + rand.N(d/2)
}
