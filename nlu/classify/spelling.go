package classify

import (
	"cmp"
	"slices"
	"unicode"
)

// minSpelt is how many letters a word has at least that may be a misspelling.
// Shorter ones are like too many others.
const minSpelt = 4

// maxSpelt is how many letters it has at most; longer ones are no words.
const maxSpelt = 40

// spelling knows the words of the examples and finds the one that a misspelt
// word was meant to be: one letter is missing, too much or wrong, or two have
// changed places. It looks at no pair of words. All of these mistakes leave two
// words equal once the right letter of each is taken out, so it keeps the hash of
// every known word without each of its letters.
type spelling struct {
	words [][]rune // the most frequent first
	slots []spellingSlot
}

type spellingSlot struct {
	hash uint64
	word int32 // its number plus 1; 0 is an empty slot
	out  int32 // which letter was taken out, or whole
}

const whole = -1

// newSpelling makes a spelling of words, the most frequent first.
func newSpelling(words [][]rune) *spelling {
	n := 0
	for _, w := range words {
		n += len(w) + 1
	}
	size := 64
	for size < 2*n {
		size *= 2
	}
	p := &spelling{words: words, slots: make([]spellingSlot, size)}
	for i, w := range words {
		p.put(spellingSlot{hashRunes(w), int32(i + 1), whole})
	}
	for i, w := range words {
		if len(w) < minSpelt || len(w) > maxSpelt {
			continue
		}
		for out := range w {
			p.put(spellingSlot{hashWithout(w, out), int32(i + 1), int32(out)})
		}
	}
	return p
}

// put adds a slot unless its hash is there: a more frequent word was first.
func (p *spelling) put(s spellingSlot) {
	if at := p.find(s.hash); at.word == 0 {
		*at = s
	}
}

// find returns the slot of a hash, or the empty one where it would be.
func (p *spelling) find(h uint64) *spellingSlot {
	mask := uint64(len(p.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		if s := &p.slots[i]; s.word == 0 || s.hash == h {
			return s
		}
	}
}

func hashWithout(word []rune, out int) uint64 {
	h := uint64(hashSeed)
	for i, r := range word {
		if i != out {
			h = step(h, uint64(r))
		}
	}
	return mix(h)
}

// meant returns the known word that an unknown one, of that hash, was meant to
// be: the most frequent of several. It returns nil when the word is known, when
// nothing is like it, and when it has a digit: web7 is not web1.
func (p *spelling) meant(word []rune, hash uint64) []rune {
	if len(word) < minSpelt || len(word) > maxSpelt {
		return nil
	}
	s := p.find(hash)
	if s.word != 0 && s.out == whole {
		return nil
	}
	best := s.word // with a letter missing
	for i, r := range word {
		if unicode.IsDigit(r) {
			return nil
		}
		s := p.find(hashWithout(word, i))
		if s.word == 0 || best != 0 && s.word >= best {
			continue
		}
		if s.out == whole || -1 <= int(s.out)-i && int(s.out)-i <= 1 {
			best = s.word
		}
	}
	if best == 0 {
		return nil
	}
	return p.words[best-1]
}

// correct puts known words in the place of those that are most probably
// misspelt. It reports whether there are any.
func (s *scratch) correct(p *spelling) (any bool) {
	for i := range s.tokens {
		t := &s.tokens[i]
		if !t.word {
			continue
		}
		if w := p.meant(s.runes[t.start:t.end], t.hash); w != nil {
			t.misspelt = span{t.start, t.end}
			t.start = len(s.runes)
			s.runes = append(append(s.runes, w...), edge)
			t.end, t.hash = len(s.runes)-1, hashRunes(w)
			any = true
		}
	}
	return any
}

// wordList gathers the words of texts.
type wordList struct {
	number map[uint64]int
	words  []countedWord
}

type countedWord struct {
	runes []rune
	count int
}

func (l *wordList) add(s *scratch) {
	for i := range s.tokens {
		t := &s.tokens[i]
		if !t.word {
			continue
		}
		n, ok := l.number[t.hash]
		if !ok {
			n = len(l.words)
			l.number[t.hash] = n
			l.words = append(l.words, countedWord{runes: slices.Clone(s.runes[t.start:t.end])})
		}
		l.words[n].count++
	}
}

// byFrequency returns the words, the most frequent first.
func (l *wordList) byFrequency() [][]rune {
	slices.SortStableFunc(l.words, func(a, b countedWord) int { return cmp.Compare(b.count, a.count) })
	out := make([][]rune, len(l.words))
	for i := range l.words {
		out[i] = l.words[i].runes
	}
	return out
}
