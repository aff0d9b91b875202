package rules_test

import (
	"errors"
	"strings"
	"testing"

	"dragoman/nlu"
	"dragoman/nlu/rules"
)

// house is a set of commands with templates in four languages.
func house() []nlu.Command {
	machine := []nlu.Slot{{Name: "machine", Kind: "machine", Required: true}}
	return []nlu.Command{
		{Name: "get-status", Slots: machine, Say: map[string][]string{
			"en": {
				"[what is|what's|show me] [the] status of {machine}", "is {machine} (up|down|alive|running)",
				"{machine}'s status", "how (is|'s) {machine} [doing]",
			},
			"de": {"[wie ist|zeig mir] [der|den] (Status|Zustand) von {machine}", "läuft {machine} [noch]"},
			"fr": {"[quel est] l'état de {machine}", "est-ce que {machine} (tourne|marche)"},
			"es": {"[¿cuál es] el estado de {machine}?", "¿está {machine} (activa|caída)?"},
		}},
		{Name: "list machines", Say: map[string][]string{
			"en": {"(list|show) [me] [all] [the] machines", "(which|what) machines [are there|do you know]"},
			"de": {"(zeig|liste) [mir] [alle] [die] Maschinen [auf]"},
		}},
		{Name: "subscribe", Slots: machine, Say: map[string][]string{
			"en": {"subscribe me to {machine}", "tell me when {machine} (goes (down|up)|changes)"},
			"de": {"sag mir [Bescheid] wenn {machine} (ausfällt|abstürzt)"},
		}},
		{Name: "unsubscribe", Slots: machine, Say: map[string][]string{"en": {"(unsubscribe me|stop telling me) [from|about] {machine}"}}},
		{Name: "tell", Slots: []nlu.Slot{{Name: "person", Kind: "person"}, {Name: "text", Kind: nlu.KindText, Rest: true}},
			Say: map[string][]string{"en": {"(tell|write) [to] {person} [that] {text}", "say {text} to {person}"}}},
		{Name: "remind", Slots: []nlu.Slot{{Name: "in", Kind: nlu.KindDuration}, {Name: "text", Kind: nlu.KindText}},
			Say: map[string][]string{"en": {"remind me in {in} to {text}", "remind me to {text} in {in}"}}},
		{Name: "rsvp", Slots: []nlu.Slot{{Name: "event", Kind: nlu.KindInt}},
			Say: map[string][]string{"en": {"(i'll|i will|i) (come|be there) [to|for] [number|event] {event}"}}},
		{Name: "set volume", Slots: []nlu.Slot{{Name: "to", Kind: nlu.KindNumber}, {Name: "unit", Kind: nlu.KindWord}},
			Say: map[string][]string{"en": {"volume {to} [{unit}]"}}},
		{Name: "mute", Slots: []nlu.Slot{{Name: "on", Kind: nlu.KindBool}}, Say: map[string][]string{"en": {"mute: {on}"}}},
		{Name: "note", Slots: []nlu.Slot{{Name: "text", Kind: nlu.KindText}}, Say: map[string][]string{"en": {"note [down] that {text}"}}},
		{Name: "can you hear me", Say: map[string][]string{"en": {"can you hear me"}}},
	}
}

func known() *nlu.Gazetteer {
	g := new(nlu.Gazetteer)
	g.Set("machine", []string{"machine1", "Web 1", "db", "the big old server", "10.0.0.1", "O'Brien", "d'Artagnan", "John's box"})
	g.Set("person", []string{"John Doe", "Mary"})
	return g
}

func matcher(t testing.TB) *rules.Matcher {
	t.Helper()
	m, err := rules.New(house(), rules.Options{Resolver: known()})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// show writes an intent as "command slot=value ...".
func show(in nlu.Intent, sure bool) string {
	if !sure {
		return "-"
	}
	var b strings.Builder
	b.WriteString(in.Command)
	for _, v := range in.Slots {
		b.WriteString(" " + v.Slot + "=" + v.Text)
	}
	return b.String()
}

func TestParse(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"all optional words", "what is the status of machine1", "get-status machine=machine1"},
		{"no optional word", "status of machine1", "get-status machine=machine1"},
		{"alternative", "is machine1 alive", "get-status machine=machine1"},
		{"nested alternative", "tell me when db goes down", "subscribe machine=db"},
		{"nested alternative left out", "tell me when db goes", "tell person=me text=when db goes"},
		{"case", "WHAT IS The Status OF Machine1", "get-status machine=machine1"},
		{"marks around", "Is machine1 up?!", "get-status machine=machine1"},
		{"marks inside", "so, is (machine1) up?", "get-status machine=machine1"},
		{"mark apart", "is machine1 up ?", "get-status machine=machine1"},
		{"apostrophe", "what's the status of machine1", "get-status machine=machine1"},
		{"typographic apostrophe", "what’s the status of machine1", "get-status machine=machine1"},
		{"possessive", "machine1's status", "get-status machine=machine1"},
		{"possessive of a typographic kind", "machine1’s status", "get-status machine=machine1"},
		{"verb at an apostrophe", "how's db doing", "get-status machine=db"},
		{"elision", "l’état de machine1", "get-status machine=machine1"},
		{"inverted marks", "¿Está machine1 caída?", "get-status machine=machine1"},
		{"hyphens of a template", "est-ce que machine1 tourne ?", "get-status machine=machine1"},
		{"folding", "wie ist der ZUSTAND von machine1", "get-status machine=machine1"},
		{"decomposed", "la\u0308uft machine1 noch?", "get-status machine=machine1"},
		{"invisible characters", "sta\u200btus of machine1", "get-status machine=machine1"},
		{"emoji at the end", "is machine1 up 🙂🙏", "get-status machine=machine1"},

		{"proper spelling", "is WEB 1 up", "get-status machine=Web 1"},
		{"name of four tokens", "is the big old server up", "get-status machine=the big old server"},
		{"name with dots", "status of 10.0.0.1?", "get-status machine=10.0.0.1"},
		{"name with an apostrophe", "is o’brien up", "get-status machine=O'Brien"},
		{"name with an elision", "is d'artagnan up", "get-status machine=d'Artagnan"},
		{"name with a possessive", "is john's box up", "get-status machine=John's box"},
		{"unknown name is one word", "is nemo up", "get-status machine=nemo"},
		{"unknown names are not two words", "is captain nemo up", "-"},
		{"quoted unknown name", `is "captain nemo" up`, "get-status machine=captain nemo"},
		{"quoted known name", `is “web 1” up`, "get-status machine=Web 1"},
		{"quoted name with 's", `"captain nemo"'s status`, "get-status machine=captain nemo"},
		{"quoted words are no literals", `"status of" machine1`, "-"},

		{"please", "please list machines", "list machines"},
		{"could you", "hey bot, could you please show me all the machines, thanks!", "list machines"},
		{"German", "Hallo, kannst du mir bitte den Status von machine1 zeigen", "-"},
		{"German wrapper", "Hallo, kannst du bitte alle", "-"},
		{"German wrappers", "Hallo bot, zeig mir bitte", "-"},
		{"German request", "Moin, zeig mir alle Maschinen bitte", "list machines"},
		{"French request", "s’il te plaît, l’état de machine1, merci", "get-status machine=machine1"},
		{"Spanish request", "hola, por favor, el estado de machine1, gracias", "get-status machine=machine1"},
		{"politeness that is a template", "can you hear me", "can you hear me"},
		{"only politeness", "please", "-"},
		{"politeness is not in the value", "tell mary hello please", "tell person=Mary text=hello"},

		{"the command's own form", "please get-status machine1", "get-status machine=machine1"},
		{"its name in words", "could you get status machine1", "get-status machine=machine1"},
		{"its name alone", "please get-status", "get-status"},
		{"its name and a known name of words", "get-status web 1", "get-status machine=Web 1"},
		{"one word for a text that is not the rest", "please note two words", "-"},

		{"text", "tell John Doe that lunch is ready.", "tell person=John Doe text=lunch is ready"},
		{"text in the middle", "say hello, my friend to Mary", "tell text=hello, my friend person=Mary"},
		{"text is never empty", "note down that", "-"},
		{"text of one quoted run", `note that "a b."`, "note text=a b."},
		{"text with a quoted run", `note that "a b" c`, `note text="a b" c`},
		{"text keeps what it holds", "note that  it's  10.5,  ok?", "note text=it's  10.5,  ok"},
		{"duration", "remind me in 15m to stretch", "remind in=15m text=stretch"},
		{"duration of two tokens", "remind me in 15 minutes to stretch", "remind in=15m0s text=stretch"},
		{"typed slot decides where a text ends", "remind me to look in the oven in 2h", "remind text=look in the oven in=2h"},
		{"int", "I'll come to number 3!", "rsvp event=3"},
		{"no int", "i'll come to dinner", "-"},
		{"number", "volume 3,5 percent", "set volume to=3.5 unit=percent"},
		{"bool", "mute yes", "mute on=true"},

		{"one word more", "is machine1 up today", "-"},
		{"chatter", "the weather is up to no good", "-"},
		{"empty", "", "-"},
		{"marks", "?!", "-"},
	}
	m := matcher(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, sure := m.Parse(tt.text, "en", nil)
			if got := show(in, sure); got != tt.want {
				t.Errorf("%q\n got %s (%s)\nwant %s", tt.text, got, in.Why, tt.want)
			}
			if sure && (in.Stage != rules.Name || in.Why == "" || in.Score <= 0 || in.Score > 1) {
				t.Errorf("stage %q, why %q, score %v", in.Stage, in.Why, in.Score)
			}
		})
	}
}

func TestAKnownNameIsCertainAndAnUnknownOneIsNot(t *testing.T) {
	m := matcher(t)
	a, _ := m.Parse("is db up", "en", nil)
	b, _ := m.Parse("is nemo up", "en", nil)
	if a.Score != 1 || !a.Slots[0].Known {
		t.Errorf("known: score %v, %+v", a.Score, a.Slots)
	}
	if b.Score >= 1 || b.Score < 0.5 || b.Slots[0].Known {
		t.Errorf("unknown: score %v, %+v", b.Score, b.Slots)
	}
}

func TestANameIsKnownAsSoonAsItIsAdded(t *testing.T) {
	g := new(nlu.Gazetteer)
	m, err := rules.New(house(), rules.Options{Resolver: g})
	if err != nil {
		t.Fatal(err)
	}
	if _, sure := m.Parse("is captain nemo up", "en", nil); sure {
		t.Fatal("matched before it was added")
	}
	g.Add("machine", "Captain Nemo", "nemo")
	for _, text := range []string{"is captain nemo up", "is NEMO up"} {
		if in, _ := m.Parse(text, "en", nil); in.Slots.Get("machine") != "Captain Nemo" {
			t.Errorf("%q: %+v", text, in)
		}
	}
	g.Remove("machine", "Captain Nemo")
	if in, sure := m.Parse("is captain nemo up", "en", nil); sure {
		t.Errorf("still matched: %+v", in)
	}
}

func TestWithoutAResolverEveryNameIsOneUnknownWord(t *testing.T) {
	m, err := rules.New(house(), rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in, sure := m.Parse("is db up", "en", nil)
	if !sure || in.Score >= 1 || in.Slots.Get("machine") != "db" {
		t.Errorf("%v %+v", sure, in)
	}
}

func TestSpansAreThoseOfTheText(t *testing.T) {
	text := `Please tell  "John Doe" that it's  late!`
	in, sure := matcher(t).Parse(text, "en", nil)
	if !sure || len(in.Slots) != 2 {
		t.Fatalf("%v %+v", sure, in)
	}
	for i, want := range []string{`"John Doe"`, "it's  late"} {
		if got := text[in.Slots[i].Start:in.Slots[i].End]; got != want {
			t.Errorf("slot %d: %q, want %q", i, got, want)
		}
	}
}

func TestTiesHaveOneWinner(t *testing.T) {
	thing := []nlu.Slot{{Name: "thing", Kind: nlu.KindWord}, {Name: "text", Kind: nlu.KindText}, {Name: "n", Kind: nlu.KindInt}, {Name: "m", Kind: "machine"}}
	say := func(name string, templates ...string) nlu.Command {
		return nlu.Command{Name: name, Slots: thing, Say: map[string][]string{"en": templates}}
	}
	tests := []struct {
		name string
		cmds []nlu.Command
		text string
		want string
	}{
		{"more literal words", []nlu.Command{say("a", "open {thing} {m}"), say("b", "open the {m}")}, "open the x", "b m=x"},
		{"a known name counts as literal", []nlu.Command{say("a", "open {text}"), say("b", "open {m}")}, "open db", "b m=db"},
		{"a typed value before a word", []nlu.Command{say("a", "open {thing}"), say("b", "open {n}")}, "open 5", "b n=5"},
		{"a word before a text", []nlu.Command{say("a", "open {text}"), say("b", "open {thing}")}, "open x", "b thing=x"},
		{"certain before unknown", []nlu.Command{say("a", "open {m}"), say("b", "open {thing}")}, "open x", "b thing=x"},
		{"the longer template", []nlu.Command{say("a", "open {text}"), say("b", "open {thing} {text}")}, "open x y", "b thing=x text=y"},
		{"the first by name", []nlu.Command{say("b", "open it"), say("a", "open it")}, "open it", "a"},
	}
	for _, tt := range tests {
		m, err := rules.New(tt.cmds, rules.Options{Resolver: known()})
		if err != nil {
			t.Fatal(err)
		}
		if got := show(m.Parse(tt.text, "en", nil)); got != tt.want {
			t.Errorf("%s: %q is %s, want %s", tt.name, tt.text, got, tt.want)
		}
	}
}

func TestTheLanguageDecidesATie(t *testing.T) {
	cmds := []nlu.Command{
		{Name: "a", Say: map[string][]string{"en": {"status bitte zeigen"}}},
		{Name: "b", Say: map[string][]string{"de": {"status bitte zeigen"}}},
	}
	m, err := rules.New(cmds, rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{"en": "a", "de": "b", "": "a", "fr": "a"} {
		if in, _ := m.Parse("Status bitte zeigen", lang, nil); in.Command != want {
			t.Errorf("%q: %s, want %s", lang, in.Command, want)
		}
	}
}

func TestTemplateErrorsSayWhereAndWhatIsExpected(t *testing.T) {
	tests := []struct {
		template string
		column   int
		want     string
	}{
		{"", 1, "a word or a slot"},
		{"   ", 4, "a word or a slot"},
		{"[status", 8, "| or ]"},
		{"(up|down", 9, "| or )"},
		{"(up]", 4, "| or )"},
		{"up)", 3, `not ")"`},
		{"a | b", 3, `not "|"`},
		{"(a|)", 4, "a word or a slot"},
		{"[] a", 2, "a word or a slot"},
		{"status {machine", 16, "}"},
		{"status {}", 9, "the name of a slot"},
		{"status }", 8, "{ before }"},
		{"status of {server}", 11, "a slot of the command ({machine}, {text}), not {server}"},
		{"{machine} and {machine}", 15, "another slot: {machine} is filled already"},
		{"status{machine}", 7, `a space before "{"`},
		{"{machine}up", 10, `a space before "u"`},
		{"[the]status", 6, `a space before "s"`},
		{"[status]", 1, "not optional"},
		{"[please] {text}", 1, "matches any text"},
		{"{machine} {text}", 1, "matches any text"},
		{"([a] {text}|b)", 1, "matches any text"},
		{"?", 2, "a word or a slot"},
		{strings.Repeat("(", 17) + "a" + strings.Repeat(")", 17), 18, "no more than 16 brackets"},
		{strings.Repeat("a ", 129), 258, "at most 128 words"},
		{strings.Repeat("a", 65), 66, "at most 64 bytes"},
		{strings.Repeat("a ", 1500), 2001, "split the template"},
	}
	slots := []nlu.Slot{{Name: "machine", Kind: "machine"}, {Name: "text", Kind: nlu.KindText}}
	for _, tt := range tests {
		_, err := rules.New([]nlu.Command{{Name: "c", Slots: slots, Say: map[string][]string{"en": {tt.template}}}}, rules.Options{})
		var te *rules.TemplateError
		if !errors.As(err, &te) {
			t.Errorf("%q: error %v", tt.template, err)
			continue
		}
		if te.Column != tt.column || !strings.Contains(te.Want, tt.want) || te.Command != "c" || te.Lang != "en" || te.Template != tt.template {
			t.Errorf("%q\n got column %d: %s\nwant column %d: %s", tt.template, te.Column, te.Want, tt.column, tt.want)
		}
	}
}

func TestNewReportsEveryWrongTemplate(t *testing.T) {
	_, err := rules.New([]nlu.Command{
		{Name: "a", Say: map[string][]string{"en": {"(", "ok", "x {y}"}}},
		{Name: "b", Say: map[string][]string{"de": {"["}}},
	}, rules.Options{})
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Fatalf("want three errors, got %v", err)
	}
	want := `rules: template "x {y}" of a (en): column 3: expected no slot (the command has none), not {y}`
	if !strings.Contains(err.Error(), want) {
		t.Errorf("%v\nlacks %s", err, want)
	}
}

func TestEscapedBracketsAreWords(t *testing.T) {
	m, err := rules.New([]nlu.Command{{Name: "c", Say: map[string][]string{"en": {`say \{x\}`}}}}, rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := show(m.Parse("say {x}", "", nil)); got != "c" {
		t.Errorf("got %s", got)
	}
}

func TestLint(t *testing.T) {
	machine := []nlu.Slot{{Name: "m", Kind: "machine"}}
	server := []nlu.Slot{{Name: "server", Kind: "machine"}, {Name: "word"}}
	findings := rules.Lint([]nlu.Command{
		{Name: "a", Slots: machine, Say: map[string][]string{"en": {"[the] status of {m}", "", "x {n}", "status of {m}"}}},
		{Name: "b", Slots: server, Say: map[string][]string{"de": {"(Status|state) of {server}", "status of {word}"}}},
	})
	want := []string{
		`template "" of a (en): is empty`,
		`template "x {n}" of a (en): column 3: expected a slot of the command ({m}), not {n}`,
		`template "status of {m}" of a (en): says "status of {machine}", which "[the] status of {m}" (en) says already`,
		`template "(Status|state) of {server}" of b (de): says "status of {machine}", which "[the] status of {m}" of a (en) says too: messages go to the one that is first by name`,
	}
	var got []string
	for _, f := range findings {
		got = append(got, f.String())
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if f := rules.Lint(house()); len(f) > 0 {
		t.Errorf("the house has findings: %v", f)
	}
}
