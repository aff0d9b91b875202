package tagger

import (
	"unicode"
	"unicode/utf8"
)

// Token is a word, a number or a mark of punctuation as bytes of a text.
type Token struct{ Start, End int }

// Tokenize appends the tokens of text to dst, in order and without overlap.
// White space and control characters belong to no token; every other character
// belongs to exactly one.
//
// A token is a run of letters, digits, marks and underscores, or one other
// character. One of . - ' @ : / + & that stands between two letters or digits
// stays inside its token, and so does a comma between two digits, so that
// web-1, db.example.org, 3:30PM and 1,000 are one token each. An apostrophe
// cuts where grammar does: web1's is web1 and 's; l'album is l' and album.
// It is for the languages that put spaces between words.
func Tokenize(dst []Token, text string) []Token {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			i += n
		case isWordRune(r):
			end := wordEnd(text, i)
			dst = append(dst, Token{i, end})
			i = end
		default:
			end := i + n
			// 's after a token that was cut in front of it.
			if isApostrophe(r) && len(dst) > 0 && dst[len(dst)-1].End == i && possessive(text[end:]) {
				end++
			}
			dst = append(dst, Token{i, end})
			i = end
		}
	}
	return dst
}

// wordEnd returns where the token that begins at start ends.
func wordEnd(text string, start int) int {
	letters := 0
	for i := start; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if isWordRune(r) {
			i += n
			letters++
			continue
		}
		next, _ := utf8.DecodeRuneInString(text[i+n:])
		prev, _ := utf8.DecodeLastRuneInString(text[:i])
		if !isWordRune(next) || !joins(prev, r, next) {
			return i
		}
		if isApostrophe(r) {
			if possessive(text[i+n:]) {
				return i
			}
			if letters == 1 || letters == 2 && (text[start:i] == "qu" || text[start:i] == "Qu") {
				return i + n
			}
		}
		i += n
		letters++
	}
	return len(text)
}

// joins reports whether r keeps prev and next in one token.
func joins(prev, r, next rune) bool {
	switch r {
	case '.', '-', '@', ':', '/', '+', '&', '\u2010', '\u2011':
		return true
	case ',':
		return unicode.IsDigit(prev) && unicode.IsDigit(next)
	}
	return isApostrophe(r)
}

// possessive reports whether rest, which follows an apostrophe, is the s of
// web1's or it's and no more.
func possessive(rest string) bool {
	if rest == "" || rest[0] != 's' && rest[0] != 'S' {
		return false
	}
	next, _ := utf8.DecodeRuneInString(rest[1:])
	return rest[1:] == "" || !isWordRune(next)
}

func isApostrophe(r rune) bool { return r == '\'' || r == '’' || r == 'ʼ' }

// isWordRune reports whether r is part of a word. A byte that is no UTF-8 is
// not.
func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_'
	}
	return r != utf8.RuneError && r != 'ʼ' && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

// Words appends the text of each token to dst.
func Words(dst []string, text string, tokens []Token) []string {
	for _, t := range tokens {
		dst = append(dst, text[t.Start:t.End])
	}
	return dst
}

// Cover returns the tokens that bytes start to end of the text touch, as the
// first of them and the one after the last. They are equal where it touches
// none.
func Cover(tokens []Token, start, end int) (from, to int) {
	for from < len(tokens) && tokens[from].End <= start {
		from++
	}
	to = from
	for to < len(tokens) && tokens[to].Start < end {
		to++
	}
	return from, to
}
