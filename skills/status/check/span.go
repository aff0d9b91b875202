package check

import (
	"strconv"
	"time"
)

// Span is a length of time as people say it, in its largest unit alone and
// rounded down: "2 days", "1 hour", "5 minutes", "12 seconds". What is shorter
// than a second, or negative, is "1 second".
func Span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= day:
		return count(d/day, "day")
	case d >= time.Hour:
		return count(d/time.Hour, "hour")
	case d >= time.Minute:
		return count(d/time.Minute, "minute")
	}
	return count(max(d/time.Second, 1), "second")
}

func count(n time.Duration, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.FormatInt(int64(n), 10) + " " + unit + "s"
}
