package evaluate

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"dragoman/internal/clock"
	"dragoman/nlu/classify"
	"dragoman/nlu/tagger"
)

// Trial is a measurement: what to train on, what to try, and how.
type Trial struct {
	Train, Test []Tagged // without Tags where Slots is false
	Slots       bool     // learn and measure the tags too
	NoReject    bool     // answer always
	Accept      float64  // the least probability of being in scope; 0 is what keeps 97 % of it
	Clock       clock.Clock
}

// Untagged makes Tagged of samples, for a Trial without slots.
func Untagged(samples []Sample) []Tagged {
	out := make([]Tagged, len(samples))
	for i, s := range samples {
		out[i] = Tagged{Label: s.Label, Tokens: []string{s.Text}, Line: s.Line}
	}
	return out
}

// Result is what came of a Trial.
type Result struct {
	Report      Report
	Predictions []Prediction // in the order of the test
	Memory      int          // bytes of the models
}

// Run trains on one set and tries the other. Lines whose label is OOS are never
// trained on. The time for an utterance is that of one thread, with everything
// from the text to the answer.
func (t *Trial) Run(ctx context.Context) (Result, error) {
	var examples []classify.Example
	var tagged []tagger.Example
	for _, x := range t.Train {
		if x.Label == OOS {
			continue
		}
		examples = append(examples, classify.Example{Text: x.text(), Label: x.Label})
		if t.Slots {
			tagged = append(tagged, tagger.Example{Label: x.Label, Tokens: x.Tokens, Tags: x.Tags})
		}
	}
	began := t.Clock.Now()
	m, err := classify.Train(ctx, examples, classify.Options{NoReject: t.NoReject})
	if err != nil {
		return Result{}, fmt.Errorf("evaluate: %w", err)
	}
	out := Result{Memory: m.Memory()}
	var tags *tagger.Model
	if t.Slots {
		if tags, err = tagger.Train(ctx, tagged, tagger.Options{}); err != nil {
			return Result{}, fmt.Errorf("evaluate: %w", err)
		}
	}
	trained := t.Clock.Now().Sub(began).Seconds()
	out.Predictions = make([]Prediction, len(t.Test))
	slots, per, allocs, err := t.try(ctx, m, tags, out.Predictions)
	if err != nil {
		return Result{}, err
	}
	out.Report = NewReport(out.Predictions)
	out.Report.Intents = len(m.Labels())
	if t.Slots {
		out.Report.SetSlots(slots)
	}
	out.Report.TrainSeconds, out.Report.USPerUtterance, out.Report.AllocsPerUtterance = &trained, &per, &allocs
	return out, nil
}

// text is the tokens with spaces between them.
func (x *Tagged) text() string { return strings.Join(x.Tokens, " ") }

// try reads the whole test, once for the answers and once for the clock.
func (t *Trial) try(ctx context.Context, m *classify.Model, tags *tagger.Model, into []Prediction) (slots Slots, us, allocs float64, err error) {
	texts := make([]string, len(t.Test))
	longest := 0
	for i := range t.Test {
		texts[i] = t.Test[i].text()
		longest = max(longest, len(t.Test[i].Tokens))
	}
	numbers := make([]int, 0, longest)
	read := func(i int) (label string, accepted bool) {
		r := m.Classify(texts[i], nil)
		if tags != nil {
			numbers = tags.Tag(numbers[:0], t.Test[i].Tokens, r.Top[0].Label)
		}
		return r.Top[0].Label, t.NoReject || t.Accept > 0 && r.Accept >= t.Accept || t.Accept == 0 && m.Accepts(r)
	}
	for i, x := range t.Test {
		if err := ctx.Err(); err != nil {
			return slots, 0, 0, err
		}
		label, accepted := read(i)
		if into[i] = (Prediction{Want: x.Label, Got: label}); !accepted {
			into[i].Got = OOS
		}
		if tags == nil {
			continue
		}
		got := make([]string, len(numbers))
		for k, n := range numbers {
			got[k] = tags.Name(n)
		}
		if err := slots.Add(x.Tags, got); err != nil {
			return slots, 0, 0, fmt.Errorf("evaluate: line %d of the test: %w", x.Line, err)
		}
	}
	if len(texts) == 0 {
		return slots, 0, 0, nil
	}
	var before, after runtime.MemStats
	runtime.GC() // what reading the files left behind is not the model's
	runtime.ReadMemStats(&before)
	began := t.Clock.Now()
	for i := range texts {
		read(i)
	}
	spent := t.Clock.Now().Sub(began)
	runtime.ReadMemStats(&after)
	n := float64(len(texts))
	return slots, float64(spent.Nanoseconds()) / 1e3 / n, float64(after.Mallocs-before.Mallocs) / n, nil
}
