package evaluate

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// pairs reads "want:got want:got"; nothing after the colon is a refusal.
func pairs(text string) []Prediction {
	var ps []Prediction
	for _, f := range strings.Fields(text) {
		want, got, _ := strings.Cut(f, ":")
		ps = append(ps, Prediction{want, got})
	}
	return ps
}

func same(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-12
}

// Every figure here was worked out by hand.
func TestMeasures(t *testing.T) {
	nan := math.NaN()
	for rule, c := range map[string]struct {
		ps                                            string
		accuracy, inScope, recall, precision, f1, mcc float64
	}{
		// Meant a3 b1 c2, given a3 b2 c1, right a2 b1 c1. F1 2*2/6, 2*1/3, 2*1/3.
		// MCC (4*6 - (9+2+2)) / sqrt((36-14) * (36-14)).
		"three intents": {"a:a a:a a:b b:b c:a c:c", 4.0 / 6, 4.0 / 6, nan, nan, 2.0 / 3, 0.5},
		// Meant a2 b1 oos2, given a2 b1 oos2, right a1 b1 oos1. F1 1/2, 1, 1/2.
		// MCC (3*5 - (4+1+4)) / sqrt((25-9) * (25-9)).
		"with refusals": {"a:a a: b:b oos:oos oos:a", 3.0 / 5, 2.0 / 3, 1.0 / 2, 1.0 / 2, 2.0 / 3, 6.0 / 16},
		// Given b twice, which nobody meant: no F1 of its own. F1 of a 2*1/(3+1).
		// MCC 0: only one class was meant.
		"a label nobody meant":  {"a:a a:b a:b", 1.0 / 3, 1.0 / 3, nan, nan, 0.5, 0},
		"a refusal in scope":    {"a:oos b:b", 0.5, 0.5, nan, nan, 0.5, 0.5},
		"nothing refused":       {"oos:a a:a", 0.5, 1, 0, nan, (0 + 2.0/3) / 2, 0},
		"all refused":           {"oos: a: oos:oos", 2.0 / 3, 0, 1, 2.0 / 3, (4.0/5 + 0) / 2, 0},
		"only out of scope":     {"oos: oos:a", 0.5, nan, 0.5, 1, 2.0 / 3, 0},
		"all right":             {"a:a b:b oos:", 1, 1, 1, 1, 1, 1},
		"all wrong":             {"a:b b:a", 0, 0, nan, nan, 0, -1},
		"nothing":               {"", nan, nan, nan, nan, nan, nan},
		"the gold may be empty": {":oos a:a", 1, 1, 1, 1, 1, 1},
	} {
		t.Run(rule, func(t *testing.T) {
			ps := pairs(c.ps)
			for _, m := range []struct {
				name      string
				got, want float64
			}{
				{"accuracy", Accuracy(ps), c.accuracy},
				{"in-scope accuracy", InScopeAccuracy(ps), c.inScope},
				{"OOS recall", OOSRecall(ps), c.recall},
				{"OOS precision", OOSPrecision(ps), c.precision},
				{"macro F1", MacroF1(ps), c.f1},
				{"MCC", MCC(ps), c.mcc},
			} {
				if !same(m.got, m.want) {
					t.Errorf("%s is %v, want %v", m.name, m.got, m.want)
				}
			}
		})
	}
}

// random returns predictions among a few labels, oos among them.
func random(rng *rand.Rand) []Prediction {
	labels := []string{"a", "b", "c", "d", OOS, ""}[rng.IntN(5):]
	ps := make([]Prediction, 1+rng.IntN(40))
	for i := range ps {
		ps[i] = Prediction{labels[rng.IntN(len(labels))], labels[rng.IntN(len(labels))]}
		if rng.IntN(2) == 0 {
			ps[i].Got = ps[i].Want
		}
	}
	return ps
}

func TestMeasuresStayInTheirBoundsAndIgnoreTheOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	measures := []func([]Prediction) float64{Accuracy, InScopeAccuracy, OOSRecall, OOSPrecision, MacroF1, MCC}
	for range 500 {
		ps := random(rng)
		shuffled := append([]Prediction(nil), ps...)
		rng.Shuffle(len(ps), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		for i, m := range measures {
			x := m(ps)
			if x < -1-1e-12 || x > 1+1e-12 || x < 0 && i < 5 {
				t.Fatalf("measure %d of %v is %v", i, ps, x)
			}
			if y := m(shuffled); !same(x, y) {
				t.Fatalf("measure %d of %v depends on the order: %v, %v", i, ps, x, y)
			}
		}
	}
}

// The correlation of two classes has a formula of its own, and that of many is
// the covariance of all cells (Gorodkin's definition, term by term).
func TestMCCAgreesWithItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		ps := random(rng)
		c := NewConfusion(ps)
		labels := c.Labels()
		cell := func(k, l string) float64 { return float64(c.Count(k, l)) }
		above, wants, gots := 0.0, 0.0, 0.0
		for _, k := range labels {
			for _, l := range labels {
				for _, m := range labels {
					above += cell(k, k)*cell(l, m) - cell(k, l)*cell(m, k)
				}
			}
		}
		n := float64(len(ps))
		for _, k := range labels {
			row, column := 0.0, 0.0
			for _, l := range labels {
				row += cell(k, l)
				column += cell(l, k)
			}
			wants += row * (n - row)
			gots += column * (n - column)
		}
		want := 0.0
		if wants*gots > 0 {
			want = above / math.Sqrt(wants) / math.Sqrt(gots)
		}
		if got := MCC(ps); math.Abs(got-want) > 1e-9 {
			t.Fatalf("%v: %v, want %v", ps, got, want)
		}
	}
}

func TestSlots(t *testing.T) {
	for rule, c := range map[string]struct {
		want, got string
		count     Slots
	}{
		"one of two":                     {"B-x I-x O B-y", "B-x O O B-y", Slots{2, 2, 1}},
		"the name counts":                {"B-x I-x", "B-y I-y", Slots{1, 1, 0}},
		"none":                           {"O O", "O O", Slots{}},
		"an I opens a slot as B does":    {"O B-x I-x", "O I-x I-x", Slots{1, 1, 1}},
		"an I of another name opens one": {"B-x B-y", "B-x I-y", Slots{2, 2, 2}},
		"two neighbours are not one":     {"B-x B-x", "B-x I-x", Slots{2, 1, 0}},
		"found where there is none":      {"O O O", "B-x O B-x", Slots{0, 2, 0}},
		"a hyphen belongs to the name":   {"B-a-b I-a-b", "B-a-b I-a-c", Slots{1, 2, 0}},
		"part of a slot is not the slot": {"B-x I-x I-x", "B-x I-x O", Slots{1, 1, 0}},
		"the same slot at another place": {"B-x O", "O B-x", Slots{1, 1, 0}},
	} {
		var s Slots
		if err := s.Add(strings.Fields(c.want), strings.Fields(c.got)); err != nil || s != c.count {
			t.Errorf("%s: %+v, %v, want %+v", rule, s, err, c.count)
		}
	}
	s := Slots{Want: 4, Got: 6, Right: 3} // F1 2*3/(4+6)
	if s.Precision() != 0.5 || s.Recall() != 0.75 || s.F1() != 0.6 {
		t.Errorf("precision %v, recall %v, F1 %v", s.Precision(), s.Recall(), s.F1())
	}
	if !math.IsNaN((Slots{}).F1()) {
		t.Error("there is an F1 of nothing")
	}
	if err := s.Add([]string{"O"}, nil); err == nil {
		t.Error("tags of different number are compared")
	}
}

func TestReportInJSON(t *testing.T) {
	r := NewReport(pairs("a:a a: b:b oos:oos oos:a"))
	r.SetSlots(Slots{Want: 1, Got: 3, Right: 1})
	r.TrainSeconds = new(0.25)
	got, err := json.Marshal(r)
	const want = `{"examples":5,"intents":2,"accuracy":0.6,"inscope_accuracy":0.6666666666666666,"oos_recall":0.5,"oos_precision":0.5,` +
		`"macro_f1":0.6666666666666666,"mcc":0.375,"slot_f1":0.5,"train_seconds":0.25,"us_per_utterance":null,"allocs_per_utterance":null}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v, want\n%s", got, err, want)
	}
	got, err = json.Marshal(NewReport(nil))
	const empty = `{"examples":0,"intents":0,"accuracy":null,"inscope_accuracy":null,"oos_recall":null,"oos_precision":null,` +
		`"macro_f1":null,"mcc":null,"slot_f1":null,"train_seconds":null,"us_per_utterance":null,"allocs_per_utterance":null}`
	if err != nil || string(got) != empty {
		t.Errorf("of nothing: %s, %v", got, err)
	}
}
