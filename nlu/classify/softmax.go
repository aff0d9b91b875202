package classify

import (
	"context"
	"math"
	"math/rand/v2"
)

// trainSoftmax finds weights by stochastic gradient descent: it looks at one
// example at a time and moves the weights a little so that the right label
// becomes more probable and the others less. Each time it looks at another part of the
// example's features, set.part of them, so that it learns to do without any, as it
// will have to when somebody else words the same wish. The matrix has one row of
// s.labels weights for each feature.
func trainSoftmax(ctx context.Context, s *sample, set *settings) ([]float32, error) {
	const (
		rate   = 2.0  // of learning, at the start; it falls to 0
		shrink = 0.03 // what keeps weights small, divided by the number of examples
		// What moves a weight by less than this is not worth the time: most
		// labels are out of the question for most examples.
		negligible = 1e-3
	)
	n, k := len(s.rows), s.labels
	w := make([]float32, len(s.weight)*k)
	p, moved := make([]float32, k), make([]int, 0, k)
	order := newOrder(n, 1)
	var part row
	scale := 1.0 // the weights are scale*w, so that shrinking all is one product
	for step, total := 0, set.softmaxEpochs*n; step < total; step++ {
		if step%256 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		i := order.next()
		r := &part
		r.takePart(&s.rows[i], set.part, order.rng)
		eta := rate * (1 - float64(step)/float64(total))
		scale *= 1 - eta*shrink/float64(n)
		if scale < 1e-3 {
			rescale(w, float32(scale))
			scale = 1
		}
		r.times(w, p)
		softmax(p, float32(scale))
		p[s.label[i]]--
		moved = moved[:0]
		for c, g := range p {
			if g > negligible || g < -negligible {
				moved = append(moved, c)
				p[c] = g * float32(-eta/scale)
			}
		}
		r.add(w, p, moved)
	}
	rescale(w, float32(scale))
	return w, nil
}

// takePart sets r to a random part of all, about the given share of it, and so
// much larger in value that the sum is the same on the average.
func (r *row) takePart(all *row, share float32, rng *rand.Rand) {
	r.ids, r.values = r.ids[:0], r.values[:0]
	for j, id := range all.ids {
		if rng.Float32() < share {
			r.ids = append(r.ids, id)
			r.values = append(r.values, all.values[j]/share)
		}
	}
}

func rescale(w []float32, by float32) {
	for i := range w {
		w[i] *= by
	}
}

// softmax turns scores, each times scale, into probabilities.
func softmax(p []float32, scale float32) {
	top := p[0]
	for _, x := range p {
		top = max(top, x)
	}
	sum := float32(0)
	for i, x := range p {
		d := (x - top) * scale
		if d < -16 {
			p[i] = 0
			continue
		}
		p[i] = float32(math.Exp(float64(d)))
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}

// order gives the numbers below n in a new random order each time it is
// through. The same seed gives the same orders.
type order struct {
	of  []int32
	at  int
	rng *rand.Rand
}

func newOrder(n int, seed uint64) *order {
	o := &order{of: make([]int32, n), rng: rand.New(rand.NewPCG(seed, 0x9E3779B97F4A7C15))}
	for i := range o.of {
		o.of[i] = int32(i)
	}
	return o
}

func (o *order) next() int32 {
	if o.at == 0 {
		o.shuffle()
	}
	i := o.of[o.at]
	if o.at++; o.at == len(o.of) {
		o.at = 0
	}
	return i
}

// shuffle puts all numbers that are left in a new order.
func (o *order) shuffle() []int32 {
	o.rng.Shuffle(len(o.of), func(i, j int) { o.of[i], o.of[j] = o.of[j], o.of[i] })
	return o.of
}
