package when

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// monday10 is the reference of the suite.
func monday10(t testing.TB) Reference {
	return Reference{Now: time.Date(2026, 11, 23, 10, 0, 0, 0, zone(t, "Europe/Berlin"))}
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatalf("zone %s: %v", name, err)
	}
	return loc
}

// line is one line of the suite: what Find must find in text, exactly.
type line struct {
	number           int
	lang, text, want string
}

func suite(t testing.TB) []line {
	t.Helper()
	f, err := os.Open("testdata/suite.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []line
	s := bufio.NewScanner(f)
	for n := 1; s.Scan(); n++ {
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		fields := strings.Split(s.Text(), "\t")
		if len(fields) != 3 {
			t.Fatalf("line %d has %d fields, want 3", n, len(fields))
		}
		lines = append(lines, line{n, fields[0], fields[1], fields[2]})
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// shown writes what was found as the suite writes it.
func shown(found []Expression) string {
	if len(found) == 0 {
		return "none"
	}
	parts := make([]string, len(found))
	for i, e := range found {
		parts[i] = fmt.Sprintf("%s=%s @%d-%d", e.Kind, e, e.Start, e.End)
	}
	return strings.Join(parts, " ")
}

func TestSuite(t *testing.T) {
	right, byLang, byKind := 0, map[string][2]int{}, map[string][2]int{}
	lines := suite(t)
	for _, l := range lines {
		got := shown(Find(nil, l.text, l.lang, monday10(t)))
		kind, _, _ := strings.Cut(l.want, "=")
		ok := 0
		if got == l.want {
			ok = 1
			right++
		} else {
			t.Logf("line %d: %s %q\n  got  %s\n  want %s", l.number, l.lang, l.text, got, l.want)
		}
		byLang[l.lang] = [2]int{byLang[l.lang][0] + ok, byLang[l.lang][1] + 1}
		byKind[kind] = [2]int{byKind[kind][0] + ok, byKind[kind][1] + 1}
	}
	for _, lang := range languages[:4] {
		if byLang[lang][1] < 80 {
			t.Errorf("%d lines in %s, want 80", byLang[lang][1], lang)
		}
	}
	if byKind["none"][1] < 60 {
		t.Errorf("%d lines without an expression, want 60", byKind["none"][1])
	}
	t.Logf("%d of %d; %v; %v", right, len(lines), byLang, byKind)
	if right*100 < len(lines)*98 {
		t.Errorf("%d of %d lines of the suite are right, want 98 %%", right, len(lines))
	}
}
