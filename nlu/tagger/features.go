package tagger

// The kinds of features. Each is hashed together with what was seen.
const (
	always = uint64(iota)
	// Words around, by their offset, and runs of them.
	wordHere
	wordPrev
	wordNext
	wordPrev2
	wordNext2
	wordPrev3
	wordNext3
	pairPrevHere
	pairHereNext
	pairPrev2Prev
	pairNextNext2
	pairPrevNext
	triplePrev
	tripleNext
	tripleAround
	// What the word looks like.
	prefixHere
	suffixHere
	suffixPrev
	suffixNext
	shapeHere
	shapePrev
	shapeNext
	// The nearest frequent words.
	anchorLeft
	anchorRight
	anchorsLeft
	anchorsRight
	anchorsAround
	anchorsLeftHere
	anchorsRightHere
	anchorsLeft2Right2
	// Place.
	fromStart
	fromEnd
	// What the words around usually are.
	classHere
	classPrev
	classNext
	classPrev2
	classNext2
	classPrevHere
	classHereNext
	classAround
	classesPrev2
	classesNext2
	classesPrev2Here
	classesHereNext2
	// Phrases of the training text.
	phraseHere
	phraseLength
	phraseAfter
	phraseBefore
	phraseEnded
	phraseNext
	phraseNone
	// Recognised entities.
	markHere
	markAfter
	markEnded
	markNext
	// The label.
	labelAlways
	labelWord
	labelClass
	// The tag before; its row is the model's transitions.
	tagPrev
)

// features returns the keys of what can be seen at token i. Call it for every
// token in turn, from the first to the last. The keys are good until the next
// call.
func (r *reader) features(i int) []uint64 {
	r.keys = r.keys[:0]
	r.add(always, 0)
	r.addWords(i)
	r.addLooks(i)
	r.addAnchors(i)
	r.addClasses(i)
	r.addPhrases(i)
	r.addMarks(i)
	r.add(labelAlways, r.label)
	r.add(labelWord, join(r.label, r.words[i].hash))
	r.add(labelClass, join(r.label, r.words[i].class))
	return r.keys
}

func (r *reader) add(kind, value uint64) {
	r.keys = append(r.keys, join(kind, value))
}

// hashAt returns the word at j, which may be outside of the sentence.
func (r *reader) hashAt(j int) uint64 {
	switch {
	case j < 0:
		return beforeFirst + uint64(-j)
	case j >= len(r.words):
		return afterLast + uint64(j-len(r.words))
	}
	return r.words[j].hash
}

func (r *reader) classAt(j int) uint64 {
	switch {
	case j < 0:
		return classBefore
	case j >= len(r.words):
		return classAfter
	}
	return r.words[j].class
}

func (r *reader) addWords(i int) {
	p3, p2, p1 := r.hashAt(i-3), r.hashAt(i-2), r.hashAt(i-1)
	n1, n2, n3 := r.hashAt(i+1), r.hashAt(i+2), r.hashAt(i+3)
	w := r.words[i].hash
	r.add(wordHere, w)
	r.add(wordPrev, p1)
	r.add(wordNext, n1)
	r.add(wordPrev2, p2)
	r.add(wordNext2, n2)
	r.add(wordPrev3, p3)
	r.add(wordNext3, n3)
	prev, next := join(p2, p1), join(n1, n2)
	r.add(pairPrevHere, join(p1, w))
	r.add(pairHereNext, join(w, n1))
	r.add(pairPrev2Prev, prev)
	r.add(pairNextNext2, next)
	r.add(pairPrevNext, join(p1, n1))
	r.add(triplePrev, join(prev, w))
	r.add(tripleNext, join(w, next))
	r.add(tripleAround, join(join(p1, w), n1))
}

func (r *reader) addLooks(i int) {
	w := &r.words[i]
	for k := range w.prefixes {
		if w.prefixes[k] != 0 {
			r.add(prefixHere, w.prefixes[k]+uint64(k))
		}
		if w.suffixes[k] != 0 {
			r.add(suffixHere, w.suffixes[k]+uint64(k))
		}
	}
	r.add(shapeHere, w.shape)
	if i > 0 {
		r.add(shapePrev, r.words[i-1].shape)
		r.add(suffixPrev, r.words[i-1].suffixes[2])
	}
	if i+1 < len(r.words) {
		r.add(shapeNext, r.words[i+1].shape)
		r.add(suffixNext, r.words[i+1].suffixes[2])
	}
	r.add(fromStart, uint64(min(i, 5)))
	r.add(fromEnd, uint64(min(len(r.words)-i, 5)))
}

func (r *reader) addAnchors(i int) {
	w := &r.words[i]
	left, right := &w.left.word, &w.right.word
	left2, right2 := join(left[0], left[1]), join(right[0], right[1])
	r.add(anchorLeft, join(left[0], w.left.distance))
	r.add(anchorRight, join(right[0], w.right.distance))
	r.add(anchorsLeft, left2)
	r.add(anchorsRight, right2)
	r.add(anchorsAround, join(join(left[0], right[0]), w.anchor))
	r.add(anchorsLeftHere, join(left2, w.anchor))
	r.add(anchorsRightHere, join(right2, w.anchor))
	r.add(anchorsLeft2Right2, join(join(left2, right2), w.anchor))
}

func (r *reader) addClasses(i int) {
	p2, p1, c := r.classAt(i-2), r.classAt(i-1), r.classAt(i)
	n1, n2 := r.classAt(i+1), r.classAt(i+2)
	prev, next := join(p2, p1), join(n1, n2)
	r.add(classHere, c)
	r.add(classPrev, p1)
	r.add(classNext, n1)
	r.add(classPrev2, p2)
	r.add(classNext2, n2)
	r.add(classPrevHere, join(p1, c))
	r.add(classHereNext, join(c, n1))
	r.add(classAround, join(join(p1, c), n1))
	r.add(classesPrev2, prev)
	r.add(classesNext2, next)
	r.add(classesPrev2Here, join(prev, c))
	r.add(classesHereNext2, join(c, next))
}

// addPhrases tells where i stands in phrases of the training text.
func (r *reader) addPhrases(i int) {
	// Matches are in the order of their first words, and none is longer than
	// the longest phrase: those before first are over for good.
	for r.first < len(r.matches) && r.matches[r.first].end < i {
		r.first++
	}
	inside := false
	for _, m := range r.matches[r.first:] {
		if m.start > i+1 {
			break
		}
		slot := uint64(m.slot)
		switch {
		case m.end == i:
			r.add(phraseEnded, slot)
		case m.start == i+1:
			r.add(phraseNext, slot)
		case m.end > i:
			inside = true
			place := slot * 4
			if i == m.start {
				place++
			}
			if i == m.end-1 {
				place += 2
			}
			r.add(phraseHere, place)
			r.add(phraseLength, join(place, uint64(min(m.end-m.start, 4))))
			r.add(phraseAfter, join(place, r.hashAt(m.start-1)))
			r.add(phraseBefore, join(place, r.hashAt(m.end)))
		}
	}
	if !inside {
		r.add(phraseNone, 0)
	}
}

// markVotes is how often the entity at a token counts: what a recogniser says
// of a word is worth more than what the word looks like.
const markVotes = 3

// addMarks tells where i stands in recognised entities.
func (r *reader) addMarks(i int) {
	for k, m := range r.marks {
		kind := r.kinds[k]
		switch {
		case m.Start <= i && i < m.End:
			place := kind
			if i == m.Start {
				place++
			}
			for range markVotes {
				r.add(markHere, place)
			}
			r.add(markAfter, join(place, r.hashAt(m.Start-1)))
		case m.End == i:
			r.add(markEnded, kind)
		case m.Start == i+1:
			r.add(markNext, kind)
		}
	}
}
