package status

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
	"dragoman/internal/clock"
	"dragoman/skills/status/check"
	"dragoman/store"
)

// machines stand in for those that checks would ask. What is not set is up.
type machines struct {
	mu sync.Mutex
	by map[string]func(context.Context) check.Result
	n  map[string]int // checks so far
}

// set makes the machine with that target answer so.
func (f *machines) set(target string, s check.State, detail string) {
	f.setFunc(target, func(context.Context) check.Result { return check.Result{State: s, Detail: detail} })
}

// setSince makes it up since then.
func (f *machines) setSince(target string, since time.Time) {
	f.setFunc(target, func(context.Context) check.Result { return check.Result{State: check.Up, Since: since} })
}

func (f *machines) setFunc(target string, answer func(context.Context) check.Result) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.by == nil {
		f.by = make(map[string]func(context.Context) check.Result)
	}
	f.by[target] = answer
}

// checks is how often it was asked.
func (f *machines) checks(target string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n[target]
}

// new is Deps.NewCheck. The spec has to be right all the same.
func (f *machines) new(spec check.Spec, d check.Deps) (check.Check, error) {
	if _, err := check.New(spec, d); err != nil {
		return nil, err
	}
	return fakeCheck{f, spec.Target}, nil
}

type fakeCheck struct {
	all    *machines
	target string
}

func (c fakeCheck) Check(ctx context.Context) check.Result {
	c.all.mu.Lock()
	answer := c.all.by[c.target]
	if c.all.n == nil {
		c.all.n = make(map[string]int)
	}
	c.all.n[c.target]++
	c.all.mu.Unlock()
	if answer == nil {
		return check.Result{State: check.Up}
	}
	return answer(ctx)
}

// two is a configuration with machine1, since three hours, and web1.
func two() Config {
	cfg := Defaults()
	cfg.Machines = []Machine{
		{Name: "machine1", Spec: check.Spec{Kind: "tcp", Target: "machine1:1"}},
		{Name: "web1", Spec: check.Spec{Kind: "tcp", Target: "web1:1"}},
	}
	return cfg
}

// journal is a log that a test reads.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// quiet is a logger that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// openStore opens a database until the test ends.
func openStore(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), url, quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// inMemory is a store that is forgotten after the test.
func inMemory(t testing.TB) *store.DB { return openStore(t, "sqlite::memory:") }

// made is a skill, or the end of the test.
func made(t testing.TB, cfg Config, d Deps) *Skill {
	t.Helper()
	if d.Clock == nil {
		d.Clock = clock.System{}
	}
	if d.Log == nil {
		d.Log = quiet()
	}
	if w, ok := d.Notify.(*wire); ok {
		w.uses(d.DB)
	}
	s, err := New(context.Background(), cfg, d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// play plays a script with a skill on these machines.
func play(t *testing.T, cfg Config, fake *machines, script string) {
	t.Helper()
	playAs(t, bot.Config{}, cfg, fake, script)
}

func playAs(t *testing.T, b bot.Config, cfg Config, fake *machines, script string) {
	t.Helper()
	bottest.Play(t, b, script, func(t *testing.T, b *bot.Bot) []bot.Skill {
		return []bot.Skill{made(t, cfg, Deps{DB: inMemory(t), Notify: b, NewCheck: fake.new})}
	})
}

// told is one notice.
type told struct {
	bot.Notice
	text string
}

// wire is a bot.Notifier with an outbox that keeps the notices. They commit with
// the transaction in which they are added, each cause once for each place.
type wire struct {
	mu     sync.Mutex
	direct bool // it has no outbox
	db     *store.DB
	told   []told
	causes map[string]bool
	fail   map[bot.Address]error
	came   chan struct{} // holds one: there is something new
}

func newWire() *wire {
	return &wire{causes: make(map[string]bool), fail: make(map[bot.Address]error), came: make(chan struct{}, 1)}
}

// uses is the database whose transactions count.
func (w *wire) uses(db *store.DB) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.db = db
}

// refuse makes notices to an address fail, until it is called with nil.
func (w *wire) refuse(to bot.Address, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fail[to] = err
}

// Durable implements bot.Durable.
func (w *wire) Durable() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.direct
}

// stays says whether it has an outbox.
func (w *wire) stays(durable bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.direct = !durable
}

func (w *wire) Notify(ctx context.Context, n bot.Notice) error {
	w.mu.Lock()
	err, db := w.fail[n.To.To], w.db
	w.mu.Unlock()
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		db.AfterCommit(ctx, func() { w.take(n) })
	}
	return err
}

func (w *wire) take(n bot.Notice) {
	w.mu.Lock()
	defer w.mu.Unlock()
	cause := fmt.Sprint(n.To.Transport, n.To.To, n.To.Room, n.Cause)
	if n.Cause != "" && w.causes[cause] {
		return
	}
	w.causes[cause] = true
	w.told = append(w.told, told{n, n.Reply.Plain()})
	select {
	case w.came <- struct{}{}:
	default:
	}
}

// texts are what was said to an address, in order; all of it for "".
func (w *wire) texts(to bot.Address) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []string
	for _, n := range w.told {
		if to == "" || n.To.To == to {
			list = append(list, n.text)
		}
	}
	return list
}

// await waits until n notices came.
func (w *wire) await(t testing.TB, n int) {
	t.Helper()
	limit := time.NewTimer(20 * time.Second)
	defer limit.Stop()
	for len(w.texts("")) < n {
		select {
		case <-w.came:
		case <-limit.C:
			t.Fatalf("%d notices came instead of %d: %q", len(w.texts("")), n, w.texts(""))
		}
	}
}

// running is a skill whose Run runs.
type running struct {
	*Skill
	end func() // stops it and waits
}

// run runs a skill until the test ends.
func run(t testing.TB, s *Skill) running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	end := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(end)
	return running{s, end}
}

// subscribed stores subscriptions: "john" stands for a direct message and
// "john@ops" for a room.
func subscribed(t testing.TB, s *Skill, machine string, who ...string) {
	t.Helper()
	for i, w := range who {
		name, room, isRoom := strings.Cut(w, "@")
		sub := subscription{Machine: key(machine), Transport: "fake", Address: w, Person: name + "@chat.test", Own: "bot@bot.test", Since: int64(i)}
		if isRoom {
			sub.Address, sub.Room = room, true
		}
		if isNew, err := s.store.subscribe(t.Context(), sub, true); err != nil || !isNew {
			t.Fatalf("subscribe %s: new %v, %v", w, isNew, err)
		}
	}
}

// phase is what a machine does from some time of the bubble on.
type phase struct {
	from  time.Duration
	state check.State
}

// plan makes a machine go through phases. It is up before the first.
func (f *machines) plan(target string, phases ...phase) {
	// Where every bubble of package testing/synctest begins.
	start := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	f.setFunc(target, func(context.Context) check.Result {
		r := check.Result{State: check.Up}
		for _, p := range phases {
			if time.Since(start) >= p.from {
				r.State = p.state
			}
		}
		if r.State == check.Down {
			r.Detail = "connection refused"
		}
		return r
	})
}
