package entity

import (
	"strings"
	"unicode/utf8"
)

// maxPhone is the longest number of E.164 in digits, calling code included.
const maxPhone = 15

// phones reports telephone numbers. A number is reported when it is possible,
// not only when it is valid: the plan of a country changes faster than a
// program, and 555-555-5555 is what people write in examples.
func (r *Recognizer) phones(s *scratch) {
	for i := range s.atoms {
		a := &s.atoms[i]
		if a.class != digits || a.owner > 0 || i > 0 && s.atoms[i-1].owner > 0 && a.before != spaced {
			continue
		}
		start, ok := s.beginsPhone(i)
		if !ok {
			continue
		}
		var d dialed
		if !d.read(s.text, start) {
			continue
		}
		n, e164 := d.possible(r.country)
		if n == 0 {
			continue
		}
		end := d.ends[n-1]
		if x := s.extension(end); x > end {
			end = x
		} else if !s.endsPhone(end) || !d.clear(n) && !s.expectsPhone(i) {
			continue
		}
		if s.add(KindPhone, start, end, string(e164)) == nil {
			return
		}
		if d.clear(n) {
			s.own(start, end)
		}
	}
}

// beginsPhone reports whether a telephone number may begin with the digits of
// atom i, and where, with + and bracket.
func (s *scratch) beginsPhone(i int) (int, bool) {
	start := int(s.atoms[i].start)
	for start > 0 && (s.text[start-1] == '+' || s.text[start-1] == '(') {
		start--
	}
	if start == 0 {
		return start, true
	}
	r, _ := utf8.DecodeLastRuneInString(s.text[:start])
	switch classify(r) {
	case isSpace:
		return start, true
	case isMark:
		switch r {
		case '@', '#', '%', '$', '€', '£', '^':
			return 0, false
		case ':':
			return start, s.text[start] == '+' || start > 1 && s.text[start-2] > '9'
		}
		return start, true
	case isJoiner:
		return start, r == '\'' || r == '’'
	}
	return 0, false
}

// endsPhone reports whether a telephone number may end at byte i.
func (s *scratch) endsPhone(i int) bool {
	if i < len(s.text) && (s.text[i] == '@' || s.text[i] == ':' || s.text[i] == '%') {
		return s.text[i] == ':' && s.endsNumber(i)
	}
	return s.endsNumber(i)
}

// expectsPhone reports whether a row of digits at atom i may be a telephone
// number and not a count: it is all of the text, or a word before it says so.
func (s *scratch) expectsPhone(i int) bool {
	if i == 0 {
		return len(s.atoms) == 1
	}
	if b := &s.atoms[i-1]; b.class == mark {
		return s.text[b.start] == ':' || s.text[b.start] == '='
	}
	return phoneWords[string(s.word(i-1))]
}

var phoneWords = wordSet(`call calls text texts sms message msg ring phone telephone tel dial mobile cell fax number contact to at reach whatsapp
	ruf rufe anrufen nummer telefon handy an simse appelle appeler numero telephone portable au a llama llamar telefono movil al`)

// dialed is the digits of what may be a telephone number, in the groups in
// which they are written.
type dialed struct {
	plus    bool
	bracket bool // the first group stands in brackets
	digits  [24]byte
	n       int
	groups  [12]int // digits up to the end of each group
	ends    [12]int // bytes of the text up to the end of each group
	seps    [12]byte
	count   int
}

// read reads groups of digits from byte i on.
func (d *dialed) read(text string, i int) bool {
	open := false
	if strings.HasPrefix(text[i:], "(+") { // (+49) 151
		open = true
		i++
	}
	if text[i] == '+' {
		d.plus = true
		i++
	}
	for i < len(text) && d.count < len(d.groups) {
		if text[i] == '(' && !open {
			open = true
			if d.count == 0 && !d.plus {
				d.bracket = true
			}
			i++
			continue
		}
		from := i
		for i < len(text) && '0' <= text[i] && text[i] <= '9' {
			if d.n == len(d.digits) {
				return false
			}
			d.digits[d.n] = text[i]
			d.n++
			i++
		}
		if i == from {
			break
		}
		if open && i < len(text) && text[i] == ')' {
			open = false
			i++
			if d.count > 0 && i-from == 2 && text[from] == '0' { // +49 (0)151
				d.n--
				i += sepLength(text[i:])
				continue
			}
		} else if open {
			break
		}
		d.groups[d.count], d.ends[d.count] = d.n, i
		d.count++
		n := sepLength(text[i:])
		if n == 0 && (i >= len(text) || text[i] < '0' || text[i] > '9') && (i >= len(text) || text[i] != '(') {
			break
		}
		if n > 0 && d.count < len(d.seps) {
			d.seps[d.count] = text[i]
		}
		i += n
	}
	return d.count > 0 && !open
}

// sepLength returns the bytes of the separator between groups of digits that
// text begins with: a space, a hyphen, a dot, a slash, or one of them between
// spaces.
func sepLength(text string) int {
	i, spaces, marks := 0, 0, 0
	for i < len(text) && i < 8 {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == ' ' || r == '\u00a0' || r == '\u202f' || r == '\u2009':
			spaces++
		case isHyphen(r) || r == '.' || r == '/':
			marks++
		default:
			if spaces > 2 || marks > 1 {
				return 0
			}
			return i
		}
		i += n
	}
	return 0
}

// possible returns how many groups make a possible number, and it in E.164.
// Of a number that may have several lengths it takes the longest.
func (d *dialed) possible(country string) (int, []byte) {
	for n := d.count; n > 0; n-- {
		if d.trails(n) {
			continue
		}
		if n < d.count && d.groups[n]-d.groups[n-1] > 2 && d.seps[n] != ' ' {
			return 0, nil // a part of something longer
		}
		digits := d.digits[:d.groups[n-1]]
		var e164 []byte
		switch {
		case d.plus:
			e164 = international(digits)
		case len(digits) > 8 && string(digits[:2]) == "00":
			e164 = international(digits[2:])
		case country == "1" && len(digits) > 10 && string(digits[:3]) == "011":
			e164 = international(digits[3:])
		default:
			e164 = d.national(n, digits, country)
		}
		if e164 != nil {
			return n, e164
		}
	}
	return 0, nil
}

// trails reports whether the last of n groups is rather a number of its own:
// one or two digits after a long group and a space, "030 1234567 5 times".
func (d *dialed) trails(n int) bool {
	if n < 3 || d.seps[n-1] != ' ' {
		return false
	}
	return d.groups[n-1]-d.groups[n-2] <= 2 && d.groups[n-2]-d.groups[n-3] >= 5
}

// international returns +digits when they are a possible number behind its
// calling code.
func international(digits []byte) []byte {
	code := callingCode(digits)
	if code == 0 || len(digits) > maxPhone {
		return nil
	}
	least, most, trunk := planOf(string(digits[:code]))
	rest := digits[code:]
	if len(rest) > 0 && rest[0] == '0' && trunk == '0' && len(rest) > least {
		rest = rest[1:] // +49 0151 is a mistake that people make
	}
	if len(rest) < least || len(rest) > most {
		return nil
	}
	out := make([]byte, 0, maxPhone+1)
	out = append(out, '+')
	out = append(out, digits[:code]...)
	return append(out, rest...)
}

// national returns the number in E.164 that the first n groups are in the
// national form of a country.
func (d *dialed) national(n int, digits []byte, country string) []byte {
	if d.isDate(n) {
		return nil
	}
	if country == "1" || country == "" {
		return d.northAmerican(n, digits, country)
	}
	least, most, trunk := planOf(country)
	if trunk != 0 {
		if digits[0] != trunk || len(digits) < 2 || digits[1] == '0' || len(digits)-1 < max(least, 5) || len(digits)-1 > most {
			return nil
		}
		if n > 1 && d.groups[0] < 2 && len(digits) < 9 {
			return nil
		}
		digits = digits[1:]
	} else {
		// Without a prefix a number looks like a count: it has the full length
		// and begins as no short number does.
		if len(digits) != most || digits[0] < '2' || !d.evenGroups(n) {
			return nil
		}
	}
	out := make([]byte, 0, maxPhone+1)
	out = append(out, '+')
	out = append(out, country...)
	return append(out, digits...)
}

// northAmerican reads (555) 555-5555, 555-555-5555, 1-555-555-5555 and, where
// that is the country, ten digits in a row.
func (d *dialed) northAmerican(n int, digits []byte, country string) []byte {
	groups := d.groups[:n]
	if len(digits) == 11 && digits[0] == '1' && n > 1 && groups[0] == 1 {
		digits, groups = digits[1:], groups[1:]
		groups = []int{groups[0] - 1, groups[len(groups)-1] - 1, groups[len(groups)-1] - 1}[:len(groups)]
		if len(groups) == 3 {
			groups[1] = d.groups[2] - 1
		}
	}
	if len(digits) != 10 || digits[0] < '2' {
		return nil
	}
	switch len(groups) {
	case 1:
		if country == "" || digits[3] < '2' || d.groups[0] != 10 || string(digits[4:]) == "000000" {
			return nil
		}
	case 2:
		if groups[0] != 3 {
			return nil
		}
	case 3:
		if groups[0] != 3 || groups[1] != 6 {
			return nil
		}
	default:
		return nil
	}
	return append(append(make([]byte, 0, maxPhone+1), "+1"...), digits...)
}

// evenGroups reports whether each of the first n groups has two digits or more.
func (d *dialed) evenGroups(n int) bool {
	last := 0
	for _, g := range d.groups[:n] {
		if g-last < 2 {
			return false
		}
		last = g
	}
	return true
}

// isDate reports whether the first n groups look like a date or a version, or
// begin with a date.
func (d *dialed) isDate(n int) bool {
	if n < 3 || d.seps[1] != d.seps[2] || d.seps[1] == ' ' {
		return false
	}
	a, b, c := d.groups[0], d.groups[1]-d.groups[0], d.groups[2]-d.groups[1]
	return a == 4 && b <= 2 && c <= 2 || a <= 2 && b <= 2 && (c == 4 || c == 2 && n == 3)
}

// clear reports whether the first n groups can be nothing but a telephone
// number, so that no number is looked for in them.
func (d *dialed) clear(n int) bool {
	return d.plus || n > 1 || d.digits[0] == '0'
}

// extension returns the end of the extension that follows a number at byte i,
// or i.
func (s *scratch) extension(i int) int {
	at := s.atomAt(i)
	if at < len(s.atoms) && s.atoms[at].class == mark && s.text[s.atoms[at].start] == ',' {
		at++
	}
	if at+1 >= len(s.atoms) || s.atoms[at].class != letters {
		return i
	}
	between := strings.TrimSpace(s.text[i:s.atoms[at].start])
	if between != "" && between != "," && between != "-" {
		return i
	}
	switch string(s.word(at)) {
	case "ext", "extn", "extension", "x", "durchwahl", "dw", "poste", "anexo", "interno", "nebenstelle":
	default:
		return i
	}
	at++
	for at < len(s.atoms) && s.atoms[at].class == mark && strings.IndexByte(".:#", s.text[s.atoms[at].start]) >= 0 {
		at++
	}
	if at >= len(s.atoms) || s.atoms[at].class != digits || s.atoms[at].end-s.atoms[at].start > 7 {
		return i
	}
	if end := int(s.atoms[at].end); s.endsNumber(end) {
		return end
	}
	return i
}
