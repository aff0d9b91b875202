package classify

import "context"

// marginBlock is how many labels are trained at once. It is fixed, so that the
// result does not depend on the number of processors.
const marginBlock = 32

// marginBlocks is how many blocks that many labels make.
func marginBlocks(labels int) int { return (labels + marginBlock - 1) / marginBlock }

// trainMargin finds weights for one block of labels. For each label by itself it
// looks for the plane that keeps the label's examples apart from all others with
// the widest margin: a support vector machine with squared loss, solved by dual
// coordinate descent (Hsieh et al. 2008). The matrix has one row of weights for
// each feature, as wide as the block has labels.
//
// All labels of the block share each look at an example, which costs half of
// what one label after the other does.
func trainMargin(ctx context.Context, s *sample, block, epochs int) ([]float32, error) {
	const (
		cost  = 1.0 // C: what an example on the wrong side costs
		ridge = 1 / (2 * cost)
		// An example that no label of the block cares for by this much is left
		// out from then on.
		slack = 0.3
		// What moves by less is not worth the time.
		negligible = 1e-5
	)
	from := block * marginBlock
	k := min(marginBlock, s.labels-from)
	w := make([]float32, len(s.weight)*k)
	alpha := make([]float32, len(s.rows)*k)
	out := make([]float32, k)
	moved := make([]int, 0, k)
	active := newOrder(len(s.rows), uint64(block)+2)
	for epoch := range epochs {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		all := active.shuffle()
		kept := all[:0]
		for _, i := range all {
			r, a := &s.rows[i], alpha[int(i)*k:][:k]
			r.times(w, out)
			moved = moved[:0]
			idle := epoch > 0
			for c := range out {
				y := float32(-1)
				if int(s.label[i]) == from+c {
					y = 1
				}
				g := out[c]*y - 1 + a[c]*ridge // the slope of the dual
				if a[c] == 0 && g >= 0 {
					idle = idle && g > slack
					continue
				}
				idle = false
				next := max(a[c]-g/(r.square+ridge), 0)
				if d := next - a[c]; d > negligible || d < -negligible {
					a[c], out[c] = next, d*y
					moved = append(moved, c)
				}
			}
			if !idle {
				kept = append(kept, i)
			}
			r.add(w, out, moved)
		}
		active.of = kept
	}
	return w, nil
}
