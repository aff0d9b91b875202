// Package xmpp makes an XMPP identity, a component's domain or an account,
// into a bot.Transport: it keeps the stream up, sits in rooms, answers what
// every client may ask (disco, ping, version, last activity, time, vCard) and
// turns messages into the vocabulary of package bot and back. It is the only
// package outside its own folders that knows a stanza.
//
// How a stream is opened is a [Connector]'s business: package component has
// the one of XEP-0114, package client the one of an ordinary account. Bytes,
// limits and escaping belong to package stream.
//
// # What it doesn't do
//
// It keeps no message across a restart, and of what was written to a stream
// that then broke only what XEP-0198 can tell: it may be gone. It encrypts and decrypts nothing
// (XEP-0384) and says so to who tries. It doesn't read history: what carries a
// delay was written to somebody else.
package xmpp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
	"dragoman/internal/clock"
)

// Connector opens authenticated streams for one identity.
type Connector interface {
	// Connect dials and authenticates once. A *stream.Error that the server
	// sent on the way is in the chain of the error.
	Connect(ctx context.Context) (*Link, error)
}

// Link is a stream that is ready for stanzas.
type Link struct {
	Conn   net.Conn
	Reader *stream.Reader
	// Own is the full JID that an account was bound to; zero for a component.
	Own stream.JID
	// Resumed says that the stream goes on where an earlier one broke
	// (XEP-0198): presence and rooms are as they were.
	Resumed bool
	// Replay is what the server had not confirmed when the earlier stream
	// broke; it is sent before anything else.
	Replay []*stream.Element
	// Wrote, Handled and Nonza are called as in stream.Config; each may be
	// nil. Handled follows each stanza that was dispatched.
	Wrote   func(*stream.Element)
	Handled func(*stream.Element)
	Nonza   func(ctx context.Context, s *stream.Session, e *stream.Element)
}

// Config describes one identity.
type Config struct {
	// Main is the bare JID that the bot speaks as.
	Main stream.JID
	// WholeDomain says that every address at the domain of Main is ours, as
	// it is for a component.
	WholeDomain bool
	// Connector opens its streams.
	Connector Connector
	// Nick is the bot's name in rooms.
	Nick string
	// Prefix addresses the bot in a room without its nick, such as "!";
	// empty means that only the nick does.
	Prefix string
	// Rooms are the bare JIDs of rooms to sit in. What their services say of
	// who an occupant really is, is believed; no other service is.
	Rooms []stream.JID
	// Book keeps rooms and contacts over a restart; nil forgets them.
	Book Book
	// MayInvite decides whose invitations are followed; nil means nobody's.
	MayInvite func(ctx context.Context, account bot.Address) bool
	// Version is told to who asks (XEP-0092).
	Version string
	// Zone is the time zone told to who asks (XEP-0202); nil means the
	// machine's.
	Zone  *time.Location
	Clock clock.Clock
	Log   *slog.Logger
}

// Book remembers addresses under a kind for each of our own addresses.
// Package store has the durable one.
type Book interface {
	Add(ctx context.Context, kind, own, jid string) error
	Remove(ctx context.Context, kind, own, jid string) error
	List(ctx context.Context, kind, own string) ([]string, error)
}

// Kinds of entries in a Book.
const (
	bookRoom    = "room"
	bookContact = "contact"
	bookAddress = "address" // of ours, with contacts; its own is the Name
)

// Transport is one XMPP identity. It implements bot.Transport and the optional
// interfaces beside it.
type Transport struct {
	cfg     Config
	log     *slog.Logger
	clock   clock.Clock
	started time.Time
	times   times
	rooms   *rooms
	canary  *canary

	handled atomic.Int64 // stanzas that handle has taken

	in     bot.Inbox         // set once by Run, before the first stream
	unsent []*stream.Element // what the last stream never wrote; Run's own

	mu      sync.Mutex
	session *stream.Session // nil while there is none
	changed chan struct{}   // closed when session changes
}

// New makes a Transport; nothing happens before Run.
func New(cfg Config) *Transport {
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Zone == nil {
		cfg.Zone = time.Local
	}
	t := &Transport{
		cfg: cfg, clock: cfg.Clock,
		log:     cfg.Log.With("transport", cfg.name()),
		started: cfg.Clock.Now(),
		times:   defaultTimes(),
		changed: make(chan struct{}),
	}
	t.rooms = newRooms(t)
	t.canary = newCanary(t)
	return t
}

func (c *Config) name() string {
	if c.WholeDomain {
		return c.Main.Domain()
	}
	return c.Main.String()
}

// Name is the component's domain or the account's bare JID.
func (t *Transport) Name() string { return t.cfg.name() }

// ours reports whether j is an address of this identity.
func (t *Transport) ours(j stream.JID) bool {
	if t.cfg.WholeDomain {
		return j.Domain() == t.cfg.Main.Domain()
	}
	return j.Bare() == t.cfg.Main
}

// from is the from attribute with which we speak: a component must name an
// address of its domain, for an account the server does it.
func (t *Transport) from(own bot.Address) string {
	switch {
	case !t.cfg.WholeDomain:
		return ""
	case own == "":
		return t.cfg.Main.String()
	}
	return string(own)
}

// occupant is the full JID under which we sit in rooms and show presence.
func (t *Transport) occupant() string {
	if !t.cfg.WholeDomain {
		return ""
	}
	return t.cfg.Main.WithResource(resource).String()
}

// resource is the resource part of a component's occupant JID.
const resource = "dragoman"

// setSession makes s the stream in use and wakes who waits for one.
func (t *Transport) setSession(s *stream.Session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.session = s
	close(t.changed)
	t.changed = make(chan struct{})
}

// current is the stream in use, or nil, and a channel that is closed when that
// changes.
func (t *Transport) current() (*stream.Session, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.session, t.changed
}

// Connected reports whether there is a stream at the moment.
func (t *Transport) Connected() bool {
	s, _ := t.current()
	return s != nil
}

// Await returns once there is a stream, or the error of ctx.
func (t *Transport) Await(ctx context.Context) error {
	for {
		s, changed := t.current()
		if s != nil {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%s: %w: %w", t.Name(), ErrNotConnected, ctx.Err())
		}
	}
}

// send queues the stanza on the stream in use, or on the next one.
func (t *Transport) send(ctx context.Context, e *stream.Element) error {
	for {
		s, changed := t.current()
		if s != nil {
			err := s.Send(ctx, e)
			if !errors.Is(err, stream.ErrClosed) {
				return err
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%s is not connected: %w", t.Name(), ctx.Err())
		}
	}
}

// ask sends an IQ on the stream in use and waits for the answer.
func (t *Transport) ask(ctx context.Context, iq *stream.Element) (*stream.Element, error) {
	s, _ := t.current()
	if s == nil {
		return nil, fmt.Errorf("%s: %w", t.Name(), ErrNotConnected)
	}
	return s.Ask(ctx, iq)
}

// ErrNotConnected means that there is no stream of our own at the moment, so
// nothing is known about the other side.
var ErrNotConnected = errors.New("not connected to the XMPP server")
