package rules

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"dragoman/nlu"
)

// Name is the name of this stage.
const Name = "rules"

// unknownFactor is what each name that no Resolver knows makes of the score.
const unknownFactor = 0.8

// Options are what a Matcher may be given besides its commands.
type Options struct {
	// Resolver knows the live names of gazetteers. It is asked for every
	// message, so a name added a moment ago is known. Nil knows none: then
	// every name is one word and the score below 1.
	Resolver nlu.Resolver
}

// Matcher reads messages by templates. It is safe for use by many goroutines
// at once.
type Matcher struct {
	automaton automaton
	polite    wrapper
	resolver  nlu.Resolver
	pool      sync.Pool // of *scratch
}

// New compiles the templates of cmds. Beside them every command is understood
// by its name and the values in their order, as package structured reads it,
// so that politeness does not stand in the way: "please list machines". The
// error joins a *TemplateError for each template that is wrong.
func New(cmds []nlu.Command, o Options) (*Matcher, error) {
	m := &Matcher{automaton: automaton{words: make(lexicon)}, resolver: o.Resolver}
	var errs []error
	for i := range cmds {
		errs = append(errs, m.automaton.addCommand(&cmds[i])...)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	m.automaton.index()
	m.polite = newWrapper(m.automaton.words)
	m.pool.New = func() any { return newScratch(&m.automaton) }
	return m, nil
}

// addCommand compiles all templates of one command, in a fixed order.
func (a *automaton) addCommand(c *nlu.Command) []error {
	if err := c.Check(); err != nil {
		return []error{err}
	}
	var errs []error
	slots := slotsOf(c)
	for _, lang := range slices.Sorted(maps.Keys(c.Say)) {
		for _, source := range c.Say[lang] {
			tree, err := parse(source)
			if err == nil {
				err = a.add(template{
					command: c.Name, lang: lang, source: source,
					why: fmt.Sprintf("matches the template %q (%s)", source, lang),
				}, tree, slots)
			}
			if err != nil {
				err.Command, err.Lang, err.Template = c.Name, lang, source
				errs = append(errs, err)
			}
		}
	}
	for _, name := range append([]string{c.Name}, c.Aliases...) {
		a.addName(c, name)
	}
	return errs
}

func slotsOf(c *nlu.Command) slotTable {
	t := make(slotTable, len(c.Slots))
	for _, s := range c.Slots {
		t[s.Name] = s
	}
	return t
}

// addName adds the form that a command has without any template. A text that is
// not the rest of the line is one word here, as in package structured.
func (a *automaton) addName(c *nlu.Command, name string) {
	slots := slotsOf(c)
	for n, s := range slots {
		if s.Kind == nlu.KindText && !s.Rest {
			s.Kind = nlu.KindWord
			slots[n] = s
		}
	}
	written, spaced := a.sequence(nlu.Fold(name)), a.sequence(nlu.Key(name))
	if len(written.kids) == 0 {
		return
	}
	tree := written
	if len(spaced.kids) != len(written.kids) {
		tree = &node{op: opAlt, kids: []*node{spaced, written}}
	}
	var rest *node // [{a} [{b} [{c}]]]
	for i := len(c.Slots) - 1; i >= 0; i-- {
		seq := &node{op: opSeq, kids: []*node{{op: opSlot, text: c.Slots[i].Name}}}
		if rest != nil {
			seq.kids = append(seq.kids, rest)
		}
		rest = &node{op: opOpt, kids: []*node{seq}}
	}
	if rest != nil {
		tree = &node{op: opSeq, kids: []*node{tree, rest}}
	}
	// It cannot fail: the slots are the command's own, each once.
	_ = a.add(template{command: c.Name, source: name, why: "is the command " + name}, tree, slots)
}

// sequence returns the tree of plain words.
func (a *automaton) sequence(words string) *node {
	seq := &node{op: opSeq}
	toks, _ := a.words.tokenize(nil, words)
	for _, t := range toks {
		seq.kids = append(seq.kids, &node{op: opWord, text: nlu.Fold(t.text)})
	}
	return seq
}

// Name implements nlu.Stage.
func (m *Matcher) Name() string { return Name }

// Parse implements nlu.Stage. A match is sure: Score is 1, and less only where
// a name is unknown to the Resolver. The templates of all languages are tried;
// lang decides between readings that are equally good.
func (m *Matcher) Parse(text, lang string, into nlu.Values) (nlu.Intent, bool) {
	s := m.pool.Get().(*scratch)
	defer m.pool.Put(s)
	defer s.reset()
	var ok bool
	if s.tokens, ok = m.automaton.words.tokenize(s.tokens, text); !ok || len(s.tokens) == 0 {
		return nlu.Intent{}, false
	}
	run := match{automaton: &m.automaton, scratch: s, resolver: m.resolver, text: text, lang: lang}
	if run.choose(); len(s.chosen) == 0 {
		return nlu.Intent{}, false
	}
	s.starts = m.polite.starts(s.starts, s.tokens)
	s.ends = m.polite.ends(s.ends, s.tokens)
	run.run()
	if run.best.leaf == none {
		return nlu.Intent{}, false
	}
	t := &m.automaton.templates[m.automaton.leaves[run.best.leaf].template]
	in := nlu.Intent{Command: t.command, Slots: run.values(into), Stage: Name, Score: 1, Why: t.why}
	for range run.best.unknown {
		in.Score *= unknownFactor
	}
	return in, true
}
