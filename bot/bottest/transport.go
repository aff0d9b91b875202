package bottest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"dragoman/bot"
)

// Capability is something that only some transports can do.
type Capability uint8

// The capabilities that a Transport can be given.
const (
	// Typing shows that the bot is at work: bot.Typist.
	Typing Capability = 1 << iota
	// Receipts tells the sender that a message was accepted:
	// bot.Acknowledger.
	Receipts
	// Names finds out what a person is called: bot.Namer.
	Names
)

// waitLimit is how long a test waits for something that never comes.
const waitLimit = 20 * time.Second

// Transport is a bot.Transport without a network. It hands messages over with
// Deliver and keeps all that the bot says. Attach what With returns, also where
// no capability is needed; its methods are safe for concurrent use.
type Transport struct {
	name string

	mu       sync.Mutex
	in       bot.Inbox
	running  chan struct{} // closed when in is there
	ended    bool
	lost     chan error    // makes Run fail
	changed  chan struct{} // closed and replaced at every record
	sent     []bot.Outgoing
	read     int // of sent, by Next
	receipts []*bot.Message
	typing   []TypingChange
	names    map[bot.Address]string
	failure  error
	gate     chan struct{} // Send waits for its end; nil lets everything through
	waiting  int           // Sends at the gate
}

// TypingChange is one sign that the bot began or stopped to work.
type TypingChange struct {
	About *bot.Message
	On    bool
}

// NewTransport makes a transport of that name.
func NewTransport(name string) *Transport {
	return &Transport{
		name: name, running: make(chan struct{}), lost: make(chan error, 1),
		changed: make(chan struct{}), names: make(map[bot.Address]string),
	}
}

// Deliver hands a message to the bot, once its Run has begun.
func (t *Transport) Deliver(m *bot.Message) error {
	<-t.running
	return t.in.Deliver(m)
}

// Fail makes every Send return err, until it is called with nil.
func (t *Transport) Fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failure = err
}

// Block makes every Send wait, as a transport does whose queue is full, until
// release is called or the context of Send ends.
func (t *Transport) Block() (release func()) {
	gate := make(chan struct{})
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gate = gate
	return sync.OnceFunc(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.gate == gate {
			t.gate = nil
		}
		close(gate)
	})
}

// Break makes Run return err, as a transport does that can never work.
func (t *Transport) Break(err error) { t.lost <- err }

// Call is what people with that account are called where Names is given.
func (t *Transport) Call(account bot.Address, name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.names[account] = name
}

// Sent is all that the bot has said so far, in order.
func (t *Transport) Sent() []bot.Outgoing {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.sent)
}

// Forget drops all that was recorded so far, for a test that talks for long.
func (t *Transport) Forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent, t.read, t.receipts, t.typing = nil, 0, nil, nil
}

// Receipts are the messages that were acknowledged, in order.
func (t *Transport) Receipts() []*bot.Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.receipts)
}

// TypingChanges are the signs of work, in order.
func (t *Transport) TypingChanges() []TypingChange {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.typing)
}

// Next is the oldest thing said that Next has not returned yet. It waits for
// it, and fails the test when it does not come.
func (t *Transport) Next(tb testing.TB) bot.Outgoing {
	tb.Helper()
	var out bot.Outgoing
	t.Await(tb, "another reply", func() bool {
		if t.read == len(t.sent) {
			return false
		}
		out = t.sent[t.read]
		t.read++
		return true
	})
	return out
}

// AwaitReceipt waits until the bot has acknowledged m, which it does when it is
// done with it.
func (t *Transport) AwaitReceipt(tb testing.TB, m *bot.Message) {
	tb.Helper()
	t.Await(tb, "a receipt", func() bool { return slices.Contains(t.receipts, m) })
}

// AwaitBlocked waits until n Sends wait for the release of Block.
func (t *Transport) AwaitBlocked(tb testing.TB, n int) {
	tb.Helper()
	t.Await(tb, "a blocked Send", func() bool { return t.waiting >= n })
}

// Await waits until done reports true. It asks after every change of the
// transport, under its lock.
func (t *Transport) Await(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	limit := time.NewTimer(waitLimit)
	defer limit.Stop()
	for {
		t.mu.Lock()
		ok, changed := done(), t.changed
		t.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-limit.C:
			tb.Fatalf("waited %v for %s in vain; the bot said so far: %q", waitLimit, what, texts(t.Sent()))
		}
	}
}

func texts(sent []bot.Outgoing) []string {
	var all []string
	for _, out := range sent {
		all = append(all, out.Reply.Plain())
	}
	return all
}

// note changes the transport and wakes who waits for it.
func (t *Transport) note(change func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change()
	close(t.changed)
	t.changed = make(chan struct{})
}

// With is the transport with those capabilities and no others.
func (t *Transport) With(c Capability) bot.Transport {
	core := wire{t}
	switch c {
	case 0:
		return core
	case Typing:
		return struct {
			wire
			typist
		}{core, typist{t}}
	case Receipts:
		return struct {
			wire
			acknowledger
		}{core, acknowledger{t}}
	case Names:
		return struct {
			wire
			namer
		}{core, namer{t}}
	case Typing | Receipts:
		return struct {
			wire
			typist
			acknowledger
		}{core, typist{t}, acknowledger{t}}
	case Typing | Names:
		return struct {
			wire
			typist
			namer
		}{core, typist{t}, namer{t}}
	case Receipts | Names:
		return struct {
			wire
			acknowledger
			namer
		}{core, acknowledger{t}, namer{t}}
	}
	return struct {
		wire
		typist
		acknowledger
		namer
	}{core, typist{t}, acknowledger{t}, namer{t}}
}

// wire is the Transport as the core sees it.
type wire struct{ t *Transport }

// Name implements bot.Transport.
func (w wire) Name() string { return w.t.name }

// Run implements bot.Transport. It fails with what Break is given.
func (w wire) Run(ctx context.Context, in bot.Inbox) error {
	t := w.t
	t.note(func() {
		if t.in != nil {
			panic("bottest: a Transport runs once")
		}
		t.in = in
		close(t.running)
	})
	defer t.note(func() { t.ended = true })
	select {
	case <-ctx.Done():
		return nil
	case err := <-t.lost:
		return err
	}
}

// errEnded is what a transport says to a reply that comes after its end.
var errEnded = errors.New("bottest: the transport has ended")

// Send implements bot.Transport. It waits where Block says so, fails where Fail
// does, and else keeps the reply.
func (w wire) Send(ctx context.Context, out bot.Outgoing) error {
	t := w.t
	t.mu.Lock()
	gate := t.gate
	t.mu.Unlock()
	if gate != nil {
		t.note(func() { t.waiting++ })
		defer t.note(func() { t.waiting-- })
		select {
		case <-gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var err error
	t.note(func() {
		switch {
		case t.ended:
			err = errEnded
		case t.failure != nil:
			err = t.failure
		default:
			t.sent = append(t.sent, out)
		}
	})
	return err
}

type typist struct{ typingOn *Transport }

// Typing implements bot.Typist.
func (c typist) Typing(_ context.Context, m *bot.Message, on bool) error {
	c.typingOn.note(func() { c.typingOn.typing = append(c.typingOn.typing, TypingChange{m, on}) })
	return nil
}

type acknowledger struct{ receiptsOn *Transport }

// Acknowledge implements bot.Acknowledger.
func (c acknowledger) Acknowledge(_ context.Context, m *bot.Message) error {
	c.receiptsOn.note(func() { c.receiptsOn.receipts = append(c.receiptsOn.receipts, m) })
	return nil
}

type namer struct{ namesOn *Transport }

// DisplayName implements bot.Namer with what Call was told.
func (c namer) DisplayName(_ context.Context, account bot.Address) (string, error) {
	c.namesOn.mu.Lock()
	defer c.namesOn.mu.Unlock()
	return c.namesOn.names[account], nil
}
