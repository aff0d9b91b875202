package tagger

import (
	"math"
	"slices"

	"dragoman/nlu"
)

// Slot is a part of a text that fills a slot, as the model sees it.
type Slot struct {
	nlu.Span
	// P is the share of slots that are right, with name and both ends, among
	// those of which the model is as sure: near 1 for what is like the training
	// text, below 1/2 for a toss-up.
	P float64
}

// scratch is the memory of one call.
type scratch struct {
	reader  reader
	lattice lattice
	words   []string
	path    []int
	rivals  []int32
	column  []int32
}

// A scratch for more tokens or scores than this isn't used again; one huge text
// shall not cost memory for ever.
const (
	keepTokens = 1 << 10
	keepScores = 1 << 16
)

func (m *Model) takeScratch() *scratch {
	if s, ok := m.memory.Get().(*scratch); ok {
		return s
	}
	return new(scratch)
}

func (m *Model) giveBack(s *scratch) {
	if cap(s.reader.words) > keepTokens || cap(s.lattice.scores) > keepScores {
		return
	}
	s.reader.marks = nil // the text belongs to the caller
	clear(s.words[:cap(s.words)])
	m.memory.Put(s)
}

// score fills the lattice with the scores of all tags and runs it.
func (s *scratch) score(m *Model, v *view, tokens []string, marks []Mark) {
	k := len(v.tags)
	s.reader.read(m, v, tokens, marks)
	s.lattice.reset(len(tokens), k)
	for i := range tokens {
		sums := s.lattice.scores[i*k : i*k+k]
		for _, key := range s.reader.features(i) {
			m.score(v, key, sums)
		}
	}
	s.lattice.run(v)
}

// In decode, a slot that may be filled only once is tried at this many places,
// and in texts of this many tokens: what a person asks is not longer, and the
// time for what is longer stays in proportion to its length.
const (
	maxPlaces   = 4
	maxDecisive = 256
)

// decode finds the best path in which no slot is filled twice that should not
// be. It returns by how much this path wins over one with the slot elsewhere.
func (s *scratch) decode(v *view) int32 {
	lowest := int64(-never)
	s.path = s.lattice.best(s.path[:0], v)
	if len(s.path) > maxDecisive {
		return int32(lowest)
	}
	for range len(v.many) {
		b := s.repeated(v)
		if b == 0 {
			break
		}
		s.column = s.lattice.column(s.column[:0], len(v.tags), b)
		places, at, best, second := 0, -1, int64(math.MinInt64), int64(math.MinInt64)
		for i, tag := range s.path {
			if tag != b || places == maxPlaces {
				continue
			}
			places++
			total := s.lattice.beginOnlyAt(v, b, i, s.column)
			if total > best {
				at, best, second = i, total, best
			} else {
				second = max(second, total)
			}
		}
		if places > 1 {
			lowest = min(lowest, best-second)
		}
		s.lattice.beginOnlyAt(v, b, at, s.column)
		s.path = s.lattice.best(s.path[:0], v)
	}
	return int32(lowest)
}

// repeated returns B of a slot that the path fills more than once and should
// not, or 0.
func (s *scratch) repeated(v *view) int {
	for i, tag := range s.path {
		if tag == outside || isInside(tag) || v.many[slotOf(tag)] {
			continue
		}
		if slices.Contains(s.path[i+1:], tag) {
			return tag
		}
	}
	return 0
}

// Tag appends to dst the number of the tag of each token; Name has the names.
// The tags are among those that the label was seen with in training, or among
// all where the label is unknown. They are always a legal BIO sequence: I-X
// follows only B-X and I-X. Marks outside of the text do nothing. Tag allocates
// nothing where dst has room.
func (m *Model) Tag(dst []int, tokens []string, label string, marks ...Mark) []int {
	if len(m.views) == 0 {
		for range tokens {
			dst = append(dst, outside)
		}
		return dst
	}
	v := m.viewOf(label)
	s := m.takeScratch()
	s.score(m, v, tokens, marks)
	s.decode(v)
	for _, tag := range s.path {
		dst = append(dst, v.tags[tag])
	}
	m.giveBack(s)
	return dst
}

// Name returns the name of a tag: O, B-slot or I-slot.
func (m *Model) Name(tag int) string {
	if tag > 0 && tag < len(m.names) {
		return m.names[tag]
	}
	return "O"
}

// Find appends to dst the slots of a text whose tokens Tokenize gave, in their
// order, and returns them with how sure the model is of the whole reading, from
// 0 to 1. To weigh one label against another, multiply it with the probability
// of the label. Find allocates nothing where dst has room.
func (m *Model) Find(dst []Slot, text string, tokens []Token, label string, marks ...Mark) ([]Slot, float64) {
	if len(m.views) == 0 || len(tokens) == 0 {
		return dst, 1
	}
	v := m.viewOf(label)
	s := m.takeScratch()
	s.words = Words(s.words[:0], text, tokens)
	s.score(m, v, s.words, marks)
	lowest := s.decode(v)
	s.lattice.back(v)
	s.rivals = s.lattice.rivals(s.rivals[:0], s.path, v)
	for i := 0; i < len(s.path); {
		end := i + 1
		margin := s.rivals[i]
		if s.path[i] != outside {
			for end < len(s.path) && s.path[end] == s.path[i]+1 {
				margin = min(margin, s.rivals[end])
				end++
			}
			if end < len(s.path) { // it might have been longer
				margin = min(margin, s.lattice.against(end, s.path[end], s.path[i]+1, len(v.tags)))
			}
			span := nlu.Span{Slot: m.slots[slotOf(v.tags[s.path[i]])], Start: tokens[i].Start, End: tokens[end-1].End}
			dst = append(dst, Slot{span, m.sureness(margin)})
		}
		lowest = min(lowest, margin)
		i = end
	}
	m.giveBack(s)
	return dst, m.sureness(lowest)
}

// sureness turns a margin into the share of slots that are right at such a
// margin, measured in those of the training text. The two numbers were fitted
// by cross-validation; they hardly differ between 300 examples and 13,000.
func (m *Model) sureness(margin int32) float64 {
	return 1 / (1 + math.Exp(0.5-4*float64(margin)/float64(max(m.unit, 1))))
}
