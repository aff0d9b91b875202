// Package evaluate says how good the understanding is. It reads labelled
// utterances, compares what was understood with what was meant, and gives the
// usual measures. It trains nothing, understands nothing and prints nothing:
// the caller does, and hands in pairs of labels.
//
//	samples, err := evaluate.ReadTSV(file)
//	for _, s := range samples {
//		ps = append(ps, evaluate.Prediction{Want: s.Label, Got: understand(s.Text)})
//	}
//	report := evaluate.NewReport(ps)
//	pairs := evaluate.NewConfusion(ps).Pairs(10)
//
// # Out of scope
//
// The label OOS marks an utterance that no intent covers; the right answer to
// it is a refusal. A refusal is written as OOS or as the empty label. So a test
// set asks two things at once, and one number can't answer both:
//
//   - in-scope accuracy: of the utterances that have an intent, the share that
//     was given it. Refusing one of them is an error like any other.
//   - OOS recall: of the utterances out of scope, the share that was refused.
//
// A model that refuses everything has a recall of 1 and an accuracy of 0, so
// look at both. Sweep shows what one costs the other at every threshold.
//
// # Measures that don't apply
//
// A measure that has nothing to be taken of, such as the OOS recall of a test
// without such lines, is nil in a Report and null in its JSON; it is never 0 or
// 1 by convention. All shares go from 0 to 1.
package evaluate
