package skills

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/bot/bottest"
	"dragoman/internal/clock"
	"dragoman/skills/status/check"
	"dragoman/store"
)

// memory is a store that is forgotten after the test.
func memory(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite::memory:", slog.New(slog.DiscardHandler))
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

// nobody is an XMPP connection over which nobody answers.
type nobody struct{}

func (nobody) Ping(context.Context, string) error { return check.ErrNoConnection }

func (nobody) LastActivity(context.Context, string) (time.Duration, error) {
	return 0, check.ErrNoConnection
}

// built are the skills that a configuration makes.
func built(t *testing.T, c *Config) []bot.Skill {
	t.Helper()
	env := Env{DB: memory(t), Clock: clock.System{}, Log: slog.New(slog.DiscardHandler), XMPP: nobody{}}
	var list []bot.Skill
	for _, build := range c.Builds {
		s, err := build(t.Context(), env)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// still is a skill without its Run.
type still struct{ bot.Skill }

// machinesOf counts the machines of a configuration in the list that the bot
// gives of them.
func machinesOf(t *testing.T, c *Config) int {
	t.Helper()
	skills := built(t, c)
	i := slices.IndexFunc(skills, func(s bot.Skill) bool { return s.Name() == "status" })
	chat := bottest.Start(t, bot.Config{}, still{skills[i]})
	defer chat.Stop()
	return strings.Count(chat.Ask(bottest.Direct("john", "list machines")), "\n")
}

func TestTheTableIsTheSkills(t *testing.T) {
	var text strings.Builder
	for _, name := range Names() {
		fmt.Fprintf(&text, "  %s:\n", name)
	}
	skills := built(t, parsed(t, "skills:\n"+text.String()))
	var names []string
	for _, s := range skills {
		names = append(names, s.Name())
	}
	if !slices.Equal(names, Names()) {
		t.Errorf("the table says %q, and the skills are called %q", Names(), names)
	}
	b, err := bot.New(bot.Config{Access: bottest.AllowAll{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Add(skills...); err != nil {
		t.Errorf("they do not go together: %v", err)
	}
}

func TestAMachineThatCannotBeMadeIsSaidWithItsSkill(t *testing.T) {
	c := parsed(t, "skills: {status: {config: {machines: [{name: a, check: xmpp-ping, target: chat.local}]}}}")
	_, err := c.Builds[0](t.Context(), Env{DB: memory(t), Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "machines[0]") || !strings.Contains(err.Error(), "XMPP connection") {
		t.Errorf("error %v", err)
	}
}
