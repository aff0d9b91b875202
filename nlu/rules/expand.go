package rules

import (
	"strings"

	"dragoman/nlu"
)

// maxSentences bounds what Lint looks at for one template.
const maxSentences = 2048

// sentence is one way to say a template: words and slots.
type sentence []*node

// with writes the sentence with the kinds of its slots, which is how two
// commands are compared: {machine} and {server} take the same words when both
// are machines.
func (s sentence) with(slots slotTable) string {
	var b strings.Builder
	for i, n := range s {
		if i > 0 {
			b.WriteByte(' ')
		}
		if n.op == opWord {
			b.WriteString(n.text)
			continue
		}
		kind := slots[n.text].Kind
		if kind == "" {
			kind = nlu.KindWord
		}
		b.WriteString("{" + kind + "}")
	}
	return b.String()
}

// expand returns the sentences of a tree in a fixed order, at most limit.
func expand(n *node, limit int) []sentence {
	switch n.op {
	case opWord, opSlot:
		return []sentence{{n}}
	case opOpt:
		return append(expand(n.kids[0], limit-1), sentence{})
	case opAlt:
		var all []sentence
		for _, k := range n.kids {
			if len(all) < limit {
				all = append(all, expand(k, limit-len(all))...)
			}
		}
		return all
	}
	all := []sentence{{}}
	for _, k := range n.kids {
		tails := expand(k, limit)
		var longer []sentence
		for _, head := range all {
			for _, tail := range tails {
				if len(longer) == limit {
					break
				}
				longer = append(longer, append(head[:len(head):len(head)], tail...))
			}
		}
		all = longer
	}
	return all
}
