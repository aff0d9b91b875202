package rules

import (
	"slices"
	"strings"

	"dragoman/nlu"
)

// The bounds of a match.
const (
	maxKnown = 4   // tokens of a gazetteer's name
	maxText  = 512 // tokens of a text slot
	maxUnits = 2   // tokens of a duration: "15 minutes"
)

// rank says how well a reading explains a message. All parts grow step by step,
// so of two ways to the same state the better one stays the better one.
type rank struct {
	explained int32 // tokens that are literals, known names or typed values
	literals  int32 // tokens that are literals
	unknown   int32 // names that no Resolver knows
	free      int32 // tokens that could be anything: 2 for each in a text, 1 for a word
	length    int32 // words and slots of the template
}

// better orders readings: more of the message explained, more literal words,
// fewer unknown names, less that could be anything (so that politeness is not
// taken for a value), then the longer template.
func (r rank) better(s rank) bool {
	switch {
	case r.explained != s.explained:
		return r.explained > s.explained
	case r.literals != s.literals:
		return r.literals > s.literals
	case r.unknown != s.unknown:
		return r.unknown < s.unknown
	case r.free != s.free:
		return r.free < s.free
	}
	return r.length > s.length
}

// thread is a reading of the tokens so far, in the state of its leaf.
type thread struct {
	rank
	leaf    int32
	open    int32 // the token at which the text slot of the leaf began, or none
	capture int32 // the last of its captures, or none
}

// capture is a filled slot. Captures are a linked list, shared by threads that
// began alike.
type capture struct {
	leaf       int32
	start, end int32 // tokens
	before     int32 // the capture before it, or none
	text       string
	known      bool
}

// threads are the readings that stand at one position, at most one for a leaf.
type threads struct {
	list []thread
	at   []int32 // by leaf: 1 + index in list, or 0
}

func (s *threads) clear() {
	for _, t := range s.list {
		s.at[t.leaf] = 0
	}
	s.list = s.list[:0]
}

// add keeps t unless its leaf has a better thread here.
func (s *threads) add(t thread) {
	if i := s.at[t.leaf]; i > 0 {
		if old := &s.list[i-1]; t.better(old.rank) {
			*old = t
		}
		return
	}
	s.list = append(s.list, t)
	s.at[t.leaf] = int32(len(s.list))
}

// resolved remembers what the Resolver said about the names of one kind that
// begin at one position.
type resolved struct {
	position int32 // 1 + the position
	name     [maxKnown]string
	known    [maxKnown]bool
}

// scratch is the memory of one match. A Matcher reuses it.
type scratch struct {
	tokens   []token
	starts   []int32
	ends     []int32
	ahead    [maxKnown + 1]threads // by position, modulo their number
	captures []capture
	names    []resolved // by gazetteer
	chosen   []int32    // the templates that are tried
	marked   []bool     // by template
}

func newScratch(a *automaton) *scratch {
	s := &scratch{
		names:  make([]resolved, len(a.gazetteers)),
		marked: make([]bool, len(a.templates)),
	}
	for i := range s.ahead {
		s.ahead[i].at = make([]int32, len(a.leaves))
	}
	return s
}

// reset makes s ready for the next message. It drops the references to this one.
func (s *scratch) reset() {
	for i := range s.ahead {
		s.ahead[i].clear()
	}
	for _, t := range s.chosen {
		s.marked[t] = false
	}
	clear(s.tokens)
	clear(s.captures)
	clear(s.names)
	s.tokens, s.captures, s.chosen = s.tokens[:0], s.captures[:0], s.chosen[:0]
	s.starts, s.ends = s.starts[:0], s.ends[:0]
}

// match is one run of the automaton over a message.
type match struct {
	*automaton
	*scratch
	resolver nlu.Resolver
	text     string
	lang     string
	best     thread // leaf is none while there is none
}

// choose gathers the templates that can match at all.
func (m *match) choose() {
	m.chosen = append(m.chosen, m.always...)
	for _, t := range m.chosen {
		m.marked[t] = true
	}
	for i := range m.tokens {
		literal := m.tokens[i].literal
		if literal == none || m.tokens[i].quoted {
			continue
		}
		// Literals of politeness are in the lexicon, but key to no template.
		if int(literal) >= len(m.keyed) {
			continue
		}
		for _, t := range m.keyed[literal] {
			if !m.marked[t] {
				m.marked[t] = true
				m.chosen = append(m.chosen, t)
			}
		}
	}
}

// run moves all threads through the message in step and leaves the best whole
// reading in m.best.
func (m *match) run() {
	m.best.leaf = none
	for p := int32(0); p <= int32(len(m.tokens)); p++ {
		here := &m.ahead[int(p)%len(m.ahead)]
		if isIn(m.ends, p) {
			for _, t := range here.list {
				m.accept(t, p)
			}
		}
		if int(p) == len(m.tokens) {
			break
		}
		for _, t := range here.list {
			m.advance(t, p)
		}
		here.clear()
		if isIn(m.starts, p) {
			for _, n := range m.chosen {
				for _, l := range m.templates[n].first {
					m.enter(l, p, thread{leaf: none, open: none, capture: none})
				}
			}
		}
	}
}

func isIn(positions []int32, p int32) bool {
	for _, q := range positions {
		if q == p {
			return true
		}
	}
	return false
}

// accept takes t, which stands before token p, for the result when it is whole
// and better than what was found.
func (m *match) accept(t thread, p int32) {
	l := &m.leaves[t.leaf]
	if !l.accept || t.literals == 0 && t.unknown > 0 {
		return
	}
	if m.best.leaf != none && !m.preferred(t) {
		return
	}
	m.best = m.closed(t, p)
}

// preferred reports whether t is better than the best so far. Where both
// explain the message equally, the language decides, then the command's name,
// then the order in which the templates were given.
func (m *match) preferred(t thread) bool {
	if t.rank != m.best.rank {
		return t.better(m.best.rank)
	}
	n, o := m.leaves[t.leaf].template, m.leaves[m.best.leaf].template
	a, b := &m.templates[n], &m.templates[o]
	if x, y := a.lang == m.lang, b.lang == m.lang; x != y {
		return x
	}
	if a.command != b.command {
		return a.command < b.command
	}
	return n < o
}

// advance moves t, which stands before token p, past that token in every way.
func (m *match) advance(t thread, p int32) {
	l := &m.leaves[t.leaf]
	if l.takes == takesText && p-t.open < maxText {
		longer := t
		longer.free += 2
		m.ahead[int(p+1)%len(m.ahead)].add(longer)
	}
	for _, f := range l.follow {
		m.enter(f, p, t)
	}
}

// closed ends the text slot of t, if it is in one, before token p.
func (m *match) closed(t thread, p int32) thread {
	if t.open != none {
		t = m.captured(t, t.leaf, t.open, p, "", false)
		t.open = none
	}
	return t
}

// captured adds a capture to t.
func (m *match) captured(t thread, leaf, start, end int32, text string, known bool) thread {
	m.captures = append(m.captures, capture{leaf, start, end, t.capture, text, known})
	t.capture = int32(len(m.captures) - 1)
	return t
}

// enter lets leaf l take tokens from p on, after t.
func (m *match) enter(l, p int32, t thread) {
	f := &m.leaves[l]
	if f.takes == takesLiteral && m.tokens[p].literal != f.literal {
		return // by far the most frequent case
	}
	t = m.closed(t, p)
	t.leaf = l
	t.length++
	switch f.takes {
	case takesLiteral:
		t.explained++
		t.literals++
		m.ahead[int(p+1)%len(m.ahead)].add(t)
	case takesText:
		t.free += 2
		t.open = p
		m.ahead[int(p+1)%len(m.ahead)].add(t)
	case takesOne:
		m.enterOne(f, l, p, t)
	case takesKnown:
		m.enterKnown(f, l, p, t)
	}
}

// enterOne takes a word or typed value: one token, all parts of a word that was
// cut at apostrophes, or a number and its unit.
func (m *match) enterOne(f *leaf, l, p int32, t thread) {
	typed := f.kind != nlu.KindWord && f.kind != ""
	try := func(end int32) {
		text, ok := nlu.Canon(f.kind, m.written(p, end))
		if !ok {
			return
		}
		u := t
		if typed {
			u.explained += end - p
		} else {
			u.free++
		}
		m.ahead[int(end)%len(m.ahead)].add(m.captured(u, l, p, end, text, false))
	}
	try(p + 1)
	if end := m.wordEnd(p); end > p+1 {
		try(end)
	} else if f.kind == nlu.KindDuration && p+maxUnits <= int32(len(m.tokens)) && !m.tokens[p].quoted && !m.tokens[p+1].quoted {
		try(p + maxUnits)
	}
}

// enterKnown takes a name of a gazetteer: up to four tokens when they are
// known, else one word.
func (m *match) enterKnown(f *leaf, l, p int32, t thread) {
	r := m.resolve(f.gazetteer, p)
	for i := range int32(maxKnown) {
		if r.known[i] {
			u := t
			u.explained += i + 1
			m.ahead[int(p+i+1)%len(m.ahead)].add(m.captured(u, l, p, p+i+1, r.name[i], true))
		}
	}
	t.unknown++
	if !r.known[0] {
		m.ahead[int(p+1)%len(m.ahead)].add(m.captured(t, l, p, p+1, m.written(p, p+1), false))
	}
	if end := m.wordEnd(p); end > p+1 && !r.known[end-p-1] {
		m.ahead[int(end)%len(m.ahead)].add(m.captured(t, l, p, end, m.written(p, end), false))
	}
}

// resolve asks the Resolver about the names that begin at token p, once.
func (m *match) resolve(gazetteer, p int32) *resolved {
	r := &m.names[gazetteer]
	if r.position == p+1 {
		return r
	}
	*r = resolved{position: p + 1}
	if m.resolver == nil {
		return r
	}
	for i := range int32(maxKnown) {
		if int(p+i) >= len(m.tokens) || m.tokens[p+i].quoted && i > 0 {
			break
		}
		r.name[i], r.known[i] = m.resolver.Resolve(m.gazetteers[gazetteer], m.written(p, p+i+1))
		if m.tokens[p].quoted {
			break
		}
	}
	return r
}

// wordEnd returns the end of the word that begins with token p: more than one
// token where it was cut at apostrophes, but never more than a step can take.
func (m *match) wordEnd(p int32) int32 {
	end := p + 1
	for int(end) < len(m.tokens) && m.tokens[end].glued && end-p < maxKnown {
		end++
	}
	return end
}

// written returns what tokens start to end say: the contents of a quoted run,
// else the text as it stands.
func (m *match) written(start, end int32) string {
	if end == start+1 {
		return m.tokens[start].text
	}
	return m.text[m.tokens[start].start:m.tokens[end-1].end]
}

// values returns the slots of the best reading in the order of the message, in
// the memory of into where that suffices.
func (m *match) values(into nlu.Values) nlu.Values {
	n := 0
	for c := m.best.capture; c != none; c = m.captures[c].before {
		n++
	}
	if n == 0 {
		return nil
	}
	out := slices.Grow(into[:0], n)[:n]
	for c := m.best.capture; c != none; c = m.captures[c].before {
		n--
		x := &m.captures[c]
		l := &m.leaves[x.leaf]
		if l.takes == takesText {
			x.text = m.written(x.start, x.end)
		}
		out[n] = nlu.Value{
			Slot:  l.slot,
			Text:  nlu.Compose(strings.TrimSpace(x.text)),
			Start: int(m.tokens[x.start].start),
			End:   int(m.tokens[x.end-1].end),
			Known: x.known,
		}
	}
	return out
}
