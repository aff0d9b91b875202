package evaluate

import (
	"cmp"
	"maps"
	"slices"
)

// Confusion counts which label was given to what. It is immutable.
type Confusion struct {
	labels []string
	index  map[string]int
	counts map[cell]int // few of all pairs of labels occur
	want   []int        // utterances of each label
}

// cell is a pair of labels by their places.
type cell struct{ want, got int }

// Pair is a label that was taken for another.
type Pair struct {
	Want  string  // what was meant
	Got   string  // what was understood
	Count int     // how often
	Share float64 // of the utterances that meant Want
}

// NewConfusion counts predictions.
func NewConfusion(ps []Prediction) *Confusion {
	seen := make(map[string]bool)
	for _, p := range ps {
		seen[p.want()] = true
		seen[p.got()] = true
	}
	refused := seen[OOS]
	delete(seen, OOS)
	c := &Confusion{labels: slices.Sorted(maps.Keys(seen)), counts: make(map[cell]int)}
	if refused {
		c.labels = append(c.labels, OOS)
	}
	c.index = make(map[string]int, len(c.labels))
	for i, label := range c.labels {
		c.index[label] = i
	}
	c.want = make([]int, len(c.labels))
	for _, p := range ps {
		at := cell{c.index[p.want()], c.index[p.got()]}
		c.counts[at]++
		c.want[at.want]++
	}
	return c
}

// Labels returns all labels that were meant or given: sorted, OOS at the end.
func (c *Confusion) Labels() []string { return slices.Clone(c.labels) }

// Count returns how often a label was given to utterances that meant another
// or the same.
func (c *Confusion) Count(want, got string) int {
	w, ok := c.index[scope(want)]
	g, ok2 := c.index[scope(got)]
	if !ok || !ok2 {
		return 0
	}
	return c.counts[cell{w, g}]
}

// Total returns how many utterances meant a label.
func (c *Confusion) Total(want string) int {
	if i, ok := c.index[scope(want)]; ok {
		return c.want[i]
	}
	return 0
}

// Pairs returns the pairs of different labels that were confused most often, n
// at most, or all of them if n is negative. Those that were confused as often
// come in the order of Labels.
func (c *Confusion) Pairs(n int) []Pair {
	var cells []cell
	for at := range c.counts {
		if at.want != at.got {
			cells = append(cells, at)
		}
	}
	slices.SortFunc(cells, func(a, b cell) int {
		return cmp.Or(cmp.Compare(c.counts[b], c.counts[a]), cmp.Compare(a.want, b.want), cmp.Compare(a.got, b.got))
	})
	if n >= 0 && len(cells) > n {
		cells = cells[:n]
	}
	pairs := make([]Pair, len(cells))
	for i, at := range cells {
		pairs[i] = Pair{
			Want: c.labels[at.want], Got: c.labels[at.got],
			Count: c.counts[at], Share: ratio(c.counts[at], c.want[at.want]),
		}
	}
	return pairs
}
