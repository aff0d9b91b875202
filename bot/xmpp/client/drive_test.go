package client

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
)

// served is a link at work, wired as package xmpp does it.
type served struct {
	*stream.Session
	ended chan error
	stop  context.CancelFunc
}

// work serves link until it ends or the test does.
func work(t testing.TB, link *xmpp.Link, handle func(context.Context, *stream.Element), change ...func(*stream.Config)) *served {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	w := &served{ended: make(chan error, 1), stop: stop}
	cfg := stream.Config{Own: link.Own, Wrote: link.Wrote, Handle: func(ctx context.Context, e *stream.Element) {
		if link.Handling != nil {
			defer link.Handling(e)()
		}
		if handle != nil {
			handle(ctx, e)
		}
	}}
	if link.Nonza != nil {
		cfg.Nonza = func(ctx context.Context, e *stream.Element) { link.Nonza(ctx, w.Session, e) }
	}
	for _, f := range change {
		f(&cfg)
	}
	w.Session = stream.NewSession(link.Conn, link.Reader, cfg)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		live, ended := context.WithCancel(ctx)
		var beside sync.WaitGroup
		if link.Attend != nil {
			beside.Go(func() { link.Attend(live, w.Session) })
		}
		err := w.Run(ctx)
		ended()
		beside.Wait()
		w.ended <- err
	}()
	t.Cleanup(func() { stop(); <-gone })
	for _, e := range link.Replay {
		if err := w.Send(ctx, e); err != nil {
			break // the next link replays it
		}
	}
	return w
}

// end waits for the end of the session.
func (w *served) end(t testing.TB) error {
	t.Helper()
	select {
	case err := <-w.ended:
		return err
	case <-time.After(30 * time.Second):
		t.Fatal("the session does not end")
		return nil
	}
}

// bot keeps an account connected, as package xmpp does.
type bot struct {
	t       testing.TB
	c       *Connector
	handle  func(context.Context, *stream.Element)
	resumed int

	mu      sync.Mutex
	now     *served
	changed chan struct{}
}

// keep runs a bot until the test ends.
func keep(t testing.TB, c *Connector, handle func(context.Context, *stream.Element)) *bot {
	t.Helper()
	b := &bot{t: t, c: c, handle: handle, changed: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.run(ctx)
	}()
	t.Cleanup(func() { cancel(); <-done })
	return b
}

func (b *bot) run(ctx context.Context) {
	var unsent []*stream.Element
	for first := true; ctx.Err() == nil; first = false {
		if !first {
			select {
			case <-time.After(100 * time.Millisecond): // the backoff of package xmpp
			case <-ctx.Done():
				continue
			}
		}
		limit, cancel := context.WithTimeout(ctx, 20*time.Second)
		link, err := b.c.Connect(limit)
		cancel()
		if err != nil {
			b.t.Logf("connect: %v", err)
			continue
		}
		w := work(b.t, link, b.handle)
		if !link.Resumed {
			_ = w.Send(ctx, stream.New(stream.NSClient, "presence"))
		}
		var kept []*stream.Element
		for _, e := range unsent {
			// An old <a/> or <r/> must not be sent, and a replay not twice.
			if stream.IsStanza(e) && !slices.Contains(link.Replay, e) && w.Send(ctx, e) != nil {
				kept = append(kept, e)
			}
		}
		b.set(w, link.Resumed)
		select {
		case err = <-w.ended:
		case <-ctx.Done():
			w.stop()
			<-w.ended
			return
		}
		unsent = append(w.Unsent(), kept...)
		b.t.Logf("disconnected: %v; %d unsent", err, len(unsent))
		b.set(nil, false)
	}
}

func (b *bot) set(w *served, resumed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if resumed {
		b.resumed++
	}
	b.now = w
	close(b.changed)
	b.changed = make(chan struct{})
}

// say sends on the present link or the next.
func (b *bot) say(ctx context.Context, e *stream.Element) error {
	for {
		b.mu.Lock()
		w, changed := b.now, b.changed
		b.mu.Unlock()
		if w != nil {
			if err := w.Send(ctx, e); !errors.Is(err, stream.ErrClosed) {
				return err
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// link is the present one, or the next.
func (b *bot) link() *served {
	for {
		b.mu.Lock()
		w, changed := b.now, b.changed
		b.mu.Unlock()
		if w != nil {
			return w
		}
		<-changed
	}
}

func (b *bot) resumptions() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.resumed
}

func chat(to, body string) *stream.Element {
	return stream.New(stream.NSClient, "message", stream.TextElement(stream.NSClient, "body", body)).
		SetAttr("type", "chat").SetAttr("to", to).SetAttr("id", stream.NewID())
}
