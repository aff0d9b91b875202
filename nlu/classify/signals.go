package classify

import "math"

// The signals from which the refusal judges. Others were measured as well: the
// best score, its probability and the share of unknown words add nothing to
// these, or mislead, because the words of a label that was held out are unknown
// in another way than those of a text that is about something else.
const (
	signalEnergy  = iota // how much speaks for all labels together: ln of the sum of e^score
	signalMargin         // the best score less the second best
	signalEntropy        // how evenly the labels share the probability, in nats
	signalWords          // share of words and pairs of words that speak for the best label
	signalStems          // share of beginnings and stems of words that do
	signalPieces         // share of pieces of words that do
	signalLength         // ln of 1 + the number of words
	numSignals
)

// The places in Result.Signals of what others judge from as well.
const (
	SignalEnergy = signalEnergy
	SignalStems  = signalStems
)

var signalNames = [numSignals]string{
	"energy", "margin", "entropy", "words for it", "stems for it", "pieces for it", "length",
}

// signals is what can be said of one reading of a text.
type signals [numSignals]float64

// newSignals computes the signals of a text of length words. best is the index
// of its highest score, mass how much of it is known, and support how much of
// that speaks for best.
func newSignals(scores []float32, best int, mass *masses, support *[numBlocks]float32, length int) signals {
	top, second := float64(scores[best]), runnerUp(scores, best)
	var sum, weighted float64
	for _, x := range scores {
		if d := float64(x) - top; d > -16 { // what is less adds nothing that is seen
			e := math.Exp(d)
			sum += e
			weighted += e * d
		}
	}
	logSum := math.Log(sum)
	return signals{
		signalEnergy:  top + logSum,
		signalMargin:  top - second,
		signalEntropy: logSum - weighted/sum,
		signalWords:   mass.share(blockWord, support),
		signalStems:   mass.share(blockStem, support),
		signalPieces:  mass.share(blockPiece, support),
		signalLength:  math.Log1p(float64(length)),
	}
}

// share is how much of a block supports a label; of nothing, nothing does.
func (m *masses) share(block int, support *[numBlocks]float32) float64 {
	all := m.known[block] + m.unknown[block]
	if all <= 0 {
		return 0
	}
	return float64(support[block] / all)
}

// highest returns the index of the highest score.
func highest(scores []float32) int {
	best := 0
	for i, x := range scores {
		if x > scores[best] {
			best = i
		}
	}
	return best
}

// runnerUp returns the highest score but that of best. A single label is
// measured against one that nothing speaks for.
func runnerUp(scores []float32, best int) float64 {
	if len(scores) == 1 {
		return 0
	}
	second := float32(math.Inf(-1))
	for i, x := range scores {
		if i != best {
			second = max(second, x)
		}
	}
	return float64(second)
}
