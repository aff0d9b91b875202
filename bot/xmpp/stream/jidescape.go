package stream

import "strings"

// escaped lists what XEP-0106 escapes, beside the backslash.
const escaped = ` "&'/:<>@`

const lowerHex = "0123456789abcdef"

// EscapeLocal makes any text a local part by XEP-0106: what may not stand there
// becomes a backslash and two hexadecimal digits. Blanks at either end, which
// the XEP forbids to escape, are cut.
func EscapeLocal(s string) string {
	s = strings.Trim(s, " ")
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if _, code := unescapeAt(s[i:]); strings.IndexByte(escaped, c) >= 0 || code {
			b.WriteByte('\\')
			b.WriteByte(lowerHex[c>>4])
			b.WriteByte(lowerHex[c&15])
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// UnescapeLocal is the text that EscapeLocal made a local part of. A backslash
// that begins no escape stays.
func UnescapeLocal(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c, ok := unescapeAt(s[i:]); ok {
			b.WriteByte(c)
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// unescapeAt is the character that the escape at the beginning of s stands for.
func unescapeAt(s string) (byte, bool) {
	if len(s) < 3 || s[0] != '\\' {
		return 0, false
	}
	hi, lo := hexDigit(s[1]), hexDigit(s[2])
	if hi < 0 || lo < 0 {
		return 0, false
	}
	c := byte(hi<<4 | lo)
	return c, c == '\\' || strings.IndexByte(escaped, c) >= 0
}

func hexDigit(c byte) int {
	if 'A' <= c && c <= 'F' {
		c += 'a' - 'A'
	}
	return strings.IndexByte(lowerHex, c)
}
