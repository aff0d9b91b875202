package bot

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"dragoman/nlu"
)

// phrases are those of help.
//
//go:embed phrases.txt
var phrases string

// oos are sentences that mean no command at all.
//
//go:embed oos.txt
var oos string

// helpName is the command that explains the others.
const helpName = "help"

// helpSkill is the one skill that is part of the core: it describes the
// others.
type helpSkill struct{ bot *Bot }

// Name implements Skill.
func (helpSkill) Name() string { return "help" }

type helpArgs struct {
	Command string `slot:"command,optional,rest" help:"The command to explain."`
}

func (h helpSkill) Commands() []*Cmd {
	return Speak("bot/oos.txt", oos, Speak("bot/phrases.txt", phrases,
		Command(helpName, h.help).
			Summary("list what I can do, or explain one command").
			Suggest("command", func(context.Context) ([]string, error) { return h.bot.explained, nil }),
	)...)
}

func (h helpSkill) help(ctx context.Context, r *Request, args helpArgs) (Reply, error) {
	if args.Command != "" {
		return h.one(ctx, r, args.Command)
	}
	t := &Table{}
	for _, c := range h.bot.order {
		if h.bot.cfg.Access.Check(ctx, r.Message, c) == nil {
			t.Rows = append(t.Rows, []string{c.usage(), c.summary})
		}
	}
	return Reply{Text: "I understand:", Table: t}, nil
}

// one explains a single command to somebody who may use it.
func (h helpSkill) one(ctx context.Context, r *Request, name string) (Reply, error) {
	name = strings.ToLower(strings.Join(strings.Fields(name), " "))
	i := slices.IndexFunc(h.bot.order, func(c *Cmd) bool { return sameCommand(c.name, name) })
	if i < 0 || h.bot.cfg.Access.Check(ctx, r.Message, h.bot.order[i]) != nil {
		return Reply{}, Refuse("I know no command %q that you may use here. Say help to see them all.", nlu.Cut(name))
	}
	c := h.bot.order[i]
	lines := []string{fmt.Sprintf("%s: %s.", c.usage(), c.summary)}
	for _, s := range c.slots {
		if s.help != "" {
			lines = append(lines, fmt.Sprintf("  %s: %s", s.name, s.help))
		}
	}
	if say := c.say["en"]; len(say) > 0 {
		lines = append(lines, "Or in other words: "+strings.Join(say, "; "))
	}
	return Say(strings.Join(lines, "\n")), nil
}

// sameCommand treats a space and a hyphen in a name alike, as the structured
// syntax does.
func sameCommand(a, b string) bool {
	return strings.ReplaceAll(a, "-", " ") == strings.ReplaceAll(b, "-", " ")
}

// excerpt is the first line of text, cut to at most n runes.
func excerpt(text string, n int) string {
	line, _, more := strings.Cut(strings.Map(undirected, text), "\n")
	runes := []rune(line)
	if len(runes) > n {
		runes, more = runes[:n], true
	}
	if more {
		return string(runes) + "…"
	}
	return string(runes)
}

// undirected drops the characters that change the direction of what follows:
// repeated in an answer they would turn the answer round.
func undirected(r rune) rune {
	if '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069' || r == '\u200e' || r == '\u200f' {
		return -1
	}
	return r
}

// orList joins words as people do: a, b or c.
func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
