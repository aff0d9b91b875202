package evaluate

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Typos returns text with a typo in a share of its words: two letters swapped,
// one left out, one typed twice, or one taken for its neighbour on a QWERTY
// keyboard. The share is of all words; words without two letters are left
// alone. When it is no whole number of words, chance rounds it, so that many
// texts together have the share. The same text, share and seed give the same
// result.
func Typos(text string, share float64, seed uint64) string {
	words := wordsOf(text)
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // a hash never fails
	rng := rand.New(rand.NewPCG(seed, h.Sum64()))
	wanted := share * float64(len(words))
	n := int(wanted)
	if rng.Float64() < wanted-float64(n) {
		n++
	}
	words = slices.DeleteFunc(words, func(w extent) bool { return letters(text[w.start:w.end]) < 2 })
	rng.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	words = words[:max(0, min(n, len(words)))]
	slices.SortFunc(words, func(a, b extent) int { return a.start - b.start })
	var b strings.Builder
	done := 0
	for _, w := range words {
		b.WriteString(text[done:w.start])
		b.WriteString(typo(text[w.start:w.end], rng))
		done = w.end
	}
	b.WriteString(text[done:])
	return b.String()
}

// extent is a part of a text in bytes.
type extent struct{ start, end int }

// wordsOf returns the runs between white space.
func wordsOf(text string) []extent {
	var words []extent
	start := -1
	for i, r := range text {
		if unicode.IsSpace(r) {
			if start >= 0 {
				words = append(words, extent{start, i})
			}
			start = -1
		} else if start < 0 {
			start = i
		}
	}
	if start >= 0 {
		words = append(words, extent{start, len(text)})
	}
	return words
}

func letters(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// typo returns a word of two letters or more with one typo in it.
func typo(w string, rng *rand.Rand) string {
	var at []extent // its letters
	for i, r := range w {
		if unicode.IsLetter(r) {
			at = append(at, extent{i, i + utf8.RuneLen(r)})
		}
	}
	i := rng.IntN(len(at))
	c := w[at[i].start:at[i].end]
	switch rng.IntN(4) {
	case 0:
		if j := i + 1; j < len(at) && at[j].start == at[i].end && w[at[j].start:at[j].end] != c {
			return w[:at[i].start] + w[at[j].start:at[j].end] + c + w[at[j].end:]
		}
	case 1:
		return w[:at[i].start] + w[at[i].end:]
	case 2:
		if near := neighbour(c, rng); near != "" {
			return w[:at[i].start] + near + w[at[i].end:]
		}
	}
	return w[:at[i].end] + c + w[at[i].end:] // whatever else is not possible
}

// neighbour returns a letter that is beside another on the keyboard, in the
// same case; empty if it is not an ASCII letter.
func neighbour(c string, rng *rand.Rand) string {
	rows := [...]string{"qwertyuiop", "asdfghjkl", "zxcvbnm"}
	low := strings.ToLower(c)
	var near []string
	for y, row := range rows {
		x := strings.Index(row, low)
		if x < 0 {
			continue
		}
		// The row below is shifted to the right by half a key.
		for _, k := range [...]struct{ y, x int }{{y, x - 1}, {y, x + 1}, {y - 1, x}, {y - 1, x + 1}, {y + 1, x - 1}, {y + 1, x}} {
			if k.y >= 0 && k.y < len(rows) && k.x >= 0 && k.x < len(rows[k.y]) {
				near = append(near, rows[k.y][k.x:k.x+1])
			}
		}
	}
	if len(near) == 0 {
		return ""
	}
	k := near[rng.IntN(len(near))]
	if low != c {
		return strings.ToUpper(k)
	}
	return k
}
