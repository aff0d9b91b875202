package main

import (
	"slices"

	"dragoman/internal/bench/queuebench/gauge"
)

// groups is how many destinations the ordered jobs have, and batch how many of
// one destination's jobs the outbox hands over at once.
const (
	groups = 1000
	batch  = 32
)

// Who is measured. River is measured by the program in the folder river, the
// others by this program.
const (
	river      = "River"
	bare       = "a bare insert"
	plain      = "dragoman"
	ordered    = "dragoman ordered"
	orderedX32 = "dragoman ordered x32"
)

// contestants are those who are measured by this program.
func contestants() []gauge.Contestant {
	return []gauge.Contestant{
		{Name: bare, Open: openBare},
		{Name: plain, Open: openOurs(0, 1)},
		{Name: ordered, Groups: groups, Open: openOurs(groups, 1)},
		{Name: orderedX32, Groups: groups, Open: openOurs(groups, batch)},
	}
}

// figure is how one figure of gauge is shown: who takes part, and a line for
// each of its values.
type figure struct {
	name  string
	once  bool // in the last round only, because it takes long
	who   []string
	lines []line
}

// line is one value of a figure in the table.
type line struct {
	title    string
	decimals int
	bars     map[string]bar // by the kind of database
}

// bar is what is asked of dragoman: at least that ratio to River's value, or at
// most that value. The zero bar asks for nothing.
type bar struct{ ratio, most float64 }

// both is a bar that is the same on both databases.
func both(b bar) map[string]bar { return map[string]bar{gauge.SQLite: b, gauge.Postgres: b} }

// The bars.
var (
	enqueueBars = map[string]bar{gauge.SQLite: {ratio: 1.5}, gauge.Postgres: {ratio: 1}}
	workedBars  = map[string]bar{gauge.SQLite: {ratio: 1}, gauge.Postgres: {ratio: 0.5}}
	pickupBars  = both(bar{most: 5}) // milliseconds
	idleBars    = both(bar{most: 1}) // percent
)

func figures() []figure {
	return []figure{
		{name: gauge.Enqueue, who: []string{bare, river, plain, ordered}, lines: []line{
			{title: "one job enqueued per transaction, 1 goroutine, jobs/s", bars: enqueueBars},
			{title: "enqueued by 1 goroutine, CPU of the process per job, µs"}}},
		{name: gauge.Enqueue8, who: []string{river, plain, ordered}, lines: []line{
			{title: "one job enqueued per transaction, 8 goroutines, jobs/s", bars: enqueueBars},
			{title: "enqueued by 8 goroutines, CPU of the process per job, µs"}}},
		{name: gauge.Worked, who: []string{river, plain, ordered, orderedX32}, lines: []line{
			{title: "no-op jobs worked from a backlog, 100 workers, jobs/s", bars: workedBars},
			{title: "worked, CPU of the process per job, µs"}}},
		{name: gauge.Pickup, who: []string{bare, river, plain, ordered}, lines: []line{
			{title: "commit to start of the handler, p50, ms", decimals: 2},
			{title: "commit to start of the handler, p99, ms", decimals: 2, bars: pickupBars},
			{title: "commit to start of the handler, longest, ms", decimals: 2}}},
		{name: gauge.Idle, once: true, who: []string{river, plain}, lines: []line{
			{title: "CPU of the process of an idle queue, % of one processor", decimals: 2, bars: idleBars}}},
	}
}

// isOurs reports whether the bars are held against it.
func isOurs(who string) bool { return slices.Contains([]string{plain, ordered, orderedX32}, who) }
