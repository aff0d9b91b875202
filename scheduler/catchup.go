package scheduler

import (
	"fmt"
	"strings"
	"time"
)

// Grace is how long after its time a tick still counts as punctual: a process
// that restarts, or a queue that is busy, makes nobody late.
const Grace = time.Minute

// CatchUp says what becomes of the ticks of a plan that were missed because
// nothing ran at their time or the clock was put forward. Of several missed
// ticks at most the latest is made up for, by one run that is given the time at
// which it was due; then the plan goes on with its next tick.
//
// A CatchUp is by how much that run may be late. As text, in a configuration
// too, it reads "once", "skip" or "within 2h".
type CatchUp time.Duration

const (
	// Once runs the latest missed tick, however late. It is the zero CatchUp.
	Once CatchUp = 0
	// Skip runs no missed tick: what is more than Grace late is left out.
	Skip = CatchUp(Grace)
)

// Within runs the latest missed tick if it is no more than d late, else none. A
// d below Grace means Grace, which is Skip.
func Within(d time.Duration) CatchUp { return CatchUp(max(d, Grace)) }

// allows reports whether a tick may still run at this lateness.
func (c CatchUp) allows(late time.Duration) bool {
	return c == Once || late <= max(time.Duration(c), Grace)
}

// String is what UnmarshalText reads.
func (c CatchUp) String() string {
	switch c {
	case Once:
		return "once"
	case Skip:
		return "skip"
	}
	return "within " + time.Duration(c).String()
}

// MarshalText is String; it fails for a negative CatchUp.
func (c CatchUp) MarshalText() ([]byte, error) {
	if c < 0 {
		return nil, fmt.Errorf("catch-up %v: a run cannot be late by less than nothing", time.Duration(c))
	}
	return []byte(c.String()), nil
}

// UnmarshalText reads "once", "skip" or "within" and a positive duration as
// time.ParseDuration takes it, without regard to spaces around the words.
func (c *CatchUp) UnmarshalText(text []byte) error {
	words := strings.Fields(string(text))
	switch {
	case len(words) == 1 && words[0] == "once":
		*c = Once
		return nil
	case len(words) == 1 && words[0] == "skip":
		*c = Skip
		return nil
	case len(words) == 2 && words[0] == "within":
		if d, err := time.ParseDuration(words[1]); err == nil && d > 0 {
			*c = Within(d)
			return nil
		}
	}
	return fmt.Errorf(`catch-up %q: accepted are "once", "skip" and "within" with a duration ("within 2h")`, abridge(string(text)))
}

// Late says by how much now is past due, in its two largest units: "late by 2
// hours 5 minutes", "late by 3 days". It is empty up to Grace.
func Late(due, now time.Time) string {
	late := now.Round(0).Sub(due.Round(0)) // as clocks show it
	if late <= Grace {
		return ""
	}
	minutes := int64(late / time.Minute)
	days, hours, minutes := minutes/(24*60), minutes/60%24, minutes%60
	switch {
	case days > 0:
		return "late by " + amounts(days, "day", hours, "hour")
	case hours > 0:
		return "late by " + amounts(hours, "hour", minutes, "minute")
	}
	return "late by " + amounts(minutes, "minute", 0, "")
}

// amounts leaves out the second amount when it is zero.
func amounts(n int64, unit string, rest int64, smaller string) string {
	text := amount(n, unit)
	if rest > 0 {
		text += " " + amount(rest, smaller)
	}
	return text
}

func amount(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
