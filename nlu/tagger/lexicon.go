package tagger

import (
	"cmp"
	"slices"
)

// lexicon is what is known before any weight is learned: which tags a word was
// seen with, and which phrases filled which slots.
//
// While training makes the features of an example, what that example itself
// put into the lexicon is taken out again. Otherwise every name would look
// known in training, and the model would learn nothing for the names that it
// meets later.
type lexicon struct {
	words   census // by hash of the word; the kind is a tag
	phrases census // by hash of a run of words; the kind is a slot or a prefix
	longest int    // tokens of the longest phrase
}

// prefix marks the beginning of a phrase in lexicon.phrases.
const prefix = ^uint32(0)

// census counts kinds by hash.
type census struct {
	entries []entry // sorted by hash and kind
	index   table   // of the first entry of each hash
}

type entry struct {
	hash  uint64
	kind  uint32
	count uint32
}

// newCensus sums up counts, which it sorts and keeps.
func newCensus(counts []entry) census {
	slices.SortFunc(counts, compareEntries)
	sum := counts[:0]
	for _, e := range counts {
		if k := len(sum) - 1; k >= 0 && sum[k].hash == e.hash && sum[k].kind == e.kind {
			sum[k].count += e.count
		} else {
			sum = append(sum, e)
		}
	}
	c := census{entries: slices.Clip(slices.Clone(sum))}
	c.reindex()
	return c
}

func compareEntries(a, b entry) int {
	return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.kind, b.kind))
}

// reindex builds the index anew.
func (c *census) reindex() {
	distinct := 0
	for i, e := range c.entries {
		if i == 0 || c.entries[i-1].hash != e.hash {
			distinct++
		}
	}
	c.index = newTable(distinct)
	for i, e := range c.entries {
		if i == 0 || c.entries[i-1].hash != e.hash {
			c.index.put(e.hash, i)
		}
	}
}

// of returns what was counted under a hash.
func (c *census) of(hash uint64) []entry {
	i, ok := c.index.get(hash)
	if !ok || c.entries[i].hash != hash {
		return nil
	}
	j := i + 1
	for j < len(c.entries) && c.entries[j].hash == hash {
		j++
	}
	return c.entries[i:j]
}

// withdrawn is how much of e the example at hand put in itself.
func withdrawn(own []entry, e entry) uint32 {
	for _, o := range own {
		if o.hash == e.hash && o.kind == e.kind {
			return o.count
		}
	}
	return 0
}

// count adds one of (hash, kind) to a short list.
func count(list []entry, hash uint64, kind uint32) []entry {
	for i := range list {
		if list[i].hash == hash && list[i].kind == kind {
			list[i].count++
			return list
		}
	}
	return append(list, entry{hash, kind, 1})
}

// contribution lists what one example adds to the words and the phrases.
func contribution(words, phrases []entry, hashes []uint64, tags []int) ([]entry, []entry) {
	for i, h := range hashes {
		words = count(words, h, uint32(tags[i]))
	}
	for i := 0; i < len(tags); {
		end := i + 1
		if tags[i] != outside {
			slot := slotOf(tags[i])
			for end < len(tags) && tags[end] == insideTag(slot) {
				end++
			}
			run := uint64(0)
			for j := i; j < end; j++ {
				run = join(run, hashes[j])
				if j < end-1 {
					phrases = count(phrases, run, prefix)
				}
			}
			phrases = count(phrases, run, uint32(slot))
		}
		i = end
	}
	return words, phrases
}
