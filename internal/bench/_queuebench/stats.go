package main

import (
	"fmt"
	"slices"
	"strings"
)

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
// out.
func ratios(a, b []float64) []float64 {
	r := make([]float64, min(len(a), len(b)))
	for i := range r {
		r[i] = a[i] / b[i]
	}
	return r
}

// format shows the median, and in parentheses the least and the most where
// they differ.
func (s spread) format(decimals int) string {
	if s.least == s.most {
		return number(s.median, decimals)
	}
	return fmt.Sprintf("%s (%s to %s)", number(s.median, decimals), number(s.least, decimals), number(s.most, decimals))
}

// number is v with commas between the thousands.
func number(v float64, decimals int) string {
	whole, rest, dot := strings.Cut(fmt.Sprintf("%.*f", decimals, v), ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dot {
		whole += "." + rest
	}
	return whole
}
