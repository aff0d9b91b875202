package outbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"dragoman/bot"
)

// sweepEvery is how often what is no longer needed is deleted.
const sweepEvery = 10 * time.Minute

// Run implements bot.Outbox: messages go out while it and the queue's Run both
// go on. At the end it claims nothing more, and waits up to Config.Grace for the
// fate of what is with a courier; so the queue is stopped after it, to note that
// fate, and the transports too. It may be called again after it has returned,
// when a lease was lost and won.
func (o *Outbox) Run(ctx context.Context, transports map[string]bot.Transport) error {
	for name := range transports {
		if o.routes[name] == nil {
			return fmt.Errorf("outbox: the transport %q is not among those of Config.Transports", name)
		}
	}
	if err := o.start(); err != nil {
		return err
	}
	defer o.end()
	watching, stop := context.WithCancel(ctx)
	defer stop()
	var watches sync.WaitGroup
	for name, t := range transports {
		r := o.routes[name]
		c, ok := t.(bot.Courier)
		if ok && r.greets(c) {
			c.Opened(func(to bot.Address) { o.opened(r, to) })
		}
		r.open(t)
		if ok {
			watches.Go(func() { r.watch(watching, c, o.pending.settleAll) })
		}
	}
	o.sweep(ctx)
	stop()
	watches.Wait() // nobody opens a gate again
	o.finish()
	return nil
}

func (o *Outbox) start() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.running {
		return errors.New("outbox: Run was called while it runs")
	}
	o.running = true
	return nil
}

func (o *Outbox) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.running = false
}

// opened has what waits for that destination sent at once.
func (o *Outbox) opened(r *route, to bot.Address) {
	for _, room := range []bool{false, true} {
		group := groupOf(to, room)
		r.opened(group)
		o.cfg.Queue.Wake(kindPrefix+r.name, group)
	}
}

// finish closes the routes and waits for what is being carried.
func (o *Outbox) finish() {
	var idle []<-chan struct{}
	for _, r := range o.routes {
		idle = append(idle, r.close())
	}
	o.pending.settleAll()
	t := o.clock.NewTimer(o.cfg.Grace)
	defer t.Stop()
	for _, done := range idle {
		select {
		case <-done:
		case <-t.C():
			for _, r := range o.routes {
				r.cancel()
			}
			<-done
		}
	}
}

// sweep deletes now and then what is no longer needed, until ctx ends.
func (o *Outbox) sweep(ctx context.Context) {
	t := o.clock.NewTimer(sweepEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C():
		}
		now := o.clock.Now()
		o.pending.settleBefore(now.Add(-pendingFor))
		for _, r := range o.routes {
			r.forget(now.Add(-forgetAfter))
		}
		if err := o.pruneMarks(ctx); err != nil && ctx.Err() == nil {
			o.log.Warn("old marks of requests could not be deleted; trying again later", "err", err)
		}
		t.Reset(sweepEvery)
	}
}

// forgetAfter is when a destination that was tried no more is forgotten: its
// messages were dropped.
const forgetAfter = time.Hour
