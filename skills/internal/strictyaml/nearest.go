package strictyaml

import "strings"

// Nearest returns the name that was probably meant by word, and false when
// none is near: at most a third of the letters may differ, a beginning of three
// letters or more is enough, and case, - and _ don't count. Words of more than
// 64 bytes are near to nothing.
func Nearest(word string, names []string) (string, bool) {
	const longest = 64
	if word = plain(word); len(word) > longest {
		return "", false
	}
	best, bestDistance := "", -1
	for _, name := range names {
		p := plain(name)
		if len(p) > longest {
			continue
		}
		distance := editDistance(word, p)
		if len(word) >= 3 && strings.HasPrefix(p, word) || len(p) >= 3 && strings.HasPrefix(word, p) {
			distance = min(distance, 1)
		}
		if distance <= max(len(word), len(p))/3 && (bestDistance < 0 || distance < bestDistance) {
			best, bestDistance = name, distance
		}
	}
	return best, bestDistance >= 0
}

func plain(s string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(s))
}

// editDistance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b (optimal string alignment).
func editDistance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(row[j]+1, last[j+1]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
