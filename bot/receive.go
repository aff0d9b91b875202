package bot

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// parcelKeep is how long the id of a parcel is known.
const parcelKeep = 24 * time.Hour

// Receive has f take the parcels of a kind. f runs in the transaction that ctx
// carries, may run several times, and commits with the note that the parcel
// came; it decides by Parcel.From whether the sender may send such a thing.
// Receive must not be called once Run has begun.
func (b *Bot) Receive(kind string, f func(ctx context.Context, p *Parcel) error) error {
	if b.receivers[kind] != nil {
		return fmt.Errorf("bot: two skills take parcels of the kind %q", kind)
	}
	b.receivers[kind] = f
	return nil
}

// Accept implements Receiver.
func (r *router) Accept(ctx context.Context, p *Parcel) error {
	f := r.bot.receivers[p.Kind]
	if f == nil {
		return ErrNoReceiver
	}
	r.mu.Lock()
	if r.open == nil {
		r.mu.Unlock()
		return ErrStopped
	}
	r.wg.Add(1) // under the lock, so that stop waits for it
	r.mu.Unlock()
	defer r.wg.Done()
	ctx, cancel := r.bot.within(ctx, r.bot.cfg.Overrun)
	defer cancel()
	defer context.AfterFunc(r.work, cancel)()
	if err := r.bot.accept(ctx, p, f); err != nil {
		r.bot.log.Warn("a parcel was not taken", "transport", p.Transport, "from", p.From, "kind", p.Kind, "id", p.ID, "err", err)
		return fmt.Errorf("parcel of the kind %q: %w", p.Kind, err)
	}
	return nil
}

// accept takes a parcel unless it came before. A receiver that does not heed the
// end of ctx is left behind: what it does is rolled back, or, if it was
// committed just then, found when the sender tries again.
func (b *Bot) accept(ctx context.Context, p *Parcel, f func(context.Context, *Parcel) error) error {
	done := make(chan error, 1)
	go func() { done <- b.takeOnce(ctx, p, f) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	late, cancel := b.within(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	select {
	case err := <-done:
		return err
	case <-late.Done():
		return context.Cause(ctx)
	}
}

func (b *Bot) takeOnce(ctx context.Context, p *Parcel, f func(context.Context, *Parcel) error) error {
	key := DerivedID("parcel", p.Transport, string(p.From), p.ID)
	take := func(ctx context.Context) (err error) {
		defer func() {
			if v := recover(); v != nil {
				b.log.Error("a receiver of parcels panicked", "kind", p.Kind, "err", panicError{v, debug.Stack()})
				err = errPanicked
			}
		}()
		return cmp.Or(f(ctx, p), ctx.Err()) // what comes too late is not committed
	}
	if b.cfg.Journal != nil {
		_, err := b.cfg.Journal.Once(ctx, key, parcelKeep, take)
		return err
	}
	seen := sha256.Sum256([]byte(key))
	if !b.seen.firstKey([16]byte(seen[:16])) {
		return nil
	}
	err := take(ctx)
	if err != nil {
		b.seen.forgetKey([16]byte(seen[:16]))
	}
	return err
}

// errPanicked says no more, because the sender may read it.
var errPanicked = errors.New("its receiver failed")
