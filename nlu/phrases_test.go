package nlu_test

import (
	"reflect"
	"strings"
	"testing"

	"dragoman/nlu"
)

func TestAnExampleMarksItsSlots(t *testing.T) {
	for marked, want := range map[string]nlu.Example{
		"list machines": {Text: "list machines"},
		"add [the album](music_item) to [my list](playlist)": {Text: "add the album to my list",
			Slots: []nlu.Span{{Slot: "music_item", Start: 4, End: 13}, {Slot: "playlist", Start: 17, End: 24}}},
		"[web1](machine)":     {Text: "web1", Slots: []nlu.Span{{Slot: "machine", Start: 0, End: 4}}},
		"what is [this] (oh)": {Text: "what is [this] (oh)"},
		`a \[b\](c)`:          {Text: "a [b](c)"},
		"wie geht's [größe](machine)?": {Text: "wie geht's größe?",
			Slots: []nlu.Span{{Slot: "machine", Start: 11, End: 18}}},
	} {
		got, err := nlu.ParseExample(marked)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v, %v\nwant %+v", marked, got, err, want)
		}
	}
}

func TestAMistakeInAnExampleIsNamed(t *testing.T) {
	for marked, want := range map[string]string{
		"":                  "empty",
		"  ":                "empty",
		"is [web1]() up":    "expected [words](slot)",
		"is [](machine) up": "expected [words](slot)",
		"is [web1](machine": "expected [words](slot)",
		"[a [b](x) c](y)":   "inside of a slot",
	} {
		if e, err := nlu.ParseExample(marked); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %+v, %v; want an error with %q", marked, e, err, want)
		}
	}
}

func FuzzParseExample(f *testing.F) {
	f.Add("add [the album](music_item) to [my list](playlist)")
	f.Add(`\[[a](b)[`)
	f.Fuzz(func(t *testing.T, marked string) {
		e, err := nlu.ParseExample(marked)
		if err != nil {
			return
		}
		at := 0
		for _, s := range e.Slots {
			if s.Start < at || s.End <= s.Start || s.End > len(e.Text) || s.Slot == "" {
				t.Fatalf("%q has the slot %+v", marked, s)
			}
			at = s.End
		}
	})
}

func TestPhrasesKnowWhereTheyAreWritten(t *testing.T) {
	got, err := nlu.ParsePhrases("skills.yaml", 40, "# a comment\n[get-status en]\n\n= is {machine} up\nis [web1](machine) fine\n[add machine de]\nneue Maschine\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []nlu.Phrase{
		{Command: "get-status", Lang: "en", Template: "is {machine} up", Source: "skills.yaml:43"},
		{Command: "get-status", Lang: "en", Source: "skills.yaml:44",
			Example: nlu.Example{Text: "is web1 fine", Slots: []nlu.Span{{Slot: "machine", Start: 3, End: 7}}, Source: "skills.yaml:44"}},
		{Command: "add machine", Lang: "de", Source: "skills.yaml:46", Example: nlu.Example{Text: "neue Maschine", Source: "skills.yaml:46"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for text, where := range map[string]string{
		"is web1 up":               "f:1: expected [command language]",
		"[status]\n":               "f:1: expected [command language]",
		"[a en]\n\nis [](machine)": "f:3: nlu: example",
		"[a en]\nok\n[b](":         "f:3: nlu: example",
	} {
		_, err := nlu.ParsePhrases("f", 1, text)
		if err == nil || !strings.Contains(err.Error(), where) {
			t.Errorf("%q: %v, want %q", text, err, where)
		}
	}
}

func FuzzParsePhrases(f *testing.F) {
	f.Add("[get-status en]\n= is {machine} up\nis [web1](machine) fine\n")
	f.Fuzz(func(t *testing.T, text string) {
		phrases, err := nlu.ParsePhrases("f", 1, text)
		for _, p := range phrases {
			if err != nil || p.Command == "" || p.Lang == "" || (p.Template == "") == (p.Example.Text == "") {
				t.Fatalf("%+v, %v", p, err)
			}
		}
	})
}
