package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"dragoman/internal/bench/queuebench/gauge"
	"dragoman/internal/bench/stats"
)

// finding is what all rounds found of one line for one contestant.
type finding struct {
	kind   string
	line   line
	who    string
	values []float64
}

// report is everything that was found.
type report struct {
	plan     plan
	cores    int
	load     string // how busy the machine was with other things, in a sentence
	findings []*finding
	notes    []string
}

// rounds measures everything on one kind of database. The contestants take
// turns, forwards and backwards.
func (r *report) rounds(ctx context.Context, b *base, progs programs, progress io.Writer) error {
	for round := range r.plan.rounds {
		for _, f := range figures() {
			who := slices.Clone(f.who)
			if round%2 == 1 {
				slices.Reverse(who)
			}
			for _, name := range who {
				if !r.plan.wants(f, name, round) {
					continue
				}
				fmt.Fprintf(progress, "%s, round %d of %d: %s, %s", b.kind, round+1, r.plan.rounds, f.name, name)
				values, err := r.one(ctx, b, progs, f, name)
				fmt.Fprintf(progress, ": %.2f\n", values)
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// one is one measurement.
func (r *report) one(ctx context.Context, b *base, progs programs, f figure, who string) (values []float64, err error) {
	t := r.plan.task
	t.Figure, t.Contestant, t.Backlog = f.name, who, r.plan.backlog[b.kind]
	err = b.with(ctx, func(d gauge.Database) error {
		t.Database = d
		values, err = progs.measure(ctx, t)
		return err
	})
	if err == nil && len(values) != len(f.lines) {
		err = fmt.Errorf("%s of %s: %d values, want %d", f.name, who, len(values), len(f.lines))
	}
	if err == nil {
		r.note(b.kind, f, who, values)
	}
	return values, err
}

// note adds the values of one round.
func (r *report) note(kind string, f figure, who string, values []float64) {
	for i, v := range values {
		at := r.find(kind, f.lines[i].title, who)
		if at == nil {
			at = &finding{kind: kind, line: f.lines[i], who: who}
			r.findings = append(r.findings, at)
		}
		at.values = append(at.values, v)
	}
}

func (r *report) find(kind, title, who string) *finding {
	for _, f := range r.findings {
		if f.kind == kind && f.line.title == title && f.who == who {
			return f
		}
	}
	return nil
}

// ratio is the median of the rounds' ratios to River. ok is false for River
// itself, and where River was not measured.
func (r *report) ratio(f *finding) (ratio float64, ok bool) {
	base := r.find(f.kind, f.line.title, river)
	if base == nil || base == f {
		return 0, false
	}
	return stats.SpreadOf(stats.Ratios(f.values, base.values)).Median, true
}

// judge says what the bar is, and whether it was missed.
func (r *report) judge(f *finding) (verdict string, missed bool) {
	b := f.line.bars[f.kind]
	ratio, compared := r.ratio(f)
	switch {
	case !isOurs(f.who):
		return "", false
	case b.ratio > 0 && compared:
		verdict, missed = fmt.Sprintf("ratio at least %g", b.ratio), !(ratio >= b.ratio)
	case b.most > 0:
		verdict, missed = fmt.Sprintf("at most %g", b.most), !(stats.SpreadOf(f.values).Median <= b.most)
	default:
		return "", false
	}
	if missed {
		return verdict + ": short", true
	}
	return verdict + ": met", false
}

// short is how many bars were missed.
func (r *report) short() (n int) {
	for _, f := range r.findings {
		if _, missed := r.judge(f); missed {
			n++
		}
	}
	return n
}
