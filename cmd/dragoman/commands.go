package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"dragoman/bot"
	"dragoman/bot/console"
	"dragoman/internal/clock"
	"dragoman/skills"
)

// runCmd is dragoman run.
type runCmd struct{}

// Run runs the bot until the context of the invocation ends.
func (*runCmd) Run(i *invocation) (err error) {
	cfg, err := skills.Load(i.file)
	if err != nil {
		return err
	}
	a, err := assemble(i.ctx, cfg, i.log, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.db.Close()) }()
	if err := a.attach(); err != nil {
		return err
	}
	i.log.Info("dragoman starts", "version", version(), "config", i.file)
	err = a.bot.Run(i.ctx)
	i.log.Info("dragoman ends", "err", err)
	return err
}

// checkCmd is dragoman check.
type checkCmd struct{}

// Run says what is wrong with the configuration, or that nothing is.
func (*checkCmd) Run(i *invocation) error {
	cfg, err := skills.Load(i.file)
	if err != nil {
		return err
	}
	if err := (&app{}).connectors(cfg, i.log); err != nil {
		return err
	}
	fmt.Fprintf(i.std.out, "%s is in order: %d components, %d accounts, %d skills.\n",
		i.file, len(cfg.XMPP.Components), len(cfg.XMPP.Accounts), len(cfg.Builds))
	return nil
}

// chatCmd is dragoman chat.
type chatCmd struct {
	As    string `help:"Bare JID to talk as; the first administrator by default." placeholder:"JID"`
	Store string `help:"Database to use; by default one that is forgotten at the end." default:"sqlite::memory:" placeholder:"URL"`
}

// Run reads lines until the input ends.
func (c *chatCmd) Run(i *invocation) (err error) {
	cfg, err := skills.Load(i.file)
	if err != nil {
		return err
	}
	a, err := assemble(i.ctx, cfg, i.log, c.Store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.db.Close()) }()
	who := bot.Person{Account: bot.Address(c.As), Handle: os.Getenv("USER")}
	if who.Account == "" && len(cfg.Bot.Admins) > 0 {
		who.Account = bot.Address(cfg.Bot.Admins[0])
	}
	t := console.New(console.Config{
		In: i.std.in, Out: i.std.out, Prompt: prompt(i.std.in), Person: who, Clock: clock.System{},
	})
	if err := a.bot.Attach(t); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(i.ctx)
	defer cancel()
	go func() {
		select {
		case <-t.Done():
			cancel()
		case <-ctx.Done():
		}
	}()
	return a.bot.Run(ctx)
}

// prompt is shown to a person at a terminal, not to a pipe.
func prompt(in any) string {
	f, ok := in.(*os.File)
	if !ok {
		return ""
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return ""
	}
	return "> "
}
