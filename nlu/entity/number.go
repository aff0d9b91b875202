package entity

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dragoman/nlu"
)

// numbers reports numbers and ordinals, in digits and in words.
func numbers(s *scratch) {
	for i := 0; i < len(s.atoms); {
		n := 1
		switch a := &s.atoms[i]; {
		case a.owner > 0:
		case a.class == digits:
			n = s.digitNumber(i)
		case a.class == letters:
			n = s.wordNumber(i)
		}
		i += max(n, 1)
	}
}

// literal is a number in digits.
type literal struct {
	start, end int // bytes, sign included
	negative   bool
	ambiguous  bool // 1.000: a thousand to some and one to others
	groups     int  // thousands are grouped
	decimal    int  // byte of the decimal mark, or -1
}

// digitNumber reports the number or ordinal that atom i begins, and returns how
// many atoms it takes.
func (s *scratch) digitNumber(i int) int {
	a := &s.atoms[i]
	l := literal{start: int(a.start), decimal: -1}
	if !s.beginsNumber(&l) {
		return 1
	}
	if n := s.digitOrdinal(i); n > 0 {
		return n
	}
	if !s.readLiteral(&l) || !s.endsNumber(l.end) {
		return 1
	}
	next := i
	for next < len(s.atoms) && int(s.atoms[next].start) < l.end {
		next++
	}
	if l.ambiguous {
		return next - i
	}
	text := s.canonLiteral(&l)
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(value, 0) {
		return next - i
	}
	if !l.negative {
		if m := s.minusBefore(i); m >= 0 {
			l.start, value, text = m, -value, "-"+text
		}
	}
	end := l.end
	if scale, n := s.scaleAfter(next); scale > 0 {
		value *= float64(scale)
		text = formatNumber(value)
		end = int(s.atoms[next+n-1].end)
		next += n
	}
	return s.addNumber(l.start, end, next, value, text) - i
}

// addNumber reports a number that ends before atom next, with its percent sign,
// and returns the atom after that.
func (s *scratch) addNumber(start, end, next int, value float64, text string) int {
	unit := ""
	if e := s.percentAfter(end, next); e > 0 {
		end, unit = e, "%"
		for next < len(s.atoms) && int(s.atoms[next].start) < end {
			next++
		}
	}
	if e := s.add(nlu.KindNumber, start, end, text); e != nil {
		e.Number, e.Unit = value, unit
	}
	return next
}

// beginsNumber reports whether a number may begin at l.start, and takes its
// sign or its leading decimal mark into it.
func (s *scratch) beginsNumber(l *literal) bool {
	r, n := utf8.DecodeLastRuneInString(s.text[:l.start])
	if n == 0 {
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(s.text[:l.start-n])
	open := before == utf8.RuneError || unicode.IsSpace(before) || strings.ContainsRune("(=[\"“„", before)
	switch {
	case r == '-' || r == '−' || r == '+':
		if !open {
			return false
		}
		l.start -= n
		l.negative = r != '+'
		return true
	case r == '.' || r == ',':
		if open {
			l.start -= n
			l.decimal = l.start
		}
		return open || r == '.' && s.isNumberSign(l.start-n)
	case r == '\'' || r == '’':
		return open
	case r == ':' || r == '/' || isHyphen(r):
		return before != utf8.RuneError && !unicode.IsDigit(before) && r == ':'
	}
	return classify(r) == isSpace || classify(r) == isMark && r != '@' && r != '%' && r != '^'
}

// isNumberSign reports whether what ends at byte end says that a number
// follows: the Nr of Nr.5.
func (s *scratch) isNumberSign(end int) bool {
	i := s.atomAt(end - 1)
	if i >= len(s.atoms) || int(s.atoms[i].end) != end {
		return false
	}
	switch string(s.word(i)) {
	case "nr", "no", "num", "pos", "art":
		return true
	}
	return false
}

// readLiteral reads the digits and the marks between them.
func (s *scratch) readLiteral(l *literal) bool {
	t := s.text
	i := l.start
	for i < len(t) && (t[i] < '0' || t[i] > '9') { // the sign
		_, n := utf8.DecodeRuneInString(t[i:])
		i += n
	}
	first := i
	i = skipDigits(t, i)
	lead := i - first
	if l.decimal >= 0 { // .5
		l.end = i
		return true
	}
	var thousands rune // the mark between groups of three
	for {
		sep, n := utf8.DecodeRuneInString(t[i:])
		end := skipDigits(t, i+n)
		group := end - i - n
		if group == 0 || l.decimal >= 0 {
			if group > 0 && (sep == '.' || sep == ',') {
				return false // 1.2.3
			}
			break
		}
		fits := group == 3 && lead <= 3 && t[first] != '0'
		switch sep {
		case '.', ',':
			switch {
			case fits && thousands == 0 && !s.anotherGroup(end):
				l.ambiguous = true
				thousands = sep
			case fits && (thousands == 0 || sep == thousands):
				thousands = sep
				l.groups++
				l.ambiguous = false
			case thousands == sep || thousands != 0 && l.groups == 0:
				return false
			default:
				l.decimal = i
			}
		case '\'', '’', '\u00a0', '\u202f', '\u2009', ' ':
			if !fits || sep == ' ' && s.lang != french && s.lang != spanish && t[i+n:end] != "000" || thousands != 0 && thousands != sep {
				l.end = i
				return true
			}
			thousands = sep
			l.groups++
		default:
			l.end = i
			return true
		}
		i = end
	}
	l.end = i
	return i-first <= 40
}

// anotherGroup reports whether one more mark and digits follow at byte i, so
// that 1.000 at it is no number of its own: 1.000.000 and 1.000,5 are clear.
func (s *scratch) anotherGroup(i int) bool {
	if i+1 >= len(s.text) || s.text[i] != '.' && s.text[i] != ',' {
		return false
	}
	return '0' <= s.text[i+1] && s.text[i+1] <= '9'
}

func skipDigits(t string, i int) int {
	for i < len(t) && '0' <= t[i] && t[i] <= '9' {
		i++
	}
	return i
}

// endsNumber reports whether a number may end at byte i: not in the middle of a
// word, a time, a date or a version.
func (s *scratch) endsNumber(i int) bool {
	r, n := utf8.DecodeRuneInString(s.text[i:])
	if n == 0 {
		return true
	}
	after, m := utf8.DecodeRuneInString(s.text[i+n:])
	word := m > 0 && (classify(after) == isLetter || classify(after) == isDigit)
	switch {
	case isHyphen(r), r == '/', r == ':', r == '_', r == '.', r == ',', r == '&', r == '\'', r == '’', r == '^':
		return !word
	case r == '@':
		return false
	}
	c := classify(r)
	return c != isLetter && c != isDigit
}

// canonLiteral returns the canonical text of a literal; it is a part of the
// text where that is canonical already.
func (s *scratch) canonLiteral(l *literal) string {
	t := s.text[l.start:l.end]
	if l.groups == 0 && isCanonicalNumber(t) {
		return t
	}
	buf := s.buf[:0]
	for i := l.start; i < l.end; i++ {
		switch c := s.text[i]; {
		case '0' <= c && c <= '9':
			if len(buf) == 1 && buf[0] == '0' {
				buf = buf[:0]
			}
			buf = append(buf, c)
		case i == l.decimal:
			if len(buf) == 0 {
				buf = append(buf, '0')
			}
			buf = append(buf, '.')
		}
	}
	s.buf = buf
	text := trimDecimals(string(buf))
	if l.negative && text != "0" {
		return "-" + text
	}
	return text
}

// isCanonicalNumber reports whether t is digits without leading zeros, perhaps
// with a minus and with decimals that end in no zero.
func isCanonicalNumber(t string) bool {
	t = strings.TrimPrefix(t, "-")
	whole, decimals, dot := strings.Cut(t, ".")
	if whole == "" || len(whole) > 1 && whole[0] == '0' || t == "0" && len(t) != len(whole) {
		return false
	}
	if skipDigits(whole, 0) != len(whole) || skipDigits(decimals, 0) != len(decimals) {
		return false
	}
	return !dot || trimDecimals(t) == t
}

// trimDecimals cuts the zeros at the end of the decimals. It keeps one where
// 1.1250 would become 1.125, which is ambiguous.
func trimDecimals(t string) string {
	dot := strings.IndexByte(t, '.')
	if dot < 0 {
		return t
	}
	cut := strings.TrimRight(t, "0")
	if len(cut) == dot+1 {
		return t[:dot]
	}
	if len(cut)-dot-1 == 3 && dot <= 3 && t[0] != '0' {
		if len(t) > len(cut) {
			return t[:len(cut)+1]
		}
		return t + "0"
	}
	return cut
}

// formatNumber writes a value in the canonical form.
func formatNumber(v float64) string {
	if v < 0 {
		return "-" + formatNumber(-v)
	}
	var buf [32]byte
	b := strconv.AppendFloat(buf[:0], v, 'f', -1, 64)
	if v == float64(int(v)) && v < 1e15 {
		return strconv.Itoa(int(v)) // which has small numbers ready
	}
	return trimDecimals(string(b))
}

// minusBefore returns the byte at which the word minus begins before atom i, or
// -1. After a number it is an operation or a time, not a sign.
func (s *scratch) minusBefore(i int) int {
	if i == 0 || s.atoms[i].before != spaced || !isMinusWord(s.word(i-1)) {
		return -1
	}
	if i > 1 && s.atoms[i-1].before == spaced {
		b := &s.atoms[i-2]
		if b.class == digits || b.class == letters && (s.isNumberWord(i-2) || isClockWord(s.word(i-2))) {
			return -1
		}
	}
	return int(s.atoms[i-1].start)
}

// percentAfter returns where the percent sign or word ends that follows a
// number, or 0.
func (s *scratch) percentAfter(end, next int) int {
	if next >= len(s.atoms) {
		return 0
	}
	a := &s.atoms[next]
	if a.class == mark {
		if s.text[a.start] == '%' && strings.TrimLeft(s.text[end:a.start], " \u00a0\u202f") == "" && s.endsNumber(int(a.end)) {
			return int(a.end)
		}
		return 0
	}
	if a.class != letters || a.before != spaced && a.before != hyphen {
		return 0
	}
	switch string(s.word(next)) {
	case "percent", "prozent", "pct":
		return int(a.end)
	case "pour", "por", "per":
		if next+1 < len(s.atoms) && s.atoms[next+1].before == spaced {
			switch string(s.word(next + 1)) {
			case "cent", "ciento", "cien":
				return int(s.atoms[next+1].end)
			}
		}
	}
	return 0
}

// scaleAfter returns the factor that follows a number in digits (3 million, 2
// dozen) and how many atoms it takes.
func (s *scratch) scaleAfter(next int) (int64, int) {
	if next >= len(s.atoms) || s.atoms[next].class != letters || s.atoms[next].before != spaced {
		return 0, 0
	}
	for l := range lexicons {
		if !s.lang.has(l) {
			continue
		}
		if w, ok := lexicons[l].words[string(s.word(next))]; ok && (w.role == scaleRole || w.role == dozenRole) && s.endsNumber(int(s.atoms[next].end)) {
			return w.value, 1
		}
	}
	return 0, 0
}
