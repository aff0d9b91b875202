package structured

import (
	"cmp"
	"slices"
	"strings"

	"dragoman/nlu"
)

// How many commands Nearest offers, and the likeness of a name that only has a
// word in common: worse than any typo.
const (
	maxNearest = 3
	oneWord    = 50
)

// Nearest implements nlu.Suggester: the commands whose names look like the
// first words of text, best first. "getstatus machine1", "get-stat" and "status
// machine1" all find get-status.
func (p *Parser) Nearest(text, _ string) []string {
	type candidate struct {
		command, far, length int
	}
	written := p.beginnings(text)
	best := make(map[int]candidate)
	for _, k := range p.keys {
		// A space more or less is a typo too: compare with one word more.
		for n := 1; n <= min(k.words+1, len(written)); n++ {
			far, ok := nlu.Likeness(written[n-1], k.text)
			if !ok && n == 1 && len(written[0]) >= 4 && hasWord(k.text, written[0]) {
				far, ok = oneWord, true
			}
			if old, seen := best[k.command]; ok && (!seen || far < old.far) {
				best[k.command] = candidate{k.command, far, len(k.text)}
			}
		}
	}
	found := make([]candidate, 0, len(best))
	for _, c := range best {
		found = append(found, c)
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(
			cmp.Compare(a.far, b.far),
			cmp.Compare(b.length, a.length), // more of the text is explained
			cmp.Compare(p.commands[a.command].name, p.commands[b.command].name),
		)
	})
	var out []string
	for _, c := range found[:min(len(found), maxNearest)] {
		out = append(out, p.commands[c.command].name)
	}
	return out
}

// beginnings returns the keys of the first word of text, the first two, and so
// on. Hyphens separate words here, and what is too long to be a name ends them.
func (p *Parser) beginnings(text string) []string {
	const tooLong = 96
	var sofar []byte
	scan := spaced{text: text}
	for n := 0; n <= p.longest; n++ {
		word, _, ok := scan.next()
		if !ok || len(sofar)+len(word) > tooLong {
			break
		}
		sofar = append(sofar, ' ')
		sofar = nlu.AppendKey(sofar, nlu.TrimEnd(word))
	}
	all := nlu.Key(string(sofar))
	if all == "" {
		return nil
	}
	var out []string
	for i := range len(all) {
		if all[i] == ' ' {
			out = append(out, all[:i])
		}
	}
	return append(out, all)
}

// hasWord reports whether word is one of the words of name.
func hasWord(name, word string) bool {
	for w := range strings.SplitSeq(name, " ") {
		if w == word {
			return true
		}
	}
	return false
}
