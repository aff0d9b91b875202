package entity

import (
	"unicode"
	"unicode/utf8"

	"dragoman/nlu"
)

// class says what an atom is made of.
type class uint8

const (
	letters class = iota
	digits        // ASCII digits
	mark          // one punctuation mark or symbol that parts words, such as a comma
)

// gap says what stands before an atom.
type gap uint8

const (
	glued   gap = iota // nothing: the 1 of web1
	spaced             // white space, with or without marks that join
	hyphen             // one hyphen
	quote              // one apostrophe
	joined             // one of . _ / & +
	parted             // the beginning of the text, the end of a sentence
	several            // more than one mark that joins
)

// atom is the smallest part of a name: a run of letters, a run of digits or a
// mark. "web-1", "web 1" and "WEB1" have the same two atoms, so they are the
// same name unless two names differ in just that.
type atom struct {
	start, end int32 // bytes of the text
	from, to   int32 // bytes of scratch.fold
	remainders span  // of scratch.hashes; the end is -1 for none and 0 while unknown
	owner      int32 // 1 + the index in scratch.owned, or 0
	class      class
	before     gap
	ordinary   bool // a word that every sentence has; looked up on first use
	looked     bool
}

// atomize cuts the text into atoms and folds them.
func (s *scratch) atomize() {
	s.atoms, s.fold = cut(s.atoms[:0], s.fold[:0], s.text)
}

// cut appends the atoms of text to atoms and their folded letters to fold.
func cut(atoms []atom, fold []byte, text string) ([]atom, []byte) {
	before := parted
	for i := 0; i < len(text); {
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		switch classify(r) {
		case isLetter, isDigit:
			a := atom{start: int32(i), from: int32(len(fold)), before: before, class: letters}
			if classify(r) == isDigit {
				a.class = digits
			}
			i += run(text[i:], a.class)
			a.end = int32(i)
			fold = appendPlain(fold, text[a.start:a.end])
			a.to = int32(len(fold))
			if a.to > a.from { // not only invisible characters
				atoms = append(atoms, a)
				before = glued
			}
			continue
		case isSpace:
			if before != parted {
				before = spaced
			}
		case isJoiner:
			before = joinGap(before, r)
			if r == '.' && endsSentence(text, i, fold, atoms) {
				before = parted
			}
		case isMark:
			from := int32(len(fold))
			fold = append(fold, text[i:i+n]...)
			atoms = append(atoms, atom{start: int32(i), end: int32(i + n), from: from, to: int32(len(fold)), class: mark, before: before})
			before = glued
		}
		i += n
	}
	return atoms, fold
}

// joinGap returns the gap after the joining mark r.
func joinGap(before gap, r rune) gap {
	switch {
	case before == parted, before == spaced:
		return before
	case before != glued:
		return several
	case r == '-' || isHyphen(r):
		return hyphen
	case r == '\'' || r == '’' || r == 'ʼ':
		return quote
	}
	return joined
}

// endsSentence reports whether the dot at byte i ends a sentence. After a short
// word (Dr., St.) it does not.
func endsSentence(text string, i int, fold []byte, atoms []atom) bool {
	if i+1 < len(text) && text[i+1] != ' ' && text[i+1] != '\n' {
		return false
	}
	if len(atoms) == 0 {
		return true
	}
	last := atoms[len(atoms)-1]
	return last.class != letters || last.to-last.from > 3 || len(fold) == 0
}

type runeClass uint8

const (
	isMark runeClass = iota
	isLetter
	isDigit
	isSpace
	isJoiner
)

// classify sorts runes. Format characters, such as a zero-width space, count as
// letters: folding removes them.
func classify(r rune) runeClass {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		return isLetter
	case '0' <= r && r <= '9':
		return isDigit
	case r == ' ', '\t' <= r && r <= '\r', r == 0x85, r == 0xa0:
		return isSpace
	case r == '-', r == '\'', r == '.', r == '_', r == '/', r == '&', r == '+', r == '’', r == 'ʼ':
		return isJoiner
	case r < utf8.RuneSelf:
		return isMark
	case isHyphen(r):
		return isJoiner
	case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsNumber(r), unicode.Is(unicode.Cf, r):
		return isLetter
	case unicode.IsSpace(r):
		return isSpace
	}
	return isMark
}

func isHyphen(r rune) bool {
	switch r {
	case '-', '\u2010', '\u2011', '\u2012', '\u2013', '\u2212':
		return true
	}
	return false
}

// run returns the length of the run of letters or digits that text begins with.
func run(text string, c class) int {
	want := isLetter
	if c == digits {
		want = isDigit
	}
	i := 0
	for i < len(text) {
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		if classify(r) != want {
			break
		}
		i += n
	}
	return i
}

// appendPlain appends the folded form of s without accents: what a person types
// who has no time or another keyboard.
func appendPlain(dst []byte, s string) []byte {
	start := len(dst)
	dst = nlu.AppendFold(dst, s)
	ascii := true
	for _, c := range dst[start:] {
		ascii = ascii && c < utf8.RuneSelf
	}
	if ascii {
		return dst
	}
	w := start
	for i := start; i < len(dst); {
		r, n := utf8.DecodeRune(dst[i:])
		switch p := plain(r); {
		case p != "":
			w += copy(dst[w:], p)
		case unicode.Is(unicode.Mn, r):
		default:
			w += copy(dst[w:], dst[i:i+n])
		}
		i += n
	}
	return dst[:w]
}

// plain returns the letters without accent that stand for the small letter r,
// none longer in bytes than r, or "".
func plain(r rune) string {
	const from, to = 0xe0, 0x17f
	if r < from || r > to {
		return ""
	}
	switch r {
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ĳ':
		return "ij"
	}
	// From U+00E0 on: each letter without its accent, or a space.
	const table = "aaaaaa ceeeeiiiidnooooo ouuuuy y" +
		"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii  jjkkkllllllllllnnnnnnnnnoooooo  rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
	if c := int(r) - from; c < len(table) && table[c] != ' ' {
		return table[c : c+1]
	}
	return ""
}

// word returns the folded form of atom i, without accents.
func (s *scratch) word(i int) []byte { return s.fold[s.atoms[i].from:s.atoms[i].to] }

// isOrdinary reports whether atom i is a word that every sentence has.
func (s *scratch) isOrdinary(i int) bool {
	a := &s.atoms[i]
	if !a.looked {
		a.looked = true
		a.ordinary = a.class == letters && isFunctionWord(s.word(i))
	}
	return a.ordinary
}
