package classify

// scratch is what reading one text needs; it is used again for the next.
type scratch struct {
	runes    []rune // the words, folded, with an edge before and after each
	tokens   []token
	features []feature
	seen     hashSet

	rows   [numBlocks][]int32 // the rows of the known features, one entry for each time it counts
	scores []float32          // by label
	// written keeps the scores of a text as it was written while it is read corrected.
	written []float32
	sums    []int32 // by label, of one block
}

func newScratch(labels int) *scratch {
	return &scratch{scores: make([]float32, labels), written: make([]float32, 0, labels), sums: make([]int32, labels)}
}
