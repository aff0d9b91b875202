package when

import (
	"time"

	"dragoman/internal/clock"
)

// Kind says what sort of time an Expression is.
type Kind uint8

// The kinds of expression.
const (
	Duration   Kind = iota + 1 // a length: "an hour and a half"
	Date                       // a day: "next friday"
	Time                       // a time of day: "half past three"
	DateTime                   // a time on a day: "next friday at 3pm", "in ten minutes"
	Range                      // from one to another, or open at one end: "last week", "3-4pm", "since yesterday"
	Recurrence                 // again and again: "every other tuesday at 9"
)

// String is the kind in lower case: "duration", "date", "time", "datetime",
// "range" or "recurrence".
func (k Kind) String() string {
	switch k {
	case Duration:
		return "duration"
	case Date:
		return "date"
	case Time:
		return "time"
	case DateTime:
		return "datetime"
	case Range:
		return "range"
	case Recurrence:
		return "recurrence"
	}
	return "none"
}

// Reference is what an expression is relative to.
type Reference struct {
	// Now is the present. Its location is the zone in which dates and times
	// are meant.
	Now time.Time
}

// Expression is one expression of time in a text.
type Expression struct {
	Kind       Kind
	Start, End int // bytes of the text

	// Length and Months are a Duration's: a month or a year has no fixed
	// length and counts in Months. Of a Recurrence, Length is how long each
	// occurrence takes, where that was said.
	Length time.Duration
	Months int

	// From is the value of a Date, Time or DateTime, the beginning of a
	// Range, and the first day of a Recurrence where one was said.
	From Point
	// To is the end of a Range: the last day that belongs to it where it is a
	// date, the first moment that doesn't where it has a time.
	To Point

	// Rule is the value of a Recurrence.
	Rule Rule

	// Ambiguous is true where the text has two readings that nothing in it
	// settles, as 05/12 in English. Other is the second reading of From, and
	// OtherTo that of To. Ask before acting on either.
	Ambiguous      bool
	Other, OtherTo Point

	// HalfDay is true where a time was said on the twelve-hour face and
	// nothing tells morning from evening: it may be meant twelve hours off.
	// One to five were taken for the afternoon, six to twelve for what they
	// say.
	HalfDay bool
}

// Point is a day, a time of day, or both, as the clock on the wall shows them.
// The zero Point is open: a Range without that end.
type Point struct {
	Year                 int
	Month                time.Month
	Day                  int
	Hour, Minute, Second int
	// HasDate and HasTime say which of them the text had. Without a date,
	// the fields hold the day on which that time comes next; without a time,
	// they hold 00:00.
	HasDate, HasTime bool
	// Later is true for the second of two instants at which clocks show this
	// time, when they are put back. Only what is counted from now can mean it.
	Later bool
}

// IsOpen reports whether p is no point at all.
func (p Point) IsOpen() bool { return !p.HasDate && !p.HasTime }

// In is the instant at which the clocks in loc show p. It follows RFC 5545
// section 3.3.5: the first of two, and the offset before a gap.
func (p Point) In(loc *time.Location) time.Time {
	first, second := clock.Occurrences(p.wall(), loc)
	if p.Later && !second.IsZero() {
		return second
	}
	return first
}

// wall is p as a UTC time.
func (p Point) wall() time.Time {
	return time.Date(p.Year, p.Month, p.Day, p.Hour, p.Minute, p.Second, 0, time.UTC)
}

// onDay is p on the day of d.
func (p Point) onDay(d time.Time) Point {
	p.Year, p.Month, p.Day = d.Date()
	return p
}

// day is the date of p at midnight, as a UTC time.
func (p Point) day() time.Time { return time.Date(p.Year, p.Month, p.Day, 0, 0, 0, 0, time.UTC) }

// dayPoint is the date of d.
func dayPoint(d time.Time) Point {
	return Point{HasDate: true}.onDay(d)
}

// instantPoint is what the wall clock shows at t, to the second.
func instantPoint(t time.Time) Point {
	p := Point{HasDate: true, HasTime: true, Hour: t.Hour(), Minute: t.Minute(), Second: t.Second()}.onDay(t)
	_, second := clock.Occurrences(p.wall(), t.Location())
	p.Later = !second.IsZero() && !t.Before(second)
	return p
}

// Alternative is e in its second reading, and e itself where it has one
// reading only.
func (e Expression) Alternative() Expression {
	if e.Ambiguous {
		e.From, e.Other = e.Other, e.From
		e.To, e.OtherTo = e.OtherTo, e.To
	}
	return e
}

// String is the canonical text of e:
//
//	duration    1h30m0s as time.Duration writes it; P2M or P1Y2M where there are months
//	date        2026-12-05
//	time        15:00, or 15:00:30
//	datetime    2026-12-05T15:00
//	range       A/B, each a date, a time or a datetime; .. stands for an open end (ISO 8601-2)
//	recurrence  an RRULE value of RFC 5545: FREQ=WEEKLY;INTERVAL=2;BYDAY=TU
func (e Expression) String() string {
	var buf [80]byte
	return string(e.Append(buf[:0]))
}

// Append appends String to dst.
func (e Expression) Append(dst []byte) []byte {
	switch e.Kind {
	case Duration:
		if e.Months == 0 {
			return append(dst, e.Length.String()...)
		}
		return appendPeriod(dst, e.Months, e.Length)
	case Date, Time, DateTime:
		return e.From.append(dst)
	case Range:
		dst = e.From.append(dst)
		dst = append(dst, '/')
		return e.To.append(dst)
	case Recurrence:
		return e.Rule.append(dst)
	}
	return dst
}

// String is p as Expression.String writes it.
func (p Point) String() string {
	var buf [24]byte
	return string(p.append(buf[:0]))
}

func (p Point) append(dst []byte) []byte {
	if p.IsOpen() {
		return append(dst, ".."...)
	}
	if p.HasDate {
		dst = p.wall().AppendFormat(dst, time.DateOnly)
		if !p.HasTime {
			return dst
		}
		dst = append(dst, 'T')
	}
	if p.Second != 0 {
		return p.wall().AppendFormat(dst, time.TimeOnly)
	}
	return p.wall().AppendFormat(dst, "15:04")
}
