package tagger

import (
	"context"
)

// extract turns the examples into numbers of features.
func (t *trainer) extract(ctx context.Context, examples []Example, tags [][]int) error {
	var r reader
	var hashes []uint64
	t.examples = make([]prepared, len(examples))
	t.stale = make([]bool, len(t.views))
	t.numbers = newTable(1024)
	for i, e := range examples {
		if err := ended(ctx, i); err != nil {
			return err
		}
		order := t.byLabel[e.Label]
		p := prepared{view: &t.views[order], order: order, start: uint32(len(t.features))}
		r.hashWords(e.Tokens)
		hashes = hashes[:0]
		for k := range r.words {
			hashes = append(hashes, r.words[k].hash)
		}
		r.ownWords, r.ownPhrases = contribution(r.ownWords[:0], r.ownPhrases[:0], hashes, tags[i])
		r.read(t.Model, p.view, e.Tokens, e.Marks)
		for k, tag := range tags[i] {
			p.tags = append(p.tags, int(p.view.local[tag]))
			for _, key := range r.features(k) {
				t.features = append(t.features, t.number(key))
			}
			p.ends = append(p.ends, uint32(len(t.features)))
		}
		t.examples[i] = p
	}
	return nil
}

// number returns the number of a feature and counts it.
func (t *trainer) number(key uint64) uint32 {
	n := t.numbers.grown(key, &t.keys)
	if n == len(t.seen) {
		t.seen = append(t.seen, 0)
	}
	t.seen[n]++
	return uint32(n)
}

// layOut makes room for a weight of each feature and tag that were seen
// together.
func (t *trainer) layOut(ctx context.Context) error {
	if len(t.features) > rareAfter {
		t.dropRare()
	}
	if err := t.pairUp(ctx); err != nil {
		return err
	}
	return t.makeRows(ctx)
}

// dropRare takes features that were seen only once out of the examples. They
// keep their numbers.
func (t *trainer) dropRare() {
	w := uint32(0)
	for i := range t.examples {
		p := &t.examples[i]
		from := p.start
		p.start = w
		for k, end := range p.ends {
			for _, f := range t.features[from:end] {
				if t.seen[f] > 1 {
					t.features[w] = f
					w++
				}
			}
			from, p.ends[k] = end, w
		}
	}
	t.features = t.features[:w]
}

// pairUp finds the tags that each feature was seen with and gives a weight to
// each. The tag before is a feature as well.
func (t *trainer) pairUp(ctx context.Context) error {
	p := pairs{links: []link{{}}, heads: make([]uint32, len(t.keys)), last: make([]uint16, len(t.keys))}
	for i := range t.examples {
		if err := ended(ctx, i); err != nil {
			return err
		}
		e := &t.examples[i]
		from := e.start
		for k, end := range e.ends {
			tag := e.view.tags[e.tags[k]]
			for _, f := range t.features[from:end] {
				p.add(f, tag)
			}
			from = end
			if k == 0 {
				continue
			}
			for _, key := range transitionKeys(e.view, e.view.tags[e.tags[k-1]]) {
				f := t.number(key)
				if int(f) == len(p.heads) {
					p.heads, p.last = append(p.heads, 0), append(p.last, 0)
				}
				p.add(f, tag)
			}
		}
	}
	t.weights = make([]span, len(p.heads))
	t.tags = make([]uint16, 0, len(p.links)-1)
	for f, l := range p.heads {
		t.weights[f].start = uint32(len(t.tags))
		for ; l != 0; l = p.links[l].next {
			t.tags = append(t.tags, p.links[l].tag)
		}
		t.weights[f].end = uint32(len(t.tags))
	}
	t.now = make([]int32, len(t.tags))
	t.total = make([]int64, len(t.tags))
	return nil
}

// pairs are linked lists of the different tags of each feature.
type pairs struct {
	links []link
	heads []uint32 // by feature, in links; 0 ends a list
	last  []uint16 // by feature: the tag that was added last, and one
}

// link is an element of a list.
type link struct {
	tag  uint16
	next uint32
}

func (p *pairs) add(feature uint32, tag int) {
	if p.last[feature] == uint16(tag+1) {
		return
	}
	p.last[feature] = uint16(tag + 1)
	for l := p.heads[feature]; l != 0; l = p.links[l].next {
		if p.links[l].tag == uint16(tag) {
			return
		}
	}
	p.links = append(p.links, link{uint16(tag), p.heads[feature]})
	p.heads[feature] = uint32(len(p.links) - 1)
}

// makeRows makes, for each feature and each view in which it was seen, a row
// of the cells that matter in the view. Frequent features have weights for many
// tags, of which one view knows few. The examples then have the numbers of
// rows instead of those of features.
func (t *trainer) makeRows(ctx context.Context) error {
	byView := make([][]int32, len(t.views))
	for i := range t.examples {
		v := t.examples[i].order
		byView[v] = append(byView[v], int32(i))
	}
	known := make([]uint32, len(t.weights)) // the row of a feature in this view, and one
	var touched []uint32
	for _, list := range byView {
		for _, i := range list {
			if err := ended(ctx, int(i)); err != nil {
				return err
			}
			p := &t.examples[i]
			if len(p.ends) == 0 {
				continue
			}
			own := t.features[p.start:p.ends[len(p.ends)-1]]
			for k, f := range own {
				if known[f] == 0 {
					t.rows = append(t.rows, t.makeRow(p.view, f))
					known[f] = uint32(len(t.rows))
					touched = append(touched, f)
				}
				own[k] = known[f] - 1
			}
		}
		for _, f := range touched {
			known[f] = 0
		}
		touched = touched[:0]
	}
	return nil
}

func (t *trainer) makeRow(v *view, f uint32) span {
	r := span{start: uint32(len(t.rowCells))}
	w := t.weights[f]
	for i := w.start; i < w.end; i++ {
		if tag := v.local[t.tags[i]]; tag >= 0 {
			t.rowCells = append(t.rowCells, cell{uint16(tag), i})
		}
	}
	r.end = uint32(len(t.rowCells))
	return r
}
