package classify

import (
	"math"
	"sync"
)

// A Mark is a part of a text in which something was recognised, such as the
// name of a machine. The classifier sees its kind beside its words.
type Mark struct {
	Kind       string // "machine", "date"
	Start, End int    // bytes of the text
}

// Top is how many labels a Result names at most.
const Top = 5

// Scored is a label and how probable it is.
type Scored struct {
	Label string
	P     float64 // from 0 to 1; over all labels they sum to 1
}

// Signal is one thing that the refusal judges from.
type Signal struct {
	Name         string
	Value        float64
	Contribution float64 // what it adds to the log odds of being in scope
}

// Result is what a Model says of a text.
type Result struct {
	Top [Top]Scored // the most probable labels, best first
	N   int         // how many of Top are there
	// Accept is the calibrated probability that the text is one that the labels
	// are for, from 0 to 1. It is 1 where the model was trained with NoReject.
	Accept  float64
	Signals [numSignals]Signal // what Accept was judged from, for people who debug
	Bias    float64            // the log odds before any Signal is looked at
}

// Model is a trained classifier. It is immutable and meant for many goroutines.
type Model struct {
	labels   []string
	vocab    *vocabulary
	spelling *spelling
	weight   []float32 // of each feature, for the masses
	unknown  float32
	rows     rows
	sharp    float64 // what scores are multiplied by to give honest probabilities
	judge    judge
	stats    Stats
	pool     sync.Pool
}

// Labels returns the labels in the order of their first example.
func (m *Model) Labels() []string { return append([]string(nil), m.labels...) }

// Stats returns how the model was trained.
func (m *Model) Stats() Stats { return m.stats }

// Memory returns how many bytes the model holds.
func (m *Model) Memory() int {
	n := 8*len(m.rows.words) + 16*len(m.vocab.slots) + 4*len(m.weight)
	n += 16 * len(m.spelling.slots)
	for _, w := range m.spelling.words {
		n += 24 + 4*len(w)
	}
	for _, l := range m.labels {
		n += 16 + len(l)
	}
	return n
}

// Accepts reports whether r is sure enough to act on.
func (m *Model) Accepts(r Result) bool { return r.Accept >= m.judge.threshold }

// Threshold returns the least Result.Accept that Accepts takes.
func (m *Model) Threshold() float64 { return m.judge.threshold }

// Classify says which label text most probably has. It allocates nothing and
// looks at the first 2 KiB.
func (m *Model) Classify(text string, marks []Mark) Result {
	s, _ := m.pool.Get().(*scratch)
	if s == nil {
		s = newScratch(m.rows.stride * lanes)
	}
	g := m.read(s, text, marks)
	var r Result
	m.rank(&r, s.scores[:len(m.labels)])
	m.judge.explain(&r, &g)
	m.pool.Put(s)
	return r
}

// read computes the scores and the signals of a text: as it was written or, where
// that is the surer one, as it was probably meant. Many words that no example
// has are right as they are.
func (m *Model) read(s *scratch, text string, marks []Mark) signals {
	s.extract(text, marks)
	written := m.score(s)
	if !s.correct(m.spelling) {
		return written
	}
	scores := s.scores[:len(m.labels)]
	s.written = append(s.written[:0], scores...)
	s.describe(marks)
	meant := m.score(s)
	if meant[signalMargin] < written[signalMargin] {
		copy(scores, s.written)
		return written
	}
	return meant
}

// score computes the scores and the signals of the features of s.
func (m *Model) score(s *scratch) signals {
	for b := range s.rows {
		s.rows[b] = s.rows[b][:0]
	}
	var mass masses
	for i := range s.features {
		f := &s.features[i]
		id := m.vocab.find(f.hash)
		if id < 0 {
			mass.unknown[f.block] += squared(f.count, m.unknown)
			continue
		}
		mass.known[f.block] += squared(f.count, m.weight[id])
		for range f.count {
			s.rows[f.block] = append(s.rows[f.block], id)
		}
	}
	scores := s.scores[:len(m.labels)]
	clear(scores)
	for b, scale := range mass.scales() {
		if len(s.rows[b]) == 0 {
			continue
		}
		m.rows.sum(s.sums, s.rows[b])
		scale *= m.rows.step[b]
		for i := range scores {
			scores[i] += scale * float32(s.sums[i])
		}
	}
	best := highest(scores)
	support := m.support(s, best)
	return newSignals(scores, best, &mass, &support, len(s.tokens))
}

// support sums the squared weights of what speaks for a label. A feature that
// counts twice has its row twice, one after the other.
func (m *Model) support(s *scratch, label int) (sum [numBlocks]float32) {
	for b := range s.rows {
		last, count := int32(-1), uint8(0)
		for _, id := range s.rows[b] {
			if id == last {
				count++
			} else {
				last, count = id, 1
			}
			if m.rows.at(id, label) > 0 {
				sum[b] += squared(count, m.weight[id]) - squared(count-1, m.weight[id])
			}
		}
	}
	return sum
}

// rank fills in the most probable labels.
func (m *Model) rank(r *Result, scores []float32) {
	var at [Top]int
	for i, x := range scores {
		if r.N == Top && x <= scores[at[Top-1]] {
			continue
		}
		j := r.N
		if r.N < Top {
			r.N++
		} else {
			j--
		}
		for ; j > 0 && x > scores[at[j-1]]; j-- {
			at[j] = at[j-1]
		}
		at[j] = i
	}
	top, sum := float64(scores[at[0]]), 0.0
	for _, x := range scores {
		if d := (float64(x) - top) * m.sharp; d > -30 {
			sum += math.Exp(d)
		}
	}
	for j := range r.N {
		r.Top[j] = Scored{m.labels[at[j]], math.Exp((float64(scores[at[j]])-top)*m.sharp) / sum}
	}
}
