package tagger

import (
	"unicode"
	"unicode/utf8"

	"dragoman/nlu"
)

// word is what the features need to know of one token.
type word struct {
	hash     uint64 // of the folded text
	shape    uint64 // capitals, digits and other characters
	prefixes [5]uint64
	suffixes [5]uint64 // 0 where the word is not longer than that
	class    uint64    // what the word usually is in the training text
	anchor   uint64    // what others can hold on to: a frequent word or an entity; 0 for none
	marked   int       // tokens of the entity here
	left     anchors
	right    anchors
}

// anchors are the two nearest frequent words on one side. A name that was
// never seen stands between words that were: "add ... to my ... playlist".
type anchors struct {
	word     [2]uint64
	distance uint64 // to the first of them, at most 4
}

// Hashes that stand for what is beyond the ends of the sentence.
const (
	beforeFirst = uint64(0x1111)
	afterLast   = uint64(0x2222)
)

// Classes of words that the training text says nothing about; the others begin
// at classKnown.
const (
	classUnseen = iota + 1
	classBefore
	classAfter
	classKnown = 16
)

// match is a run of tokens that filled a slot in some training example.
type match struct{ slot, start, end int }

// reader turns tokens into words and words into features. It's memory that is
// used again and again.
type reader struct {
	fold    []byte
	words   []word
	matches []match
	reach   []int // by slot: where the last match ends
	first   int   // the first match that can still touch the token at hand
	marks   []Mark
	kinds   []uint64 // hashes of the marks' kinds
	label   uint64
	keys    []uint64
	// ownWords and ownPhrases are what the example at hand put into the
	// lexicon; empty outside of training.
	ownWords, ownPhrases []entry
}

// hashWords fills in what can be known without a lexicon.
func (r *reader) hashWords(tokens []string) {
	r.words = r.words[:0]
	for _, t := range tokens {
		r.fold = nlu.AppendFold(r.fold[:0], t)
		w := word{hash: hashBytes(r.fold), shape: shapeOf(t)}
		affixes(&w, r.fold)
		r.words = append(r.words, w)
	}
}

// read prepares the features of a sentence.
func (r *reader) read(m *Model, v *view, tokens []string, marks []Mark) {
	r.hashWords(tokens)
	r.label = v.hash
	for i := range r.words {
		r.lookUp(m, &r.words[i])
	}
	r.readMarks(marks)
	r.findAnchors()
	r.findPhrases(m)
}

// readMarks lets the longest entity at each word say what the word is: all
// machines are one and the same for the words around them.
func (r *reader) readMarks(marks []Mark) {
	r.marks, r.kinds = marks, r.kinds[:0]
	for _, m := range marks {
		kind := hashString(m.Kind)
		r.kinds = append(r.kinds, kind)
		for i := max(m.Start, 0); i < min(m.End, len(r.words)); i++ {
			w := &r.words[i]
			if m.End-m.Start <= w.marked {
				continue
			}
			w.marked = m.End - m.Start
			w.class = join(kind, 1)
			w.anchor = 0
			if i == m.Start {
				w.class, w.anchor = join(kind, 2), kind
			}
		}
	}
}

// lookUp fills in what the training text says of a word.
func (r *reader) lookUp(m *Model, w *word) {
	var total, best, kind uint32
	for _, e := range m.lexicon.words.of(w.hash) {
		n := e.count - withdrawn(r.ownWords, e)
		total += n
		if n > best {
			best, kind = n, e.kind
		}
	}
	if int(total) >= m.anchor {
		w.anchor = w.hash
	}
	w.class = classUnseen
	if total > 0 {
		w.class = classKnown + uint64(kind)*4
		switch {
		case best*10 >= total*9:
			w.class += 2
		case best*2 >= total:
			w.class++
		}
	}
}

// findAnchors fills in the anchors on both sides of every word.
func (r *reader) findAnchors() {
	a := anchors{word: [2]uint64{beforeFirst, beforeFirst}}
	for i := range r.words {
		r.words[i].left = a
		a.step(&r.words[i])
	}
	a = anchors{word: [2]uint64{afterLast, afterLast}}
	for i := len(r.words) - 1; i >= 0; i-- {
		r.words[i].right = a
		a.step(&r.words[i])
	}
}

// step moves past w.
func (a *anchors) step(w *word) {
	if w.anchor != 0 {
		a.word = [2]uint64{w.anchor, a.word[0]}
		a.distance = 1
	} else if a.distance > 0 {
		a.distance = min(a.distance+1, 4)
	}
}

// findPhrases finds the longest phrase of every slot that begins at each word,
// without those that lie inside of another one of their slot.
func (r *reader) findPhrases(m *Model) {
	r.matches, r.first = r.matches[:0], 0
	r.reach = append(r.reach[:0], make([]int, len(m.slots))...)
	for i := range r.words {
		from := len(r.matches)
		run := uint64(0)
		for j := i; j < len(r.words) && j-i < m.lexicon.longest; j++ {
			run = join(run, r.words[j].hash)
			found := m.lexicon.phrases.of(run)
			if len(found) == 0 {
				break
			}
			for _, e := range found {
				if e.kind != prefix && e.count > withdrawn(r.ownPhrases, e) {
					r.addMatch(from, match{int(e.kind), i, j + 1})
				}
			}
		}
		kept := r.matches[:from]
		for _, k := range r.matches[from:] {
			if k.end > r.reach[k.slot] {
				r.reach[k.slot] = k.end
				kept = append(kept, k)
			}
		}
		r.matches = kept
	}
}

// addMatch lets a longer match take the place of a shorter one that begins at
// the same word; those begin at index from.
func (r *reader) addMatch(from int, m match) {
	for k := from; k < len(r.matches); k++ {
		if r.matches[k].slot == m.slot {
			r.matches[k] = m
			return
		}
	}
	r.matches = append(r.matches, m)
}

// affixes fills in the hashes of the first and last one to five characters of
// a folded word, for as many as are fewer than all.
func affixes(w *word, b []byte) {
	h := uint64(fnvOffset)
	for i, n := 0, 0; n < len(w.prefixes); n++ {
		_, k := utf8.DecodeRune(b[i:])
		for _, c := range b[i : i+k] {
			h = (h ^ uint64(c)) * fnvPrime
		}
		if i += k; i >= len(b) {
			break
		}
		w.prefixes[n] = scramble(h)
	}
	h = fnvOffset
	for i, n := len(b), 0; n < len(w.suffixes); n++ {
		_, k := utf8.DecodeLastRune(b[:i])
		for _, c := range b[i-k : i] {
			h = (h ^ uint64(c)) * fnvPrime
		}
		if i -= k; i <= 0 {
			break
		}
		w.suffixes[n] = scramble(h)
	}
}

// shapeOf hashes the kinds of characters of a word, runs of one kind as one:
// "Web1" and "Machine42" have one shape.
func shapeOf(t string) uint64 {
	h := uint64(fnvOffset)
	last := byte(0)
	for _, r := range t {
		c := byte('-')
		switch {
		case 'a' <= r && r <= 'z':
			c = 'x'
		case '0' <= r && r <= '9' || unicode.IsDigit(r):
			c = 'd'
		case unicode.IsUpper(r):
			c = 'X'
		case unicode.IsLetter(r):
			c = 'x'
		}
		if c != last {
			h = (h ^ uint64(c)) * fnvPrime
		}
		last = c
	}
	return scramble(h)
}
