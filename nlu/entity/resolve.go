package entity

import (
	"strconv"
	"strings"

	"dragoman/nlu"
)

// Knows implements nlu.Resolver: it reports whether names of that kind were
// given at all. Where they were not, any name may be right.
func (r *Recognizer) Knows(kind string) bool { return r.live.Load().of(kind) != nil }

// Resolve implements nlu.Resolver. For names it returns the proper spelling and
// whether the name is known; it tolerates no typing mistakes. For the typed
// kinds it returns the canonical form, and true where the whole of text is a
// value of that kind. The canonical form resolves to itself.
func (r *Recognizer) Resolve(kind, text string) (string, bool) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxResolved {
		return "", false
	}
	s := r.scratch.Get().(*scratch)
	s.start(text, r.languages, r.live.Load())
	proper, ok := r.resolveName(s, kind, text)
	switch {
	case ok:
	case kind == KindLanguage:
		proper, ok = s.wholeCode()
	case kind == KindOrdinal:
		proper, ok = place(text)
	}
	s.drop()
	r.scratch.Put(s)
	if ok || !hasForm(kind) {
		return proper, ok
	}
	return r.resolveTyped(kind, text)
}

// hasForm reports whether values of a kind have a form of their own, so that
// they need not be known.
func hasForm(kind string) bool {
	switch kind {
	case KindPerson, KindRoom, KindOrdinal, KindPhone, KindEmail, KindURL, KindHost, KindLanguage, KindQuoted,
		KindDate, KindTime, KindDateTime, KindRange, KindRecurrence, nlu.KindNumber, nlu.KindBool, nlu.KindDuration:
		return true
	}
	return false
}

// place returns the place in a list that a whole number names.
func place(text string) (string, bool) {
	n, err := strconv.Atoi(text)
	if err != nil || n == 0 || n < -maxPlace || n > maxPlace {
		return "", false
	}
	return strconv.Itoa(n), true
}

// maxPlace is the last place of a list that is understood.
const maxPlace = 999_999

// maxResolved is the longest text in bytes that Resolve looks at.
const maxResolved = 2 * maxURL

// resolveTyped returns the value that Find reads in all of text, in the first
// configured language in which it is one.
func (r *Recognizer) resolveTyped(kind, text string) (string, bool) {
	canonical, known := "", false
	var buf [8]Entity
	for i, tag := range languageTags {
		if !r.languages.has(i) {
			continue
		}
		for _, e := range r.Find(buf[:0], text, tag) {
			if e.Kind == kind && e.Start == 0 && e.End == len(text) && (canonical == "" || e.Known && !known) {
				canonical, known = e.Text, e.Known
			}
		}
	}
	return canonical, known
}

// resolveName returns the name of a kind that text is the whole of.
func (r *Recognizer) resolveName(s *scratch, kind, text string) (string, bool) {
	a := s.live.of(kind)
	if a == nil {
		return "", false
	}
	var atoms [maxAtoms + 1]atom
	var fold [128]byte
	list, folded := cut(atoms[:0], fold[:0], text)
	if len(list) == 0 || len(list) > maxAtoms {
		return "", false
	}
	at := int32(0)
	for _, x := range list {
		sym, ok := a.symbols[string(folded[x.from:x.to])]
		if !ok {
			return "", false
		}
		if at, ok = a.next[edge(at, sym)]; !ok {
			return "", false
		}
	}
	c := a.states[at].first
	if c < 0 {
		return "", false
	}
	only := a.cells[c].next < 0
	s.buf = appendNameKey(s.buf[:0], text)
	for ; c >= 0; c = a.cells[c].next {
		if n := &a.names[a.cells[c].name]; only || string(s.buf) == n.key {
			return n.proper, true
		}
	}
	return "", false
}
