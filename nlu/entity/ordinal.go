package entity

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// addOrdinal reports a place: 1 for the first, -1 for the last.
func (s *scratch) addOrdinal(start, end, place int) {
	if e := s.add(KindOrdinal, start, end, strconv.Itoa(place)); e != nil {
		e.Number = float64(place)
	}
}

// digitOrdinal reports the ordinal in digits that atom i begins: 1st, 2e, 3.º
// and, in German, "der 3.". It returns how many atoms it takes, or 0.
func (s *scratch) digitOrdinal(i int) int {
	a := &s.atoms[i]
	if a.end-a.start > 6 || i > 0 && int(a.start) > 0 && s.text[a.start-1] == '-' {
		return 0
	}
	place, err := strconv.Atoi(s.text[a.start:a.end])
	if err != nil || place == 0 {
		return 0
	}
	if i+1 < len(s.atoms) {
		b := &s.atoms[i+1]
		dotted := int(b.start) == int(a.end)+1 && s.text[a.end] == '.'
		if b.class == letters && (b.before == glued || dotted) && s.endsNumber(int(b.end)) {
			if w := string(s.word(i + 1)); s.isSuffix(w, place) && (!dotted || w == "º" || w == "ª") {
				s.addOrdinal(int(a.start), int(b.end), place)
				return 2
			}
		}
		if b.class == mark && b.before == glued && s.text[b.start:b.end] == "°" && s.lang == spanish {
			s.addOrdinal(int(a.start), int(b.end), place)
			return 2
		}
	}
	if s.lang.has(germanIndex) && s.germanDot(i) {
		s.addOrdinal(int(a.start), int(a.end)+1, place)
		if s.lang == german || i > 0 && isGermanDeterminer(s.word(i-1)) {
			return 1
		}
	}
	return 0
}

// isSuffix reports whether w makes an ordinal of a number in a language that
// the text may be in.
func (s *scratch) isSuffix(w string, place int) bool {
	switch w {
	case "st", "nd", "rd", "th":
		return s.lang.has(englishIndex)
	case "º", "ª", "o.", "a.":
		return true
	case "er":
		return place == 1 && s.lang.has(frenchIndex) || s.lang.has(spanishIndex)
	case "re", "ere":
		return place == 1 && s.lang.has(frenchIndex)
	case "e", "eme", "ieme", "es", "emes", "nde", "de":
		return s.lang.has(frenchIndex)
	case "o", "a", "ro", "ra", "do", "da", "to", "ta", "mo", "ma", "vo", "va", "no", "na":
		return s.lang == spanish
	}
	return false
}

// germanDot reports whether a dot after atom i makes an ordinal of it, as in
// "der 3. Eintrag": a determiner stands before it, and it is no date.
func (s *scratch) germanDot(i int) bool {
	a := &s.atoms[i]
	if int(a.end) >= len(s.text) || s.text[a.end] != '.' || a.end-a.start > 3 {
		return false
	}
	r, _ := utf8.DecodeRuneInString(s.text[a.end+1:])
	if r != utf8.RuneError && !unicode.IsSpace(r) {
		return false
	}
	return i > 0 && (s.atoms[i].before == spaced) && isGermanDeterminer(s.word(i-1))
}

// isPlace reports whether the ordinal of atoms from to to is a place in a list,
// and no part of a time: "the second", but not "a second" or "last week".
func (s *scratch) isPlace(from, to, place int) bool {
	var before, after []byte
	if from > 0 && s.atoms[from].before == spaced {
		before = s.word(from - 1)
	}
	if to < len(s.atoms) && s.atoms[to].before == spaced {
		after = s.word(to)
	}
	w := s.word(to - 1)
	if to-from == 1 && isSecond(w) && (from > 0 && s.atoms[from-1].class == digits || isBeforeUnit(before) || from > 0 && s.isNumberWord(from-1)) {
		return false
	}
	if isFractionWord(w) && (isBeforeUnit(before) || string(before) == "y" || string(before) == "menos" || from > 0 && to-from == 1 && s.atoms[from-1].class == letters && s.isNumberWord(from-1)) {
		return false
	}
	if string(w) == "first" && string(before) == "at" {
		return false
	}
	if isHeeding(w) && !isGermanDeterminer(before) {
		return false // ich achte auf dich
	}
	if string(w) == "last" && s.isAdverb(from, before) {
		return false
	}
	if place < 0 {
		return !isTimeWord(before) && !isTimeWord(after) && string(before) != "at" && string(before) != "im" && string(before) != "au"
	}
	return true
}

// isAdverb reports whether last at an atom is when, not which: "when was I last
// paid", "I was paid last".
func (s *scratch) isAdverb(i int, before []byte) bool {
	switch string(before) {
	case "i", "you", "he", "she", "it", "we", "they":
		return true
	case "the", "my", "your", "our", "his", "her", "their", "its", "that", "this", "very":
		return false
	}
	return len(before) > 0 && s.endsClause(i)
}

// isHeeding reports whether w is a form of the German achten as well.
func isHeeding(w []byte) bool { return string(w) == "achte" || string(w) == "achten" }

// beforeLast returns how many atoms from i on mean the one before the last,
// "avant-dernier" or "second to last", or 0.
func (s *scratch) beforeLast(i int) int {
	words := 2
	switch string(s.word(i)) {
	case "avant":
		if !s.lang.has(frenchIndex) {
			return 0
		}
	case "second", "next":
		if !s.lang.has(englishIndex) {
			return 0
		}
		if i+2 < len(s.atoms) && string(s.word(i+1)) == "to" {
			words = 3
		}
	default:
		return 0
	}
	last := i + words - 1
	if last >= len(s.atoms) || s.atoms[last].before != spaced && s.atoms[last].before != hyphen || !s.endsWord(last+1) {
		return 0
	}
	switch string(s.word(last)) {
	case "last", "dernier", "derniere", "derniers", "dernieres":
		return words
	}
	return 0
}

// germanOrdinal reads a German ordinal: the number, t or st, and an ending.
func germanOrdinal(_ map[string]numberWord, w []byte) (int, bool) {
	stem := w
	for _, ending := range [...]string{"en", "er", "es", "em", "e"} {
		if n := len(w) - len(ending); n > 2 && string(w[n:]) == ending {
			stem = w[:n]
			break
		}
	}
	if len(stem) == len(w) {
		return 0, false
	}
	switch string(stem) {
	case "erst":
		return 1, true
	case "zweit":
		return 2, true
	case "dritt":
		return 3, true
	case "siebt":
		return 7, true
	case "letzt":
		return -1, true
	case "vorletzt":
		return -2, true
	}
	if len(stem) < 4 || stem[len(stem)-1] != 't' {
		return 0, false
	}
	if string(stem) == "acht" {
		return 8, true
	}
	if n := len(stem); stem[n-2] == 's' {
		if v, ok := germanNumber(stem[:n-2]); ok && v >= 20 {
			return int(v), true
		}
	}
	for _, irregular := range [...]struct {
		end   string
		value int
	}{{"underst", 0}, {"erst", 1}, {"dritt", 3}, {"siebt", 7}, {"acht", 8}} {
		if n := len(stem) - len(irregular.end); n > 6 && string(stem[n:]) == irregular.end && irregular.value > 0 {
			if v, ok := germanNumber(stem[:n]); ok && v >= 100 {
				return int(v) + irregular.value, true
			}
		}
	}
	v, ok := germanNumber(stem[:len(stem)-1])
	return int(v), ok && v > 1 && v%100 < 20 && v%100 != 3 && v%100 != 1 && v < 1e6
}

// frenchOrdinal reads a French ordinal: the last word of the number and ième.
func frenchOrdinal(words map[string]numberWord, w []byte) (int, bool) {
	if n := len(w); n > 0 && w[n-1] == 's' {
		w = w[:n-1]
	}
	const ending = "ieme"
	n := len(w) - len(ending)
	if n < 2 || string(w[n:]) != ending {
		return 0, false
	}
	switch string(w[:n]) {
	case "un":
		return 1, true
	case "cinqu":
		return 5, true
	case "neuv":
		return 9, true
	case "mill":
		return 1000, true
	case "deux", "trois", "six", "sept", "huit", "dix", "vingt", "cent":
		v := words[string(w[:n])]
		return int(v.value), true
	}
	// quatr-, onz-, trent-: the e at the end of the number is gone.
	var buf [24]byte
	if n >= len(buf) {
		return 0, false
	}
	v, ok := words[string(append(append(buf[:0], w[:n]...), 'e'))]
	return int(v.value), ok && v.role == addRole
}
