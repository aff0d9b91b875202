package bottest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"dragoman/bot"
)

// recorder keeps the errors that a check reports.
type recorder struct {
	testing.TB
	errs []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.errs = append(r.errs, fmt.Sprintf(format, args...))
}

// verdict is what Conform has against a command.
func verdict(t *testing.T, c *bot.Cmd) string {
	t.Helper()
	r := &recorder{TB: t}
	(&conformer{skill: once{"test", []*bot.Cmd{c}}}).check(r, c)
	return strings.Join(r.errs, "\n")
}

type goodArgs struct {
	Name string `slot:"name" help:"Its name." ask:"What is it called?"`
	Size int    `slot:"size" help:"Its size."`
	More string `slot:"more,optional,rest" help:"Anything else."`
}

// command is one that conforms unless do or a change makes it worse.
func command[T any](do func(T) (bot.Reply, error)) *bot.Cmd {
	return bot.Command("make thing", func(_ context.Context, _ *bot.Request, a T) (bot.Reply, error) { return do(a) }).
		Summary("make a thing")
}

func good(goodArgs) (bot.Reply, error) { return bot.Say("made"), nil }

func TestConformAcceptsAGoodCommand(t *testing.T) {
	c := command(good).Say("en", "[please] build [me|us] (a|one) {name} of [the] size {size}").Say("de", "baue {name} in {size}").
		Needs("thing.make").Changes(bot.ChangesShared)
	if got := verdict(t, c); got != "" {
		t.Error(got)
	}
}

func TestConformFinds(t *testing.T) {
	type silentArgs struct {
		Name string `slot:"name"`
	}
	type statement struct {
		Name string `slot:"name" help:"Its name." ask:"Tell me the name."`
	}
	tests := []struct {
		name string
		cmd  *bot.Cmd
		want string
	}{
		{"change without a permission", command(good).Changes(bot.ChangesOwn), "needs no permission"},
		{"slot without help", command(func(silentArgs) (bot.Reply, error) { return bot.Say("made"), nil }), `does not explain the slot "name"`},
		{"question that is none", command(func(statement) (bot.Reply, error) { return bot.Say("made"), nil }), "asks no question but says: Tell me the name."},
		{"template of another command", command(good).Say("en", "help"), `"help" (en) should lead to make thing`},
		{"panic", command(func(a goodArgs) (bot.Reply, error) {
			if a.Size < 0 {
				panic("negative")
			}
			return bot.Say("made"), nil
		}), "panic: negative"},
		{"wrong input as an incident", command(func(a goodArgs) (bot.Reply, error) {
			if strings.Contains(a.Name, "'") {
				return bot.Reply{}, errors.New("syntax error")
			}
			return bot.Say("made"), nil
		}), "is an incident: request failed: syntax error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := verdict(t, tt.cmd); !strings.Contains(got, tt.want) {
				t.Errorf("Conform found\n%s\nand not %q", got, tt.want)
			}
		})
	}
}

func TestSentences(t *testing.T) {
	values := map[string]string{"m": "web1"}
	for template, want := range map[string][]string{
		"a b":              {"a b"},
		"[a] b":            {"a b", "b"},
		"[a|b] c":          {"a c", "b c", "c"},
		"(a|b [c]) {m}":    {"a web1", "b c web1", "b web1"},
		"a|b":              {"a", "b"},
		"[a [b|c]] d":      {"a b d", "a c d", "a d", "d"},
		`\[a\] {m}'s (b)?`: {"[a] web1's b?"},
	} {
		if got := sentences(template, values); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", template, got, want)
		}
	}
	if n := len(sentences(strings.Repeat("[a|b|c] ", 20), nil)); n == 0 || n > maxSentences {
		t.Errorf("%d sentences of a template with 4^20", n)
	}
}
