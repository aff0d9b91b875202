package classify

import (
	"context"
	"math"
	"slices"
)

// corpus is the examples as features, not weighted yet.
type corpus struct {
	vocab  *vocabulary
	block  []uint8 // of each feature
	ptr    []int32 // example i has entries ptr[i] to ptr[i+1] of ids and counts
	ids    []int32
	counts []uint8
	label  []int32  // of each example
	length []int32  // of each example in words
	words  [][]rune // the most frequent first
	labels int
}

// newCorpus reads the examples. Features are numbered by how many examples
// have them, the most frequent first, so that what is used often lies together.
func newCorpus(ctx context.Context, examples []Example, label []int32, labels int) (*corpus, error) {
	c := &corpus{vocab: newVocabulary(16 * len(examples)), ptr: make([]int32, 1, len(examples)+1), label: label, labels: labels}
	list := wordList{number: make(map[uint64]int)}
	var s scratch
	for i := range examples {
		if i%512 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		s.extract(examples[i].Text, examples[i].Marks)
		list.add(&s)
		for _, f := range s.features {
			id := c.vocab.add(f.hash)
			if int(id) == len(c.block) {
				c.block = append(c.block, f.block)
			}
			c.ids = append(c.ids, id)
			c.counts = append(c.counts, f.count)
		}
		c.ptr = append(c.ptr, int32(len(c.ids)))
		c.length = append(c.length, int32(len(s.tokens)))
	}
	c.renumber()
	c.words = list.byFrequency()
	return c, nil
}

func (c *corpus) renumber() {
	often := make([]int32, c.vocab.n)
	for _, id := range c.ids {
		often[id]++
	}
	order := make([]int32, c.vocab.n) // old numbers in the new order
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return int(often[b] - often[a]) })
	renamed := make([]int32, c.vocab.n)
	block := make([]uint8, c.vocab.n)
	for i, old := range order {
		renamed[old] = int32(i)
		block[i] = c.block[old]
	}
	c.block = block
	for i := range c.ids {
		c.ids[i] = renamed[c.ids[i]]
	}
	old := c.vocab.slots
	c.vocab = newVocabulary(c.vocab.n)
	hashes := make([]uint64, len(order))
	for _, s := range old {
		if s.id != 0 {
			hashes[renamed[s.id-1]] = s.hash
		}
	}
	for _, h := range hashes {
		c.vocab.add(h)
	}
}

// sample is weighted examples of a corpus: all, or those of one held-out round.
// What the chosen examples do not have is unknown to it, as if it had never
// been seen.
type sample struct {
	*corpus
	local   []int32   // the number in this sample of each feature of the corpus, or -1
	weight  []float32 // of each local feature: how much it tells apart
	unknown float32   // the weight of a feature that is in no example
	rows    []row
	label   []int32 // of each row
	labels  int
}

// row is one example: weighted features.
type row struct {
	ids    []int32
	values []float32
	square float32 // the sum of the squared values
}

// newSample weighs the chosen examples. The label of a row is relabel of its
// label in the corpus.
func newSample(c *corpus, chosen, relabel []int32, labels int, set *settings) *sample {
	s := &sample{corpus: c, local: make([]int32, c.vocab.n), labels: labels}
	examples, of := c.spread(chosen)
	entries := 0
	table := make(map[[2]int32]float32) // few numbers occur, and Pow is slow
	weight := func(e, l int32) float32 {
		w, ok := table[[2]int32{e, l}]
		if !ok {
			w = rarity(len(chosen), e, set.byExamples) * rarity(labels, l, set.byLabels)
			table[[2]int32{e, l}] = w
		}
		return w
	}
	s.unknown = weight(0, 0)
	for f, n := range examples {
		s.local[f] = -1
		if n > 0 {
			s.local[f] = int32(len(s.weight))
			s.weight = append(s.weight, weight(n, of[f]))
			entries += int(n)
		}
	}
	all := row{ids: make([]int32, 0, entries), values: make([]float32, 0, entries)}
	s.rows, s.label = make([]row, len(chosen)), make([]int32, len(chosen))
	for i, e := range chosen {
		at := len(all.ids)
		all, _ = s.weigh(e, all)
		r := row{ids: all.ids[at:], values: all.values[at:]}
		for _, v := range r.values {
			r.square += v * v
		}
		s.rows[i], s.label[i] = r, relabel[c.label[e]]
	}
	return s
}

// spread counts for each feature in how many of the chosen examples it is, and in
// how many labels of those.
func (c *corpus) spread(chosen []int32) (examples, labels []int32) {
	examples, labels = make([]int32, c.vocab.n), make([]int32, c.vocab.n)
	inOrder := slices.Clone(chosen) // of their labels
	slices.SortStableFunc(inOrder, func(a, b int32) int { return int(c.label[a] - c.label[b]) })
	last := make([]int32, c.vocab.n) // label plus 1
	for _, e := range inOrder {
		for _, f := range c.ids[c.ptr[e]:c.ptr[e+1]] {
			examples[f]++
			if l := c.label[e] + 1; last[f] != l {
				last[f] = l
				labels[f]++
			}
		}
	}
	return examples, labels
}

// rarity is the weight of what d of n have: the rarer, the more it says.
func rarity(n int, d int32, power float64) float32 {
	return float32(math.Pow(math.Log((float64(n)+1.5)/(float64(d)+0.5)), power))
}

// weigh appends the known features of example e of the corpus to r with their
// weights, each block scaled to length 1.
func (s *sample) weigh(e int32, r row) (row, masses) {
	var m masses
	at, from, to := len(r.ids), s.ptr[e], s.ptr[e+1]
	for i := from; i < to; i++ {
		f, count := s.ids[i], s.counts[i]
		l := s.local[f]
		if l < 0 {
			m.unknown[s.block[f]] += squared(count, s.unknown)
			continue
		}
		m.known[s.block[f]] += squared(count, s.weight[l])
		r.ids = append(r.ids, l)
		r.values = append(r.values, float32(count)*s.weight[l])
	}
	scale := m.scales()
	for _, f := range s.ids[from:to] {
		if s.local[f] >= 0 {
			r.values[at] *= scale[s.block[f]]
			at++
		}
	}
	return r, m
}

func squared(count uint8, weight float32) float32 {
	x := float32(count) * weight
	return x * x
}

// masses is how much of a text is known: sums of squared weights.
type masses struct{ known, unknown [numBlocks]float32 }

// scales returns what brings each block to length 1. Half of what is unknown
// counts as well: where little of a block is known, it has less to say.
func (m *masses) scales() (scale [numBlocks]float32) {
	for b := range scale {
		if all := m.known[b] + m.unknown[b]/2; all > 0 {
			scale[b] = float32(1 / math.Sqrt(float64(all)))
		}
	}
	return scale
}
