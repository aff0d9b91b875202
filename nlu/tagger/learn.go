package tagger

import (
	"context"
	"math"
	"slices"
)

// learn goes through the examples, each time in another order.
func (t *trainer) learn(ctx context.Context, epochs int) error {
	random := random(1)
	order := make([]int32, len(t.examples))
	for i := range order {
		order[i] = int32(i)
	}
	for i := range t.stale {
		t.stale[i] = true
	}
	var l lattice
	var path []int
	for range epochs {
		random.shuffle(order)
		wrong := 0
		for i, n := range order {
			if err := ended(ctx, i); err != nil {
				return err
			}
			t.step++
			p := &t.examples[n]
			t.tag(&l, p, cost)
			path = l.best(path[:0], p.view)
			if !slices.Equal(path, p.tags) {
				wrong++
				t.correct(p, path)
			}
		}
		if wrong == 0 {
			break
		}
	}
	return nil
}

// tag runs the lattice of an example with the weights as they are now. Every
// wrong tag gets the bonus, so that the right path has to win by a
// distance.
func (t *trainer) tag(l *lattice, p *prepared, bonus int32) {
	v, k := p.view, len(p.view.tags)
	if t.stale[p.order] {
		t.refresh(p.view)
		t.stale[p.order] = false
	}
	l.reset(len(p.tags), k)
	from := p.start
	for i, end := range p.ends {
		sums := l.scores[i*k : i*k+k]
		for _, r := range t.features[from:end] {
			row := t.rows[r]
			for _, c := range t.rowCells[row.start:row.end] {
				sums[c.tag] += t.now[c.weight]
			}
		}
		for tag := range sums {
			sums[tag] += bonus
		}
		sums[p.tags[i]] -= bonus
		from = end
	}
	l.run(v)
}

// refresh works out the transitions of a view anew.
func (t *trainer) refresh(v *view) {
	clear(v.trans)
	k := len(v.tags)
	for before, tag := range v.tags {
		for _, key := range transitionKeys(v, tag) {
			f, ok := t.numbers.get(key)
			if !ok {
				continue
			}
			w := t.weights[f]
			for i := w.start; i < w.end; i++ {
				if after := v.local[t.tags[i]]; after >= 0 {
					v.trans[int(after)*k+before] += t.now[i]
				}
			}
		}
	}
}

// correct moves the weights away from the path that was found and towards the
// right one.
func (t *trainer) correct(p *prepared, path []int) {
	from := p.start
	for i, end := range p.ends {
		right, found := p.tags[i], path[i]
		if right != found {
			for _, r := range t.features[from:end] {
				row := t.rows[r]
				for _, c := range t.rowCells[row.start:row.end] {
					switch int(c.tag) {
					case right:
						t.add(c.weight, 1)
					case found:
						t.add(c.weight, -1)
					}
				}
			}
		}
		if i > 0 && (right != found || path[i-1] != p.tags[i-1]) {
			t.addTransition(p, p.tags[i-1], right, 1)
			t.addTransition(p, path[i-1], found, -1)
		}
		from = end
	}
}

func (t *trainer) add(weight uint32, by int32) {
	t.now[weight] += by
	t.total[weight] += int64(by) * t.step
}

// addTransition changes the weights of a tag, by the number in the view, after
// another one. Tags that were never seen so keep 0.
func (t *trainer) addTransition(p *prepared, before, after int, by int32) {
	tag := p.view.tags[after]
	for _, key := range transitionKeys(p.view, p.view.tags[before]) {
		f, ok := t.numbers.get(key)
		if !ok {
			continue
		}
		w := t.weights[f]
		for i := w.start; i < w.end; i++ {
			if int(t.tags[i]) == tag {
				t.add(i, by)
			}
		}
	}
	for i := range t.stale {
		t.stale[i] = true
	}
}

// maxWeight is the greatest weight of a model, as a whole number in 16 bits.
// Those below leastWeight are dropped: they are four in ten, and change nothing
// that can be measured.
const (
	maxWeight   = 32_000
	leastWeight = 250
)

// finish makes the model's rows from the averages of the weights over all
// steps, without the small ones.
func (t *trainer) finish() {
	largest := int64(1)
	average := func(i uint32) int64 { return int64(t.now[i])*(t.step+1) - t.total[i] }
	for i := range t.now {
		a := average(uint32(i))
		largest = max(largest, a, -a)
	}
	starts := make([]int, len(t.weights)) // in cells, and one
	used := 0
	for f, w := range t.weights {
		at := len(t.Model.cells)
		t.Model.cells = append(t.Model.cells, 0)
		for i := w.start; i < w.end; i++ {
			x := int32(math.Round(float64(average(i)) * maxWeight / float64(largest)))
			if max(x, -x) < leastWeight {
				x = 0
			}
			t.now[i] = x
			if x != 0 {
				t.Model.cells = append(t.Model.cells, uint32(t.tags[i])<<16|uint32(uint16(x)))
			}
		}
		n := len(t.Model.cells) - at - 1
		if n == 0 {
			t.Model.cells = t.Model.cells[:at]
			continue
		}
		t.Model.cells[at] = uint32(n)
		starts[f] = at + 1
		used++
	}
	t.Model.cells = slices.Clip(t.Model.cells)
	t.index = newTable(used)
	for f, at := range starts {
		if at > 0 {
			t.index.put(t.keys[f], at-1)
		}
	}
	t.connect()
	clear(t.stale) // connect has made the transitions
	t.unit = t.commonMargin()
}

// commonMargin returns the median margin of some training sentences that are
// read right. What they put into the lexicon themselves does not help them.
func (t *trainer) commonMargin() int32 {
	var l lattice
	var path []int
	var margins, rivals []int32
	for i := 0; i < len(t.examples); i += 1 + len(t.examples)/500 {
		p := &t.examples[i]
		if len(p.tags) == 0 || len(p.view.tags) == 1 {
			continue
		}
		t.tag(&l, p, 0)
		path = l.best(path[:0], p.view)
		if slices.Equal(path, p.tags) {
			l.back(p.view)
			rivals = l.rivals(rivals[:0], path, p.view)
			margins = append(margins, slices.Min(rivals))
		}
	}
	if len(margins) == 0 {
		return 1
	}
	slices.Sort(margins)
	return max(margins[len(margins)/2], 1)
}
