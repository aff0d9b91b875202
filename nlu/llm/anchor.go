package llm

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"dragoman/nlu"
)

// span is a piece of the message in bytes; the zero span is none.
type span struct{ start, end int }

func (s span) none() bool { return s.end == 0 }

func (s span) overlaps(t span) bool { return s.start < t.end && t.start < s.end }

// message is what a person wrote, ready to be searched for what a model says
// that they wrote.
type message struct {
	text   string
	folded []byte // nlu.Fold of the clean text, white space as single spaces
	from   []int  // for each byte of folded: where its character begins in text
	to     []int  // and ends
	words  []span // without the marks around them
}

// newMessage folds the text character by character, so that a place in the one
// is a place in the other. What is hidden in it the model does not get to see, so
// it does not count.
func newMessage(text string) *message {
	m := &message{text: text}
	var it norm.Iter
	it.InitString(norm.NFC, text)
	for !it.Done() {
		start := it.Pos()
		it.Next()
		m.add(start, it.Pos())
	}
	m.split()
	return m
}

// add appends the character at text[start:end].
func (m *message) add(start, end int) {
	r, _ := utf8.DecodeRuneInString(m.text[start:end])
	n := len(m.folded)
	if unicode.IsSpace(r) {
		if n > 0 && m.folded[n-1] == ' ' {
			return
		}
		m.folded = append(m.folded, ' ')
	} else {
		m.folded = nlu.AppendFold(m.folded, clean(m.text[start:end]))
	}
	for range len(m.folded) - n {
		m.from, m.to = append(m.from, start), append(m.to, end)
	}
}

// split finds the words: runs without white space, without the punctuation
// around them. A sign stays with its number.
func (m *message) split() {
	start := -1
	for i, r := range m.text + " " {
		if !unicode.IsSpace(r) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start < 0 {
			continue
		}
		w := strings.TrimLeftFunc(m.text[start:i], func(r rune) bool { return !inWord(r) && r != '-' && r != '+' })
		end := i
		start = i - len(w)
		w = strings.TrimRightFunc(w, func(r rune) bool { return !inWord(r) })
		if end = start + len(w); end > start {
			m.words = append(m.words, span{start, end})
		}
		start = -1
	}
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// phrase finds whole words of the message that are the same text up to case and
// white space, preferably where nothing in taken is.
func (m *message) phrase(text string, taken []span) span {
	needle := nlu.Fold(strings.Join(strings.Fields(clean(text)), " "))
	if needle == "" {
		return span{}
	}
	first := span{}
	hay := string(m.folded)
	for at := 0; ; {
		i := strings.Index(hay[at:], needle)
		if i < 0 {
			return first
		}
		i += at
		at = i + 1
		s, ok := m.whole(i, i+len(needle))
		if !ok {
			continue
		}
		if free(s, taken) {
			return s
		}
		if first.none() {
			first = s
		}
	}
}

func free(s span, taken []span) bool {
	for _, t := range taken {
		if s.overlaps(t) {
			return false
		}
	}
	return true
}

// whole turns folded[i:j] into the piece of the text that it came from, if it
// neither cuts a character nor a word.
func (m *message) whole(i, j int) (span, bool) {
	if i > 0 && m.from[i-1] == m.from[i] || j < len(m.from) && m.from[j] == m.from[j-1] {
		return span{}, false
	}
	before, _ := utf8.DecodeLastRune(m.folded[:i])
	first, _ := utf8.DecodeRune(m.folded[i:])
	last, _ := utf8.DecodeLastRune(m.folded[:j])
	after, _ := utf8.DecodeRune(m.folded[j:])
	if i > 0 && inWord(before) && inWord(first) || j < len(m.folded) && inWord(last) && inWord(after) {
		return span{}, false
	}
	return span{m.from[i], m.to[j-1]}, true
}

// maxWords is the most words of a name or a typed value that is looked for by
// what it means and not by its letters.
const maxWords = 6

// meaning finds the shortest run of words of which is says that it is meant.
func (m *message) meaning(is func(text string) bool) span {
	for n := 1; n <= maxWords; n++ {
		for i := 0; i+n <= len(m.words); i++ {
			s := span{m.words[i].start, m.words[i+n-1].end}
			if is(m.text[s.start:s.end]) {
				return s
			}
		}
	}
	return span{}
}
