package xmpp

import "time"

// HastyCanary shortens the wait for canaries, and nothing else.
func (t *Transport) HastyCanary() {
	t.times.canaryHome, t.times.canaryAgain = 2*time.Second, 2*time.Second
}

// Hasty shortens the waits that a test would otherwise sit out.
func (t *Transport) Hasty() {
	t.HastyCanary()
	t.times.pingEvery, t.times.pingTimeout = 400*time.Millisecond, 400*time.Millisecond
	t.times.connect = 2 * time.Second
	t.times.selfPingAfter, t.times.selfPingTimeout = time.Second, 2*time.Second
	t.times.keepEvery = 200 * time.Millisecond
	t.times.refusalGrace = 2 * time.Second
}
