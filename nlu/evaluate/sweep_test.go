package evaluate

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

func TestSweep(t *testing.T) {
	c, err := Sweep([]float64{0.4, 0.9, 0.8}, []float64{0.5, 0.1, 0.4})
	if err != nil {
		t.Fatal(err)
	}
	want := []Point{{0.9, 1.0 / 3, 1}, {0.8, 2.0 / 3, 1}, {0.5, 2.0 / 3, 2.0 / 3}, {0.4, 1, 1.0 / 3}, {0.1, 1, 0}}
	if !reflect.DeepEqual(c.Points, want) {
		t.Errorf("points %v, want %v", c.Points, want)
	}
	// Of the nine pairs, 0.9 and 0.8 win three each; 0.4 wins one, ties one and loses one.
	if !same(c.AUROC, 7.5/9) {
		t.Errorf("AUROC %v, want %v", c.AUROC, 7.5/9)
	}
	if !same(c.FPR95, 2.0/3) {
		t.Errorf("FPR95 %v, want 2/3", c.FPR95)
	}
	if p := c.Keeping(0.6); p != want[1] {
		t.Errorf("keeping 60 %%: %v, want %v", p, want[1])
	}
	if p := (Curve{}).Keeping(0.5); p != (Point{}) {
		t.Errorf("a curve without points keeps %v", p)
	}
}

func TestSweepOfExtremes(t *testing.T) {
	for rule, c := range map[string]struct {
		in, oos      []float64
		auroc, fpr95 float64
	}{
		"told apart":    {[]float64{0.7, 0.8}, []float64{0.1, 0.2}, 1, 0},
		"upside down":   {[]float64{0.1, 0.2}, []float64{0.7, 0.8}, 0, 1},
		"all the same":  {[]float64{0.5, 0.5}, []float64{0.5}, 0.5, 1},
		"infinite ones": {[]float64{math.Inf(1)}, []float64{math.Inf(-1)}, 1, 0},
	} {
		got, err := Sweep(c.in, c.oos)
		if err != nil || !same(got.AUROC, c.auroc) || !same(got.FPR95, c.fpr95) {
			t.Errorf("%s: %+v, %v", rule, got, err)
		}
	}
	for rule, c := range map[string][2][]float64{
		"nothing in scope":     {nil, {1}},
		"nothing out of scope": {{1}, nil},
		"not a number":         {{1}, {math.NaN()}},
	} {
		if _, err := Sweep(c[0], c[1]); err == nil {
			t.Errorf("%s: no error", rule)
		}
	}
}

func TestSweepAgreesWithItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		draw := func() []float64 {
			x := make([]float64, 1+rng.IntN(30))
			for i := range x {
				x[i] = float64(rng.IntN(12)) / 12
			}
			return x
		}
		in, oos := draw(), draw()
		c, err := Sweep(in, oos)
		if err != nil {
			t.Fatal(err)
		}
		wins := 0.0
		for _, a := range in {
			for _, b := range oos {
				switch {
				case a > b:
					wins++
				case a == b:
					wins += 0.5
				}
			}
		}
		if want := wins / float64(len(in)*len(oos)); math.Abs(c.AUROC-want) > 1e-9 {
			t.Fatalf("AUROC %v, want %v", c.AUROC, want)
		}
		for i, p := range c.Points {
			kept, refused := 0, 0
			for _, a := range in {
				if a >= p.Threshold {
					kept++
				}
			}
			for _, b := range oos {
				if b < p.Threshold {
					refused++
				}
			}
			if !same(p.Kept, ratio(kept, len(in))) || !same(p.OOSRecall, ratio(refused, len(oos))) {
				t.Fatalf("point %v of %v and %v", p, in, oos)
			}
			if i > 0 && (p.Threshold >= c.Points[i-1].Threshold || p.Kept < c.Points[i-1].Kept) {
				t.Fatalf("points are out of order: %v", c.Points)
			}
		}
	}
}
