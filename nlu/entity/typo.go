package entity

import (
	"strings"
	"unicode/utf8"

	"dragoman/nlu"
)

const (
	minTypo   = 4  // letters of the shortest word that may have a mistake
	twoTypos  = 8  // letters of the shortest word that may have two
	maxTypo   = 32 // letters of the longest word that is compared
	prefix    = 7  // letters of a word that the neighbourhood looks at
	maxLooked = 64 // unknown words of a text that are compared with names
	maxNear   = 16 // words that are near one word
	minJoined = 2  // letters of the shortest part of a word that was cut in two
)

// neighbourhood finds the words that differ from a given one by few mistakes.
//
// Two words that are at most k mistakes apart have a common word among what is
// left of each when up to k letters are deleted, and so have their prefixes.
// It holds the hash of each such remainder, in buckets of one array; what it
// finds is then compared in full. (Garbe's symmetric deletion.)
type neighbourhood struct {
	shift   uint
	buckets []int32 // where the bucket of a hash begins in entries, and one more
	entries []remainder
	words   []string
}

type remainder struct {
	hash   uint32
	symbol int32
}

// newNeighbourhood indexes the words that are long enough, and made of letters.
func newNeighbourhood(words []string) neighbourhood {
	n := neighbourhood{words: words}
	var d deletions
	all := make([]remainder, 0, len(words)*len(d.hashes)/2)
	for symbol, w := range words {
		if len(w) < minTypo || w[0] <= '9' {
			continue
		}
		length := utf8.RuneCountInString(w)
		if k := allowed(length); k > 0 && length <= maxTypo {
			for _, h := range d.of(w, k) {
				all = append(all, remainder{h, int32(symbol)})
			}
		}
	}
	n.shift = 32
	for size := 1; size < len(all); size *= 2 {
		n.shift--
	}
	n.buckets = make([]int32, 1<<(32-n.shift)+1)
	for _, r := range all {
		n.buckets[bucket(r.hash, n.shift)+1]++
	}
	for i := 1; i < len(n.buckets); i++ {
		n.buckets[i] += n.buckets[i-1]
	}
	n.entries = make([]remainder, len(all))
	fill := append([]int32(nil), n.buckets...)
	for _, r := range all {
		b := bucket(r.hash, n.shift)
		n.entries[fill[b]] = r
		fill[b]++
	}
	return n
}

func bucket(hash uint32, shift uint) uint32 {
	if shift >= 32 {
		return 0
	}
	return hash >> shift
}

// allowed returns how many mistakes a word of n letters may have.
func allowed(n int) int {
	switch {
	case n < minTypo:
		return 0
	case n < twoTypos:
		return 1
	}
	return 2
}

// deletions lists the hashes of what is left of a word.
type deletions struct {
	runes  [prefix]rune
	hashes [1 + prefix + prefix*(prefix-1)/2]uint32
}

// of returns the hashes of the prefix of w with up to k letters deleted. They
// are good until the next call.
func (d *deletions) of(w string, k int) []uint32 {
	n := 0
	for _, r := range w {
		if n == prefix {
			break
		}
		d.runes[n] = r
		n++
	}
	out := append(d.hashes[:0], d.hash(n, -1, -1))
	for i := 0; i < n; i++ {
		out = append(out, d.hash(n, i, -1))
		if k < 2 {
			continue
		}
		for j := i + 1; j < n; j++ {
			out = append(out, d.hash(n, i, j))
		}
	}
	return out
}

// hash is the hash of the first n letters without those at i and j.
func (d *deletions) hash(n, i, j int) uint32 {
	h := uint32(2166136261) // FNV-1a, and a last mix for the bits on top
	for x, r := range d.runes[:n] {
		if x != i && x != j {
			h = (h ^ uint32(r)) * 16777619
		}
	}
	return h * 2654435769
}

// typo is a word of a name that an atom of the text may stand for.
type typo struct {
	atom     int32
	width    int32 // atoms it takes: 2 for a word that was cut in two
	symbol   int32
	distance int32
	flaws    // what makes it doubtful
}

// flaws are what a name must make up for.
type flaws struct {
	changed bool // a word was not read as it is written
	first   bool // a first letter is wrong
	common  bool // a word that is misspelt is a common word too
}

func (f flaws) and(g flaws) flaws {
	return flaws{true, f.first || g.first, f.common || g.common}
}

// near appends the words that word may be, which is atom i of a text.
func (n *neighbourhood) near(out []typo, i int, word []byte, hashes []uint32) []typo {
	if len(n.entries) == 0 {
		return out
	}
	w := string(word) // short enough to stay on the stack
	begin := len(out)
	for _, h := range hashes {
		b := bucket(h, n.shift)
		for _, e := range n.entries[n.buckets[b]:n.buckets[b+1]] {
			if e.hash != h || contains(out[begin:], e.symbol) || len(out)-begin >= maxNear {
				continue
			}
			other := n.words[e.symbol]
			limit := allowed(utf8.RuneCountInString(other))
			dist := nlu.Distance(w, other, limit)
			if dist == 0 || dist > limit || dist == 2 && strings.HasPrefix(w, other) {
				continue // the last is an ending: interviewed
			}
			out = append(out, typo{int32(i), 1, e.symbol, int32(dist), flaws{first: wrongFirst(w, other)}})
		}
	}
	return out
}

func contains(found []typo, symbol int32) bool {
	for i := range found {
		if found[i].symbol == symbol {
			return true
		}
	}
	return false
}

// wrongFirst reports whether the words begin differently, and not because two
// letters changed places.
func wrongFirst(a, b string) bool {
	return a[0] != b[0] && !(len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0])
}

// tolerant appends the matches of names in which words are misspelt or cut in
// two, if there are such words at all.
func (a *automaton) tolerant(s *scratch, out []match) []match {
	s.typos = s.typos[:0]
	for i := range s.atoms {
		if s.atoms[i].class != letters {
			continue
		}
		w := s.word(i)
		s.joinNext(a, i)
		hashes := s.remainders(i)
		if len(hashes) == 0 {
			continue
		}
		if _, known := a.symbols[string(w)]; known {
			continue
		}
		begin := len(s.typos)
		s.typos = a.typos.near(s.typos, i, w, hashes)
		if len(s.typos) > begin && isCommonWord(w) {
			for t := range s.typos[begin:] {
				s.typos[begin+t].common = true
			}
		}
	}
	if len(s.typos) == 0 {
		return out
	}
	// Each name that has such a word begins at most maxAtoms before it.
	reached := -1
	for t := range s.typos {
		i := int(s.typos[t].atom)
		for from := max(reached+1, i-maxAtoms+1, 0); from <= i; from++ {
			w := walk{a: a, s: s, from: from, steps: 256}
			out = w.on(out, 0, from, 0, flaws{})
		}
		reached = max(reached, i)
	}
	return out
}

// remainders returns the hashes under which words like atom i are found, or
// none where it is not worth while. They are worked out once for all kinds.
func (s *scratch) remainders(i int) []uint32 {
	a := &s.atoms[i]
	if a.remainders.end == 0 {
		a.remainders = span{0, -1}
		w := s.word(i)
		n := utf8.RuneCount(w)
		if n >= minTypo-1 && len(w) <= maxTypo && s.looked < maxLooked && !s.isOrdinary(i) {
			k := 1
			if n >= twoTypos-2 {
				k = 2
			}
			s.looked++
			begin := len(s.hashes)
			s.hashes = append(s.hashes, s.deletions.of(string(w), k)...)
			a.remainders = span{begin, len(s.hashes)}
		}
	}
	if a.remainders.end < 0 {
		return nil
	}
	return s.hashes[a.remainders.start:a.remainders.end]
}

// joinNext notes that atoms i and i+1 are together a word of a name.
func (s *scratch) joinNext(a *automaton, i int) {
	if i+1 >= len(s.atoms) {
		return
	}
	next := &s.atoms[i+1]
	if next.class != letters || next.before != spaced && next.before != hyphen {
		return
	}
	from, to := s.atoms[i].from, next.to
	if int(to-from) > a.longest || next.from-from < minJoined || to-next.from < minJoined {
		return
	}
	if sym, ok := a.symbols[string(s.fold[from:to])]; ok && (next.before == hyphen || s.joinable(i, int(to-from))) {
		s.typos = append(s.typos, typo{atom: int32(i), width: 2, symbol: sym})
	}
}

// joinable reports whether atoms i and i+1 with a space between them may be one
// word of n letters: hardly when they are words that every sentence has.
func (s *scratch) joinable(i, n int) bool {
	first, second := s.isOrdinary(i), s.isOrdinary(i+1)
	return !first && !second || first != second && n >= 6
}

// walk tries the ways to read names from one atom on.
type walk struct {
	a     *automaton
	s     *scratch
	from  int
	steps int // how many more to make: hostile names end here
}

// on goes on from a state at atom i. The cost is the number of mistakes so far.
func (w *walk) on(out []match, at int32, i, cost int, f flaws) []match {
	a, s := w.a, w.s
	if w.steps--; w.steps < 0 {
		return out
	}
	if f.changed && a.states[at].first >= 0 && w.trusts(at, i, f) {
		out = a.accept(s, out, w.from, i, at, cost, true)
	}
	if i >= len(s.atoms) || i > w.from && s.atoms[i].before == parted {
		return out
	}
	if sym, ok := a.symbols[string(s.word(i))]; ok {
		if to, ok := a.next[edge(at, sym)]; ok {
			out = w.on(out, to, i+1, cost, f)
		}
	}
	for t := s.typoAt(i); t < len(s.typos) && int(s.typos[t].atom) == i; t++ {
		y := &s.typos[t]
		if to, ok := a.next[edge(at, y.symbol)]; ok && cost+int(y.distance) <= 2 {
			out = w.on(out, to, i+int(y.width), cost+int(y.distance), f.and(y.flaws))
		}
	}
	return out
}

// trusts reports whether the names of a state make up for the flaws: a mistake
// in a first letter wants a long name, or digits that are right; one in a common
// word wants another word beside it, or digits that are joined to it. The name
// ends before atom i.
func (w *walk) trusts(at int32, i int, f flaws) bool {
	n := &w.a.names[w.a.cells[w.a.states[at].first].name]
	if f.first && !n.digits && n.letters < 7 {
		return false
	}
	if !f.common || n.words > 1 {
		return true
	}
	for j := w.from + 1; j < i; j++ {
		if w.s.atoms[j].before == spaced {
			return false
		}
	}
	return n.digits
}

// typoAt returns the index of the first typo of atom i, by bisection.
func (s *scratch) typoAt(i int) int {
	lo, hi := 0, len(s.typos)
	for lo < hi {
		if m := (lo + hi) / 2; int(s.typos[m].atom) < i {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo
}
