package when

import (
	"unicode"
	"unicode/utf8"

	"dragoman/nlu"
)

// token is a run of letters, a run of ASCII digits, or one other character.
type token struct {
	start, end int
	kind       tokenKind
	space      bool   // white space or the beginning stands before it
	upper      bool   // it begins with a capital
	char       rune   // of a mark
	value      int    // of digits; -1 when there are more than nine
	id         uint16 // of a known word
	mask       class  // what can begin here
	weak       bool   // alone it only leads to something: "the", "in"
}

type tokenKind uint8

const (
	end tokenKind = iota // past the last
	word
	digits
	mark
)

// digits is how many there are.
func (t *token) width() int { return t.end - t.start }

// elided reports whether the word can have lost its vowel before an apostrophe.
func (t *token) elided() bool { return t.width() == 1 || t.width() == 5 }

// maxWord is the longest word in bytes that is looked up.
const maxWord = 40

// scan cuts the text into tokens and looks up the words.
func (p *parser) scan() {
	text := p.text
	space := true
	for i := 0; i < len(text); {
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		switch {
		case unicode.IsSpace(r) || r == '\u2060' || r == '\u200b':
			space = true
			i += n
			continue
		case '0' <= r && r <= '9':
			n = p.scanDigits(text, i, space)
		case isLetter(r):
			n = p.scanWord(text, i, space, unicode.IsUpper(r))
		default:
			if isDash(r) {
				p.all |= cDash
			}
			p.tokens = append(p.tokens, token{start: i, end: i + n, kind: mark, space: space, char: r})
		}
		i += n
		space = false
	}
}

func isLetter(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r))
}

func (p *parser) scanDigits(text string, i int, space bool) int {
	j, v := i, 0
	for ; j < len(text) && '0' <= text[j] && text[j] <= '9'; j++ {
		if j-i < 9 {
			v = v*10 + int(text[j]-'0')
		}
	}
	if j-i > 9 {
		v = -1
	}
	p.tokens = append(p.tokens, token{start: i, end: j, kind: digits, space: space, value: v})
	return j - i
}

func (p *parser) scanWord(text string, i int, space, upper bool) int {
	j := i
	for j < len(text) {
		r, n := rune(text[j]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[j:])
		}
		if !isLetter(r) {
			break
		}
		j += n
	}
	t := token{start: i, end: j, kind: word, space: space, upper: upper}
	if j-i <= maxWord {
		p.fold = nlu.AppendFold(p.fold[:0], text[i:j])
		id, ok := p.lang.ids[string(p.fold)]
		if !ok {
			id = p.lang.misspelt(p.fold)
		}
		if id != 0 {
			t.id = id
			node := p.lang.first[id]
			t.mask = p.lang.own[node] | p.lang.below[node]
			t.weak = p.lang.own[node] != 0 && p.lang.own[node]&^weak == 0
			p.all |= t.mask
		}
	}
	p.tokens = append(p.tokens, t)
	return j - i
}
