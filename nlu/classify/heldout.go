package classify

import (
	"context"
	"math/rand/v2"
)

// round trains on a part of the labels and looks how the texts of the labels
// that it was not shown differ from texts of the others that it was not shown
// either. The former stand for all that nobody wrote examples for.
type round struct {
	*corpus
	settings settings
	relabel  []int32 // of each label of the corpus; -1 is held out
	labels   int     // that are trained on
	training []int32 // examples
	known    []int32 // examples not trained on, of labels trained on
	foreign  []int32 // examples of labels not trained on

	seen []observed
}

// observed is what a round saw in one text.
type observed struct {
	signals signals
	inScope bool
	// scores are those of a text that is in scope, less that of its own label.
	scores []float32
}

const (
	heldOutLabels   = 5  // one label of so many is held out in a round
	maxRoundKnown   = 10 // texts of a label that a round looks at, in scope
	maxRoundForeign = 40 // and out of scope
)

// newRounds chooses what each round holds out. Only the first written examples
// of the corpus count as texts; the rest are names and descriptions.
func newRounds(c *corpus, written int) []round {
	rng := rand.New(rand.NewPCG(3, 3))
	turn := rng.Perm(c.labels)
	shuffled := rng.Perm(written)
	set := roundSettings(written, c.labels)
	rounds := make([]round, set.rounds)
	for n := range rounds {
		r := &rounds[n]
		*r = round{corpus: c, settings: set, relabel: make([]int32, c.labels)}
		for l := range r.relabel {
			// A single label can't be held out: nothing would be left.
			if c.labels > 1 && turn[l]%heldOutLabels == n%heldOutLabels {
				r.relabel[l] = -1
				continue
			}
			r.relabel[l] = int32(r.labels)
			r.labels++
		}
		r.divide(shuffled, n)
		for e := written; e < len(c.label); e++ {
			if r.relabel[c.label[e]] >= 0 {
				r.training = append(r.training, int32(e))
			}
		}
	}
	return rounds
}

// divide deals out the examples in a random order to round n.
func (r *round) divide(shuffled []int, n int) {
	known, foreign := make([]int, len(r.relabel)), make([]int, len(r.relabel))
	for at, e := range shuffled {
		l := r.label[e]
		switch {
		case r.relabel[l] < 0:
			if foreign[l]++; foreign[l] <= maxRoundForeign {
				r.foreign = append(r.foreign, int32(e))
			}
		case at%r.settings.heldOut == n%r.settings.heldOut:
			if known[l]++; known[l] <= maxRoundKnown {
				r.known = append(r.known, int32(e))
			}
		default:
			r.training = append(r.training, int32(e))
		}
	}
}

// run trains and observes.
func (r *round) run(ctx context.Context) error {
	if r.labels == 0 || len(r.training) == 0 {
		return nil
	}
	s := newSample(r.corpus, r.training, r.relabel, r.labels, &r.settings)
	w, err := trainSoftmax(ctx, s, &r.settings)
	if err != nil {
		return err
	}
	margins := make([][]float32, marginBlocks(r.labels))
	for b := range margins {
		if margins[b], err = trainMargin(ctx, s, b, r.settings.marginEpochs); err != nil {
			return err
		}
	}
	joinWeights(w, margins, r.labels, r.settings.marginWeight)
	for _, e := range r.known {
		r.seen = append(r.seen, r.observe(s, w, e, r.relabel[r.label[e]]))
	}
	for _, e := range r.foreign {
		r.seen = append(r.seen, r.observe(s, w, e, -1))
	}
	return context.Cause(ctx)
}

// observe reads example e as Model.read does; own is its label, or -1.
func (r *round) observe(s *sample, w []float32, e, own int32) observed {
	x, mass := s.weigh(e, row{})
	scores := make([]float32, r.labels)
	x.times(w, scores)
	best := highest(scores)
	var support [numBlocks]float32
	for at := r.ptr[e]; at < r.ptr[e+1]; at++ {
		f := r.ids[at]
		// Below this a weight is rounded to nothing in the model.
		if id := s.local[f]; id >= 0 && w[int(id)*r.labels+best] > 0.01 {
			support[r.block[f]] += squared(r.counts[at], s.weight[id])
		}
	}
	o := observed{signals: newSignals(scores, best, &mass, &support, int(r.length[e])), inScope: own >= 0}
	if o.inScope {
		mine := scores[own]
		for i := range scores {
			scores[i] -= mine
		}
		o.scores = scores
	}
	return o
}
