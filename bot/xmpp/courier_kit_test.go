package xmpp_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/component"
	"dragoman/bot/xmpp/stream"
	"dragoman/internal/counterpart"
)

// place is a server that promises are kept on: a real one, or the fake one
// with the ways of a real one.
type place struct {
	Kind                string // whose ways it has
	Fake                bool
	Domain, RoomsDomain string
	Component, Room     func(string) string
	Kill, Pause, Resume func() error
	Restart             func(context.Context) error
	line                func(domain string) *counterpart.FakeLine // nil on a real one
	archive             func(room string) []counterpart.Event     // likewise
	login               func(ctx context.Context, t *testing.T, name string) *person
	evil                func(ctx context.Context, t *testing.T) *person
}

func realPlace(s *counterpart.Server) *place {
	return &place{s.Kind, false, s.Domain, s.RoomsDomain, s.Component, s.Room, s.Kill, s.Pause, s.Resume, s.Restart, nil, nil,
		func(ctx context.Context, t *testing.T, name string) *person { return user(ctx, t, s, name) },
		func(ctx context.Context, t *testing.T) *person { return evil(ctx, t, s) }}
}

func fakePlace(t *testing.T, like string) *place {
	s := counterpart.FakeServer(t, counterpart.FakeOptions{Options: options(), Like: like})
	someone := func(ctx context.Context, t *testing.T, u *counterpart.FakeUser) *person {
		t.Cleanup(func() { _ = u.Close() })
		return &person{t, u, ctx}
	}
	return &place{like, true, s.Domain, s.RoomsDomain, s.Component, s.Room, s.Kill, s.Pause, s.Resume, s.Restart, s.Line, s.Archive,
		func(ctx context.Context, t *testing.T, name string) *person {
			return someone(ctx, t, s.Login(name, "desk"))
		},
		func(ctx context.Context, t *testing.T) *person { return someone(ctx, t, s.Peer("bot@"+evilDomain)) }}
}

// onEveryPlace runs the test on both real servers and on the fake one as either,
// at once, or one after the other where they would disturb what is measured.
func onEveryPlace(t *testing.T, test func(ctx context.Context, t *testing.T, s *place)) {
	t.Helper()
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for _, fake := range []bool{true, false} {
			name := map[bool]string{true: "fake " + kind, false: kind}[fake]
			t.Run(name, func(t *testing.T) {
				limit := 2 * time.Minute
				if long() {
					limit = 10 * time.Minute
				} else {
					t.Parallel()
				}
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				if fake {
					test(ctx, t, fakePlace(t, kind))
				} else {
					test(ctx, t, realPlace(kinds[kind](t, options())))
				}
			})
		}
	}
}

// carrier is a Transport without a bot, as an outbox sees it.
type carrier struct {
	*testing.T
	*xmpp.Transport
	ctx     context.Context
	journal *journal
	opened  chan bot.Address
	stop    func()
	// delivered counts what is acknowledged.
	delivered atomic.Int64
}

// carry runs a component's transport on s for the length of the test.
func carry(ctx context.Context, t *testing.T, s *place, in bot.Inbox, setups ...setup) *carrier {
	t.Helper()
	return prepare(ctx, t, s, setups...).start(in)
}

// prepare is carry up to the start.
func prepare(ctx context.Context, t *testing.T, s *place, setups ...setup) *carrier {
	t.Helper()
	c := &carrier{T: t, ctx: ctx, journal: newJournal(), opened: make(chan bot.Address, 1000)}
	link := component.Config{Domain: botDomain, Secret: secret}
	cfg := xmpp.Config{Main: stream.MustParse(mainJID), WholeDomain: true, Nick: "dragoman", Log: c.journal.logger()}
	for _, f := range setups {
		f(&cfg, &link)
	}
	if link.Address == "" {
		link.Address = s.Component(link.Domain)
	}
	if cfg.Connector == nil {
		cfg.Connector = component.New(link)
	}
	c.Transport = xmpp.New(cfg)
	return c
}

func (c *carrier) start(in bot.Inbox) *carrier {
	c.Helper()
	c.Opened(func(to bot.Address) { c.opened <- to })
	run, cancel := context.WithCancel(context.WithoutCancel(c.ctx))
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if err := c.Transport.Run(run, in); err != nil {
			c.Errorf("Run: %v", err)
		}
	}()
	c.stop = func() { cancel(); <-gone }
	c.Cleanup(func() {
		c.stop()
		if c.Failed() {
			c.Logf("the log of %s:\n%s", c.Name(), c.journal.tail(30))
		}
	})
	check(c.T, c.Await(c.ctx))
	return c
}

// Name is the transport's; the test has another.
func (c *carrier) Name() string { return c.Transport.Name() }

// asDomain is a setup for another component.
func asDomain(domain string) setup {
	return func(x *xmpp.Config, c *component.Config) {
		c.Domain = domain
		x.Main = stream.MustParse("bot@" + domain)
	}
}

// awaitOpened waits until the transport says that all of these can be reached.
func (c *carrier) awaitOpened(to ...string) {
	c.Helper()
	limit := time.NewTimer(soon)
	defer limit.Stop()
	for len(to) > 0 {
		select {
		case got := <-c.opened:
			to = slices.DeleteFunc(to, func(s string) bool { return s == string(got) })
		case <-limit.C:
			c.Fatalf("%s was not opened", to)
		}
	}
}

// direct is a message to a person.
func direct(to, id, text string) bot.Outgoing {
	return bot.Outgoing{Destination: bot.Destination{To: bot.Address(to)}, ID: id, Reply: bot.Say(text)}
}

// inRoom is a message to a room.
func inRoom(room, id, text string) bot.Outgoing {
	out := direct(room, id, text)
	out.Room = true
	return out
}

// parcel is one from machine to machine.
func parcel(to, id, body string) bot.Outgoing {
	return bot.Outgoing{Destination: bot.Destination{To: bot.Address(to)},
		Parcel: &bot.Parcel{ID: id, Kind: "test", Body: []byte(body)}}
}

// wants carries a batch and checks the fate of each message.
func (c *carrier) wants(want bot.FateState, batch ...bot.Outgoing) []bot.Fate {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, soon)
	defer cancel()
	fates := c.Carry(ctx, batch)
	for i, f := range fates {
		if f.State != want {
			c.Fatalf("the fate of %d of %d (to %s) is %s (%v), want %s", i, len(batch), batch[i].To, fateName(f.State), f.Err, fateName(want))
		}
		if f.State != bot.Arrived && f.Err == nil {
			c.Errorf("a fate of %s without an explanation", fateName(f.State))
		}
	}
	return fates
}

func fateName(s bot.FateState) string {
	return []string{"nothing", "arrived", "held", "returned", "refused", "in doubt"}[s]
}

// depot takes parcels and knows them by their ids, as a committed journal does.
type depot struct {
	deaf
	mu      sync.Mutex
	seen    map[string]bool
	effects []string // the ids in the order of their effects
	wire    int      // parcels handed over
	refuse  func(p *bot.Parcel) error
}

func newDepot() *depot { return &depot{seen: map[string]bool{}} }

// Accept implements bot.Receiver.
func (d *depot) Accept(_ context.Context, p *bot.Parcel) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wire++
	if d.refuse != nil {
		if err := d.refuse(p); err != nil {
			return err
		}
	}
	if key := string(p.From) + " " + p.ID; !d.seen[key] {
		d.seen[key] = true
		d.effects = append(d.effects, p.ID)
	}
	return nil
}

func (d *depot) took() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.effects)
}

func (d *depot) onWire() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.wire
}

// numbered are n ids in order.
func numbered(prefix string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("%s%05d", prefix, i)
	}
	return list
}
