package classify

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode"
)

// Example is a text and the label it has.
type Example struct {
	Text, Label string
	Marks       []Mark // what was recognised in it; none is fine
}

// Description says in words what a label is for. It is one more example, which
// never counts as something a person wrote. A label may have nothing else.
type Description struct{ Label, Text string }

// Options of Train. The zero value is good.
type Options struct {
	// Descriptions of labels, any number for each. The name of each label is
	// one by itself: "book_flight" says a lot.
	Descriptions []Description
	// Keep is the share of texts in scope that Accepts is to let through, above 0
	// and below 1; 0 is 0.964. With more of it, more gets through that is out of
	// scope.
	Keep float64
	// NoReject leaves out the refusal: every text is accepted.
	NoReject bool
}

// Stats says how a Model was trained.
type Stats struct {
	Examples int // without descriptions
	Labels   int
	Features int
	Rounds   int // in which labels were held out for the refusal
	Judged   int // texts that the refusal was fitted on
}

// defaultKeep is where the share of right answers and that of rightful refusals
// were both good on the development data. Few of those that it gives up would have
// been understood.
const defaultKeep = 0.964

// Train makes a Model from examples. The same examples in the same order give
// the same model, bit for bit, on any number of processors. It fails when there
// is no example, when an example or a description has no label, and soon after
// ctx is done.
func Train(ctx context.Context, examples []Example, o Options) (*Model, error) {
	if o.Keep == 0 {
		o.Keep = defaultKeep
	}
	if !(o.Keep > 0 && o.Keep < 1) {
		return nil, fmt.Errorf("classify: Keep is %v, want a share above 0 and below 1", o.Keep)
	}
	all, label, labels, err := gather(examples, o.Descriptions)
	if err != nil {
		return nil, err
	}
	c, err := newCorpus(ctx, all, label, len(labels))
	if err != nil {
		return nil, fmt.Errorf("classify: training: %w", err)
	}
	m := &Model{labels: labels, vocab: c.vocab, spelling: newSpelling(c.words), sharp: 1,
		stats: Stats{Examples: len(examples), Labels: len(labels), Features: c.vocab.n}}
	if err := m.fit(ctx, c, len(examples), o); err != nil {
		return nil, fmt.Errorf("classify: training: %w", err)
	}
	return m, nil
}

// gather joins the examples, the names of the labels and their descriptions,
// and numbers the labels.
func gather(examples []Example, described []Description) (all []Example, label []int32, labels []string, err error) {
	if len(examples) == 0 {
		return nil, nil, nil, errors.New("classify: no examples to train on")
	}
	number := make(map[string]int32)
	add := func(e Example) {
		n, ok := number[e.Label]
		if !ok {
			n = int32(len(labels))
			number[e.Label] = n
			labels = append(labels, e.Label)
		}
		all, label = append(all, e), append(label, n)
	}
	for i, e := range examples {
		if e.Label == "" {
			return nil, nil, nil, fmt.Errorf("classify: example %d has no label", i+1)
		}
		add(e)
	}
	for i, d := range described {
		if d.Label == "" {
			return nil, nil, nil, fmt.Errorf("classify: description %d has no label", i+1)
		}
		add(Example{Text: d.Text, Label: d.Label})
	}
	for _, l := range labels {
		add(Example{Text: spaced(l), Label: l})
	}
	return all, label, labels, nil
}

// spaced puts a space where a name such as "bookFlight" goes on with a capital.
// Other ways to join words end a word anyway.
func spaced(name string) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		if lower && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		lower = unicode.IsLower(r)
	}
	return b.String()
}

// fit finds the weights and the refusal. Its parts don't depend on each other
// and run side by side.
func (m *Model) fit(ctx context.Context, c *corpus, written int, o Options) error {
	k := len(m.labels)
	set := settingsFor(written, k)
	whole := newSample(c, everything(len(c.label)), everything(k), k, &set)
	m.weight, m.unknown = whole.weight, whole.unknown

	// What takes longest is started first, so that nobody waits long at the end.
	var rounds []round
	var tasks []task
	if !o.NoReject {
		rounds = newRounds(c, written)
		for i := range rounds {
			tasks = append(tasks, rounds[i].run)
		}
	}
	var soft []float32
	tasks = append(tasks, func(ctx context.Context) (err error) {
		soft, err = trainSoftmax(ctx, whole, &set)
		return err
	})
	margins := make([][]float32, marginBlocks(k))
	for b := range margins {
		tasks = append(tasks, func(ctx context.Context) (err error) {
			margins[b], err = trainMargin(ctx, whole, b, set.marginEpochs)
			return err
		})
	}
	if err := inParallel(ctx, tasks); err != nil {
		return err
	}
	joinWeights(soft, margins, k, set.marginWeight)
	for i, x := range whole.weight { // a feature is then a plain addition of its row
		rescale(soft[i*k:(i+1)*k], x)
	}
	m.rows = newRows(soft, c.block, k)
	if o.NoReject {
		m.judge.off = true
		return nil
	}
	m.refuse(rounds, o.Keep)
	return nil
}

// joinWeights adds the blocks of the margin's weights, each times weight, to the
// softmax's.
func joinWeights(soft []float32, margins [][]float32, k int, weight float32) {
	for b, margin := range margins {
		from := b * marginBlock
		n := min(marginBlock, k-from)
		for f := 0; f*k < len(soft); f++ {
			addScaled(soft[f*k+from:][:n], margin[f*n:][:n], weight)
		}
	}
}

func everything(n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// refuse fits the refusal on what the rounds saw.
func (m *Model) refuse(rounds []round, keep float64) {
	var seen []observed
	for i := range rounds {
		seen = append(seen, rounds[i].seen...)
	}
	m.stats.Rounds, m.stats.Judged = len(rounds), len(seen)
	m.sharp = fitSharpness(seen)
	m.judge = fitJudge(append(seen, gibberish(seen)...), keep)
}

// gibberish makes up texts that have nothing in common with any example, when
// few texts out of scope were seen: one for ten. A model of a single label
// has nothing else to tell it what is out of scope.
func gibberish(seen []observed) (made []observed) {
	const enough = 400
	foreign := 0
	for i := range seen {
		if !seen[i].inScope {
			foreign++
		}
	}
	for i := 0; i < len(seen) && foreign < enough; i += 10 {
		o := observed{signals: signals{signalLength: seen[i].signals[signalLength]}}
		if n := len(seen[i].scores); n > 1 {
			o.signals[signalEnergy] = math.Log(float64(n))
			o.signals[signalEntropy] = o.signals[signalEnergy]
		}
		made = append(made, o)
	}
	return made
}
