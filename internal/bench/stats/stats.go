// Package stats has what the benchmarks know of many values: percentiles, and what
// several rounds found. It measures nothing.
package stats

import (
	"cmp"
	"math"
	"slices"
)

// Percentile is the smallest of the sorted values that at least q percent of
// them do not exceed (nearest rank), and zero of none.
func Percentile[T cmp.Ordered](sorted []T, q float64) T {
	if len(sorted) == 0 {
		var none T
		return none
	}
	rank := int(math.Ceil(q / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// Spread is what several rounds found.
type Spread struct{ Least, Median, Most float64 }

// SpreadOf is the zero Spread for no values. An even number of values has its
// median between two of them.
func SpreadOf(values []float64) Spread {
	if len(values) == 0 {
		return Spread{}
	}
	v := slices.Sorted(slices.Values(values))
	half := len(v) / 2
	median := v[half]
	if len(v)%2 == 0 {
		median = (v[half-1] + v[half]) / 2
	}
	return Spread{v[0], median, v[len(v)-1]}
}

// Ratios divides round by round, so that what slowed a whole round cancels
// out. Rounds that only one of both has are left out.
func Ratios(a, b []float64) []float64 {
	r := make([]float64, min(len(a), len(b)))
	for i := range r {
		r[i] = a[i] / b[i]
	}
	return r
}
