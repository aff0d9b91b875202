package bot_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"dragoman/bot"
	"dragoman/bot/bottest"
)

// commands is a skill made of commands.
type commands []*bot.Cmd

func (commands) Name() string           { return "test" }
func (c commands) Commands() []*bot.Cmd { return c }

// none is a command without arguments.
type none = struct{}

// machineArgs are the arguments of get-status.
type machineArgs struct {
	Machine string `slot:"machine" help:"The machine to ask about." ask:"Which machine?"`
}

// getStatus is a command like those of the status skill.
func getStatus() *bot.Cmd {
	return bot.Command("get-status", func(_ context.Context, _ *bot.Request, a machineArgs) (bot.Reply, error) {
		return bot.Sayf("%s is up", a.Machine), nil
	}).Summary("say how a machine is").
		Say("en", "[what is|what's] the status of {machine}").
		Suggest("machine", func(context.Context) ([]string, error) { return []string{"machine1", "machine2"}, nil })
}

// say is a command that answers with a text.
func say(name, text string) *bot.Cmd {
	return run(name, func(context.Context, *bot.Request) (bot.Reply, error) { return bot.Say(text), nil })
}

// run is a command without arguments that does something.
func run(name string, do func(ctx context.Context, r *bot.Request) (bot.Reply, error)) *bot.Cmd {
	return bot.Command(name, func(ctx context.Context, r *bot.Request, _ none) (bot.Reply, error) {
		return do(ctx, r)
	}).Summary("do " + name)
}

// logged is a log that a test can read.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logged) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// incidentOf is the incident id that a reply names.
func incidentOf(t *testing.T, reply string) string {
	t.Helper()
	_, id, ok := strings.Cut(reply, "incident ")
	if id = strings.TrimSuffix(id, "."); !ok || len(id) != 8 {
		t.Fatalf("no incident id in %q", reply)
	}
	return id
}

// play plays a script in a bubble.
func play(t *testing.T, script string, cmds ...*bot.Cmd) {
	t.Helper()
	bottest.Run(t, []bot.Skill{commands(cmds)}, script)
}
