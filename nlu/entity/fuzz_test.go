package entity_test

import (
	"testing"
	"time"
	"unicode/utf8"

	"dragoman/internal/clock"
	"dragoman/nlu"
	"dragoman/nlu/entity"
)

// fuzzNames are names of every sort, some of them hostile.
var fuzzNames = map[string][]string{
	entity.KindMachine: {"machine1", "web-1", "web 1", "web2", "db-primary", "Alpha Centauri", "it", "München-1", "a a a b", "10.0.0.5"},
	entity.KindPerson:  {"John Doe", "José García", "Anna", "jörg@example.org", "The"},
	entity.KindRoom:    {"ops", "Meeting room A", "Meeting room B", "R&D", "dev@rooms.example"},
	entity.KindEvent:   {"Interview", "Lunch, all", "Réunion d'équipe", "🚀 launch"},
}

func fuzzRecognizer(country string) *entity.Recognizer {
	return entity.New(entity.Options{
		Clock:      clock.NewFake(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)),
		Country:    country,
		Gazetteers: fuzzNames,
	})
}

// check fails when found, which is what Find reports of text, breaks a promise.
func check(t *testing.T, r *entity.Recognizer, text string, found []entity.Entity, kinds ...string) {
	t.Helper()
	for i, e := range found {
		if e.Start < 0 || e.Start >= e.End || e.End > len(text) {
			t.Fatalf("%q: %s has the span %d to %d", text, e.Kind, e.Start, e.End)
		}
		if utf8.ValidString(text) && (!utf8.RuneStart(text[e.Start]) || e.End < len(text) && !utf8.RuneStart(text[e.End])) {
			t.Fatalf("%q: %s is cut inside of a character: %q", text, e.Kind, text[e.Start:e.End])
		}
		if e.Text == "" {
			t.Fatalf("%q: %s %q has no value", text, e.Kind, text[e.Start:e.End])
		}
		if i > 0 && (found[i-1].Start > e.Start || found[i-1].Start == e.Start && found[i-1].End < e.End) {
			t.Fatalf("%q: %s at %d stands after %s at %d", text, e.Kind, e.Start, found[i-1].Kind, found[i-1].Start)
		}
		for _, kind := range kinds {
			// Package when writes months as P1M, and reads them in words only.
			if e.Kind == kind && e.Known && e.When.Months == 0 {
				if again, ok := r.Resolve(kind, e.Text); !ok || again != e.Text {
					t.Fatalf("%q: %s %q is canonical %q, which resolves to %q, %v", text, kind, text[e.Start:e.End], e.Text, again, ok)
				}
			}
		}
	}
	if len(found) > entity.MaxEntities {
		t.Fatalf("%d entities", len(found))
	}
	last := 0
	for _, e := range entity.Cover(nil, found) {
		if e.Start < last {
			t.Fatalf("%q: the cover overlaps at %d", text, e.Start)
		}
		last = e.End
	}
}

// fuzz runs Find in every language and checks what is found of the given kinds.
func fuzz(f *testing.F, country string, seeds []string, kinds ...string) {
	for _, s := range seeds {
		f.Add(s)
	}
	r := fuzzRecognizer(country)
	f.Fuzz(func(t *testing.T, text string) {
		for _, lang := range []string{"en", "de", "fr", "es", ""} {
			check(t, r, text, r.Find(nil, text, lang), kinds...)
		}
	})
}

func FuzzMachine(f *testing.F) {
	fuzz(f, "", []string{"is machin1 up", "web 1", "alpha centuri", "\"it\"", "web\u200b-1", "a a a a a b"}, entity.KindMachine)
}

func FuzzPerson(f *testing.F) {
	fuzz(f, "", []string{"@John Doe", "josé garcia", "jörg@example.org/x", "@bob", "a@b@c"}, entity.KindPerson)
}

func FuzzRoom(f *testing.F) {
	fuzz(f, "", []string{"#ops", "#r-2.", "meeting rom a", "x@rooms.example"}, entity.KindRoom)
}

func FuzzEvent(f *testing.F) {
	fuzz(f, "", []string{"lunch all", "reunion d’equipe", "🚀 launch", "“Interview”"}, entity.KindEvent)
}

func FuzzNumber(f *testing.F) {
	fuzz(f, "", []string{"1.234,50", "1 000", "-.5", "quatre-vingt-dix-sept", "minus zweieinhalb", "two point one two five", "1,1250", "50 %", "half a dozen million"},
		nlu.KindNumber)
}

func FuzzOrdinal(f *testing.F) {
	fuzz(f, "", []string{"1st", "der 3. Eintrag", "vingt et unième", "3.º", "twenty-first", "hundertdritte"}, entity.KindOrdinal)
}

func FuzzPhone(f *testing.F) {
	seeds := []string{"+49 (0)151 23456789", "(555) 555-5555 ext. 12", "0049151", "1-555-555-5555", "06.12.34.56.78", "+1 5"}
	for _, s := range seeds {
		f.Add(s, "49")
	}
	f.Fuzz(func(t *testing.T, text, country string) {
		r := fuzzRecognizer(country)
		check(t, r, text, r.Find(nil, text, "en"), entity.KindPhone)
	})
}

func FuzzAddress(f *testing.F) {
	fuzz(f, "", []string{"http://a/(b)[c]", "[::1]:80", "a@b.c/d e@f", "www.x.y", "xmpp:a@b?c", "x:y:z://", "ssh://[", "mailto:"},
		entity.KindEmail, entity.KindURL, entity.KindHost)
}

func FuzzLanguage(f *testing.F) {
	fuzz(f, "", []string{"brazilian portuguese", "language=de", "pt-BR", "auf Deutsch", "中文"}, entity.KindLanguage)
}

func FuzzQuoted(f *testing.F) {
	fuzz(f, "", []string{"\"a\\\"b\"", "« a »", "k=\"v\"", "'it's'", "“„”"})
}

func FuzzBool(f *testing.F) {
	fuzz(f, "", []string{"yes", "no no", "turn off", "a=on", "ja bitte"}, nlu.KindBool)
}

func FuzzTime(f *testing.F) {
	fuzz(f, "", []string{"next friday at 3pm", "05/12", "in 15 minutes", "jeden Montag um 9", "2026-12-05T15:00", "1h30m"},
		nlu.KindDuration, entity.KindTime, entity.KindDate, entity.KindDateTime)
}

// FuzzNames gives the names themselves to the fuzzer: each that is known must
// be found where it stands alone.
func FuzzNames(f *testing.F) {
	f.Add("web-1", "Alpha Centauri")
	f.Add("a\u0301b", "A-B")
	f.Add("ǆ..x", "ß ss")
	f.Fuzz(func(t *testing.T, a, b string) {
		r := entity.New(entity.Options{})
		r.Set(entity.KindMachine, a, b)
		for _, name := range r.Names(entity.KindMachine) {
			proper, ok := r.Resolve(entity.KindMachine, name)
			if ok && proper != name {
				t.Fatalf("%q resolves to %q; known are %q", name, proper, r.Names(entity.KindMachine))
			}
			check(t, r, name, r.Find(nil, name, ""), entity.KindMachine)
			check(t, r, a+" "+b, r.Find(nil, a+" "+b, ""), entity.KindMachine)
		}
	})
}
