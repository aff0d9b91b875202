package xmpp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// Times of reconnection. The cap is low because the server is one machine that
// an administrator restarts, not a service with a million clients, and people
// expect the bot back within seconds.
const (
	firstRetry    = 200 * time.Millisecond
	lastRetry     = 5 * time.Second
	conflictRetry = 5 * time.Second
	// connectTimeout bounds one attempt, dial to ready.
	connectTimeout = 20 * time.Second
	// refusalGrace is for how long a refusal is retried once a stream had
	// been accepted: a server that is starting refuses what it has not
	// loaded yet.
	refusalGrace = time.Minute
)

// Run keeps the identity connected until ctx ends. It returns an error only
// when the server refuses the identity and a person has to mend it.
func (t *Transport) Run(ctx context.Context, in bot.Inbox) error {
	t.in = in
	t.rooms.load(ctx)
	var b backoff
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
		if refusal := t.refused(err); refusal != nil && t.clock.Now().Sub(lastGood) > refusalGrace {
			return refusal
		}
		wait := b.next()
		if isConflict(err) {
			wait = max(wait, conflictRetry)
			t.log.Error("another connection uses this address; if it is an old one of this bot, "+
				"set component_conflict_resolve = \"kick_old\" in Prosody, or stop the other program", "retry_in", wait, "err", err)
		} else {
			t.log.Warn("disconnected", "retry_in", wait.Round(time.Millisecond), "err", err)
		}
		timer := t.clock.NewTimer(wait)
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

// connectOnce opens a stream and serves it to its end. It reports whether the
// server had accepted it.
func (t *Transport) connectOnce(ctx context.Context) (connected bool, err error) {
	dial, cancel := context.WithTimeout(ctx, connectTimeout)
	link, err := t.cfg.Connector.Connect(dial)
	cancel()
	if err != nil {
		return false, err
	}
	return true, t.serve(ctx, link)
}

// serve runs the stanzas of one stream, and all that lives only as long as it.
func (t *Transport) serve(ctx context.Context, link *Link) error {
	var s *stream.Session
	handle := t.handle
	if link.Handled != nil {
		handle = func(ctx context.Context, e *stream.Element) {
			t.handle(ctx, e)
			link.Handled(e)
		}
	}
	cfg := stream.Config{
		Log: t.log, Clock: t.clock, Own: link.Own,
		Ping: t.ping, Handle: handle, Wrote: link.Wrote,
	}
	if link.Nonza != nil {
		cfg.Nonza = func(ctx context.Context, e *stream.Element) { link.Nonza(ctx, s, e) }
	}
	s = stream.NewSession(link.Conn, link.Reader, cfg)

	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		for _, e := range link.Replay {
			if s.Send(ctx, e) != nil {
				return
			}
		}
		t.log.Info("connected", "resumed", link.Resumed)
		t.setSession(s)
		t.opened(ctx, link.Resumed)
	})
	wg.Go(func() { t.rooms.keep(ctx) })
	wg.Go(func() { t.canary.watch(ctx) })
	err := s.Run(ctx)
	cancel()
	wg.Wait()
	t.setSession(nil)
	t.rooms.lost()
	return err
}

// opened tells the world that we are here.
func (t *Transport) opened(ctx context.Context, resumed bool) {
	if resumed {
		t.rooms.resumed()
		return
	}
	t.announce(ctx)
	t.rooms.rejoin()
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
			return fmt.Errorf("the server refuses the login: %w; check the password in skills.yaml", err)
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

// backoff doubles from firstRetry to lastRetry, with jitter.
type backoff struct{ attempt int }

func (b *backoff) reset() { b.attempt = 0 }

func (b *backoff) next() time.Duration {
	d := min(firstRetry<<min(b.attempt, 10), lastRetry)
	b.attempt++
	return d/2 + rand.N(d/2)
}
