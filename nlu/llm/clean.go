package llm

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean removes what a reader does not see or what changes how the rest is
// seen: control characters but for line ends, direction overrides, zero-width
// and tag characters, variation selectors, private use. Space, line end and
// visible text remain.
func clean(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	s = strings.ReplaceAll(s, "\r\n", "\n")
	for _, r := range s {
		switch {
		case r == '\n', r == '\r', r == '\u0085', r == '\u2028', r == '\u2029':
			b.WriteByte('\n')
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs,
			unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// line is clean in one line of at most limit bytes.
func line(s string, limit int) string {
	return cut(strings.Join(strings.Fields(clean(s)), " "), limit)
}

// cut shortens s to at most limit bytes, at the end of a rune, and marks it.
func cut(s string, limit int) string {
	const mark = "…"
	if len(s) <= limit {
		return s
	}
	n := max(limit-len(mark), 0)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + mark
}

// maxAnswer bounds a free answer in bytes: longer is no message for a chat.
const maxAnswer = 2000

// speakable makes a free answer of what the model wrote, or "". It is not cut.
func speakable(s string) string {
	s = strings.TrimSpace(clean(s))
	// Models that think aloud do so at the start, and people need not read it.
	if rest, thinks := strings.CutPrefix(s, "<think>"); thinks {
		_, after, ends := strings.Cut(rest, "</think>")
		if !ends {
			return ""
		}
		s = strings.TrimSpace(after)
	}
	for strings.Contains(s, "\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n", "\n\n")
	}
	return s
}
