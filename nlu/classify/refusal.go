package classify

import (
	"math"
	"slices"
)

// judge turns signals into the probability that a text is in scope: a logistic
// regression.
type judge struct {
	mean, scale signals // what brings each signal to the same size
	weight      signals
	bias        float64
	threshold   float64
	off         bool // everything is in scope
}

// usual is what each signal weighs on the average of several models with many
// labels, and usualThreshold the threshold. Where there is little to fit the
// refusal on, it stays near them.
var (
	usual          = signals{0.8, 0.5, -0.3, 0.8, 0.1, 0.4, 0.3}
	usualThreshold = 0.12
)

// What the usual values count for, in texts.
const (
	usualWeight          = 5
	usualThresholdWeight = 20
)

// extremes is how far from the mean a signal is believed, in standard
// deviations. A text of a thousand words is no more foreign than one of fifty.
const extremes = 4

// size is signal i of g, brought to the size of the others.
func (j *judge) size(g *signals, i int) float64 {
	return max(-extremes, min(extremes, (g[i]-j.mean[i])*j.scale[i]))
}

// accept is the probability that a text with these signals is in scope.
func (j *judge) accept(g *signals) float64 {
	if j.off {
		return 1
	}
	z := j.bias
	for i := range g {
		z += j.weight[i] * j.size(g, i)
	}
	return sigmoid(z)
}

// explain fills in what the refusal says and why.
func (j *judge) explain(r *Result, g *signals) {
	r.Accept, r.Bias = j.accept(g), j.bias
	for i, v := range g {
		r.Signals[i] = Signal{Name: signalNames[i], Value: v, Contribution: j.weight[i] * j.size(g, i)}
	}
}

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// fitJudge fits the refusal so that the share keep of what was seen in scope is
// accepted.
func fitJudge(seen []observed, keep float64) judge {
	var j judge
	j.measure(seen)
	j.regress(seen)
	j.threshold = j.quantile(seen, 1-keep)
	return j
}

// classWeights returns what a text in scope and one out of scope count for, so
// that both kinds together count the same: how often a text is out of scope
// depends on who writes, not on the examples.
func classWeights(seen []observed) (in, out float64) {
	n := 0
	for i := range seen {
		if seen[i].inScope {
			n++
		}
	}
	half := float64(len(seen)) / 2
	return half / max(1, float64(n)), half / max(1, float64(len(seen)-n))
}

// measure finds mean and spread of each signal.
func (j *judge) measure(seen []observed) {
	in, out := classWeights(seen)
	for i := range j.mean {
		var n, sum, squares float64
		for k := range seen {
			c, v := out, seen[k].signals[i]
			if seen[k].inScope {
				c = in
			}
			n, sum, squares = n+c, sum+c*v, squares+c*v*v
		}
		j.scale[i] = 1
		if n == 0 {
			continue
		}
		j.mean[i] = sum / n
		if variance := squares/n - j.mean[i]*j.mean[i]; variance > 1e-6 {
			j.scale[i] = 1 / math.Sqrt(variance)
		}
	}
}

// regress finds the weights by Newton's method. Each step solves a linear
// system in the weights and the bias, which comes last.
func (j *judge) regress(seen []observed) {
	const (
		steps = 20
		ridge = 1e-3 // keeps weights small however much was seen
	)
	in, out := classWeights(seen)
	j.weight = usual
	for range steps {
		var h system
		for i := range j.weight {
			h[i][i] = usualWeight + ridge*float64(len(seen))
			h[i][unknowns] = usualWeight*(usual[i]-j.weight[i]) - ridge*float64(len(seen))*j.weight[i]
		}
		h[unknowns-1][unknowns-1] = 1e-6
		for k := range seen {
			y, c := 0.0, out
			if seen[k].inScope {
				y, c = 1, in
			}
			g := &seen[k].signals
			p := j.accept(g)
			var x [unknowns]float64
			for i := range g {
				x[i] = j.size(g, i)
			}
			x[unknowns-1] = 1
			h.observe(&x, c*p*(1-p), c*(y-p))
		}
		move := h.solve()
		part := 1.0 // a longer step than 1 may lead astray
		for _, d := range move {
			part = min(part, 1/math.Abs(d))
		}
		for i := range j.weight {
			j.weight[i] += part * move[i]
			// More evidence never means less in scope, whatever chance says.
			if j.weight[i]*usual[i] < 0 {
				j.weight[i] = 0
			}
		}
		j.bias += part * move[unknowns-1]
	}
}

// quantile returns the threshold below which the given share of what is in
// scope lies.
func (j *judge) quantile(seen []observed, share float64) float64 {
	var accepts []float64
	for k := range seen {
		if seen[k].inScope {
			accepts = append(accepts, j.accept(&seen[k].signals))
		}
	}
	if len(accepts) == 0 {
		return usualThreshold
	}
	slices.Sort(accepts)
	n := float64(len(accepts))
	q := accepts[min(int(n*share), len(accepts)-1)]
	return (n*q + usualThresholdWeight*usualThreshold) / (n + usualThresholdWeight)
}

// unknowns are the weights and the bias.
const unknowns = numSignals + 1

// system is a system of linear equations, the right side in the last column.
type system [unknowns][unknowns + 1]float64

func (h *system) observe(x *[unknowns]float64, curvature, slope float64) {
	for a := range unknowns {
		for b := range unknowns {
			h[a][b] += curvature * x[a] * x[b]
		}
		h[a][unknowns] += slope * x[a]
	}
}

// solve eliminates by Gauss and Jordan. The systems here are positive definite.
func (h *system) solve() (x [unknowns]float64) {
	for c := range unknowns {
		for r := range unknowns {
			if r == c {
				continue
			}
			f := h[r][c] / h[c][c]
			for k := c; k <= unknowns; k++ {
				h[r][k] -= f * h[c][k]
			}
		}
	}
	for c := range unknowns {
		x[c] = h[c][unknowns] / h[c][c]
	}
	return x
}

// fitSharpness finds by what to multiply scores so that probabilities are
// honest on texts that were held out.
func fitSharpness(seen []observed) float64 {
	best, least := 1.0, math.Inf(1)
	for sharp := 0.25; sharp < 4; sharp *= 1.2 {
		loss := sharp * 1e-3 // without any evidence the lowest
		for i := range seen {
			if seen[i].inScope {
				loss += surprise(seen[i].scores, sharp)
			}
		}
		if loss < least {
			best, least = sharp, loss
		}
	}
	return best
}

// surprise is the negative logarithm of the probability of the own label.
func surprise(scores []float32, sharp float64) float64 {
	sum := 0.0
	for _, x := range scores {
		if d := float64(x) * sharp; d > -16 {
			sum += math.Exp(min(d, 50))
		}
	}
	return math.Log(sum)
}
