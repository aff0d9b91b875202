package learn

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"dragoman/nlu"
	"dragoman/nlu/classify"
	"dragoman/nlu/rules"
	"dragoman/nlu/tagger"
)

// perTemplate is how many sentences of one template are learned from. They are
// much alike, and must not outweigh what people wrote as examples.
const perTemplate = 4

// sentence is one thing to learn from.
type sentence struct {
	label  string // the name of a command, or nlu.OutOfScope
	lang   string
	text   string
	slots  []nlu.Span
	source string
}

// sentences returns all examples and some sentences of each template, in a fixed
// order.
func sentences(cmds []nlu.Command, against map[string][]nlu.Example) ([]sentence, error) {
	var all []sentence
	add := func(label, lang string, list []nlu.Example) {
		for _, e := range list {
			all = append(all, sentence{label, lang, e.Text, e.Slots, e.Source})
		}
	}
	for i := range cmds {
		c := &cmds[i]
		for _, lang := range slices.Sorted(maps.Keys(c.Examples)) {
			add(c.Name, lang, c.Examples[lang])
		}
		for _, lang := range slices.Sorted(maps.Keys(c.Say)) {
			for _, template := range c.Say[lang] {
				list, err := rules.Sentences(c, template, perTemplate)
				if err != nil {
					return nil, fmt.Errorf("learn: %w", err)
				}
				add(c.Name, lang, list)
			}
			add(c.Name, lang, []nlu.Example{typed(c)})
		}
	}
	for _, lang := range slices.Sorted(maps.Keys(against)) {
		add(nlu.OutOfScope, lang, against[lang])
	}
	return all, nil
}

// typed is the command as somebody types it, so that it is also understood with
// a typo or a please.
func typed(c *nlu.Command) nlu.Example {
	e := nlu.Example{Text: c.Name}
	for _, s := range c.Slots {
		if !s.Required {
			break
		}
		e.Text += " "
		e.Slots = append(e.Slots, nlu.Span{Slot: s.Name, Start: len(e.Text), End: len(e.Text) + len(s.Name) + 2})
		e.Text += "{" + s.Name + "}"
	}
	return e
}

// kinds says what each slot of each command takes.
type kinds map[string]map[string]string

func kindsOf(cmds []nlu.Command) kinds {
	k := make(kinds, len(cmds)+1)
	// What means no command has no slots. A name in it is marked with its kind,
	// so that it is learned that a name alone means nothing.
	k[nlu.OutOfScope] = make(map[string]string)
	for _, c := range cmds {
		k[c.Name] = make(map[string]string, len(c.Slots))
		for _, s := range c.Slots {
			kind := cmp.Or(s.Kind, nlu.KindWord)
			k[c.Name][s.Name] = kind
			k[nlu.OutOfScope][kind] = kind
		}
	}
	return k
}

// names are texts that fill slots, by kind: what the examples have in slots of
// that kind. They stand in for each other, so that no command is known by the
// names that its own examples happen to use.
type names map[string]*values

// values are the different texts of one kind.
type values struct {
	list  []string
	times int // how often any of them stands in a sentence
}

func namesOf(all []sentence, k kinds) names {
	n := make(names)
	for _, s := range all {
		for _, slot := range s.slots {
			text, kind := s.text[slot.Start:slot.End], k[s.label][slot.Slot]
			if strings.HasPrefix(text, "{") {
				continue
			}
			if n[kind] == nil {
				n[kind] = new(values)
			}
			n[kind].times++
			if !slices.Contains(n[kind].list, text) {
				n[kind].list = append(n[kind].list, text)
			}
		}
	}
	return n
}

// closed reports whether the values of a kind are always the same few: then no
// new ones are to be expected.
func (v *values) closed() bool { return len(v.list) <= 20 && v.times > 6*len(v.list) }

func (n names) closed() map[string]bool {
	out := make(map[string]bool, len(n))
	for kind, v := range n {
		out[kind] = v.closed()
	}
	return out
}

// other returns the i-th text of a kind, round and round; a new one that looks
// like it where new ones are to be expected and are asked for.
func (n names) other(kind string, i int, invent bool) string {
	v := n[kind]
	if v == nil {
		return "x" + strconv.Itoa(i%10)
	}
	text := v.list[i%len(v.list)]
	if invent && !v.closed() {
		return like(text, uint32(i))
	}
	return text
}

// like makes a text of the same shape that nobody has seen: letters become other
// letters and digits other digits.
func like(text string, seed uint32) string {
	const vowels, consonants = "aeiou", "bcdfgklmnprstvz"
	turn := seed*2654435761 + 1
	next := func(n int) uint32 {
		turn = turn*1664525 + 1013904223
		return (turn >> 16) % uint32(n)
	}
	return strings.Map(func(r rune) rune {
		lower := unicode.ToLower(r)
		var out rune
		switch {
		case unicode.IsDigit(r):
			return '0' + rune(next(10))
		case strings.ContainsRune(vowels, lower):
			out = rune(vowels[next(len(vowels))])
		case unicode.IsLetter(r):
			out = rune(consonants[next(len(consonants))])
		default:
			return r
		}
		if r != lower {
			return unicode.ToUpper(out)
		}
		return out
	}, text)
}

// with returns s with other texts in its slots, invented ones where that is asked
// for; step says which.
func (s sentence) with(k kinds, n names, step int, invent bool) sentence {
	var b strings.Builder
	out := s
	out.slots = nil
	at := 0
	for i, slot := range s.slots {
		b.WriteString(s.text[at:slot.Start])
		start := b.Len()
		b.WriteString(n.other(k[s.label][slot.Slot], step*7+i, invent))
		out.slots = append(out.slots, nlu.Span{Slot: slot.Slot, Start: start, End: b.Len()})
		at = slot.End
	}
	b.WriteString(s.text[at:])
	out.text = b.String()
	return out
}

// template reports whether s is of a template, with {name} for its slots.
func (s sentence) template() bool {
	return len(s.slots) > 0 && s.text[s.slots[0].Start] == '{'
}

// corpus is what the two models are trained on.
type corpus struct {
	marked map[string]bool // the kinds that a recogniser finds
	closed map[string]bool // those of them that have always the same few values
	texts  []classify.Example
	tags   []tagger.Example
}

// newCorpus makes of every sentence two things to learn from: one in which the
// names in it are recognised, as those of live data are, and one in which they
// are words like any other, as a name is that nobody has told the bot yet.
func newCorpus(all []sentence, k kinds, marked map[string]bool) corpus {
	n := namesOf(all, k)
	c := corpus{marked: marked, closed: n.closed()}
	for i, s := range all {
		if s.template() {
			s = s.with(k, n, i, false)
		}
		c.add(s, k, true)
		if len(s.slots) > 0 {
			c.add(s.with(k, n, i+len(all)/2, true), k, false)
		}
	}
	return c
}

// marks are what a recogniser finds in a sentence if it knows the names or not.
// Values of a kind that has always the same few are known either way.
func (c *corpus) marks(s sentence, k kinds, recognised bool) []classify.Mark {
	var marks []classify.Mark
	for _, slot := range s.slots {
		if kind := k[s.label][slot.Slot]; (recognised || c.closed[kind]) && c.marked[kind] {
			marks = append(marks, classify.Mark{Kind: kind, Start: slot.Start, End: slot.End})
		}
	}
	return marks
}

// add adds a sentence in which names are recognised or not.
func (c *corpus) add(s sentence, k kinds, recognised bool) {
	marks := c.marks(s, k, recognised)
	c.texts = append(c.texts, classify.Example{Text: s.text, Label: s.label, Marks: marks})
	if s.label != nlu.OutOfScope {
		c.tags = append(c.tags, s.tagged(marks))
	}
}

// marked reports whether a recogniser finds values of that kind. Words and texts
// can be anything.
func marked(kind string) bool { return kind != nlu.KindWord && kind != nlu.KindText }

// tagged is s as the tagger learns it.
func (s sentence) tagged(marks []classify.Mark) tagger.Example {
	tokens := tagger.Tokenize(nil, s.text)
	return tagger.FromExample(s.label, nlu.Example{Text: s.text, Slots: s.slots}, hints(nil, tokens, marks)...)
}

// vocabularyOf returns the folded words of all sentences but those that fill
// slots.
func vocabularyOf(all []sentence) map[string]bool {
	words := make(map[string]bool)
	for _, s := range all {
		at := 0
		for k := range len(s.slots) + 1 {
			end, next := len(s.text), len(s.text)
			if k < len(s.slots) {
				end, next = s.slots[k].Start, s.slots[k].End
			}
			part := s.text[at:end]
			for _, w := range tagger.Tokenize(nil, part) {
				words[nlu.Fold(part[w.Start:w.End])] = true
			}
			at = next
		}
	}
	return words
}
