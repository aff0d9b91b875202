package when

import "time"

// absolute reads a day of the calendar: 2026-12-05, 5.12.2026, 05/12/2026,
// "5 December 2026", "Dec 5th", "le 1er janvier".
func (p *parser) absolute(i int) (dayValue, int, bool) {
	if p.at(i).kind == digits {
		if d, n, ok := p.numeric(i); ok || p.bad > i {
			return d, n, ok
		}
		return p.dayMonth(i)
	}
	if d, n, ok := p.monthDay(i); ok || p.bad > i {
		return d, n, ok
	}
	return p.dayMonth(i)
}

// numeric reads a date of digits only.
func (p *parser) numeric(i int) (dayValue, int, bool) {
	a, s, b := p.at(i), p.at(i+1), p.at(i+2)
	if s.kind != mark || s.space || b.kind != digits || a.value < 0 || b.value < 0 {
		return dayValue{}, i, false
	}
	if b.space && (s.char != '.' || p.lang.name != "de") { // "5. 12. 2026" is German
		return dayValue{}, i, false
	}
	c := p.at(i + 4)
	full := p.at(i+3).kind == mark && p.at(i+3).char == s.char && !p.at(i+3).space && c.kind == digits &&
		(!c.space || s.char == '.' && p.lang.name == "de" && c.width() == 4 && b.space)
	switch {
	case a.width() == 4 && full && (s.char == '-' || s.char == '/' || s.char == '.'):
		if c.width() > 2 || b.width() > 2 {
			return dayValue{}, i, false
		}
		return p.ymd(a.value, b.value, c.value, i+5)
	case a.width() > 2 || b.width() > 2:
		return dayValue{}, i, false
	case s.char == '.':
		return p.dotted(i, full)
	case s.char == '/', s.char == '-' && full && c.width() == 4:
		return p.slashed(i, full)
	}
	return dayValue{}, i, false
}

// ymd is a day given in full, which ends before token n.
func (p *parser) ymd(y, m, d, n int) (dayValue, int, bool) {
	if !valid(y, m, d) {
		p.fail(n)
		return dayValue{}, n, false
	}
	return dayValue{day: date(y, m, d), calendar: true}, n, true
}

func date(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }

func valid(y, m, d int) bool {
	return m >= 1 && m <= 12 && d >= 1 && d <= daysIn(y, time.Month(m)) && y >= 1900 && y < 2200
}

// fullYear is a year of two or four digits; 0 is none.
func fullYear(t *token) int {
	switch t.width() {
	case 2:
		return 2000 + t.value
	case 4:
		return t.value
	}
	return 0
}

// dotted reads 5.12.2026, and 5.12. in German. Without a year and the last
// point it is a date only where something says so: "am 5.12".
func (p *parser) dotted(i int, full bool) (dayValue, int, bool) {
	d, m := p.at(i).value, p.at(i+2).value
	if full {
		y := p.at(i + 4)
		if y.width() != 4 && (y.width() != 2 || p.lang.name != "de") {
			return dayValue{}, i, false
		}
		if !p.canEnd(i + 5) {
			return dayValue{}, i, false
		}
		return p.ymd(fullYear(y), m, d, i+5)
	}
	if p.lang.name != "de" || p.ofThing(i) {
		return dayValue{}, i, false
	}
	n := i + 3
	if p.mark(n, '.', true) && (p.canEnd(n+1) || p.dash(n+1)) && p.at(n+1).kind != mark || p.mark(n, '.', true) && p.at(n+1).kind == mark {
		n++
	} else if _, _, ok := p.is(i-1, cOn|cUntil|cSince|cFrom|cStarting); !ok || i == 0 || p.has(n, cOclock) {
		return dayValue{}, i, false
	}
	return p.monthly(m, d, n)
}

// slashed reads 05/12 and 05/12/2026 (or with hyphens). Where both numbers can
// be a month and the language doesn't say which is, the day comes second, as
// in the United States, and the other reading goes along.
func (p *parser) slashed(i int, full bool) (dayValue, int, bool) {
	a, b := p.at(i).value, p.at(i+2).value
	n, y := i+3, 0
	if full {
		n = i + 5
		if y = fullYear(p.at(i + 4)); y == 0 {
			return dayValue{}, i, false
		}
	} else if p.at(i).width() == 1 || p.at(i+2).width() == 1 || !p.canEnd(n) {
		// 1/2 is a half and 24/7 is always: only with words that make it a date.
		if _, _, ok := p.is(i-1, cOn|cUntil|cSince); !ok || i == 0 || !p.canEnd(n) {
			return dayValue{}, i, false
		}
	}
	read := func(m, d int) (time.Time, bool) {
		if y != 0 {
			return date(y, m, d), valid(y, m, d)
		}
		return p.nextDate(m, d)
	}
	dm, okDM := read(b, a)
	md, okMD := read(a, b)
	switch {
	case p.lang.order == dayFirst && okDM, okDM && !okMD:
		return dayValue{day: dm, calendar: true}, n, true
	case okMD && !okDM:
		return dayValue{day: md, calendar: true}, n, true
	case okMD && okDM:
		return dayValue{day: md, other: dm, ambiguous: a != b, calendar: true}, n, true
	}
	p.fail(n)
	return dayValue{}, i, false
}

// monthly is day d of month m without a year, which ends before token n.
func (p *parser) monthly(m, d, n int) (dayValue, int, bool) {
	t, ok := p.nextDate(m, d)
	if !ok {
		p.fail(n)
	}
	return dayValue{day: t, calendar: true}, n, ok
}

// nextDate is the next such day, today included, or the last. February 29
// waits for a leap year.
func (p *parser) nextDate(m, d int) (time.Time, bool) {
	for k := range 9 {
		if p.past {
			k = -k
		}
		y := p.today.Year() + k
		if !valid(y, m, d) {
			continue
		}
		if t := date(y, m, d); t.Equal(p.today) || t.After(p.today) != p.past {
			return t, true
		}
	}
	return time.Time{}, false
}

// dayMonth reads "5 December", "5th of December 2026", "5. Dezember", "cinq décembre".
func (p *parser) dayMonth(i int) (dayValue, int, bool) {
	d, n, ok := p.ordinal(i)
	if !ok {
		if d, n, ok = p.number(i); !ok || p.at(i).kind == digits && p.at(i).width() > 2 {
			return dayValue{}, i, false
		}
	}
	m, n, ok := p.is(p.skip(n, cOf), cMonth|cWeakMonth)
	if !ok || d < 0 {
		return dayValue{}, i, false
	}
	return p.withYear(m, d, n)
}

// monthDay reads "December 5", "Dec 5th, 2026", "december fifth".
func (p *parser) monthDay(i int) (dayValue, int, bool) {
	m, n, ok := p.is(i, cMonth|cWeakMonth)
	if !ok || p.lang.name != "en" {
		return dayValue{}, i, false
	}
	n = p.skip(n, cArt)
	d, k, ok := p.ordinal(n)
	if !ok {
		t := p.at(n)
		// "december 5:30" and "december 10%" are no days.
		if t.kind != digits || t.width() > 2 || !p.canEnd(n+1) && !p.dash(n+1) {
			return dayValue{}, i, false
		}
		d, k = t.value, n+1
		// "may 5 machines" asks for something.
		if p.at(i).mask&cWeakMonth != 0 && p.at(i).mask&cMonth == 0 && !p.clear(k) && p.at(k).kind != digits && !p.dash(k) && !p.at(i).upper {
			return dayValue{}, i, false
		}
	}
	return p.withYear(m, d, k)
}

// withYear reads the year that may follow at n.
func (p *parser) withYear(m, d, n int) (dayValue, int, bool) {
	if y, k, ok := p.year(p.skip(p.comma(n), cOf)); ok {
		return p.ymd(y, m, d, k)
	}
	return p.monthly(m, d, n)
}
