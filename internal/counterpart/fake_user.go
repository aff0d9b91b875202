package counterpart

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// FakeUser is somebody on a [FakeXMPP]: a device of an account, or a whole
// domain ([FakeXMPP.Peer]). Its methods are those of [Slixmpp] where both have
// them, so that a test can be run with either; none of them needs the network
// or real time. Like slixmpp it answers pings and requests for receipts by
// itself.
type FakeUser struct {
	f       *FakeXMPP
	jid     string
	account *fakeAccount // nil for a domain
	inbox   *inbox[Event]

	// All below is guarded by the lock of f.
	asked    map[string]chan Event // answers to come, by id
	joins    map[string]chan Event // by room
	directed map[string]bool       // who was told that we are here
	mute     bool                  // sends no receipts
}

// Login is a device of an account, online, which tells its contacts. The account
// need not have been in Options.Users.
func (f *FakeXMPP) Login(user, resource string) *FakeUser {
	f.mu.Lock()
	a := f.account(user + "@" + f.Domain)
	f.mu.Unlock()
	u := f.newUser(a.jid + "/" + resource)
	u.account = a
	u.Online()
	return u
}

// Peer is everybody at another domain, or at one of Options.Components in the
// place of a component: jid is who it is when it doesn't say otherwise. It gets
// all that is sent to the domain, and may send from any address of it, until
// Close.
func (f *FakeXMPP) Peer(jid string) *FakeUser {
	u := f.newUser(jid)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.peers[splitJID(jid).domain] = u
	return u
}

func (f *FakeXMPP) newUser(jid string) *FakeUser {
	return &FakeUser{f: f, jid: jid, inbox: newInbox[Event](),
		asked: map[string]chan Event{}, joins: map[string]chan Event{}, directed: map[string]bool{}}
}

// JID is the full address of this device, or the address of a peer.
func (u *FakeUser) JID() string { return u.jid }

// Online logs in again after Offline or a Kill of the server: contacts are
// told and asked, and messages that were kept come in.
func (u *FakeUser) Online() {
	u.f.do(func() {
		a := u.account
		if a == nil || !u.f.up || u.on() {
			return
		}
		a.devices = append(a.devices, u)
		a.tell(u.jid, "")
		for _, to := range slices.Sorted(maps.Keys(a.sees)) {
			u.f.route(el(nsClient, "presence").set("from", a.jid).set("to", to).set("type", "probe"))
		}
		stored := a.stored
		a.stored = nil
		for _, s := range stored {
			u.receive(s)
		}
	})
}

// Offline logs out: contacts and rooms are told, and what is sent to the
// account is kept if no other device is online.
func (u *FakeUser) Offline() {
	u.f.do(func() {
		a := u.account
		if a == nil || !u.on() {
			return
		}
		a.devices = slices.DeleteFunc(a.devices, func(d *FakeUser) bool { return d == u })
		a.tell(u.jid, "unavailable")
		for _, to := range slices.Sorted(maps.Keys(u.directed)) {
			u.f.route(el(nsClient, "presence").set("from", u.jid).set("to", to).set("type", "unavailable"))
		}
		clear(u.directed)
	})
}

// Receipts says whether requests for receipts are answered (XEP-0184); they
// are from the beginning.
func (u *FakeUser) Receipts(on bool) {
	u.f.mu.Lock()
	defer u.f.mu.Unlock()
	u.mute = !on
}

// Close is Offline, and ends every Expect. What a peer stood for is unknown, or
// a component that is away, from then on.
func (u *FakeUser) Close() error {
	u.Offline()
	u.f.mu.Lock()
	if domain := splitJID(u.jid).domain; u.f.peers[domain] == u {
		delete(u.f.peers, domain)
	}
	u.f.mu.Unlock()
	u.inbox.close(errors.New(u.jid + " has logged out"))
	return nil
}

// Expect removes and returns the oldest event that matches, waiting for one
// until ctx ends. What doesn't match stays for later calls, and is listed in
// the error.
func (u *FakeUser) Expect(ctx context.Context, match func(Event) bool) (Event, error) {
	return u.inbox.expect(ctx, match)
}

// Received removes and returns everything that has come so far and matches.
func (u *FakeUser) Received(match func(Event) bool) []Event { return u.inbox.take(match) }

// Say sends a direct message.
func (u *FakeUser) Say(to, text string) error {
	_, err := u.Send(context.Background(), Outgoing{To: to, Body: text})
	return err
}

// SayRoom sends a message to a room.
func (u *FakeUser) SayRoom(room, text string) error {
	_, err := u.Send(context.Background(), Outgoing{To: room, Type: "groupchat", Body: text})
	return err
}

// ErrFakeOffline is what everything fails with that an offline user sends; so
// does a peer while the server is killed.
var ErrFakeOffline = errors.New("not connected to the fake server")

// Send sends a message and returns its id.
func (u *FakeUser) Send(_ context.Context, m Outgoing) (string, error) {
	kind, id := m.Type, m.ID
	if kind == "" {
		kind = "chat"
	}
	if id == "" {
		id = u.newID()
	}
	s := el(nsClient, "message").set("type", kind).set("id", id).set("from", m.From).set("to", m.To)
	if m.Body != "" {
		s.add(el(nsClient, "body", m.Body))
	}
	if m.Thread != "" {
		s.add(el(nsClient, "thread", m.Thread))
	}
	if m.ReplyID != "" {
		to := m.ReplyTo
		if to == "" {
			to = m.To
		}
		s.add(el(nsReply, "reply").set("id", m.ReplyID).set("to", to))
	}
	if m.WantReceipt {
		s.add(el(nsReceipts, "request"))
	}
	if m.ChatState != "" {
		s.add(el(nsChatStates, m.ChatState))
	}
	extra, err := parseElems(strings.Join(m.Extra, ""))
	if err != nil {
		return "", fmt.Errorf("an extra element of a message: %w", err)
	}
	for _, e := range extra {
		s.add(e)
	}
	return id, u.send(s)
}

// Raw sends stanzas given as XML, each at the top level.
func (u *FakeUser) Raw(_ context.Context, text string) error {
	list, err := parseElems(text)
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := u.send(s); err != nil {
			return err
		}
	}
	return nil
}

// Presence sends a presence of any type, "" and "subscribe" for instance, to
// an address, or to all contacts when that is empty.
func (u *FakeUser) Presence(_ context.Context, to, kind string) error {
	return u.send(el(nsClient, "presence").set("to", to).set("type", kind))
}

// Join enters a room without its history and returns the own presence in it.
func (u *FakeUser) Join(ctx context.Context, room, nick string) (Event, error) {
	entered := make(chan Event, 1)
	u.f.mu.Lock()
	u.joins[room] = entered
	u.f.mu.Unlock()
	err := u.send(el(nsClient, "presence", el(nsMUC, "x", el(nsMUC, "history").set("maxchars", "0"))).set("to", room+"/"+nick))
	if err != nil {
		return Event{}, err
	}
	select {
	case e := <-entered:
		if e.Type == "error" {
			return e, &SlixmppError{"join", e.Error}
		}
		return e, nil
	case <-ctx.Done():
		return Event{}, fmt.Errorf("%s joins %s: %w", u.jid, room, context.Cause(ctx))
	}
}

// Leave goes out of a room.
func (u *FakeUser) Leave(ctx context.Context, room, nick string) error {
	return u.Presence(ctx, room+"/"+nick, "unavailable")
}

// Invite asks somebody into a room: directly (XEP-0249), or mediated by the
// room (XEP-0045 section 7.8.2), which the sender must have joined.
func (u *FakeUser) Invite(_ context.Context, room, to string, mediated bool) error {
	if mediated {
		return u.send(el(nsClient, "message", el(nsMUCUser, "x", el(nsMUCUser, "invite").set("to", to))).set("to", room))
	}
	return u.send(el(nsClient, "message", el(nsConference, "x").set("jid", room)).set("to", to))
}

func (u *FakeUser) newID() string {
	u.f.mu.Lock()
	defer u.f.mu.Unlock()
	return u.f.id("u")
}

// send routes a stanza as the user's own server does.
func (u *FakeUser) send(s *elem) error {
	u.f.mu.Lock()
	on := u.on()
	u.f.mu.Unlock()
	if !on {
		return fmt.Errorf("%s: %w", u.jid, ErrFakeOffline)
	}
	u.f.do(func() {
		switch {
		case !u.on(): // it went while the server was paused
		case u.account == nil:
			if splitJID(s.attr("from")).domain != splitJID(u.jid).domain {
				s.set("from", u.jid)
			}
			u.f.route(s)
		case s.local == "presence":
			u.presence(s.set("from", u.jid))
		default:
			if s.attr("to") == "" {
				s.set("to", u.account.jid)
			}
			u.f.route(s.set("from", u.jid))
		}
	})
	return nil
}

// on reports whether the user is connected. The caller holds the lock.
func (u *FakeUser) on() bool {
	if u.account == nil {
		return u.f.up && u.f.peers[splitJID(u.jid).domain] == u
	}
	return slices.Contains(u.account.devices, u)
}

// presence is what a server makes of its client's (RFC 6121 sections 3 and 4).
func (u *FakeUser) presence(s *elem) {
	a, to, kind := u.account, s.attr("to"), s.attr("type")
	switch {
	case to == "":
		a.tell(u.jid, kind)
		return
	case kind == "probe":
		return // servers keep those to themselves
	case kind == "":
		u.directed[to] = true
	case kind == "unavailable":
		delete(u.directed, to)
	case kind != "error":
		s.set("from", a.jid)
		switch to = bareJID(to); kind {
		case "subscribed":
			a.seenBy[to] = true
		case "unsubscribed":
			delete(a.seenBy, to)
		case "unsubscribe":
			delete(a.sees, to)
		}
		s.set("to", to)
	}
	u.f.route(s)
	if kind == "subscribed" {
		a.tell(u.jid, "")
	}
}

// receive files a stanza, and answers what a client answers by itself. The
// caller holds the lock.
func (u *FakeUser) receive(s *elem) {
	e := eventOf(s)
	if c := u.asked[e.ID]; c != nil && e.Kind == "iq" && !asks(s) {
		delete(u.asked, e.ID)
		c <- e // has room for the one answer there is
	}
	room := bareJID(e.From)
	if c := u.joins[room]; c != nil && e.Kind == "presence" && (e.Type == "error" || slices.Contains(e.Codes, 110)) {
		delete(u.joins, room)
		c <- e
	}
	u.inbox.put(e)
	switch {
	case asks(s):
		if why := u.f.toService(s, []*elem{identity("client", "pc", "fake")}, []string{nsPing, nsReceipts}, nil); why != nil {
			u.f.bounce(s, why)
		}
	case e.WantsReceipt && e.Type != "error" && e.Type != "groupchat" && e.ID != "" && !u.mute:
		u.f.route(el(nsClient, "message", el(nsReceipts, "received").set("id", e.ID)).
			set("from", u.jid).set("to", e.From).set("type", e.Type).set("id", u.f.id("r")))
	}
}
