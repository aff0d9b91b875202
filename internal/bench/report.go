package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"dragoman/internal/bench/stats"
)

// report is everything that was found.
type report struct {
	plan                  plan
	cores                 int
	loadBefore, loadAfter float64
	others                []float64 // processors that were busy while the benchmark rested
	rows                  []row
	notes                 []string
}

// row is one line of the table, as it is shown.
type row struct {
	server, figure string
	peer, peers    string // whom the bot is compared with, and what that one makes
	bots           string
	ratio          string // of the bot's to the peer's
	verdict        string
	missed         bool
}

// bar is what a median must reach, or must not exceed; the zero bar asks for
// nothing.
type bar struct{ least, most float64 }

// judge says what the bar is, and whether it was missed.
func (b bar) judge(median float64) (verdict string, missed bool) {
	switch {
	case b.least > 0:
		verdict, missed = fmt.Sprintf("at least %g", b.least), !(median >= b.least)
	case b.most > 0:
		verdict, missed = fmt.Sprintf("at most %g", b.most), !(median <= b.most)
	default:
		return "", false
	}
	if missed {
		return verdict + ": MISSED", true
	}
	return verdict + ": met", false
}

// The bars. The echo's share is lower on ejabberd, which keeps every core busy
// by itself and leaves less to both.
const (
	ofEchoOnProsody  = 0.8
	ofEchoOnEjabberd = 0.6
	ofEchoAlone      = 1.5 // of its latency
	ofErrbot         = 5
	mostMemory       = 50 // MB
	mostStart        = 1  // seconds
)

// quiet is how many cores others may keep busy before the figures suffer.
const quiet = 0.2

// add turns what a stage found into rows.
func (r *report) add(s *stage) {
	r.notes = append(r.notes, s.notes...)
	r.others = append(r.others, s.others...)
	bot, others := s.peers[1], append(s.peers[:1:1], s.peers[2:]...)
	for _, peer := range others {
		rate, alone := bar{least: ofErrbot}, bar{}
		if peer.name == "echo" {
			rate, alone = bar{least: ofEchoOnProsody}, bar{most: ofEchoAlone}
			if s.kind == "ejabberd" {
				rate.least = ofEchoOnEjabberd
			}
		}
		r.compare(s.kind, "answers/s", "%.0f", peer, peer.rate, bot.rate, rate)
		r.compare(s.kind, "one at a time, p50 ms", "%.2f", peer, peer.alone, bot.alone, alone)
		r.compare(s.kind, "CPU per answer, µs", "%.0f", peer, []float64{peer.cpuEach()}, []float64{bot.cpuEach()}, bar{})
		if share := stats.SpreadOf(stats.Ratios(s.peers[0].rate, peer.rate)).Median; share < rate.least {
			r.notes = append(r.notes, fmt.Sprintf("%s: the raw echo itself makes %.1f times the answers of %s, so %g are out of any bot's reach here.",
				s.kind, share, peer.name, rate.least))
		}
		r.compare(s.kind, "peak RSS, MB", "%.1f", peer, []float64{peer.peak / 1e6}, []float64{bot.peak / 1e6}, bar{})
	}
	r.alone(s.kind, "peak RSS, MB", "%.1f", []float64{bot.peak / 1e6}, bar{most: mostMemory})
	r.alone(s.kind, "start, new database, s", "%.3f", s.startNew, bar{most: mostStart})
	r.alone(s.kind, "start, existing database, s", "%.3f", s.startOld, bar{most: mostStart})
}

// compare adds a figure that both have, and holds the bar against the ratio.
func (r *report) compare(server, figure, verb string, peer *peer, peers, bots []float64, b bar) {
	ratio := stats.SpreadOf(stats.Ratios(bots, peers))
	line := row{server: server, figure: figure, peer: peer.name, ratio: shown(ratio, "%.2f"),
		peers: shown(stats.SpreadOf(peers), verb), bots: shown(stats.SpreadOf(bots), verb)}
	line.verdict, line.missed = b.judge(ratio.Median)
	r.rows = append(r.rows, line)
}

// alone adds a figure of the bot, and holds the bar against that.
func (r *report) alone(server, figure, verb string, bots []float64, b bar) {
	found := stats.SpreadOf(bots)
	line := row{server: server, figure: figure, bots: shown(found, verb)}
	line.verdict, line.missed = b.judge(found.Median)
	r.rows = append(r.rows, line)
}

// allocate adds what Go's benchmarks found.
func (r *report) allocate(found []allocation) {
	for _, a := range found {
		r.rows = append(r.rows, row{server: "none", figure: a.name, bots: fmt.Sprintf("%s B in %s allocations", a.bytes, a.allocs)})
	}
}

// shown has the median, and in parentheses the least and the most where
// they differ.
func shown(s stats.Spread, verb string) string {
	if s.Least == s.Most {
		return fmt.Sprintf(verb, s.Median)
	}
	return fmt.Sprintf(verb+" ("+verb+"–"+verb+")", s.Median, s.Least, s.Most)
}

// missed is how many bars were.
func (r *report) missed() (n int) {
	for _, line := range r.rows {
		if line.missed {
			n++
		}
	}
	return n
}

// print writes the table.
func (r *report) print(out io.Writer) error {
	fmt.Fprintf(out, "\n%q through the whole bot, and beside it through others: %d rounds in turns.\n"+
		"Shown are the median and (least–most); a ratio is the median of the rounds' ratios.\n"+
		"answers/s: %d questions in flight from %d people, %v a turn. One at a time: %v a turn.\n"+
		"start: from exec to the first answer. B and allocations: go test -bench, one message in that package.\n",
		question, r.plan.rounds, window, people, r.plan.busy, r.plan.alone)
	others := stats.SpreadOf(r.others)
	fmt.Fprintf(out, "Load average %.1f at the beginning, %.1f at the end; in the rests between the rounds others kept\n"+
		"%s of %d cores busy.\n\n", r.loadBefore, r.loadAfter, shown(others, "%.1f"), r.cores)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "server\tfigure\tpeer\tpeer's\tdragoman\tratio\tbar")
	for _, l := range r.rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.server, l.figure, l.peer, l.peers, l.bots, l.ratio, l.verdict)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, n := range r.notes {
		fmt.Fprintln(out, n)
	}
	if others.Median > quiet {
		fmt.Fprintln(out, "The machine was busy with something else: repeat at a quiet moment before you believe a figure.")
	}
	return nil
}
