package main

import (
	"cmp"
	"math"
	"slices"
)

// percentile is the smallest of the sorted values that at least q percent of
// them do not exceed (nearest rank), and zero of none.
func percentile[T cmp.Ordered](sorted []T, q float64) T {
	if len(sorted) == 0 {
		var none T
		return none
	}
	rank := int(math.Ceil(q / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// spread is what several rounds found.
type spread struct{ least, median, most float64 }

// spreadOf is the zero spread for no values. An even number of values has its
// median between two of them.
func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	v := slices.Sorted(slices.Values(values))
	half := len(v) / 2
	median := v[half]
	if len(v)%2 == 0 {
		median = (v[half-1] + v[half]) / 2
	}
	return spread{v[0], median, v[len(v)-1]}
}

// ratios divides round by round, so that what slowed a whole round cancels
// out. Rounds that only one of both has are left out.
func ratios(a, b []float64) []float64 {
	r := make([]float64, min(len(a), len(b)))
	for i := range r {
		r[i] = a[i] / b[i]
	}
	return r
}
