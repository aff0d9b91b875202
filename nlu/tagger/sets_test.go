package tagger

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// readSet reads a file of examples beside the checkout.
func readSet(t testing.TB, name string) []Example {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../../shared/nlu", filepath.FromSlash(name)))
	if err != nil {
		t.Skipf("no development data: %v", err)
	}
	var examples []Example
	for line := range strings.Lines(string(b)) {
		fields := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(fields) != 3 {
			t.Fatalf("%s: a line has %d fields", name, len(fields))
		}
		examples = append(examples, Example{Label: fields[0], Tokens: strings.Fields(fields[1]), Tags: strings.Fields(fields[2])})
	}
	return examples
}

// shuffled returns the examples in an order that is no order.
func shuffled(examples []Example, seed random) []Example {
	order := make([]int32, len(examples))
	for i := range order {
		order[i] = int32(i)
	}
	seed.shuffle(order)
	out := make([]Example, len(examples))
	for i, n := range order {
		out[i] = examples[n]
	}
	return out
}

func train(t testing.TB, examples []Example) *Model {
	t.Helper()
	m, err := Train(context.Background(), examples, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// tagNames tags an example by names.
func tagNames(m *Model, tokens []string, label string) []string {
	var names []string
	for _, tag := range m.Tag(nil, tokens, label) {
		names = append(names, m.Name(tag))
	}
	return names
}

// spanScore counts spans that are found, that should be, and that are both.
type spanScore struct{ found, wanted, right int }

func (s *spanScore) add(found, wanted []Chunk) {
	s.found += len(found)
	s.wanted += len(wanted)
	for _, f := range found {
		if slices.Contains(wanted, f) {
			s.right++
		}
	}
}

// f1 is in per cent.
func (s *spanScore) f1() float64 {
	return 200 * float64(s.right) / float64(max(s.found+s.wanted, 1))
}

// measure returns the F1 on test. The label that the model is told comes from
// label.
func measure(m *Model, test []Example, label func(Example) string) float64 {
	var s spanScore
	for _, e := range test {
		s.add(Chunks(nil, tagNames(m, e.Tokens, label(e))), Chunks(nil, e.Tags))
	}
	return s.f1()
}

func trueLabel(e Example) string { return e.Label }

// crossValidate returns the F1 over folds of one set.
func crossValidate(t *testing.T, examples []Example, folds int) float64 {
	var s spanScore
	for f := range folds {
		var learn, test []Example
		for i, e := range examples {
			if i%folds == f {
				test = append(test, e)
			} else {
				learn = append(learn, e)
			}
		}
		m := train(t, learn)
		for _, e := range test {
			s.add(Chunks(nil, tagNames(m, e.Tokens, e.Label)), Chunks(nil, e.Tags))
		}
	}
	return s.f1()
}

// Without the cost in training it's 69 and 66.
func TestSmallSetsByCrossValidation(t *testing.T) {
	for set, bar := range map[string]float64{"xsid_en": 71, "xsid_de": 71} {
		f1 := crossValidate(t, shuffled(readSet(t, set+"/train.bio.tsv"), 1), 5)
		t.Logf("%s: F1 %.1f", set, f1)
		if f1 < bar {
			t.Errorf("%s: F1 %.1f, want at least %.0f", set, f1, bar)
		}
	}
}

func TestSNIPSFromAQuarterOfItsExamples(t *testing.T) {
	examples := shuffled(readSet(t, "snips/train.bio.tsv"), 1)
	m := train(t, examples[:3000])
	f1 := measure(m, examples[3000:7000], trueLabel)
	t.Logf("F1 %.1f", f1)
	if f1 < 91.5 {
		t.Errorf("F1 %.1f, want at least 91.5", f1)
	}
}

func TestSNIPS(t *testing.T) {
	if os.Getenv("DRAGOMAN_LONG") == "" {
		t.Skip("takes some seconds; set DRAGOMAN_LONG=1")
	}
	examples := readSet(t, "snips/train.bio.tsv")
	test := readSet(t, "snips/valid.bio.tsv")
	m := train(t, examples)
	guess := newGuesser(examples)
	right := 0
	for _, e := range test {
		if guess.label(e) == e.Label {
			right++
		}
	}
	accuracy := 100 * float64(right) / float64(len(test))
	for _, c := range []struct {
		name  string
		label func(Example) string
		bar   float64
	}{
		{"true label", trueLabel, 94},
		{"guessed label", guess.label, 94},
		{"no label", func(Example) string { return "" }, 80},
	} {
		f1 := measure(m, test, c.label)
		t.Logf("%s: F1 %.2f (guessed labels are right in %.1f %%)", c.name, f1, accuracy)
		if f1 < c.bar {
			t.Errorf("%s: F1 %.2f, want at least %.0f", c.name, f1, c.bar)
		}
	}
}

// guesser is a naive Bayes classifier of words and pairs. It stands for the
// real one, which is somewhat better.
type guesser struct {
	counts map[string]map[string]float64
	totals map[string]float64
	known  map[string]bool
}

func newGuesser(examples []Example) *guesser {
	g := &guesser{make(map[string]map[string]float64), make(map[string]float64), make(map[string]bool)}
	for _, e := range examples {
		if g.counts[e.Label] == nil {
			g.counts[e.Label] = make(map[string]float64)
		}
		for _, w := range wordsAndPairs(e.Tokens) {
			g.counts[e.Label][w]++
			g.totals[e.Label]++
			g.known[w] = true
		}
	}
	return g
}

func wordsAndPairs(tokens []string) []string {
	list := slices.Clone(tokens)
	for i := range len(tokens) - 1 {
		list = append(list, tokens[i]+" "+tokens[i+1])
	}
	return list
}

func (g *guesser) label(e Example) string {
	best, top := "", math.Inf(-1)
	for _, label := range sortedKeys(g.counts) {
		sum := 0.0
		for _, w := range wordsAndPairs(e.Tokens) {
			if g.known[w] {
				sum += math.Log((g.counts[label][w] + 0.1) / (g.totals[label] + 0.1*float64(len(g.known))))
			}
		}
		if sum > top {
			best, top = label, sum
		}
	}
	return best
}

// A probability that lies would make the joint reading choose the wrong
// command.
func TestProbabilitiesAreHonest(t *testing.T) {
	examples := shuffled(readSet(t, "snips/train.bio.tsv"), 2)
	m := train(t, examples[:1000])
	var sum, right, n [4]float64
	for _, e := range examples[1000:3000] {
		text := strings.Join(e.Tokens, " ")
		var tokens []Token
		at := 0
		for _, w := range e.Tokens {
			tokens = append(tokens, Token{at, at + len(w)})
			at += len(w) + 1
		}
		wanted := Chunks(nil, e.Tags)
		slots, _ := m.Find(nil, text, tokens, e.Label)
		for _, s := range slots {
			from, to := Cover(tokens, s.Start, s.End)
			band := min(int(s.P*4), 3)
			n[band]++
			sum[band] += s.P
			if slices.Contains(wanted, Chunk{s.Slot, from, to}) {
				right[band]++
			}
		}
	}
	for b := range n {
		if n[b] < 50 {
			continue
		}
		said, is := sum[b]/n[b], right[b]/n[b]
		t.Logf("P %.2f: %.2f are right of %.0f", said, is, n[b])
		if math.Abs(said-is) > 0.1 {
			t.Errorf("of slots with P %.2f, %.2f are right", said, is)
		}
	}
}
