package strictyaml

import (
	"strings"
	"testing"
)

type letter struct {
	To   string `yaml:"to"`
	Text Block  `yaml:"text"`
}

func TestABlockKnowsWhereItStands(t *testing.T) {
	for name, tt := range map[string]struct {
		text, want string
		line       int
	}{
		"in the middle":       {"to: john\ntext: |\n  one\n  two\n", "one\ntwo\n", 3},
		"at the beginning":    {"text: |\n  one\nto: john\n", "one\n", 2},
		"blank lines first":   {"text: |\n\n\n  one\n", "\n\none\n", 2},
		"without a last end":  {"text: |-\n  one\n", "one", 2},
		"a comment beside":    {"text: | # what he writes\n  one\n", "one\n", 2},
		"with an indentation": {"text: |2\n   one\n", " one\n", 2},
		"empty":               {"text: |\nto: john\n", "", 2},
		"with a hash":         {"text: |\n  # no comment\n  [a b]\n", "# no comment\n[a b]\n", 2},
	} {
		t.Run(name, func(t *testing.T) {
			var l letter
			if err := Decode([]byte(tt.text), Source{File: "letter.yaml"}, &l); err != nil {
				t.Fatal(err)
			}
			if want := (Block{tt.want, "letter.yaml", tt.line}); l.Text != want {
				t.Errorf("got %+v, want %+v", l.Text, want)
			}
		})
	}
}

func TestWhatIsNoBlockIsRefusedWithItsLine(t *testing.T) {
	for name, text := range map[string]string{
		"a word": "to: john\ntext: one\n", "quoted": "to: john\ntext: \"one\"\n", "folded": "to: john\ntext: >\n  one\n",
		"a list": "to: john\ntext: [one]\n", "a map": "to: john\ntext: {one: two}\n", "a number": "to: john\ntext: 7\n",
	} {
		var l letter
		err := Decode([]byte(text), Source{File: "letter.yaml"}, &l)
		if want := "letter.yaml:2: text must be a block of lines that begins with |"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func TestABlockThatIsLeftOutIsEmpty(t *testing.T) {
	for _, text := range []string{"to: john\n", "to: john\ntext:\n", "to: john\ntext: null\n"} {
		var l letter
		if err := Decode([]byte(text), Source{File: "letter.yaml"}, &l); err != nil || l.Text != (Block{}) {
			t.Errorf("%q: %+v (%v)", text, l.Text, err)
		}
	}
}

func TestABlockMayNameTheEnvironment(t *testing.T) {
	src := Source{File: "letter.yaml", Getenv: func(string) (string, bool) { return "mary", true }}
	var l letter
	if err := Decode([]byte("text: |\n  dear ${env:NAME}\n"), src, &l); err != nil || l.Text.Text != "dear mary\n" {
		t.Errorf("%+v (%v)", l.Text, err)
	}
}
