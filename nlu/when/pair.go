package when

// boundary is one end of a range of two.
type boundary struct {
	kind  boundaryKind
	n     int // of a number
	day   dayValue
	face  face
	order bool // the number is a day of the month: "5th", "5."
}

type boundaryKind uint8

const (
	bareNumber boundaryKind = iota
	timeOnly
	dayOnly
	dayAndTime
)

// closedRange reads a range of two: "from 3 to 4pm", "monday to friday", "du 5
// au 7 décembre", "tomorrow between 2 and 3".
func (p *parser) closedRange(i int) (Expression, int, bool) {
	if e, n, ok := p.interval(i); ok {
		return e, n, true
	}
	if e, n, ok := p.pair(i, dayValue{}); ok {
		return e, n, true
	}
	if p.all&(cTo|cBetween|cDash) == 0 {
		return Expression{}, i, false
	}
	d, n, ok := p.date(i)
	if !ok {
		return Expression{}, i, false
	}
	if d.part == 0 {
		if v, m, ok := p.is(n, cPart|cPartOf); ok {
			d.part, n = v, m
		}
	}
	return p.pair(p.skip(p.comma(n), cAt), d)
}

// interval reads an interval as String writes it: 2026-12-05/2026-12-07.
func (p *parser) interval(i int) (Expression, int, bool) {
	if p.at(i).kind != digits || p.at(i).width() != 4 {
		return Expression{}, i, false
	}
	a, n, ok := p.moment(i)
	if !ok || !p.mark(n, '/', true) || p.at(n+1).space || p.at(n+1).width() != 4 {
		return Expression{}, i, false
	}
	b, n, ok := p.moment(n + 1)
	if !ok || a.Kind != b.Kind || !a.From.HasDate || b.From.wall().Before(a.From.wall()) {
		return Expression{}, i, false
	}
	return Expression{Kind: Range, From: a.From, To: b.From}, n, true
}

// pair reads two boundaries; d is the day that was said before them.
func (p *parser) pair(i int, d dayValue) (Expression, int, bool) {
	if p.all&(cTo|cBetween|cDash) == 0 {
		return Expression{}, i, false
	}
	hasDay := !d.day.IsZero()
	ofDays, j, from := p.is(i, cFrom)
	between := false
	if !from {
		ofDays = 0
		if _, j, between = p.is(i, cBetween); !between {
			j = i
		}
	}
	t := p.at(j)
	if t.kind != digits && t.mask&(starters|cAt) == 0 {
		return Expression{}, i, false
	}
	a, n, ok := p.boundary(j)
	if !ok {
		return Expression{}, i, false
	}
	if !from && !between && a.kind == bareNumber && !a.order && t.kind == word && p.has(n, cPast) {
		return Expression{}, i, false // "ten to four"
	}
	n, ok = p.separator(n, between)
	if !ok {
		return Expression{}, i, false
	}
	b, n, ok := p.boundary(n)
	if !ok || !p.canEnd(n) {
		return Expression{}, i, false
	}
	named := from || between
	if a.kind == bareNumber && b.kind == bareNumber {
		if a.order || b.order || ofDays == 1 {
			return p.monthDays(a, b, n, named)
		}
		if !named && !hasDay || p.ofThing(i) || !p.rangeEnds(n, named || hasDay) {
			return Expression{}, i, false
		}
	}
	if y, m, ok := p.year(p.comma(n)); ok && a.kind == dayOnly && a.day.calendar && b.kind == bareNumber {
		a.day.day = date(y, int(a.day.day.Month()), a.day.day.Day())
		n = m
	}
	if e, ok := p.dayPair(a, b); ok {
		return e, n, !hasDay
	}
	return p.timePair(a, b, d, n)
}

// rangeEnds reports whether two bare numbers that end before n can be hours.
func (p *parser) rangeEnds(n int, named bool) bool {
	return named && !p.onThing(n) && (p.bareHour(n) || p.has(n, cOclock))
}

// separator reads what stands between two boundaries.
func (p *parser) separator(i int, between bool) (int, bool) {
	if between {
		_, n, ok := p.is(i, cAnd)
		return n, ok
	}
	if p.dash(i) {
		return i + 1, true
	}
	_, n, ok := p.is(i, cTo)
	return n, ok
}

// boundary reads one end of a range.
func (p *parser) boundary(i int) (b boundary, next int, ok bool) {
	if v, n, ok := p.lone(i); ok {
		return v, n, true
	}
	bad := p.bad
	if d, n, ok := p.date(i); ok && d.part == 0 {
		b = boundary{kind: dayOnly, day: d}
		if f, m, ok := p.timeOfDay(p.comma(n), behindDay, 0); ok {
			b.kind, b.face, n = dayAndTime, f, m
		}
		return b, n, true
	}
	if v, n, ok := p.is(i, cWeakWeekday); ok {
		return boundary{kind: dayOnly, day: dayValue{day: p.nextWeekday(v)}}, n, true
	}
	if f, n, ok := p.timeOfDay(i, behindDay, 0); ok {
		return boundary{kind: timeOnly, face: f}, n, true
	}
	p.bad = bad
	j := p.skip(p.skip(i, cAt), cArt)
	if v, n, ok := p.hourValue(j); ok {
		return boundary{n: v}, n, true
	}
	return b, i, false
}

// lone reads a number with nothing of its own behind it but the end of this
// side of the range: "5", "5th", "5.".
func (p *parser) lone(i int) (b boundary, next int, ok bool) {
	j := p.skip(p.skip(i, cAt), cArt)
	v, n, ok := p.ordinal(j)
	order := ok
	if !ok {
		if v, n, ok = p.number(j); !ok {
			return b, i, false
		}
		if p.lang.name == "de" && p.mark(n, '.', true) && (p.dash(n+1) || p.has(n+1, cTo)) {
			order = true
			n++
		}
	}
	if v < 0 || v > 31 || !order && v > 24 && !p.dash(n) && !p.has(n, cTo) {
		return b, i, false
	}
	if p.dash(n) || p.has(n, cTo) || order && p.canEnd(n) && !p.has(p.skip(n, cOf), cMonth|cWeakMonth|cWeekday|cUnit) {
		return boundary{n: v, order: order}, n, true
	}
	if _, _, and := p.is(n, cAnd); and && p.at(n).mask&cPlusHour == 0 {
		return boundary{n: v, order: order}, n, true
	}
	return b, i, false
}

// monthDays is a range of days of one month: "vom 5. bis 7.".
func (p *parser) monthDays(a, b boundary, n int, named bool) (Expression, int, bool) {
	if !named || a.n < 1 || b.n <= a.n || !p.clear(n) {
		return Expression{}, n, false
	}
	from, ok := p.nextMonthDay(a.n)
	to := from.AddDate(0, 0, b.n-a.n)
	return days(from, to), n, ok && from.Month() == to.Month()
}

// dayPair is a range of days: of two, or of a day and a number in its month.
func (p *parser) dayPair(a, b boundary) (Expression, bool) {
	switch {
	case a.kind == dayOnly && b.kind == dayOnly:
		if b.day.day.Before(a.day.day) {
			if b.day.calendar { // over the end of the year
				b.day.day = b.day.day.AddDate(1, 0, 0)
			} else {
				b.day.day = b.day.day.AddDate(0, 0, 7)
			}
		}
		e := days(a.day.day, b.day.day)
		if a.day.ambiguous && b.day.ambiguous {
			e.Ambiguous, e.Other, e.OtherTo = true, dayPoint(a.day.other), dayPoint(b.day.other)
		}
		return e, !b.day.day.Before(a.day.day)
	case a.kind == bareNumber && b.kind == dayOnly && b.day.calendar && a.n >= 1 && a.n < b.day.day.Day():
		return days(b.day.day.AddDate(0, 0, a.n-b.day.day.Day()), b.day.day), true
	case a.kind == dayOnly && a.day.calendar && b.kind == bareNumber && b.n > a.day.day.Day():
		to := a.day.day.AddDate(0, 0, b.n-a.day.day.Day())
		return days(a.day.day, to), to.Month() == a.day.day.Month()
	}
	return Expression{}, false
}

// timePair is a range of times, on a day where one was said before, with one
// of them, or after both.
func (p *parser) timePair(a, b boundary, d dayValue, n int) (Expression, int, bool) {
	for _, x := range [...]*boundary{&a, &b} {
		switch {
		case x.kind == dayOnly:
			return Expression{}, n, false
		case x.kind == bareNumber:
			if x.n > 24 || x.order {
				return Expression{}, n, false
			}
			x.face = face{h: x.n, bare: x.n >= 1 && x.n <= 12}
		}
	}
	if a.kind == dayAndTime {
		d = a.day
	}
	if d.day.IsZero() {
		bad := p.bad
		if after, m, ok := p.date(p.comma(n)); ok && p.canEnd(m) {
			d, n = after, m
		}
		p.bad = bad
	}
	if v, m, ok := p.is(n, cPartOf|cPart); ok && d.part == 0 {
		d.part, n = v, m
	}
	if d.part != 0 {
		for _, x := range [...]*boundary{&a, &b} {
			if x.face.bare {
				x.face = x.face.in(d.part)
			}
		}
	}
	half := a.face.bare && b.face.bare
	from, to := p.span(a.face, b.face)
	e := Expression{Kind: Range, From: from, To: to, HalfDay: half}
	switch {
	case b.kind == dayAndTime:
		if a.kind != dayAndTime {
			return Expression{}, n, false
		}
		e.From, e.To = p.on(a.face, a.day.day), p.on(b.face, b.day.day)
		if !b.day.calendar && e.To.wall().Before(e.From.wall()) { // "monday at 9 to tuesday at 5"
			e.To = e.To.onDay(e.To.day().AddDate(0, 0, 7))
		}
		return e, n, e.From.wall().Before(e.To.wall())
	case !d.day.IsZero():
		over := to.day().Sub(from.day())
		e.From = from.onDay(d.day)
		e.To = to.onDay(d.day.Add(over))
		e.From.HasDate, e.To.HasDate = true, true
	}
	return e, n, true
}

// span settles the halves of the day of two times by each other. The end
// comes after the beginning, if need be on the next day.
func (p *parser) span(a, b face) (from, to Point) {
	switch {
	case a.bare && b.half:
		a.h = a.h%12 + b.h/12*12
		if !a.before(b) {
			a.h = (a.h + 12) % 24
		}
	case a.bare && b.bare:
		if a.h < firstMorningHour {
			a.h += 12
		}
		fallthrough
	case b.bare:
		b.h = b.h%12 + a.h/12%2*12
		if !a.before(b) {
			b.h = (b.h + 12) % 24
		}
	}
	a.bare, b.bare = false, false
	from, to = p.point(a), p.point(b)
	to = to.onDay(from.day())
	if !a.before(b) || b.h == 24 {
		to = to.onDay(from.day().AddDate(0, 0, 1))
	}
	return from, to
}

func (f face) before(g face) bool {
	return f.h*3600+f.m*60+f.s < g.h*3600+g.m*60+g.s
}
