package tagger

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"dragoman/nlu"
)

func TestTokenize(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "",
		"  \t\n":                        "",
		"is web1 up?":                   "is|web1|up|?",
		"web-1 is down.":                "web-1|is|down|.",
		"db.example.org:5432, please":   "db.example.org:5432|,|please",
		"3:30PM–4PM":                    "3:30PM|–|4PM",
		"1,000 and a,b":                 "1,000|and|a|,|b",
		"it's web1's turn, don't":       "it|'s|web1|'s|turn|,|don't",
		"it’s John’s":                   "it|’s|John|’s",
		"ajoute l'album d’aujourd'hui":  "ajoute|l'|album|d’|aujourd'hui",
		"qu'est-ce que c'est":           "qu'|est-ce|que|c'|est",
		"größe über 5 °C":               "größe|über|5|°|C",
		"¿está web1?":                   "¿|está|web1|?",
		"anna@example.org (work)":       "anna@example.org|(|work|)",
		"+49 30 123":                    "+|49|30|123",
		"a--b":                          "a|-|-|b",
		"snake_case x=1":                "snake_case|x|=|1",
		"e\u0301te\u0301":               "e\u0301te\u0301",
		"\xff\xfeok\x00":                "\xff|\xfe|ok",
		"👩\u200d💻 up":                   "👩|\u200d|💻|up",
		"'s":                            "'|s",
		"web1' s":                       "web1|'|s",
		"the dogs' house":               "the|dogs|'|house",
		"rock 'n' roll":                 "rock|'|n|'|roll",
		"mail.":                         "mail|.",
		strings.Repeat("ab.", 3) + "ab": "ab.ab.ab.ab",
	} {
		got := strings.Join(Words(nil, text, Tokenize(nil, text)), "|")
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// checkTokens fails where tokens of a text are not what Tokenize promises.
func checkTokens(t *testing.T, text string, tokens []Token) {
	t.Helper()
	at := 0
	skipped := func(s string) {
		for _, r := range s {
			if !unicode.IsSpace(r) && !unicode.IsControl(r) {
				t.Errorf("%q: no token has %q", text, s)
			}
		}
	}
	for _, k := range tokens {
		if k.Start < at || k.End <= k.Start || k.End > len(text) {
			t.Fatalf("%q: token %v after byte %d", text, k, at)
		}
		skipped(text[at:k.Start])
		if !utf8.RuneStart(text[k.Start]) && utf8.ValidString(text) {
			t.Errorf("%q: token %v begins inside of a character", text, k)
		}
		at = k.End
	}
	skipped(text[at:])
}

func FuzzTokenize(f *testing.F) {
	for _, s := range []string{"is web1 up?", "l'album", "it's", "1,000", "\xff\xfe", "a\u0301.b", "👩\u200d💻", "'s''s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkTokens(t, text, Tokenize(nil, text))
	})
}

func TestCover(t *testing.T) {
	text := "is web1 up?"
	tokens := Tokenize(nil, text)
	for _, c := range []struct{ start, end, from, to int }{
		{0, 2, 0, 1}, {3, 7, 1, 2}, {3, 11, 1, 4}, {4, 5, 1, 2}, {2, 3, 1, 1}, {0, 11, 0, 4}, {11, 11, 4, 4}, {50, 60, 4, 4},
	} {
		if from, to := Cover(tokens, c.start, c.end); from != c.from || to != c.to {
			t.Errorf("bytes %d to %d: tokens %d to %d, want %d to %d", c.start, c.end, from, to, c.from, c.to)
		}
	}
}

func TestFromExample(t *testing.T) {
	for marked, want := range map[string]string{
		"add [the album](item) to [my list](list)": "O B-item I-item O B-list I-list",
		"nothing to see":      "O O O",
		"[web1](machine)":     "B-machine",
		"is [web1](machine)?": "O B-machine O",
		"[a](x)[b](y) c":      "B-x O", // one token cannot have two tags
		"re[boot](x) now":     "B-x O",
	} {
		e, err := nlu.ParseExample(marked)
		if err != nil {
			t.Fatal(err)
		}
		if got := FromExample("l", e).Tags; !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: got %v, want %s", marked, got, want)
		}
	}
}

func TestChunksFollowConlleval(t *testing.T) {
	for tags, want := range map[string][]Chunk{
		"":                    nil,
		"O O":                 nil,
		"B-a":                 {{"a", 0, 1}},
		"B-a I-a O":           {{"a", 0, 2}},
		"B-a B-a":             {{"a", 0, 1}, {"a", 1, 2}},
		"I-a I-a":             {{"a", 0, 2}},
		"O I-a":               {{"a", 1, 2}},
		"B-a I-b I-b":         {{"a", 0, 1}, {"b", 1, 3}},
		"B-a O I-a":           {{"a", 0, 1}, {"a", 2, 3}},
		"B-a-b I-a-b I-a":     {{"a-b", 0, 2}, {"a", 2, 3}},
		"B I O":               {{"", 0, 2}},
		"X-a Band Inside B-":  {{"", 3, 4}},
		"B-weather/attribute": {{"weather/attribute", 0, 1}},
	} {
		if got := Chunks(nil, strings.Fields(tags)); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", tags, got, want)
		}
	}
	if got := Chunks([]Chunk{{"a", 0, 1}}, []string{"I-a"}); len(got) != 2 {
		t.Errorf("a chunk of dst went on: %v", got)
	}
}
