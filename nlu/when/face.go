package when

import "time"

// face is a time of day as it was said.
type face struct {
	h, m, s int
	bare    bool // on the twelve-hour face, and nothing tells which half of the day
	half    bool // the half was told
}

// firstMorningHour is the first hour of the twelve-hour face that is taken for
// the morning where nothing tells: people meet at 3 in the afternoon and get up
// at 6 in the morning.
const firstMorningHour = 6

// point is the time as it comes next, or came last.
func (p *parser) point(f face) Point {
	h := f.h
	if f.bare && h < firstMorningHour {
		h += 12
	}
	return p.nextTime(Point{Hour: h % 24, Minute: f.m, Second: f.s, HasTime: true})
}

// nextTime puts a time of day on the day on which it comes next, or came last.
func (p *parser) nextTime(q Point) Point {
	for k := range 3 {
		d := k
		if p.past {
			d = -k
		}
		q = q.onDay(p.today.AddDate(0, 0, d))
		t := q.In(p.now.Location())
		if t.Equal(p.now) || t.After(p.now) != p.past {
			break
		}
	}
	return q
}

// on is the time on a day. Midnight at the end of a day, 24:00, belongs to the next.
func (p *parser) on(f face, d time.Time) Point {
	q := p.point(f).onDay(d)
	if f.h == 24 {
		q = q.onDay(d.AddDate(0, 0, 1))
	}
	q.HasDate = true
	if f.bare && d.Equal(p.today) && !p.past && q.Hour < 12 && q.In(p.now.Location()).Before(p.now) {
		q.Hour += 12 // "today at 8", said at ten
	}
	return q
}

// fail remembers that the tokens up to n name an impossible time or day.
func (p *parser) fail(n int) {
	for k := 0; k < 16 && n < len(p.tokens) && !p.tokens[n].space && !p.canEnd(n); k++ {
		n++ // the rest of "25:00:00"
	}
	p.bad = max(p.bad, n)
}

// place says what stands before a time.
type place uint8

const (
	anywhere   place = iota
	behindDay        // a day: "15h" is a time then, without "à"
	behindPrep       // a preposition such as "until": "5" is a time then
)

// timeOfDay reads a time of day. part is the part of the day that was said
// before it.
func (p *parser) timeOfDay(i int, where place, part int) (f face, next int, ok bool) {
	kind, j, prep := p.is(i, cAt)
	if !prep {
		j = i
	}
	at := prep && kind == 0 || where == behindPrep
	f, next, ok = p.face(j, at, at || where == behindDay, at || prep)
	if !ok {
		return f, i, false
	}
	if f.half {
		return f, next, true
	}
	if v, n, found := p.is(next, cPartOf); found && f.h <= 12 {
		part, next = v, n
	}
	if part != 0 && f.h <= 12 && (f.bare || f.h > 0) {
		f = f.in(part)
	}
	return f, next, true
}

// in is f in a part of the day.
func (f face) in(part int) face {
	switch part {
	case morning:
		if f.h == 12 {
			f.h = 0
		}
	case midday:
		if f.h < 6 {
			f.h += 12
		}
	case afternoon:
		if f.h < 12 {
			f.h += 12
		}
	case evening:
		if f.h >= 4 && f.h <= 12 {
			f.h += 12
		}
	case night:
		if f.h >= 6 && f.h <= 12 { // at 12 the day ends
			f.h += 12
		}
	case smallHours:
		f.h %= 12
	}
	f.bare, f.half = false, true
	return f
}

// face reads a time after its preposition. at says that a preposition makes a
// single number a time, ctx that something does so for one with a unit, prep
// that there is any preposition.
func (p *parser) face(i int, at, ctx, prep bool) (face, int, bool) {
	if h, n, ok := p.is(i, cNoon); ok && (at || ctx || h == 0 || p.lang.name != "de") { // German "Mittag" is a meal as well
		f := face{h: h, half: true}
		if v, m, ok := p.is(n, cAndHalf); ok {
			f.m, n = 60/v, m
		}
		return f, n, true
	}
	if p.at(i).kind == digits {
		if v, _, ok := p.is(i-1, cThing); ok && v == 1 {
			return face{}, i, false // "port 15:30"
		}
		if f, n, ok := p.digital(i, at, prep); ok || p.bad > i {
			return f, n, ok
		}
	}
	if f, n, ok := p.spoken(i, at, ctx); ok {
		return p.meridiem(f, n)
	}
	return p.hourFirst(i, at, ctx, prep)
}

// meridiem reads am or pm behind a time, where it can stand.
func (p *parser) meridiem(f face, i int) (face, int, bool) {
	v, n, ok := p.is(i, cAmPm)
	if !ok || f.half {
		return f, i, true
	}
	if f.h < 1 || f.h > 12 {
		if p.canEnd(n) {
			p.fail(n)
			return f, i, false
		}
		return f, i, true
	}
	f.h, f.bare, f.half = f.h%12+v, false, true
	return f, n, true
}

// digital reads 15:30, 15:30:15, 3.30pm, 14.30 Uhr and 3pm.
func (p *parser) digital(i int, at, prep bool) (face, int, bool) {
	t, sep, u := p.at(i), p.at(i+1), p.at(i+2)
	f := face{h: t.value}
	var n int
	switch {
	case p.mark(i+1, ':', true) && u.kind == digits && !u.space:
		n = i + 3
		f.m = u.value
		valid := t.width() <= 2 && u.width() == 2
		if w := p.at(n + 1); p.mark(n, ':', true) && w.kind == digits && !w.space {
			valid = valid && w.width() == 2 && w.value < 60
			f.s = w.value
			n += 2
		}
		if !valid || f.h > 24 || f.m > 59 || f.h == 24 && f.m+f.s > 0 {
			p.fail(n)
			return f, i, false
		}
		f.bare = f.h >= 1 && f.h <= 12 && t.width() == len(twelve(f.h)) && (p.lang.name == "en" || p.lang.name == "es" && prep)
		n = p.skip(n, cOclock)
	case sep.kind == mark && sep.char == '.' && !sep.space && u.kind == digits && !u.space && t.width() <= 2 && u.width() == 2 && u.value < 60 && f.h < 24:
		f.m = u.value
		n = i + 3
		m := p.skip(p.skip(n, cOclock), cAmPm)
		if m == n && (!at || !p.canEnd(n) || p.lang.name == "fr") {
			return f, i, false
		}
		f.bare = f.h >= 1 && f.h <= 12 && p.lang.name == "en"
		if v, m, ok := p.is(n, cOclock); ok && v != 2 {
			n, f.bare = m, false
		}
	default:
		if _, n, ok := p.is(i+1, cAmPm); ok && t.width() <= 2 {
			if f.h < 1 || f.h > 12 {
				p.fail(n)
			}
			return p.meridiem(f, i+1)
		}
		return f, i, false
	}
	return p.meridiem(f, n)
}

// twelve is h without a leading zero, for its length.
func twelve(h int) string { return "12"[:1+h/10] }

// hourValue reads an hour in digits or words.
func (p *parser) hourValue(i int) (h, next int, ok bool) {
	h, next, ok = p.number(i)
	if v, n, one := p.is(i, cOne); !ok && one && p.has(n, cOclock) {
		return v, n, true // "ein Uhr"
	}
	if !ok || h > 24 || p.at(i).kind == digits && p.at(i).width() > 2 {
		return 0, i, false
	}
	return h, next, true
}

// spoken reads what is said before its hour: "half past three", "ten to
// nine", "Viertel nach drei", "fünf vor halb acht", "halb acht".
func (p *parser) spoken(i int, at, ctx bool) (face, int, bool) {
	minutes, j, ok := p.is(i, cHalf)
	if h, n, found := p.is(j, cNoon); ok && found && j > i+1 { // "half past midnight"
		return face{h: h, half: true}.plus(minutes), n, true
	}
	if h, n, found := p.hourValue(j); ok && found && h > 0 && h <= 12 { // the hour is right behind
		n = p.skip(n, cOclock)
		if p.lang.name == "en" && j == i+1 && !at && !ctx && !p.clear(n) { // "half 7" of something
			return face{}, i, false
		}
		if minutes == -45 && !at && !ctx { // "ein viertel acht" is rare, "viertel" alone no time
			return face{}, i, false
		}
		return face{h: h, bare: true}.plus(minutes), n, true
	}
	minutes, j, ok = p.is(i, cQuarter)
	if !ok {
		if minutes, j, ok = p.number(i); !ok || minutes < 1 || minutes > 59 {
			return face{}, i, false
		}
		if u, n, found := p.is(j, cUnit); found && u == minute {
			j = n
		} else if minutes%5 != 0 || !at && p.ofThing(i) { // "from one to ten"
			return face{}, i, false
		}
	}
	sign, j, ok := p.is(j, cPast)
	if !ok {
		return face{}, i, false
	}
	if p.lang.name == "en" && sign < 0 && p.at(i).kind == digits && !at && p.at(j).kind == digits && !p.has(j+1, cAmPm) {
		return face{}, i, false // "3 to 5"
	}
	extra := 0
	if v, n, found := p.is(j, cHalf); found && v == -30 {
		extra, j = v, n
	}
	if h, n, found := p.is(j, cNoon); found && extra == 0 {
		return face{h: h, half: true}.plus(sign * minutes), n, true
	}
	h, n, found := p.hourValue(j)
	if !found || h == 0 || h > 24 {
		return face{}, i, false
	}
	if m := p.skip(n, cOclock); m != n {
		n = m
	} else if p.has(n, cUnit) || !p.canEnd(n) && !p.has(n, cAmPm) {
		return face{}, i, false
	}
	return face{h: h, bare: h <= 12}.plus(sign*minutes + extra), n, true
}

// has reports whether a phrase of class c is at i.
func (p *parser) has(i int, c class) bool {
	_, _, ok := p.is(i, c)
	return ok
}

// plus moves f by minutes, on the face that it was said on.
func (f face) plus(minutes int) face {
	t := f.h*60 + f.m + minutes
	if f.bare && t < 60 {
		t += 12 * 60
	}
	if f.bare && t >= 13*60 {
		t -= 12 * 60
	}
	t = (t + 24*60) % (24 * 60)
	f.h, f.m = t/60, t%60
	return f
}

// hourFirst reads an hour and what is said behind it: "14 Uhr 30", "15h30",
// "las tres y media", "neuf heures moins dix", "at three thirty", "at 5".
func (p *parser) hourFirst(i int, at, ctx, prep bool) (face, int, bool) {
	h, n, ok := p.hourValue(i)
	if !ok {
		if at && p.at(i).kind == digits && p.has(i+1, cOclock) {
			p.fail(p.skip(i+1, cOclock)) // "um 25 Uhr"
		}
		return face{}, i, false
	}
	f := face{h: h, bare: h >= 1 && h <= 12}
	if kind, m, ok := p.is(n, cOclock); ok {
		f.bare = f.bare && kind == 2
		return p.afterUnit(f, m, kind, at, ctx || prep)
	}
	if g, m, ok := p.afterHour(f, n, prep); ok {
		return g, m, at || prep || ctx
	}
	if p.has(n, cAmPm) {
		return p.meridiem(f, n)
	}
	if v, m, ok := p.is(n, cNum); ok && v > 9 && v < 60 && p.at(i).kind == word && (at && p.clear(m) || p.has(m, cAmPm)) {
		f.m = v // "three thirty"
		return p.meridiem(f, m)
	}
	if p.has(n, cPartOf) && f.bare && (prep || ctx) {
		return f, n, true
	}
	return f, n, at && p.canEnd(n) && p.bareHour(n) && !p.ofThing(i-1) && !p.onThing(n)
}

// afterUnit reads what follows "14 Uhr" or "3 heures". kind is the value of
// that cOclock, ctx says that a day or a preposition makes it no length.
func (p *parser) afterUnit(f face, n, kind int, at, ctx bool) (face, int, bool) {
	if m := p.at(n); m.kind == digits && m.width() == 2 && p.minutesAfter(n) {
		if m.value > 59 || f.h == 24 && m.value > 0 {
			p.fail(n + 1)
			return f, n, false
		}
		if kind == 1 && p.lang.name == "en" && f.h < 13 && !at {
			return f, n, false // "1h30" is a length
		}
		f.m = m.value
		return f, n + 1, true
	}
	if v, m, ok := p.is(n, cNum); ok && v > 0 && v < 60 && p.lang.name == "de" && p.clear(m) {
		f.m = v
		return f, m, true
	}
	canBeTime := kind != 1 || ctx
	if g, m, ok := p.afterHour(f, n, ctx); ok {
		return g, m, canBeTime
	}
	return f, n, canBeTime || f.h >= 13
}

// minutesAfter reports whether the two digits at i are minutes after "h" or
// "Uhr": they touch it, or nothing follows that they count.
func (p *parser) minutesAfter(i int) bool {
	if !p.at(i).space {
		return p.canEnd(i+1) && !p.has(i+1, cLetter|cUnit)
	}
	return p.clear(i+1) || p.at(i+1).kind == word && !p.at(i+1).upper && p.at(i+1).mask&cUnit == 0
}

// bareHour reports whether what follows at i leaves a single number behind
// "at" an hour. German verbs come last: "um 3 anrufen".
func (p *parser) bareHour(i int) bool {
	t := p.at(i)
	return p.clear(i) || p.lang.name == "de" && t.kind == word && t.mask == 0 && !t.upper
}

// afterHour reads "et quart", "y media", "moins dix" after an hour.
func (p *parser) afterHour(f face, i int, prep bool) (face, int, bool) {
	if v, n, ok := p.is(i, cAndHalf); ok {
		return f.plus(60 / v), n, true
	}
	sign, n, ok := p.is(i, cMinusHour|cPlusHour)
	if !ok {
		return f, i, false
	}
	if v, m, ok := p.is(n, cQuarter); ok {
		return f.plus(sign * v), m, true
	}
	v, m, ok := p.number(n)
	if !ok || v < 1 || v > 59 || !prep || sign > 0 && !p.clear(m) && !p.has(m, cPartOf) || p.has(m, cUnit) && sign > 0 {
		return f, i, false
	}
	if u, k, ok := p.is(m, cUnit); ok && u == minute {
		m = k
	}
	return f.plus(sign * v), m, true
}
