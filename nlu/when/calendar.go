package when

import "time"

// dayValue is a day as it was said.
type dayValue struct {
	day       time.Time // at midnight, as a UTC time
	other     time.Time // the second reading
	ambiguous bool
	part      int  // the part of that day, where it was said
	calendar  bool // a day of a month was said, not one of the week
}

// lastDay is the outcome of the last call of date: several readings of one
// text ask for the same.
type lastDay struct {
	at, next, bad int // next is 0 where there is none
	past, ok      bool
	value         dayValue
}

// date reads a day, with the preposition before it.
func (p *parser) date(i int) (dayValue, int, bool) {
	if c := &p.day; c.next > 0 && c.at == i && c.past == p.past {
		p.bad = max(p.bad, c.bad)
		return c.value, c.next, c.ok
	}
	bad := p.bad
	p.bad = 0
	d, n, ok := p.readDate(i)
	p.day = lastDay{at: i, next: max(n, 1), bad: p.bad, past: p.past, ok: ok, value: d}
	p.bad = max(p.bad, bad)
	return d, n, ok
}

func (p *parser) readDate(i int) (dayValue, int, bool) {
	if d, n, ok := p.relativeDay(i); ok {
		return d, n, true
	}
	j := i
	if v, n, ok := p.is(i, cOn); ok {
		if v == 1 {
			return p.edge(i)
		}
		j = n
	}
	on := j > i
	if k := p.skip(j, cArt); k != j && (on || p.has(k, cOrd) || p.at(k).kind == digits) {
		j = k
	}
	if d, n, ok := p.afterWeekday(j); ok {
		return d, n, true
	}
	if d, n, ok := p.absolute(j); ok || p.bad > i {
		return d, n, ok
	}
	if d, n, ok := p.nthWeekday(j); ok {
		return d, n, true
	}
	if d, n, ok := p.edge(j); ok {
		return d, n, true
	}
	if d, n, ok := p.weekday(j, on && p.at(j-1).mask&cArt == 0); ok {
		return d, n, true
	}
	if on {
		return p.dayOfMonth(j)
	}
	return dayValue{}, i, false
}

// relativeDay reads "tomorrow", "in 3 days", "3 days ago", "a week from friday".
func (p *parser) relativeDay(i int) (dayValue, int, bool) {
	if v, n, ok := p.is(i, cDayPart); ok {
		return dayValue{day: p.today.AddDate(0, 0, v>>4-8), part: v & 15}, n, true
	}
	if v, n, ok := p.is(i, cDay); ok {
		d := dayValue{day: p.today.AddDate(0, 0, v)}
		if _, m, ok := p.is(n, cWeekOn); ok {
			d.day, n = d.day.AddDate(0, 0, 7), m
		}
		return d, n, true
	}
	l, sign, n, ok := p.shift(i)
	if ok && !l.fine {
		return dayValue{day: p.fromNow(l, sign).day()}, n, true
	}
	if l, n, ok := p.length(i); ok && !l.fine {
		if _, m, ok := p.is(n, cFrom|cStarting); ok {
			for _, c := range [...]class{cDay, cWeekday} {
				if v, k, ok := p.is(m, c); ok {
					from := p.today.AddDate(0, 0, v)
					if c == cWeekday {
						from = p.nextWeekday(v)
					}
					return dayValue{day: addMonths(from, l.months).AddDate(0, 0, l.days)}, k, true
				}
			}
		}
	}
	return dayValue{}, i, false
}

// shift reads a length that is counted from now: "in 2 hours", "3 days ago".
func (p *parser) shift(i int) (l length, sign, next int, ok bool) {
	if _, n, found := p.is(i, cIn); found {
		if l, n, ok = p.length(n); ok {
			return l, 1, n, true
		}
	}
	if v, n, found := p.is(i, cAgo); found && v == 0 {
		if l, n, ok = p.length(n); ok {
			return l, -1, n, true
		}
	}
	if p.at(i).kind == digits || p.at(i).mask&(cNum|cOne|cSpan|cNumHalf) != 0 {
		if l, n, found := p.length(i); found {
			if v, m, ok := p.is(n, cAgo); ok && v == 1 {
				return l, -1, m, true
			}
			if _, m, ok := p.is(n, cFromNow); ok {
				return l, 1, m, true
			}
		}
	}
	return length{}, 0, i, false
}

// nextWeekday is the first day after today that is the weekday v (1 Monday),
// or the last before it.
func (p *parser) nextWeekday(v int) time.Time {
	diff := (v - isoWeekday(p.today) + 7) % 7
	if p.past {
		return p.today.AddDate(0, 0, diff-7)
	}
	if diff == 0 {
		diff = 7
	}
	return p.today.AddDate(0, 0, diff)
}

// monday is the first day of the week of d.
func monday(d time.Time) time.Time { return d.AddDate(0, 0, 1-isoWeekday(d)) }

func isoWeekday(d time.Time) int { return (int(d.Weekday())+6)%7 + 1 }

// relWeekday is the weekday v as rel (-1 last, 0 this, 1 next) means it: "next
// friday" is the first friday after today, "this friday" the one of this week.
func (p *parser) relWeekday(v, rel int) time.Time {
	switch rel {
	case 0:
		return monday(p.today).AddDate(0, 0, v-1)
	case -1:
		return p.today.AddDate(0, 0, (v-isoWeekday(p.today)+7)%7-7)
	}
	return p.today.AddDate(0, 0, (v-isoWeekday(p.today)+6)%7+1)
}

// weekday reads "friday", "next friday", "vendredi prochain", "friday week",
// "friday next week", "next week on friday".
func (p *parser) weekday(i int, on bool) (dayValue, int, bool) {
	if v, n, ok := p.is(i, cWeekdayPart); ok {
		return dayValue{day: p.nextWeekday(v >> 4), part: v & 15}, n, true
	}
	if rel, n, ok := p.is(i, cRel); ok {
		if v, m, ok := p.is(n, cWeekdayPart); ok {
			return dayValue{day: p.relWeekday(v>>4, rel), part: v & 15}, m, true
		}
		if v, m, ok := p.is(n, cWeekday|cWeakWeekday); ok {
			d := dayValue{day: p.relWeekday(v, rel)}
			if k := p.skip(m, cWeekOn); k != m {
				d.day, m = d.day.AddDate(0, 0, 7), k
			}
			return d, m, true
		}
		if u, m, ok := p.is(n, cUnit); ok && u == week {
			if v, k, ok := p.is(p.skip(p.comma(m), cOn), cWeekday); ok {
				return dayValue{day: monday(p.today).AddDate(0, 0, 7*rel+v-1)}, k, true
			}
		}
	}
	c := cWeekday
	if on && p.lang.name == "en" {
		c |= cWeakWeekday
	}
	v, n, ok := p.is(i, c)
	if !ok {
		return dayValue{}, i, false
	}
	if rel, m, ok := p.relWeek(p.skip(p.skip(n, cOf), cArt)); ok {
		return dayValue{day: monday(p.today).AddDate(0, 0, 7*rel+v-1)}, m, true
	}
	if rel, m, ok := p.is(n, cRelPost); ok {
		return dayValue{day: p.relWeekday(v, rel)}, m, true
	}
	if k := p.skip(n, cWeekOn); k != n {
		return dayValue{day: p.nextWeekday(v).AddDate(0, 0, 7)}, k, true
	}
	return dayValue{day: p.nextWeekday(v)}, n, true
}

// relWeek reads "next week", "la semaine prochaine".
func (p *parser) relWeek(i int) (rel, next int, ok bool) {
	if rel, unit, n, ok := p.relUnit(i); ok && unit == week {
		return rel, n, true
	}
	return 0, i, false
}

// relUnit reads "next week", "this month", "la semaine prochaine".
func (p *parser) relUnit(i int) (rel, unit, next int, ok bool) {
	if r, n, ok := p.is(i, cRel); ok {
		if u, m, ok := p.is(n, cUnit); ok && (u == week || u == month || u == year) {
			return r, u, m, true
		}
		return 0, 0, i, false
	}
	if u, n, ok := p.is(i, cUnit); ok && (u == week || u == month || u == year) {
		if r, m, ok := p.is(n, cRelPost); ok {
			return r, u, m, true
		}
	}
	return 0, 0, i, false
}

// afterWeekday reads a date behind the name of its day: "Friday, 4 December".
func (p *parser) afterWeekday(i int) (dayValue, int, bool) {
	v, n, ok := p.is(i, cWeekday|cWeakWeekday)
	if !ok {
		return dayValue{}, i, false
	}
	if p.mark(n, '.', true) {
		n++
	}
	n = p.skip(p.skip(p.comma(n), cOn), cArt)
	if d, m, ok := p.absolute(n); ok {
		return d, m, true
	}
	if d, m, ok := p.dayOfMonth(n); ok { // "friday the 27th": the next 27th that is a Friday
		for k := range 24 {
			t := addMonths(d.day, k)
			if t.Day() == d.day.Day() && isoWeekday(t) == v {
				return dayValue{day: t}, m, true
			}
		}
	}
	return dayValue{}, i, false
}

// dayOfMonth reads "the 5th" behind "on": the next such day.
func (p *parser) dayOfMonth(i int) (dayValue, int, bool) {
	t := p.at(i)
	v, n, ok := p.ordinal(i)
	if !ok && t.kind == digits && t.width() <= 2 && (p.lang.name == "fr" || p.lang.name == "es") {
		v, n, ok = t.value, i+1, true
	}
	if !ok && p.lang.name == "de" && t.kind == digits && p.mark(i+1, '.', true) {
		v, n, ok = t.value, i+2, true // the point makes the ordinal, even where a sentence ends with it
	}
	if !ok || v < 1 || v > 31 || !p.clear(n) || !p.canEnd(n) || t.kind == digits && p.lang.name != "en" && p.at(n).mask&cFrom != 0 {
		return dayValue{}, i, false
	}
	d, ok := p.nextMonthDay(v)
	return dayValue{day: d}, n, ok
}

// nextMonthDay is the next day, today included, that is the vth of its month.
func (p *parser) nextMonthDay(v int) (time.Time, bool) {
	first := p.today.AddDate(0, 0, 1-p.today.Day())
	for k := range 12 {
		if p.past {
			k = -k
		}
		m := first.AddDate(0, k, 0)
		d := m.AddDate(0, 0, v-1)
		if d.Month() == m.Month() && (d.Equal(p.today) || d.After(p.today) != p.past) {
			return d, true
		}
	}
	return time.Time{}, false
}
