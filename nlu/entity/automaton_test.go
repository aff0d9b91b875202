package entity

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"dragoman/nlu"
)

// started returns a scratch that is ready for text, with the names known.
func started(text string) *scratch {
	s := new(scratch)
	s.start(text, languageSet(nil), &snapshot{})
	return s
}

// TestTheAutomatonFindsWhatASearchFinds compares it with looking for each name
// at each atom, on names and texts of few letters, which overlap a lot.
func TestTheAutomatonFindsWhatASearchFinds(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	phrase := func(n int) string {
		w := make([]string, 1+rng.IntN(n))
		for i := range w {
			w[i] = string(rune('a' + rng.IntN(3)))
		}
		return strings.Join(w, " ")
	}
	for range 300 {
		var names []spelling
		for range 1 + rng.IntN(8) {
			p := phrase(4)
			names = append(names, spelling{p, p, p})
		}
		a := build(names)
		text := phrase(12)
		s := started(text)
		var got, want []string
		for _, m := range a.exact(s, nil) {
			got = append(got, fmt.Sprint(m.from, a.names[m.name].proper))
		}
		words := strings.Fields(text)
		for i := range words {
			for _, n := range names {
				w := strings.Fields(n.proper)
				if i+len(w) <= len(words) && slices.Equal(words[i:i+len(w)], w) {
					want = append(want, fmt.Sprint(i, n.proper))
				}
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if want = slices.Compact(want); !slices.Equal(got, want) {
			t.Fatalf("%q with %v: got %v, want %v", text, names, got, want)
		}
	}
}

// TestTheNeighbourhoodMissesNoMistake makes mistakes in words and looks them up.
func TestTheNeighbourhoodMissesNoMistake(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	words := []string{""}
	for range 300 {
		w := make([]byte, minTypo+rng.IntN(9))
		for i := range w {
			w[i] = byte('a' + rng.IntN(5))
		}
		words = append(words, string(w))
	}
	n := newNeighbourhood(words)
	for symbol, w := range words[1:] {
		wrong := []byte(w)
		for range allowed(len(w)) {
			switch i := rng.IntN(len(wrong)); rng.IntN(3) {
			case 0:
				wrong = slices.Delete(wrong, i, i+1)
			case 1:
				wrong = slices.Insert(wrong, i, byte('a'+rng.IntN(5)))
			default:
				wrong[i] = byte('a' + rng.IntN(5))
			}
		}
		if string(wrong) == w {
			continue
		}
		s := started(string(wrong))
		found := n.near(nil, 0, wrong, s.remainders(0))
		if !slices.ContainsFunc(found, func(y typo) bool { return int(y.symbol) == symbol+1 }) && len(found) < maxNear {
			t.Errorf("%q is not found for %q", w, wrong)
		}
		for _, y := range found {
			if d := nlu.Distance(string(wrong), words[y.symbol], 2); d != int(y.distance) || d > allowed(len(words[y.symbol])) {
				t.Errorf("%q for %q: distance %d, is %d", words[y.symbol], wrong, y.distance, d)
			}
		}
	}
}

func TestAtomsAreTheSameHoweverANameIsWritten(t *testing.T) {
	for _, same := range [][]string{
		{"web-1", "web 1", "WEB1", "web_1", "web.1", "Web\u20111", "we\u200bb 1"},
		{"José García", "jose garcia", "JOSE\u0301 GARCI\u0301A"},
		{"Straße", "STRASSE"},
		{"Œuvre", "oeuvre"},
	} {
		var first string
		for i, text := range same {
			s := started(text)
			var words []string
			for a := range s.atoms {
				words = append(words, string(s.word(a)))
			}
			if got := strings.Join(words, "|"); i == 0 {
				first = got
			} else if got != first {
				t.Errorf("%q has the atoms %s, %q has %s", same[0], first, text, got)
			}
		}
	}
}

func TestAtomsCoverTheText(t *testing.T) {
	text := "a1, (β-2)…\u00a0«ǅ» 3.5!"
	s := started(text)
	last := int32(0)
	for i, a := range s.atoms {
		if a.start < last || a.end <= a.start || a.to <= a.from {
			t.Errorf("atom %d: %+v", i, a)
		}
		last = a.end
	}
	if got := len(s.atoms); got != 14 {
		t.Errorf("%d atoms in %q", got, text)
	}
}

func TestGermanNumbersOfOneWord(t *testing.T) {
	for n := int64(0); n < 200_000; n += 1 + n/97 {
		w := spellGerman(n)
		folded := appendPlain(nil, w)
		if got, ok := germanNumber(folded); !ok || got != n {
			t.Fatalf("%s is %d, %v; want %d", w, got, ok, n)
		}
		if n == 0 {
			continue
		}
		if got, ok := germanOrdinal(nil, appendPlain(nil, germanPlace(n))); n%100 != 7 && n%100 != 1 && n%100 != 3 && n%100 != 8 && (!ok || int64(got) != n) {
			t.Fatalf("%s is %d, %v; want %d", germanPlace(n), got, ok, n)
		}
	}
	for _, w := range []string{"hund", "undzwanzig", "tausendtausend", "zwanzigzwei", "einundzwei", "dreieck", "zweig", "hunderte"} {
		if v, ok := germanNumber([]byte(w)); ok {
			t.Errorf("%s is read as %d", w, v)
		}
	}
}

// spellGerman writes n as one German word.
func spellGerman(n int64) string {
	small := strings.Fields("null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn")
	tens := strings.Fields("zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig")
	switch {
	case n == 1:
		return "eins"
	case n < 20:
		return small[n]
	case n < 100 && n%10 == 0:
		return tens[n/10-2]
	case n < 100:
		return small[n%10] + "und" + tens[n/10-2]
	}
	unit, name := int64(100), "hundert"
	if n >= 1000 {
		unit, name = 1000, "tausend"
	}
	head := spellGerman(n / unit)
	if w, ok := strings.CutSuffix(head, "eins"); ok {
		head = w + "ein"
	}
	w := head + name
	if n%unit != 0 {
		w += spellGerman(n % unit)
	}
	return w
}

func germanPlace(n int64) string {
	if n%100 > 0 && n%100 < 20 {
		if w, ok := strings.CutSuffix(spellGerman(n), "eins"); ok {
			return w + "einte"
		}
		return spellGerman(n) + "te"
	}
	return spellGerman(n) + "ste"
}

func TestEnglishFrenchAndSpanishNumbers(t *testing.T) {
	for _, c := range []struct {
		index int
		spell func(int) string
	}{{englishIndex, spellEnglish}, {frenchIndex, spellFrench}, {spanishIndex, spellSpanish}} {
		for n := 0; n < 1_000_000; n += 1 + n/89 {
			s := new(scratch)
			s.start(c.spell(n), 1<<c.index, &snapshot{})
			if r := s.readWords(&lexicons[c.index], 0); r.value != float64(n) || r.next != len(s.atoms) {
				t.Fatalf("%q is %v with %d of %d words; want %d", c.spell(n), r.value, r.next, len(s.atoms), n)
			}
		}
	}
}

func spellEnglish(n int) string {
	small := strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	tens := strings.Fields("twenty thirty forty fifty sixty seventy eighty ninety")
	switch {
	case n < 20:
		return small[n]
	case n < 100 && n%10 == 0:
		return tens[n/10-2]
	case n < 100:
		return tens[n/10-2] + "-" + small[n%10]
	case n < 1000 && n%100 == 0:
		return small[n/100] + " hundred"
	case n < 1000:
		return small[n/100] + " hundred and " + spellEnglish(n%100)
	case n%1000 == 0:
		return spellEnglish(n/1000) + " thousand"
	}
	return spellEnglish(n/1000) + " thousand " + spellEnglish(n%1000)
}

func spellFrench(n int) string {
	small := strings.Fields("zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf")
	tens := strings.Fields("vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt")
	switch {
	case n < 20:
		return small[n]
	case n < 100:
		ten, rest := n/10, n%10
		if ten == 7 || ten == 9 {
			rest += 10
		}
		switch {
		case rest == 0 && ten == 8:
			return "quatre-vingts"
		case rest == 0:
			return tens[ten-2]
		case (rest == 1 || rest == 11) && ten < 8:
			return tens[ten-2] + " et " + small[rest]
		}
		return tens[ten-2] + "-" + small[rest]
	}
	unit, name := 100, "cent"
	if n >= 1000 {
		unit, name = 1000, "mille"
	}
	w := name
	if n/unit > 1 {
		w = spellFrench(n/unit) + " " + name
	}
	if n%unit != 0 {
		w += " " + spellFrench(n%unit)
	}
	return w
}

func spellSpanish(n int) string {
	small := strings.Fields(`cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho
		diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve`)
	tens := strings.Fields("treinta cuarenta cincuenta sesenta setenta ochenta noventa")
	hundreds := strings.Fields("ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos")
	switch {
	case n < 30:
		return small[n]
	case n < 100 && n%10 == 0:
		return tens[n/10-3]
	case n < 100:
		return tens[n/10-3] + " y " + small[n%10]
	case n == 100:
		return "cien"
	case n < 1000 && n%100 == 0:
		return hundreds[n/100-1]
	case n < 1000:
		return hundreds[n/100-1] + " " + spellSpanish(n%100)
	}
	w := "mil"
	if n/1000 > 1 {
		w = spellSpanish(n/1000) + " mil"
	}
	if n%1000 != 0 {
		w += " " + spellSpanish(n%1000)
	}
	return w
}
