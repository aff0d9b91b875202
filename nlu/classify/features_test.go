package classify

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestTokens(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "",
		"What's the STATUS?":         "what s the status",
		"Cancún, CANCU\u0301N":       "cancun cancun",
		"schöne Größe Œuvre":         "schone grosse oeuvre",
		"get-status web_1.local":     "get status web 1 local",
		"50% of $20 = 10€":           "50 % of $ 20 = 10 €",
		"ok👍🏽 go":                    "ok 👍 🏽 go",
		"zero\u200bwidth so\u00adft": "zerowidth soft",
		"ПРИВЕТ мир":                 "привет мир",
		"\xffa\xc3b":                 "ab",
	} {
		var s scratch
		s.tokenize(text)
		var got []string
		for _, x := range s.tokens {
			got = append(got, string(s.runes[x.start:x.end]))
			if s.runes[x.start-1] != edge || s.runes[x.end] != edge {
				t.Errorf("%q: %q has no edges", text, got[len(got)-1])
			}
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%q is cut into %q, want %q", text, g, want)
		}
	}
}

func TestFeaturesOfAShortText(t *testing.T) {
	word := func(s string) uint64 { return hashRunes([]rune(s)) }
	var s scratch
	s.extract("go up go", nil)
	for name, c := range map[string]struct {
		hash  uint64
		count uint8
	}{
		"word":             {pair(seedWord, word("go")), 2},
		"other word":       {pair(seedWord, word("up")), 1},
		"first of all":     {pair(seedPair, pair(seedEdge, word("go"))), 1},
		"pair":             {pair(seedPair, pair(word("go"), word("up"))), 1},
		"last of all":      {pair(seedPair, pair(word("go"), seedEdge)), 1},
		"pair with a gap":  {pair(seedSkip, pair(word("go"), word("go"))), 1},
		"gap at the start": {pair(seedSkip, pair(seedEdge, word("up"))), 1},
		"start of a word":  {pair(seedStart, word("up")), 1},
		"piece":            {mix(step(step(step(seedPiece, 'g'), 'o'), edge)), 2},
		"what all have":    {seedAny, 1},
	} {
		i := slices.IndexFunc(s.features, func(f feature) bool { return f.hash == c.hash })
		if i < 0 || s.features[i].count != c.count {
			t.Errorf("%s: at %d in %d features, want it %d times", name, i, len(s.features), c.count)
		}
	}
}

func TestStems(t *testing.T) {
	for want, words := range map[string]string{
		"hug": "hug hugging hugged hugs", "cancel": "cancel cancels canceled", "address": "address",
		"bor": "bored boring", "reun": "reunión reuniones", "hau": "haus hauses",
	} {
		for _, w := range strings.Fields(words) {
			var s scratch
			s.tokenize(w)
			if got := string(stem(s.runes[1 : len(s.runes)-1])); !strings.HasPrefix(got, want) {
				t.Errorf("the stem of %q is %q, want %q", w, got, want)
			}
		}
	}
}

func TestSpelling(t *testing.T) {
	var words [][]rune
	for _, w := range []string{"status", "meeting", "meetings", "card", "cart", "up", "web1", "weather"} {
		words = append(words, []rune(w))
	}
	p := newSpelling(words)
	for written, want := range map[string]string{
		"stauts": "status", "sttus": "status", "statuss": "status", "stxtus": "status", "tsatus": "status",
		"status": "", "meetin": "meeting", "meetingz": "meeting", "carz": "card", "carrt": "cart",
		"sttas": "", "web7": "", "pu": "", "wheater": "", "": "", "unknown": "",
	} {
		if got := string(p.meant([]rune(written), hashRunes([]rune(written)))); got != want {
			t.Errorf("%q is read as %q, want %q", written, got, want)
		}
	}
}

func TestBytesAddUpToTheExactSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, labels := range []int{1, 7, 8, 32, 33, 150} {
		const features = 500
		w, block := make([]float32, features*labels), make([]uint8, features)
		for i := range w {
			w[i] = float32(rng.NormFloat64())
		}
		q := newRows(w, block, labels)
		for _, n := range []int{0, 1, 3, 256, 257, 600} {
			ids, want := make([]int32, n), make([]float64, labels)
			exact := make([]int32, labels)
			for i := range ids {
				ids[i] = int32(rng.IntN(features))
				for l := range labels {
					want[l] += float64(w[int(ids[i])*labels+l])
					exact[l] += q.at(ids[i], l)
				}
			}
			sums := make([]int32, q.stride*lanes)
			q.sum(sums, ids)
			for l := range labels {
				if sums[l] != exact[l] {
					t.Fatalf("%d rows of %d labels: the sum is %d, of single bytes %d", n, labels, sums[l], exact[l])
				}
				// Each byte is off by half a step at most, and mostly by less.
				if d := math.Abs(float64(sums[l])*float64(q.step[0]) - want[l]); d > float64(q.step[0])*(1+2*math.Sqrt(float64(n))) {
					t.Fatalf("%d rows of %d labels: off by %v", n, labels, d)
				}
			}
		}
	}
}

func TestTimesIsTheMatrixProduct(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for _, k := range []int{1, 5, 32} {
		w := make([]float32, 50*k)
		for i := range w {
			w[i] = float32(rng.NormFloat64())
		}
		for n := range 10 {
			var r row
			want := make([]float64, k)
			for range n {
				id, v := int32(rng.IntN(50)), float32(rng.NormFloat64())
				r.ids, r.values = append(r.ids, id), append(r.values, v)
				for c := range want {
					want[c] += float64(v) * float64(w[int(id)*k+c])
				}
			}
			got := make([]float32, k)
			got[0] = 99 // is overwritten
			r.times(w, got)
			for c := range want {
				if math.Abs(want[c]-float64(got[c])) > 1e-4 {
					t.Errorf("%d rows of %d: %v, want %v", n, k, got, want)
				}
			}
		}
	}
}
