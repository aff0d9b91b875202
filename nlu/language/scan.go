package language

import (
	"unicode"
	"unicode/utf8"

	"dragoman/nlu"
)

const (
	// maxScan is how many bytes of a text are looked at. The language of a
	// long mail is clear from its beginning.
	maxScan = 2048
	// maxWord is how many letters of a word count.
	maxWord = 24
)

// word is one word of a text in small letters.
type word struct {
	letters [maxWord]rune
	n       int
	capital bool // it begins with a capital and goes on small: perhaps a name
}

func (w *word) add(r rune) {
	if w.n < maxWord {
		w.letters[w.n] = r
		w.n++
	}
}

// scanner walks through the words of a text that say something about its
// language. What looks like a name, an address or a number is passed over: a
// run without space that holds a digit or a sign of an address.
type scanner struct {
	text  string
	skip  []nlu.Span
	pos   int // the next byte
	end   int // where the current run ends
	split int // where the word after an apostrophe begins, or 0
}

// begin returns as much of a message as is looked at, in whole characters.
func begin(text string) string {
	if len(text) <= maxScan {
		return text
	}
	cut := maxScan
	for cut > maxScan-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}

// next puts the next word into w and reports whether there is one.
func (s *scanner) next(w *word) bool {
	for {
		if s.pos >= s.end && !s.nextRun() {
			return false
		}
		if s.readWord(w) {
			return true
		}
	}
}

// nextRun finds the next run between white space that is not passed over.
func (s *scanner) nextRun() bool {
	for i := s.pos; i < len(s.text); {
		r, n := utf8.DecodeRuneInString(s.text[i:])
		if unicode.IsSpace(r) {
			i += n
			continue
		}
		end, plain := runEnd(s.text, i)
		if plain && !s.skipped(i, end) {
			s.pos, s.end = i, end
			return true
		}
		i = end
	}
	s.pos, s.end = len(s.text), len(s.text)
	return false
}

// runEnd returns where the run that begins at start ends and whether it is
// made of words.
func runEnd(text string, start int) (end int, plain bool) {
	plain = true
	dot := false // the last was a dot: a letter after it makes a host name
	for i := start; i < len(text); {
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		switch {
		case unicode.IsSpace(r):
			return i, plain
		case r == '@' || r == '/' || r == '_' || r == '\\' || r == '=', unicode.IsDigit(r), dot && unicode.IsLetter(r):
			plain = false
		}
		dot = r == '.' && i > start
		i += n
	}
	return len(text), plain
}

// skipped reports whether the caller gave a span that touches these bytes.
func (s *scanner) skipped(start, end int) bool {
	for _, x := range s.skip {
		if x.Start < end && start < x.End {
			return true
		}
	}
	return false
}

// readWord reads one word of the current run; false means that no letter is
// left in it.
func (s *scanner) readWord(w *word) bool {
	*w = word{}
	if s.split > 0 { // the right side of "geht's" begins with its apostrophe
		s.pos, s.split = s.split, 0
		w.add('\'')
	}
	for s.pos < s.end {
		r, n := rune(s.text[s.pos]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s.text[s.pos:])
		}
		switch {
		case 'a' <= r && r <= 'z':
			w.add(r)
		case unicode.IsLetter(r):
			w.letter(r)
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
			// A loose accent: the word is known without it as well.
		case isApostrophe(r) && w.n > 0 && s.apostrophe(w, n):
			return true
		case w.n > 0 && w.letters[0] != '\'' || w.n > 1:
			s.pos += n
			return true
		default:
			*w = word{}
		}
		s.pos += n
	}
	return w.n > 0
}

// letter adds a letter that is not a small one of ASCII.
func (w *word) letter(r rune) {
	if unicode.IsUpper(r) {
		w.capital = w.n == 0
	}
	if r == 'ß' || r == 'ẞ' {
		w.add('s')
		w.add('s')
		return
	}
	w.add(unicode.ToLower(r))
}

// apostrophe reports whether a word ends at an apostrophe of n bytes. A short
// ending keeps the apostrophe ("what" "'s"), otherwise the beginning does
// ("l'" "état").
func (s *scanner) apostrophe(w *word, n int) bool {
	after := s.pos + n
	letters := 0
	for i := after; i < s.end; {
		r, m := utf8.DecodeRuneInString(s.text[i:])
		if !unicode.IsLetter(r) {
			break
		}
		letters++
		i += m
	}
	switch {
	case letters == 0:
		return false
	case letters <= 2:
		s.split = after
	default:
		w.add('\'')
	}
	s.pos = after
	return true
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', 'ʼ', '`', '´':
		return true
	}
	return false
}
