package xmpp

import (
	"context"
	"time"

	"dragoman/bot/xmpp/stream"
)

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

// AwaitRoom returns once we are in the room.
func (t *Transport) AwaitRoom(ctx context.Context, room string) error {
	return t.rooms.await(ctx, stream.MustParse(room))
}

// Impatient shortens the waits for acknowledgements and for the next stream.
func (t *Transport) Impatient() {
	t.times.firstRetry, t.times.lastRetry = 10*time.Millisecond, 50*time.Millisecond
	t.times.pingEvery, t.times.pingTimeout = 200*time.Millisecond, 200*time.Millisecond
	t.times.barrier, t.times.echo, t.times.answer = 300*time.Millisecond, 300*time.Millisecond, 300*time.Millisecond
	t.times.recall = 300 * time.Millisecond
	t.times.canaryHome, t.times.canaryAgain = 300*time.Millisecond, 300*time.Millisecond
	t.times.joinPatience, t.times.keepEvery = 100*time.Millisecond, 50*time.Millisecond
}
