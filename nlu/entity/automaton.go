package entity

import (
	"bytes"
	"slices"
	"strings"

	"dragoman/nlu"
)

// maxAtoms is the longest name in atoms: nobody writes a longer one again. It is
// not found.
const maxAtoms = 16

// automaton finds the names of one kind in a text: Aho and Corasick's machine,
// whose letters are whole atoms. A text of n atoms takes n steps, however many
// names there are, and half a word never matches. It is immutable once built.
type automaton struct {
	symbols map[string]int32 // atom -> symbol, from 1
	words   []string         // symbol -> atom
	next    map[uint64]int32 // state<<32|symbol -> state
	states  []state
	names   []name
	cells   []cell
	typos   neighbourhood
	longest int // bytes of the longest word
}

type state struct {
	fail  int32 // the state of the longest proper suffix
	first int32 // the first cell of the names that end here, or -1
	dict  int32 // the next state on the chain of fail where a name ends, or 0
	depth int32 // atoms from the root
}

// cell is a link in the list of names that have the same atoms.
type cell struct{ name, next int32 }

// name is a known name in one of the ways to write it.
type name struct {
	proper  string
	key     string // nameKey(proper), which settles who is meant among equals
	letters int    // how many letters it has, without digits
	words   int    // how many runs of letters
	digits  bool
}

// spelling is a way to write a name, and its nameKey.
type spelling struct{ proper, written, key string }

// match is a name found in a text.
type match struct {
	from, to  int32 // atoms, to excluded
	name      int32 // -1 when it is unclear which
	distance  int32
	connected bool // two atoms were read as one word
}

// build makes the automaton of names.
func build(spellings []spelling) *automaton {
	a := &automaton{
		symbols: make(map[string]int32, 2*len(spellings)),
		words:   append(make([]string, 0, 2*len(spellings)+1), ""),
		next:    make(map[uint64]int32, 2*len(spellings)),
		states:  append(make([]state, 0, 2*len(spellings)+1), state{first: -1}),
		names:   make([]name, 0, len(spellings)),
		cells:   make([]cell, 0, len(spellings)),
	}
	b := builder{automaton: a, edges: make([]uint64, 0, 2*len(spellings))}
	for _, s := range spellings {
		b.add(s)
	}
	a.link(b.edges)
	a.typos = newNeighbourhood(a.words)
	return a
}

// builder keeps the buffers with which names are cut.
type builder struct {
	*automaton
	atoms []atom
	fold  []byte
	path  []int32
	edges []uint64 // in the order in which they were made
}

// add inserts a name in the ways in which it may be cut.
func (b *builder) add(s spelling) {
	b.atoms, b.fold = cut(b.atoms[:0], b.fold[:0], s.written)
	n := name{proper: s.proper, key: s.key}
	marks := 0
	for _, a := range b.atoms {
		switch a.class {
		case letters:
			n.letters += int(a.to - a.from)
			n.words++
		case digits:
			n.digits = true
		case mark:
			marks++
		}
	}
	if len(b.atoms) == 0 || len(b.atoms) > maxAtoms {
		return
	}
	id := int32(len(b.names))
	b.names = append(b.names, n)
	b.path = b.path[:0]
	for _, a := range b.atoms {
		b.path = append(b.path, b.symbol(b.fold[a.from:a.to]))
	}
	b.insert(id, b.path)
	if marks > 0 && n.words > 0 { // "Lunch, all" without its comma
		b.path = b.path[:0]
		for _, a := range b.atoms {
			if a.class != mark {
				b.path = append(b.path, b.symbol(b.fold[a.from:a.to]))
			}
		}
		b.insert(id, b.path)
	}
	if n.words > 1 {
		b.addConnected(id)
	}
	b.addReplaced(id, s.written)
}

// addConnected inserts the name with two neighbouring words written as one:
// "meetingroom a" for "Meeting room A".
func (b *builder) addConnected(id int32) {
	for i := 1; i < len(b.atoms); i++ {
		if b.atoms[i-1].class != letters || b.atoms[i].class != letters {
			continue
		}
		if b.atoms[i].before == spaced && (b.short(i-1) || b.short(i)) {
			continue // Room A written as one would be one mistake from Room B
		}
		b.path = b.path[:0]
		for j, a := range b.atoms {
			to := a.to
			switch j {
			case i - 1:
				to = b.atoms[i].to // the fold of neighbours is contiguous
			case i:
				continue
			}
			b.path = append(b.path, b.symbol(b.fold[a.from:to]))
		}
		b.insert(id, b.path)
	}
}

// short reports whether atom i is a single letter.
func (b *builder) short(i int) bool { return b.atoms[i].to-b.atoms[i].from < minJoined }

// addReplaced inserts the name with ae, oe and ue for its umlauts, as Germans
// write who have none on the keyboard, and with a word for &.
func (b *builder) addReplaced(id int32, written string) {
	if strings.ContainsAny(written, "äöüÄÖÜ") {
		b.addWritten(id, strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue").Replace(written))
	}
	if strings.Contains(written, "&") {
		for _, and := range [...]string{" and ", " und ", " et ", " y "} {
			b.addWritten(id, strings.ReplaceAll(written, "&", and))
		}
	}
}

// addWritten inserts one more way to write name id.
func (b *builder) addWritten(id int32, written string) {
	b.atoms, b.fold = cut(b.atoms[:0], b.fold[:0], written)
	b.path = b.path[:0]
	for _, a := range b.atoms {
		b.path = append(b.path, b.symbol(b.fold[a.from:a.to]))
	}
	if len(b.path) > 0 && len(b.path) <= maxAtoms {
		b.insert(id, b.path)
	}
}

func (b *builder) symbol(word []byte) int32 {
	if id, ok := b.symbols[string(word)]; ok {
		return id
	}
	id := int32(len(b.words))
	w := string(word)
	b.words = append(b.words, w)
	b.symbols[w] = id
	b.longest = max(b.longest, len(w))
	return id
}

func edge(state, symbol int32) uint64 { return uint64(state)<<32 | uint64(uint32(symbol)) }

// insert makes a path of symbols mean name id.
func (b *builder) insert(id int32, path []int32) {
	at := int32(0)
	for _, sym := range path {
		to, ok := b.next[edge(at, sym)]
		if !ok {
			to = int32(len(b.states))
			b.states = append(b.states, state{first: -1, depth: b.states[at].depth + 1})
			b.next[edge(at, sym)] = to
			b.edges = append(b.edges, edge(at, sym))
		}
		at = to
	}
	first := b.states[at].first
	for c := first; c >= 0; c = b.cells[c].next {
		if b.names[b.cells[c].name].proper == b.names[id].proper {
			return
		}
	}
	b.states[at].first = int32(len(b.cells))
	b.cells = append(b.cells, cell{id, first})
}

// link works out where to go on when the next atom continues no name: breadth
// first, which is by depth, so that shorter suffixes are ready.
func (a *automaton) link(edges []uint64) {
	slices.SortStableFunc(edges, func(x, y uint64) int {
		return int(a.states[x>>32].depth) - int(a.states[y>>32].depth)
	})
	for _, e := range edges {
		from, sym := int32(e>>32), int32(uint32(e))
		to := a.next[e]
		if from == 0 {
			continue
		}
		f := a.step(a.states[from].fail, sym)
		a.states[to].fail = f
		if a.states[f].first >= 0 {
			a.states[to].dict = f
		} else {
			a.states[to].dict = a.states[f].dict
		}
	}
}

// step returns the state after one more atom.
func (a *automaton) step(at, sym int32) int32 {
	for {
		if to, ok := a.next[edge(at, sym)]; ok {
			return to
		}
		if at == 0 {
			return 0
		}
		at = a.states[at].fail
	}
}

// exact appends the matches of names as they are written.
func (a *automaton) exact(s *scratch, out []match) []match {
	at := int32(0)
	for i := range s.atoms {
		if s.atoms[i].before == parted {
			at = 0
		}
		sym, ok := a.symbols[string(s.word(i))]
		if !ok {
			at = 0
			continue
		}
		at = a.step(at, sym)
		for o := at; o != 0; o = a.states[o].dict {
			if st := &a.states[o]; st.first >= 0 {
				out = a.accept(s, out, i+1-int(st.depth), i+1, o, 0, false)
			}
		}
	}
	return out
}

// accept appends a match when atoms from to to are a name of state o that may
// stand there.
func (a *automaton) accept(s *scratch, out []match, from, to int, o int32, distance int, connected bool) []match {
	if !s.bounded(from, to) || len(out) >= 4*MaxEntities {
		return out
	}
	id := a.choose(s, from, to, o)
	if distance > 0 && !a.near(o, distance) {
		return out
	}
	return append(out, match{int32(from), int32(to), id, int32(distance), connected})
}

// choose returns which of the names of state o is meant: the only one, or the
// one that is written just so. It is -1 when that is unclear.
func (a *automaton) choose(s *scratch, from, to int, o int32) int32 {
	c := a.states[o].first
	if a.cells[c].next < 0 {
		return a.cells[c].name
	}
	s.buf = appendNameKey(s.buf[:0], s.text[s.atoms[from].start:s.atoms[to-1].end])
	for ; c >= 0; c = a.cells[c].next {
		if id := a.cells[c].name; string(s.buf) == a.names[id].key {
			return id
		}
	}
	return -1
}

// near reports whether the name of state o is long enough for so many mistakes.
func (a *automaton) near(o int32, distance int) bool {
	n := &a.names[a.cells[a.states[o].first].name]
	switch {
	case n.letters < 4, n.letters < 5 && !n.digits:
		return false
	case n.letters < 9:
		return distance <= 1
	}
	return distance <= 2
}

// bounded reports whether atoms from to to begin and end where a name may: not
// inside of a word, nor joined to one by a hyphen, a dot or the like.
func (s *scratch) bounded(from, to int) bool {
	first := &s.atoms[from]
	if from > 0 {
		before := &s.atoms[from-1]
		switch first.before {
		case glued:
			if before.class != mark {
				return false
			}
		case hyphen, several:
			return false
		case joined:
			if s.text[first.start-1] != '/' {
				return false
			}
		case quote: // l'alpha, but not o'neil
			if n := before.to - before.from; n > 2 && before.class == letters {
				return false
			}
		}
	}
	if to == len(s.atoms) {
		return true
	}
	switch after := &s.atoms[to]; after.before {
	case glued:
		return after.class == mark && s.text[after.start] != '@'
	case hyphen, several:
		return false
	case joined:
		return s.text[after.start-1] == '/'
	}
	return true
}

// nameKey is how names are told apart: Fold with single spaces.
func nameKey(name string) string {
	var buf [64]byte
	return string(appendNameKey(buf[:0], name))
}

func appendNameKey(dst []byte, name string) []byte {
	start := len(dst)
	dst = nlu.AppendFold(dst, name)
	folded := bytes.TrimSpace(dst[start:])
	w := start
	space := false
	for _, c := range folded {
		if c == ' ' || '\t' <= c && c <= '\r' {
			space = true
			continue
		}
		if space {
			dst[w] = ' '
			w++
			space = false
		}
		dst[w] = c
		w++
	}
	return dst[:w]
}
