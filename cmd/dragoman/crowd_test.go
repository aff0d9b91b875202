package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/bot/xmpp/component"
	"dragoman/bot/xmpp/stream"
	"dragoman/internal/counterpart"
)

const (
	crowdDomain = "crowd.chat.local"
	crowdSecret = "cr0wd"
	// patience is how long a member waits for an answer before it sends the
	// same stanza again, as a client does after a reconnect.
	patience = time.Second
)

// crowd is many people of one component, each of whom subscribes and
// unsubscribes in turn. That makes every second execution, every lost one and
// every change of order visible: only the first answer to each command is a
// plain yes.
type crowd struct {
	t       *testing.T
	session *stream.Session

	mu     sync.Mutex
	asking map[string]*command // by the origin id of the command
	closed bool

	answered  atomic.Int64 // commands that got their answer
	resent    atomic.Int64
	openly    atomic.Int64 // answers that said that they may be a repetition
	wrong     atomic.Int64
	repeated  atomic.Int64 // answers that came again under the same id
	lastReply atomic.Int64 // when an answer came, Unix nanoseconds
}

// command is one command of one member that waits for its answer.
type command struct {
	who  int
	text string
	got  chan string // has room for one
}

// gather connects the crowd to s. The connection is kept for the whole test.
func gather(t *testing.T, s *counterpart.Server) *crowd {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	link, err := component.New(component.Config{Domain: crowdDomain, Address: s.Component(crowdDomain), Secret: crowdSecret}).Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{t: t, asking: make(map[string]*command)}
	c.session = stream.NewSession(link.Conn, link.Reader, stream.Config{Handle: c.hear})
	ended := make(chan error, 1)
	go func() { ended <- c.session.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the crowd's stream ended: %v", err)
		}
	})
	return c
}

func memberJID(who int) string { return fmt.Sprintf("p%d@%s/phone", who, crowdDomain) }

// hear takes what the bot or the server sends. Who asks for the nickname of a
// member is told that there is none.
func (c *crowd) hear(ctx context.Context, e *stream.Element) {
	if e.Local == "iq" {
		_ = c.session.Send(ctx, stream.ErrorReply(e, stream.StanzaError{Type: stream.TypeCancel, Condition: "service-unavailable"}))
		return
	}
	body := e.ChildText(stream.NSClient, "body")
	if e.Local != "message" || e.Attr("type") == "error" || body == "" {
		return // a bounce: it is sent again when patience ends
	}
	c.lastReply.Store(time.Now().UnixNano())
	id := e.Child("urn:xmpp:reply:0", "reply").Attr("id")
	c.mu.Lock()
	defer c.mu.Unlock()
	if strings.HasPrefix(body, "Possibly again") {
		c.openly.Add(1)
		for _, cmd := range c.asking { // it has another id, but a member waits for one answer at a time
			if memberJID(cmd.who) == e.Attr("to") || strings.HasPrefix(memberJID(cmd.who), e.Attr("to")+"/") {
				cmd.answer(body)
			}
		}
		return
	}
	cmd := c.asking[id]
	if cmd == nil {
		c.repeated.Add(1)
		return
	}
	cmd.answer(body)
}

// answer hands over the first answer; the others are repetitions.
func (cmd *command) answer(body string) {
	select {
	case cmd.got <- body:
	default:
	}
}

// member asks until n commands of its own were answered or ctx ends.
func (c *crowd) member(ctx context.Context, who, n int) {
	for i := 0; i < n && ctx.Err() == nil; i++ {
		verb, want := "subscribe", "is now subscribed"
		if i%2 == 1 {
			verb, want = "unsubscribe", "is no longer subscribed"
		}
		body, ok := c.ask(ctx, who, fmt.Sprintf("p%d-%d", who, i), verb+" machine1")
		switch {
		case !ok:
			return
		case !strings.Contains(body, want):
			c.wrong.Add(1)
			c.t.Errorf("p%d: command %d (%s) was answered %q", who, i, verb, body)
		}
		c.answered.Add(1)
	}
}

// ask sends one command, again and again, until it is answered.
func (c *crowd) ask(ctx context.Context, who int, id, text string) (string, bool) {
	cmd := &command{who: who, text: text, got: make(chan string, 1)}
	c.mu.Lock()
	c.asking[id] = cmd
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.asking, id)
		c.mu.Unlock()
	}()
	for try := 0; ; try++ {
		if try > 0 {
			c.resent.Add(1)
		}
		if c.session.Send(ctx, c.stanza(who, id, text)) != nil {
			return "", false
		}
		wait := time.NewTimer(patience)
		select {
		case body := <-cmd.got:
			wait.Stop()
			return body, true
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return "", false
		}
	}
}

func (c *crowd) stanza(who int, id, text string) *stream.Element {
	return stream.New(stream.NSClient, "message").
		SetAttr("type", "chat").SetAttr("id", id).SetAttr("from", memberJID(who)).SetAttr("to", botJID).
		Append(stream.TextElement(stream.NSClient, "body", text)).
		Append(stream.New("urn:xmpp:sid:0", "origin-id").SetAttr("id", id)).
		Append(stream.New("http://jabber.org/protocol/nick", "nick"))
}
