package counterpart

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/xmppo/go-xmpp"
)

// Human is a person on a server with a client that nobody here wrote:
// go-xmpp, over STARTTLS and SCRAM. It is for tests and the demo only; the
// bot's own connection is not built on that library, which answers strangers
// with stanzas of their choice.
//
// go-xmpp drops a message's id and a room's status codes; [Slixmpp] has them.
// Its methods may be called from any goroutine.
type Human struct {
	client *xmpp.Client
	line   *Proxy // between the client and the server, so that it can be cut
	inbox  *inbox[Msg]
	done   chan struct{} // closed when nothing is received any more
}

// Msg is one thing that a Human received.
type Msg struct {
	Kind    string // "message", "presence" or "iq"
	From    string
	Type    string // "chat", "groupchat", "error", "unavailable", ...; may be empty
	Body    string
	Subject string
	Thread  string
	Show    string    // of a presence: "away", ...
	Status  string    // of a presence: its text
	Error   string    // of a presence: the condition, such as "conflict"
	RealJID string    // of a room presence, where the room shows it
	Delay   time.Time // XEP-0203 stamp; zero for what comes live
	ID      string    // of an iq; the XEP-0359 origin-id of a message
	Payload string    // what else was inside, as XML
}

// String is the message on one line, for a test's log.
func (m Msg) String() string {
	what := cmp.Or(m.Body, m.Error, m.Show, m.Subject, m.Payload)
	return fmt.Sprintf("%s %s from %s: %q", m.Kind, m.Type, m.From, what)
}

// humanLimit bounds what go-xmpp does without a context.
const humanLimit = 10 * time.Second

// Dial logs user in on s from a device called resource and announces
// presence. ctx bounds the login.
func Dial(ctx context.Context, s *Server, user, password, resource string) (*Human, error) {
	if err := loopbackIsDirect(s.C2S); err != nil {
		return nil, err
	}
	line, err := NewProxy(s.C2S)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, line.Close)
	options := xmpp.Options{
		Host: line.Addr(), User: user + "@" + s.Domain, Password: password, Resource: resource,
		NoTLS: true, StartTLS: true, NoPLAIN: true, Session: true,
		TLSConfig: s.ClientTLS(), DialTimeout: humanLimit,
	}
	if s.Kind == "ejabberd" && s.options.ChannelBinding && !s.options.TLS12Only {
		// It offers -PLUS over TLS 1.3 without a binding that works there.
		options.Mechanism = "SCRAM-SHA-256"
	}
	client, err := options.NewClient()
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		line.Close()
		return nil, fmt.Errorf("log in as %s@%s: %w", user, s.Domain, err)
	}
	// Only who asked for the roster is told of subscriptions (RFC 6121 2.1.6).
	if err := client.Roster(); err != nil {
		line.Close()
		return nil, fmt.Errorf("ask for the roster of %s@%s: %w", user, s.Domain, err)
	}
	h := &Human{client: client, line: line, inbox: newInbox[Msg](), done: make(chan struct{})}
	go h.receive()
	return h, nil
}

// loopbackIsDirect reports why go-xmpp, which sends every connection through
// the proxy that HTTP_PROXY names, can't reach a server on loopback.
func loopbackIsDirect(addr string) error {
	if cmp.Or(os.Getenv("HTTP_PROXY"), os.Getenv("http_proxy")) == "" {
		return nil
	}
	for _, part := range strings.Split(cmp.Or(os.Getenv("NO_PROXY"), os.Getenv("no_proxy")), ",") {
		if strings.Contains(addr, part) {
			return nil
		}
	}
	host, _, _ := net.SplitHostPort(addr)
	return fmt.Errorf("HTTP_PROXY is set and go-xmpp would use it for %s too: set NO_PROXY=%s", host, host)
}

// receive files all that comes until the connection ends.
func (h *Human) receive() {
	defer close(h.done)
	for {
		stanza, err := h.client.Recv()
		if err != nil {
			h.inbox.close(fmt.Errorf("the connection of %s ended: %w", h.JID(), err))
			return
		}
		if m, ok := msgOf(stanza); ok {
			h.inbox.put(m)
		}
	}
}

func msgOf(stanza any) (Msg, bool) {
	switch v := stanza.(type) {
	case xmpp.Chat:
		if v.Type == "roster" {
			return Msg{}, false
		}
		return Msg{Kind: "message", From: v.Remote, Type: v.Type, Body: v.Text, Subject: v.Subject, Thread: v.Thread,
			Delay: v.Stamp, ID: v.OriginID, Payload: strings.Join(v.Other, "")}, true
	case xmpp.Presence:
		return Msg{Kind: "presence", From: v.From, Type: v.Type, Show: v.Show, Status: v.Status, Error: v.Error,
			RealJID: v.JID, ID: v.ID}, true
	case xmpp.IQ:
		return Msg{Kind: "iq", From: v.From, Type: v.Type, ID: v.ID, Payload: string(v.Query)}, true
	case xmpp.DiscoResult:
		return Msg{Kind: "iq", From: v.From, Type: "result", ID: v.ID, Payload: strings.Join(v.Features, " ")}, true
	}
	return Msg{}, false
}

// JID is the full address of this device.
func (h *Human) JID() string { return h.client.JID() }

// Say sends a direct message to an address.
func (h *Human) Say(to, text string) error { return h.send(to, "chat", text) }

// SayRoom sends a message to a room that the Human has joined.
func (h *Human) SayRoom(room, text string) error { return h.send(room, "groupchat", text) }

func (h *Human) send(to, kind, text string) error {
	if _, err := h.client.Send(xmpp.Chat{Remote: to, Type: kind, Text: text}); err != nil {
		return fmt.Errorf("%s can't write to %s: %w", h.JID(), to, err)
	}
	return nil
}

// Join enters a room without its history and returns when the room has let
// the Human in; the error says what it answered else. A presence of everybody
// who is there is left for Expect.
func (h *Human) Join(ctx context.Context, room, nick string) error {
	if _, err := h.client.JoinMUCNoHistory(room, nick); err != nil {
		return fmt.Errorf("%s can't join %s: %w", h.JID(), room, err)
	}
	self := room + "/" + nick
	m, err := h.Expect(ctx, func(m Msg) bool { return m.Kind == "presence" && m.From == self && m.Type != "unavailable" })
	if err != nil {
		return fmt.Errorf("%s joins %s: %w", h.JID(), room, err)
	}
	if m.Type == "error" {
		return fmt.Errorf("%s may not join %s: %s", h.JID(), room, m.Error)
	}
	return nil
}

// Leave goes out of a room.
func (h *Human) Leave(room, nick string) error { return h.Presence(room+"/"+nick, "unavailable") }

// Subscribe asks to see somebody's presence. The answer comes as a presence
// of type "subscribed" or "unsubscribed".
func (h *Human) Subscribe(to string) error { return h.Presence(to, "subscribe") }

// Presence sends a presence of any type, "" and "subscribed" for instance, to
// an address, or to everybody when that is empty.
func (h *Human) Presence(to, kind string) error {
	if _, err := h.client.SendPresence(xmpp.Presence{To: to, Type: kind}); err != nil {
		return fmt.Errorf("%s can't send its presence: %w", h.JID(), err)
	}
	return nil
}

// Raw sends text as it is, which need not be XML. The server may end the
// stream for it.
func (h *Human) Raw(text string) error {
	if _, err := h.client.SendOrg(text); err != nil {
		return fmt.Errorf("%s can't write: %w", h.JID(), err)
	}
	return nil
}

// Expect removes and returns the oldest thing received that matches, waiting
// for one until ctx ends. What doesn't match stays for later calls, and is
// listed in the error.
func (h *Human) Expect(ctx context.Context, match func(Msg) bool) (Msg, error) {
	return h.inbox.expect(ctx, match)
}

// Received removes and returns everything that has come so far and matches.
// To show that nothing comes, provoke an answer that must come later, await
// it, and then look here.
func (h *Human) Received(match func(Msg) bool) []Msg { return h.inbox.take(match) }

// Drop cuts the connection without a word, as a lost network does.
func (h *Human) Drop() { h.line.Reset() }

// Close logs out. It doesn't use go-xmpp's Close, which may wait 10 s and
// reads beside the reader: the stream's end is written, the server's awaited
// for a second, and the line cut.
func (h *Human) Close() {
	_, _ = h.client.SendOrg("</stream:stream>") // fails when the connection has ended already
	patience := time.NewTimer(time.Second)
	defer patience.Stop()
	select {
	case <-h.done:
	case <-patience.C:
	}
	h.line.Close()
	<-h.done
}

// Messages is an Expect condition: a message of somebody, given by a prefix
// of the address, with this text somewhere in its body, live and no error.
func Messages(from, text string) func(Msg) bool {
	return func(m Msg) bool {
		return m.Kind == "message" && m.Type != "error" && m.Delay.IsZero() &&
			strings.HasPrefix(m.From, from) && strings.Contains(m.Body, text)
	}
}
