package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"
)

// soak is a long run of changing commands against the real bot on a real
// Prosody and an SQLite file: each commits its effect, the mark that it was
// done and its reply, and the reply goes out through the outbox.
type soak struct {
	bot    string // path of the program dragoman
	length time.Duration
	rate   int // commands per second
	people int // who send them
}

// The bars of the soak, from the question to the answer at the far end of the
// server.
const (
	soakP99    = 250 // milliseconds
	soakMemory = 128 // MiB
)

// watched is what was seen of the bot's process during a soak.
type watched struct {
	paced
	cpu  time.Duration
	peak float64 // bytes of resident memory, the most of the whole run
}

// run starts the server and the bot, soaks it and ends both.
func (k soak) run(ctx context.Context, self string, progress io.Writer) (w watched, err error) {
	s := &stage{kind: "prosody", self: self, secret: rand.Text(), progress: progress}
	defer func() {
		if e := s.close(); err == nil {
			err = e
		}
	}()
	if s.dir, err = os.MkdirTemp("", "dragoman-soak-"); err != nil {
		return w, err
	}
	fmt.Fprintf(progress, "prosody: starting\n")
	if err := s.open(ctx); err != nil {
		return w, err
	}
	if err := s.startBot(ctx, k.bot, 1); err != nil {
		return w, err
	}
	bot := s.peers[0]
	before, err := bot.process.cpu()
	if err != nil {
		return w, err
	}
	fmt.Fprintf(progress, "prosody: %d changing commands/s of %d people for %v\n", k.rate, k.people, k.length)
	if w.paced, err = k.pace(s).run(ctx); err != nil {
		return w, fmt.Errorf("%w; the log of the bot ends:\n%s", err, bot.process.tail())
	}
	after, err := bot.process.cpu()
	if err != nil {
		return w, err
	}
	w.cpu = after - before
	w.peak, err = bot.process.peak()
	return w, err
}

// pace is the load: everybody subscribes and unsubscribes in turns.
func (k soak) pace(s *stage) pace {
	return pace{
		Component: s.component(loadDomain), To: "bot@" + botDomain,
		Questions: []string{"subscribe machine1", "unsubscribe machine1"},
		Answers:   []string{"is now subscribed to changes to machine1", "is no longer subscribed to changes to machine1"},
		People:    k.people, Rate: k.rate, For: k.length, Patience: answerLimit,
	}
}

// rows are what is shown of a soak. The rate is held against what was asked
// for, less what the last answer came late.
func (k soak) rows(w watched) []row {
	ms := func(d time.Duration) float64 { return d.Seconds() * 1e3 }
	mib := w.peak / (1 << 20)
	show := func(figure, verb string, value float64, b bar) row {
		r := row{figure: figure, bots: fmt.Sprintf(verb, value)}
		r.verdict, r.missed = b.judge(value)
		return r
	}
	return []row{
		show("changing commands answered/s", "%.0f", w.perSecond(), bar{least: float64(k.rate) * 0.99}),
		show("question due to answer read, p50 ms", "%.1f", ms(w.P50), bar{}),
		show("the same, p90 ms", "%.1f", ms(w.P90), bar{}),
		show("the same, p99 ms", "%.1f", ms(w.P99), bar{most: soakP99}),
		show(fmt.Sprintf("the same, p99 ms of the worst %v (from %v on)", stretch, w.WorstFrom), "%.1f", ms(w.WorstP99), bar{}),
		show("the same, longest ms", "%.1f", ms(w.Max), bar{}),
		show("peak RSS, MiB", "%.1f", mib, bar{most: soakMemory}),
		show("CPU per command, µs", "%.0f", w.cpu.Seconds()*1e6/float64(max(w.Answered, 1)), bar{}),
	}
}

// print writes the table, and returns how many bars were missed.
func (k soak) print(out io.Writer, w watched) (missed int, err error) {
	fmt.Fprintf(out, "\n%d changing commands (subscribe, unsubscribe) from %d people in %v through the whole bot, on Prosody and\n"+
		"SQLite (WAL, synchronous=FULL). None was lost, doubled or answered wrongly. The questions come at a steady\n"+
		"rate; a latency counts from when the question was due, also where it was asked later.\n\n",
		w.Answered, k.people, w.Elapsed.Round(time.Millisecond))
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "figure\tdragoman\tbar")
	for _, r := range k.rows(w) {
		fmt.Fprintf(t, "%s\t%s\t%s\n", r.figure, r.bots, r.verdict)
		if r.missed {
			missed++
		}
	}
	return missed, t.Flush()
}
