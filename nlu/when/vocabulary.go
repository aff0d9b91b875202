package when

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dragoman/nlu"
)

// class is a role that a word or phrase can have in an expression of time. A
// word may have several, each with a value of its own.
type class uint64

const (
	cNum         class = 1 << iota // a number in words; value is the number
	cOne                           // an article that counts: "an hour"
	cNumHalf                       // a number and a half; value is twice the number: "anderthalb"
	cAndHalf                       // "and a half", after a number or a unit; value is 2, or 4 for a quarter
	cOrd                           // an ordinal in words: 1 to 31, -1 the last
	cOrdEnd                        // what makes an ordinal of digits: "st", "er"
	cUnit                          // a unit of time; value is a unit
	cLetter                        // a unit of one letter or two that must touch its number: "15m"
	cSpan                          // a length in one phrase; value in seconds: "half an hour"
	cAnd                           // "and"
	cIn                            // before a length: that long from now
	cAgo                           // before or after a length: that long before now; value 0 before, 1 after
	cFromNow                       // after a length: that long from now
	cDay                           // a day relative to today; value in days: "tomorrow"
	cDayPart                       // a day and its part in one; value is by dayPart: "tonight"
	cPart                          // a part of the day, right after a day: "[tomorrow] morning"
	cPartOf                        // a part of the day in a phrase: "in the morning"
	cRel                           // "last", "this", "next" before what they speak of; value -1, 0, 1
	cRelPost                       // the same, after it: "prochain"
	cRolling                       // "the past", before a unit: the week up to now
	cArt                           // "the"
	cOn                            // before a date; value 1 before periods only
	cAt                            // before a time
	cOclock                        // after an hour: "o'clock", "Uhr", "h"; value 1 where it can be a length too
	cAmPm                          // value 0 for am, 12 for pm
	cNoon                          // a time with a name; value in hours
	cPast                          // between minutes and an hour: value 1 for past, -1 for to
	cHalf                          // "half" of an hour; value in minutes to add to it: en 30, de -30
	cQuarter                       // "quarter" of an hour, before or after it; value in minutes
	cMonth                         // 1 to 12
	cWeakMonth                     // a month that means something else as well: only beside a day
	cWeekday                       // 1 Monday to 7
	cWeakWeekday                   // one that means something else: only before a date or a time
	cWeekdays                      // a weekday in a form that recurs: "mondays", "montags"
	cWeekdayPart                   // a weekday and a part of it: "Samstagabend"; value is 16*weekday + part
	cEvery                         // "every"
	cOther                         // "other", every second one
	cFreq                          // a recurrence in one word; value is a unit: "daily"
	cHabit                         // days that recur: 1 workdays, 2 weekends: "on weekdays"
	cDays                          // the same in the singular, after "every" or "this"
	cUntil                         // before the end of a range
	cSince                         // before the beginning of one that goes on until now
	cStarting                      // before the beginning of one that goes on from then
	cBefore                        // before a time: an open range up to it
	cAfter                         // before a time: an open range from it
	cFrom                          // before a range of two; value 1 where its numbers are days: "vom"
	cBetween                       // the same, with cAnd between the two
	cTo                            // between the ends of a range
	cTimes                         // "times"
	cEdge                          // value -1 "end of", 1 "beginning of"
	cOf                            // "of", between a day and a month
	cMinusHour                     // after an hour: to be taken off it: "moins", "menos"
	cPlusHour                      // after an hour: to be added: "y"
	cWeekOn                        // "week" after a day: a week later: "friday week"
	cFollow                        // a word that may come after a bare number and keeps it a time; value 1 for "for", before a count or a length
	cThing                         // a word after which numbers are no times: "room"; value 1 not even with a colon: "port"
	cSkip                          // a phrase with words of time that is about none: "good morning"
	cDiv                           // "sur deux": every second one, after a weekday
	cDash                          // a hyphen or a dash; never in a table
)

// Units, as values of cUnit, cLetter and cFreq.
const (
	second = iota + 1
	minute
	hour
	day
	week
	month
	year
	fortnight
)

// Parts of the day, as values of cPart and cPartOf.
const (
	morning = iota + 1
	midday
	afternoon
	evening
	night
	smallHours
)

// dayPart is the value of a cDayPart: a day relative to today, at least -8, and its part.
func dayPart(day, part int) int { return 16*(day+8) + part }

// row is one line of a language's table: the phrases, divided by |, that have
// a class with a value. In German tables ~ stands for every ending of an
// adjective.
type row struct {
	class   class
	value   int
	phrases string
}

// language is the compiled vocabulary of one language.
type language struct {
	name  string
	order dateOrder
	ids   map[string]uint16   // words; 0 is none
	next  map[uint32]uint16   // node<<16 | word id -> node
	sense [][]sense           // by node
	own   []class             // by node: the classes of its senses
	below []class             // by node: the classes of all longer phrases
	first []uint16            // by word id: the node of the word alone, 0 where it begins nothing
	typos [maxTypo + 1][]typo // by length in letters
	never map[string]bool     // words that are no typo
}

// dateOrder says how 05/12 is read.
type dateOrder uint8

const (
	unsettled dateOrder = iota // both ways
	dayFirst
)

type sense struct {
	class class
	value int
}

// compile builds a language from its tables. rows may repeat a phrase: a word
// then has several senses.
func compile(name string, order dateOrder, rows []row, never string) *language {
	l := &language{
		name: name, order: order,
		ids: map[string]uint16{}, next: map[uint32]uint16{}, never: map[string]bool{},
		sense: make([][]sense, 1), own: make([]class, 1), below: make([]class, 1),
	}
	for _, w := range strings.Fields(never) {
		l.never[nlu.Fold(w)] = true
	}
	for _, r := range rows {
		for _, phrase := range strings.Split(r.phrases, "|") {
			for _, p := range endings(strings.TrimSpace(phrase)) {
				l.add(r.class, r.value, nlu.Fold(p))
			}
		}
	}
	for _, r := range rows { // once more, so that an accent left out never hides a word of its own
		for _, phrase := range strings.Split(r.phrases, "|") {
			for _, p := range endings(strings.TrimSpace(phrase)) {
				if plain := withoutAccents(nlu.Fold(p)); plain != nlu.Fold(p) && len(plain) > 2 && !l.never[plain] {
					l.add(r.class, r.value, plain)
				}
			}
		}
	}
	l.first = make([]uint16, len(l.ids)+1)
	for _, id := range l.ids {
		l.first[id] = l.next[uint32(id)]
	}
	l.learnTypos()
	return l
}

// endings are the forms of a German adjective that phrase stands for.
func endings(phrase string) []string {
	if !strings.Contains(phrase, "~") {
		return []string{phrase}
	}
	forms := make([]string, 0, 5)
	for _, e := range []string{"e", "en", "er", "es", "em"} {
		forms = append(forms, strings.ReplaceAll(phrase, "~", e))
	}
	return forms
}

func (l *language) add(c class, value int, phrase string) {
	words := strings.FieldsFunc(phrase, func(r rune) bool { return !unicode.IsLetter(r) })
	node := uint16(0)
	path := [8]uint16{}
	for i, w := range words {
		id, ok := l.ids[w]
		if !ok {
			id = uint16(len(l.ids) + 1)
			l.ids[w] = id
		}
		key := uint32(node)<<16 | uint32(id)
		n, ok := l.next[key]
		if !ok {
			n = uint16(len(l.sense))
			l.next[key] = n
			l.sense = append(l.sense, nil)
			l.own, l.below = append(l.own, 0), append(l.below, 0)
		}
		node = n
		path[i] = n
	}
	for _, s := range l.sense[node] {
		if s.class == c {
			return
		}
	}
	l.sense[node] = append(l.sense[node], sense{c, value})
	l.own[node] |= c
	for _, n := range path[:len(words)-1] {
		l.below[n] |= c
	}
}

// withoutAccents is s as people type it who have no accents at hand.
func withoutAccents(s string) string {
	return strings.NewReplacer("á", "a", "à", "a", "â", "a", "é", "e", "è", "e", "ê", "e", "í", "i", "î", "i", "ï", "i",
		"ó", "o", "ô", "o", "ú", "u", "û", "u", "ù", "u", "ñ", "n", "ç", "c", "ä", "ae", "ö", "oe", "ü", "ue").Replace(s)
}

// maxTypo is the longest word, in letters, that is looked at for a mistake,
// and minTypo the shortest: shorter words have too many neighbours.
const (
	minTypo = 6
	maxTypo = 16
)

// typo is a word that is recognised with one mistake.
type typo struct {
	word    string
	letters uint32 // which letters it has
	id      uint16
}

// learnTypos collects the months, weekdays and days that are long enough.
func (l *language) learnTypos() {
	const fuzzy = cMonth | cWeekday | cWeekdays | cDay
	for w, id := range l.ids {
		n := utf8.RuneCountInString(w)
		if n < minTypo || n > maxTypo || l.never[w] {
			continue
		}
		if node := l.next[uint32(id)]; node != 0 && hasClass(l.sense[node], fuzzy) {
			l.typos[n] = append(l.typos[n], typo{w, letters(w), id})
		}
	}
}

func hasClass(senses []sense, c class) bool {
	for _, s := range senses {
		if s.class&c != 0 {
			return true
		}
	}
	return false
}

// letters is the set of the letters of w; those outside a to z share bits.
func letters(w string) uint32 {
	var set uint32
	for i := 0; i < len(w); i++ {
		set |= 1 << (w[i] % 32)
	}
	return set
}
