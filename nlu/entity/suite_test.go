package entity_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"dragoman/nlu"
	"dragoman/nlu/entity"
)

// suiteLine is one line of testdata/suite.tsv with what is known at it.
type suiteLine struct {
	number     int
	lang, text string
	want       []string
	recognizer *entity.Recognizer
}

func readSuite(t testing.TB) []suiteLine {
	t.Helper()
	data, err := os.ReadFile("testdata/suite.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var lines []suiteLine
	o := entity.Options{Gazetteers: make(map[string][]string)}
	r := entity.New(o)
	for i, line := range strings.Split(string(data), "\n") {
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '!':
			key, value, _ := strings.Cut(line[1:], "\t")
			if key == "country" {
				o.Country = value
			} else {
				o.Gazetteers[key] = strings.Split(value, "|")
			}
			r = entity.New(o)
		default:
			f := strings.Split(line, "\t")
			if len(f) < 2 {
				t.Fatalf("line %d: a language and a text are needed", i+1)
			}
			want := slices.DeleteFunc(f[2:], func(s string) bool { return s == "" })
			slices.Sort(want)
			lines = append(lines, suiteLine{i + 1, f[0], f[1], want, r})
		}
	}
	return lines
}

// isTime reports whether package when has a suite of its own for the kind.
func isTime(kind string) bool {
	switch kind {
	case nlu.KindDuration, entity.KindDate, entity.KindTime, entity.KindDateTime, entity.KindRange, entity.KindRecurrence:
		return true
	}
	return false
}

// written is an entity in the notation of the suite.
func written(text string, e entity.Entity) string {
	kind := e.Kind + e.Unit
	if e.Distance > 0 {
		kind += fmt.Sprint("~", e.Distance)
	}
	if !e.Known {
		kind += "?"
	}
	s := kind + ":" + text[e.Start:e.End]
	if e.Text != text[e.Start:e.End] {
		s += "=>" + e.Text
	}
	return s
}

func TestSuite(t *testing.T) {
	lines := readSuite(t)
	failed := 0
	wanted, right := make(map[string]int), make(map[string]int)
	for _, l := range lines {
		var got []string
		for _, e := range l.recognizer.Find(nil, l.text, l.lang) {
			if !isTime(e.Kind) {
				got = append(got, written(l.text, e))
			}
		}
		slices.Sort(got)
		kinds := make(map[string]bool)
		for _, w := range append(slices.Clone(got), l.want...) {
			kinds[strings.TrimRight(strings.FieldsFunc(w, func(r rune) bool { return strings.ContainsRune(":~?%", r) })[0], "%")] = true
		}
		if len(kinds) == 0 {
			kinds["nothing"] = true
		}
		ok := slices.Equal(got, l.want)
		for k := range kinds {
			wanted[k]++
			if ok {
				right[k]++
			}
		}
		if !ok {
			failed++
			t.Logf("line %d: %s %q\n got %q\nwant %q", l.number, l.lang, l.text, got, l.want)
		}
	}
	for k := range wanted {
		t.Logf("%-10s %3d of %3d lines", k, right[k], wanted[k])
	}
	if share := 1 - float64(failed)/float64(len(lines)); share < 0.98 {
		t.Errorf("%d of %d lines are wrong: %.1f %% right, want 98 %%", failed, len(lines), 100*share)
	} else {
		t.Logf("%d of %d lines are right", len(lines)-failed, len(lines))
	}
}
