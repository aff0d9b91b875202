package evaluate

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTyposHitTheirShareOfWords(t *testing.T) {
	texts := []string{"what is the status of web1", "please remind me", "a b", "ça marche, le serveur ?", "yes"}
	words, changed, want := 0, 0, 0.0
	for seed := range uint64(2000) {
		for _, text := range texts {
			before, after := strings.Fields(text), strings.Fields(Typos(text, 0.25, seed))
			if len(before) != len(after) {
				t.Fatalf("%q became %q", text, after)
			}
			for i := range before {
				words++
				if before[i] != after[i] {
					changed++
				}
			}
			if text != "a b" { // its words are too short
				want += 0.25 * float64(len(before))
			}
		}
	}
	if got, want := float64(changed)/float64(words), want/float64(words); math.Abs(got-want) > 0.005 {
		t.Errorf("%.4f of the words have a typo, want %.4f", got, want)
	}
}

func TestTyposAreSmallAndOfFourKinds(t *testing.T) {
	kinds := map[string]bool{}
	for seed := range uint64(300) {
		got := Typos("Word", 1, seed)
		switch {
		case got == "Word":
			t.Fatal("there is no typo")
		case len(got) == 3:
			kinds["left out"] = true
		case len(got) == 5:
			kinds["twice"] = true
		case got == "oWrd" || got == "Wrod" || got == "Wodr":
			kinds["swapped"] = true
		case len(got) == 4:
			kinds["neighbour"] = true
			if first := got[:1]; first != "W" && !strings.Contains("QEAS", first) {
				t.Errorf("%q is no neighbour of W", first)
			}
		default:
			t.Errorf("%q", got)
		}
	}
	if len(kinds) != 4 {
		t.Errorf("kinds: %v", kinds)
	}
}

func TestTyposAreRepeatable(t *testing.T) {
	const text = "what is the status of the mail server"
	if a, b := Typos(text, 0.5, 7), Typos(text, 0.5, 7); a != b {
		t.Errorf("%q, %q", a, b)
	}
	different := map[string]bool{}
	for seed := range uint64(20) {
		different[Typos(text, 0.5, seed)] = true
	}
	if len(different) < 15 {
		t.Errorf("20 seeds make %d texts", len(different))
	}
	for _, share := range []float64{0, -1, math.NaN()} {
		if got := Typos(text, share, 1); got != text {
			t.Errorf("a share of %v gives %q", share, got)
		}
	}
	if got := Typos(text, 99, 1); len(strings.Fields(got)) != 8 {
		t.Errorf("a share of 99 gives %q", got)
	}
}

func FuzzTypos(f *testing.F) {
	f.Add("what is up", 0.25, uint64(1))
	f.Add("Kelvin \xff é", 1.0, uint64(2))
	f.Fuzz(func(t *testing.T, text string, share float64, seed uint64) {
		got := Typos(text, share, seed)
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Fatalf("%q became %q", text, got)
		}
		if len(strings.Fields(got)) != len(strings.Fields(text)) {
			t.Fatalf("%q became %q", text, got)
		}
		if share <= 0 && got != text {
			t.Fatalf("a share of %v changed %q to %q", share, text, got)
		}
	})
}
