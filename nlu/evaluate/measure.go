package evaluate

import "math"

// Prediction is what an utterance meant and what was understood.
type Prediction struct {
	Want string // the label; OOS or empty when no intent covers the utterance
	Got  string // the label that was given; OOS or empty when it was refused
}

func (p Prediction) want() string { return scope(p.Want) }
func (p Prediction) got() string  { return scope(p.Got) }

// Right reports whether the utterance was understood, or refused rightly.
func (p Prediction) Right() bool { return p.want() == p.got() }

// scope makes the two ways to write a refusal one.
func scope(label string) string {
	if label == "" {
		return OOS
	}
	return label
}

// Accuracy is the share of all utterances that was understood or refused
// rightly. It is NaN when there are none.
func Accuracy(ps []Prediction) float64 {
	right := 0
	for _, p := range ps {
		if p.Right() {
			right++
		}
	}
	return ratio(right, len(ps))
}

// InScopeAccuracy is the share of the utterances in scope that was given the
// right intent. It is NaN when there are none.
func InScopeAccuracy(ps []Prediction) float64 {
	right, all := 0, 0
	for _, p := range ps {
		if p.want() == OOS {
			continue
		}
		all++
		if p.Right() {
			right++
		}
	}
	return ratio(right, all)
}

// OOSRecall is the share of the utterances out of scope that was refused. It is
// NaN when there are none.
func OOSRecall(ps []Prediction) float64 {
	refused, all := 0, 0
	for _, p := range ps {
		if p.want() != OOS {
			continue
		}
		all++
		if p.got() == OOS {
			refused++
		}
	}
	return ratio(refused, all)
}

// OOSPrecision is the share of the refused utterances that was out of scope. It
// is NaN when nothing was refused, and when nothing was out of scope: then
// there was nothing to find.
func OOSPrecision(ps []Prediction) float64 {
	right, refused, all := 0, 0, 0
	for _, p := range ps {
		if p.want() == OOS {
			all++
		}
		if p.got() == OOS {
			refused++
			if p.Right() {
				right++
			}
		}
	}
	if all == 0 {
		return math.NaN()
	}
	return ratio(right, refused)
}

// tally counts the utterances of one label.
type tally struct{ want, got, right int }

// tallies counts by label, in the order in which the labels came.
func tallies(ps []Prediction) []tally {
	var ts []tally
	index := make(map[string]int)
	of := func(label string) *tally {
		i, ok := index[label]
		if !ok {
			i = len(ts)
			index[label] = i
			ts = append(ts, tally{})
		}
		return &ts[i]
	}
	for _, p := range ps {
		of(p.want()).want++
		of(p.got()).got++
		if p.Right() {
			of(p.want()).right++
		}
	}
	return ts
}

// MacroF1 is the mean of the F1 of every label that was meant at least once;
// OOS is one of them if the utterances have it. A label that was given but
// never meant has no F1 of its own, but it is missing from the one that was
// meant. MacroF1 is NaN when there are no utterances.
func MacroF1(ps []Prediction) float64 {
	sum, labels := 0.0, 0
	for _, t := range tallies(ps) {
		if t.want > 0 {
			sum += ratio(2*t.right, t.want+t.got)
			labels++
		}
	}
	return sum / float64(labels)
}

// MCC is Matthews' correlation coefficient for many classes, R_K by Gorodkin
// (2004), with OOS as a class of its own: 1 is perfect, 0 as good as chance,
// and the least depends on the classes but is above -1 for more than two. It is
// 0 when only one class was meant or only one was given, as is usual, and NaN
// when there are no utterances.
func MCC(ps []Prediction) float64 {
	if len(ps) == 0 {
		return math.NaN()
	}
	n := float64(len(ps))
	right, both, want, got := 0.0, 0.0, 0.0, 0.0
	for _, t := range tallies(ps) {
		w, g := float64(t.want), float64(t.got)
		right += float64(t.right)
		both += w * g
		want += w * w
		got += g * g
	}
	below := math.Sqrt(n*n-want) * math.Sqrt(n*n-got)
	if below == 0 {
		return 0
	}
	return (right*n - both) / below
}

// ratio is a share; NaN is one of nothing.
func ratio(part, all int) float64 {
	if all == 0 {
		return math.NaN()
	}
	return float64(part) / float64(all)
}
