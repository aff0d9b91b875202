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
// # Delivery
//
// A Transport is a bot.Courier: Carry finds out what became of a message, and
// says what it takes for an acknowledgement. Nothing that it was given is sent
// again by itself when a stream breaks, unless XEP-0198 says that the server
// certainly has not got it: then the one who called Carry is still waiting. Send
// is for what need not be known: it sends what a stream never wrote on the next.
//
// # Parcels
//
// A parcel goes from one machine to another in an IQ, in whatever language the
// machines are written:
//
//	<iq type='set' id='x7' from='issues@a.example' to='bot@b.example'>
//	  <parcel xmlns='urn:dragoman:parcel:1' id='4711' kind='issues.translate' after='4710'>
//	    <json xmlns='urn:xmpp:json:0'>{"text":"Guten Tag"}</json>
//	  </parcel>
//	</iq>
//
// Its id names the parcel for this sender, in 1 to 256 bytes, and stays the same
// however often it is sent; the id of the IQ is another each time. The receiver
// remembers it for a day at least, so that a repetition has no second effect
// and gets the same answer. The kind, of 1 to 128 bytes, says what the JSON is
// (XEP-0335, one text in UTF-8, 192 KiB at most).
//
// The answer is an empty result once all that follows from the parcel is stored,
// not before. An error of type wait (resource-constraint) means: send it again,
// a little later. Another one, such as feature-not-implemented for a kind that
// nobody takes and bad-request for what is none, means: never.
// remote-server-not-found, remote-server-timeout and service-unavailable come
// from servers whose component is away, and mean: again. So does no answer.
//
// A sender may have several under way to one address (64 here). Then each but
// the first names in after the one before it, and the receiver takes it only if
// that was the last that it took, or refused for good, from the same address to
// the same address. Otherwise it answers with type wait. So the order holds over
// everything that gets lost or fails in between: the sender begins again with
// the first that has no result, which names nobody. A sender that waits for each
// result never needs after; a receiver that doesn't look at it loses only the
// order, and only then.
//
// # What it doesn't do
//
// It keeps no message across a restart: that is the outbox's part. It encrypts
// and decrypts nothing (XEP-0384) and says so to who tries. It acts on no
// history: what carries a delay was written to somebody else.
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
	// Wrote, Handling, Nonza and Attend may each be nil. The first and the
	// third are called as in stream.Config. Handling precedes each stanza that
	// is dispatched, in order, and what it returns is called once, from
	// anywhere, when the stanza and all that follows from it are done with.
	Wrote    func(*stream.Element)
	Handling func(*stream.Element) (done func())
	Nonza    func(ctx context.Context, s *stream.Session, e *stream.Element)
	// Attend runs beside the stream; ctx ends with it.
	Attend func(ctx context.Context, s *stream.Session)
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
	// Ours reports whether the address is this process's, where several share
	// it. While it isn't, nothing is written and no stream is opened. Nil means
	// that it always is.
	Ours func() bool
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
	courier *courier
	parcels *parcels

	handled atomic.Int64 // stanzas that handle has taken

	in     bot.Inbox         // set once by Run, before the first stream
	unsent []*stream.Element // what the last stream never wrote; Run's own

	mu      sync.Mutex
	line    line
	changed chan struct{} // closed when line changes
}

// line is the stream in use.
type line struct {
	session *stream.Session // nil while there is none
	// era counts the streams that were not resumed.
	era int
	// replay is what this stream began with.
	replay []*stream.Element
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
	t.courier = newCourier(t)
	t.parcels = newParcels(t)
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
func (t *Transport) setSession(s *stream.Session, link *Link) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.line.session = s
	if s != nil {
		t.line.replay = link.Replay
		if !link.Resumed {
			t.line.era++
		}
	}
	close(t.changed)
	t.changed = make(chan struct{})
}

// current is the stream in use, or nil, and a channel that is closed when that
// changes.
func (t *Transport) current() (*stream.Session, <-chan struct{}) {
	l, changed := t.currentLine()
	return l.session, changed
}

func (t *Transport) currentLine() (line, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.line, t.changed
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
