package rules_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"dragoman/nlu"
	"dragoman/nlu/rules"
)

// fill replaces the slots of a sentence by values and returns the message and
// the values that have to come back.
func fill(r *rand.Rand, words []string, slots []nlu.Slot) (string, map[string]string) {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	values := make(map[string]string)
	var b strings.Builder
	for _, w := range words {
		name, isSlot := strings.CutPrefix(w, "{")
		if isSlot {
			name = strings.TrimSuffix(name, "}")
			c := nlu.Command{Slots: slots}
			s, _ := c.Slot(name)
			switch s.Kind {
			case nlu.KindText:
				w = pick("xylophone", "zebras and quokkas", "10.5 of these, i think", "it's fine")
			case nlu.KindInt:
				w = pick("3", "-12", "2000")
			case nlu.KindNumber:
				w = pick("3.5", "7")
			case nlu.KindBool:
				w = pick("true", "false")
			case nlu.KindDuration:
				w = pick("15m", "1h30m")
			case "person":
				w = pick("John Doe", "Mary", "zoe")
			case "machine":
				w = pick("machine1", "Web 1", "the big old server", "nemo", "10.0.0.1", "d'Artagnan")
			default:
				w = pick("quagga", "x-1", "o'neill")
			}
			values[name] = w
			if strings.Contains(w, " ") && s.Kind == "" {
				w = `"` + w + `"`
			}
		}
		if b.Len() > 0 && !strings.HasPrefix(w, "'") {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String(), values
}

// equal reports whether the slots are exactly those values.
func equal(v nlu.Values, want map[string]string) bool {
	if len(v) != len(want) {
		return false
	}
	for name, text := range want {
		if v.Get(name) != text {
			return false
		}
	}
	return true
}

// decorate writes a message as somebody in a hurry or a good mood would.
func decorate(r *rand.Rand, text string) string {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	return pick("", "", "please ", "hey bot, ", "Could you ", "bitte ") + text + pick("", "", "?", "!!", " please", ", thanks!", " 🙂")
}

func TestEverySentenceOfATemplateParsesBack(t *testing.T) {
	m := matcher(t)
	r := rand.New(rand.NewPCG(3, 4))
	n := 0
	for _, c := range house() {
		for lang, templates := range c.Say {
			for _, source := range templates {
				sentences, err := rules.Expand(source, 1000)
				if err != nil {
					t.Fatal(err)
				}
				for _, words := range sentences {
					for range 5 {
						n++
						text, want := fill(r, words, c.Slots)
						text = decorate(r, text)
						in, sure := m.Parse(text, lang, nil)
						if !sure || in.Command != c.Name || !equal(in.Slots, want) {
							t.Errorf("%q of %q is %s, want %s %v", text, source, show(in, sure), c.Name, want)
						}
					}
				}
			}
		}
	}
	if n < 500 {
		t.Errorf("only %d sentences were tried", n)
	}
}

// template writes a random valid template whose words are of a command alone.
type generator struct {
	r     *rand.Rand
	name  string
	free  []string // slots that are not used yet
	words int
}

func (g *generator) sequence(depth int) string {
	var parts []string
	for range 1 + g.r.IntN(3) {
		parts = append(parts, g.item(depth))
	}
	return strings.Join(parts, " ")
}

func (g *generator) item(depth int) string {
	switch k := g.r.IntN(6); {
	case k == 0 && depth > 0:
		return "[" + g.alternatives(depth-1) + "]"
	case k == 1 && depth > 0:
		return "(" + g.alternatives(depth-1) + ")"
	case k == 2 && len(g.free) > 0:
		s := g.free[0]
		g.free = g.free[1:]
		return g.word() + " {" + s + "}" // a word before, so that no two texts touch
	}
	return g.word()
}

func (g *generator) alternatives(depth int) string {
	var parts []string
	for range 1 + g.r.IntN(3) {
		parts = append(parts, g.sequence(depth))
	}
	return strings.Join(parts, "|")
}

func (g *generator) word() string {
	g.words++
	return fmt.Sprintf("%sw%d", g.name, g.words)
}

func TestEverySentenceOfRandomTemplatesParsesBack(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	slots := []nlu.Slot{
		{Name: "machine", Kind: "machine"}, {Name: "text", Kind: nlu.KindText}, {Name: "n", Kind: nlu.KindInt},
		{Name: "word"}, {Name: "in", Kind: nlu.KindDuration}, {Name: "person", Kind: "person"},
	}
	for range 30 {
		var cmds []nlu.Command
		for i := range 20 {
			c := nlu.Command{Name: fmt.Sprintf("c%d", i), Slots: slots, Say: map[string][]string{}}
			for len(c.Say["en"]) < 3 {
				g := generator{r: r, name: c.Name + string(rune('a'+len(c.Say["en"])))}
				for _, s := range slots {
					g.free = append(g.free, s.Name)
				}
				r.Shuffle(len(g.free), func(i, j int) { g.free[i], g.free[j] = g.free[j], g.free[i] })
				if s := g.sequence(3); rules.Valid(s, slots) {
					c.Say["en"] = append(c.Say["en"], s)
				}
			}
			cmds = append(cmds, c)
		}
		m, err := rules.New(cmds, rules.Options{Resolver: known()})
		if err != nil {
			t.Fatal(err)
		}
		if f := rules.Lint(cmds); len(f) > 0 {
			t.Fatalf("different words, and yet: %v", f)
		}
		for _, c := range cmds {
			for _, source := range c.Say["en"] {
				sentences, err := rules.Expand(source, 50)
				if err != nil {
					t.Fatal(err)
				}
				for _, words := range sentences {
					text, want := fill(r, words, slots)
					text = decorate(r, text)
					in, sure := m.Parse(text, "en", nil)
					if !sure || in.Command != c.Name || !equal(in.Slots, want) {
						t.Fatalf("%q of %q is %s, want %s %v", text, source, show(in, sure), c.Name, want)
					}
				}
			}
		}
	}
}

// big returns a set of at least 150 templates.
func big(t testing.TB) *rules.Matcher {
	t.Helper()
	cmds := house()
	verbs := []string{"open", "close", "start", "stop", "restart", "move", "copy", "count", "rename", "archive"}
	things := []string{"ticket", "invoice", "meeting", "report", "project", "contract"}
	for _, v := range verbs {
		for _, th := range things {
			cmds = append(cmds, nlu.Command{
				Name:  v + " " + th,
				Slots: []nlu.Slot{{Name: "n", Kind: nlu.KindInt}, {Name: "machine", Kind: "machine"}},
				Say: map[string][]string{"en": {
					fmt.Sprintf("[i (want|need|have) to] %s [the|a|this] %s [number] {n} [on {machine}]", v, th),
					fmt.Sprintf("(what is|what's|show me) [the] %s to %s on {machine}", th, v),
				}},
			})
		}
	}
	m, err := rules.New(cmds, rules.Options{Resolver: known()})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAMessageIsTriedOnFewTemplates(t *testing.T) {
	m := big(t)
	for _, text := range []string{"what is the status of machine1", "what's the invoice to close on db", "good morning everybody"} {
		tried, all := m.Tried(text)
		if all < 150 || tried > all/5 {
			t.Errorf("%q is tried on %d of %d templates", text, tried, all)
		}
	}
}

func TestLongInputsTakeLinearTime(t *testing.T) {
	m := big(t)
	for _, piece := range []string{
		"a ", "please ", "status of ", "tell ", "tell mary ", "to ", "in ", "'a ", `"`, "“", "l'", "'s ", "'s", "?", "🙂 ",
		"\u200b", "e\u0301", "\xff", "note that ", "x'", "rock'n'", "that",
	} {
		for _, head := range []string{"", "tell mary ", "note that ", "remind me to "} {
			text := head + strings.Repeat(piece, nlu.MaxText/len(piece))
			begin := time.Now()
			m.Parse(text, "en", nil)
			if d := time.Since(begin); d > 5*time.Second { // quadratic time would be minutes
				t.Errorf("%q and %d times %q took %v", head, nlu.MaxText/len(piece), piece, d)
			}
		}
	}
}

// A regexp engine that backtracks takes forever on these.
func TestNestedOptionalsDoNotBlowUp(t *testing.T) {
	deep := strings.Repeat("[a ", 15) + "b" + strings.Repeat("]", 15)
	wide := strings.Repeat("[a] ", 100)
	m, err := rules.New([]nlu.Command{{Name: "c", Slots: []nlu.Slot{{Name: "t", Kind: nlu.KindText}}, Say: map[string][]string{
		"en": {deep + " end", wide + "end", wide + "{t} [a] end"},
	}}}, rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	for _, tail := range []string{" b", " end", ""} {
		for n := 0; n < 200; n += 20 {
			m.Parse(strings.Repeat("a ", n)+tail, "en", nil)
		}
	}
	if d := time.Since(begin); d > 5*time.Second {
		t.Errorf("30 messages took %v", d)
	}
}

func TestManyGoroutinesParseAtOnce(t *testing.T) {
	m := matcher(t)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 500 {
				want := fmt.Sprintf("get-status machine=m%d-%d", g, i)
				if got := show(m.Parse(fmt.Sprintf("what's the status of m%d-%d?", g, i), "en", nil)); got != want {
					t.Errorf("got %s, want %s", got, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

func FuzzTemplate(f *testing.F) {
	for _, c := range house() {
		for _, ts := range c.Say {
			for _, s := range ts {
				f.Add(s)
			}
		}
	}
	for _, s := range []string{"(a|b", "[[a] b]", `\{x`, "{machine}'s", "l'{machine}", "a ({text}|b {n})", "[{machine}] [a] b"} {
		f.Add(s)
	}
	slots := []nlu.Slot{
		{Name: "machine", Kind: "machine"}, {Name: "text", Kind: nlu.KindText}, {Name: "n", Kind: nlu.KindInt}, {Name: "person", Kind: "person"},
	}
	f.Fuzz(func(t *testing.T, source string) {
		cmds := []nlu.Command{{Name: "zzz", Slots: slots, Say: map[string][]string{"en": {source}}}}
		m, err := rules.New(cmds, rules.Options{Resolver: known()})
		findings := rules.Lint(cmds)
		if err != nil {
			if len(findings) == 0 {
				t.Fatalf("%q: New says %v, Lint says nothing", source, err)
			}
			return
		}
		sentences, err := rules.Expand(source, 20)
		if err != nil {
			t.Fatal(err)
		}
		for _, words := range sentences {
			text, bare := "", true
			for _, w := range words {
				switch w {
				case "{machine}":
					w = "machine1"
				case "{person}":
					w = "Mary"
				case "{text}":
					w = "some words"
				case "{n}":
					w = "7"
				default:
					bare = false
				}
				text += w + " "
			}
			if in, sure := m.Parse(text, "en", nil); sure && in.Command != "zzz" || !sure && bare {
				t.Fatalf("%q of %q is %s", text, source, show(in, sure))
			}
		}
	})
}

func FuzzMatch(f *testing.F) {
	for _, s := range []string{
		"what's the status of machine1?", "hey bot, is “web 1” up, please", "tell mary that it's 5, ok?", "remind me in 15 minutes to x",
		"l’état de d'artagnan", "machine1's status 🙂", "note that \"a", "please please thanks", "i'll come to 3",
	} {
		f.Add(s)
	}
	m := matcher(f)
	f.Fuzz(func(t *testing.T, text string) {
		in, sure := m.Parse(text, "en", nil)
		if again, sureAgain := m.Parse(text, "en", nil); show(in, sure) != show(again, sureAgain) {
			t.Fatalf("two readings of %q: %s and %s", text, show(in, sure), show(again, sureAgain))
		}
		if !sure {
			return
		}
		if in.Score <= 0 || in.Score > 1 || in.Command == "" {
			t.Fatalf("%q: %+v", text, in)
		}
		seen, end := make(map[string]bool), 0
		for _, v := range in.Slots {
			if seen[v.Slot] || v.Text == "" {
				t.Fatalf("%q: slot %s is twice or empty: %+v", text, v.Slot, in.Slots)
			}
			seen[v.Slot] = true
			if v.Start < end || v.End <= v.Start || v.End > len(text) {
				t.Fatalf("%q: slot %s has the span %d to %d", text, v.Slot, v.Start, v.End)
			}
			end = v.End
			if utf8.ValidString(text) && !utf8.ValidString(v.Text) {
				t.Fatalf("%q: slot %s is not UTF-8: %q", text, v.Slot, v.Text)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	m := big(b)
	for _, bb := range []struct{ name, text string }{
		{"short", "status of machine1"},
		{"polite", "hey bot, could you please show me the status of machine1, thanks!"},
		{"synthetic", "I need to close the invoice number 12 on Web 1"},
		{"text slot", "tell Mary that lunch is ready and that the soup is getting cold"},
		{"German", "Wie ist der Zustand von machine1?"},
		{"chatter", "did anybody see the game last night? that goal in the second half was something"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Parse(bb.text, "en", nil)
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		big(b)
	}
}
