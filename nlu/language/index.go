package language

import "unicode/utf8"

// maxKeys is how many letter groups a word has at most: for each of its places
// and the one before it a group of three and one of four letters, and each
// letter with an accent.
const maxKeys = 2*(maxWord+1) + maxWord

// index numbers keys from 0 in the order in which they came: a hash table with
// open addressing.
type index struct {
	slots []slot // a power of two
	n     int    // keys
}

type slot struct {
	key uint32
	id  uint32 // one more than the number; 0 is an empty slot
}

func newIndex(size int) index { return index{slots: make([]slot, size)} }

// find returns the number of a key.
func (x *index) find(key uint32) (int, bool) {
	mask := uint32(len(x.slots) - 1)
	for i := key & mask; ; i = (i + 1) & mask {
		s := x.slots[i]
		if s.id == 0 {
			return 0, false
		}
		if s.key == key {
			return int(s.id - 1), true
		}
	}
}

// put returns the number of a key, which is a new one if it was not there.
func (x *index) put(key uint32) (id int, isNew bool) {
	if id, ok := x.find(key); ok {
		return id, false
	}
	if x.n >= len(x.slots)*2/3 {
		old := x.slots
		x.slots = make([]slot, 2*len(old))
		for _, s := range old {
			if s.id != 0 {
				x.insert(s)
			}
		}
	}
	x.n++
	x.insert(slot{key: key, id: uint32(x.n)})
	return x.n - 1, true
}

func (x *index) insert(s slot) {
	mask := uint32(len(x.slots) - 1)
	i := s.key & mask
	for x.slots[i].id != 0 {
		i = (i + 1) & mask
	}
	x.slots[i] = s
}

// Two different keys that hash alike are taken for one; at 30,000 of four
// billion that is rare enough and costs one entry its precision.
const (
	seedWord   = 0x811C9DC5
	seedGroup  = 0x2545F491
	seedLetter = 0x1B873593
)

func mix(h uint32, r rune) uint32 {
	h = (h ^ uint32(r)) * 0x9E3779B1
	return h ^ h>>15
}

// key is the key of the whole word.
func (w *word) key() uint32 {
	h := uint32(seedWord)
	for _, r := range w.letters[:w.n] {
		h = mix(h, r)
	}
	return h
}

// appendLetters appends the keys of the letters outside of ASCII: every alphabet
// has its own.
func (w *word) appendLetters(keys []uint32) []uint32 {
	for _, r := range w.letters[:w.n] {
		if r >= utf8.RuneSelf {
			keys = append(keys, mix(seedLetter, r))
		}
	}
	return keys
}

// appendGroups appends the keys of the groups of three and four neighbouring
// letters, with a space before and after the word.
func (w *word) appendGroups(keys []uint32) []uint32 {
	at := func(i int) rune {
		if i < 0 || i == w.n {
			return ' '
		}
		return w.letters[i]
	}
	for i := -1; i+2 <= w.n; i++ {
		h := mix(mix(mix(seedGroup, at(i)), at(i+1)), at(i+2))
		keys = append(keys, h)
		if i+3 <= w.n {
			keys = append(keys, mix(h, at(i+3)))
		}
	}
	return keys
}
