package when

import (
	"time"

	"dragoman/internal/clock"
)

// length is a length of time as it was said: months and days follow the
// calendar, the rest the clock.
type length struct {
	months, days int
	rest         time.Duration
	fine         bool // hours or less were said
}

const (
	oneDay = 24 * time.Hour
	// longest is more than anybody means, and a third of what a Duration holds.
	longest = 100 * 366 * oneDay
)

// add adds n half units, and reports whether the sum is one that people mean.
func (l *length) add(halves int64, unit int) bool {
	if halves < 0 || halves > 2_000_000_000 || unitLength(unit) > 0 && halves > int64(2*longest/unitLength(unit)) {
		return false
	}
	whole := int(halves / 2)
	odd := halves%2 != 0
	switch unit {
	case second, minute, hour:
		l.fine = true
		l.rest += time.Duration(halves) * unitLength(unit) / 2
	case day, week, fortnight:
		n := int(unitLength(unit) / oneDay)
		l.days += n * whole
		if odd {
			l.days += n / 2
			if n%2 != 0 {
				l.rest += oneDay / 2
				l.fine = true
			}
		}
	case month:
		l.months += whole
		return !odd && l.sane()
	case year:
		l.months += 12 * whole
		if odd {
			l.months += 6
		}
	}
	return l.sane()
}

// addFraction adds value units, for numbers such as 1.25.
func (l *length) addFraction(value float64, unit int) bool {
	if unit == month || unit == year || value*float64(unitLength(unit)) > float64(longest) {
		return false
	}
	d := time.Duration(value * float64(unitLength(unit))).Round(time.Millisecond)
	l.fine = l.fine || unit < day || d%oneDay != 0
	l.days += int(d / oneDay)
	l.rest += d % oneDay
	return l.sane()
}

// sane limits each part of a length to a lifetime, far from any overflow.
func (l *length) sane() bool {
	return l.months <= 12*1000 && l.days <= int(longest/oneDay) && l.rest <= longest
}

func (l *length) zero() bool { return l.months == 0 && l.days == 0 && l.rest == 0 }

func unitLength(unit int) time.Duration {
	switch unit {
	case second:
		return time.Second
	case minute:
		return time.Minute
	case hour:
		return time.Hour
	case day:
		return oneDay
	case week:
		return 7 * oneDay
	case fortnight:
		return 14 * oneDay
	}
	return 0
}

// duration reads a length that stands for itself.
func (p *parser) duration(i int) (Expression, int, bool) {
	l, n, ok := p.length(i)
	if !ok {
		return Expression{}, i, false
	}
	return Expression{Kind: Duration, Months: l.months, Length: time.Duration(l.days)*oneDay + l.rest}, n, true
}

// maxParts is how many units one length can have: weeks, days, hours, minutes, seconds, and two to spare.
const maxParts = 7

// length reads "an hour and a half", "2 days 3 hours", "1h30m".
func (p *parser) length(i int) (l length, next int, ok bool) {
	last := year + 2
	next = i
	for range maxParts {
		j := next
		if ok {
			j = p.skip(p.comma(j), cAnd)
		}
		part := l
		unit, n, found := p.part(j, &part)
		if !found || rank(unit) >= last {
			break
		}
		l, next, ok, last = part, n, true, rank(unit)
	}
	if !ok || l.zero() || p.dimension(i, next) {
		return l, i, false
	}
	return l, next, true
}

// rank orders the units by length.
func rank(unit int) int {
	if unit == fortnight {
		return week
	}
	return unit
}

// dimension reports whether tokens i to n are "2d" or "3d", which is a way to draw.
func (p *parser) dimension(i, n int) bool {
	t, u := p.at(i), p.at(i+1)
	if n != i+2 || t.kind != digits || t.value != 2 && t.value != 3 || u.space || u.width() != 1 {
		return false
	}
	unit, _, ok := p.is(i+1, cLetter)
	return ok && unit == day
}

// part reads one number with its unit, adds it to l and returns the unit.
func (p *parser) part(i int, l *length) (unit, next int, ok bool) {
	if v, n, ok := p.is(i, cSpan); ok {
		l.rest += time.Duration(v) * time.Second
		l.fine = true
		return minute, n, true
	}
	if halves, n, ok := p.is(i, cNumHalf); ok {
		if u, m, ok := p.is(n, cUnit); ok {
			return u, m, l.add(int64(halves), u)
		}
	}
	if p.at(i).kind == digits {
		return p.partDigits(i, l)
	}
	if v, n, ok := p.is(i, cNum|cOne); ok {
		if u, m, ok := p.units(i, n, v, l); ok {
			return u, m, true
		}
	}
	if u, n, ok := p.is(i, cUnit); ok { // "hora y media"
		if half, m, ok := p.is(n, cAndHalf); ok && p.lang.name == "es" {
			return u, m, l.addHalf(2, half, u)
		}
	}
	return 0, i, false
}

// addHalf adds halves and one part more of unit, a half or a quarter.
func (l *length) addHalf(halves int64, part, unit int) bool {
	if !l.add(halves, unit) {
		return false
	}
	if part == 4 {
		return l.addFraction(0.25, unit)
	}
	return l.add(1, unit)
}

// units reads the unit after the number v that ends before token n.
func (p *parser) units(i, n, v int, l *length) (unit, next int, ok bool) {
	half, j, before := p.is(n, cAndHalf)
	if !before {
		j = n
	}
	u, m, ok := p.is(j, cUnit)
	if !ok {
		return 0, i, false
	}
	if !before {
		var k int
		if half, k, ok = p.is(m, cAndHalf); ok {
			return u, k, l.addHalf(2*int64(v), half, u)
		}
	}
	if before {
		return u, m, l.addHalf(2*int64(v), half, u)
	}
	// "a second machine" counts machines.
	if v == 1 && u == second && p.at(m-1).mask&cOrd != 0 && !p.clear(m) {
		return 0, i, false
	}
	return u, m, l.add(2*int64(v), u)
}

// partDigits reads "15 minutes", "1.5 hours", "15m".
func (p *parser) partDigits(i int, l *length) (unit, next int, ok bool) {
	t := p.at(i)
	if t.value < 0 {
		return 0, i, false
	}
	j := i + 1
	if f := p.at(j + 1); (p.mark(j, '.', true) || p.mark(j, ',', true)) && f.kind == digits && !f.space {
		if f.width() > 2 || f.value < 0 {
			return 0, i, false
		}
		scale := 10.0
		if f.width() == 2 {
			scale = 100
		}
		u, m, ok := p.unitAfter(j + 2)
		return u, m, ok && l.addFraction(float64(t.value)+float64(f.value)/scale, u)
	}
	if u, m, ok := p.units(i, j, t.value, l); ok {
		return u, m, true
	}
	u, m, ok := p.unitAfter(j)
	if ok && u == second && !p.at(j).space && i > 0 && p.at(i-1).mask&cArt != 0 {
		return 0, i, false // "the 70s"
	}
	return u, m, ok && l.add(2*int64(t.value), u)
}

// unitAfter reads the unit after digits: a word, or letters that touch them.
func (p *parser) unitAfter(i int) (unit, next int, ok bool) {
	if u, n, ok := p.is(i, cUnit); ok {
		return u, n, true
	}
	if p.at(i).space {
		return 0, i, false
	}
	return p.is(i, cLetter)
}

// fromNow is the point that lies l after now, or before it where sign is -1:
// a day where only days or more were said, else a moment.
func (p *parser) fromNow(l length, sign int) Point {
	d := addMonths(p.today, sign*l.months).AddDate(0, 0, sign*l.days)
	if !l.fine {
		return dayPoint(d)
	}
	t := p.now
	if l.months != 0 || l.days != 0 {
		w := clock.Wall(p.now)
		t = clock.Resolve(d.Add(w.Sub(p.today)), p.now.Location())
	}
	return instantPoint(t.Add(time.Duration(sign) * l.rest))
}

// addMonths is d, n months on: the last day of that month where it has no such day.
func addMonths(d time.Time, n int) time.Time {
	first := time.Date(d.Year(), d.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, 0, min(d.Day(), daysIn(first.Year(), first.Month()))-1)
}

func daysIn(y int, m time.Month) int { return time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day() }
