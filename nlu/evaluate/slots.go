package evaluate

import (
	"fmt"
	"slices"

	"dragoman/nlu/tagger"
)

// Slots counts the slots of many utterances, as conlleval does: a slot is right
// when its name, its first and its last token are. The zero value is empty.
type Slots struct {
	Want  int // slots that the utterances have
	Got   int // slots that were found
	Right int // slots that were found and are right
}

// Add counts the slots of one utterance: its tags and those that were given to
// it. The error says that there are not as many of both.
func (s *Slots) Add(want, got []string) error {
	if len(want) != len(got) {
		return fmt.Errorf("evaluate: there are %d tags to compare with %d", len(got), len(want))
	}
	var wantRoom, gotRoom [16]tagger.Chunk
	w := tagger.Chunks(wantRoom[:0], want)
	g := tagger.Chunks(gotRoom[:0], got)
	s.Want += len(w)
	s.Got += len(g)
	for _, c := range g {
		if slices.Contains(w, c) {
			s.Right++
		}
	}
	return nil
}

// Precision is the share of the found slots that is right; NaN when none was
// found.
func (s Slots) Precision() float64 { return ratio(s.Right, s.Got) }

// Recall is the share of the slots that was found and is right; NaN when there
// are none.
func (s Slots) Recall() float64 { return ratio(s.Right, s.Want) }

// F1 is the harmonic mean of precision and recall over all slots together
// (micro F1). It is NaN when there are no slots and none was found.
func (s Slots) F1() float64 { return ratio(2*s.Right, s.Want+s.Got) }
