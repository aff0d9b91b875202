package when

import "time"

// openRange reads what a single phrase makes a range: "since yesterday",
// "until friday", "last week", "the last 24 hours", "in december".
func (p *parser) openRange(i int) (Expression, int, bool) {
	if e, n, ok := p.bounded(i); ok || p.bad > i {
		return e, n, ok
	}
	j := p.skip(i, cOn)
	if j > i {
		j = p.skip(j, cArt)
	}
	if e, n, ok := p.rolling(j); ok {
		return e, n, true
	}
	if _, _, _, ok := p.relUnit(j); ok {
		if a, b, n, ok := p.period(j); ok {
			return days(a, b), n, true
		}
	}
	if e, n, ok := p.weekends(j, j > i); ok {
		return e, n, true
	}
	return p.monthOrYear(i, j)
}

func days(a, b time.Time) Expression {
	return Expression{Kind: Range, From: dayPoint(a), To: dayPoint(b)}
}

// bounded reads a range with one end: since, until, before, after, from ... on.
func (p *parser) bounded(i int) (Expression, int, bool) {
	const bounds = cSince | cUntil | cBefore | cAfter | cStarting
	if p.at(i).mask&bounds == 0 {
		return Expression{}, i, false
	}
	for _, c := range [...]class{cSince, cUntil, cBefore, cAfter, cStarting} {
		v, n, ok := p.is(i, c)
		if !ok {
			continue
		}
		p.past = c == cSince
		e, m, ok := p.bound(n)
		p.past = false
		if !ok || v == 1 && (e.Kind == Range || e.Kind == Time && (e.HalfDay || m == n+1)) {
			continue
		}
		r := Expression{Kind: Range, Ambiguous: e.Ambiguous, HalfDay: e.HalfDay}
		switch c {
		case cUntil, cBefore:
			r.To, r.OtherTo = e.From, e.Other
			if e.Kind == Range && c == cUntil {
				r.To = e.To
			}
		default:
			r.From, r.Other = e.From, e.Other
		}
		return r, m, true
	}
	return Expression{}, i, false
}

// bound reads an end of a range behind its preposition.
func (p *parser) bound(i int) (Expression, int, bool) {
	if j := p.skip(i, cArt); p.has(j, cEdge) {
		i = j // "until the end of the month"
	}
	e, n, ok := p.moment(i)
	if p.at(i).mask&(cSince|cUntil|cBefore|cAfter|cStarting) == 0 {
		if r, m, found := p.openRange(i); found && p.canEnd(m) && m > n {
			return r, m, true
		}
	}
	if ok {
		return e, n, true
	}
	f, n, ok := p.timeOfDay(i, behindPrep, 0)
	if !ok {
		return Expression{}, i, false
	}
	return p.timeThenDay(f, n)
}

// rolling reads a length up to now or from now on: "last 24 hours", "next 3
// days", "the past week", "les 3 derniers jours".
func (p *parser) rolling(i int) (Expression, int, bool) {
	var l length
	rel, n, ok := p.is(i, cRel|cRolling)
	switch {
	case ok && rel != 0:
		if l, n, ok = p.length(n); ok {
			break
		}
		if _, m, rolls := p.is(i, cRolling); rolls {
			var u int
			if u, n, ok = p.is(m, cUnit); ok && u != second && !p.plural(m) {
				l.add(2, u)
				break
			}
		}
		return Expression{}, i, false
	default:
		v, m, number := p.number(i)
		if !number {
			return Expression{}, i, false
		}
		var u int
		if rel, n, ok = p.is(m, cRel|cRelPost); !ok || rel == 0 {
			return Expression{}, i, false
		}
		if u, n, ok = p.is(n, cUnit); !ok || !l.add(2*int64(v), u) {
			return Expression{}, i, false
		}
	}
	here := dayPoint(p.today)
	if l.fine {
		here = instantPoint(p.now)
	}
	if rel < 0 {
		return Expression{Kind: Range, From: p.fromNow(l, -1), To: here}, n, true
	}
	return Expression{Kind: Range, From: here, To: p.fromNow(l, 1)}, n, true
}

// plural reports whether the English word at i is one: "past days" says not how many.
func (p *parser) plural(i int) bool {
	return p.lang.name == "en" && p.text[p.at(i).end-1]|0x20 == 's'
}

// weekends reads "this weekend", "le week-end prochain", "am Wochenende".
func (p *parser) weekends(i int, on bool) (Expression, int, bool) {
	rel, n, isRel := p.is(i, cRel)
	v, n, ok := p.is(n, cDays)
	if !ok || v != 2 {
		return Expression{}, i, false
	}
	if !isRel {
		var m int
		if rel, m, isRel = p.is(n, cRelPost); isRel {
			n = m
		}
	}
	if !isRel && !on {
		return Expression{}, i, false
	}
	sat := monday(p.today).AddDate(0, 0, 5+7*rel)
	return days(sat, sat.AddDate(0, 0, 1)), n, true
}

// monthOrYear reads "december", "in may", "next march", "in 2027". i is where
// its preposition may stand.
func (p *parser) monthOrYear(i, j int) (Expression, int, bool) {
	in := false
	if _, n, ok := p.is(i, cIn); ok {
		in, j = true, p.skip(n, cArt)
	}
	in = in || p.at(i-1).mask&(cSince|cUntil|cBefore|cAfter|cStarting) != 0
	if y, n, ok := p.year(j); ok && in && p.clear(n) {
		return days(date(y, 1, 1), date(y, 12, 31)), n, true
	}
	t := p.at(j)
	if t.mask&(cMonth|cWeakMonth|cRel) == 0 || p.has(j, cSkip) {
		return Expression{}, i, false
	}
	first, named, n, ok := p.month(j)
	if !ok || !named {
		return Expression{}, i, false
	}
	if p.at(n-1).mask&cWeakMonth != 0 && p.lang.name == "en" && !p.clear(n) && !in {
		return Expression{}, i, false // "this may have happened"
	}
	if !in && t.mask&(cMonth|cRel) == 0 && !p.has(n-1, cRelPost) && p.at(n-1).kind != digits {
		return Expression{}, i, false
	}
	return days(first, first.AddDate(0, 1, -1)), n, true
}
