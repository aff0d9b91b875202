package clock

import "time"

// Resolve is the instant at which the clocks in loc show the date and time of
// local, whose own zone is ignored. Where that is not exactly one instant it
// follows RFC 5545 section 3.3.5: the first of two when clocks were put back,
// and the offset before the gap when they were put forward (02:30 on such a
// night is 03:30). time.Date leaves both cases open.
func Resolve(local time.Time, loc *time.Location) time.Time {
	first, _ := Occurrences(local, loc)
	return first
}

// Occurrences are the instants at which loc shows local: first as Resolve
// describes it, and second where clocks were put back, else zero.
func Occurrences(local time.Time, loc *time.Location) (first, second time.Time) {
	wall := Wall(local)
	// As documented, t is right by one of the two offsets around a transition.
	t := time.Date(wall.Year(), wall.Month(), wall.Day(),
		wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), loc)
	start, end := t.ZoneBounds()
	switch shown := Wall(t); {
	case shown.Before(wall): // t lies before the gap and was read with the offset after it
		return withOffset(wall, t, loc), time.Time{}
	case shown.After(wall): // t lies behind the gap and was read with the offset before it
		return t, time.Time{}
	}
	if !start.IsZero() {
		if t1 := withOffset(wall, start.Add(-1), loc); t1.Before(start) {
			return t1, t
		}
	}
	if !end.IsZero() {
		if t2 := withOffset(wall, end, loc); !t2.Before(end) {
			return t, t2
		}
	}
	return t, time.Time{}
}

// withOffset reads wall with the offset from UTC that is in force at.
func withOffset(wall, at time.Time, loc *time.Location) time.Time {
	_, seconds := at.In(loc).Zone()
	return wall.Add(-time.Duration(seconds) * time.Second).In(loc)
}

// Wall is what the clock on the wall shows at t. It is kept as a UTC time, on
// which arithmetic and comparison know no transitions.
func Wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}
