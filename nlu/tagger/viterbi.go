package tagger

import "slices"

// lattice finds the best legal sequence of tags. It's memory that is used
// again and again. Its rows have one field for each tag of the view.
type lattice struct {
	scores []int32 // of each token and tag, by themselves
	ahead  []int32 // the best path from the first token to here
	behind []int32 // the best path from here on, this token not counted
	from   []int16 // the tag before on the best path
	total  int64   // the score of the best path
}

// never is a score below that of all paths.
const never = -1 << 29

// reset makes room for n tokens of k tags and clears the scores.
func (l *lattice) reset(n, k int) {
	if cap(l.scores) < n*k {
		l.scores = make([]int32, n*k)
		l.ahead = make([]int32, n*k)
		l.behind = make([]int32, n*k)
		l.from = make([]int16, n*k)
	}
	l.scores = l.scores[:n*k]
	l.ahead = l.ahead[:n*k]
	l.behind = l.behind[:n*k]
	l.from = l.from[:n*k]
	clear(l.scores)
}

// run fills in ahead and from. An I follows only the B or I of its slot: in a
// view, B has an odd number and I the next one. The scores of each token count
// from the best one, so that they stay small in the longest text.
func (l *lattice) run(v *view) {
	k := len(v.tags)
	if len(l.scores) == 0 {
		return
	}
	for t := range k {
		l.ahead[t] = l.scores[t]
		if isInside(t) {
			l.ahead[t] = never
		}
	}
	l.total = int64(level(l.ahead[:k]))
	for i := k; i < len(l.scores); i += k {
		before, here := l.ahead[i-k:i], l.ahead[i:i+k]
		for t := range k {
			trans := v.trans[t*k : t*k+k]
			var best int32
			from := 0
			if isInside(t) {
				best, from = before[t]+trans[t], t
				if x := before[t-1] + trans[t-1]; x > best {
					best, from = x, t-1
				}
			} else {
				best = before[0] + trans[0]
				for b, x := range before {
					if x += trans[b]; x > best {
						best, from = x, b
					}
				}
			}
			here[t] = max(best+l.scores[i+t], never)
			l.from[i+t] = int16(from)
		}
		l.total += int64(level(here))
	}
}

// level makes the greatest score 0 and returns what it was.
func level(scores []int32) int32 {
	top := slices.Max(scores)
	for i := range scores {
		scores[i] = max(scores[i]-top, never)
	}
	return top
}

// best appends the tags of the best path, by the view's numbers.
func (l *lattice) best(dst []int, v *view) []int {
	k := len(v.tags)
	n := len(l.scores) / k
	if n == 0 {
		return dst
	}
	tag := 0
	for t, x := range l.ahead[(n-1)*k:] {
		if x == 0 { // the greatest one
			tag = t
			break
		}
	}
	start := len(dst)
	for range n {
		dst = append(dst, 0)
	}
	for i := n - 1; i >= 0; i-- {
		dst[start+i] = tag
		tag = int(l.from[i*k+tag])
	}
	return dst
}

// back fills in behind, after run.
func (l *lattice) back(v *view) {
	k := len(v.tags)
	end := len(l.scores)
	clear(l.behind[end-k:])
	for i := end - 2*k; i >= 0; i -= k {
		scores, behind := l.scores[i+k:i+2*k], l.behind[i+k:i+2*k]
		here := l.behind[i : i+k]
		for t := range here {
			here[t] = never
		}
		for next := range k {
			x := scores[next] + behind[next]
			trans := v.trans[next*k : next*k+k]
			if isInside(next) {
				here[next] = max(here[next], x+trans[next])
				here[next-1] = max(here[next-1], x+trans[next-1])
				continue
			}
			for t, y := range trans {
				here[t] = max(here[t], x+y)
			}
		}
		level(here)
	}
}

// rivals appends, for each token of the best path, by how much this path wins
// over the best one that has another tag there.
func (l *lattice) rivals(dst []int32, path []int, v *view) []int32 {
	k := len(v.tags)
	for i, tag := range path {
		margin := int32(-never)
		for t := range k {
			if t != tag {
				margin = min(margin, l.against(i, tag, t, k))
			}
		}
		dst = append(dst, margin)
	}
	return dst
}

// against returns by how much the best path wins over the best one that has
// another tag at token i.
func (l *lattice) against(i, tag, other, k int) int32 {
	return l.ahead[i*k+tag] + l.behind[i*k+tag] - max(l.ahead[i*k+other]+l.behind[i*k+other], never)
}

// column appends the scores of one tag.
func (l *lattice) column(dst []int32, k, tag int) []int32 {
	for i := tag; i < len(l.scores); i += k {
		dst = append(dst, l.scores[i])
	}
	return dst
}

// beginOnlyAt makes a slot, whose B is the view's tag b, begin at one token at
// most, and runs the lattice again. It returns the score of the best path. The
// scores of b from the first run are given.
func (l *lattice) beginOnlyAt(v *view, b, at int, scores []int32) int64 {
	k := len(v.tags)
	for i, x := range scores {
		if i != at {
			x = never / 4
		}
		l.scores[i*k+b] = x
	}
	l.run(v)
	return l.total
}
