package entity

import "math"

// role says what a number word does to the words around it.
type role uint8

const (
	noRole      role = iota
	addRole          // five, twenty, doscientos: added to a larger part before it
	hundredRole      // hundred: multiplies what is before it
	scaleRole        // thousand, million
	dozenRole        // dozen: multiplies and ends the number
	articleRole      // one, when it is more often an article: un, eine
	halfRole         // half, in "half a dozen"
)

// numberWord is a word of a number.
type numberWord struct {
	value int64
	role  role
}

// lexicon is the number words of a language.
type lexicon struct {
	words    map[string]numberWord
	ordinals map[string]int
	and      string // joins the parts of a number
	andTens  bool   // and joins tens and units only
	// vigesimal is true for French, which counts on from soixante and
	// quatre-vingts to 19, and in which ten has units: dix-sept.
	vigesimal bool
	// ordinalTens is true where each part of an ordinal is one: vigésimo primero.
	ordinalTens bool
	point       [2]string
	half        [2]string // "and a half" without the and
	// compound reads a number that is written as one word, such as German ones.
	compound        func(word []byte) (int64, bool)
	compoundOrdinal func(words map[string]numberWord, word []byte) (int, bool)
}

// lookup returns the number word that w is.
func (l *lexicon) lookup(w []byte) (numberWord, bool) {
	n, ok := l.words[string(w)]
	if !ok && l.compound != nil {
		if v, is := l.compound(w); is {
			return numberWord{v, addRole}, true
		}
	}
	return n, ok
}

// ordinal returns the place that w names.
func (l *lexicon) ordinal(w []byte) (int, bool) {
	n, ok := l.ordinals[string(w)]
	if !ok && l.compoundOrdinal != nil {
		return l.compoundOrdinal(l.words, w)
	}
	return n, ok
}

// reading is a number read from words.
type reading struct {
	next    int // the atom after it
	value   float64
	ordinal bool
	alone   bool // a single article, which is no number
	words   int
}

// wordNumber reports the number or ordinal in words that begins at atom i, and
// returns how many atoms it takes.
func (s *scratch) wordNumber(i int) int {
	switch s.atoms[i].before {
	case glued:
		if i > 0 && s.atoms[i-1].class != mark {
			return 1
		}
	case hyphen, joined, several:
		return 1
	case quote:
		if s.atoms[i-1].to-s.atoms[i-1].from > 1 {
			return 1
		}
	}
	if n := s.beforeLast(i); n > 0 {
		s.addOrdinal(int(s.atoms[i].start), int(s.atoms[i+n-1].end), -2)
		return n
	}
	var best reading
	for l := range lexicons {
		if s.lang.has(l) {
			if r := s.readWords(&lexicons[l], i); r.next > best.next {
				best = r
			}
		}
	}
	if s.lang.has(germanIndex) && best.next <= i+1 {
		if v, ok := germanHalf(s.word(i)); ok {
			best = reading{next: i + 1, value: v, words: 1}
		}
	}
	if best.next == 0 || best.alone || !s.endsWord(best.next) {
		return 1
	}
	end := int(s.atoms[best.next-1].end)
	if best.ordinal {
		if s.isPlace(i, best.next, int(best.value)) {
			s.addOrdinal(int(s.atoms[i].start), end, int(best.value))
		}
		return best.next - i
	}
	if best.words == 1 && s.isNoNumber(i) {
		return 1
	}
	start, value := int(s.atoms[i].start), best.value
	if m := s.minusBefore(i); m >= 0 && value != 0 {
		start, value = m, -value
	}
	return s.addNumber(start, end, best.next, value, formatNumber(value)) - i
}

// endsWord reports whether a reading may end before atom next: not joined to it.
func (s *scratch) endsWord(next int) bool {
	if next >= len(s.atoms) {
		return true
	}
	switch a := &s.atoms[next]; a.before {
	case glued:
		return a.class == mark && s.text[a.start] != '@'
	case hyphen, joined, several, quote:
		return s.text[a.start-1] == '/' || isPercentWord(s.word(next))
	}
	return true
}

// readWords reads the longest number of one language from atom i on.
func (s *scratch) readWords(l *lexicon, i int) reading {
	w := wordReader{s: s, l: l, first: i, at: i, floor: unbounded, scale: unbounded, factor: 1}
	for w.at < len(s.atoms) && w.step() {
	}
	if w.done {
		return w.read
	}
	return s.finish(l, w.read, i)
}

const unbounded = int64(1) << 60

// wordReader adds up a number. Its parts fall in size: each must be smaller
// than the last digit of the part before it, or multiply it.
type wordReader struct {
	s         *scratch
	l         *lexicon
	first, at int
	total     int64 // of the thousands and millions
	part      int64 // of what is below them
	has       bool  // part has a value
	last      int64 // the word before
	floor     int64 // the next part must be smaller
	scale     int64 // the next scale must be smaller
	factor    float64
	read      reading // the longest so far
	done      bool    // nothing may follow
}

// step takes the next word and reports whether there may be more.
func (w *wordReader) step() bool {
	a := &w.s.atoms[w.at]
	if a.class != letters || w.at > w.first && a.before != spaced && a.before != hyphen || a.owner > 0 {
		return false
	}
	word := w.s.word(w.at)
	if w.at > w.first && string(word) == w.l.and {
		w.at++
		return w.s.joins(w.l, w.at-1, w.floor)
	}
	if o, ok := w.l.ordinal(word); ok {
		if w.at == w.first || o > 0 && int64(o) < w.floor && (w.has || w.total > 0) && !w.read.alone {
			w.at++
			o += w.ordinalUnit(o)
			w.read = reading{next: w.at, value: float64(w.total + w.part + int64(o)), ordinal: true, words: w.at - w.first}
			w.done = true
			return false
		}
	}
	n, ok := w.l.lookup(word)
	if !ok || !w.take(n) {
		return false
	}
	w.at++
	w.last = n.value
	if n.role == halfRole || w.factor != 1 && n.role == articleRole {
		return true
	}
	w.read.next, w.read.words = w.at, w.at-w.first
	w.read.value = float64(w.total+w.part) * w.factor
	if n.role == dozenRole {
		w.done = true
	}
	return !w.done
}

// ordinalUnit takes the unit of a Spanish ordinal, "vigésimo primero", in which
// each part is an ordinal itself.
func (w *wordReader) ordinalUnit(tens int) int {
	if !w.l.ordinalTens || tens < 10 || tens%10 != 0 || w.at >= len(w.s.atoms) || w.s.atoms[w.at].before != spaced {
		return 0
	}
	unit, ok := w.l.ordinal(w.s.word(w.at))
	if !ok || unit < 1 || unit > 9 {
		return 0
	}
	w.at++
	return unit
}

// take adds a number word and reports whether it may stand here.
func (w *wordReader) take(n numberWord) bool {
	if w.factor != 1 && n.role != dozenRole && n.role != articleRole {
		return false // half five is a time
	}
	switch n.role {
	case halfRole:
		if w.has && !w.read.alone || w.total > 0 {
			return false
		}
		w.factor = 0.5
	case articleRole, addRole:
		return w.add(n)
	case hundredRole:
		if w.has && (w.part >= 100 || w.part%10 == 0) || !w.has && w.floor <= 100 {
			return false
		}
		w.part, w.has, w.floor, w.read.alone = max(w.part, 1)*100, true, 100, false
	case scaleRole:
		if n.value >= w.scale || !w.has && w.total > 0 {
			return false
		}
		w.total += max(w.part, 1) * n.value
		w.part, w.has, w.read.alone = 0, false, false
		w.scale, w.floor = n.value, n.value
	case dozenRole:
		if w.total > 0 || w.part > 99 {
			return false
		}
		w.part, w.read.alone = max(w.part, 1)*n.value, false
	}
	return true
}

// add adds a part that is smaller than the ones before it.
func (w *wordReader) add(n numberWord) bool {
	v, french := n.value, w.l.vigesimal
	switch {
	case french && v == 20 && w.part%100 == 4 && w.last == 4: // quatre-vingts
		w.part += 76
		w.floor = 20
	case v >= w.floor, v == 0 && w.part > 0, french && w.last == 10 && v < 7:
		return false
	default:
		w.part += v
		w.floor = below(v, french)
	}
	w.read.alone = n.role == articleRole && w.at == w.first
	w.has = true
	return true
}

// below returns what a part after one of value v must be smaller than.
func below(v int64, french bool) int64 {
	switch {
	case french && v == 60: // soixante-dix
		return 20
	case french && v == 10: // dix-sept
		return 10
	case v < 20 || v%10 != 0:
		return 1
	case v%1000 == 0:
		return 1000
	case v%100 == 0:
		return 100
	}
	return 10
}

// joins reports whether the word for and, at an atom, joins two parts of a number.
func (s *scratch) joins(l *lexicon, at int, floor int64) bool {
	if at+1 >= len(s.atoms) || s.atoms[at+1].before != spaced && s.atoms[at+1].before != hyphen {
		return false
	}
	next := s.word(at + 1)
	w, ok := l.lookup(next)
	if !ok {
		o, is := l.ordinal(next)
		w, ok = numberWord{int64(o), addRole}, is && o > 0
	}
	if !ok || w.value >= floor || w.value == 0 || w.role != addRole && w.role != articleRole {
		return false
	}
	if l.andTens {
		return floor == 10 || floor == 20 && (w.value == 1 || w.value == 11)
	}
	return floor >= 100 && floor < unbounded
}

// finish adds what may follow a number in words: decimals or a half.
func (s *scratch) finish(l *lexicon, r reading, i int) reading {
	if r.next == 0 || r.next+1 >= len(s.atoms) {
		return r
	}
	word := s.word(r.next)
	if s.atoms[r.next].before != spaced {
		return r
	}
	if string(word) == l.point[0] || string(word) == l.point[1] && l.point[1] != "" {
		return s.decimals(l, r)
	}
	if string(word) != l.and || s.atoms[r.next+1].before != spaced {
		return r
	}
	half := r.next + 1
	if string(s.word(half)) == "a" && l.and == "and" && half+1 < len(s.atoms) {
		half++
	}
	if h := string(s.word(half)); h != "" && (h == l.half[0] || h == l.half[1]) {
		r.next, r.value, r.alone, r.words = half+1, r.value+0.5, false, half+1-i
	}
	return r
}

// decimals reads "point one four", or "point fourteen".
func (s *scratch) decimals(l *lexicon, r reading) reading {
	value, unit := r.value, 1.0
	at := r.next + 1
	for at < len(s.atoms) && at-r.next <= 6 && s.atoms[at].before == spaced {
		w, ok := l.lookup(s.word(at))
		if !ok || w.role != addRole && w.role != articleRole || w.value > 99 || w.value > 9 && at > r.next+1 {
			break
		}
		unit *= 10
		if w.value > 9 {
			unit *= 10
		}
		value += float64(w.value) / unit
		at++
	}
	if at == r.next+1 {
		return r
	}
	// The sum of tenths has an error that the digits do not have.
	value = math.Round(value*unit) / unit
	return reading{next: at, value: value, words: at}
}

// isNumberWord reports whether atom i is a word of a number.
func (s *scratch) isNumberWord(i int) bool {
	for l := range lexicons {
		if s.lang.has(l) {
			if _, ok := lexicons[l].lookup(s.word(i)); ok {
				return true
			}
		}
	}
	return false
}

// isNoNumber reports whether a single number word at atom i is a pronoun, or a
// word of another language, rather than a number.
func (s *scratch) isNoNumber(i int) bool {
	switch string(s.word(i)) {
	case "one":
		if i > 0 && s.atoms[i].before == spaced && isBeforeOne(s.word(i-1)) {
			return true
		}
		return i+1 < len(s.atoms) && (s.atoms[i+1].before == quote || string(s.word(i+1)) == "another")
	case "sept": // the month
		if e := int(s.atoms[i].end); e+1 < len(s.text) && s.text[e] == '.' || i+1 < len(s.atoms) && s.atoms[i+1].class == digits {
			return true
		}
		return s.lang.several()
	case "once", "cent", "mil", "elf", "dos":
		return s.lang.several()
	}
	return false
}
