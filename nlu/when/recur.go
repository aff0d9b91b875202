package when

import "time"

// recurrence reads "every other tuesday at 9 until december 31".
func (p *parser) recurrence(i int) (Expression, int, bool) {
	const begins = cEvery | cFreq | cWeekdays | cHabit | cOn | cArt | cOrd | cOne | cAt | cNum | cNoon | cRel | cMonth | cWeakMonth | cPartOf | cFrom
	t := p.at(i)
	if t.kind != digits && t.mask&begins == 0 || p.all&(cEvery|cFreq|cWeekdays|cHabit|cDiv) == 0 {
		return Expression{}, i, false
	}
	r := repeat{parser: p}
	n, ok := r.core(i)
	if !ok {
		if n, ok = r.timeFirst(i); !ok {
			return Expression{}, i, false
		}
	}
	for range 8 { // more details than that nobody gives
		m, more := r.detail(n)
		if !more || !p.canEnd(m) {
			break
		}
		n = m
	}
	return r.expression(), n, true
}

// repeat is a recurrence that is being read.
type repeat struct {
	*parser
	rule   Rule
	part   int // of the day
	from   Point
	length time.Duration
	unit   bool // "every day", not "every monday"
	half   bool // the time may be twelve hours off
}

func (r *repeat) expression() Expression {
	e := Expression{Kind: Recurrence, Rule: r.rule, From: r.from, Length: r.length, HalfDay: r.half}
	if r.part != 0 && !r.rule.HasTime {
		e.Rule.HasTime, e.Rule.Hour = true, partHours[r.part][0]%24
	}
	return e
}

// setTime makes f the time of the rule.
func (r *repeat) setTime(f face) {
	if r.part != 0 && !f.half && f.h <= 12 {
		f = f.in(r.part)
	}
	r.half = f.bare
	q := r.point(f)
	r.rule.HasTime, r.rule.Hour, r.rule.Minute = true, q.Hour, q.Minute
}

// timeFirst reads "at 9 every day", "from 9 to 10 every monday".
func (r *repeat) timeFirst(i int) (int, bool) {
	if e, n, ok := r.pair(i, dayValue{}); ok && !e.From.HasDate && e.From.HasTime {
		if m, ok := r.core(r.comma(n)); ok {
			r.setRange(e)
			return m, true
		}
	}
	bad := r.bad
	f, n, ok := r.timeOfDay(i, anywhere, 0)
	r.bad = bad
	if !ok {
		return i, false
	}
	m, ok := r.core(r.comma(n))
	if ok {
		r.setTime(f)
	}
	return m, ok
}

func (r *repeat) setRange(e Expression) {
	r.rule.HasTime, r.rule.Hour, r.rule.Minute = true, e.From.Hour, e.From.Minute
	r.length = e.To.wall().Sub(e.From.wall())
	r.half = e.HalfDay
}

// core reads the part that makes it a recurrence.
func (r *repeat) core(i int) (int, bool) {
	if _, n, ok := r.is(i, cEvery); ok {
		if n, ok := r.every(n); ok {
			return n, true
		}
	}
	if u, n, ok := r.is(i, cFreq); ok {
		r.setUnit(u, 1)
		return n, true
	}
	j := r.skip(i, cOn)
	for _, k := range [...]int{i, j} {
		if v, n, ok := r.is(k, cHabit); ok {
			r.rule.Freq, r.rule.Days = Weekly, habit(v)
			return n, true
		}
		if days, n, ok := r.weekdays(k, cWeekdays); ok {
			r.rule.Freq, r.rule.Days = Weekly, days
			return n, true
		}
	}
	if n, ok := r.alternate(i); ok {
		return n, true
	}
	return r.ofEvery(i, r.skip(j, cArt))
}

func habit(v int) Weekdays {
	if v == 2 {
		return weekend
	}
	return workdays
}

// alternate reads "un lundi sur deux", "une semaine sur deux".
func (r *repeat) alternate(i int) (int, bool) {
	_, n, ok := r.is(i, cOne)
	if !ok {
		return i, false
	}
	v, m, isDay := r.is(n, cWeekday)
	u, k, isUnit := r.is(n, cUnit)
	if !isDay && !isUnit {
		return i, false
	}
	if isUnit && !isDay {
		m = k
	}
	div, m, ok := r.is(m, cDiv)
	if !ok {
		return i, false
	}
	if isDay {
		r.rule = Rule{Freq: Weekly, Interval: div, Days: 1 << (v - 1)}
	} else {
		r.setUnit(u, div)
	}
	return m, true
}

// ofEvery reads "the first monday of every month", "am 15. jedes Monats",
// "december 25 every year". i is where the preposition may stand, j what is
// behind it and its article.
func (r *repeat) ofEvery(i, j int) (int, bool) {
	if nth, v, n, ok := r.nth(j); ok {
		if u, m, ok := r.everyUnit(n); ok && u == month {
			r.rule = Rule{Freq: Monthly, Nth: nth, Days: 1 << (v - 1)}
			return m, true
		}
		return i, false
	}
	if v, n, ok := r.monthDayNumber(j); ok {
		if u, m, ok := r.everyUnit(n); ok && u == month {
			r.rule = Rule{Freq: Monthly, MonthDay: v}
			return m, true
		}
	}
	t := r.at(j)
	if t.kind == digits || t.mask&(cMonth|cWeakMonth|cOrd|cNum) != 0 {
		bad := r.bad
		d, n, ok := r.absolute(j)
		r.bad = bad
		if ok && d.calendar {
			if u, m, ok := r.everyUnit(n); ok && u == year {
				r.rule = Rule{Freq: Yearly, Month: d.day.Month(), MonthDay: d.day.Day()}
				return m, true
			}
		}
	}
	return i, false
}

// everyUnit reads "of every month", "jedes Jahr".
func (r *repeat) everyUnit(i int) (unit, next int, ok bool) {
	_, n, ok := r.is(r.skip(r.comma(i), cOf), cEvery)
	if !ok {
		return 0, i, false
	}
	return r.is(n, cUnit)
}

// monthDayNumber reads "15th", "15.", "1er", "last day", and "15" where the language says it so.
func (r *repeat) monthDayNumber(i int) (v, next int, ok bool) {
	if v, n, ok := r.ordinal(i); ok && v <= 31 {
		if u, m, ok := r.is(n, cUnit); ok && u == day {
			return v, m, true
		}
		return v, n, true
	}
	if v, n, ok := r.is(i, cRel); ok && v == -1 {
		if u, m, ok := r.is(n, cUnit); ok && u == day {
			return -1, m, true
		}
		return 0, i, false
	}
	t := r.at(i)
	if u, n, ok := r.is(i, cUnit); ok && u == day && r.lang.name == "es" { // "el día 15"
		i, t = n, r.at(n)
	}
	if t.kind != digits || t.value < 1 || t.value > 31 || t.width() > 2 {
		return 0, i, false
	}
	switch {
	case r.lang.name == "de" && r.mark(i+1, '.', true):
		return t.value, i + 2, true
	case r.lang.name == "fr" || r.lang.name == "es":
		return t.value, i + 1, true
	}
	return 0, i, false
}

// every reads what stands behind "every".
func (r *repeat) every(i int) (int, bool) {
	if v, n, ok := r.is(i, cSpan); ok {
		r.rule = Rule{Freq: Minutely, Interval: v / 60}
		return n, v >= 60
	}
	interval, n := 1, i
	if _, m, ok := r.is(i, cOther); ok {
		if k, ok := r.everyThing(m, 2); ok {
			return k, true
		}
	}
	if v, m, ok := r.ordinal(i); ok {
		return r.everyNth(i, v, m)
	}
	if nth, m, ok := r.is(i, cRel); ok && nth == -1 {
		return r.everyNth(i, -1, m)
	}
	if v, m, ok := r.number(i); ok && v > 0 && v <= 1000 {
		interval, n = v, m
		if u := r.at(m); u.mask&cLetter != 0 && !u.space {
			if unit, k, ok := r.is(m, cLetter); ok {
				r.setUnit(unit, interval)
				return k, true
			}
		}
	}
	if m, ok := r.everyThing(n, interval); ok {
		return m, true
	}
	if d, m, ok := r.absolute(i); ok && d.calendar {
		r.rule = Rule{Freq: Yearly, Month: d.day.Month(), MonthDay: d.day.Day()}
		return m, true
	}
	if v, m, ok := r.is(n, cMonth|cWeakMonth); ok && interval == 1 {
		r.rule = Rule{Freq: Yearly, Month: time.Month(v)}
		return m, true
	}
	return i, false
}

// everyThing reads a unit, days, or a part of the day.
func (r *repeat) everyThing(i, interval int) (int, bool) {
	if days, n, ok := r.weekdays(i, cWeekday|cWeakWeekday|cWeekdays); ok {
		r.rule = Rule{Freq: Weekly, Interval: interval, Days: days}
		return n, true
	}
	if v, n, ok := r.is(i, cDays|cHabit); ok {
		r.rule = Rule{Freq: Weekly, Interval: interval, Days: habit(v)}
		return n, true
	}
	if u, n, ok := r.is(i, cUnit); ok {
		r.setUnit(u, interval)
		return n, true
	}
	if v, n, ok := r.is(i, cWeekdayPart); ok {
		r.rule, r.part = Rule{Freq: Weekly, Interval: interval, Days: 1 << (v>>4 - 1)}, v&15
		return n, true
	}
	if v, n, ok := r.is(i, cPart); ok {
		r.rule, r.part = Rule{Freq: Daily, Interval: interval}, v
		return n, true
	}
	return i, false
}

// everyNth reads "second tuesday [of the month]", "third day", "15th [of the
// month]" behind "every". v ends before n.
func (r *repeat) everyNth(i, v, n int) (int, bool) {
	if w, m, ok := r.is(n, cWeekday); ok && v <= 5 {
		if k, ok := r.ofMonth(m); ok {
			r.rule = Rule{Freq: Monthly, Nth: v, Days: 1 << (w - 1)}
			return k, true
		}
		if v == 1 || v == -1 {
			r.rule = Rule{Freq: Monthly, Nth: v, Days: 1 << (w - 1)}
		} else {
			r.rule = Rule{Freq: Weekly, Interval: v, Days: 1 << (w - 1)}
		}
		return m, true
	}
	if u, m, ok := r.is(n, cUnit); ok {
		if k, of := r.ofMonth(m); of && u == day {
			r.rule = Rule{Freq: Monthly, MonthDay: v}
			return k, true
		}
		r.setUnit(u, v)
		return m, v > 0
	}
	if mo, m, ok := r.is(r.skip(n, cOf), cMonth|cWeakMonth); ok {
		r.rule = Rule{Freq: Yearly, Month: time.Month(mo), MonthDay: v}
		return m, valid(2028, mo, v)
	}
	if m, ok := r.ofMonth(n); ok {
		r.rule = Rule{Freq: Monthly, MonthDay: v}
		return m, true
	}
	return i, false
}

// ofMonth reads "of the month", "im Monat", "du mois", "of each month".
func (r *repeat) ofMonth(i int) (int, bool) {
	n := r.skip(i, cOf|cIn)
	if n == i {
		return i, false
	}
	u, m, ok := r.is(r.skip(r.skip(n, cArt), cEvery), cUnit)
	return m, ok && u == month
}

// setUnit makes the rule one of every so many units.
func (r *repeat) setUnit(unit, interval int) {
	r.unit = true
	freq := [...]Freq{second: Secondly, minute: Minutely, hour: Hourly, day: Daily, week: Weekly, month: Monthly, year: Yearly, fortnight: Weekly}[unit]
	if unit == fortnight {
		interval *= 2
	}
	r.rule.Freq, r.rule.Interval = freq, interval
}

// weekdays reads a list of days: "mondays, tuesdays and fridays", "monday to friday".
func (r *repeat) weekdays(i int, c class) (set Weekdays, next int, ok bool) {
	next = i
	first := 0
	for k := range 7 {
		j := next
		if k > 0 {
			j = r.skip(r.comma(next), cAnd)
			if j == next {
				break
			}
			if _, m, ok := r.is(j, cEvery|cOn); ok {
				j = m
			}
		}
		v, m, found := r.is(j, c)
		if !found && k > 0 && r.lang.name == "es" { // "los martes y jueves"
			v, m, found = r.is(j, cWeekday)
		}
		if !found {
			break
		}
		first = v
		set |= 1 << (v - 1)
		next, ok = m, true
	}
	if n, sep := r.separator(next, false); ok && sep {
		if v, m, found := r.is(n, c|cWeekday); found && v > first {
			for d := first; d <= v; d++ {
				set |= 1 << (d - 1)
			}
			next = m
		}
	}
	return set, next, ok
}
