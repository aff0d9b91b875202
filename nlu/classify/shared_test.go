package classify

import (
	"context"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// foreign is the label of what none of the trained ones covers. nlp.js calls it None.
func foreign(label string) bool { return label == "oos" || label == "None" }

// readTSV reads a file of the development data, or skips the test where there
// is none.
func readTSV(t testing.TB, name string) []Example {
	t.Helper()
	b, err := os.ReadFile("../../../shared/nlu/" + name)
	if err != nil {
		t.Skip("the development data is not beside the checkout: ", err)
	}
	var out []Example
	for line := range strings.Lines(string(b)) {
		if label, text, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t"); ok {
			out = append(out, Example{Text: text, Label: label})
		}
	}
	return out
}

// measured is how a model does on texts that it was not trained on.
type measured struct {
	accuracy float64 // in scope, without refusal
	kept     float64 // share of what is in scope that is accepted
	inScope  float64 // accuracy in scope with refusal: right and accepted
	recall   float64 // share of what is out of scope that is refused
}

func measure(m *Model, texts []Example) measured {
	var in, right, kept, both, out, refused float64
	for _, e := range texts {
		r := m.Classify(e.Text, nil)
		accepted := m.Accepts(r)
		if foreign(e.Label) {
			out++
			if !accepted {
				refused++
			}
			continue
		}
		in++
		ok := r.Top[0].Label == e.Label
		if ok {
			right++
		}
		if accepted {
			kept++
		}
		if ok && accepted {
			both++
		}
	}
	return measured{accuracy: right / in, kept: kept / in, inScope: both / in, recall: refused / max(1, out)}
}

func mustTrain(t testing.TB, examples []Example, o Options) *Model {
	t.Helper()
	m, err := Train(context.Background(), examples, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// bar is what a set has to reach, in shares. It is a little below what was
// reached, so that it tells a step back from chance.
type bar struct {
	name, train, test string
	accuracy          float64
	inScope, recall   float64 // with refusal; 0 where nothing is asked
}

func (b bar) run(t *testing.T) {
	train, test := readTSV(t, b.train), readTSV(t, b.test)
	start := time.Now()
	m := mustTrain(t, train, Options{})
	took := time.Since(start)
	got := measure(m, test)
	t.Logf("accuracy %.2f %%, with refusal: kept %.2f %%, right %.2f %%, out of scope refused %.2f %%; %d features, %.1f MB, trained in %v",
		100*got.accuracy, 100*got.kept, 100*got.inScope, 100*got.recall, m.Stats().Features, float64(m.Memory())/1e6, took.Round(time.Millisecond))
	if got.accuracy < b.accuracy {
		t.Errorf("accuracy is %.4f, want at least %v", got.accuracy, b.accuracy)
	}
	if got.inScope < b.inScope || got.recall < b.recall {
		t.Errorf("with refusal %.4f in scope at %.4f recall, want at least %v at %v", got.inScope, got.recall, b.inScope, b.recall)
	}
	if b.recall > 0 && m.Memory() > 40e6 {
		t.Errorf("the model holds %d bytes, want at most 40 MB", m.Memory())
	}
}

func TestAccuracyOnSmallSets(t *testing.T) {
	for _, b := range []bar{
		{name: "nlpjs50_en", train: "nlpjs50_en/train.tsv", test: "nlpjs50_en/test.tsv", accuracy: 0.965},
		{name: "nlpjs50_es", train: "nlpjs50_es/train.tsv", test: "nlpjs50_es/test.tsv", accuracy: 0.93},
		{name: "xsid_en", train: "xsid_en/train.tsv", test: "xsid_en/test.tsv", accuracy: 0.92},
		{name: "xsid_de", train: "xsid_de/train.tsv", test: "xsid_de/test.tsv", accuracy: 0.918},
		{name: "banking77 with 5 examples a label", train: "banking77/train_5.tsv", test: "banking77/test.tsv", accuracy: 0.70},
		{name: "clinc150 with 5 examples a label", train: "clinc150_full/train_5.tsv", test: "clinc150_full/test.tsv", accuracy: 0.76},
	} {
		t.Run(b.name, b.run)
	}
}

func long(t testing.TB) {
	t.Helper()
	if os.Getenv("DRAGOMAN_LONG") == "" {
		t.Skip("takes long; set DRAGOMAN_LONG=1")
	}
}

func TestAccuracyOnLargeSets(t *testing.T) {
	long(t)
	for _, b := range []bar{
		{name: "clinc150 full", train: "clinc150_full/train.tsv", test: "clinc150_full/test.tsv", accuracy: 0.935, inScope: 0.91, recall: 0.78},
		{name: "clinc150 small", train: "clinc150_small/train.tsv", test: "clinc150_small/test.tsv", accuracy: 0.92},
		{name: "clinc150 with 10 examples a label", train: "clinc150_full/train_10.tsv", test: "clinc150_full/test.tsv", accuracy: 0.83},
		{name: "banking77", train: "banking77/train.tsv", test: "banking77/test.tsv", accuracy: 0.91},
		{name: "banking77 with 10 examples a label", train: "banking77/train_10.tsv", test: "banking77/test.tsv", accuracy: 0.785},
	} {
		t.Run(b.name, b.run)
	}
}

// misspell puts a typo into every fourth word, or so: a letter is missing,
// doubled, wrong, or changes places with the next.
func misspell(text string, rng *rand.Rand) string {
	words := strings.Fields(text)
	for i, w := range words {
		if rng.IntN(4) != 0 || len(w) < 2 {
			continue
		}
		b := []byte(w)
		at := rng.IntN(len(b) - 1)
		switch rng.IntN(4) {
		case 0:
			b = append(b[:at], b[at+1:]...)
		case 1:
			b = append(b[:at+1], b[at:]...)
		case 2:
			b[at] = byte('a' + rng.IntN(26))
		case 3:
			b[at], b[at+1] = b[at+1], b[at]
		}
		words[i] = string(b)
	}
	return strings.Join(words, " ")
}

func TestTyposInAQuarterOfTheWordsCostAtMostFivePoints(t *testing.T) {
	for _, set := range []string{"nlpjs50_en", "xsid_de", "clinc150_full", "banking77"} {
		t.Run(set, func(t *testing.T) {
			if set == "clinc150_full" || set == "banking77" {
				long(t)
			}
			train, test := readTSV(t, set+"/train.tsv"), readTSV(t, set+"/test.tsv")
			m := mustTrain(t, train, Options{NoReject: true})
			plain := measure(m, test).accuracy
			// One draw of 256 texts is off by more than a point by chance.
			const draws = 10
			got, typed := 0.0, slices.Clone(test)
			for draw := range uint64(draws) {
				rng := rand.New(rand.NewPCG(draw, 1))
				for i := range test {
					typed[i].Text = misspell(test[i].Text, rng)
				}
				got += measure(m, typed).accuracy / draws
			}
			t.Logf("%.4f with typos, %.4f without", got, plain)
			if got < plain-0.05 {
				t.Errorf("accuracy is %.4f with typos and %.4f without", got, plain)
			}
		})
	}
}
