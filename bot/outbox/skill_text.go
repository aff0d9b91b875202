package outbox

import (
	"strings"
	"unicode"
)

// Visible is text that strangers may have written, for an administrator to read:
// what would draw on a terminal, turn the direction of writing or pretend to be
// another line is replaced by U+FFFD, all but line feeds and tabs.
func Visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), unicode.In(r, unicode.Zl, unicode.Zp):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// cell is the beginning of text, for a table.
func cell(text string) string { return Visible(shortened(text, quoted)) }
