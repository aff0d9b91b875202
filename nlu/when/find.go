package when

import (
	"strings"
	"sync"
	"time"

	"dragoman/internal/clock"
)

// Find appends the expressions of time in text to dst, from left to right and
// without overlaps, and returns it. Where several readings begin at the same
// word the longest counts. lang is the language of the text as a BCP 47 tag
// ("en", "de-AT"); in a language that the package doesn't know only forms
// without words are found, such as 2026-12-05 14:00.
//
// Its time is linear in the text, and it allocates nothing for the usual
// letters of the Latin languages when dst has room. It is safe for many
// goroutines at once.
func Find(dst []Expression, text, lang string, at Reference) []Expression {
	p := parsers.Get().(*parser)
	p.reset(languageOf(lang), text, at)
	p.scan()
	dst = p.findAll(dst)
	p.release()
	return dst
}

// languageOf returns the vocabulary for a BCP 47 tag.
func languageOf(tag string) *language {
	if i := strings.IndexAny(tag, "-_"); i >= 0 {
		tag = tag[:i]
	}
	switch {
	case strings.EqualFold(tag, "en"):
		return english()
	case strings.EqualFold(tag, "de"):
		return german()
	case strings.EqualFold(tag, "fr"):
		return french()
	case strings.EqualFold(tag, "es"):
		return spanish()
	}
	return wordless()
}

var wordless = sync.OnceValue(func() *language { return compile("", unsettled, nil, "") })

var parsers = sync.Pool{New: func() any { return new(parser) }}

// parser reads one text. The methods named after what they read take the index
// of a token and return the index after it and whether they found anything;
// each looks at a bounded number of tokens, which keeps Find linear.
type parser struct {
	text   string
	tokens []token
	fold   []byte
	lang   *language

	all class // of all tokens

	now   time.Time // in the zone of the Reference
	today time.Time // its date, as a UTC time
	past  bool      // a day or a time is the last such one, not the next
	day   lastDay
	bad   int // an impossible value ends before this token
}

func (p *parser) reset(l *language, text string, at Reference) {
	p.text = text
	p.tokens = p.tokens[:0]
	p.lang = l
	p.now = at.Now
	w := clock.Wall(at.Now)
	p.today = time.Date(w.Year(), w.Month(), w.Day(), 0, 0, 0, 0, time.UTC)
	p.past, p.bad, p.all = false, 0, 0
	p.day.next = 0
}

// maxKept is the number of tokens whose memory is kept for the next text.
const maxKept = 4096

func (p *parser) release() {
	if cap(p.tokens) > maxKept {
		p.tokens = nil
	}
	p.text, p.now = "", time.Time{}
	parsers.Put(p)
}

// starters are the classes with which an expression can begin.
const starters = cWeekdayPart | cNum | cOne | cNumHalf | cOrd | cUnit | cSpan | cIn | cAgo | cDay | cDayPart | cPartOf | cRel | cRolling |
	cArt | cOn | cAt | cNoon | cHalf | cQuarter | cMonth | cWeakMonth | cWeekday | cWeakWeekday | cWeekdays |
	cEvery | cFreq | cHabit | cDays | cUntil | cSince | cStarting | cBefore | cAfter | cFrom | cBetween | cEdge

func (p *parser) findAll(dst []Expression) []Expression {
	for i := 0; i < len(p.tokens); {
		t := &p.tokens[i]
		if n := p.skip(i, cSkip); n > i {
			i = n
			continue
		}
		if t.kind != digits && t.mask&starters == 0 || !p.canStart(i) || t.weak && !p.leads(i) || t.kind == digits && !p.counts(i) {
			i++
			continue
		}
		p.bad = 0
		e, n, ok := p.expression(i)
		switch {
		case ok && n >= p.bad:
			e.Start, e.End = t.start, p.tokens[n-1].end
			dst = append(dst, e)
			i = n
		case p.bad > i:
			i = p.bad
			p.bad = 0
			if _, n, ok := p.timeOfDay(p.comma(i), behindDay, 0); ok { // of a day that there isn't
				i = n
			}
		default:
			i++
		}
	}
	return dst
}

// weak are the classes of words that begin an expression only together with
// what follows. Most words of a sentence that can begin one are such.
const weak = cOne | cAnd | cIn | cAgo | cArt | cOn | cAt | cUntil | cSince | cStarting | cBefore | cAfter | cFrom | cBetween |
	cTo | cOf | cFollow | cThing | cPast | cPlusHour | cRel | cEvery

// leads reports whether something that is known follows the weak word at i.
func (p *parser) leads(i int) bool {
	for range 4 {
		t := p.at(i)
		switch {
		case t.kind == digits:
			return true
		case t.kind == word && t.id == 0, t.kind == end:
			return false
		case t.kind == word && !t.weak:
			return true
		}
		i++
	}
	return true
}

// counts reports whether the digits at i can begin an expression: not before
// another number or a word that is not known.
func (p *parser) counts(i int) bool {
	t := p.at(i + 1)
	return t.kind == mark || t.kind == word && t.id != 0
}

// expression reads the longest expression at token i.
func (p *parser) expression(i int) (best Expression, n int, ok bool) {
	for k := range 5 {
		var e Expression
		var m int
		var found bool
		p.past = false
		switch k {
		case 0:
			e, m, found = p.recurrence(i)
		case 1:
			e, m, found = p.closedRange(i)
		case 2:
			e, m, found = p.openRange(i)
		case 3:
			e, m, found = p.moment(i)
		case 4:
			e, m, found = p.duration(i)
		}
		if found && m > n && p.canEnd(m) {
			best, n, ok = e, m, true
		}
	}
	p.past = false
	return best, n, ok
}

// at returns token i, and an empty one past the last.
func (p *parser) at(i int) *token {
	if uint(i) < uint(len(p.tokens)) {
		return &p.tokens[i]
	}
	return &noToken
}

var noToken token // the zero token, never written to

// is reads the longest phrase at i that has the class c.
func (p *parser) is(i int, c class) (value, next int, ok bool) {
	t := p.at(i)
	if t.mask&c == 0 || t.kind != word {
		return 0, i, false
	}
	l := p.lang
	node := l.first[t.id]
	j := i
	for node != 0 {
		for _, s := range l.sense[node] {
			if s.class&c != 0 {
				value, next, ok = s.value, j+1, true
				break
			}
		}
		if l.below[node]&c == 0 {
			break
		}
		j = p.joined(j)
		u := p.at(j)
		if u.kind != word || u.id == 0 {
			break
		}
		node = l.next[uint32(node)<<16|uint32(u.id)]
	}
	if ok {
		next = p.abbreviation(next)
	}
	return value, next, ok
}

// joined returns the token that continues the phrase after token j: the next
// one, or the one behind a hyphen or an apostrophe, or behind the point of an
// initial as in "a.m.".
func (p *parser) joined(j int) int {
	m := p.at(j + 1)
	if m.kind != mark || m.space || p.at(j+2).space || p.at(j+2).kind != word {
		return j + 1
	}
	switch m.char {
	case '-', '\'', '’', '\u2010', '\u2011':
		return j + 2
	case '.':
		if p.at(j).width() == 1 {
			return j + 2
		}
	}
	return j + 1
}

// abbreviation steps over the apostrophe of "l'année", and over the point of "Dec. 5" or "a.m. tomorrow" where text
// goes on behind it, so that it ends no sentence.
func (p *parser) abbreviation(j int) int {
	t, m := p.at(j-1), p.at(j)
	if m.kind == mark && (m.char == '\'' || m.char == '’') && !m.space && t.elided() && p.at(j+1).kind == word && !p.at(j+1).space {
		return j + 1
	}
	if m.kind != mark || m.char != '.' || m.space || t.width() > 5 {
		return j
	}
	u := p.at(j + 1)
	switch {
	case !u.space || u.kind == word && u.upper:
	case t.mask&(cWeakMonth|cWeakWeekday) != 0 && (u.kind == digits || u.kind == word),
		t.mask&(cUnit|cOclock) != 0 && u.kind == digits: // "2 Std. 30"
		return j + 1
	}
	if t.width() == 1 && p.at(j-2).char == '.' { // the last point of "a.m."
		return j + 1
	}
	return j
}

// skip steps over a phrase of class c where one is at i.
func (p *parser) skip(i int, c class) int {
	if _, n, ok := p.is(i, c); ok {
		return n
	}
	return i
}

// mark reports whether token i is the character c; touching, without space.
func (p *parser) mark(i int, c rune, touching bool) bool {
	t := p.at(i)
	return t.kind == mark && t.char == c && !(touching && t.space)
}

// comma skips one comma.
func (p *parser) comma(i int) int {
	if p.mark(i, ',', false) && p.at(i+1).space {
		return i + 1
	}
	return i
}

// dash reports whether token i is a hyphen or a dash as in 3-4pm.
func (p *parser) dash(i int) bool {
	t := p.at(i)
	return t.kind == mark && isDash(t.char)
}

func isDash(r rune) bool {
	switch r {
	case '-', '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '~':
		return true
	}
	return false
}

// canStart reports whether nothing touches token i that makes it a part of
// something else, such as a version or an address.
func (p *parser) canStart(i int) bool {
	t := p.at(i)
	if t.space || i == 0 {
		return true
	}
	b := p.at(i - 1)
	if b.kind != mark {
		return false
	}
	switch b.char {
	case ',':
		return t.kind != digits || p.at(i-2).kind != digits
	case '(', '[', '{', '"', '\'', '’', '‘', '“', '„', '«', '¿', '¡', ';', '*', '>', '=', '—', '!', '?':
		return true
	}
	return false
}

// canEnd reports the same of the end of an expression before token n.
func (p *parser) canEnd(n int) bool {
	t := p.at(n)
	if t.kind == end || t.space {
		return true
	}
	if t.kind != mark {
		return false
	}
	switch t.char {
	case ')', ']', '}':
		u := p.at(n + 1)
		return u.kind == end || u.kind == mark || u.space
	case ';', '!', '?', '"', '\'', '’', '”', '“', '»', '…', '*', '<', '—':
		return true
	case ',':
		return p.at(n+1).kind != digits || p.at(n+1).space || p.at(n-1).kind != digits
	case '.', ':':
		u := p.at(n + 1)
		return u.kind == end || u.space || u.kind == mark && u.char != '/'
	}
	return false
}

// followers are the classes that may come after a bare number without making
// it a number of things.
const followers = cFollow | cAt | cOn | cUntil | cFrom | cDay | cDayPart | cWeekday | cWeekdayPart | cEvery | cPartOf | cRel | cAnd | cIn |
	cSince | cStarting | cBetween | cTo | cTimes

// clear reports whether token i leaves the bare number before it a time: the
// text ends, or a mark or a word stands there that begins something else.
func (p *parser) clear(i int) bool {
	t := p.at(i)
	switch t.kind {
	case end:
		return true
	case mark:
		return p.canEnd(i) && t.char != '%' && t.char != '$' && t.char != '€'
	case word:
		return t.mask&followers != 0 && t.mask&(cUnit|cTimes) == 0
	}
	return false
}

// ofThing reports whether the words before token i say that a number is no
// time: "port 5222", "version 3 to 4".
func (p *parser) ofThing(i int) bool {
	return i > 0 && p.at(i-1).mask&cThing != 0 || i > 1 && p.at(i-2).mask&cThing != 0
}

// onThing reports the same of the words from token i on: "1 to 10 on a scale".
func (p *parser) onThing(i int) bool {
	for k := range 4 {
		t := p.at(i + k)
		if t.kind == word && t.id == 0 || t.kind == end {
			return false
		}
		if t.mask&cThing != 0 {
			return true
		}
	}
	return false
}

// number reads a whole number in digits or words.
func (p *parser) number(i int) (value, next int, ok bool) {
	t := p.at(i)
	if t.kind == digits {
		return t.value, i + 1, t.value >= 0
	}
	return p.is(i, cNum)
}
