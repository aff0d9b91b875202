// Package classify tells which of several labels a text most probably has, and
// how probable it is that it has any of them. A label here is a command of the
// bot, a text is what a person wrote. The package learns from examples alone; it
// finds no values in a text, holds no conversation and calls nobody.
//
//	m, err := classify.Train(ctx, examples, classify.Options{})
//	r := m.Classify("is web1 up?", nil)
//	if m.Accepts(r) {
//		run(r.Top[0].Label)
//	}
//
// # How it works, for those who have never trained a model
//
// A text is turned into a set of features: small facts, each of which is there
// or not. "is web1 up" has the words "is", "web1" and "up", the pairs "is web1"
// and "web1 up", the pair around a gap "is … up", the beginnings of its words and
// the words without their endings, and pieces of two to four letters, such as "eb1". Words say most. Pieces still
// match where a word is misspelt or has another ending. What was recognised in
// the text, say the name of a machine, is a feature too, beside the name
// itself: it is a Mark.
//
// Every feature counts the more the fewer examples have it: "the" says
// nothing, "status" does. Words, beginnings and pieces are each brought to the same
// total, so that the many pieces do not drown the few words.
//
// The model is a table: a row for each feature, a column for each label, in
// each cell a number that says how much this feature speaks for this label.
// The score of a label is the sum of its cells over the features of the text,
// and the label with the highest score wins. That is all Classify does, apart
// from adding eight cells at once: it takes microseconds.
//
// Training finds the numbers, in two ways whose results are added up. Softmax
// goes through the examples again and again, and each time moves the numbers
// a little so that the right label gains and those that are wrongly ahead lose.
// Where there are many examples it covers a part of each one's features at every
// look, another part each time, so that no single word is relied on.
// Margin asks for each label by itself which numbers keep its examples apart
// from all others with the most room between. The one is better with few
// examples, the other with many, and both together are better than each; how much
// either counts goes by how many examples a label has.
//
// A word that no example has but nearly has may be misspelt: "stauts" is
// "status". Or it is right, and nobody thought of it: "late" is not "date". So such a
// text is read both ways, and the reading in which the best label is further ahead
// counts.
//
// # When to refuse
//
// The highest of many low scores is still the highest, so the winner alone says
// nothing about a text that is about something else. Nobody can write examples
// of everything else. Instead, training plays it through: it leaves out some
// labels, trains on the rest, and looks at the texts of the labels that it left
// out. They are real wishes that the reduced model cannot fulfil, just like those
// that the whole model will meet. A second, very small model learns how they
// differ from texts that the first one was right to answer: how much speaks
// for all labels together, how far the best is ahead, how many of the words
// speak for it. It yields Result.Accept, the probability that a text is in scope
// when every second one is. The threshold that Accepts compares it with keeps
// the share Options.Keep of the texts that are in scope.
//
// With few labels there is little to play through. The refusal then stays near
// what was right for models with many.
//
// # What to expect
//
// Five examples a label are a start, ten to twenty are good. Examples teach the
// more the less alike they are. The names of the labels are examples too. Time
// and memory grow with the examples times the labels; 15,000 examples of 150
// labels take a few seconds, a bot's few hundred take milliseconds. All of it
// is deterministic: the same examples give the same model, bit for bit.
package classify
