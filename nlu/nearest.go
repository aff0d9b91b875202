package nlu

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// maxDistance is the length in runes up to which Distance compares. A longer
// word is no typo of a name.
const maxDistance = 64

// Distance returns the number of single mistakes (a wrong, missing, additional
// or swapped neighbouring rune: Damerau-Levenshtein in its optimal string
// alignment form) between a and b, or limit+1 when there are more than limit.
// It compares as it is given; Fold first.
func Distance(a, b string, limit int) int {
	if a == b {
		return 0
	}
	var bufA, bufB [maxDistance]rune
	ra, okA := runes(bufA[:0], a)
	rb, okB := runes(bufB[:0], b)
	if !okA || !okB || limit <= 0 || max(len(ra)-len(rb), len(rb)-len(ra)) > limit {
		return limit + 1
	}
	// Three rows: two back for swaps, the last one, the one being filled.
	var rows [3][maxDistance + 1]int
	for j := range len(rb) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(ra); i++ {
		row, last, before := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		best := i
		for j := 1; j <= len(rb); j++ {
			c := 1
			if ra[i-1] == rb[j-1] {
				c = 0
			}
			d := min(last[j]+1, row[j-1]+1, last[j-1]+c)
			if i > 1 && j > 1 && ra[i-1] == rb[j-2] && ra[i-2] == rb[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			best = min(best, d)
		}
		if best > limit {
			return limit + 1
		}
	}
	return min(rows[len(ra)%3][len(rb)], limit+1)
}

// runes decodes s into buf, or reports that it does not fit.
func runes(buf []rune, s string) ([]rune, bool) {
	if len(s) > maxDistance*utf8.UTFMax {
		return nil, false
	}
	for _, r := range s {
		if len(buf) == maxDistance {
			return nil, false
		}
		buf = append(buf, r)
	}
	return buf, true
}

// Slack returns how many mistakes a name of n runes may have and still be
// taken for a typo: none in a very short name, up to three in a long one.
func Slack(n int) int {
	switch {
	case n < 3:
		return 0
	case n < 6:
		return 1
	case n < 9:
		return 2
	}
	return 3
}

// Likeness returns how far written is from name, both folded: 0 for equal, more
// for worse, and false when they are not alike. Ten is about one mistake; the
// beginning of a name (three runes or more) is as near as that.
func Likeness(written, name string) (int, bool) {
	if written == name {
		return 0, true
	}
	nw, nn := utf8.RuneCountInString(written), utf8.RuneCountInString(name)
	if nw >= 3 && nw < nn && name[:min(len(written), len(name))] == written {
		return 5 + min(nn-nw, 10), true
	}
	limit := Slack(min(nw, nn))
	if d := Distance(written, name, limit); d <= limit {
		return 10 * d, true
	}
	return 0, false
}

// Nearest returns the names that written may be a typo of, best first, at most
// limit: for "did you mean" of machines and the like. It ignores case.
func Nearest(written string, names []string, limit int) []string {
	type candidate struct {
		name string
		far  int
	}
	var found []candidate
	folded := Fold(written)
	for _, n := range names {
		if far, ok := Likeness(folded, Fold(n)); ok {
			found = append(found, candidate{n, far})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(a.name, b.name))
	})
	var out []string
	for _, c := range found {
		if len(out) < limit && !slices.Contains(out, c.name) {
			out = append(out, c.name)
		}
	}
	return out
}
