package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"dragoman/nlu"
	"dragoman/skills"
	"dragoman/skills/teach"
)

// nluCmd is dragoman nlu.
type nluCmd struct {
	Parse     nluParseCmd     `cmd:"" help:"Say how the bot would read a text."`
	Explain   nluExplainCmd   `cmd:"" help:"Say what every stage makes of a text, and why."`
	Lint      nluLintCmd      `cmd:"" help:"Find phrases that contradict each other."`
	Eval      nluEvalCmd      `cmd:"" help:"Measure the understanding on files of examples."`
	Confusion nluConfusionCmd `cmd:"" help:"Show which intents are taken for which, as a table or a picture."`
	Misses    nluMissesCmd    `cmd:"" help:"List what people said that was not understood, as far as they agreed."`
}

// Help is shown by dragoman nlu --help.
func (*nluCmd) Help() string {
	return `parse, explain and lint put the bot of the configuration together without connecting it. They know the machines of
the configuration; with --store also those that were added in chat, and what was taught.

Examples:
  dragoman nlu parse "is web1 still alive?"
  dragoman nlu explain "subscribe web1 and list machines"
  dragoman nlu eval --train train.tsv --test test.tsv --json`
}

// understander is what the commands that read a text have in common.
type understander struct {
	Store string `help:"Database to use; by default one that is forgotten at the end." default:"sqlite::memory:" placeholder:"URL"`
	Lang  string `help:"Language of the text, such as en; by default it is found out." placeholder:"TAG"`
}

// with runs f on the bot of the configuration; see rehearse.
func (u *understander) with(i *invocation, f func(a *app) error) error {
	cfg, err := skills.Load(i.file)
	if err != nil {
		return err
	}
	return rehearse(i, cfg, u.Store, f)
}

// rehearse runs f on a bot of cfg that has learned and is not connected.
func rehearse(i *invocation, cfg *skills.Config, url string, f func(a *app) error) (err error) {
	db, shut, err := openStore(i.ctx, url, i.log, ownSoon)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shut()) }()
	a, err := assemble(i.ctx, cfg, db, nil, i.log, []string{"none"})
	if err != nil {
		return err
	}
	if err := a.learn(i.ctx); err != nil {
		return err
	}
	return f(a)
}

type nluParseCmd struct {
	understander
	Text []string `arg:"" help:"What somebody wrote."`
}

// Help is shown by dragoman nlu parse --help.
func (*nluParseCmd) Help() string {
	return `Each wish is a line: the command with its slots, how sure the bot is, and the stage that decided. The exit status is 1 where
there is none.

Examples:
  dragoman nlu parse "is web1 still alive?"
  dragoman nlu parse --lang de "läuft web1 noch"`
}

// Run prints each wish on a line as a command, or that there is none. The exit
// status is 1 then.
func (c *nluParseCmd) Run(i *invocation) error {
	return c.with(i, func(a *app) error {
		wishes, miss := a.bot.Understand(i.ctx, strings.Join(c.Text, " "), c.Lang)
		if miss != nil {
			return refused(miss)
		}
		for _, in := range wishes {
			if in.Usage != nil {
				return errors.New(in.Usage.String())
			}
			if _, err := fmt.Fprintf(i.std.out, "%s\t%.3f\t%s\n", lineOf(in), in.Score, in.Stage); err != nil {
				return err
			}
		}
		return nil
	})
}

// refused is the error that says what a Miss says.
func refused(miss *nlu.Miss) error {
	if len(miss.Readings) == 0 {
		return errors.New("not understood")
	}
	var maybe []string
	for _, in := range miss.Readings {
		maybe = append(maybe, fmt.Sprintf("%s (%.3f, %s)", lineOf(in), in.Score, in.Stage))
	}
	return fmt.Errorf("not sure; it may be %s", strings.Join(maybe, " or "))
}

// lineOf is an intent with its slots by name.
func lineOf(in nlu.Intent) string {
	words := []string{in.Command}
	for _, v := range in.Slots {
		text := oneLine(v.Text, 80)
		if strings.ContainsAny(text, " \"") {
			text = fmt.Sprintf("%q", text)
		}
		words = append(words, v.Slot+"="+text)
	}
	return strings.Join(words, " ")
}

type nluExplainCmd struct {
	understander
	Text []string `arg:"" help:"What somebody wrote."`
}

// Help is shown by dragoman nlu explain --help.
func (*nluExplainCmd) Help() string {
	return `Every stage says what it makes of the text; the first that is sure decides.

Examples:
  dragoman nlu explain "subscribe web1 and list machines"
  dragoman nlu explain --store sqlite:dragoman.db "how is the old lady"`
}

// Run prints what every stage makes of the text.
func (c *nluExplainCmd) Run(i *invocation) error {
	return c.with(i, func(a *app) error {
		for _, line := range a.bot.Explain(i.ctx, strings.Join(c.Text, " "), c.Lang) {
			if _, err := fmt.Fprintln(i.std.out, line); err != nil {
				return err
			}
		}
		return nil
	})
}

type nluLintCmd struct {
	understander
}

// Help is shown by dragoman nlu lint --help.
func (*nluLintCmd) Help() string {
	return `It takes a few seconds. The exit status is 1 where there is something to tell.

Examples:
  dragoman nlu lint
  dragoman nlu lint -c /etc/dragoman/skills.yaml --store sqlite:dragoman.db`
}

// Run prints the findings, one a line. The exit status is 1 when there are any.
func (c *nluLintCmd) Run(i *invocation) error {
	return c.with(i, func(a *app) error { return printFindings(i.ctx, a, i.std.out) })
}

func printFindings(ctx context.Context, a *app, out io.Writer) error {
	findings, err := a.bot.Lint(ctx)
	if err != nil {
		return err
	}
	for _, f := range findings {
		if _, err := fmt.Fprintln(out, f); err != nil {
			return err
		}
	}
	if len(findings) > 0 {
		return fmt.Errorf("%s in the phrases", count(len(findings), "finding"))
	}
	return nil
}

type nluMissesCmd struct {
	Limit int `default:"50" help:"At most so many, the most frequent first."`
}

// Help is shown by dragoman nlu misses --help.
func (*nluMissesCmd) Help() string {
	return `It reads the store of the configuration, beside a bot that may be running on it, and changes nothing.

Examples:
  dragoman nlu misses
  dragoman nlu misses --limit 10 -c /etc/dragoman/skills.yaml`
}

// Run prints what was kept by consent.
func (c *nluMissesCmd) Run(i *invocation) error {
	db, err := existingStore(i)
	if err != nil {
		return err
	}
	defer db.Close()
	misses, err := teach.Misses(i.ctx, db, c.Limit)
	if err != nil {
		return err
	}
	err = table(i.std.out, "Nothing that the bot was allowed to keep.", "TIMES\tLATEST\tLANG\tPHRASE", len(misses), func(n int) string {
		m := misses[n]
		return fmt.Sprintf("%d\t%s\t%s\t%s", m.Times, moment(m.Latest), oneLine(m.Lang, 8), oneLine(m.Phrase, 200))
	})
	return err
}
