package status

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"dragoman/bot"
	"dragoman/bot/bottest"
	"dragoman/internal/clock"
	"dragoman/internal/counterpart"
	"dragoman/skills/status/check"
	"dragoman/store"
)

// renameTable makes a table that the skill needs go away, or come back.
func renameTable(t testing.TB, db *store.DB, from, to string) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *gorm.DB) error { return tx.Migrator().RenameTable(from, to) })
	if err != nil {
		t.Fatal(err)
	}
}

// onEachStore runs f with the address of an empty database of each kind, which
// can be opened several times.
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

// life is the skill from one start of the bot to its stop.
type life struct {
	*Skill
	t    *testing.T
	db   *store.DB
	fake *machines
	wire *wire
	log  *journal
	tell func() // stops the teller and waits for it
}

// start begins a life, in which only the test checks machines.
func start(t *testing.T, url string, cfg Config, fake *machines) *life {
	t.Helper()
	l := &life{t: t, fake: fake, wire: newWire(), log: &journal{}}
	var err error
	if l.db, err = store.Open(t.Context(), url, quiet()); err != nil {
		t.Fatal(err)
	}
	l.Skill = made(t, cfg, Deps{DB: l.db, Notify: l.wire, NewCheck: fake.new, Log: l.log.logger()})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.Skill.tell.run(ctx)
	}()
	l.tell = sync.OnceFunc(func() {
		cancel()
		<-ended
		if err := l.db.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(l.tell)
	return l
}

// stop ends a life.
func (l *life) stop() { l.tell() }

// look checks a machine n times.
func (l *life) look(name string, n int) {
	l.t.Helper()
	m, ok := l.watch.get(name)
	if !ok {
		l.t.Fatalf("there is no machine %s", name)
	}
	for range n {
		l.watch.look(l.t.Context(), m)
	}
}

var seconds = regexp.MustCompile(`\b\d+ seconds?\b`)

// timeless says "N seconds" for any number of them, as lives pass in real time.
func timeless(text string) string { return seconds.ReplaceAllString(text, "N seconds") }

// describes holds that it says that of a machine, whatever the seconds.
func (l *life) describes(name, want string) {
	l.t.Helper()
	m, err := l.known(l.t.Context(), name)
	if err != nil {
		l.t.Fatal(err)
	}
	if got := timeless(l.describe(m)); got != want {
		l.t.Errorf("it says %q, want %q", got, want)
	}
}

func TestWhatIsKnownSurvivesARestart(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		fake := &machines{}
		one := start(t, url, two(), fake)
		chat := bottest.Start(t, bot.Config{}, still{one.Skill})
		for _, line := range [][2]string{
			{"add machine DB🐘 tcp 127.0.0.1:5432", "I now watch DB🐘"},
			{"add machine gone tcp 127.0.0.1:1", "I now watch gone"},
			{"subscribe db🐘", "john is now subscribed to changes to DB🐘"},
			{"subscribe web1", "john is now subscribed to changes to web1"},
			{"subscribe web1", "john is already subscribed to changes to web1"},
			{"subscribe gone", "john is now subscribed to changes to gone"},
			{"unsubscribe web1", "john is no longer subscribed to changes to web1"},
			{"unsubscribe web1", "john is not subscribed to changes to web1 here"},
			{"subscribe machine1", "john is now subscribed to changes to machine1"},
			{"remove machine gone", "I no longer watch gone"},
			{"subscriptions", "john is subscribed to changes to DB🐘, machine1"},
		} {
			if got := chat.Ask(bottest.Direct("john", line[0])); got != line[1] {
				t.Errorf("%s: %s", line[0], got)
			}
		}
		if got := chat.Ask(bottest.InRoom("john", "ops", "subscribe web1")); got != "john is now subscribed to changes to web1" {
			t.Error(got)
		}
		if err := chat.Stop(); err != nil {
			t.Fatal(err)
		}
		one.stop()

		two := start(t, url, two(), fake)
		chat = bottest.Start(t, bot.Config{}, still{two.Skill})
		defer chat.Stop()
		for _, line := range [][2]string{
			{"list machines", "I watch:\nDB🐘      not checked yet\nmachine1  not checked yet\nweb1      not checked yet"},
			{"subscriptions", "john is subscribed to changes to DB🐘, machine1"},
			{"add machine db🐘 local", "There is already a machine DB🐘."},
			{"get-status db🐘", "DB🐘 is currently running for N seconds"},
		} {
			if got := timeless(chat.Ask(bottest.Direct("john", line[0]))); strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(line[1]), " ") {
				t.Errorf("after the restart, %s: %s", line[0], got)
			}
		}
		if got := chat.Ask(bottest.InRoom("john", "ops", "subscriptions")); got != "john is subscribed to changes to web1" {
			t.Error(got)
		}
	})
}

// still is a skill without its Run.
type still struct{ bot.Skill }

func TestAChangeWhileTheBotWasAwayIsToldOnce(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		fake := &machines{}
		one := start(t, url, two(), fake)
		subscribed(t, one.Skill, "web1", "john")
		one.look("web1", 1)
		one.look("machine1", 1)
		one.stop()

		fake.set("web1:1", check.Down, "connection refused")
		second := start(t, url, two(), fake)
		// Until it is sure, nobody is told; but who asks hears no "running".
		second.describes("web1", "web1 is down for N seconds: connection refused")
		if got := second.wire.texts(""); len(got) > 0 {
			t.Errorf("after one check it told %q", got)
		}
		second.look("web1", 1)
		second.wire.await(t, 1)
		second.look("web1", 5)
		second.stop()
		if got := second.wire.texts("john"); !slices.Equal(got, []string{down}) {
			t.Errorf("told %q", got)
		}

		third := start(t, url, two(), fake)
		third.look("web1", 5)
		third.describes("web1", "web1 is down for N seconds: connection refused")
		fake.set("web1:1", check.Up, "")
		third.look("web1", 1)
		third.wire.await(t, 1)
		third.stop()
		if got := third.wire.texts("john"); len(got) != 1 || timeless(got[0]) != "web1 is up again after N seconds." {
			t.Errorf("told %q", got)
		}

		// What is as it was is told to nobody, and one failure is none.
		fourth := start(t, url, two(), fake)
		fake.set("web1:1", check.Down, "")
		fourth.look("web1", 1)
		fake.set("web1:1", check.Up, "")
		fourth.look("web1", 3)
		fourth.stop()
		if got := fourth.wire.texts(""); len(got) > 0 {
			t.Errorf("told %q", got)
		}
	})
}

func TestSinceSurvivesARestart(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		clk := clock.NewFake(time.Now())
		fake := &machines{}
		db := openStore(t, url)
		life := func() (*Skill, func()) {
			s := made(t, two(), Deps{DB: db, Notify: newWire(), NewCheck: fake.new, Clock: clk})
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				s.tell.run(ctx)
			}()
			return s, func() { cancel(); <-ended }
		}
		one, stop := life()
		m, _ := one.watch.get("web1")
		one.watch.look(t.Context(), m)
		stop()
		clk.Advance(3*time.Hour + time.Minute)
		two, stop := life()
		defer stop()
		if m, err := two.known(t.Context(), "web1"); err != nil || two.describe(m) != "web1 is currently running for 3 hours" {
			t.Error(two.describe(m), err)
		}
	})
}

func TestTheFileCountsBeforeWhatWasAddedInChat(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		fake := &machines{}
		one := start(t, url, Defaults(), fake)
		chat := bottest.Start(t, bot.Config{}, still{one.Skill})
		if got := chat.Ask(bottest.Direct("john", "add machine Web1 tcp 127.0.0.1:80")); got != "I now watch Web1" {
			t.Fatal(got)
		}
		if got := chat.Ask(bottest.Direct("john", "subscribe web1")); got != "john is now subscribed to changes to Web1" {
			t.Fatal(got)
		}
		if err := chat.Stop(); err != nil {
			t.Fatal(err)
		}
		one.stop()

		second := start(t, url, two(), fake) // declares web1
		if m, ok := second.watch.get("web1"); !ok || !m.fixed || m.Target != "web1:1" {
			t.Errorf("%+v", m)
		}
		if log := second.log.String(); !strings.Contains(log, "is declared in skills.yaml too, which counts") || !strings.Contains(log, "machine=Web1") {
			t.Errorf("the log does not say so:\n%s", log)
		}
		subs, err := second.store.subscribers(t.Context(), []string{"web1"})
		if err != nil || len(subs["web1"]) != 1 {
			t.Errorf("subscribers %+v, %v", subs, err)
		}
		second.stop()

		third := start(t, url, Defaults(), fake) // does not any more
		if m, ok := third.watch.get("web1"); !ok || m.fixed || m.Target != "127.0.0.1:80" || m.Name != "Web1" {
			t.Errorf("%+v", m)
		}
	})
}

func TestAStoredMachineThatCanNoLongerBeCheckedIsLeftOutAndCanBeAddedAnew(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		db := openStore(t, url)
		first := made(t, Defaults(), Deps{DB: db, Notify: newWire()})
		if _, err := first.store.addMachine(t.Context(), Machine{Name: "old", Spec: check.Spec{Kind: "gopher", Target: "x"}}, false, "john@chat.test", time.Now()); err != nil {
			t.Fatal(err)
		}
		log := &journal{}
		s := made(t, Defaults(), Deps{DB: db, Notify: newWire(), Log: log.logger()})
		if _, ok := s.watch.get("old"); ok || !strings.Contains(log.String(), "machine=old") {
			t.Errorf("there %v, log:\n%s", ok, log)
		}
		chat := bottest.Start(t, bot.Config{}, still{s})
		defer chat.Stop()
		if got := chat.Ask(bottest.Direct("john", "add machine old tcp 127.0.0.1:1")); got != "I now watch old" {
			t.Error(got)
		}
	})
}

func TestAMachineThatCannotBeStoredIsNotWatched(t *testing.T) {
	db := inMemory(t)
	s := made(t, two(), Deps{DB: db, Notify: newWire(), NewCheck: (&machines{}).new})
	chat := bottest.Start(t, bot.Config{}, still{s})
	defer chat.Stop()
	ask := func(text, want string) {
		t.Helper()
		if got := chat.Ask(bottest.Direct("john", text)); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", text, got)
		}
	}
	ask("add machine db1 tcp 127.0.0.1:1", "I now watch db1")
	renameTable(t, db, "status_machines", "away")
	ask("add machine db2 tcp 127.0.0.1:1", "I could not store the machine. The administrator finds the reason in the log")
	ask("get-status db2", "I know no machine")
	ask("remove machine db1", "I could not remove the machine. The administrator")
	ask("get-status db1", "db1 is currently running")
	renameTable(t, db, "away", "status_machines")
	ask("remove machine db1", "I no longer watch db1")

	renameTable(t, db, "status_subscriptions", "away")
	ask("subscribe web1", "I could not store the subscription. The administrator")
	ask("unsubscribe web1", "I could not remove the subscription. The administrator")
	ask("subscriptions", "I could not read the subscriptions. The administrator")
}

func TestManyStatesAreStoredAtOnce(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		s := made(t, Defaults(), Deps{DB: openStore(t, url), Notify: newWire()})
		rows := make([]stateRow, 2*batch)
		for _, state := range []string{"up", "down"} { // new rows, then old ones
			for i := range rows {
				rows[i] = stateRow{Machine: "m" + strconv.Itoa(i), State: state, Since: int64(i)}
			}
			if err := s.store.saveStates(t.Context(), rows, nil); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.store.states(t.Context())
		if err != nil || len(got) != len(rows) || got["m511"] != (stateRow{"m511", "down", 511, 0}) {
			t.Errorf("%d rows, the last %+v, %v", len(got), got["m511"], err)
		}
	})
}

// storeAll stores many subscriptions.
func storeAll(t testing.TB, db *store.DB, subs []subscription) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *gorm.DB) error { return tx.CreateInBatches(subs, 500).Error })
	if err != nil {
		t.Fatal(err)
	}
}
