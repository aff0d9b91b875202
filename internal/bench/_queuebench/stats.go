package main

import (
	"fmt"
	"strings"

	"dragoman/internal/bench/stats"
)

// shown has the median, and in parentheses the least and the most where
// they differ.
func shown(s stats.Spread, decimals int) string {
	if s.Least == s.Most {
		return number(s.Median, decimals)
	}
	return fmt.Sprintf("%s (%s to %s)", number(s.Median, decimals), number(s.Least, decimals), number(s.Most, decimals))
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
