package classify

import (
	"math"
	"testing"
)

// TestAcceptIsCalibrated trains on four of five labels and asks with texts of all:
// of the texts that are accepted with 80 %, about 80 % are to be in scope.
func TestAcceptIsCalibrated(t *testing.T) {
	train, valid := readTSV(t, "clinc150_small/train.tsv"), readTSV(t, "clinc150_small/valid.tsv")
	number := map[string]int{}
	for _, e := range train {
		if _, ok := number[e.Label]; !ok {
			number[e.Label] = len(number)
		}
	}
	held := func(l string) bool { return number[l]%5 == 2 || foreign(l) }
	have := map[string]int{}
	var some []Example
	for _, e := range train {
		if have[e.Label]++; !held(e.Label) && have[e.Label] <= 20 {
			some = append(some, e)
		}
	}
	m := mustTrain(t, some, Options{})
	const bins = 10
	var n, sum, in [bins]float64
	var all, ins, total float64
	for _, e := range valid {
		if !held(e.Label) {
			ins++
		}
		all++
	}
	for _, e := range valid {
		// Both kinds count the same, as Accept has it.
		c, y := 1/(all-ins), 0.0
		if !held(e.Label) {
			c, y = 1/ins, 1.0
		}
		p := m.Classify(e.Text, nil).Accept
		b := min(int(p*bins), bins-1)
		n[b] += c
		sum[b] += c * p
		in[b] += c * y
		total += c
	}
	off := 0.0
	for b := range n {
		if n[b] > 0 {
			t.Logf("accepted with %.2f: %.2f in scope (%.1f %% of the texts)", sum[b]/n[b], in[b]/n[b], 100*n[b]/total)
		}
		off += math.Abs(sum[b]-in[b]) / total
	}
	t.Logf("expected calibration error %.3f", off)
	if off > 0.08 {
		t.Errorf("the expected calibration error is %.3f, want at most 0.08", off)
	}
}

func TestTheRefusalSeparatesWhatCanBeSeparated(t *testing.T) {
	var seen []observed
	for i := range 400 {
		x := float64(i%100) / 100
		in := i%2 == 0
		g := signals{signalEnergy: 3 + x, signalWords: 0.2 + x/10}
		if in {
			g[signalEnergy], g[signalWords] = 6+x, 0.6+x/10
		}
		seen = append(seen, observed{signals: g, inScope: in})
	}
	j := fitJudge(seen, 0.97)
	for i := range seen {
		if p := j.accept(&seen[i].signals); seen[i].inScope != (p > 0.5) {
			t.Fatalf("%+v gives %v", seen[i], p)
		}
	}
}

func TestTheThresholdKeepsWhatItIsToKeep(t *testing.T) {
	var seen []observed
	for i := range 2000 {
		g := signals{signalEnergy: float64(mix(uint64(i))%1000) / 100, signalMargin: float64(mix(uint64(i)+1e6)%1000) / 300}
		seen = append(seen, observed{signals: g, inScope: g[signalEnergy] > 4.5+float64(mix(uint64(i)+2e6)%100)/50})
	}
	for _, keep := range []float64{0.8, 0.95, 0.99} {
		j := fitJudge(seen, keep)
		var in, kept float64
		for i := range seen {
			if seen[i].inScope {
				in++
				if j.accept(&seen[i].signals) >= j.threshold {
					kept++
				}
			}
		}
		if math.Abs(kept/in-keep) > 0.02 {
			t.Errorf("%.3f are kept, want %.3f", kept/in, keep)
		}
	}
}

func TestEverySignalIsExplained(t *testing.T) {
	m := mustTrain(t, errands(), Options{})
	r := m.Classify("is web1 up", nil)
	z := r.Bias
	for _, s := range r.Signals {
		if s.Name == "" {
			t.Errorf("a signal has no name: %+v", r.Signals)
		}
		z += s.Contribution
	}
	if math.Abs(sigmoid(z)-r.Accept) > 1e-9 {
		t.Errorf("the contributions make %v, Accept is %v", sigmoid(z), r.Accept)
	}
	m = mustTrain(t, errands(), Options{NoReject: true})
	if r := m.Classify("qwrtz", nil); r.Accept != 1 || !m.Accepts(r) {
		t.Errorf("without refusal %+v", r)
	}
}
