package stream

import (
	"encoding/xml"
	"strings"
	"unicode/utf8"
)

// isNCName reports whether s is a name without colon as our own Reader, which
// is encoding/xml, accepts it.
func isNCName(s string) bool {
	if s == "" || !nameStart(s[0]) {
		return false
	}
	ascii := true
	for i := 1; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			ascii = false
		} else if !nameByte(s[i]) {
			return false
		}
	}
	if ascii && s[0] < utf8.RuneSelf {
		return true
	}
	// The tables of XML 1.0 are not exported; names beyond ASCII are rare
	// enough to ask the decoder itself.
	tok, err := xml.NewDecoder(strings.NewReader("<" + s + "/>")).RawToken()
	start, ok := tok.(xml.StartElement)
	return err == nil && ok && start.Name == xml.Name{Local: s}
}

func nameStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}

func nameByte(c byte) bool {
	return nameStart(c) || '0' <= c && c <= '9' || c == '-' || c == '.'
}

// safeName is s if it is a name, else s with every byte that cannot be part of
// one, and everything beyond ASCII, replaced by an underscore.
func safeName(s string) string {
	if isNCName(s) {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		if c >= utf8.RuneSelf || !nameByte(c) {
			b[i] = '_'
		}
	}
	if len(b) == 0 || !nameStart(b[0]) {
		b = append([]byte{'_'}, b...)
	}
	return string(b)
}

// isXMLChar reports whether r may occur in XML 1.0 text (production Char).
func isXMLChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		0x20 <= r && r <= 0xD7FF ||
		0xE000 <= r && r <= 0xFFFD ||
		0x10000 <= r && r <= 0x10FFFF
}
