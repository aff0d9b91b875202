package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"dragoman/internal/bench/queuebench/gauge"
	"dragoman/internal/bench/stats"
)

// print writes the table: the lines in the order of the figures, in each the
// contestants in theirs.
func (r *report) print(out io.Writer) error {
	fmt.Fprintf(out, "\nstore/queue beside River v0.49.0 (its fetch settings at 1 ms) on %d cores: %d rounds in turns.\n"+
		"Shown are the median and (least to most); a ratio is the median of the rounds' ratios to River.\n"+
		"SQLite: WAL, synchronous=FULL. PostgreSQL: fsync on, over TCP on loopback. Enqueue: %v a turn.\n"+
		"Worked: a backlog of %s jobs on SQLite and %s on PostgreSQL, until all are done in the database;\n"+
		"ordered: the jobs are spread over 1,000 groups, and it was seen to that those of each ran in order; x32: a\n"+
		"handler got up to 32 of a group at once. Pickup: %d jobs a turn, one at a time. Idle: over %v, without the\n"+
		"database server's part. A bare insert is a row in a transaction, and its pickup is another one.\n%s\n\n",
		r.cores, r.plan.rounds, r.plan.task.Enqueue, number(float64(r.plan.backlog[gauge.SQLite]), 0),
		number(float64(r.plan.backlog[gauge.Postgres]), 0), r.plan.task.Pickups, r.plan.task.Idle, r.load)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "database\tfigure\twho\tmedian (least to most)\tratio\tbar")
	for _, f := range r.inOrder() {
		ratio := ""
		if v, ok := r.ratio(f); ok {
			ratio = fmt.Sprintf("%.2f", v)
		}
		verdict, _ := r.judge(f)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", f.kind, f.line.title, f.who, shown(stats.SpreadOf(f.values), f.line.decimals), ratio, verdict)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, n := range r.notes {
		fmt.Fprintln(out, n)
	}
	return nil
}

func (r *report) inOrder() []*finding {
	var sorted []*finding
	for _, kind := range r.plan.kinds {
		for _, f := range figures() {
			for _, l := range f.lines {
				for _, who := range f.who {
					if found := r.find(kind, l.title, who); found != nil {
						sorted = append(sorted, found)
					}
				}
			}
		}
	}
	return sorted
}
