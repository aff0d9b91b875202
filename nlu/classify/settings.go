package classify

// settings are what cross-validation has settled. All of it is flat near these
// values: half or twice as much changes the accuracy by less than chance does.
type settings struct {
	// powers of how rare a feature is among the examples and among the labels;
	// below 1 they keep rare ones from saying too much
	byExamples, byLabels float64
	softmaxEpochs        int
	part                 float32 // share of the features of an example that softmax looks at each time
	marginEpochs         int
	marginWeight         float32 // how much the margin's weights count beside the softmax's
	rounds               int     // in which labels are held out
	heldOut              int     // of so many examples of the other labels one is held out
}

// settingsFor are the settings for so many examples of so many labels. With few
// examples of each label it says more in how many labels a feature is than in how
// many examples: chance decides on the latter. Softmax is then the better of the two
// learners, and it takes more looks at what there is.
func settingsFor(examples, labels int) settings {
	s := settings{softmaxEpochs: max(5, min(24, 24000/(examples+1))), marginEpochs: 5}
	many := max(0, min(1, (float64(examples)/float64(labels)-10)/40))
	s.byExamples, s.byLabels = 0.1+0.4*many, 0.4-0.4*many
	s.part = float32(1 - 0.4*many)
	s.marginWeight = float32(3 + 5*many)
	return s
}

// roundSettings are for the rounds that fit the refusal. The more there is to
// see in one round, the fewer are needed. With many examples few are held out,
// so that a round's model is nearly as sure as the whole one will be.
func roundSettings(examples, labels int) settings {
	s := settingsFor(examples, labels)
	s.softmaxEpochs, s.marginEpochs = max(3, s.softmaxEpochs*2/3), 3
	s.rounds, s.heldOut = heldOutLabels, 5
	if examples > 500 {
		s.heldOut = 10
	}
	switch work := examples * labels; {
	case work > 400_000:
		s.rounds = 2
	case work > 200_000:
		s.rounds = 3
	}
	return s
}
