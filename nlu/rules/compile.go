package rules

import (
	"fmt"
	"slices"
	"strings"

	"dragoman/nlu"
)

// leafKind is how a leaf takes tokens.
type leafKind uint8

const (
	takesLiteral leafKind = iota
	takesOne              // a word, or a value of a built-in kind
	takesKnown            // a name of a gazetteer, known or not
	takesText             // any words
)

// leaf is a state of the automaton: a word or slot of a template that has just
// been read. This is Glushkov's construction: one state for each leaf, no empty
// steps, and no copies however brackets nest.
type leaf struct {
	takes     leafKind
	accept    bool    // a template may end here
	literal   int32   // takesLiteral
	gazetteer int32   // takesKnown: the number of the gazetteer
	template  int32   // which one it belongs to
	kind      string  // of the slot
	slot      string  // its name
	follow    []int32 // the leaves that may come next
}

// template is a compiled template.
type template struct {
	command string
	lang    string // "" for the form that every command has by itself
	source  string
	why     string
	first   []int32 // the leaves it may begin with
}

// automaton holds the templates of all commands.
type automaton struct {
	words      lexicon
	gazetteers []string // kinds, by number
	leaves     []leaf
	templates  []template
	// keyed lists, for each literal, the templates that cannot match without
	// that literal or another of their key; always lists those without a key.
	// So a message is tried on a handful of templates, not on all.
	keyed  [][]int32
	always []int32
	trees  []*node // of templates, until the keys are chosen
}

// slotTable finds the slots of one command while its templates are compiled.
type slotTable map[string]nlu.Slot

// add compiles the tree of one template.
func (a *automaton) add(t template, tree *node, slots slotTable) *TemplateError {
	if err := check(tree, slots); err != nil {
		return err
	}
	b := builder{automaton: a, slots: slots, template: int32(len(a.templates))}
	f := b.build(tree)
	for _, l := range f.last {
		a.leaves[l].accept = true
	}
	t.first = f.first
	a.templates = append(a.templates, t)
	a.trees = append(a.trees, tree)
	return nil
}

// builder appends the leaves of one template to the automaton.
type builder struct {
	*automaton
	slots    slotTable
	template int32
}

// fragment is Glushkov's view of a subtree: the leaves it can begin and end
// with, and whether it can match nothing.
type fragment struct {
	first, last []int32
	empty       bool
}

func (b *builder) build(n *node) fragment {
	switch n.op {
	case opWord, opSlot:
		i := b.leaf(n)
		return fragment{first: []int32{i}, last: []int32{i}}
	case opOpt:
		f := b.build(n.kids[0])
		f.empty = true
		return f
	case opAlt:
		var f fragment
		for _, k := range n.kids {
			g := b.build(k)
			f.first = append(f.first, g.first...)
			f.last = append(f.last, g.last...)
			f.empty = f.empty || g.empty
		}
		return f
	}
	f := fragment{empty: true}
	for _, k := range n.kids {
		g := b.build(k)
		for _, l := range f.last {
			b.leaves[l].follow = append(b.leaves[l].follow, g.first...)
		}
		if f.empty {
			f.first = append(f.first, g.first...)
		}
		if g.empty {
			f.last = append(f.last, g.last...)
		} else {
			f.last = g.last
		}
		f.empty = f.empty && g.empty
	}
	return f
}

// leaf appends the state of a word or slot.
func (b *builder) leaf(n *node) int32 {
	l := leaf{template: b.template, literal: none, gazetteer: none}
	if n.op == opWord {
		l.literal = b.words.add(n.text)
	} else {
		s := b.slots[n.text]
		l.slot, l.kind = s.Name, s.Kind
		switch {
		case s.Kind == nlu.KindText:
			l.takes = takesText
		case nlu.BuiltIn(s.Kind):
			l.takes = takesOne
		default:
			l.takes = takesKnown
			l.gazetteer = b.gazetteer(s.Kind)
		}
	}
	b.leaves = append(b.leaves, l)
	return int32(len(b.leaves) - 1)
}

func (a *automaton) gazetteer(kind string) int32 {
	i := slices.Index(a.gazetteers, kind)
	if i < 0 {
		i = len(a.gazetteers)
		a.gazetteers = append(a.gazetteers, kind)
	}
	return int32(i)
}

// index chooses the key of every template: the set of literals, one of which
// every sentence of the template has, that is rarest among all templates.
func (a *automaton) index() {
	frequency := make([]int, len(a.words))
	for _, l := range a.leaves {
		if l.takes == takesLiteral {
			frequency[l.literal]++
		}
	}
	a.keyed = make([][]int32, len(a.words))
	for i, tree := range a.trees {
		k := a.key(tree, frequency)
		if k == nil {
			a.always = append(a.always, int32(i))
		}
		for _, literal := range k {
			a.keyed[literal] = append(a.keyed[literal], int32(i))
		}
	}
	a.trees = nil
}

// key returns the rarest set of literals of which every sentence of n has one,
// or nil when there is none.
func (a *automaton) key(n *node, frequency []int) []int32 {
	cost := func(k []int32) (sum int) {
		for _, literal := range k {
			sum += frequency[literal]
		}
		return sum
	}
	switch n.op {
	case opWord:
		return []int32{a.words[n.text]}
	case opSeq:
		var best []int32
		for _, kid := range n.kids {
			if k := a.key(kid, frequency); k != nil && (best == nil || cost(k) < cost(best)) {
				best = k
			}
		}
		return best
	case opAlt:
		var all []int32
		for _, kid := range n.kids {
			k := a.key(kid, frequency)
			if k == nil {
				return nil
			}
			for _, literal := range k {
				if !slices.Contains(all, literal) {
					all = append(all, literal)
				}
			}
		}
		return all
	}
	return nil
}

// check reports what a template may not say: slots that the command lacks or
// that are filled twice, and sentences without a word of their own.
func check(tree *node, slots slotTable) *TemplateError {
	if _, err := used(tree, slots); err != nil {
		return err
	}
	r := reachOf(tree, slots)
	switch {
	case r.empty:
		return &TemplateError{Column: 1, Want: "a word that is not optional"}
	case r.anything:
		return &TemplateError{Column: 1, Want: "a word that is not optional: this matches any text"}
	}
	return nil
}

// used returns the slots that a sentence of n may fill.
func used(n *node, slots slotTable) (map[string]bool, *TemplateError) {
	all := make(map[string]bool)
	if n.op == opSlot {
		if _, ok := slots[n.text]; !ok {
			return nil, &TemplateError{Column: n.col, Want: fmt.Sprintf("%s, not {%s}", slots, n.text)}
		}
		all[n.text] = true
	}
	for _, k := range n.kids {
		more, err := used(k, slots)
		if err != nil {
			return nil, err
		}
		for s := range more {
			if all[s] && n.op == opSeq {
				return nil, &TemplateError{Column: k.col, Want: fmt.Sprintf("another slot: {%s} is filled already", s)}
			}
			all[s] = true
		}
	}
	return all, nil
}

// String names the slots that a template may use.
func (s slotTable) String() string {
	if len(s) == 0 {
		return "no slot (the command has none)"
	}
	names := make([]string, 0, len(s))
	for name := range s {
		names = append(names, "{"+name+"}")
	}
	slices.Sort(names)
	return "a slot of the command (" + strings.Join(names, ", ") + ")"
}

// reach is what the sentences of a subtree can be, worst first: empty; without
// a literal but with a slot that takes anything; only names of gazetteers,
// which count when they are known.
type reach struct {
	empty    bool
	anything bool
	names    bool
}

func reachOf(n *node, slots slotTable) reach {
	switch n.op {
	case opWord:
		return reach{}
	case opSlot:
		if nlu.BuiltIn(slots[n.text].Kind) {
			return reach{anything: true}
		}
		return reach{names: true}
	case opOpt:
		r := reachOf(n.kids[0], slots)
		r.empty = true
		return r
	case opAlt:
		var r reach
		for _, k := range n.kids {
			x := reachOf(k, slots)
			r = reach{r.empty || x.empty, r.anything || x.anything, r.names || x.names}
		}
		return r
	}
	r := reach{empty: true}
	for _, k := range n.kids {
		x := reachOf(k, slots)
		bare, bareX := r.empty || r.names, x.empty || x.names
		r = reach{
			empty:    r.empty && x.empty,
			anything: r.anything && (bareX || x.anything) || x.anything && bare,
			names:    r.names && bareX || x.names && bare,
		}
	}
	return r
}
