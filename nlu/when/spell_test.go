package when

import (
	"testing"

	"dragoman/nlu"
)

func TestOneMistakeIsADistanceOfOne(t *testing.T) {
	words := []string{"monday", "mondya", "moonday", "mnday", "sunday", "monda", "mondays", "omnday", "mmonday", "friday", "firday", "fridaay",
		"février", "fevrier", "févirer", "févér", "mañana", "manana", "mañaan", "miércoles", "miercoles", "mércoles", "sábado", "sabdao", "", "m", "mo"}
	for _, a := range words {
		for _, b := range words {
			if got, want := oneMistake(a, []byte(b)), nlu.Distance(a, b, 1) <= 1; got != want {
				t.Errorf("%q and %q: %v, want %v", a, b, got, want)
			}
		}
	}
}

func TestAMistakeInALongNameIsUnderstood(t *testing.T) {
	at := monday10(t)
	for _, c := range []struct{ lang, text, want string }{
		{"en", "tomorow", "2026-11-24"}, {"en", "wendesday", "2026-11-25"}, {"en", "3 febuary", "2027-02-03"},
		{"en", "yesterdya", "2026-11-22"}, {"en", "thursdya", "2026-11-26"},
		{"de", "Donerstag", "2026-11-26"}, {"de", "gestren", "2026-11-22"}, {"de", "3. Ocktober", "2027-10-03"},
		{"fr", "mecredi", "2026-11-25"}, {"fr", "3 setembre", "2027-09-03"},
		{"es", "miercolse", "2026-11-25"}, {"es", "viernse", "2026-11-27"}, {"es", "3 de nobiembre", "2027-11-03"},
		// Too short, or a word of its own.
		{"en", "mnday", ""}, {"en", "sundae", ""}, {"en", "sundry", ""}, {"en", "mundane", ""}, {"de", "Montage", ""},
		{"de", "Morgan", ""}, {"es", "dominio", ""}, {"es", "partes", ""}, {"es", "manzana", ""}, {"es", "de dónde vienes", ""}, {"es", "los jueces", ""}, {"de", "große Gesten", ""}, {"fr", "domaine", ""}, {"fr", "domain", ""},
	} {
		found := Find(nil, c.text, c.lang, at)
		got := ""
		if len(found) > 0 {
			got = found[0].String()
		}
		if got != c.want {
			t.Errorf("%s %q: %q, want %q", c.lang, c.text, got, c.want)
		}
	}
}
