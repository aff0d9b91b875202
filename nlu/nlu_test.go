package nlu_test

import (
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"dragoman/nlu"
)

// stage is a Stage that answers from a table.
type stage struct {
	name    string
	sure    map[string]nlu.Intent
	unsure  map[string]nlu.Intent
	nearest []string
}

func (s *stage) Name() string { return s.name }

func (s *stage) Parse(text, _ string, _ nlu.Values) (nlu.Intent, bool) {
	if in, ok := s.sure[text]; ok {
		in.Stage = s.name
		return in, true
	}
	in := s.unsure[text]
	in.Stage = s.name
	return in, false
}

func (s *stage) Nearest(string, string) []string { return s.nearest }

var commands = []nlu.Command{
	{Name: "a", Slots: []nlu.Slot{{Name: "x", Required: true}, {Name: "y", Default: "why"}}},
	{Name: "b"}, {Name: "c"}, {Name: "d"},
}

func chain(t *testing.T, stages ...nlu.Stage) *nlu.Chain {
	t.Helper()
	c, err := nlu.New(commands, nlu.Options{}, stages...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheFirstSureStageDecides(t *testing.T) {
	one := &stage{name: "one", sure: map[string]nlu.Intent{"t": {Command: "a"}}, unsure: map[string]nlu.Intent{"u": {Command: "a", Score: 0.9}}}
	two := &stage{name: "two", sure: map[string]nlu.Intent{"t": {Command: "b"}, "u": {Command: "b"}}}
	c := chain(t, one, two)
	if in, miss := c.Parse("t", ""); miss != nil || in.Command != "a" || in.Stage != "one" {
		t.Errorf("t: %+v %+v", in, miss)
	}
	if in, miss := c.Parse("u", ""); miss != nil || in.Command != "b" || in.Stage != "two" {
		t.Errorf("u: %+v %+v", in, miss)
	}
}

func TestDefaultsFillAbsentSlots(t *testing.T) {
	c := chain(t, &stage{sure: map[string]nlu.Intent{
		"none":  {Command: "a"},
		"given": {Command: "a", Slots: nlu.Values{{Slot: "y", Text: "z"}}},
	}})
	in, _ := c.Parse("none", "")
	if _, there := in.Slots.Lookup("x"); there || in.Slots.Get("y") != "why" {
		t.Errorf("%+v", in.Slots)
	}
	if in, _ := c.Parse("given", ""); in.Slots.Get("y") != "z" || len(in.Slots) != 1 {
		t.Errorf("%+v", in.Slots)
	}
}

func TestUsageYieldsToALaterSureStage(t *testing.T) {
	usage := nlu.Intent{Command: "a", Usage: &nlu.Usage{Problem: nlu.TooMany, Command: "a"}}
	c := chain(t,
		&stage{name: "one", unsure: map[string]nlu.Intent{"t": usage, "u": usage}},
		&stage{name: "two", sure: map[string]nlu.Intent{"u": {Command: "b"}}, unsure: map[string]nlu.Intent{"t": {Command: "c"}}})
	if in, miss := c.Parse("t", ""); miss != nil || in.Usage == nil || in.Stage != "one" {
		t.Errorf("nobody is sure: %+v %+v", in, miss)
	}
	if in, miss := c.Parse("u", ""); miss != nil || in.Usage != nil || in.Command != "b" {
		t.Errorf("the second is sure: %+v %+v", in, miss)
	}
}

func TestAMissOffersAtMostThreeKnownCommandsTheLikeliestFirst(t *testing.T) {
	c := chain(t,
		&stage{unsure: map[string]nlu.Intent{"t": {Command: "d", Score: 0.2}}, nearest: []string{"gone", "b", "c"}},
		&stage{unsure: map[string]nlu.Intent{"t": {Command: "c", Score: 0.4}}, nearest: []string{"a"}})
	in, miss := c.Parse("t", "")
	if miss == nil || in.Command != "" || strings.Join(miss.Nearest, " ") != "c d b" || miss.Why == "" {
		t.Errorf("%+v %+v", in, miss)
	}
}

func TestAStageMayNotInventCommands(t *testing.T) {
	c := chain(t, &stage{sure: map[string]nlu.Intent{"t": {Command: "rm"}}})
	if in, miss := c.Parse("t", ""); miss == nil {
		t.Errorf("%+v", in)
	}
}

func TestWhatIsTooLongIsAMiss(t *testing.T) {
	long := strings.Repeat("t", nlu.MaxText+1)
	c := chain(t, &stage{sure: map[string]nlu.Intent{long: {Command: "a"}}})
	if _, miss := c.Parse(long, ""); miss == nil || !strings.Contains(miss.Why, "too long") {
		t.Errorf("%+v", miss)
	}
	if v := c.Explain(long, ""); len(v) != 0 {
		t.Errorf("%+v", v)
	}
}

func TestExplainAsksEveryStage(t *testing.T) {
	c := chain(t,
		&stage{name: "one", sure: map[string]nlu.Intent{"t": {Command: "a"}}},
		&stage{name: "two", unsure: map[string]nlu.Intent{"t": {Command: "b"}}})
	v := c.Explain("t", "")
	if len(v) != 2 || !v[0].Sure || v[1].Sure || v[0].Stage != "one" || v[1].Intent.Command != "b" {
		t.Errorf("%+v", v)
	}
}

func TestNewRefusesCommandsThatContradictThemselves(t *testing.T) {
	tests := []struct {
		cmds []nlu.Command
		want string
	}{
		{[]nlu.Command{{Name: "a"}, {Name: "a"}}, "two commands"},
		{[]nlu.Command{{Name: "\u200b"}}, "no name"},
		{[]nlu.Command{{Name: "a", Slots: []nlu.Slot{{}}}}, "slot 1"},
		{[]nlu.Command{{Name: "a", Slots: []nlu.Slot{{Name: "x"}, {Name: "X"}}}}, "two slots"},
		{[]nlu.Command{{Name: "a", Slots: []nlu.Slot{{Name: "x", Rest: true}, {Name: "y"}}}}, "the last"},
	}
	for _, tt := range tests {
		if _, err := nlu.New(tt.cmds, nlu.Options{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: error %v, want %q", tt.cmds, err, tt.want)
		}
	}
}

func TestFold(t *testing.T) {
	tests := []struct{ s, want string }{
		{"Get-Status", "get-status"},
		{"STRASSE", "strasse"}, {"Straße", "strasse"}, {"STRAẞE", "strasse"},
		{"ÀÉÎÕÜ", "àéîõü"}, {"E\u0301", "é"}, {"ΣΊΣΥΦΟΣ", "σίσυφοσ"}, {"Привет", "привет"},
		{"don’t", "don't"}, {"get\u2011status", "get-status"},
		{"a\u200bb\u202ec\u00add\ufeff", "abcd"}, {"e\u200d\u0301", "é"},
		{"\xff", "\uFFFD"}, {"Ꮎꮎ", "ᎾᎾ"}, {"ŉ", "'n"},
	}
	for _, tt := range tests {
		if got := nlu.Fold(tt.s); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.s, got, tt.want)
		}
	}
}

func TestFoldingTwiceIsFoldingOnceForEveryCharacter(t *testing.T) {
	for r := rune(0x80); r < 0x20000; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		if once := nlu.Fold(string(r)); nlu.Fold(once) != once {
			t.Errorf("%U folds to %q, and that to %q", r, once, nlu.Fold(once))
		}
	}
}

func TestKey(t *testing.T) {
	for _, s := range []string{"get-status", "GET STATUS", " get \t-  status ", "get–status", "get\u00a0status"} {
		if got := nlu.Key(s); got != "get status" {
			t.Errorf("%q: %q", s, got)
		}
	}
}

func TestDistance(t *testing.T) {
	tests := []struct {
		a, b        string
		limit, want int
	}{
		{"", "", 0, 0}, {"same", "same", 0, 0}, {"a", "b", 0, 1}, {"a", "", 3, 1},
		{"status", "statsu", 3, 1}, {"status", "satus", 3, 1}, {"status", "sttatus", 3, 1}, {"status", "stetus", 3, 1},
		{"ca", "abc", 5, 3}, // the optimal alignment; unrestricted it would be 2
		{"kitten", "sitting", 3, 3}, {"kitten", "sitting", 2, 3}, {"größe", "grösse", 3, 2},
		{strings.Repeat("a", 65), strings.Repeat("a", 64), 3, 4}, // too long to be a typo
	}
	for _, tt := range tests {
		if got := nlu.Distance(tt.a, tt.b, tt.limit); got != tt.want {
			t.Errorf("%q %q: %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := nlu.Distance(tt.b, tt.a, tt.limit); got != tt.want {
			t.Errorf("%q %q: %d, want %d", tt.b, tt.a, got, tt.want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"web1", "web2", "mail", "Mail", "database"}
	tests := []struct{ written, want string }{
		{"wbe1", "web1"}, {"web", "web1 web2"}, {"databse", "database"}, {"MAIL", "Mail mail"}, {"xyz", ""}, {"", ""},
	}
	for _, tt := range tests {
		if got := strings.Join(nlu.Nearest(tt.written, names, 2), " "); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.written, got, tt.want)
		}
	}
}

func TestCanon(t *testing.T) {
	const no = "-"
	tests := []struct{ kind, text, want string }{
		{nlu.KindInt, "12", "12"}, {nlu.KindInt, "+5", "5"}, {nlu.KindInt, "-3", "-3"}, {nlu.KindInt, "1.5", no},
		{nlu.KindInt, "++1", no}, {nlu.KindInt, "9223372036854775808", no}, {nlu.KindInt, "-", no}, {nlu.KindInt, "", no}, {nlu.KindInt, "1_000", no},
		{nlu.KindNumber, "3.5", "3.5"}, {nlu.KindNumber, "3,5", "3.5"}, {nlu.KindNumber, "+1", "1"}, {nlu.KindNumber, "1,000", no},
		{nlu.KindNumber, "1.000,5", no}, {nlu.KindNumber, "NaN", no}, {nlu.KindNumber, "0x10", no}, {nlu.KindNumber, ".", no},
		{nlu.KindNumber, strings.Repeat("9", 400), no},
		{nlu.KindBool, "YES", "true"}, {nlu.KindBool, "Sí", "true"}, {nlu.KindBool, "off", "false"}, {nlu.KindBool, "maybe", no},
		{nlu.KindDuration, "15m", "15m"}, {nlu.KindDuration, "1h30m", "1h30m"}, {nlu.KindDuration, "2d", "48h0m0s"},
		{nlu.KindDuration, "15 Minuten", "15m0s"}, {nlu.KindDuration, "1,5 heures", "1h30m0s"}, {nlu.KindDuration, "1 day 2 hours", "26h0m0s"},
		{nlu.KindDuration, "-5m", no}, {nlu.KindDuration, "15", no}, {nlu.KindDuration, "soon", no}, {nlu.KindDuration, "999999999w", no},
		{nlu.KindDuration, "2 months", no}, {nlu.KindDuration, "1..5h", no},
		{nlu.KindWord, "x", "x"}, {"machine", "x", "x"}, {"", "x", "x"}, {nlu.KindText, "", no},
	}
	for _, tt := range tests {
		got, ok := nlu.Canon(tt.kind, tt.text)
		if !ok {
			got = no
		}
		if got != tt.want {
			t.Errorf("%s %q: %q, want %q", tt.kind, tt.text, got, tt.want)
		}
	}
}

func TestResolvers(t *testing.T) {
	g := new(nlu.Gazetteer)
	if _, ok := g.Resolve("machine", "web"); ok {
		t.Error("an empty gazetteer knows a name")
	}
	g.Add("machine", "Web 1", "www")
	g.Add("machine", "db-1")
	g.Add("room", "")
	list := nlu.KnownFunc(func(kind string) []string { return g.Names(kind) })
	for _, tt := range []struct {
		kind, name, want string
	}{
		{"machine", "web  1", "Web 1"}, {"machine", "WEB\t1", "Web 1"}, {"machine", "db-1", "db-1"}, {"machine", "db 1", ""},
		{"room", "web 1", ""}, {"room", "", ""}, {"machine", "", ""}, {"machine", "web", ""},
	} {
		for i, r := range []nlu.Resolver{g, list} {
			if got, ok := r.Resolve(tt.kind, tt.name); got != tt.want || ok != (tt.want != "") {
				t.Errorf("%d: %s %q: %q %v, want %q", i, tt.kind, tt.name, got, ok, tt.want)
			}
		}
	}
	if got, _ := g.Resolve("machine", "WWW"); got != "Web 1" {
		t.Errorf("another spelling: %q", got)
	}
	if got := strings.Join(g.Names("machine"), ","); got != "Web 1,db-1" {
		t.Errorf("names: %q", got)
	}
	g.Remove("machine", "Web 1")
	if _, ok := g.Resolve("machine", "www"); ok {
		t.Error("a removed name is known by another spelling")
	}
	g.Set("machine", []string{"new", " "})
	if got := strings.Join(g.Names("machine"), ","); got != "new" {
		t.Errorf("after Set: %q", got)
	}
}

func TestScanner(t *testing.T) {
	tests := []struct{ text, want string }{
		{"a  b\tc\n", "a|b|c"},
		{`"a b" c`, "a b/q|c"},
		{`"a b"c`, "a b/q|c"},
		{`x="a b" y`, "x→a b/q|y"},
		{`x=a\ b`, "x=a b"},
		{`'don't' 'x`, "don't/q|'x/o"},
		{`"a\"b\\" c\d`, `a"b\/q|c\d`},
		{"„a b“ ‚c d‘ »e f« ‹g h›", "a b/q|c d/q|e f/q|g h/q"},
		{`"" x`, "/q|x"},
		{`a"b c"d`, `a"b|c"d`},
		{"", ""},
	}
	for _, tt := range tests {
		var got []string
		s := nlu.NewScanner(tt.text, 0)
		for w, ok := s.Next(); ok; w, ok = s.Next() {
			x := w.Text
			if w.Key != "" {
				x = w.Key + "→" + x
			}
			if w.Quoted {
				x += "/q"
			}
			if w.Open != 0 {
				x += "/o"
			}
			got = append(got, x)
		}
		if strings.Join(got, "|") != tt.want {
			t.Errorf("%s: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestCutKeepsRunesWhole(t *testing.T) {
	for n := range 60 {
		got := nlu.Cut(strings.Repeat("é", n))
		if !utf8.ValidString(got) || len(got) > 40 {
			t.Errorf("%d: %q", n, got)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Get-Status", "Straße", "e\u0301", "\u1fb3\u0301", "ΐ", "İ", "ŉ", "\xff", "a\u00adb", "ǰ\u0323"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := nlu.Fold(s)
		if !utf8.ValidString(once) {
			t.Fatalf("%q folds to %q", s, once)
		}
		if twice := nlu.Fold(once); twice != once {
			t.Fatalf("%q folds to %q, and that to %q", s, once, twice)
		}
		if key := nlu.Key(s); nlu.Key(key) != key {
			t.Fatalf("%q has the key %q, and that %q", s, key, nlu.Key(key))
		}
	})
}

func FuzzCanon(f *testing.F) {
	for _, s := range []string{"5", "3,5", "ja", "15 minutes", "1h30m", "1,000", "2d 3h", "0s", "1e5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, ok := nlu.Canon(nlu.KindInt, s); ok {
			if _, err := strconv.ParseInt(v, 10, 64); err != nil {
				t.Fatal(err)
			}
		}
		if v, ok := nlu.Canon(nlu.KindNumber, s); ok {
			if _, err := strconv.ParseFloat(v, 64); err != nil {
				t.Fatal(err)
			}
		}
		if v, ok := nlu.Canon(nlu.KindBool, s); ok {
			if _, err := strconv.ParseBool(v); err != nil {
				t.Fatal(err)
			}
		}
		if v, ok := nlu.Canon(nlu.KindDuration, s); ok {
			if d, err := time.ParseDuration(v); err != nil || d < 0 {
				t.Fatalf("%q: %q is %v, %v", s, v, d, err)
			}
		}
	})
}

func BenchmarkFold(b *testing.B) {
	for _, s := range []string{"Get-Status machine1", "Größe für alle", "Привет"} {
		b.Run(s, func(b *testing.B) {
			var buf [64]byte
			b.ReportAllocs()
			for b.Loop() {
				nlu.AppendFold(buf[:0], s)
			}
		})
	}
}

func BenchmarkGazetteer(b *testing.B) {
	g := new(nlu.Gazetteer)
	for i := range 10000 {
		g.Add("machine", "machine"+strconv.Itoa(i))
	}
	b.ReportAllocs()
	for b.Loop() {
		g.Resolve("machine", "Machine5000")
	}
}
func BenchmarkChain(b *testing.B) {
	c := exampleChain()
	for _, text := range []string{"get-status machine1", "is machine1 up?", "good morning everybody"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Parse(text, "en")
			}
		})
	}
}
