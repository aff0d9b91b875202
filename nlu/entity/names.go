package entity

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// snapshot is what is known at one moment. Find works with the one that it
// begins with.
type snapshot struct {
	kinds []gazetteer // in the order in which the kinds came
}

// gazetteer is the names of one kind.
type gazetteer struct {
	kind  string
	names *automaton
}

func (s *snapshot) of(kind string) *automaton {
	for i := range s.kinds {
		if s.kinds[i].kind == kind {
			return s.kinds[i].names
		}
	}
	return nil
}

// knownName is a name and when it came, so that the order of names is that in
// which they were given, on every machine.
type knownName struct {
	proper, key string
	serial      int
}

// Set makes names all that is known of a kind. The next Find knows them.
func (r *Recognizer) Set(kind string, names ...string) {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.known[kind] = make(map[string]knownName, len(names))
	r.learn(kind, names)
	r.publish(kind)
}

// Add makes more names of a kind known. Each call rebuilds what finds that
// kind: give many names at once.
func (r *Recognizer) Add(kind string, names ...string) {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.learn(kind, names)
	r.publish(kind)
}

// Remove forgets names of a kind. Case and spaces play no part.
func (r *Recognizer) Remove(kind string, names ...string) {
	r.writing.Lock()
	defer r.writing.Unlock()
	for _, n := range names {
		delete(r.known[kind], nameKey(n))
	}
	r.publish(kind)
}

// Names returns the known names of a kind, sorted.
func (r *Recognizer) Names(kind string) []string {
	r.writing.Lock()
	defer r.writing.Unlock()
	var names []string
	for _, n := range r.known[kind] {
		names = append(names, n.proper)
	}
	slices.Sort(names)
	return names
}

// setAll makes the gazetteers known with which a Recognizer begins.
func (r *Recognizer) setAll(g map[string][]string) {
	for _, kind := range slices.Sorted(maps.Keys(g)) {
		r.Set(kind, g[kind]...)
	}
}

func (r *Recognizer) learn(kind string, names []string) {
	m := r.known[kind]
	if m == nil {
		m = make(map[string]knownName, len(names))
		r.known[kind] = m
	}
	for _, n := range names {
		if key := nameKey(n); key != "" && utf8.ValidString(n) {
			r.serial++
			m[key] = knownName{strings.TrimSpace(n), key, r.serial}
		}
	}
}

// publish builds the automaton of a kind and swaps it in. Readers go on with
// the old one until then.
func (r *Recognizer) publish(kind string) {
	names := slices.SortedFunc(maps.Values(r.known[kind]), func(a, b knownName) int {
		return cmp.Compare(a.serial, b.serial)
	})
	spellings := make([]spelling, len(names))
	for i, n := range names {
		spellings[i] = spelling{n.proper, n.proper, n.key}
	}
	old := r.live.Load()
	next := &snapshot{kinds: slices.Clone(old.kinds)}
	g := gazetteer{kind, build(spellings)}
	if i := slices.IndexFunc(next.kinds, func(g gazetteer) bool { return g.kind == kind }); i >= 0 {
		next.kinds[i] = g
	} else {
		next.kinds = append(next.kinds, g)
	}
	r.live.Store(next)
}

// names reports the names of all gazetteers.
func (r *Recognizer) names(s *scratch) {
	for i := range s.live.kinds {
		g := &s.live.kinds[i]
		s.found = g.names.exact(s, s.found[:0])
		s.found = g.names.tolerant(s, s.found)
		s.report(g)
	}
}

// report adds the matches of one kind that no better one contains.
func (s *scratch) report(g *gazetteer) {
	if len(s.found) == 0 {
		return
	}
	slices.SortFunc(s.found, func(a, b match) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to), cmp.Compare(a.distance, b.distance),
			cmp.Compare(a.name, b.name))
	})
	end := int32(-1)
	for i := 0; i < len(s.found); {
		m := s.found[i]
		same := i + 1
		for same < len(s.found) && s.found[same].from == m.from && s.found[same].to == m.to {
			if o := s.found[same]; o.distance == m.distance && !g.names.sameName(o.name, m.name) {
				m.name = -1 // two names are as near
			}
			same++
		}
		i = same
		if m.to <= end { // inside of one that begins no later
			continue
		}
		if s.reportName(g, m) {
			end = m.to
		}
	}
}

func (a *automaton) sameName(i, j int32) bool {
	return i == j || i >= 0 && j >= 0 && a.names[i].proper == a.names[j].proper
}

// reportName adds one name, unless it is a word of the sentence or part of an
// address.
func (s *scratch) reportName(g *gazetteer, m match) bool {
	start, end := int(s.atoms[m.from].start), int(s.atoms[m.to-1].end)
	if !s.free(int(m.from), int(m.to)) || m.distance > 0 && s.atoms[m.from].owner > 0 {
		return false // an address with a mistake is another address
	}
	start, end, marked := s.widen(g.kind, start, end)
	if m.to-m.from == 1 && s.isOrdinary(int(m.from)) && !marked && !s.named(g.kind, int(m.from)) {
		return false
	}
	text := s.text[start:end]
	if m.name >= 0 {
		text = g.names.names[m.name].proper
	}
	if e := s.add(g.kind, start, end, text); e != nil {
		e.Known, e.Distance = m.name >= 0, int(m.distance)
	}
	return true
}

// widen takes the quotation marks or the @ or # of a name into its span, and
// reports whether there are any.
func (s *scratch) widen(kind string, start, end int) (int, int, bool) {
	if q := s.quoteAround(start, end); q.end > 0 {
		return q.start, q.end, true
	}
	if start > 0 && (s.text[start-1] == '@' && kind == KindPerson || s.text[start-1] == '#' && kind == KindRoom) {
		return start - 1, end, true
	}
	return start, end, false
}

// named reports whether the word before atom i says that a name follows:
// "machine it", "room=the".
func (s *scratch) named(kind string, i int) bool {
	if i > 0 && s.atoms[i-1].class == mark && s.text[s.atoms[i-1].start] == '=' {
		return true
	}
	return i > 0 && s.atoms[i].before == spaced && isKindWord(s.word(i-1), kind)
}
