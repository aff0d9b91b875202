package nlu_test

import (
	"strings"
	"testing"

	"dragoman/nlu"
	"dragoman/nlu/rules"
	"dragoman/nlu/structured"
)

// trusting is a chain over a few machines, as a bot has it.
func trusting(t *testing.T, o nlu.Options, more ...nlu.Stage) *nlu.Chain {
	t.Helper()
	cmds := []nlu.Command{
		{Name: "get-status", Slots: []nlu.Slot{{Name: "machine", Kind: "machine", Required: true, Rest: true}},
			Say: map[string][]string{"en": {"how is {machine}", "status of {machine}"}}},
		{Name: "subscribe", Slots: []nlu.Slot{{Name: "machine", Kind: "machine", Required: true, Rest: true}},
			Say: map[string][]string{"en": {"ping me when {machine} is back", "subscribe me to {machine}"}}},
		{Name: "ping", Slots: []nlu.Slot{{Name: "text", Kind: nlu.KindText, Rest: true}}},
		{Name: "help", Slots: []nlu.Slot{{Name: "command", Kind: "command", Rest: true}}, Say: map[string][]string{"en": {"help me"}}},
		{Name: "note", Slots: []nlu.Slot{{Name: "title", Kind: "title", Required: true}}},
	}
	exact, err := structured.New(cmds)
	if err != nil {
		t.Fatal(err)
	}
	phrases, err := rules.New(cmds, rules.Options{Resolver: o.Names})
	if err != nil {
		t.Fatal(err)
	}
	c, err := nlu.New(cmds, o, append([]nlu.Stage{exact, phrases}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestANameThatIsNotKnownMakesAReadingDoubtful(t *testing.T) {
	var g nlu.Gazetteer
	g.Set("machine", []string{"web1", "backup server"})
	g.Set("command", []string{"get-status", "ping"})
	c := trusting(t, nlu.Options{Names: &g})
	for _, tt := range []struct{ text, want string }{
		{"get-status WEB1", "get-status web1"},
		{"get-status backup server", "get-status backup server"},
		{"get-status printer", "get-status printer"}, // one word after the command's name: the skill says what it knows
		{"get-status web9", "get-status web9"},
		{"get-status my old printer", "? get-status"},
		{"how is web9", "get-status web9"}, // looks like a name
		{"how is life", "? get-status"},
		{"subscribe me to web1", "subscribe web1"},
		{"subscribe to my newsletter", "? subscribe"},
		{"help me", "help "},
		{"help ping", "help ping"},
		{"ping me when web1 is back", "subscribe web1"},
		{"ping me a river", "ping me a river"},
		{"ping pong", "ping pong"},
		{"note anything", "note anything"}, // nobody lists titles
	} {
		in, miss := c.Parse(tt.text, "en")
		got := in.Command + " "
		for _, v := range in.Slots {
			got += v.Text
		}
		if miss != nil {
			got = "? " + strings.Join(miss.Nearest, " ")
		}
		if strings.TrimSpace(got) != strings.TrimSpace(tt.want) {
			t.Errorf("%q is read as %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestAMissHasReadingsToAskAbout(t *testing.T) {
	var g nlu.Gazetteer
	g.Set("machine", []string{"web1"})
	sly := &stage{name: "sly", unsure: map[string]nlu.Intent{"how is life": {Command: "ping", Score: 0.9}}}
	c := trusting(t, nlu.Options{Names: &g}, sly)
	_, miss := c.Parse("how is life", "en")
	if miss == nil || len(miss.Readings) != 2 || miss.Readings[0].Command != "ping" || miss.Readings[1].Slots.Get("machine") != "life" {
		t.Errorf("got %+v", miss)
	}
}

func TestAParseIntoMemoryAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector a sync.Pool forgets on purpose")
	}
	var g nlu.Gazetteer
	g.Set("machine", []string{"web1"})
	c := trusting(t, nlu.Options{Names: &g})
	into := make(nlu.Values, 0, 8)
	for _, text := range []string{"get-status web1", "how is web1", "ping"} {
		if got := testing.AllocsPerRun(200, func() { c.ParseInto(text, "en", into) }); got != 0 {
			t.Errorf("%q: %v allocations", text, got)
		}
	}
}
