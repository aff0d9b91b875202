package scheduler

import "time"

// A plan's ticks, as opposed to a Scheduler's, all lie on the clock: an interval
// too is counted from the tick before, so that a restart does not move it.

// tickAfter is the first tick after t of the series that has a tick at from,
// zero if there is none. t does not lie before from.
func tickAfter(s Schedule, from, t time.Time) time.Time {
	if interval, ok := s.(every); ok {
		return lastStep(interval, from, t).Add(time.Duration(interval))
	}
	return s.Next(t)
}

// latestTick is the last tick not after t of the series that has a tick at from.
func latestTick(s Schedule, from, t time.Time) time.Time {
	if !t.After(from) {
		return from
	}
	if interval, ok := s.(every); ok {
		return lastStep(interval, from, t)
	}
	// A series knows only its way forward, which may be long: look from ever
	// farther back for a place before the one that is searched.
	latest := from
	for back := time.Minute; back < t.Sub(from); back *= 2 {
		if next := s.Next(t.Add(-back)); !next.IsZero() && !next.After(t) {
			latest = next
			break
		}
	}
	for {
		next := s.Next(latest)
		if next.IsZero() || next.After(t) {
			return latest
		}
		latest = next
	}
}

// lastStep is the last of from, from + interval, ... that is not after t.
func lastStep(interval every, from, t time.Time) time.Time {
	steps := t.Sub(from) / time.Duration(interval)
	return from.Add(steps * time.Duration(interval))
}
