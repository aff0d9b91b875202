package teach

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/access"
	"dragoman/bot/bottest"
	"dragoman/internal/clock"
	"dragoman/internal/counterpart"
	"dragoman/nlu/entity"
	"dragoman/store"
)

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

// onEachStore runs f with the address of an empty database of each kind.
func onEachStore(t *testing.T, f func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { f(t, "sqlite:"+filepath.Join(t.TempDir(), "bot.db")) })
	t.Run("postgres", func(t *testing.T) { f(t, cluster.URL(t)) })
}

// cluster is where the tests have their databases on PostgreSQL.
var cluster counterpart.Cluster

func TestMain(m *testing.M) {
	code := m.Run()
	if err := cluster.Stop(); err != nil {
		slog.Error("PostgreSQL did not stop", "err", err)
	}
	os.Exit(code)
}

// machines is a skill to speak about, whose machines are web1 and db-2.
type machines struct{}

func (machines) Name() string { return "machines" }

func (machines) Commands() []*bot.Cmd {
	type args struct {
		Machine string `slot:"machine,rest" help:"The machine's name." ask:"Which machine?"`
	}
	about := func(name string, e bot.Effect) *bot.Cmd {
		return bot.Command(name, func(_ context.Context, _ *bot.Request, a args) (bot.Reply, error) {
			return bot.Sayf("%s %s is done", name, a.Machine), nil
		}).Summary("do it with a machine").Changes(e).Needs("machines.use").
			Suggest("machine", func(context.Context) ([]string, error) { return []string{"web1", "db-2"}, nil })
	}
	return []*bot.Cmd{about("get-status", bot.Reads), about("remove machine", bot.ChangesShared)}
}

// taught makes the skill for a bot.
func taught(t testing.TB, db *store.DB, p Pupil, c clock.Clock) *Skill {
	t.Helper()
	s, err := New(context.Background(), Deps{DB: db, Clock: c, Log: quiet(), Pupil: p, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// play plays a script in which amy is the administrator.
func play(t *testing.T, script string) {
	t.Helper()
	playOn(t, "sqlite::memory:", script)
}

func playOn(t *testing.T, url, script string) {
	t.Helper()
	cfg := bot.Config{Access: access.New([]string{string(bottest.Account("amy"))})}
	bottest.Play(t, cfg, script, func(t *testing.T, b *bot.Bot) []bot.Skill {
		s := taught(t, openStore(t, url), b, clock.System{})
		b.Study(s)
		b.Relearn()
		return []bot.Skill{machines{}, s}
	})
}

// pupil is a Pupil that counts.
type pupil struct {
	*bot.Bot
	mu        sync.Mutex
	relearned int
}

func (p *pupil) Relearn() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.relearned++
}

func (p *pupil) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.relearned
}

// class is a running bot that learns only when it is told to.
type class struct {
	*bottest.Chat
	skill *Skill
	pupil *pupil
	clock *clock.Fake
	db    *store.DB
}

func newClass(t *testing.T, url string, learn bool) *class {
	t.Helper()
	c := &class{pupil: &pupil{}, clock: bottest.NewClock(), db: openStore(t, url)}
	c.skill = taught(t, c.db, c.pupil, c.clock)
	cfg := bot.Config{Access: access.New([]string{string(bottest.Account("amy"))})}
	if learn {
		langs := []string{"en", "de", "fr", "es"}
		cfg.Learning = &bot.Learning{Languages: langs, Recognizer: entity.New(entity.Options{Clock: clock.System{}, Languages: langs})}
	}
	c.Chat = bottest.Start(t, cfg, machines{}, c.skill)
	c.pupil.Bot = c.Bot
	c.Bot.Study(c.skill)
	c.learn(t)
	return c
}

func (c *class) learn(t *testing.T) {
	t.Helper()
	if err := c.Bot.Learn(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// says checks the beginning of an answer.
func (c *class) says(t *testing.T, who, text, want string) {
	t.Helper()
	if got := c.Ask(bottest.Direct(who, text)); !strings.HasPrefix(got, want) {
		t.Errorf("%s: %s\ngot  %q\nwant %q", who, text, got, want)
	}
}

// misses are those in the database.
func (c *class) misses(t *testing.T) []Miss {
	t.Helper()
	list, err := Misses(t.Context(), c.db, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
