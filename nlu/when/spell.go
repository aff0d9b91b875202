package when

import (
	"math/bits"
	"unicode/utf8"
)

// misspelt returns the month, weekday or day that w is with one mistake, or 0.
// The first letter counts: people rarely get it wrong, and "partes" is no
// "martes".
func (l *language) misspelt(w []byte) uint16 {
	n := len(w)
	if n < minTypo || n > maxTypo+4 {
		return 0
	}
	n = utf8.RuneCount(w)
	if n < minTypo-1 || n > maxTypo {
		return 0
	}
	var set uint32
	for _, c := range w {
		set |= 1 << (c % 32)
	}
	for size := max(n-1, minTypo); size <= min(n+1, maxTypo); size++ {
		for i := range l.typos[size] {
			t := &l.typos[size][i]
			if t.word[0] == w[0] && bits.OnesCount32(t.letters^set) <= 4 && oneMistake(t.word, w) && !l.never[string(w)] {
				return t.id
			}
		}
	}
	return 0
}

// oneMistake reports whether a and b are equal but for one wrong, missing or
// additional letter, or two neighbours in the wrong order.
func oneMistake(a string, b []byte) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	for i > 0 && i < len(a) && !utf8.RuneStart(a[i]) || i > 0 && i < len(b) && !utf8.RuneStart(b[i]) {
		i-- // not in the middle of a letter
	}
	a, b = a[i:], b[i:]
	j := 0
	for j < len(a) && j < len(b) && a[len(a)-1-j] == b[len(b)-1-j] {
		j++
	}
	for j > 0 && (!utf8.RuneStart(a[len(a)-j]) || !utf8.RuneStart(b[len(b)-j])) {
		j--
	}
	a, b = a[:len(a)-j], b[:len(b)-j]
	ra, n := utf8.DecodeRuneInString(a)
	rb, m := utf8.DecodeRune(b)
	if n == len(a) && m == len(b) { // none or one letter each
		return true
	}
	ra2, n2 := utf8.DecodeRuneInString(a[n:])
	rb2, m2 := utf8.DecodeRune(b[m:])
	return n+n2 == len(a) && m+m2 == len(b) && n2 > 0 && ra == rb2 && rb == ra2
}
