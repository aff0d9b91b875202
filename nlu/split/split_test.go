package split_test

import (
	"fmt"
	"strings"
	"testing"

	"dragoman/nlu"
	"dragoman/nlu/rules"
	"dragoman/nlu/split"
	"dragoman/nlu/structured"
)

var commands = []nlu.Command{
	{Name: "subscribe", Slots: []nlu.Slot{{Name: "machine", Kind: "machine", Required: true, Rest: true}},
		Say: map[string][]string{"en": {"tell me when {machine} changes"}, "de": {"abonniere {machine}"}}},
	{Name: "get-status", Slots: []nlu.Slot{{Name: "machine", Kind: "machine", Required: true, Rest: true}},
		Say: map[string][]string{"en": {"is {machine} up", "[how is] {machine}", "what is the status"}}},
	{Name: "list events", Say: map[string][]string{"de": {"zeige die Termine"}}},
	{Name: "teach", Slots: []nlu.Slot{{Name: "phrase", Required: true}, {Name: "command", Kind: nlu.KindText, Required: true, Rest: true}}},
	{Name: "say", Slots: []nlu.Slot{{Name: "words", Kind: nlu.KindText, Required: true, Rest: true}}},
}

func chain(tb testing.TB) *nlu.Chain {
	tb.Helper()
	var g nlu.Gazetteer
	g.Set("machine", []string{"web1", "db1", "search and rescue"})
	exact, err := structured.New(commands)
	if err != nil {
		tb.Fatal(err)
	}
	phrases, err := rules.New(commands, rules.Options{Resolver: &g})
	if err != nil {
		tb.Fatal(err)
	}
	c, err := nlu.New(commands, nlu.Options{Names: &g}, exact, phrases)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func show(text string, list []nlu.Intent, miss *nlu.Miss) string {
	if miss != nil {
		return "-"
	}
	var all []string
	for _, in := range list {
		s := in.Command
		if in.Usage != nil {
			s = "usage of " + s
		}
		for _, v := range in.Slots {
			s += fmt.Sprintf(" %s[%s]", v.Text, text[v.Start:v.End])
		}
		all = append(all, s)
	}
	return strings.Join(all, " + ")
}

func TestAMessageIsSplitWhereThatIsSurer(t *testing.T) {
	c := chain(t)
	for _, tt := range []struct{ text, want string }{
		{"subscribe web1 and list events", "subscribe web1[web1] + list events"},
		{"list events, then subscribe web1", "list events + subscribe web1[web1]"},
		{"list events.\nsubscribe web1\nis db1 up?", "list events + subscribe web1[web1] + get-status db1[db1]"},
		{"Abonniere web1 und zeige die Termine", "subscribe web1[web1] + list events"},
		{"tell me when web1 changes and also, is db1 up?", "subscribe web1[web1] + get-status db1[db1]"},
		{"subscribe web1 and db1", "subscribe web1[web1] + subscribe db1[db1]"},
		{"subscribe web1, db1 and list events", "subscribe web1[web1] + subscribe db1[db1] + list events"},
		{"list events and db1", "usage of list events"},
		{`teach "x" = list events and subscribe web1`, `teach x["x"] = list events and subscribe web1[= list events and subscribe web1]`},
		// What is certain as a whole stays whole.
		{"subscribe search and rescue", "subscribe search and rescue[search and rescue]"},
		{`teach "x" list events and subscribe web1`, `teach x["x"] list events and subscribe web1[list events and subscribe web1]`},
		{`teach "up and running" list events`, `teach up and running["up and running"] list events[list events]`},
		// The same command twice, an incomplete one, and what is no command.
		{"is web1 up and is db1 up", "-"},
		{"list events and what is the status", "usage of list events"},
		{"list events and dance", "usage of list events"},
		// A remark and a wish.
		{"Morning all! The coffee is cold. Is web1 up?", "get-status web1[web1]"},
		{"The coffee is cold, is web1 up", "get-status web1[web1]"},
		{"is web1 up? The coffee is cold.", "get-status web1[web1]"},
		{"how is life, is web1 up", "-"},
		{"is web1 up? is db1 up?", "-"},
		{"nothing at all. really nothing.", "-"},
		{"", "-"},
		{"and", "-"},
		{"... !!! ,,,", "-"},
	} {
		if got := show(tt.text, first(split.Parse(c, tt.text, "")), second(split.Parse(c, tt.text, ""))); got != tt.want {
			t.Errorf("%q is %s, want %s", tt.text, got, tt.want)
		}
	}
}

func first(list []nlu.Intent, _ *nlu.Miss) []nlu.Intent { return list }
func second(_ []nlu.Intent, m *nlu.Miss) *nlu.Miss      { return m }

func TestALongMessageIsReadAsOne(t *testing.T) {
	c := chain(t)
	text := strings.Repeat("list events and subscribe web1 and ", 4)
	if list, _ := split.Parse(c, text, ""); len(list) > 1 {
		t.Errorf("%d wishes of a text with more cuts than are tried", len(list))
	}
}

func FuzzParse(f *testing.F) {
	c := chain(f)
	f.Add("subscribe web1 and list events")
	f.Add("“a and b” und ,\n\n. y")
	f.Fuzz(func(t *testing.T, text string) {
		list, miss := split.Parse(c, text, "")
		if (len(list) == 0) == (miss == nil) {
			t.Fatalf("%q: %d intents and a miss %v", text, len(list), miss)
		}
		at := 0
		for _, in := range list {
			for _, v := range in.Slots {
				if v.Start < at || v.End < v.Start || v.End > len(text) {
					t.Fatalf("%q: %+v", text, v)
				}
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	c := chain(b)
	for _, text := range []string{"is web1 up", "subscribe web1 and list events", "morning. coffee is cold. and now? is web1 up, then?"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				split.Parse(c, text, "en")
			}
		})
	}
}
