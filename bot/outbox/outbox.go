package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"dragoman/bot"
	"dragoman/internal/clock"
	"dragoman/store"
	"dragoman/store/queue"
)

const (
	// kindPrefix and the name of the transport are the kind of a message's job.
	kindPrefix = "outbox:"
	// batchMax is how many messages of one destination a courier gets at once.
	batchMax = 32
	// couriersMax is how many destinations of a transport are served at once.
	couriersMax = 1024
	// carryMax bounds one Carry, should a courier forget to.
	carryMax = 2 * time.Minute
	// A message that came back is tried again after firstPause, and after
	// longestPause in the end: a restarted gateway need not wait for longer.
	firstPause   = 500 * time.Millisecond
	longestPause = 30 * time.Second
)

// Config is what an Outbox is made of.
type Config struct {
	// DB holds the tables of Migrations and those of the queue.
	DB *store.DB
	// Queue holds the messages. Its Dead function should be, or call, the
	// Outbox's Dead.
	Queue *queue.Queue
	// Transports are the names of all transports that Run may be given.
	Transports []string
	// Clock is the source of time; nil means the system's.
	Clock clock.Clock
	// Log gets what an administrator should know; nil discards it.
	Log *slog.Logger
	// Admins are told of dead letters; nil means nobody.
	Admins func() []bot.Destination
	// Fence is called in every transaction that claims or settles messages; an
	// error means that another process delivers now. Nil means that there is none.
	Fence func(ctx context.Context) error
	// GiveUp is how old a message gets that is tried in vain; zero means 7
	// days. While there is no connection at all nothing is given up.
	GiveUp time.Duration
	// Grace is how long messages that are with a courier at the end of Run may
	// take; zero means 2 s.
	Grace time.Duration
}

// Outbox implements bot.Outbox and bot.Journal. Its methods are safe for
// concurrent use.
type Outbox struct {
	cfg     Config
	clock   clock.Clock
	log     *slog.Logger
	routes  map[string]*route // by the name of the transport; never changed
	pending pending

	mu      sync.Mutex
	running bool
}

// New makes an Outbox and registers with the queue what it handles, so it is
// called before the queue runs.
func New(cfg Config) *Outbox {
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Admins == nil {
		cfg.Admins = func() []bot.Destination { return nil }
	}
	if cfg.GiveUp == 0 {
		cfg.GiveUp = 7 * 24 * time.Hour
	}
	if cfg.Grace == 0 {
		cfg.Grace = 2 * time.Second
	}
	o := &Outbox{cfg: cfg, clock: cfg.Clock, log: cfg.Log, routes: make(map[string]*route)}
	o.pending.init()
	for _, name := range cfg.Transports {
		o.routes[name] = o.handle(name)
	}
	o.handleAlerts()
	return o
}

// handle registers the delivery through one transport.
func (o *Outbox) handle(name string) *route {
	r := newRoute(name)
	queue.HandleBatch(o.cfg.Queue, queue.Options{
		Kind:    kindPrefix + name,
		Workers: couriersMax,
		Batch:   batchMax,
		// Age ends the attempts, not their number: who is down for a weekend
		// has lost nothing.
		Attempts: math.MaxInt32,
		Backoff:  queue.Backoff{First: firstPause, Max: longestPause},
		Timeout:  carryMax,
		Gate:     r.gate,
		Fence:    o.cfg.Fence,
	}, func(ctx context.Context, jobs []*queue.Job[letter]) []error {
		return o.deliver(ctx, r, jobs)
	})
	return r
}

// Add implements bot.Outbox. An ID that is missing is made of the parcel's, and
// by chance where there is none. The error is one for which
// errors.Is(err, bot.ErrNotAccepted) where the sender may try again.
func (o *Outbox) Add(ctx context.Context, out bot.Outgoing) error {
	r := o.routes[out.Transport]
	if r == nil {
		return fmt.Errorf("outbox: no transport is called %q; %w", out.Transport, bot.ErrNoTransport)
	}
	if out.Parcel == nil && out.Reply.IsZero() {
		return nil
	}
	if out.To == "" {
		return errors.New("outbox: a message without a destination")
	}
	if out.At.IsZero() {
		out.At = o.clock.Now()
	}
	return o.add(ctx, r, addressed(out))
}

// add puts a letter into the queue and has Sent wait for it.
func (o *Outbox) add(ctx context.Context, r *route, l letter) error {
	group := l.group()
	expected := !r.stuck(group) && o.pending.expect(l.ID, r.key(group), o.clock.Now())
	added, err := o.cfg.Queue.Add(ctx, queue.Item{
		Kind: kindPrefix + r.name, Key: l.ID, Once: true, Group: group, Args: l,
	})
	if expected && (err != nil || added.Existed) {
		o.pending.settle(l.ID)
	}
	if err != nil {
		return accepting("add a message", err)
	}
	return nil
}

// Sent implements bot.Outbox, for what was added by this process.
func (o *Outbox) Sent(ctx context.Context, id string) {
	select {
	case <-o.pending.settled(store.Text(id)):
	case <-ctx.Done():
	}
}

// Again implements bot.Outbox. What waits or is on its way is left alone.
func (o *Outbox) Again(ctx context.Context, id string) error {
	id = store.Text(id)
	for name := range o.routes {
		info, found, err := o.cfg.Queue.Find(ctx, kindPrefix+name, id)
		if err != nil {
			return accepting("look for a message", err)
		}
		if !found {
			continue
		}
		switch info.State {
		case queue.StateUnknown:
			if l, ok := letterOf(info); ok && l.secret() {
				return o.Again(ctx, repetitionID(id))
			}
			return o.retry(ctx, info.ID)
		case queue.StateDead:
			return o.retry(ctx, info.ID)
		}
		return nil
	}
	return nil
}

func (o *Outbox) retry(ctx context.Context, id int64) error {
	err := o.cfg.Queue.Retry(ctx, id)
	if err == nil || errors.Is(err, queue.ErrState) || errors.Is(err, queue.ErrNotFound) {
		return nil // somebody else was faster
	}
	return accepting("send a message again", err)
}
