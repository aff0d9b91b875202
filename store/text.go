package store

import "strings"

// Text is s without what PostgreSQL refuses in a text, which is NUL and what is
// no UTF-8: U+FFFD stands for it.
func Text(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "\uFFFD"), "\uFFFD")
}
