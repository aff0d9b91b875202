package counterpart

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"

	"dragoman/internal/clock"
)

// SecondLink says what the server does when a component connects that is
// connected already.
type SecondLink string

// The ways of servers with a second connection.
const (
	KickOld SecondLink = "kick_old" // Prosody, as the other counterparts configure it
	KickNew SecondLink = "conflict" // Prosody's default: the newcomer is refused
	Split   SecondLink = "split"    // ejabberd: each stanza goes to one of them at random
)

// FakeOptions say what a [FakeXMPP] shall be. The zero value is a server for
// chat.local without components.
type FakeOptions struct {
	// Options count as for a real server where they can: Domain, Components,
	// Users, Rooms, SemiAnonymous and StanzaLimit. Passwords are not looked at.
	Options
	// Like is the server whose ways it has with what it can't deliver and
	// with components that break the rules: "prosody" (the default) or
	// "ejabberd".
	Like string
	// Second is what happens to a second connection of a component; by
	// default what the counterpart that it is like does.
	Second SecondLink
	// Memory leaves out the TCP port: there is Dial only. A synctest bubble
	// needs it, since its time stands still while something waits for the
	// network.
	Memory bool
	// Clock is the source of all waits and stamps; nil is the system's.
	Clock clock.Clock
	// Seed makes what is drawn at random the same in each run.
	Seed uint64
	// Trace is called with every stanza that a component sends (">") or gets
	// ("<") and with its domain; nil is fine. It must be quick, and not call
	// the server.
	Trace func(direction, domain, xml string)
}

// FakeXMPP is an XMPP server in this process for what a real one can't be made
// to do; the faults are on [FakeLine] and here. It serves external components
// (XEP-0114), routes between them and fake people ([FakeUser]), answers pings
// and disco for itself and its accounts, has one service of rooms (XEP-0045)
// with an archive (XEP-0313), and keeps messages for people who are offline.
//
// It is no server to trust: it has no client connections over TCP (c2s), no
// rosters beyond who sees whose presence, no normalisation of addresses, no
// limits on what rooms may be made. What it does, it does in the order in which it
// was asked, under one lock: a seed and the order of its inputs decide what
// comes out.
//
// Its methods may be called from any goroutine. Methods that [Server] has too
// do the same here.
type FakeXMPP struct {
	Kind        string // "fake"
	Like        string // "prosody" or "ejabberd"
	Domain      string // host of the accounts
	RoomsDomain string

	opts    FakeOptions
	clock   clock.Clock
	addr    string
	port    *reservation
	done    chan struct{} // closed by Stop
	running sync.WaitGroup

	mu       sync.Mutex
	rand     *rand.Rand
	serial   uint64 // of everything that needs an id
	open     bool   // connections are accepted
	up       bool   // stanzas are routed: it was not killed or stopped
	stopped  bool
	paused   chan struct{} // closed at Resume; nil while not paused
	frozen   []func()      // what people did during the pause
	listener net.Listener
	links    map[*fakeLink]struct{}
	lines    map[string]*FakeLine    // by domain
	accounts map[string]*fakeAccount // by bare JID
	peers    map[string]*FakeUser    // by domain
	rooms    map[string]*fakeRoom    // by bare JID
}

// StartFake starts the server. It takes connections when it returns, and runs
// until Stop.
func StartFake(o FakeOptions) (*FakeXMPP, error) {
	f := &FakeXMPP{
		Kind: "fake", Like: cmp.Or(o.Like, "prosody"), Domain: cmp.Or(o.Domain, defaultDomain), opts: o,
		clock: o.Clock, done: make(chan struct{}), rand: rand.New(rand.NewPCG(o.Seed, 0)),
		links: map[*fakeLink]struct{}{}, lines: map[string]*FakeLine{}, accounts: map[string]*fakeAccount{},
		peers: map[string]*FakeUser{}, rooms: map[string]*fakeRoom{},
	}
	if f.Like != "prosody" && f.Like != "ejabberd" {
		return nil, fmt.Errorf("a fake server can be like prosody or ejabberd, not like %q", f.Like)
	}
	if f.clock == nil {
		f.clock = clock.System{}
	}
	if f.opts.Second == "" {
		f.opts.Second = KickOld
		if f.Like == "ejabberd" {
			f.opts.Second = Split
		}
	}
	f.opts.StanzaLimit = cmp.Or(o.StanzaLimit, fakeMaxStanza)
	f.RoomsDomain = "rooms." + f.Domain
	for domain, secret := range o.Components {
		f.lines[domain] = &FakeLine{f: f, domain: domain, secret: secret}
	}
	for user := range o.Users {
		f.account(user + "@" + f.Domain)
	}
	f.up = true
	for _, name := range o.Rooms {
		f.makeRoom(f.Room(name))
	}
	if err := f.listen(); err != nil {
		return nil, err
	}
	return f, nil
}

// listen takes a port, unless all is to stay in memory, and opens it.
func (f *FakeXMPP) listen() error {
	if f.opts.Memory {
		return f.Accept()
	}
	var err error
	for range startAttempts {
		if f.port, err = reserve(1); err != nil {
			return err
		}
		f.addr = f.port.addrs[0]
		if err = f.Accept(); err == nil {
			return nil
		}
		f.port.release()
	}
	return err
}

// Component is the host:port at which the component of that domain connects,
// or empty when Options.Components doesn't name it or there is only Dial. All
// components share one.
func (f *FakeXMPP) Component(domain string) string {
	if f.lines[domain] == nil { // the map never changes
		return ""
	}
	return f.addr
}

// Room is the full address of a room: "ops" becomes ops@rooms.chat.local.
func (f *FakeXMPP) Room(name string) string {
	if strings.Contains(name, "@") {
		return name
	}
	return name + "@" + f.RoomsDomain
}

// Line is the connection of a component of Options.Components, and the place
// for its faults; it is there also while nothing is connected.
func (f *FakeXMPP) Line(domain string) *FakeLine {
	l := f.lines[domain]
	if l == nil {
		panic("the fake server has no component " + domain)
	}
	return l
}

// Dial connects to the component port in memory: net.Conn without a network,
// with CloseWrite and SetLinger as *net.TCPConn has them. Like TCP it succeeds
// at once, also while the server is paused.
func (f *FakeXMPP) Dial(ctx context.Context) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.open {
		return nil, &net.OpError{Op: "dial", Net: "memory", Addr: fakeAddr(f.Domain), Err: syscall.ECONNREFUSED}
	}
	f.serial++
	near, far := newFakePipe(f.clock, fakeAddr(fmt.Sprintf("peer%d", f.serial)), fakeAddr(f.Domain))
	f.attach(far)
	return near, nil
}

// Refuse stops listening: connecting is refused, what is connected stays.
func (f *FakeXMPP) Refuse() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open = false
	if f.listener != nil {
		f.listener.Close()
		f.listener = nil
	}
}

// Accept listens again after Refuse.
func (f *FakeXMPP) Accept() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return errors.New("the fake server has been stopped")
	}
	if f.addr != "" && f.listener == nil {
		l, err := listenAgain(f.addr)
		if err != nil {
			return fmt.Errorf("the fake server can't listen: %w", err)
		}
		f.listener = l
		f.running.Go(func() { f.serve(l) })
	}
	f.open = true
	return nil
}

func (f *FakeXMPP) serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		tcp := conn.(*net.TCPConn)
		// A small window, or a slow reader would not be felt for megabytes.
		_ = tcp.SetReadBuffer(fakeWindow)
		f.mu.Lock()
		f.attach(tcp)
		f.mu.Unlock()
	}
}

// attach serves a connection. The caller holds the lock.
func (f *FakeXMPP) attach(conn fakeTransport) {
	l := &fakeLink{f: f, conn: conn, gone: make(chan struct{}), wake: make(chan struct{}, 1), resetAt: -1}
	if f.stopped {
		conn.Close()
		return
	}
	f.links[l] = struct{}{}
	f.running.Go(l.read)
	f.running.Go(l.write)
}

// sleep waits for d, and reports false when over was closed before.
func (f *FakeXMPP) sleep(d time.Duration, over <-chan struct{}) bool {
	if d <= 0 {
		return true
	}
	t := f.clock.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C():
		return true
	case <-over:
		return false
	}
}

// id is a new one, the same in each run. The caller holds the lock.
func (f *FakeXMPP) id(prefix string) string {
	f.serial++
	return fmt.Sprintf("%s%08d", prefix, f.serial)
}

// stamp is the time of now as XEP-0082 has it.
func (f *FakeXMPP) stamp() string { return f.clock.Now().UTC().Format("2006-01-02T15:04:05.000Z") }

// FakeServer is [StartFake] for the length of a test.
func FakeServer(t TB, o FakeOptions) *FakeXMPP {
	t.Helper()
	f, err := StartFake(o)
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	t.Cleanup(func() { _ = f.Stop() })
	return f
}
