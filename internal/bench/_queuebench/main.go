// Command queuebench measures store/queue beside River v0.49.0 on one machine,
// with the same SQLite settings and the same PostgreSQL server, and prints one
// table:
//
//	make benchq                     or, in this folder:
//	go run . -quick
//
// It and the program in the folder river are modules of their own, so that River
// is no dependency of the product. The folder begins with an underscore because
// it is no part of the module around it: neither ./... nor the rules of
// internal/importtest mean it.
//
// All commit with an fsync: SQLite as WAL with synchronous=FULL, PostgreSQL as
// it comes. Each measurement is a process of its own on an empty database of its
// own (package gauge), and the contestants take turns, so that whatever else the
// machine does hits all alike; each ratio is the median of the ratios of the
// rounds.
//
// It says nothing about how long the latencies of a loaded queue are, nor about
// several processes on one database. It is no test: it says "short" where a bar
// is missed, and fails for it only when asked to by -strict.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"dragoman/internal/bench/queuebench/gauge"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == asGauge {
		gauge.Main(contestants())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "queuebench:", err)
		os.Exit(1)
	}
}

// plan is what is measured, and for how long.
type plan struct {
	rounds  int
	task    gauge.Task     // what all measurements have in common
	backlog map[string]int // jobs to work, by the kind of database
	kinds   []string       // of databases
	figures []string       // names of figures that are measured; empty means all
	who     []string       // names of contestants that are measured; empty means all
	dir     string         // for the SQLite files; empty means the system's temporary folder
}

func planFrom(args []string) (p plan, strict bool, err error) {
	flags := flag.NewFlagSet("queuebench", flag.ContinueOnError)
	quick := flags.Bool("quick", false, "measure for about a minute only; the figures are rough")
	flags.BoolVar(&strict, "strict", false, "exit with 1 when a bar is missed")
	flags.IntVar(&p.rounds, "rounds", 3, "how often each figure is measured")
	databases := flags.String("databases", "sqlite,postgres", "`which` databases")
	figures := flags.String("figures", "", "`which` of "+strings.Join(gauge.Figures(), ",")+"; all if empty")
	who := flags.String("who", "", "`which` contestants, such as \"River,dragoman ordered\"; all if empty")
	flags.StringVar(&p.task.Profile, "cpuprofile", "", "write a processor profile of the last measurement to this `file`")
	flags.StringVar(&p.dir, "dir", "", "the `folder` whose disk SQLite is measured on; the system's temporary one if empty")
	if err := flags.Parse(args); err != nil {
		return p, false, err
	}
	if flags.NArg() > 0 {
		return p, false, fmt.Errorf("unexpected argument %q; -help shows what there is", flags.Arg(0))
	}
	t := &p.task
	t.Enqueue, t.Pickups, t.Idle, t.Settle = 3*time.Second, 200, 10*time.Second, 2*time.Second
	p.backlog = map[string]int{gauge.SQLite: 20_000, gauge.Postgres: 50_000}
	if *quick {
		t.Enqueue, t.Pickups, t.Idle, t.Settle = 500*time.Millisecond, 50, 2*time.Second, time.Second
		p.backlog = map[string]int{gauge.SQLite: 4_000, gauge.Postgres: 10_000}
	}
	p.kinds = strings.Split(*databases, ",")
	p.figures, p.who = split(*figures), split(*who)
	return p, strict, p.check()
}

// split is the parts of a list with commas, and nothing of nothing.
func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

func (p plan) check() error {
	if p.rounds < 1 {
		return errors.New("-rounds must be 1 or more")
	}
	for _, kind := range p.kinds {
		if kind != gauge.SQLite && kind != gauge.Postgres {
			return fmt.Errorf("-databases: %q is neither %s nor %s", kind, gauge.SQLite, gauge.Postgres)
		}
	}
	for _, name := range p.figures {
		if !slices.Contains(gauge.Figures(), name) {
			return fmt.Errorf("-figures: there is no figure %q", name)
		}
	}
	for _, name := range p.who {
		if !slices.ContainsFunc(figures(), func(f figure) bool {
			return slices.Contains(f.who, name)
		}) {
			return fmt.Errorf("-who: there is no contestant %q", name)
		}
	}
	return nil
}

// wants reports whether a contestant is measured in a round, counted from 0.
func (p plan) wants(f figure, who string, round int) bool {
	return (len(p.figures) == 0 || slices.Contains(p.figures, f.name)) &&
		(len(p.who) == 0 || slices.Contains(p.who, who)) &&
		(!f.once || round == p.rounds-1)
}

// run is the whole benchmark. What it is doing goes to progress, the table to
// out.
func run(ctx context.Context, args []string, out, progress io.Writer) (err error) {
	p, strict, err := planFrom(args)
	if err != nil {
		return err
	}
	progs, err := buildRiver(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, progs.remove()) }()
	r := &report{plan: p, cores: runtime.NumCPU(), load: loadSentence()}
	for _, kind := range p.kinds {
		b, err := openBase(ctx, kind, p.dir)
		if err != nil {
			r.notes = append(r.notes, fmt.Sprintf("%s was not measured: %v", kind, err))
			continue
		}
		err = errors.Join(r.rounds(ctx, b, progs, progress), b.close())
		if err != nil {
			return fmt.Errorf("on %s: %w", kind, err)
		}
	}
	if len(r.findings) == 0 {
		return errors.New(strings.Join(append(r.notes, "nothing was measured"), "; "))
	}
	if err := r.print(out); err != nil {
		return err
	}
	if n := r.short(); strict && n > 0 {
		return fmt.Errorf("bars missed: %d", n)
	}
	return nil
}

// loadSentence is the load average of Linux, which should be near zero.
func loadSentence() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "The load average before it all is not known."
	}
	first, _, _ := strings.Cut(string(text), " ")
	return "The load average of the minute before it all was " + first + "."
}
