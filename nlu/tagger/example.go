package tagger

import "dragoman/nlu"

// FromExample makes a training example of one whose slots are marked. A token
// belongs to a slot when the two have a character in common; where two slots
// want one token, the first one has it. The marks are what a recogniser found
// in e.Text, as tokens of Tokenize; see Cover.
func FromExample(label string, e nlu.Example, marks ...Mark) Example {
	tokens := Tokenize(nil, e.Text)
	out := Example{Label: label, Tokens: Words(nil, e.Text, tokens), Tags: make([]string, len(tokens)), Marks: marks}
	for i := range out.Tags {
		out.Tags[i] = "O"
	}
	for _, s := range e.Slots {
		from, to := Cover(tokens, s.Start, s.End)
		head := "B-"
		for i := from; i < to; i++ {
			if out.Tags[i] == "O" {
				out.Tags[i] = head + s.Slot
				head = "I-"
			}
		}
	}
	return out
}
