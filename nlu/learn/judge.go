package learn

import "math"

// The signals from which the judge tells how probable it is that a reading is
// right.
const (
	signalTop      = iota // log odds of the command
	signalMargin          // log of how much more probable it is than the next label
	signalNothing         // log odds of no command at all
	signalUnknown         // share of the words that no example has
	signalMissing         // slots that are required and not there
	signalIdle            // names in the text that no slot takes
	signalNamed           // slots that a known name or value fills
	signalUnnamed         // slots that are filled by what nobody knows
	signalLength          // log of the number of words
	signalEnergy          // what the classifier's scores sum up to
	signalSupport         // what of the known words speaks for the command
	signalNegated         // a negation where there usually is none
	signalOutvoted        // 1 where no command at all is more probable
	numSignals
)

var signalNames = [numSignals]string{
	"command", "margin", "no command", "unknown words", "missing slots", "idle names",
	"known values", "unknown values", "length", "energy", "support", "negation", "outvoted",
}

// signals are what is known of one reading.
type signals [numSignals]float64

// judge is a logistic regression from signals to the probability that a reading
// is right.
type judge struct {
	Weight signals
	Bias   float64
}

// typical is the judge that fitting begins with and that few sentences do not
// change much: what it is in a bot with a dozen commands.
var typical = judge{
	Weight: signals{
		signalTop: 0.75, signalMargin: 0.7, signalNothing: -0.1, signalUnknown: -0.25,
		signalMissing: -0.35, signalIdle: -0.3, signalNamed: 0, signalUnnamed: 0.1, signalLength: 0, signalEnergy: 0.45, signalSupport: 0.3,
		signalNegated: -0.4, signalOutvoted: -0.3,
	},
	Bias: 1.3,
}

// The mean of each signal and one over its deviation there, which bring them all
// to the same size.
var (
	mean = signals{
		signalTop: 3.8, signalMargin: 3.9, signalNothing: -5, signalUnknown: 0.19, signalMissing: 0.17,
		signalIdle: 0, signalNamed: 0.33, signalUnnamed: 0.2, signalLength: 1.6, signalEnergy: 11.8, signalSupport: 0.69, signalNegated: 0, signalOutvoted: 0.1,
	}
	scale = signals{
		signalTop: 0.18, signalMargin: 0.18, signalNothing: 0.17, signalUnknown: 4.6, signalMissing: 2.3,
		signalIdle: 5, signalNamed: 2.1, signalUnnamed: 2, signalLength: 1.9, signalEnergy: 0.22, signalSupport: 3.9, signalNegated: 0.7, signalOutvoted: 3,
	}
)

// observed is a reading of a sentence by a model that had not seen it.
type observed struct {
	signals signals
	right   bool
	weight  float64
}

// trust is how many sentences the typical judge counts for.
const trust = 40

// score is the probability that a reading with these signals is right.
func (j *judge) score(s *signals) float64 {
	z := j.Bias
	for i, v := range s {
		z += j.contribution(i, v)
	}
	return 1 / (1 + math.Exp(-z))
}

// contribution is what a signal adds to the log odds.
func (j *judge) contribution(i int, v float64) float64 { return j.Weight[i] * sized(i, v) }

// sized brings a signal to the size of the others, and an odd one to its bounds.
func sized(i int, v float64) float64 { return max(-3, min(3, (v-mean[i])*scale[i])) }

// fitJudge fits the regression by gradient descent on all sentences at once. With
// a handful of signals that is quick, and it cannot run away.
func fitJudge(seen []observed) judge {
	j := typical
	n := 0.0
	for k := range seen {
		n += seen[k].weight
	}
	if n == 0 {
		return j
	}
	const steps, rate = 300, 0.7
	for range steps {
		var g signals
		var bias float64
		for k := range seen {
			o := &seen[k]
			e := j.score(&o.signals)
			if o.right {
				e--
			}
			e *= o.weight
			bias += e / n
			for i, v := range o.signals {
				g[i] += e / n * sized(i, v)
			}
		}
		pull := trust / (n + trust)
		j.Bias -= rate * (bias + pull*(j.Bias-typical.Bias))
		for i := range g {
			j.Weight[i] -= rate * (g[i] + pull*(j.Weight[i]-typical.Weight[i]))
		}
		// Half of the sentences make a weaker model than all of them, which calls
		// more of them nothing than it should. That is no reason to trust it less.
		for _, i := range []int{signalNothing, signalNegated, signalOutvoted} {
			j.Weight[i] = min(j.Weight[i], typical.Weight[i])
		}
	}
	return j
}
