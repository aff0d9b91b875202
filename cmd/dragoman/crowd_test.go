package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	// same stanza again, and afterBounce the same when it was given back.
	patience    = 500 * time.Millisecond
	afterBounce = 40 * time.Millisecond
	// silence is what no pause of a program that works comes near.
	silence = 20 * time.Second
	// openly begins an answer that may be a repetition, as promise P6 wants it.
	openly = "Possibly again, since the connection broke: "

	nsReceipts = "urn:xmpp:receipts"
)

// bossJID is an administrator among the crowd.
const bossJID = "boss@" + crowdDomain

// crowd is many people of one component, each of whom subscribes and
// unsubscribes in turn. That makes every second execution, every lost one and
// every change of order visible in the answers.
type crowd struct {
	t       *testing.T
	session *stream.Session

	mu       sync.Mutex
	commands map[string]*command // all that were ever sent, by their id
	refusing map[int]bool        // members whose server sends back what they get
	boss     []string            // what the administrator was told
	enough   chan struct{}       // closed: nobody begins another command

	answered atomic.Int64 // commands that got an answer
	resent   atomic.Int64
	bounced  atomic.Int64
	repeated atomic.Int64 // answers that said that they may be a repetition
	heard    atomic.Int64 // when an answer came, Unix nanoseconds
}

// command is one command of one member. The crowd's lock guards what is heard
// of it.
type command struct {
	who        int
	id, text   string
	want       string              // in the answer when it takes effect, in order, for the first time
	answer     chan struct{}       // closed by the first answer
	bounce     chan struct{}       // has room for one: it came back
	refused    *stream.StanzaError // why it came back the last time
	receipts   int
	plain      int // answers
	repetition int // answers that said that they may be one
}

// accepted reports whether the bot said that it took the command.
func (cmd *command) accepted() bool { return cmd.receipts+cmd.plain+cmd.repetition > 0 }

// gather connects the crowd to s. The connection is kept for the whole test.
func gather(t *testing.T, s *counterpart.Server) *crowd {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	link, err := component.New(component.Config{Domain: crowdDomain, Address: s.Component(crowdDomain), Secret: crowdSecret}).Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{t: t, commands: make(map[string]*command), refusing: make(map[int]bool), enough: make(chan struct{})}
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

// hear takes what the bot or the server sends. Who asks for anything is told
// that there is none, which is an answer to a ping too.
func (c *crowd) hear(ctx context.Context, e *stream.Element) {
	if e.Local == "iq" {
		if kind := e.Attr("type"); kind == "get" || kind == "set" {
			_ = c.session.Send(ctx, stream.ErrorReply(e, stream.StanzaError{Type: stream.TypeCancel, Condition: "service-unavailable"}))
		}
		return
	}
	if e.Local != "message" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	body := e.ChildText(stream.NSClient, "body")
	switch receipt := e.Child(nsReceipts, "received"); {
	case e.Attr("type") == "error":
		c.givenBack(e)
	case receipt != nil:
		if cmd := c.commands[receipt.Attr("id")]; cmd != nil {
			cmd.receipts++
		}
	case c.sendsBack(e):
		_ = c.session.Send(ctx, stream.ErrorReply(e, stream.StanzaError{Type: stream.TypeCancel, Condition: "not-acceptable"}))
	case strings.HasPrefix(e.Attr("to"), bossJID):
		c.boss = append(c.boss, body)
	case body != "":
		c.told(e.Child("urn:xmpp:reply:0", "reply").Attr("id"), body)
	}
}

// sendsBack reports whether a message is for a member whose server takes none.
// The caller has the lock.
func (c *crowd) sendsBack(e *stream.Element) bool {
	var who int
	_, err := fmt.Sscanf(e.Attr("to"), "p%d@", &who)
	return err == nil && c.refusing[who] && e.Child(stream.NSClient, "body") != nil
}

// refuse has a member's server send back what comes, or not any more.
func (c *crowd) refuse(who int, all bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refusing[who] = all
}

// toldBoss is what the administrator was told so far.
func (c *crowd) toldBoss() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.boss, "\n")
}

// givenBack lets who waits for an answer know that the command came back.
func (c *crowd) givenBack(e *stream.Element) {
	cmd := c.commands[e.Attr("id")]
	if cmd == nil {
		return
	}
	c.bounced.Add(1)
	cmd.refused = stream.ParseStanzaError(e)
	select {
	case cmd.bounce <- struct{}{}:
	default:
	}
}

// told judges an answer by the command that it names, which may be one that
// was answered long ago: its open repetition.
func (c *crowd) told(id, body string) {
	c.heard.Store(time.Now().UnixNano())
	cmd := c.commands[id]
	if cmd == nil {
		c.t.Errorf("an answer to %q, which nobody sent: %q", id, body)
		return
	}
	if strings.Contains(body, "nothing was changed") { // on a machine that is too busy: it may be sent again
		c.bounced.Add(1)
		return
	}
	text, again := strings.CutPrefix(body, openly)
	if again {
		cmd.repetition++
		c.repeated.Add(1)
	} else if cmd.plain++; cmd.plain+cmd.repetition > 1 {
		c.t.Errorf("%s (%s) was answered again, and it was not said: %q", id, cmd.text, body)
	}
	if !strings.Contains(text, cmd.want) {
		c.t.Errorf("%s (%s) was answered %q, want %q in it", id, cmd.text, body, cmd.want)
	}
	if cmd.plain+cmd.repetition == 1 {
		c.answered.Add(1)
		close(cmd.answer)
	}
}

// works has members of the crowd work until stop is called, or the test ends.
func (c *crowd) works(t *testing.T, members int) (stop func()) {
	ctx, giveUp := context.WithCancel(context.Background())
	var people sync.WaitGroup
	for who := range members {
		people.Go(func() { c.member(ctx, who) })
	}
	t.Cleanup(func() {
		giveUp()
		people.Wait()
	})
	return func() {
		close(c.enough)
		people.Wait()
	}
}

// member gives commands, one after the other, until it is enough. One that was
// begun is brought to its end unless ctx ends.
func (c *crowd) member(ctx context.Context, who int) {
	for i := 0; ; i++ {
		select {
		case <-c.enough:
			return
		default:
		}
		cmd := c.newCommand(who, i)
		if c.ask(ctx, cmd) != nil {
			return
		}
	}
}

// newCommand is the member's command number i, which the crowd listens for.
func (c *crowd) newCommand(who, i int) *command {
	cmd := &command{
		who: who, id: fmt.Sprintf("p%d-%d", who, i), answer: make(chan struct{}), bounce: make(chan struct{}, 1),
		text: "subscribe machine1", want: "is now subscribed",
	}
	if i%2 == 1 {
		cmd.text, cmd.want = "unsubscribe machine1", "is no longer subscribed"
	}
	c.expect(cmd)
	return cmd
}

// expect has the crowd listen for what becomes of a command.
func (c *crowd) expect(cmd *command) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.commands[cmd.id] = cmd
}

// ask sends one command, again and again, until it is answered.
func (c *crowd) ask(ctx context.Context, cmd *command) error {
	for try := 0; ; try++ {
		if try > 0 {
			c.resent.Add(1)
		}
		if err := c.session.Send(ctx, cmd.stanza()); err != nil {
			return err
		}
		wait, bounced := time.After(patience), cmd.bounce
		for waiting := true; waiting; {
			select {
			case <-cmd.answer:
				return nil
			case <-bounced:
				wait, bounced = time.After(afterBounce), nil
			case <-wait:
				waiting = false
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

func (cmd *command) stanza() *stream.Element {
	return stream.New(stream.NSClient, "message").
		SetAttr("type", "chat").SetAttr("id", cmd.id).SetAttr("from", memberJID(cmd.who)).SetAttr("to", botJID).
		Append(stream.TextElement(stream.NSClient, "body", cmd.text)).
		Append(stream.New("urn:xmpp:sid:0", "origin-id").SetAttr("id", cmd.id)).
		Append(stream.New("http://jabber.org/protocol/nick", "nick")).
		Append(stream.New(nsReceipts, "request"))
}

// changing are those of all that change something.
func (c *crowd) changing() []command {
	return slices.DeleteFunc(c.all(), func(cmd command) bool { return strings.HasPrefix(cmd.text, "get-status") })
}

// all are the commands that were ever sent, in a fixed order.
func (c *crowd) all() []command {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []command
	for _, cmd := range c.commands {
		list = append(list, *cmd)
	}
	slices.SortFunc(list, func(a, b command) int { return strings.Compare(a.id, b.id) })
	return list
}

// waitForWork waits until an answer has come since now, and reports false when
// none came for so long that none will.
func (c *crowd) waitForWork() bool {
	before := c.heard.Load()
	for began := time.Now(); c.heard.Load() == before; time.Sleep(time.Millisecond) {
		if time.Since(began) > silence {
			return false
		}
	}
	return true
}

// waitForAnswers waits until n more commands have been answered, at most for limit.
func (c *crowd) waitForAnswers(t *testing.T, n int64, limit time.Duration) {
	t.Helper()
	before := c.answered.Load()
	late := time.After(limit)
	for c.answered.Load() < before+n {
		select {
		case <-late:
			t.Fatalf("%d commands were answered in %v, want %d", c.answered.Load()-before, limit, n)
		case <-time.After(time.Millisecond):
		}
	}
}
