package stats

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
		if got := Percentile(test.sorted, test.q); got != test.want {
			t.Errorf("%s: percentile(%v, %v) = %v, want %v", name, test.sorted, test.q, got, test.want)
		}
	}
}

func TestSpread(t *testing.T) {
	for name, test := range map[string]struct {
		values []float64
		want   Spread
	}{
		"of nothing": {nil, Spread{}},
		"of one":     {[]float64{3}, Spread{3, 3, 3}},
		"of an odd":  {[]float64{9, 1, 4}, Spread{1, 4, 9}},
		"of an even": {[]float64{9, 1, 4, 6}, Spread{1, 5, 9}},
	} {
		before := slices.Clone(test.values)
		if got := SpreadOf(test.values); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
		if !slices.Equal(before, test.values) {
			t.Errorf("%s: the values were sorted in place", name)
		}
	}
}

// A round that was slow for both must not show in the ratio.
func TestRatiosAreTakenRoundByRound(t *testing.T) {
	bot, echo := []float64{80, 8, 40}, []float64{100, 10, 50}
	if got := SpreadOf(Ratios(bot, echo)); math.Abs(got.Least-0.8) > 1e-9 || math.Abs(got.Most-0.8) > 1e-9 {
		t.Errorf("ratios of %v and %v: %v, want 0.8 throughout", bot, echo, got)
	}
	if got := Ratios(bot[:1], echo); len(got) != 1 {
		t.Errorf("a round that only one has counts: %v", got)
	}
}
