package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"

	"github.com/mattn/go-isatty"

	"dragoman/bot"
	"dragoman/bot/console"
	"dragoman/internal/clock"
	"dragoman/skills"
	"dragoman/store"
	"dragoman/store/lease"
)

// runCmd is dragoman run.
type runCmd struct{}

// Help is shown by dragoman run --help.
func (*runCmd) Help() string {
	return `It ends in good order, within 10 seconds, on SIGTERM and Ctrl-C. The exit status is 1 when the configuration is
wrong or a server refuses the bot, with the reason on standard error.

Examples:
  dragoman run
  dragoman run -c /etc/dragoman/skills.yaml --log-format json
  DRAGOMAN_SECRET=... dragoman run --log-level debug`
}

// Run runs the bot until the context of the invocation ends.
func (*runCmd) Run(i *invocation) error {
	leaveHalf()
	return serve(i.ctx, i.file, i.log)
}

// leaveHalf leaves half of the cores to the XMPP server, which mostly runs on
// the same machine. A message passes a few goroutines that have little to do
// each; where there are two cores it is answered sooner when none of them has to
// be woken on the other one (make bench shows it). GOMAXPROCS in the environment
// overrides this.
func leaveHalf() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)/2))
	}
}

// serve runs the bot of a configuration file on its XMPP servers until ctx
// ends.
func serve(ctx context.Context, file string, log *slog.Logger) (err error) {
	cfg, err := skills.Load(file)
	if err != nil {
		return err
	}
	if len(cfg.XMPP.Components)+len(cfg.XMPP.Accounts) == 0 {
		return fmt.Errorf("%s lists no component and no account under xmpp, so there is no server to run on; "+
			"add one, or talk to the bot in this terminal: dragoman chat -c %[1]s", file)
	}
	log.Info("dragoman starts", "version", version(), "config", file)
	err = rule(ctx, cfg, log)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil // told to stop while it stood by
	}
	log.Info("dragoman ends")
	return err
}

// rule runs the bot whenever no other process does.
func rule(ctx context.Context, cfg *skills.Config, log *slog.Logger) (err error) {
	db, shut, err := openStore(ctx, cfg.Store.URL.Reveal(), log, func(ctx context.Context, db *store.DB) (func(), error) {
		return db.Own(ctx)
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shut()) }()
	// What cannot work is found now, not when another process has failed: with a
	// database of a newer version, before a byte of it is changed.
	if _, err := assemble(ctx, cfg, db, nil, slog.New(slog.DiscardHandler), identities(cfg)); err != nil {
		return err
	}
	return lease.New(db, clock.System{}, log).Hold(ctx, identities(cfg), func(ctx context.Context, held *lease.Held) error {
		return reign(ctx, cfg, db, held, log)
	})
}

// reign runs the bot for as long as this process owns its identities. Each time
// it is made anew, so nothing is left of what another process has changed since.
func reign(ctx context.Context, cfg *skills.Config, db *store.DB, held *lease.Held, log *slog.Logger) error {
	a, err := assemble(ctx, cfg, db, held, log, identities(cfg))
	if err != nil {
		return err
	}
	if err := a.attach(); err != nil {
		return err
	}
	if err := a.learn(ctx); err != nil {
		return err
	}
	return a.run(ctx)
}

// checkCmd is dragoman check.
type checkCmd struct{}

// Help is shown by dragoman check --help.
func (*checkCmd) Help() string {
	return `It reads the file and the secrets that the file names, connects to nothing and writes nothing. What is wrong is
told as file:line: text, one problem a line, and the exit status is 1.

Examples:
  dragoman check
  dragoman check -c /etc/dragoman/skills.yaml && systemctl restart dragoman`
}

// Run says what is wrong with the configuration, or that nothing is.
func (*checkCmd) Run(i *invocation) error {
	cfg, err := skills.Load(i.file)
	if err != nil {
		return err
	}
	if err := (&app{}).connectors(cfg, i.log); err != nil {
		return err
	}
	if cfg.NLU.Phrases.Text != "" { // whether they are about commands is known when there are commands
		if err := rehearse(i, cfg, "sqlite::memory:", func(*app) error { return nil }); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(i.std.out, "%s is in order: %s, %s, %s.\n", i.file,
		count(len(cfg.XMPP.Components), "component"), count(len(cfg.XMPP.Accounts), "account"), count(len(cfg.Builds), "skill"))
	return err
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// chatCmd is dragoman chat.
type chatCmd struct {
	As    string `help:"Bare JID to talk as; the first administrator by default." placeholder:"JID"`
	Store string `help:"Database to use; by default one that is forgotten at the end." default:"sqlite::memory:" placeholder:"URL"`
}

// Help is shown by dragoman chat --help.
func (*chatCmd) Help() string {
	return `Each line is a message to the bot, as if you wrote to it directly. Ctrl-D ends the conversation. Lines from a pipe
get one reply each.

Examples:
  dragoman chat
  echo "get-status machine1" | dragoman chat
  dragoman chat --as mary@chat.local --store sqlite:dragoman.db`
}

// Run reads lines until the input ends.
func (c *chatCmd) Run(i *invocation) (err error) {
	cfg, err := skills.Load(i.file)
	if err != nil {
		return err
	}
	db, shut, err := openStore(i.ctx, c.Store, i.log, ownSoon)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shut()) }()
	who := bot.Person{Account: bot.Address(c.As), Handle: os.Getenv("USER")}
	if who.Account == "" && len(cfg.Bot.Admins) > 0 {
		who.Account = bot.Address(cfg.Bot.Admins[0])
	}
	ctx, cancel := context.WithCancel(i.ctx)
	defer cancel()
	t := console.New(console.Config{
		In: i.std.in, Out: i.std.out, Prompt: prompt(i.std.in, "> "), Person: who, Ended: cancel, Clock: clock.System{},
	})
	a, err := assemble(ctx, cfg, db, nil, i.log, []string{t.Name()})
	if err != nil {
		return err
	}
	if err := errors.Join(a.bot.Attach(t), a.learn(ctx)); err != nil {
		return err
	}
	if terminal(i.std.in) {
		fmt.Fprintf(i.std.out, "You talk to %s as %s. Say help to see what it can do; Ctrl-D ends.\n",
			cfg.Bot.Name, cmp.Or(string(who.Account), who.Handle, "nobody in particular"))
	}
	return a.run(ctx)
}

// prompt is text for a person at a terminal, and nothing for a pipe.
func prompt(in io.Reader, text string) string {
	if terminal(in) {
		return text
	}
	return ""
}

// terminal reports whether a person may be typing. /dev/null is a character
// device too, but no terminal.
func terminal(in io.Reader) bool {
	f, ok := in.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
