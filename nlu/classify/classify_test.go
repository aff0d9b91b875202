package classify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestTheNearestLabelWins(t *testing.T) {
	m := mustTrain(t, errands(), Options{})
	for text, want := range map[string]string{
		"is db7 up":                           "get-status",
		"What's the STATUS of the printer?":   "get-status",
		"tell me when the printer goes down":  "subscribe",
		"are there meetings tomorrow morning": "list-events",
		"please text Ann I am late":           "send-sms",
		"plaese tell me wehn web1 goes dwon":  "subscribe",
	} {
		r := m.Classify(text, nil)
		if r.Top[0].Label != want {
			t.Errorf("%q is %v, want %s", text, r.Top[:r.N], want)
		}
	}
}

func TestProbabilitiesAreSortedAndSumToOne(t *testing.T) {
	m := mustTrain(t, errands(), Options{})
	for _, text := range []string{"is web1 up", "", "qwrtz", "send events status subscribe"} {
		r := m.Classify(text, nil)
		if r.N != 4 {
			t.Fatalf("%q has %d labels, want all 4", text, r.N)
		}
		sum := 0.0
		for i, s := range r.Top[:r.N] {
			sum += s.P
			if i > 0 && s.P > r.Top[i-1].P {
				t.Errorf("%q: %v is not sorted", text, r.Top[:r.N])
			}
		}
		if math.Abs(sum-1) > 1e-6 {
			t.Errorf("%q: the probabilities sum to %v", text, sum)
		}
	}
}

func TestWhatIsForeignIsRefused(t *testing.T) {
	m := mustTrain(t, errands(), Options{})
	for _, text := range []string{
		"", "   ", "🙂🙂🙂", "qwrtz uiop asdfg", "ёлки палки", "das Wetter wird schlecht", "pi equals 3.14159",
	} {
		if r := m.Classify(text, nil); m.Accepts(r) {
			t.Errorf("%q is accepted as %s with %.3f, the threshold is %.3f", text, r.Top[0].Label, r.Accept, m.Threshold())
		}
	}
	kept := 0
	for _, e := range errands() {
		if m.Accepts(m.Classify(e.Text, nil)) {
			kept++
		}
	}
	if kept < len(errands())*9/10 {
		t.Errorf("only %d of %d examples are accepted", kept, len(errands()))
	}
}

func TestAMarkCountsBesideTheWords(t *testing.T) {
	var examples []Example
	for _, name := range []string{"web1", "db2", "proxy", "gate", "mars", "venus"} {
		text := "how is " + name
		examples = append(examples, Example{Text: text, Label: "status", Marks: []Mark{{Kind: "machine", Start: 7, End: len(text)}}})
	}
	for _, name := range []string{"mary", "john", "ann", "bob", "carol", "dave"} {
		text := "how is " + name
		examples = append(examples, Example{Text: text, Label: "presence", Marks: []Mark{{Kind: "person", Start: 7, End: len(text)}}})
	}
	m := mustTrain(t, examples, Options{NoReject: true})
	for kind, want := range map[string]string{"machine": "status", "person": "presence"} {
		r := m.Classify("how is zeus", []Mark{{Kind: kind, Start: 7, End: 11}})
		if r.Top[0].Label != want {
			t.Errorf("a %s is %v, want %s", kind, r.Top[:r.N], want)
		}
	}
}

func TestOneLabelIsEnough(t *testing.T) {
	var one []Example
	for _, e := range errands() {
		if e.Label == "get-status" {
			one = append(one, e)
		}
	}
	m := mustTrain(t, one, Options{})
	if r := m.Classify("what is the status of db2", nil); r.N != 1 || r.Top[0].P != 1 || !m.Accepts(r) {
		t.Errorf("what is like the examples gives %+v, want it accepted", r)
	}
	if r := m.Classify("qwrtz uiop", nil); m.Accepts(r) {
		t.Errorf("what is like nothing is accepted with %.3f, the threshold is %.3f", r.Accept, m.Threshold())
	}
}

func TestFewExamplesGiveFiniteNumbers(t *testing.T) {
	for name, examples := range map[string][]Example{
		"one example":            {{Text: "go", Label: "a"}},
		"an empty example":       {{Text: "", Label: "a"}},
		"two labels, one each":   {{Text: "go on", Label: "a"}, {Text: "stop it", Label: "b"}},
		"the same for two":       {{Text: "go", Label: "a"}, {Text: "go", Label: "b"}},
		"a label without a name": {{Text: "go", Label: "!"}, {Text: "stop", Label: "?"}},
		"many of one, one of another": append(errands()[:8:8], Example{
			Text: "text mary", Label: "send-sms"}),
	} {
		t.Run(name, func(t *testing.T) {
			m := mustTrain(t, examples, Options{})
			for _, text := range []string{"", "go", "stop it now", strings.Repeat("x", 5000)} {
				r := m.Classify(text, nil)
				numbers := []float64{r.Accept, r.Bias, m.Threshold()}
				for i := range r.N {
					numbers = append(numbers, r.Top[i].P)
				}
				for _, s := range r.Signals {
					numbers = append(numbers, s.Value, s.Contribution)
				}
				for _, x := range numbers {
					if math.IsNaN(x) || math.IsInf(x, 0) {
						t.Fatalf("%.20q gives %+v", text, r)
					}
				}
			}
		})
	}
}

func TestADescriptionAloneMakesALabel(t *testing.T) {
	m := mustTrain(t, errands(), Options{NoReject: true, Descriptions: []Description{
		{Label: "reboot", Text: "restart a machine that hangs"}, {Label: "send-sms", Text: "telegraph somebody"}}})
	for text, want := range map[string]string{"restart the machine": "reboot", "telegraph bob": "send-sms"} {
		if r := m.Classify(text, nil); r.Top[0].Label != want {
			t.Errorf("%q is %v, want %s", text, r.Top[:r.N], want)
		}
	}
	if s := m.Stats(); s.Examples != len(errands()) || s.Labels != 5 {
		t.Errorf("the model is of %+v", s)
	}
}

func TestTrainSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		examples []Example
		options  Options
		want     string
	}{
		"nothing":               {nil, Options{}, "no examples"},
		"no label":              {[]Example{{Text: "a", Label: "a"}, {Text: "b"}}, Options{}, "example 2"},
		"keep too much":         {errands(), Options{Keep: 1}, "Keep"},
		"keep less than none":   {errands(), Options{Keep: -0.5}, "Keep"},
		"keep not a number":     {errands(), Options{Keep: math.NaN()}, "Keep"},
		"unlabelled, described": {errands(), Options{Descriptions: []Description{{Text: "a"}}}, "description 1"},
	} {
		if _, err := Train(context.Background(), c.examples, c.options); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one of %q", name, err, c.want)
		}
	}
}

func TestTrainingEndsSoonAfterItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	why := errors.New("the bot is stopping")
	examples := synthetic(150, 60)
	time.AfterFunc(50*time.Millisecond, func() { cancel(why) })
	start := time.Now()
	_, err := Train(ctx, examples, Options{})
	if !errors.Is(err, why) {
		t.Fatalf("the error is %v, want the cause of the context", err)
	}
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("Train returned after %v", d)
	}
}

func TestTheSameExamplesGiveTheSameModelOnAnyNumberOfProcessors(t *testing.T) {
	examples := synthetic(40, 12)
	var want []byte
	for _, n := range []int{1, 2, 5, 1} {
		before := runtime.GOMAXPROCS(n)
		got := encoded(t, mustTrain(t, examples, Options{}))
		runtime.GOMAXPROCS(before)
		if want == nil {
			want = got
		}
		if !bytes.Equal(got, want) {
			t.Errorf("on %d processors the model is another one", n)
		}
	}
}

func TestClassifyAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector empties pools at random")
	}
	m := mustTrain(t, errands(), Options{})
	texts := []string{"is web1 up?", "", "schön, daß es läuft – 😀", "sbuscribe me plaese", strings.Repeat("tell me more ", 300)}
	marks := []Mark{{Kind: "machine", Start: 3, End: 7}}
	for _, text := range texts {
		m.Classify(text, marks)
		if n := testing.AllocsPerRun(200, func() { m.Classify(text, marks) }); n != 0 {
			t.Errorf("%.20q: %v allocations", text, n)
		}
	}
}

func TestAHugeTextIsAnsweredQuickly(t *testing.T) {
	m := mustTrain(t, errands(), Options{})
	for name, text := range map[string]string{
		"words": strings.Repeat("is web1 up ", 6000), "one word": strings.Repeat("a", 1<<16),
		"no UTF-8": strings.Repeat("\xff\xc3", 1<<15), "emoji": strings.Repeat("🙂", 1<<14),
		"symbols": strings.Repeat("$%", 1<<15), "unknown words": strings.Repeat("stutas sbuscribe ", 4000),
	} {
		start := time.Now()
		for range 10 {
			m.Classify(text, nil)
		}
		if d := time.Since(start) / 10; d > 50*time.Millisecond {
			t.Errorf("%s: 64 KiB take %v", name, d)
		}
	}
}

// synthetic makes up examples: each label has words of its own and all share some.
func synthetic(labels, each int) []Example {
	words := func(seed, n int) string {
		var b strings.Builder
		for i := range n {
			h := mix(uint64(seed*1000003 + i))
			for range 2 + h%3 {
				b.WriteByte("bcdfghklmnprstvw"[h>>8&15])
				b.WriteByte("aeiou"[h>>16%5])
				h = mix(h)
			}
			b.WriteByte(' ')
		}
		return b.String()
	}
	var out []Example
	for l := range labels {
		for e := range each {
			own := words(l%17*100+e%7, 2) + words(l, 2)
			out = append(out, Example{Text: words(e, 3) + own + words(-e-l%5, 1), Label: fmt.Sprintf("label-%d", l)})
		}
	}
	return out
}

func FuzzClassify(f *testing.F) {
	m := mustTrain(f, errands(), Options{})
	for _, s := range []string{"is web1 up", "", "\xff", "ŉ İ ß ǅ", "a\u0301e\u0301", "👩‍👩‍👧", "x$%", "stutas"} {
		f.Add(s, 0, 3)
	}
	f.Fuzz(func(t *testing.T, text string, from, to int) {
		r := m.Classify(text, []Mark{{Kind: "machine", Start: from, End: to}})
		if again := m.Classify(text, []Mark{{Kind: "machine", Start: from, End: to}}); r != again {
			t.Errorf("%q: %+v, then %+v", text, r, again)
		}
		if r.N != 4 || !(r.Accept >= 0 && r.Accept <= 1) || !(r.Top[0].P > 0 && r.Top[0].P <= 1) {
			t.Errorf("%q gives %+v", text, r)
		}
	})
}
