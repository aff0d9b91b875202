package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dragoman/nlu"
)

// maxTokens is the number of tokens beyond which a message is no request that
// a template could describe.
const maxTokens = 1024

// token is one word of a message, a part of one cut at an apostrophe, or a
// quoted run.
type token struct {
	start, end int32  // bytes of the message; without marks, but with quotes
	literal    int32  // the number of the literal it is, or none
	quoted     bool   // matches no literal
	glued      bool   // no space before it: the second part of a cut word
	noise      bool   // neither letter nor digit, such as an emoji
	text       string // what it means
}

// none is the number of a token that no template has as a literal.
const none = -1

// lexicon numbers the literal tokens of all templates.
type lexicon map[string]int32

// add returns the number of a folded token.
func (l lexicon) add(folded string) int32 {
	n, ok := l[folded]
	if !ok {
		n = int32(len(l))
		l[folded] = n
	}
	return n
}

// number returns the number of a token as somebody wrote it.
func (l lexicon) number(s string) int32 {
	if len(s) > 2*maxWord {
		return none
	}
	var buf [2 * maxWord]byte
	if n, ok := l[string(nlu.AppendFold(buf[:0], s))]; ok {
		return n
	}
	return none
}

// tokenize appends the tokens of text to dst. It reports false when there are
// too many.
func (l lexicon) tokenize(dst []token, text string) ([]token, bool) {
	scan := nlu.NewScanner(text, 0)
	for {
		w, ok := scan.Next()
		if !ok {
			return dst, true
		}
		if len(dst) >= maxTokens {
			return dst, false
		}
		if w.Quoted && w.Key == "" {
			if w.Text != "" {
				dst = append(dst, token{
					start: int32(w.Start), end: int32(w.End), literal: none, quoted: true, text: w.Text,
				})
			}
			continue
		}
		from, to := trimMarks(text, w.Start, w.End)
		for first := true; from < to; first = false {
			p := cut(text, from, to)
			from = p.next
			part := text[p.start:p.end]
			t := token{start: int32(p.start), end: int32(p.end), literal: l.number(part), glued: !first, text: part}
			t.noise = t.literal == none && isNoise(part)
			dst = append(dst, t)
		}
	}
}

// trimMarks narrows text[from:to] by the punctuation around a word.
func trimMarks(text string, from, to int) (int, int) {
	for from < to {
		r, n := utf8.DecodeRuneInString(text[from:to])
		if !isOpeningMark(r) {
			break
		}
		from += n
	}
	for from < to {
		r, n := utf8.DecodeLastRuneInString(text[from:to])
		if !nlu.IsEndMark(r) && !isClosingMark(r) {
			break
		}
		to -= n
	}
	return from, to
}

func isOpeningMark(r rune) bool {
	switch r {
	case '(', '[', '"', '“', '„', '«', '»', '¿', '¡', '…', '‚', '‹':
		return true
	}
	return false
}

func isClosingMark(r rune) bool {
	switch r {
	case ')', ']', '"', '”', '“', '«', '»', '\'', '’', '›':
		return true
	}
	return false
}

// piece is a part of a word and where the next one begins.
type piece struct{ start, end, next int }

// cut returns the first token of the word text[from:to]. "web1's" is web1 and
// 's, so that {machine}'s works; the elisions of French are words of their own,
// so that l'{x} does. Other apostrophes belong to the word: don't, o'brien.
func cut(text string, from, to int) piece {
	whole := piece{from, to, to}
	word := text[from:to]
	at, n := apostrophe(word)
	if at <= 0 {
		return whole
	}
	after := word[at+n:]
	switch {
	case after == "s" || after == "S":
		return piece{from, from + at, from + at}
	case after != "" && isElision(word[:at]):
		return piece{from, from + at, from + at + n}
	}
	// The 's of rock'n'roll's is at the end.
	for _, s := range [...]string{"'s", "'S", "’s", "’S"} {
		if head, ok := strings.CutSuffix(word, s); ok && head != "" {
			return piece{from, from + len(head), from + len(head)}
		}
	}
	return whole
}

// apostrophe returns the place of the first apostrophe and its bytes.
func apostrophe(s string) (at, n int) {
	for i := range len(s) {
		switch {
		case s[i] == '\'':
			return i, 1
		case s[i] == 0xE2 && strings.HasPrefix(s[i:], "’"):
			return i, len("’")
		}
	}
	return -1, 0
}

// isElision reports whether s is what French leaves of a word before a vowel.
func isElision(s string) bool {
	if len(s) > 6 {
		return false
	}
	var buf [16]byte
	switch string(nlu.AppendFold(buf[:0], s)) {
	case "l", "d", "j", "n", "s", "c", "m", "t", "qu", "jusqu", "lorsqu", "puisqu":
		return true
	}
	return false
}

func isNoise(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return false
		}
	}
	return true
}
