package when

import "time"

// nthWeekday reads "first monday of december", "letzter Freitag im Monat".
func (p *parser) nthWeekday(i int) (dayValue, int, bool) {
	nth, v, n, ok := p.nth(i)
	if !ok {
		return dayValue{}, i, false
	}
	first, _, m, ok := p.month(p.skip(p.skip(n, cOf|cIn), cArt))
	if !ok {
		return dayValue{}, i, false
	}
	if d, ok := nthOf(first, nth, v); ok {
		return dayValue{day: d}, m, true
	}
	p.fail(m)
	return dayValue{}, i, false
}

// nth reads "first monday", "zweiten Dienstag", "dernier vendredi", "2nd friday".
func (p *parser) nth(i int) (nth, weekday, next int, ok bool) {
	nth, n, ok := p.ordinal(i)
	if !ok {
		if nth, n, ok = p.is(i, cRel); !ok || nth != -1 {
			return 0, 0, i, false
		}
	}
	weekday, n, ok = p.is(n, cWeekday)
	if !ok || nth > 5 {
		return 0, 0, i, false
	}
	return nth, weekday, n, true
}

// ordinal reads "first", "1st", "1er", and "1." in German.
func (p *parser) ordinal(i int) (v, next int, ok bool) {
	t := p.at(i)
	if t.kind != digits {
		return p.is(i, cOrd)
	}
	if t.width() > 2 || t.value == 0 {
		return 0, i, false
	}
	if p.lang.name == "de" && p.mark(i+1, '.', true) && p.at(i+2).kind == word {
		return t.value, i + 2, true
	}
	if u := p.at(i + 1); u.mask&cOrdEnd != 0 && !u.space {
		return t.value, i + 2, true
	}
	if u := p.at(i + 1); u.kind == mark && !u.space && (u.char == 'º' || u.char == '°') {
		return t.value, i + 2, true
	}
	return 0, i, false
}

// nthOf is the nth weekday v of the month that begins with first; -1 is the last.
func nthOf(first time.Time, nth, v int) (time.Time, bool) {
	if nth < 0 {
		last := first.AddDate(0, 1, -1)
		return last.AddDate(0, 0, -((isoWeekday(last) - v + 7) % 7)), true
	}
	d := first.AddDate(0, 0, (v-isoWeekday(first)+7)%7+7*(nth-1))
	return d, d.Month() == first.Month()
}

// month reads a month after "of" or "in" and returns its first day: "december
// 2027", "next month", "the month".
func (p *parser) month(i int) (first time.Time, named bool, next int, ok bool) {
	here := p.today.AddDate(0, 0, 1-p.today.Day())
	if rel, unit, n, ok := p.relUnit(i); ok && unit == month {
		return here.AddDate(0, rel, 0), false, n, true
	}
	if u, n, ok := p.is(i, cUnit); ok && u == month {
		return here, false, n, true
	}
	rel, n, isRel := p.is(i, cRel)
	m, n2, ok := p.is(n, cMonth|cWeakMonth)
	if !ok {
		return time.Time{}, false, i, false
	}
	n = n2
	y, k, ok := p.year(p.skip(n, cOf))
	switch {
	case ok:
		n = k
	case isRel && rel == 0:
		y = p.today.Year()
	case isRel && rel < 0:
		if y = p.today.Year(); m >= int(p.today.Month()) {
			y--
		}
	case isRel:
		if y = p.today.Year(); m <= int(p.today.Month()) {
			y++
		}
	default:
		y = p.today.Year()
		if m < int(p.today.Month()) && !p.past {
			y++
		}
		if m > int(p.today.Month()) && p.past {
			y--
		}
	}
	if r, k, ok := p.is(n, cRelPost); ok && !isRel {
		if y = p.today.Year(); r > 0 && m <= int(p.today.Month()) {
			y++
		} else if r < 0 && m >= int(p.today.Month()) {
			y--
		}
		n = k
	}
	return time.Date(y, time.Month(m), 1, 0, 0, 0, 0, time.UTC), true, n, true
}

// year reads four digits that can be a year.
func (p *parser) year(i int) (y, next int, ok bool) {
	t := p.at(i)
	if t.kind == digits && t.width() == 4 && t.value >= 1900 && t.value < 2200 && p.canEnd(i+1) {
		return t.value, i + 1, true
	}
	return 0, i, false
}

// edge reads "end of the month", "Ende Dezember", "début janvier".
func (p *parser) edge(i int) (dayValue, int, bool) {
	side, n, ok := p.is(i, cEdge)
	if !ok {
		return dayValue{}, i, false
	}
	n = p.skip(p.skip(n, cOf), cArt)
	a, b, m, ok := p.period(n)
	if !ok {
		return dayValue{}, i, false
	}
	if side < 0 {
		return dayValue{day: b}, m, true
	}
	return dayValue{day: a}, m, true
}

// period reads a week, a month or a year: "the week", "next month", "december".
func (p *parser) period(i int) (a, b time.Time, next int, ok bool) {
	if first, _, n, ok := p.month(i); ok {
		return first, first.AddDate(0, 1, -1), n, true
	}
	rel, unit, n, ok := p.relUnit(i)
	if !ok {
		if unit, n, ok = p.is(i, cUnit); !ok {
			return a, b, i, false
		}
	}
	switch unit {
	case week:
		a = monday(p.today).AddDate(0, 0, 7*rel)
		return a, a.AddDate(0, 0, 6), n, true
	case year:
		a = time.Date(p.today.Year()+rel, 1, 1, 0, 0, 0, 0, time.UTC)
		return a, a.AddDate(1, 0, -1), n, true
	}
	return a, b, i, false
}
