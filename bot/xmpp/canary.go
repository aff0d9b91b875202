package xmpp

import (
	"context"
	"sync"

	"dragoman/bot/xmpp/stream"
)

// canaries are a flock.
const canaries = 20

// canary finds out whether all that is sent to a component reaches this
// connection. ejabberd accepts a second connection for the same component and
// deals stanzas out to both at random, so that a forgotten program, or the
// half-dead connection of an earlier run, silently eats a share. Twenty
// messages to ourselves show it: a split in halves hides from all of them once
// in a million times.
type canary struct {
	t *Transport

	mu     sync.Mutex
	flock  string // id of those that are out
	away   int
	homing chan struct{} // closed when all are back

	strange chan struct{} // somebody else's came
}

func newCanary(t *Transport) *canary {
	return &canary{t: t, homing: make(chan struct{}), strange: make(chan struct{}, 1)}
}

// watch sends a flock after each connect, and again every minute as long as
// one has not come home whole. It also sends one when it meets a canary that it
// doesn't know, since another connection must have sent that.
func (c *canary) watch(ctx context.Context) {
	if !c.t.cfg.WholeDomain {
		return
	}
	for {
		lost, err := c.fly(ctx)
		if err != nil {
			return
		}
		if lost == 0 {
			select {
			case <-c.strange:
				continue
			case <-ctx.Done():
				return
			}
		}
		c.t.log.Error("another connection for this component takes a share of its messages; stop the other program "+
			"(in ejabberd give each component a listener of its own, in Prosody set component_conflict_resolve = \"kick_old\")",
			"lost", lost, "of", canaries)
		timer := c.t.clock.NewTimer(c.t.times.canaryAgain)
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// reset forgets what is known of the stream before this one.
func (c *canary) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flock, c.away, c.homing = "", 0, make(chan struct{})
}

// whole reports whether the latest flock has come home, for which it waits: else
// what the server answers may go to another connection in part.
func (c *canary) whole(ctx context.Context) bool {
	if !c.t.cfg.WholeDomain {
		return true
	}
	c.mu.Lock()
	home := c.homing
	c.mu.Unlock()
	timer := c.t.clock.NewTimer(c.t.times.canaryHome)
	defer timer.Stop()
	select {
	case <-home:
		return true
	case <-timer.C():
	case <-ctx.Done():
	}
	return false
}

// fly sends one flock and returns how many did not come home.
func (c *canary) fly(ctx context.Context) (lost int, err error) {
	id := stream.NewID()
	c.mu.Lock()
	select {
	case <-c.homing:
		c.homing = make(chan struct{})
	default: // somebody may wait already
	}
	home := c.homing
	c.flock, c.away = id, canaries
	c.mu.Unlock()
	for range canaries {
		e := stream.New(stream.NSClient, "message", stream.New(nsCanary, "canary").SetAttr("id", id)).
			SetAttr("type", "headline").
			SetAttr("from", c.t.occupant()).
			SetAttr("to", c.t.occupant())
		if err := c.t.send(ctx, e); err != nil {
			return 0, err
		}
	}
	timer := c.t.clock.NewTimer(c.t.times.canaryHome)
	defer timer.Stop()
	select {
	case <-home:
		return 0, nil
	case <-timer.C():
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.away, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// caught takes a canary that came home and reports whether the message was
// one.
func (c *canary) caught(e *stream.Element, from stream.JID) bool {
	id := e.Child(nsCanary, "canary").Attr("id")
	if id == "" || !c.t.ours(from) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if id != c.flock {
		select {
		case c.strange <- struct{}{}:
		default: // a flock is due already
		}
	} else if c.away > 0 {
		if c.away--; c.away == 0 {
			close(c.homing)
		}
	}
	return true
}
