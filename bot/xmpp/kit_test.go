package xmpp_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dragoman/bot"
	"dragoman/bot/access"
	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/component"
	"dragoman/bot/xmpp/stream"
	"dragoman/internal/counterpart"
)

func TestMain(m *testing.M) {
	counterpart.MoreAtOnce()
	goleak.VerifyTestMain(m)
}

const (
	botDomain  = "bot.chat.local"
	evilDomain = "evil.example.net"
	secret     = `s3"cret\`
	password   = "pw"
	// mainJID is the address that the bot speaks as.
	mainJID = "dragoman@" + botDomain
	version = "1.2.3-test"
)

// options are those of every server under test: john is the administrator.
func options() counterpart.Options {
	return counterpart.Options{
		Components:  map[string]string{botDomain: secret, evilDomain: secret},
		Users:       map[string]string{"john": password, "mary": password},
		Rooms:       []string{"ops"},
		StanzaLimit: 4 << 20,
	}
}

// kinds are the servers that every promise is kept on.
var kinds = map[string]func(counterpart.TB, counterpart.Options) *counterpart.Server{
	"prosody": counterpart.Prosody, "ejabberd": counterpart.Ejabberd,
}

// onEach runs the test on a fresh server of each kind.
func onEach(t *testing.T, o counterpart.Options, test func(ctx context.Context, t *testing.T, s *counterpart.Server)) {
	t.Helper()
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := kinds[kind](t, o)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			t.Cleanup(cancel)
			test(ctx, t, s)
		})
	}
}

// rig is a bot on a server.
type rig struct {
	*testing.T
	ctx     context.Context
	wire    *xmpp.Transport
	book    *book
	journal *journal
	calls   *calls

	stop  func()
	ended chan error // what Run returned
}

// setup changes a rig before it starts.
type setup func(*xmpp.Config, *component.Config)

func inRooms(rooms ...string) setup {
	return func(c *xmpp.Config, _ *component.Config) {
		for _, r := range rooms {
			c.Rooms = append(c.Rooms, stream.MustParse(r))
		}
	}
}

func withBook(b *book) setup {
	return func(c *xmpp.Config, _ *component.Config) { c.Book = b }
}

func at(addr string) setup {
	return func(_ *xmpp.Config, c *component.Config) { c.Address = addr }
}

// launch starts a bot with the skill of this file as a component of s; it ends
// with the test. hurry may shorten the transport's waits.
func launch(ctx context.Context, t *testing.T, s *place, hurry func(*xmpp.Transport), setups ...setup) *rig {
	t.Helper()
	r := &rig{T: t, ctx: ctx, book: newBook(), journal: newJournal(), calls: &calls{by: map[string]int{}, finish: make(chan struct{})}, ended: make(chan error, 1)}
	policy := access.New([]string{"john@" + s.Domain})
	link := component.Config{Domain: botDomain, Address: s.Component(botDomain), Secret: secret}
	cfg := xmpp.Config{
		Main: stream.MustParse(mainJID), WholeDomain: true, Nick: "dragoman", Prefix: "!",
		Book: r.book, MayInvite: policy.MayInvite, Version: version, Log: r.journal.logger(),
	}
	for _, f := range setups {
		f(&cfg, &link)
	}
	if b, ok := cfg.Book.(*book); ok {
		r.book = b
	}
	cfg.Connector = component.New(link)
	r.wire = xmpp.New(cfg)
	if hurry != nil {
		hurry(r.wire)
	}
	b, err := bot.New(bot.Config{Name: "dragoman", Access: policy, Log: r.journal.logger()})
	r.check(err)
	r.check(b.Add(skill{r.calls}))
	r.check(b.Attach(r.wire))
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		r.ended <- b.Run(run)
	}()
	r.stop = func() { cancel(); <-gone }
	t.Cleanup(func() {
		r.stop()
		if t.Failed() {
			t.Logf("the bot's log:\n%s", r.journal.tail(25))
		}
	})
	return r
}

// up is launch and the wait until the bot is connected and in its rooms.
func up(ctx context.Context, t *testing.T, s *place, setups ...setup) *rig {
	t.Helper()
	r := launch(ctx, t, s, nil, setups...)
	r.awaitLog("msg=connected")
	return r
}

func (r *rig) check(err error) {
	r.Helper()
	check(r.T, err)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// soon bounds one expectation.
const soon = 15 * time.Second

func (r *rig) awaitLog(part string) string {
	r.Helper()
	return r.awaitLogSince(0, part)
}

// awaitLogSince waits for a line after the first n that has all the parts.
func (r *rig) awaitLogSince(n int, parts ...string) string {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, soon)
	defer cancel()
	line, err := r.journal.await(ctx, n, parts...)
	if err != nil {
		r.Fatalf("no line with %q in the bot's log: %v", parts, err)
	}
	return line
}

// silent checks that the log holds nothing with this text.
func (r *rig) silent(part string) {
	r.Helper()
	for _, line := range r.journal.lines(0) {
		if strings.Contains(line, part) {
			r.Errorf("the log complains: %s", line)
		}
	}
}

// person is somebody on the server whose expectations end the test.
type person struct {
	*testing.T
	far
	ctx context.Context
}

// far is a client that nobody of the bot wrote: slixmpp, or one of the fake
// server's own.
type far interface {
	JID() string
	Send(ctx context.Context, m counterpart.Outgoing) (string, error)
	Raw(ctx context.Context, xml string) error
	IQ(ctx context.Context, to, kind, payload string) (counterpart.Event, error)
	Ping(ctx context.Context, to string) error
	Join(ctx context.Context, room, nick string) (counterpart.Event, error)
	Invite(ctx context.Context, room, to string, mediated bool) error
	ConfigureRoom(ctx context.Context, room string, fields map[string]string) error
	DiscoInfo(ctx context.Context, to, node string) (counterpart.DiscoInfo, error)
	DiscoItems(ctx context.Context, to, node string) ([]counterpart.DiscoItem, error)
	Version(ctx context.Context, to string) (counterpart.SoftwareVersion, error)
	LastActivity(ctx context.Context, of string) (time.Duration, error)
	EntityTime(ctx context.Context, to string) (time.Time, error)
	VCard(ctx context.Context, to string) (counterpart.VCard, error)
	Presence(ctx context.Context, to, kind string) error
	Expect(ctx context.Context, match func(counterpart.Event) bool) (counterpart.Event, error)
	Received(match func(counterpart.Event) bool) []counterpart.Event
	Close() error
}

func user(ctx context.Context, t *testing.T, s *counterpart.Server, name string) *person {
	t.Helper()
	return &person{t, counterpart.SlixmppUser(t, s, name, password, "desk"), ctx}
}

func evil(ctx context.Context, t *testing.T, s *counterpart.Server) *person {
	t.Helper()
	return &person{t, counterpart.SlixmppComponent(t, s, evilDomain, secret), ctx}
}

func (p *person) check(err error) {
	p.Helper()
	check(p.T, err)
}

func (p *person) send(m counterpart.Outgoing) string {
	p.Helper()
	id, err := p.Send(p.ctx, m)
	p.check(err)
	return id
}

func (p *person) say(to, text string) string {
	p.Helper()
	return p.send(counterpart.Outgoing{To: to, Body: text})
}

func (p *person) sayRoom(room, text string) string {
	p.Helper()
	return p.send(counterpart.Outgoing{To: room, Type: "groupchat", Body: text})
}

func (p *person) raw(xml string) {
	p.Helper()
	p.check(p.Raw(p.ctx, xml))
}

func (p *person) expect(what string, match func(counterpart.Event) bool) counterpart.Event {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, soon)
	defer cancel()
	e, err := p.Expect(ctx, match)
	if err != nil {
		p.Fatalf("%s: %v", what, err)
	}
	return e
}

func (p *person) hears(from, text string) counterpart.Event {
	p.Helper()
	return p.expect("waiting for "+from+": "+text, counterpart.Says(from, text))
}

// nothing checks that nothing that matches has come by the time that the bot
// has answered a later message: what is handled in order and was not answered
// until then never will be.
func (p *person) nothing(what string, match func(counterpart.Event) bool) {
	p.Helper()
	p.settle()
	for _, e := range p.Received(match) {
		p.Errorf("%s: %s", what, e)
	}
}

// settle makes a round trip to the bot through a conversation.
func (p *person) settle() {
	p.Helper()
	mark := stream.NewID()
	p.say(mainJID, "echo "+mark)
	p.hears(mainJID, mark)
}

func (p *person) join(room, nick string) counterpart.Event {
	p.Helper()
	e, err := p.Join(p.ctx, room, nick)
	p.check(err)
	return e
}

// sees waits for somebody's presence in a room.
func (p *person) sees(room, nick, kind string) counterpart.Event {
	p.Helper()
	return p.expect("presence of "+nick, presence(room+"/"+nick, kind))
}

func presence(from, kind string) func(counterpart.Event) bool {
	return func(e counterpart.Event) bool { return e.Kind == "presence" && e.From == from && e.Type == kind }
}

// messages matches every message with a body of somebody, errors too.
func messages(from string) func(counterpart.Event) bool {
	return func(e counterpart.Event) bool {
		return e.Kind == "message" && strings.HasPrefix(e.From, from) && (e.Body != "" || e.Type == "error")
	}
}

// admin changes somebody's place in a room, as its owner.
func (p *person) admin(room, item string) {
	p.Helper()
	_, err := p.IQ(p.ctx, room, "set", "<query xmlns='http://jabber.org/protocol/muc#admin'>"+item+"</query>")
	p.check(err)
}

// skill is a real one with what the tests ask for.
type skill struct{ calls *calls }

func (skill) Name() string { return "test" }

type textArgs struct {
	Text string `slot:"text,rest" help:"Any text."`
}

func (s skill) Commands() []*bot.Cmd {
	return []*bot.Cmd{
		bot.Command("echo", func(_ context.Context, _ *bot.Request, a textArgs) (bot.Reply, error) {
			return bot.Say(a.Text), nil
		}).Summary("say it back"),
		bot.Command("count", func(_ context.Context, _ *bot.Request, a textArgs) (bot.Reply, error) {
			return bot.Sayf("%s %d", a.Text, s.calls.add(a.Text)), nil
		}).Summary("count how often this was asked"),
		bot.Command("slow", func(ctx context.Context, _ *bot.Request, _ struct{}) (bot.Reply, error) {
			select {
			case <-s.calls.finish: // no clock: the typing is a second late, and later on a busy machine
				return bot.Say("done at last"), nil
			case <-ctx.Done():
				return bot.Reply{}, ctx.Err()
			}
		}).Summary("take until the test says finish"),
		bot.Command("whoami", func(_ context.Context, r *bot.Request, _ struct{}) (bot.Reply, error) {
			return bot.Sayf("account=%s affiliation=%s session=%s", r.Sender.Account, r.Sender.Affiliation, r.Sender.Session), nil
		}).Summary("say who the bot takes you for"),
	}
}

// calls counts what was executed.
type calls struct {
	mu sync.Mutex
	by map[string]int

	finish chan struct{} // ends the command slow
}

func (c *calls) add(what string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by[what]++
	return c.by[what]
}

func (c *calls) of(what string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by[what]
}

func (c *calls) all() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.by)
}

// book is a durable xmpp.Book for as long as the test keeps it.
type book struct {
	mu      sync.Mutex
	entries map[[2]string][]string
}

func newBook() *book { return &book{entries: map[[2]string][]string{}} }

func (b *book) Add(_ context.Context, kind, own, jid string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := [2]string{kind, own}
	if !slices.Contains(b.entries[k], jid) {
		b.entries[k] = append(b.entries[k], jid)
	}
	return nil
}

func (b *book) Remove(_ context.Context, kind, own, jid string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := [2]string{kind, own}
	b.entries[k] = slices.DeleteFunc(b.entries[k], func(s string) bool { return s == jid })
	return nil
}

func (b *book) List(_ context.Context, kind, own string) ([]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.entries[[2]string{kind, own}]), nil
}

// journal is a log that a test can wait on.
type journal struct {
	mu      sync.Mutex
	all     []string
	changed chan struct{}
}

func newJournal() *journal { return &journal{changed: make(chan struct{})} }

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Write takes one line, as slog's handlers promise.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.all = append(j.all, string(bytes.TrimSpace(p)))
	close(j.changed)
	j.changed = make(chan struct{})
	return len(p), nil
}

func (j *journal) len() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.all)
}

// lines are those after the first n.
func (j *journal) lines(n int) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.all[n:])
}

func (j *journal) tail(n int) string {
	all := j.lines(0)
	return strings.Join(all[max(0, len(all)-n):], "\n")
}

func (j *journal) await(ctx context.Context, n int, parts ...string) (string, error) {
	for {
		j.mu.Lock()
		changed := j.changed
		j.mu.Unlock()
		for _, line := range j.lines(n) {
			if !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(line, p) }) {
				return line, nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return "", fmt.Errorf("%w; the log:\n%s", ctx.Err(), j.tail(30))
		}
	}
}
