package classify

import (
	"unicode"
	"unicode/utf8"
)

// maxRead is how many bytes of a text are looked at. What a person wants is
// said in the first lines; the rest of a long mail only dilutes it.
const maxRead = 2048

// token is one word of a text or one symbol.
type token struct {
	start, end int    // runes of scratch.runes, without the edges
	from, to   int    // bytes of the text
	misspelt   span   // runes of what was written, where start and end are a correction
	hash       uint64 // of its runes
	word       bool   // letters or digits; false for a symbol
}

type span struct{ start, end int }

// edge stands before and after each word in scratch.runes, so that an n-gram
// of letters knows where the word begins and ends.
const edge = ' '

// tokenize cuts text into words and symbols. It folds as it goes: lower case,
// no accents, so that "Cancún", "cancun" and its decomposed form are the same.
// Many write without accents, and the words around tell the meanings apart.
// It allocates nothing once s has grown to its usual size.
func (s *scratch) tokenize(text string) {
	s.tokens, s.runes = s.tokens[:0], append(s.runes[:0], edge)
	open := -1 // where the current word began in s.runes
	from := 0  // where it began in text
	if len(text) > maxRead {
		text = text[:maxRead]
	}
	for i := 0; i < len(text); {
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		class, a, b := foldRune(r)
		switch class {
		case classLetter:
			if open < 0 {
				open, from = len(s.runes), i
			}
			s.runes = append(s.runes, a)
			if b != 0 {
				s.runes = append(s.runes, b)
			}
		case classSkip:
		case classSpace, classSymbol:
			if open >= 0 {
				s.endWord(open, from, i)
				open = -1
			}
			if class == classSymbol {
				at := len(s.runes)
				s.runes = append(s.runes, a)
				s.tokens = append(s.tokens, token{start: at, end: at + 1, from: i, to: i + n, hash: hashRunes(s.runes[at:])})
				s.runes = append(s.runes, edge)
			}
		}
		i += n
	}
	if open >= 0 {
		s.endWord(open, from, len(text))
	}
}

func (s *scratch) endWord(open, from, to int) {
	s.tokens = append(s.tokens, token{start: open, end: len(s.runes), from: from, to: to, hash: hashRunes(s.runes[open:]), word: true})
	s.runes = append(s.runes, edge)
}

type runeClass uint8

const (
	classSpace  runeClass = iota // what ends a word and says nothing
	classLetter                  // part of a word
	classSymbol                  // a word by itself: an emoji, a currency
	classSkip                    // no part of anything: accents, invisible characters
)

// foldRune says what r is and gives the one or two runes that stand for it.
func foldRune(r rune) (class runeClass, a, b rune) {
	switch {
	case r < utf8.RuneSelf:
		return asciiClass(byte(r)), asciiLower(r), 0
	case r < latinEnd:
		return foldLatin(r)
	case r == utf8.RuneError, unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
		return classSkip, 0, 0
	case unicode.IsLetter(r), unicode.IsDigit(r):
		return classLetter, unicode.ToLower(r), 0
	case unicode.IsSymbol(r):
		return classSymbol, r, 0
	}
	return classSpace, 0, 0
}

func asciiLower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

func asciiClass(c byte) runeClass {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return classLetter
	case c == '$', c == '%', c == '+', c == '=', c == '#', c == '@', c == '&':
		return classSymbol
	}
	return classSpace
}

// latinEnd is the end of Latin Extended-A, the letters of the languages of
// Europe that are written in Latin script.
const latinEnd = 0x180

// latinBase has the letter without its accent for U+00C0 to U+017F. A space is
// no letter; ligatures are in foldLatin.
const latinBase = "aaaaaaaceeeeiiii" + "dnooooo ouuuuyts" + "aaaaaaaceeeeiiii" + "dnooooo ouuuuyty" +
	"aaaaaaccccccccdd" + "ddeeeeeeeeeegggg" + "gggghhhhiiiiiiii" + "iiiijjkkklllllll" +
	"lllnnnnnnnnnoooo" + "oooorrrrrrssssss" + "ssttttttuuuuuuuu" + "uuuuwwyyyzzzzzzs"

// foldLatin is foldRune for U+0080 to U+017F.
func foldLatin(r rune) (class runeClass, a, b rune) {
	switch r {
	case 'ß':
		return classLetter, 's', 's'
	case 'æ', 'Æ':
		return classLetter, 'a', 'e'
	case 'œ', 'Œ':
		return classLetter, 'o', 'e'
	case 'ª', 'º', 'µ', '×', '÷', 0xAD:
		if r == 0xAD { // the soft hyphen
			return classSkip, 0, 0
		}
		return classSpace, 0, 0
	}
	if r < 0xC0 {
		if unicode.IsSymbol(r) {
			return classSymbol, r, 0
		}
		return classSpace, 0, 0
	}
	return classLetter, rune(latinBase[r-0xC0]), 0
}
