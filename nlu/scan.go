package nlu

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Word is one word of a message as a person wrote it, or one quoted run.
type Word struct {
	Start, End int // bytes of the text, quotes included
	// Text is what was meant: quotes and escapes removed, in NFC.
	Text string
	// Quoted is true for "...", '...', “...”, „...“, «...» and their like, and
	// for key="...".
	Quoted bool
	// Key is what stands before = when a quoted value follows: the --name of
	// --name="web 1". It is empty otherwise.
	Key string
	// Open is the quotation mark that opens this word and is never closed. The
	// word then ends at the next space and Text keeps the mark.
	Open rune
}

// Scanner cuts a text into words. Its time is linear in the text: what looks
// for a closing quote in vain is looked for once.
//
// A quote opens a quoted run at the start of a word or after key=. It closes at
// the first closing quote of its kind; a ' closes only where no letter or digit
// follows, so that 'it's fine' is one run. In a quoted run a backslash makes
// the next quote or backslash literal; in a plain word it does so for a space
// as well. Every other backslash stands for itself.
type Scanner struct {
	text   string
	pos    int
	failed uint8 // bit set of quote styles that are not closed in what remains
}

// NewScanner returns a Scanner of text that begins at byte pos.
func NewScanner(text string, pos int) Scanner { return Scanner{text: text, pos: pos} }

// Pos returns the byte at which the next word is looked for.
func (s *Scanner) Pos() int { return s.pos }

// quoteStyle is one way to quote: the bit in Scanner.failed and two closers.
type quoteStyle struct {
	bit  uint8
	a, b rune
}

// styleOf returns how r quotes. Both the German and the English reading of “
// close, because phones mix them.
func styleOf(r rune) (quoteStyle, bool) {
	switch r {
	case '"':
		return quoteStyle{1 << 0, '"', '"'}, true
	case '\'':
		return quoteStyle{1 << 1, '\'', '’'}, true
	case '“', '”', '„':
		return quoteStyle{1 << 2, '”', '“'}, true
	case '«':
		return quoteStyle{1 << 3, '»', '»'}, true
	case '»':
		return quoteStyle{1 << 4, '«', '»'}, true
	case '‘', '‚':
		return quoteStyle{1 << 5, '’', '‘'}, true
	case '‹':
		return quoteStyle{1 << 6, '›', '›'}, true
	}
	return quoteStyle{}, false
}

// SkipSpace moves to the start of the next word and reports whether there is one.
func (s *Scanner) SkipSpace() bool {
	for s.pos < len(s.text) {
		r, n := decode(s.text, s.pos)
		if !unicode.IsSpace(r) {
			return true
		}
		s.pos += n
	}
	return false
}

// Next returns the next word, or false at the end of the text.
func (s *Scanner) Next() (Word, bool) {
	if !s.SkipSpace() {
		return Word{}, false
	}
	w := Word{Start: s.pos}
	first, n := decode(s.text, s.pos)
	if text, ok := s.quoted(first, n); ok {
		w.Text, w.Quoted, w.End = text, true, s.pos
		return w, true
	}
	if _, isQuote := styleOf(first); isQuote {
		w.Open = first
	}
	s.plain(&w)
	return w, true
}

// quoted reads the quoted run that r, of n bytes, opens here. When r opens
// none, it reports false and has not moved.
func (s *Scanner) quoted(r rune, n int) (string, bool) {
	style, ok := styleOf(r)
	if !ok || s.failed&style.bit != 0 {
		return "", false
	}
	begin := s.pos + n
	escaped := false
	for i := begin; i < len(s.text); {
		c, m := decode(s.text, i)
		switch {
		case c == '\\' && s.escapes(i+m, style):
			escaped = true
			_, k := decode(s.text, i+m)
			m += k
		case (c == style.a || c == style.b) && s.closes(c, i+m):
			s.pos = i + m
			if escaped {
				return Compose(unescape(s.text[begin:i], style)), true
			}
			return Compose(s.text[begin:i]), true
		}
		i += m
	}
	s.failed |= style.bit
	return "", false
}

// escapes reports whether what stands at byte i may be escaped in a run of style.
func (s *Scanner) escapes(i int, style quoteStyle) bool {
	if i >= len(s.text) {
		return false
	}
	r, _ := decode(s.text, i)
	return isEscaped(r, style)
}

func isEscaped(r rune, style quoteStyle) bool {
	if r == '\\' || r == style.a || r == style.b {
		return true
	}
	other, ok := styleOf(r)
	return ok && other.bit == style.bit
}

// closes reports whether the closing quote c, with byte i after it, ends the run.
func (s *Scanner) closes(c rune, i int) bool {
	if c != '\'' && c != '’' {
		return true
	}
	if i >= len(s.text) {
		return true
	}
	r, _ := decode(s.text, i)
	return !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

func unescape(s string, style quoteStyle) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, n := decode(s, i)
		if r == '\\' && i+n < len(s) {
			if next, m := decode(s, i+n); isEscaped(next, style) {
				b.WriteString(s[i+n : i+n+m])
				i += n + m
				continue
			}
		}
		b.WriteString(s[i : i+n])
		i += n
	}
	return b.String()
}

// plain reads a word without quotes, or key="quoted".
func (s *Scanner) plain(w *Word) {
	escaped := false
	for s.pos < len(s.text) {
		r, n := decode(s.text, s.pos)
		if unicode.IsSpace(r) {
			break
		}
		if r == '\\' && s.pos+n < len(s.text) {
			if next, m := decode(s.text, s.pos+n); isPlainEscaped(next) {
				escaped = true
				s.pos += n + m
				continue
			}
		}
		s.pos += n
		if r == '=' && !escaped && w.Open == 0 && s.pos-n > w.Start {
			key := s.text[w.Start : s.pos-n]
			if q, m := decode(s.text, s.pos); m > 0 {
				if text, ok := s.quoted(q, m); ok {
					w.Key, w.Text, w.Quoted, w.End = key, text, true, s.pos
					return
				}
			}
		}
	}
	w.End = s.pos
	w.Text = s.text[w.Start:w.End]
	if escaped {
		w.Text = unescapePlain(w.Text)
	}
	w.Text = Compose(w.Text)
}

func isPlainEscaped(r rune) bool {
	_, quote := styleOf(r)
	return quote || r == '\\' || unicode.IsSpace(r)
}

func unescapePlain(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, n := decode(s, i)
		if r == '\\' && i+n < len(s) {
			if next, m := decode(s, i+n); isPlainEscaped(next) {
				b.WriteString(s[i+n : i+n+m])
				i += n + m
				continue
			}
		}
		b.WriteString(s[i : i+n])
		i += n
	}
	return b.String()
}

// decode returns the rune at byte i of s; at the end it is 0 of 0 bytes.
func decode(s string, i int) (rune, int) {
	if i >= len(s) {
		return 0, 0
	}
	if c := s[i]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(s[i:])
}

// IsEndMark reports whether r ends a sentence or a clause, so that it is not
// part of the word before it where it stands last.
func IsEndMark(r rune) bool {
	switch r {
	case '.', '?', '!', ',', ';', ':', '…', '？', '！', '。':
		return true
	}
	return false
}

// TrimEnd removes the marks from the end of s that end a sentence: "machine1?!"
// is "machine1", and "10.0.0.1" stays.
func TrimEnd(s string) string { return strings.TrimRightFunc(s, IsEndMark) }
