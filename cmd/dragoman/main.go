// Command dragoman runs the bot. Everything is wired here and nothing is
// decided: the parts know no other part but through their constructors.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // zones are known on machines without zone files

	"github.com/alecthomas/kong"
)

// cli is the command line.
type cli struct {
	Config    string `short:"c" default:"skills.yaml" placeholder:"FILE" help:"Configuration file."`
	LogFormat string `enum:"text,json" default:"text" help:"Format of the log on standard error: text or json."`
	LogLevel  string `enum:"auto,debug,info,warn,error" default:"auto" help:"Least important level to log: debug, info, warn, error; auto is info for run and warn elsewhere."`

	Run    runCmd    `cmd:"" help:"Run the bot until SIGTERM or Ctrl-C."`
	Check  checkCmd  `cmd:"" help:"Check the configuration and start nothing."`
	Chat   chatCmd   `cmd:"" help:"Talk to the bot in this terminal, without a server."`
	Queue  queueCmd  `cmd:"" help:"Look into the queue of durable work: list, show, retry, drop."`
	Outbox outboxCmd `cmd:"" help:"Show the messages that wait or failed, or all."`
	Backup backupCmd `cmd:"" help:"Copy the running bot's SQLite store to a file."`

	NLU nluCmd `cmd:"" name:"nlu" help:"Ask how the bot understands: parse, explain, lint, eval, confusion, misses."`

	Demo demoCmd `cmd:"" help:"Show the bot on a real Prosody of its own, and leave nothing behind."`

	DemoMachine machineCmd `cmd:"" hidden:"" help:"Be the machine that the demo watches."`

	Version kong.VersionFlag `help:"Print the version and exit."`
}

const description = `A chatbot for people who run an XMPP server.

Examples:
  dragoman demo                          see it work on a throwaway Prosody
  dragoman chat                          talk to it here, no server needed
  echo "get-status machine1" | dragoman chat
  dragoman check -c /etc/dragoman/skills.yaml
  dragoman run -c /etc/dragoman/skills.yaml --log-format json`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// streams are the process's own.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run is main without the process: it returns the exit code.
func run(ctx context.Context, args []string, std streams) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("dragoman"), kong.Description(description),
		kong.Vars{"version": version()},
		kong.Writers(std.out, std.err),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		panic(err) // a mistake in the struct above
	}
	parsed, err := parser.Parse(args)
	switch {
	case exited >= 0: // --help or --version has been answered
		return exited
	case err != nil:
		fmt.Fprintf(std.err, "dragoman: %v; dragoman --help shows what there is\n", err)
		return 2
	}
	if c.LogLevel == "auto" {
		// Where a person reads the answers only what is wrong may interrupt.
		c.LogLevel = "warn"
		if parsed.Command() == "run" {
			c.LogLevel = "info"
		}
	}
	log := logger(std.err, c.LogFormat, c.LogLevel)
	if err := parsed.Run(&invocation{ctx: ctx, std: std, log: log, file: c.Config}); err != nil {
		fmt.Fprintf(std.err, "dragoman: %v\n", err)
		return 1
	}
	return 0
}

// invocation is what every command gets. It lives as long as the command's Run,
// which is why it may hold the context.
type invocation struct {
	ctx  context.Context
	std  streams
	log  *slog.Logger
	file string
}

func logger(w io.Writer, format, level string) *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	var l slog.Level
	if l.UnmarshalText([]byte(level)) == nil {
		o.Level = l
	}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// version is the module's version, or the commit for a build from a checkout.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && (v == "" || v == "(devel)") {
			v = s.Value
		}
	}
	return v
}
