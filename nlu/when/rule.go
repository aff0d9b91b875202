package when

import (
	"strconv"
	"time"
)

// Freq is how often a Rule comes: the FREQ of RFC 5545.
type Freq uint8

// The frequencies, from the shortest.
const (
	Secondly Freq = iota + 1
	Minutely
	Hourly
	Daily
	Weekly
	Monthly
	Yearly
)

// String is the FREQ value, "WEEKLY".
func (f Freq) String() string {
	switch f {
	case Secondly:
		return "SECONDLY"
	case Minutely:
		return "MINUTELY"
	case Hourly:
		return "HOURLY"
	case Daily:
		return "DAILY"
	case Weekly:
		return "WEEKLY"
	case Monthly:
		return "MONTHLY"
	case Yearly:
		return "YEARLY"
	}
	return ""
}

// Rule is a recurrence rule (RFC 5545 section 3.3.10), as far as people say
// such things. It has no DTSTART: the caller knows when it begins.
type Rule struct {
	Freq     Freq
	Interval int        // every so many; 0 and 1 are every one
	Count    int        // how often at all; 0 is without end
	Month    time.Month // only in this month; 0 is in all
	MonthDay int        // only on this day of the month, -1 is the last; 0 is on all
	Days     Weekdays   // only on these days of the week; 0 is on all
	Nth      int        // which of these days in the month: 1 the first, -1 the last; 0 is each
	// HasTime says whether Hour and Minute were said.
	HasTime      bool
	Hour, Minute int
	// Until is the last instant at which it may happen, in the zone of the
	// Reference, or zero. UntilDay is true where a day was said: Until is the
	// last second of that day.
	Until    time.Time
	UntilDay bool
}

// Weekdays is a set of days of the week.
type Weekdays uint8

// Of reports whether d is in the set.
func (w Weekdays) Of(d time.Weekday) bool { return w&weekdaySet(d) != 0 }

func weekdaySet(d time.Weekday) Weekdays { return 1 << ((d + 6) % 7) } // Monday first

const (
	workdays Weekdays = 1<<5 - 1
	weekend  Weekdays = 1<<5 | 1<<6
)

// String is r as an RRULE value, in the order FREQ, INTERVAL, COUNT or UNTIL,
// BYMONTH, BYMONTHDAY, BYDAY, BYHOUR, BYMINUTE. UNTIL is a DATE where a day was
// said and no time of day is in the rule, else an instant in UTC, as RFC 5545
// wants it for a DTSTART with a zone.
func (r Rule) String() string {
	var buf [96]byte
	return string(r.append(buf[:0]))
}

func (r Rule) append(dst []byte) []byte {
	number := func(name string, n int) {
		dst = append(dst, name...)
		dst = strconv.AppendInt(dst, int64(n), 10)
	}
	dst = append(dst, "FREQ="...)
	dst = append(dst, r.Freq.String()...)
	if r.Interval > 1 {
		number(";INTERVAL=", r.Interval)
	}
	if r.Count > 0 {
		number(";COUNT=", r.Count)
	}
	if !r.Until.IsZero() {
		dst = append(dst, ";UNTIL="...)
		if r.UntilDay && !r.HasTime && r.Freq >= Daily {
			dst = r.Until.AppendFormat(dst, "20060102")
		} else {
			dst = r.Until.UTC().AppendFormat(dst, "20060102T150405Z")
		}
	}
	if r.Month != 0 {
		number(";BYMONTH=", int(r.Month))
	}
	if r.MonthDay != 0 {
		number(";BYMONTHDAY=", r.MonthDay)
	}
	dst = r.appendDays(dst)
	if r.HasTime {
		number(";BYHOUR=", r.Hour)
		number(";BYMINUTE=", r.Minute)
	}
	return dst
}

func (r Rule) appendDays(dst []byte) []byte {
	const names = "MOTUWETHFRSASU"
	sep := ";BYDAY="
	for i := range 7 {
		if r.Days&(1<<i) == 0 {
			continue
		}
		dst = append(dst, sep...)
		if r.Nth != 0 {
			dst = strconv.AppendInt(dst, int64(r.Nth), 10)
		}
		dst = append(dst, names[2*i:2*i+2]...)
		sep = ","
	}
	return dst
}

// appendPeriod writes an ISO 8601 duration that has months.
func appendPeriod(dst []byte, months int, rest time.Duration) []byte {
	part := func(n int64, unit byte) {
		if n != 0 {
			dst = strconv.AppendInt(dst, n, 10)
			dst = append(dst, unit)
		}
	}
	dst = append(dst, 'P')
	part(int64(months/12), 'Y')
	part(int64(months%12), 'M')
	part(int64(rest/(24*time.Hour)), 'D')
	rest %= 24 * time.Hour
	if rest != 0 {
		dst = append(dst, 'T')
		part(int64(rest/time.Hour), 'H')
		part(int64(rest%time.Hour/time.Minute), 'M')
		part(int64(rest%time.Minute/time.Second), 'S')
	}
	return dst
}
