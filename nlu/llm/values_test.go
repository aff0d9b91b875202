package llm

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"dragoman/nlu"
)

func TestWhatTheModelSaysHasToBeInTheMessage(t *testing.T) {
	const open = "port" // a kind that is neither built in nor a list
	for _, tt := range []struct {
		rule, text, kind, raw string
		want, at              string // the value and where it was read; at is "" for nowhere
		refused               bool
	}{
		{rule: "a text is a piece of the message", text: "note that Bob called", kind: "text", raw: "Bob called", want: "Bob called", at: "Bob called"},
		{rule: "in the person's spelling", text: "note: BOB   called", kind: "text", raw: "bob called", want: "BOB   called", at: "BOB   called"},
		{rule: "in whatever Unicode form", text: "nimm A\u0308pfel mit", kind: "text", raw: "\u00e4pfel", want: "\u00c4pfel", at: "A\u0308pfel"},
		{rule: "whatever is hidden in it", text: "pay the a\u200blice bill", kind: "text", raw: "alice", want: "a\u200blice", at: "a\u200blice"},
		{rule: "or makes an emoji of it", text: "I \u2764\ufe0f you", kind: "text", raw: "i \u2764 you", want: "I \u2764\ufe0f you", at: "I \u2764\ufe0f you"},
		{rule: "but not a part of a word", text: "concatenate it", kind: "text", raw: "cat", refused: true},
		{rule: "nor something else", text: "note that Bob called", kind: "text", raw: "Bob called twice", refused: true},
		{rule: "nor a translation", text: "Äpfel kaufen", kind: "word", raw: "apples", refused: true},
		{rule: "nor nothing at all", text: "note", kind: "text", raw: "\u200b", refused: true},

		{rule: "an open kind is like a text", text: "open ssh there", kind: open, raw: "SSH", want: "ssh", at: "ssh"},
		{rule: "and cannot be made up", text: "open ssh there", kind: open, raw: "22", refused: true},

		{rule: "a number in digits", text: "take #15, please", kind: "int", raw: "15", want: "15", at: "15"},
		{rule: "with a unit behind it", text: "at 15% now", kind: "int", raw: "15", want: "15", at: "15"},
		{rule: "as an ordinal in digits", text: "the 2nd", kind: "int", raw: "2", want: "2", at: "2nd"},
		{rule: "as a word", text: "the Second one!", kind: "int", raw: "2", want: "2", at: "Second"},
		{rule: "as a German word", text: "nimm fünfundzwanzig", kind: "int", raw: "25", want: "25", at: "fünfundzwanzig"},
		{rule: "as a French word", text: "il y en a trente-deux.", kind: "int", raw: "32", want: "32", at: "trente-deux"},
		{rule: "as a Spanish word", text: "pon dieciséis", kind: "int", raw: "16", want: "16", at: "dieciséis"},
		{rule: "as a model writes it", text: "take 3", kind: "int", raw: "3.0", want: "3", at: "3"},
		{rule: "not the digits of another number", text: "take 150", kind: "int", raw: "15", refused: true},
		{rule: "not in a name", text: "on machine15", kind: "int", raw: "15", refused: true},
		{rule: "not of the other sign", text: "take 5", kind: "int", raw: "-5", refused: true},
		{rule: "with its sign", text: "set it to -5", kind: "int", raw: "-5", want: "-5", at: "-5"},
		{rule: "not an article", text: "a machine", kind: "int", raw: "1", refused: true},
		{rule: "not calculated", text: "three plus four", kind: "int", raw: "7", refused: true},
		{rule: "not words", text: "take many", kind: "int", raw: "many", refused: true},
		{rule: "not endless", text: "take 5", kind: "int", raw: strings.Repeat("5", 1000), refused: true},
		{rule: "a fraction with a comma", text: "auf 3,50 setzen", kind: "number", raw: "3.5", want: "3.5", at: "3,50"},

		{rule: "a length of time", text: "for 15 minutes then", kind: "duration", raw: "15 minutes", want: "15m0s", at: "15 minutes"},
		{rule: "in another form of it", text: "for 15 minutes then", kind: "duration", raw: "15m", want: "15m", at: "15 minutes"},
		{rule: "with a number word", text: "in two hours", kind: "duration", raw: "two hours", want: "2h0m0s", at: "two hours"},
		{rule: "with an article", text: "eine Stunde lang", kind: "duration", raw: "eine Stunde", want: "1h0m0s", at: "eine Stunde"},
		{rule: "of one second", text: "wait a second", kind: "duration", raw: "1s", want: "1s", at: "a second"},
		{rule: "that the resolver knows", text: "in half an hour", kind: "duration", raw: "half an hour", want: "30m", at: "half an hour"},
		{rule: "even if the model calculates", text: "in half an hour", kind: "duration", raw: "30m", want: "30m", at: "half an hour"},
		{rule: "but not another one", text: "in two hours", kind: "duration", raw: "3h", refused: true},
		{rule: "and not for ever", text: "for ever", kind: "duration", raw: "for ever", refused: true},

		{rule: "a bool with a word for it", text: "turn it on", kind: "bool", raw: "true", want: "true", at: "on"},
		{rule: "a bool with the slot's name", text: "with s", kind: "bool", raw: "true", want: "true", at: "s"},
		{rule: "a bool without any", text: "do it", kind: "bool", raw: "false", want: "false"},
		{rule: "no bool", text: "do it", kind: "bool", raw: "maybe", refused: true},

		{rule: "a name as it is written", text: "is Machine1 up", kind: "machine", raw: "machine1", want: "machine1", at: "Machine1"},
		{rule: "a name by another name", text: "is the  Shop open", kind: "machine", raw: "web1", want: "web1", at: "the  Shop"},
		{rule: "a name given by another name", text: "is the shop open", kind: "machine", raw: "the shop", want: "web1", at: "the shop"},
		{rule: "a name that the message has not", text: "is the store open", kind: "machine", raw: "web1", want: "web1"},
		{rule: "a name that does not exist", text: "is web7 open", kind: "machine", raw: "web7", refused: true},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			o := options(t)
			o.Listed = func(kind string) bool { return kind != open }
			rd := reader{client(t, o), newMessage(tt.text)}
			var r reading
			err := rd.add(&r, nlu.Slot{Name: "s", Kind: tt.kind}, tt.raw)
			if tt.refused {
				if err == nil {
					t.Fatalf("%v was read from %q", r.intent.Slots, tt.text)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			v := r.intent.Slots[0]
			if v.Text != tt.want || tt.text[v.Start:v.End] != tt.at {
				t.Errorf("got %q at %q, want %q at %q", v.Text, tt.text[v.Start:v.End], tt.want, tt.at)
			}
			if asks := r.confirm != ""; asks != (tt.at == "") {
				t.Errorf("has to be confirmed: %v (%s)", asks, r.confirm)
			}
			if v.Known != (tt.kind == "machine") {
				t.Errorf("Known is %v", v.Known)
			}
		})
	}
}

func TestNumberWordsOfFourLanguages(t *testing.T) {
	for _, tt := range []struct{ words, ordinals string }{
		{"zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty twenty-one",
			"first second third fourth fifth sixth seventh eighth ninth tenth"},
		{"null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig einundzwanzig",
			"ersten zweiten dritten vierten fünften sechsten siebten achten neunten zehnten"},
		{"zéro one deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf vingt vingt-one",
			"première deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième"},
		{"cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte",
			"primera segunda tercera cuarta quinta sexta séptima octava novena décima"},
	} {
		for n, w := range strings.Fields(tt.words) {
			if got := spelled(strings.ToUpper(w), true); got != strconv.Itoa(n) {
				t.Errorf("%s is %s, want %d", w, got, n)
			}
		}
		for n, w := range strings.Fields(tt.ordinals) {
			if got := spelled(w, false); got != strconv.Itoa(n+1) {
				t.Errorf("%s is %s, want %d", w, got, n+1)
			}
		}
	}
	for i, w := range strings.Fields("dreißig vierzig cincuenta soixante seventy achtzig quatre-vingt-dix cien") {
		if got := spelled(w, false); got != strconv.Itoa(30+10*i) {
			t.Errorf("%s is %s", w, got)
		}
	}
	for _, w := range []string{"hundertundeins", "und", "twenty-twenty", "one-one", "a", "undzwanzig", "-"} {
		if n, ok := numeral(w); ok {
			t.Errorf("%s is %d", w, n)
		}
	}
}

func TestARestKeepsTheLettersOfThePerson(t *testing.T) {
	const text = "note A\u0308pfel"
	rd := reader{client(t, options(t)), newMessage(text)}
	var r reading
	if err := rd.add(&r, nlu.Slot{Name: "s", Kind: nlu.KindText, Rest: true}, "Äpfel"); err != nil {
		t.Fatal(err)
	}
	if got := r.intent.Slots[0].Text; got != "A\u0308pfel" {
		t.Errorf("got %q", got)
	}
}

func TestTwoValuesAreReadFromTwoPlaces(t *testing.T) {
	rd := reader{client(t, options(t)), newMessage("rename bob to bob")}
	var r reading
	for _, slot := range []string{"from", "to"} {
		if err := rd.add(&r, nlu.Slot{Name: slot}, "bob"); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := r.intent.Slots[0], r.intent.Slots[1]; a.Start == b.Start {
		t.Errorf("both at byte %d", a.Start)
	}
}

func TestWithoutAResolverNoNameIsKnown(t *testing.T) {
	o := options(t)
	o.Resolver = nil
	a := &answers{give: []func() (*http.Response, error){called("get-status", `{"machine":"web1"}`)}}
	o.Transport = a
	if got := brief(client(t, o).Ask(t.Context(), chat("how is web1"))); got != "nothing; near get-status" {
		t.Error(got)
	}
}

func TestTheScoreIsTheModelsCertainty(t *testing.T) {
	for arguments, want := range map[string]string{
		`{"certainty":"certain"}`: "list events 0.9",
		`{"certainty":"likely"}`:  "list events 0.7",
		`{"certainty":"unsure"}`:  "list events 0.5; ?",
		`{}`:                      "list events 0.7",
		`{"certainty":"1000%"}`:   "nothing; near list events",
		`{"certainty":true}`:      "nothing; near list events",
	} {
		o := options(t)
		o.Transport = &answers{give: []func() (*http.Response, error){called("list_events", arguments)}}
		if got := brief(client(t, o).Ask(t.Context(), chat("anything on?"))); got != want {
			t.Errorf("%s: got %s, want %s", arguments, got, want)
		}
	}
}

func FuzzMessage(f *testing.F) {
	f.Add("is the  Shop open?", "the shop")
	f.Add("nimm A\u0308pfel", "äpfel")
	f.Add("\u1100\u1161\u11a8 x", "각")
	f.Add("ŉ ß ẞ İ", "'n ss")
	f.Add("a\xff b", "\xff")
	f.Fuzz(func(t *testing.T, text, piece string) {
		m := newMessage(text)
		if len(m.from) != len(m.folded) || len(m.to) != len(m.folded) {
			t.Fatal("a byte has no place")
		}
		for _, w := range m.words {
			if w.start >= w.end || w.end > len(text) {
				t.Fatalf("no word: %v of %q", w, text)
			}
		}
		s := m.phrase(piece, nil)
		if s.none() {
			return
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(nlu.Fold(clean(s))), " ") }
		if got, want := squeeze(text[s.start:s.end]), squeeze(piece); got != want {
			t.Errorf("%q is not %q", got, want)
		}
	})
}
