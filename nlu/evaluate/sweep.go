package evaluate

import (
	"cmp"
	"errors"
	"math"
	"slices"
)

// Point is what a threshold of acceptance does.
type Point struct {
	Threshold float64 `json:"threshold"` // accepted is what has at least this probability
	Kept      float64 `json:"kept"`      // the share of the in-scope utterances that is accepted
	OOSRecall float64 `json:"oos_recall"`
}

// Curve is what every threshold does, and how well the two kinds of utterances
// are told apart.
type Curve struct {
	// Points are one for every different probability, from the highest
	// threshold to the lowest, where everything is accepted.
	Points []Point
	// AUROC is the area under the ROC curve: how often an utterance in scope has
	// a higher probability than one out of scope, a tie being half. 0.5 is
	// chance.
	AUROC float64
	// FPR95 is the share of the utterances out of scope that is accepted by the
	// highest threshold that keeps 95 % of those in scope.
	FPR95 float64
}

// Sweep tries every threshold on the probabilities of acceptance that
// utterances in scope and out of scope got. The error says that one of them is
// empty or has a NaN.
func Sweep(inScope, oos []float64) (Curve, error) {
	if len(inScope) == 0 || len(oos) == 0 {
		return Curve{}, errors.New("evaluate: a threshold takes utterances in scope and out of scope")
	}
	type score struct {
		p  float64
		in bool
	}
	all := make([]score, 0, len(inScope)+len(oos))
	for _, p := range inScope {
		all = append(all, score{p, true})
	}
	for _, p := range oos {
		all = append(all, score{p, false})
	}
	if slices.ContainsFunc(all, func(s score) bool { return math.IsNaN(s.p) }) {
		return Curve{}, errors.New("evaluate: a probability of acceptance is not a number")
	}
	slices.SortFunc(all, func(a, b score) int { return cmp.Compare(b.p, a.p) })
	var c Curve
	area := 0.0 // in pairs of utterances
	kept, passed := 0, 0
	for i := 0; i < len(all); {
		keptNow, passedNow, p := 0, 0, all[i].p
		for ; i < len(all) && all[i].p == p; i++ {
			if all[i].in {
				keptNow++
			} else {
				passedNow++
			}
		}
		area += float64(passedNow) * (float64(kept) + float64(keptNow)/2)
		kept += keptNow
		passed += passedNow
		c.Points = append(c.Points, Point{Threshold: p, Kept: ratio(kept, len(inScope)), OOSRecall: ratio(len(oos)-passed, len(oos))})
	}
	c.AUROC = area / float64(len(inScope)) / float64(len(oos))
	c.FPR95 = 1 - c.Keeping(0.95).OOSRecall
	return c, nil
}

// Keeping returns the point of the highest threshold that keeps at least that
// share of the in-scope utterances; share is at most 1.
func (c Curve) Keeping(share float64) Point {
	for _, p := range c.Points {
		if p.Kept >= share {
			return p
		}
	}
	if len(c.Points) == 0 {
		return Point{}
	}
	return c.Points[len(c.Points)-1]
}
