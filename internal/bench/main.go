// Command bench measures get-status through the whole bot beside a raw echo,
// on a real Prosody and a real ejabberd, and prints one table:
//
//	make bench                      or, once bin/dragoman is built:
//	go run ./internal/bench -quick
//
// With -soak it sends the bot changing commands at a steady rate instead, each
// of which commits before it is answered, and prints latencies and memory:
//
//	make soak                       or, once bin/dragoman is built:
//	go run ./internal/bench -soak 30s
//
// The echo is an external component (XEP-0114) that sends back what it gets:
// what a server and a machine can do at best. It and the bot are measured in
// turns by the same load, so that whatever else the machine does hits both
// alike, and each ratio is the median of the ratios of the turns. Bot, echo,
// load and server are processes of their own, as they would be in life; echo
// and load are this program again, called with a hidden first argument. Where
// Debian's errbot is installed it is a third in the same turns.
//
// It reads the system's clock directly, for real time is what it measures. It
// is no test: it says which bar was missed, and fails for it only when asked
// to by -strict.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// The hidden first arguments. Both read their settings as JSON from standard
// input; load writes its result as JSON to standard output.
const (
	asEcho = "echo"
	asLoad = "load"
)

func run(ctx context.Context, args []string, in io.Reader, out, progress io.Writer) error {
	if len(args) > 0 && args[0] == asEcho {
		var c component
		if err := json.NewDecoder(in).Decode(&c); err != nil {
			return fmt.Errorf("settings of the echo: %w", err)
		}
		return echo(ctx, c)
	}
	if len(args) > 0 && args[0] == asLoad {
		var l load
		if err := json.NewDecoder(in).Decode(&l); err != nil {
			return fmt.Errorf("settings of the load: %w", err)
		}
		r, err := l.run(ctx)
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(r)
	}
	return measure(ctx, args, out, progress)
}

// plan is how long everything is measured.
type plan struct {
	bot     string // path of the program dragoman
	rounds  int
	busy    time.Duration // of one peer's turn with many messages in flight
	alone   time.Duration // of one peer's turn with one message at a time
	starts  int           // of the bot, with and without a database
	gobench string        // -benchtime of go test
	soak    soak          // instead of all else, if its length is not zero
}

// Many people write at once, each one message at a time.
const (
	window = 64
	people = 256
)

func planFrom(args []string) (p plan, strict bool, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	quick := flags.Bool("quick", false, "measure for half a minute only; the figures are rough")
	flags.BoolVar(&strict, "strict", false, "exit with 1 when a bar is missed")
	flags.DurationVar(&p.soak.length, "soak", 0, "instead of all else, send changing commands for so `long`")
	flags.IntVar(&p.soak.rate, "rate", 500, "commands per second of -soak")
	flags.IntVar(&p.soak.people, "people", 1000, "how many people send the commands of -soak")
	flags.StringVar(&p.bot, "bot", "bin/dragoman", "the `program` to measure")
	if err := flags.Parse(args); err != nil {
		return p, false, err
	}
	if flags.NArg() > 0 {
		return p, false, fmt.Errorf("unexpected argument %q; bench -help shows what there is", flags.Arg(0))
	}
	p.rounds, p.busy, p.alone, p.starts, p.gobench = 7, 2*time.Second, time.Second, 5, "1s"
	if *quick {
		p.rounds, p.busy, p.alone, p.starts, p.gobench = 5, 400*time.Millisecond, 200*time.Millisecond, 3, "2000x"
	}
	if p.bot, err = exec.LookPath(p.bot); err != nil {
		return p, false, fmt.Errorf("the bot cannot be measured: %w; build it with `make build`", err)
	}
	p.soak.bot = p.bot
	return p, strict, nil
}
