package main

import (
	"math"
	"slices"
	"testing"
)

func TestPercentileIsTheNearestRank(t *testing.T) {
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	for name, test := range map[string]struct {
		sorted []int
		q      float64
		want   int
	}{
		"of nothing":             {nil, 50, 0},
		"of one":                 {[]int{7}, 50, 7},
		"the least":              {[]int{1, 2, 3}, 0, 1},
		"the most":               {[]int{1, 2, 3}, 100, 3},
		"beyond the most":        {[]int{1, 2, 3}, 120, 3},
		"the middle of an odd":   {[]int{1, 2, 3}, 50, 2},
		"the lower of an even":   {[]int{1, 2, 3, 4}, 50, 2},
		"just above half":        {[]int{1, 2, 3, 4}, 50.1, 3},
		"p90 of a hundred":       {hundred, 90, 90},
		"p99 of a hundred":       {hundred, 99, 99},
		"p99.5 of a hundred":     {hundred, 99.5, 100},
		"the textbook's example": {[]int{15, 20, 35, 40, 50}, 30, 20},
	} {
		if got := percentile(test.sorted, test.q); got != test.want {
			t.Errorf("%s: percentile(%v, %v) = %v, want %v", name, test.sorted, test.q, got, test.want)
		}
	}
}

func TestSpread(t *testing.T) {
	for name, test := range map[string]struct {
		values []float64
		want   spread
	}{
		"of nothing": {nil, spread{}},
		"of one":     {[]float64{3}, spread{3, 3, 3}},
		"of an odd":  {[]float64{9, 1, 4}, spread{1, 4, 9}},
		"of an even": {[]float64{9, 1, 4, 6}, spread{1, 5, 9}},
	} {
		before := slices.Clone(test.values)
		if got := spreadOf(test.values); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
		if !slices.Equal(before, test.values) {
			t.Errorf("%s: the values were sorted in place", name)
		}
	}
}

func TestASpreadShowsItsEndsOnlyWhereTheyDiffer(t *testing.T) {
	if got := spreadOf([]float64{1.234}).format("%.1f"); got != "1.2" {
		t.Errorf("one value is shown as %q", got)
	}
	if got := spreadOf([]float64{1, 2, 4}).format("%.0f"); got != "2 (1–4)" {
		t.Errorf("three values are shown as %q", got)
	}
}

// A round that was slow for both must not show in the ratio.
func TestRatiosAreTakenRoundByRound(t *testing.T) {
	bot, echo := []float64{80, 8, 40}, []float64{100, 10, 50}
	if got := spreadOf(ratios(bot, echo)); math.Abs(got.least-0.8) > 1e-9 || math.Abs(got.most-0.8) > 1e-9 {
		t.Errorf("ratios of %v and %v: %v, want 0.8 throughout", bot, echo, got)
	}
	if got := ratios(bot[:1], echo); len(got) != 1 {
		t.Errorf("a round that only one has counts: %v", got)
	}
}
