package when

import (
	"time"

	"dragoman/internal/clock"
)

// detail reads one thing that narrows a recurrence: when on the day, on which
// days, until when, how often, from when on.
func (r *repeat) detail(i int) (int, bool) {
	j := r.comma(i)
	if n, ok := r.limit(j); ok {
		return n, true
	}
	if n, ok := r.clock(j); ok {
		return n, true
	}
	if n, ok := r.days(r.skip(j, cOn)); ok {
		return n, true
	}
	if _, n, ok := r.is(j, cIn|cOf); ok && r.rule.Month == 0 {
		if m, k, ok := r.is(n, cMonth|cWeakMonth); ok {
			r.rule.Month = time.Month(m)
			return k, true
		}
	}
	return i, false
}

// limit reads "until december 31", "10 times", "for two weeks", "from monday on".
func (r *repeat) limit(i int) (int, bool) {
	if _, n, ok := r.is(i, cUntil); ok && r.rule.Until.IsZero() {
		if e, m, ok := r.bound(n); ok && !e.Ambiguous {
			if e.Kind == Range {
				e.From = e.To
			}
			r.until(e.From)
			return m, true
		}
	}
	n := i
	if v, m, ok := r.is(i, cFollow); ok && v == 1 {
		n = m
	}
	if v, m, ok := r.number(n); ok && v > 0 && v <= 100_000 {
		if _, k, ok := r.is(m, cTimes); ok {
			r.rule.Count = v
			return k, true
		}
	}
	if n > i && r.rule.Until.IsZero() {
		if l, m, ok := r.parser.length(n); ok {
			q := r.fromNow(l, 1)
			if !l.fine { // for a week: seven days, not eight
				q = dayPoint(q.day().AddDate(0, 0, -1))
			}
			r.until(q)
			return m, true
		}
	}
	if _, n, ok := r.is(i, cStarting|cFrom|cSince); ok && r.from.IsOpen() {
		if d, m, ok := r.date(n); ok && !d.ambiguous && d.part == 0 {
			r.from = dayPoint(d.day)
			return m, true
		}
	}
	return i, false
}

// until ends the rule with the point q, a day included to its end.
func (r *repeat) until(q Point) {
	r.rule.UntilDay = !q.HasTime
	if r.rule.UntilDay {
		r.rule.Until = clock.Resolve(q.day().Add(24*time.Hour-time.Second), r.now.Location())
	} else {
		r.rule.Until = q.In(r.now.Location())
	}
}

// clock reads the time of the day, or the part of the day.
func (r *repeat) clock(i int) (int, bool) {
	if r.rule.HasTime {
		return i, false
	}
	if e, n, ok := r.pair(i, dayValue{}); ok && !e.From.HasDate && e.From.HasTime {
		r.setRange(e)
		return n, true
	}
	if f, n, ok := r.timeOfDay(i, behindDay, r.part); ok {
		r.setTime(f)
		return n, true
	}
	if v, n, ok := r.is(i, cPart|cPartOf); ok && r.part == 0 {
		r.part = v
		return n, true
	}
	return i, false
}

// days reads the days of a rule of weeks, months or years.
func (r *repeat) days(i int) (int, bool) {
	if r.rule.Days != 0 || r.rule.MonthDay != 0 || !r.unit {
		return i, false
	}
	k := r.skip(i, cArt)
	switch r.rule.Freq {
	case Weekly, Daily:
		if days, n, ok := r.weekdays(k, cWeekday|cWeekdays|cWeakWeekday); ok {
			r.rule.Days = days
			return n, true
		}
	case Monthly:
		if nth, v, n, ok := r.nth(k); ok {
			r.rule.Nth, r.rule.Days = nth, 1<<(v-1)
			return n, true
		}
		if v, n, ok := r.monthDayNumber(k); ok {
			r.rule.MonthDay = v
			return n, true
		}
	case Yearly:
		bad := r.bad
		d, n, ok := r.absolute(k)
		r.bad = bad
		if ok && d.calendar {
			r.rule.Month, r.rule.MonthDay = d.day.Month(), d.day.Day()
			return n, true
		}
	}
	return i, false
}
