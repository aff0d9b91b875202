package classify

// The blocks of features. Each block is scaled to length 1 by itself, so that
// the many pieces of words do not drown the few words.
const (
	blockWord  = iota // words, pairs of neighbours, pairs with one word between, marks
	blockStem         // the beginnings of words, and words without their endings
	blockPiece        // pieces of 2 to 4 letters
	blockAny          // one feature that every text has: how frequent a label is
	numBlocks
)

// Seeds keep the kinds of feature apart.
const (
	seedWord = iota + 1
	seedPair
	seedSkip
	seedStart
	seedStem
	seedPiece
	seedMark
	seedEdge
	seedAny
)

// startLetters is how long a beginning is.
const startLetters = 4

// maxCount is how often a feature of one text counts. Twice says more than
// once, but the third time says nothing new.
const maxCount = 2

// feature is one thing that was seen in a text.
type feature struct {
	hash  uint64
	count uint8 // 1 to maxCount
	block uint8
}

// extract fills s.features with the features of text, each once.
func (s *scratch) extract(text string, marks []Mark) {
	s.tokenize(text)
	s.describe(marks)
}

// describe fills s.features with the features of s.tokens.
func (s *scratch) describe(marks []Mark) {
	s.features = s.features[:0]
	s.seen.reset(4*len(s.runes) + 4*len(s.tokens) + 3*len(marks) + 2)
	s.emit(seedAny, blockAny)

	prev, before := uint64(seedEdge), uint64(0)
	for i := range s.tokens {
		t := &s.tokens[i]
		s.emit(pair(seedWord, t.hash), blockWord)
		s.emit(pair(seedPair, pair(prev, t.hash)), blockWord)
		if before != 0 {
			s.emit(pair(seedSkip, pair(before, t.hash)), blockWord)
		}
		prev, before = t.hash, prev
		if t.word {
			s.emit(pair(seedStart, hashRunes(s.runes[t.start:min(t.end, t.start+startLetters)])), blockStem)
			s.emit(pair(seedStem, hashRunes(stem(s.runes[t.start:t.end]))), blockStem)
			s.pieces(s.runes[t.start-1 : t.end+1])
			if t.misspelt.end > 0 { // the correction may be wrong
				s.pieces(s.runes[t.misspelt.start-1 : t.misspelt.end+1])
			}
		}
	}
	if len(s.tokens) > 0 {
		s.emit(pair(seedPair, pair(prev, seedEdge)), blockWord)
	}
	for i := range marks {
		s.mark(&marks[i])
	}
}

// emit adds a feature, or counts it once more.
func (s *scratch) emit(h uint64, block uint8) {
	at, fresh := s.seen.add(h, int32(len(s.features)))
	if fresh {
		s.features = append(s.features, feature{hash: h, count: 1, block: block})
	} else if f := &s.features[at]; f.count < maxCount {
		f.count++
	}
}

// pieces emits the runs of 2 to 4 letters of a word with its edges. They still
// match where a word is misspelt, inflected or compounded.
func (s *scratch) pieces(word []rune) {
	for i := range word {
		h := step(seedPiece, uint64(word[i]))
		for n := i + 1; n < len(word) && n < i+4; n++ {
			h = step(h, uint64(word[n]))
			s.emit(mix(h), blockPiece)
		}
	}
}

// mark emits a placeholder for a recognised entity beside its words: "the
// status of web1" is then also "the status of <machine>", whatever the name.
func (s *scratch) mark(m *Mark) {
	kind := pair(seedMark, hashString(m.Kind))
	prev, next := uint64(seedEdge), uint64(seedEdge)
	for i := range s.tokens {
		if t := &s.tokens[i]; t.to <= m.Start {
			prev = t.hash
		} else if t.from >= m.End {
			next = t.hash
			break
		}
	}
	s.emit(kind, blockWord)
	s.emit(pair(seedPair, pair(prev, kind)), blockWord)
	s.emit(pair(seedPair, pair(kind, next)), blockWord)
}
