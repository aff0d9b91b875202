package entity

import (
	"slices"
	"strings"

	"dragoman/nlu"
	"dragoman/nlu/when"
)

// times reports dates, times, lengths of time, ranges and recurrences. Of a text
// whose language is unknown it reads the words of every configured language.
func (r *Recognizer) times(s *scratch) {
	now := r.clock.Now()
	if r.location != nil {
		now = now.In(r.location)
	}
	at := when.Reference{Now: now}
	s.times = s.times[:0]
	for i, tag := range languageTags {
		if s.lang.has(i) {
			first := len(s.times)
			s.times = when.Find(s.times, s.text, tag, at)
			s.merge(first)
		}
	}
	for i := range s.times {
		x := &s.times[i]
		if !s.outside(x.Start, x.End) {
			continue
		}
		s.buf = x.Append(s.buf[:0])
		text := s.text[x.Start:x.End]
		if text != string(s.buf) {
			text = string(s.buf)
		}
		if x.Kind != when.Duration && x.Kind != when.Recurrence {
			s.dropDecimals(x.Start, x.End)
		}
		if e := s.add(x.Kind.String(), x.Start, x.End, text); e != nil {
			e.When = *x
			e.Known = !x.Ambiguous
		}
	}
}

var languageTags = [...]string{englishIndex: "en", germanIndex: "de", frenchIndex: "fr", spanishIndex: "es"}

// merge keeps, of the expressions from first on, which are those of one more
// language, those that add something to the ones before. Where two languages
// read the same words differently, such as 5.12., both readings are kept in one.
func (s *scratch) merge(first int) {
	if first == 0 {
		return
	}
	keep := s.times[:first]
	for _, x := range s.times[first:] {
		place := 0
		for place < first && s.times[place].End <= x.Start {
			place++
		}
		switch old := &s.times[place]; {
		case place == first || old.Start >= x.End:
			keep = append(keep, x)
		case x.End-x.Start > old.End-old.Start:
			*old = x
		case old.Start == x.Start && old.End == x.End && old.Kind == x.Kind && old.From != x.From && !old.Ambiguous:
			old.Ambiguous, old.Other, old.OtherTo = true, x.From, x.To
		}
	}
	s.times = keep
}

// dropDecimals takes back the numbers with decimals that were read in a date or
// a time: the 18.30 of "18.30 Uhr" is no number.
func (s *scratch) dropDecimals(start, end int) {
	found := s.out[s.first:]
	kept := slices.DeleteFunc(found, func(e Entity) bool {
		return e.Kind == nlu.KindNumber && start <= e.Start && e.End <= end && e.Unit == "" &&
			strings.ContainsAny(s.text[e.Start:e.End], ".,")
	})
	s.out = s.out[:s.first+len(kept)]
}

// outside reports whether the text from start to end has no part of an address
// or a telephone number.
func (s *scratch) outside(start, end int) bool {
	for i := s.atomAt(start); i < len(s.atoms) && int(s.atoms[i].start) < end; i++ {
		if s.atoms[i].owner > 0 {
			return false
		}
	}
	return true
}
