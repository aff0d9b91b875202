package language

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"dragoman/nlu"
)

func TestDetect(t *testing.T) {
	d := detector(t, four...)
	for rule, c := range map[string]struct{ text, want string }{
		"English":                             {"is web1 up", "en"},
		"German":                              {"wie geht's db1", "de"},
		"French":                              {"ça marche web1 ?", "fr"},
		"Spanish":                             {"cómo está web1", "es"},
		"mixed with words of the trade":       {"hey bot, wie ist der status von web1", "de"},
		"accents left out":                    {"como esta el servidor", "es"},
		"an umlaut without its dots":          {"uber welche server bekomme ich meldungen", "de"},
		"an umlaut as two letters":            {"koennt ihr mal nach db2 schauen", "de"},
		"loose accents":                       {"est-ce que web1 est tombe\u0301", "fr"},
		"typos":                               {"waht is teh sttus of the srever", "en"},
		"in capitals":                         {"WIE GEHT ES DEM SERVER", "de"},
		"a typographic apostrophe":            {"qu’est-ce que c’est", "fr"},
		"nothing":                             {"", ""},
		"a name":                              {"web1?", ""},
		"names":                               {"web1 db1 mail", ""},
		"a word all languages have":           {"ok", ""},
		"an emoji":                            {"🙂", ""},
		"an address":                          {"http://example.org/the/server?is=up", ""},
		"Italian":                             {"come sta il server oggi", ""},
		"Dutch":                               {"hoe gaat het met de server", ""},
		"Portuguese":                          {"como está o servidor hoje", ""},
		"Polish":                              {"jaki jest status serwera", ""},
		"Turkish":                             {"sunucu çalışıyor mu", ""},
		"Swedish":                             {"hur mår servern idag", ""},
		"Russian":                             {"как дела у web1", ""},
		"Chinese":                             {"web1 的状态怎么样", ""},
		"a language of which it has no table": {"kodėl puslapis šiandien toks lėtas", ""},
		"a title in it":                       {"mets This Is the Day s'il te plaît", "fr"},
		"English among Russian":               {"show me сервер работает сегодня", ""},
		"bytes that are no text":              {"\xff\xfe\xfd", ""},
	} {
		t.Run(rule, func(t *testing.T) {
			got, p := d.Detect(c.text)
			if got != c.want {
				t.Errorf("Detect(%q) = %q, %.2f, want %q", c.text, got, p, c.want)
			}
			if got != "" && p < threshold {
				t.Errorf("Detect(%q) answers with a probability of %.2f", c.text, p)
			}
		})
	}
}

func TestSpellingsWithoutAccentsAreKnownWords(t *testing.T) {
	d := detector(t, four...)
	for _, text := range []string{"können", "konnen", "koennen", "état", "etat", "cómo", "como"} {
		var w word
		s := scanner{text: text}
		s.next(&w)
		if id, ok := d.index.find(w.key()); !ok || id >= d.words {
			t.Errorf("%s is no known word", text)
		}
	}
}

func TestWhatIsNotConfiguredIsRefused(t *testing.T) {
	for _, text := range []string{"what is the status of the mail server", "quel est l'état du serveur", "cuál es el estado del servidor"} {
		if got, _ := detector(t, "de").Detect(text); got != "" {
			t.Errorf("a bot of German takes %q for %q", text, got)
		}
	}
	if got, _ := detector(t, "de").Detect("wie ist der zustand des servers"); got != "de" {
		t.Errorf("a bot of German takes German for %q", got)
	}
}

func TestTheOrderOfLanguagesDoesNotMatter(t *testing.T) {
	a, b := detector(t, "en", "de", "fr", "es"), detector(t, "es", "fr", "de", "en")
	for _, l := range readLines(t, "testdata/before.tsv") {
		x, p := a.Detect(l.text)
		y, q := b.Detect(l.text)
		if x != y || math.Abs(p-q) > 1e-9 {
			t.Errorf("%q: %q %v or %q %v", l.text, x, p, y, q)
		}
	}
}

func TestSkippedBytesDoNotCount(t *testing.T) {
	d := detector(t, four...)
	const text = "zeige House of the Rising Sun"
	if got, _ := d.Detect(text); got == "de" {
		t.Fatalf("the title does not matter: take another one")
	}
	title := nlu.Span{Slot: "title", Start: strings.Index(text, "House"), End: len(text)}
	if got, p := d.Detect(text, title); got != "de" {
		t.Errorf("without the title it is %q, %.2f", got, p)
	}
}

func TestRankSumsUpToOne(t *testing.T) {
	d := detector(t, four...)
	for _, text := range []string{"", "wie geht's db1", "come sta il server", "是"} {
		guesses := d.Rank([]Guess{{Language: "kept"}}, text)
		if guesses[0].Language != "kept" {
			t.Errorf("%q: Rank does not append", text)
		}
		sum, last := 0.0, math.Inf(1)
		for _, g := range guesses[1:] {
			sum += g.P
			if g.P > last {
				t.Errorf("%q: %v is behind a less likely one", text, g)
			}
			last = g.P
			if g.Configured != (line{tag: g.Language}.want() != "") {
				t.Errorf("%q: %v", text, g)
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("%q: the probabilities sum up to %v", text, sum)
		}
	}
	if g := d.Rank(nil, "come sta il server oggi")[0]; g.Language != "it" {
		t.Errorf("Italian ranks as %v", g)
	}
}

func TestNewRefuses(t *testing.T) {
	for want, languages := range map[string][]string{
		"no language":         {},
		"eo is configured":    {"en", "eo"},
		"it is configured":    {"it"}, // known, but only to be refused
		"en is configured tw": {"en", "EN"},
		"not a primary":       {"en-GB"},
		"at most":             strings.Split("q"+strings.Repeat(" q", maxTags), " "),
	} {
		for i := range languages {
			if languages[i] == "q" {
				languages[i] = fmt.Sprintf("q%c%c", 'a'+i/26, 'a'+i%26)
			}
		}
		if _, err := New(Options{Languages: languages}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New(%v): %v, want %q", languages, err, want)
		}
	}
}

func TestSamplesMakeALanguage(t *testing.T) {
	var samples []string
	for _, t := range romance() {
		if t.tag == "it" {
			samples = strings.SplitAfter(t.text, ".")
		}
	}
	d, err := New(Options{Languages: []string{"en", "it"}, Samples: map[string][]string{"it": samples, "xx": {"ignored"}}})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"come sta il server oggi":  "it",
		"how is the server today":  "en",
		"wie geht es dem server":   "",
		"hoe gaat het met hem nu?": "",
	} {
		if got, p := d.Detect(text); got != want {
			t.Errorf("%q is %q, %.2f, want %q", text, got, p, want)
		}
	}
}

func TestSamplesOfAnotherScript(t *testing.T) {
	var greek strings.Builder
	for i := range minWords + 10 {
		fmt.Fprintf(&greek, "διακομιστής%c%c ", 'α'+rune(i%16), 'α'+rune(i/16))
	}
	d, err := New(Options{Languages: []string{"en", "el"}, Samples: map[string][]string{"el": {greek.String()}}})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := d.Detect("διακομιστής διακομιστής"); got != "el" {
		t.Errorf("Greek is %q", got)
	}
	if got, _ := d.Detect("сервер работает"); got != "" {
		t.Errorf("Russian is %q", got)
	}
}

func TestWordsOfSamplesCount(t *testing.T) {
	const text = "flurbeln web1 knorzen"
	if got, _ := detector(t, four...).Detect(text); got != "" {
		t.Fatalf("the words are %s already", got)
	}
	d, err := New(Options{Languages: four, Samples: map[string][]string{"es": {"flurbeln web1", "knorzen", "status server"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got, p := d.Detect(text); got != "es" {
		t.Errorf("after the sample it is %q, %.2f", got, p)
	}
	if got, p := d.Detect("server status"); got != "" {
		t.Errorf("a sample makes words of every language %q, %.2f", got, p)
	}
	// One new word is not as strong as the known ones around it.
	if got, p := d.Detect("wie geht es dem knorzen heute"); got != "de" {
		t.Errorf("a word of a sample outweighs a sentence: %q, %.2f", got, p)
	}
}

func TestTheSameInputGivesTheSameModel(t *testing.T) {
	samples := map[string][]string{"en": {"flurb the web1"}, "de": {"den web1 flurben"}, "fr": {"fleurber"}}
	a, err := New(Options{Languages: four, Samples: samples})
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(Options{Languages: four, Samples: samples})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Error("two models of the same input differ")
	}
}

func TestMemory(t *testing.T) {
	d := detector(t, four...)
	bytes := len(d.losses) + len(d.index.slots)*int(unsafe.Sizeof(slot{}))
	t.Logf("%d words, %d letter groups, %d bytes", d.words, d.index.n-d.words, bytes)
	if bytes > 2<<20 {
		t.Errorf("a Detector holds %d bytes, want 2 MB at most", bytes)
	}
}

func TestDetectAllocatesNothing(t *testing.T) {
	d := detector(t, four...)
	skip := []nlu.Span{{Start: 1, End: 2}}
	for _, text := range []string{
		"hey bot, wie ist der status von web1", "qu’est-ce que c’est tombe\u0301", "web1 的状态怎么样 🙂", "\xff", strings.Repeat("très long ", 1000),
	} {
		if n := testing.AllocsPerRun(100, func() { d.Detect(text, skip...) }); n != 0 {
			t.Errorf("Detect(%.20q) makes %v allocations", text, n)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	d := detector(t, four...)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				if got, _ := d.Detect("wie geht es dem server"); got != "de" {
					t.Errorf("it is %q", got)
				}
			}
		})
	}
	wg.Wait()
}

func TestLogIsCloseEnough(t *testing.T) {
	for _, x := range []float32{1e-6, 0.01, unseen, unseenThin, 0.99, 1, 1.01, 1.5, 1.999, 2, 3, 8.12, 300, 12345} {
		if got, want := float64(log(x)), math.Log(float64(x)); math.Abs(got-want) > 0.005 {
			t.Errorf("log(%v) = %v, want %v", x, got, want)
		}
	}
	if math.Abs(logUnseen-math.Log(unseen)) > 0.005 || math.Abs(logUnseenThin-math.Log(unseenThin)) > 0.005 {
		t.Error("the constants of unseen words do not fit their logarithms")
	}
}

func TestScanner(t *testing.T) {
	for text, want := range map[string]string{
		"Wie geht's, Bot?":                   "wie|geht|'s|bot",
		"l'état d'web1":                      "l'|état",
		"what's up":                          "what|'s|up",
		"rock 'n' roll '":                    "rock|n|roll",
		"est-ce que":                         "est|ce|que",
		"a@b.c x/y a_b k=v 15h web1.":        "",
		"see example.org now.":               "see|now",
		"Straße ÄRGER":                       "strasse|ärger",
		"tombe\u0301 soft\u00adware":         "tombe|software",
		"aujourd'hui":                        "aujourd'|hui",
		"donaudampfschifffahrtsgesellschaft": "donaudampfschifffahrtsge",
	} {
		var got []string
		var w word
		for s := (scanner{text: text}); s.next(&w); {
			got = append(got, string(w.letters[:w.n]))
		}
		if g := strings.Join(got, "|"); g != want {
			t.Errorf("%q: %s, want %s", text, g, want)
		}
	}
}

func FuzzDetect(f *testing.F) {
	d, err := New(Options{Languages: four})
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{"", "wie geht's db1", "l'' 'a '", "\xff'\xfe", "ş ı İ ß ẞ", "是'是", strings.Repeat("a", 3000)} {
		f.Add(text, 0, 3)
	}
	f.Fuzz(func(t *testing.T, text string, start, end int) {
		got, p := d.Detect(text, nlu.Span{Start: start, End: end})
		if p < 0 || p > 1.000001 || math.IsNaN(p) {
			t.Fatalf("a probability of %v", p)
		}
		if got != "" && p < threshold {
			t.Fatalf("%q with %v", got, p)
		}
		top := d.Rank(nil, text, nlu.Span{Start: start, End: end})[0]
		if got != "" && top.Language != got && top.P != p {
			t.Fatalf("Detect says %q, Rank %v", got, top)
		}
	})
}
