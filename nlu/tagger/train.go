package tagger

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Example is a text whose slots are known.
type Example struct {
	Label  string   // the command or intent
	Tokens []string // as Tokenize cuts them, or as a file has them
	Tags   []string // one for each token: O, B-slot or I-slot
	Marks  []Mark   // what was recognised in it
}

// Options are the choices in training. The zero Options are a good choice.
type Options struct {
	// Epochs is how often training goes through the examples; 0 for 8. It ends
	// before when nothing is wrong any more.
	Epochs int
}

// What was found by cross-validation on the training parts of two sets, of
// 13,000 and of 300 examples.
const (
	defaultEpochs = 8
	// cost is the distance, for each wrong tag, by which the right path has to
	// win in training; a single mistake moves a path by about 150 per token. With
	// few examples it's worth five points of F1.
	cost = 80
	// anchorShare is the share of the examples in which an anchor occurs.
	anchorShare = 0.003
	// rareAfter is the number of features in all tokens from which on those that
	// were seen only once are dropped: they cost two thirds of the memory, and
	// there the model does as well without them.
	rareAfter = 1_000_000
)

// trainer is what training needs beside the model.
type trainer struct {
	*Model
	keys     []uint64 // of the features, by number
	numbers  table
	seen     []uint32 // how often, by number
	examples []prepared
	features []uint32 // of all tokens of all examples: numbers, from makeRows on places in rows
	weights  []span   // by number of the feature: its weights
	tags     []uint16 // by weight
	now      []int32  // by weight
	total    []int64  // by weight: of all changes, each times the step at which it was made
	rows     []span   // of a feature in a view: its cells
	rowCells []cell
	stale    []bool // by view: its transitions have changed
	step     int64
}

// prepared is an example of which everything is a number.
type prepared struct {
	view  *view
	order int   // of the view
	tags  []int // by the view
	start uint32
	ends  []uint32 // in trainer.features, of each token
}

// span is a part of a slice.
type span struct{ start, end uint32 }

// cell is what a feature can say for one tag of a view.
type cell struct {
	tag    uint16 // by the view
	weight uint32 // its place
}

// Train learns a model from examples. The same examples give the same model.
// It ends soon after ctx does, with its error. A tag that is none, a number of
// tags that is not that of the tokens, and a mark outside of the text are
// errors that name the example.
func Train(ctx context.Context, examples []Example, o Options) (*Model, error) {
	if o.Epochs <= 0 {
		o.Epochs = defaultEpochs
	}
	t := &trainer{Model: &Model{}}
	t.anchor = max(2, int(anchorShare*float64(len(examples))))
	tags, err := t.readTags(examples)
	if err != nil {
		return nil, err
	}
	t.prepare()
	t.fillLexicon(examples, tags)
	if err := t.extract(ctx, examples, tags); err != nil {
		return nil, err
	}
	if err := t.layOut(ctx); err != nil {
		return nil, err
	}
	if err := t.learn(ctx, o.Epochs); err != nil {
		return nil, err
	}
	t.finish()
	return t.Model, nil
}

// ended returns the error of training whose ctx is done. The loops ask at some
// examples of their own only, for asking takes a lock.
func ended(ctx context.Context, example int) error {
	if example%256 == 0 && ctx.Err() != nil {
		return fmt.Errorf("tagger: training: %w", context.Cause(ctx))
	}
	return nil
}

// readTags checks the examples and gives numbers to slots, labels and tags.
func (t *trainer) readTags(examples []Example) ([][]int, error) {
	numbers := make(map[string]int)
	labels := make(map[string]int)
	tags := make([][]int, len(examples))
	for i, e := range examples {
		if len(e.Tags) != len(e.Tokens) {
			return nil, fmt.Errorf("tagger: example %d has %d tokens and %d tags; give one tag to each token", i+1, len(e.Tokens), len(e.Tags))
		}
		for _, m := range e.Marks {
			if m.Start < 0 || m.End > len(e.Tokens) || m.Start >= m.End {
				return nil, fmt.Errorf("tagger: example %d has a mark of tokens %d to %d, and %d tokens", i+1, m.Start, m.End, len(e.Tokens))
			}
		}
		l, ok := labels[e.Label]
		if !ok {
			l = len(t.labels)
			labels[e.Label] = l
			t.labels = append(t.labels, e.Label)
			t.allowed = append(t.allowed, nil)
		}
		tags[i] = make([]int, len(e.Tags))
		for j, name := range e.Tags {
			if name == "O" {
				continue
			}
			head, slot, ok := strings.Cut(name, "-")
			if !ok || slot == "" || head != "B" && head != "I" {
				return nil, fmt.Errorf("tagger: example %d has the tag %q; a tag is O, B-slot or I-slot", i+1, name)
			}
			s := t.slotNumber(numbers, slot, l)
			tags[i][j] = beginTag(s)
			// An I that nothing opens is a B.
			if head == "I" && j > 0 && tags[i][j-1] != outside && slotOf(tags[i][j-1]) == s {
				tags[i][j] = insideTag(s)
			}
		}
	}
	for _, a := range t.allowed {
		slices.Sort(a)
	}
	t.countRepeats(examples, labels, tags)
	return tags, checkSize(len(t.slots), t.allowed)
}

// slotNumber returns the number of a slot, which may be new, and allows it to a
// label.
func (t *trainer) slotNumber(numbers map[string]int, slot string, label int) int {
	s, ok := numbers[slot]
	if !ok {
		s = len(t.slots)
		numbers[slot] = s
		t.slots = append(t.slots, slot)
	}
	if !slices.Contains(t.allowed[label], s) {
		t.allowed[label] = append(t.allowed[label], s)
	}
	return s
}

// countRepeats finds the slots that one text fills more than once.
func (t *trainer) countRepeats(examples []Example, labels map[string]int, tags [][]int) {
	type key struct{ label, slot int }
	texts, repeats := make(map[key]int), make(map[key]int)
	for i, e := range examples {
		here := make(map[int]int)
		for _, tag := range tags[i] {
			if tag != outside && !isInside(tag) {
				here[slotOf(tag)]++
			}
		}
		for slot, n := range here {
			k := key{labels[e.Label], slot}
			texts[k]++
			if n > 1 {
				repeats[k]++
			}
		}
	}
	for l, slots := range t.allowed {
		many := make([]bool, len(slots))
		for i, s := range slots {
			// One in fifty may be a mistake of whoever marked the text.
			many[i] = repeats[key{l, s}]*50 > texts[key{l, s}]
		}
		t.many = append(t.many, many)
	}
}

// fillLexicon counts words and phrases.
func (t *trainer) fillLexicon(examples []Example, tags [][]int) {
	var words, phrases []entry
	var r reader
	var hashes []uint64
	for i, e := range examples {
		r.hashWords(e.Tokens)
		hashes = hashes[:0]
		for k := range r.words {
			hashes = append(hashes, r.words[k].hash)
		}
		w, p := contribution(nil, nil, hashes, tags[i])
		words = append(words, w...)
		phrases = append(phrases, p...)
		length := 0
		for _, tag := range tags[i] {
			if !isInside(tag) {
				length = 0
			}
			length++
			if tag != outside {
				t.lexicon.longest = max(t.lexicon.longest, length)
			}
		}
	}
	t.lexicon.words = newCensus(words)
	t.lexicon.phrases = newCensus(phrases)
}
