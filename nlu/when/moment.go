package when

import (
	"time"
)

// moment reads a day, a time, or both, and a part of a day, which is a range.
func (p *parser) moment(i int) (Expression, int, bool) {
	if e, n, ok := p.timestamp(i); ok || p.bad > i {
		return e, n, ok
	}
	if l, sign, n, ok := p.shift(i); ok && l.fine {
		return Expression{Kind: DateTime, From: p.fromNow(l, sign)}, n, true
	}
	if d, n, ok := p.date(i); ok {
		return p.dayThenTime(d, n)
	}
	if p.bad > i {
		return Expression{}, i, false
	}
	f, n, ok := p.timeOfDay(i, anywhere, 0)
	if ok {
		return p.timeThenDay(f, n)
	}
	if p.bad > i {
		return Expression{}, i, false
	}
	return p.partAlone(i)
}

// partAlone reads "in the morning", with the day behind it or without.
func (p *parser) partAlone(i int) (Expression, int, bool) {
	part, n, ok := p.is(i, cPartOf)
	if !ok || part == midday {
		return Expression{}, i, false
	}
	if d, k, ok := p.date(p.comma(n)); ok && d.part == 0 {
		return p.partOfDay(d.day, part), k, true
	}
	// French "du soir" needs an hour before it; "am Abend" and "in the evening" don't.
	if p.at(i).mask&cOn == 0 && p.lang.name != "en" && p.lang.name != "es" {
		return Expression{}, i, false
	}
	from := p.nextTime(Point{Hour: partHours[part][0], HasTime: true})
	e := p.partOfDay(from.day(), part)
	e.From.HasDate, e.To.HasDate = false, false
	return e, n, true
}

// dayThenTime reads what may follow the day d at n: its part, a time.
func (p *parser) dayThenTime(d dayValue, n int) (Expression, int, bool) {
	if d.part == 0 {
		if v, m, ok := p.is(n, cPart|cPartOf); ok {
			d.part, n = v, m
		}
	}
	if f, k, ok := p.timeOfDay(p.comma(n), behindDay, d.part); ok && p.canEnd(k) {
		return p.dateTime(d, f), k, true
	}
	if d.part == midday {
		return p.dateTime(d, face{h: 12, half: true}), n, true
	}
	if d.part != 0 {
		return p.partOfDay(d.day, d.part), n, true
	}
	return d.expression(), n, true
}

func (d dayValue) expression() Expression {
	e := Expression{Kind: Date, From: dayPoint(d.day), Ambiguous: d.ambiguous}
	if d.ambiguous {
		e.Other = dayPoint(d.other)
	}
	return e
}

func (p *parser) dateTime(d dayValue, f face) Expression {
	e := Expression{Kind: DateTime, From: p.on(f, d.day), Ambiguous: d.ambiguous, HalfDay: f.bare}
	if d.ambiguous {
		e.Other = p.on(f, d.other)
	}
	return e
}

// timeThenDay reads the day that may follow the time f at n.
func (p *parser) timeThenDay(f face, n int) (Expression, int, bool) {
	bad := p.bad
	if d, k, ok := p.date(p.comma(n)); ok && p.canEnd(k) {
		if d.part == 0 {
			if v, m, ok := p.is(k, cPart|cPartOf); ok {
				d.part, k = v, m
			}
		}
		if d.part != 0 && !f.half && f.h <= 12 {
			f = f.in(d.part)
		}
		return p.dateTime(d, f), k, true
	}
	p.bad = bad
	return Expression{Kind: Time, From: p.point(f), HalfDay: f.bare}, n, true
}

// partHours are the hours of the parts of a day. The night ends on the next day.
var partHours = [...][2]int{
	morning: {6, 12}, midday: {12, 14}, afternoon: {12, 18}, evening: {18, 24}, night: {22, 30}, smallHours: {0, 6},
}

// partOfDay is a part of the day d as a range.
func (p *parser) partOfDay(d time.Time, part int) Expression {
	h := partHours[part]
	a := Point{HasDate: true, HasTime: true, Hour: h[0]}.onDay(d)
	b := Point{HasDate: true, HasTime: true, Hour: h[1] % 24}.onDay(d.AddDate(0, 0, h[1]/24))
	return Expression{Kind: Range, From: a, To: b}
}

// timestamp reads 2026-12-05T14:00 with seconds, their fraction and an offset
// from UTC where they are there. With an offset it is the local time of that
// instant.
func (p *parser) timestamp(i int) (Expression, int, bool) {
	t := p.at(i + 5)
	if p.at(i).kind != digits || p.at(i).width() != 4 || t.kind != word || t.width() != 1 || t.space || t.id != 0 && p.at(i+6).space {
		return Expression{}, i, false
	}
	d, n, ok := p.numeric(i)
	h := p.at(i + 6)
	if !ok || h.kind != digits || h.space || h.width() != 2 {
		return Expression{}, i, false
	}
	f, n, ok := p.digital(n+1, false, false)
	if !ok {
		return Expression{}, i, false
	}
	f.bare = false
	if u := p.at(n + 1); p.mark(n, '.', true) && u.kind == digits && !u.space {
		n += 2
	}
	e := p.dateTime(d, f)
	if off, m, ok := p.offset(n); ok {
		at := e.From.wall().Add(-off)
		e.From = instantPoint(at.In(p.now.Location()))
		n = m
	}
	return e, n, true
}

// offset reads Z, +02:00 or -0500.
func (p *parser) offset(i int) (time.Duration, int, bool) {
	t := p.at(i)
	if t.space || t.kind == end {
		return 0, i, false
	}
	if t.kind == word && t.width() == 1 && (t.upper && p.zulu(i)) {
		return 0, i + 1, true
	}
	if t.kind != mark || t.char != '+' && t.char != '-' && t.char != '\u2212' {
		return 0, i, false
	}
	h, n := p.at(i+1), i+2
	if h.kind != digits || h.space {
		return 0, i, false
	}
	hours, minutes := h.value, 0
	switch m := p.at(i + 3); {
	case h.width() == 4:
		hours, minutes = h.value/100, h.value%100
	case h.width() == 2 && p.mark(i+2, ':', true) && m.kind == digits && !m.space && m.width() == 2:
		minutes, n = m.value, i+4
	case h.width() != 2:
		return 0, i, false
	}
	if hours > 15 || minutes > 59 {
		return 0, i, false
	}
	d := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if t.char != '+' {
		d = -d
	}
	return d, n, true
}

func (p *parser) zulu(i int) bool { return p.text[p.at(i).start] == 'Z' }
