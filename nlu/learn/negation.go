package learn

import (
	"math"

	"dragoman/nlu"
)

// negations are the words that turn a wish round, in the languages that have
// phrases. "Do not remove web1" has all the words of its opposite, so the
// classifier alone cannot tell them apart.
var negations = map[string]bool{
	"don't": true, "dont": true, "not": true, "never": true, "no": true, "won't": true, "shouldn't": true, "mustn't": true, "t": true,
	"nicht": true, "nich": true, "nie": true, "niemals": true, "kein": true, "keine": true, "keinen": true, "keinesfalls": true,
	"pas": true, "jamais": true, "ne": true, "n'": true, "aucun": true, "aucune": true,
	"nunca": true, "jamás": true, "jamas": true, "tampoco": true,
}

// denials is how usual a negation is in what people say for each label, from 0
// to 1: "don't tell me any more" is an unsubscription, but nobody says "don't
// remove web1" to have it removed.
type denials map[string]float64

func newDenials(all []sentence) denials {
	with, total := make(map[string]float64), make(map[string]float64)
	x := new(scratch)
	for _, s := range all {
		x.reset()
		x.tokenize(s.text)
		total[s.label]++
		if x.negated() {
			with[s.label]++
		}
	}
	d := make(denials, len(total))
	for label, n := range total {
		d[label] = with[label] / n
	}
	return d
}

// unusual is the share below which a negation in a message means something else
// than the command.
const unusual = 0.08

// against reports whether nobody says a label with a negation.
func (d denials) against(label string) bool { return d[label] < unusual }

// odd is how much a negation speaks against a label: nothing where they are
// usual.
func (d denials) odd(label string) float64 { return -math.Log(d[label] + 0.02) }

// negated reports whether a word of the message is a negation.
func (x *scratch) negated() bool {
	for _, w := range x.words {
		x.fold = nlu.AppendFold(x.fold[:0], w)
		if negations[string(x.fold)] {
			return true
		}
	}
	return false
}
