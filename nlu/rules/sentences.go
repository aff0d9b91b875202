package rules

import (
	"strings"

	"dragoman/nlu"
)

// Sentences returns at most limit of the sentences that a template of c
// describes, spread over all of them and always the same, for stages that learn
// from examples. A slot stands in them as {name}, with its span. The error is a
// *TemplateError.
func Sentences(c *nlu.Command, template string, limit int) ([]nlu.Example, error) {
	tree, err := parse(template)
	if err == nil {
		err = check(tree, slotsOf(c))
	}
	if err != nil {
		err.Command, err.Template = c.Name, template
		return nil, err
	}
	all := expand(tree, maxSentences)
	var out []nlu.Example
	for i := range min(limit, len(all)) {
		out = append(out, all[i*len(all)/min(limit, len(all))].example())
	}
	return out, nil
}

// example is the sentence as text.
func (s sentence) example() nlu.Example {
	var b strings.Builder
	var e nlu.Example
	for i, n := range s {
		if i > 0 {
			b.WriteByte(' ')
		}
		start := b.Len()
		if n.op == opWord {
			b.WriteString(n.text)
			continue
		}
		b.WriteString("{" + n.text + "}")
		e.Slots = append(e.Slots, nlu.Span{Slot: n.text, Start: start, End: b.Len()})
	}
	e.Text = b.String()
	return e
}
