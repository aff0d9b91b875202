package rules

import "dragoman/nlu"

// Expand returns the sentences of a template, at most limit, each as a list
// of words and slots, a slot written {name}.
func Expand(source string, limit int) ([][]string, error) {
	tree, err := parse(source)
	if err != nil {
		return nil, err
	}
	var out [][]string
	for _, s := range expand(tree, limit) {
		var words []string
		for _, n := range s {
			if n.op == opSlot {
				words = append(words, "{"+n.text+"}")
			} else {
				words = append(words, n.text)
			}
		}
		out = append(out, words)
	}
	return out, nil
}

// Valid reports whether a template can be used by a command with these slots.
func Valid(source string, slots []nlu.Slot) bool {
	tree, err := parse(source)
	return err == nil && check(tree, slotsOf(&nlu.Command{Slots: slots})) == nil
}

// Tried returns how many templates a message is tried on, and how many there are.
func (m *Matcher) Tried(text string) (tried, all int) {
	s := m.pool.Get().(*scratch)
	defer m.pool.Put(s)
	defer s.reset()
	s.tokens, _ = m.automaton.words.tokenize(s.tokens, text)
	run := match{automaton: &m.automaton, scratch: s}
	run.choose()
	return len(s.chosen), len(m.automaton.templates)
}
