package entity_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/internal/clock"
	"dragoman/nlu"
	"dragoman/nlu/entity"
)

// A Recognizer answers for the names of slots.
var _ nlu.Resolver = (*entity.Recognizer)(nil)

// notation returns what r finds in text, in the notation of the suite.
func notation(r *entity.Recognizer, text, lang string) []string {
	var got []string
	for _, e := range r.Find(nil, text, lang) {
		got = append(got, written(text, e))
	}
	return got
}

func expect(t *testing.T, r *entity.Recognizer, text, lang string, want ...string) {
	t.Helper()
	if got := notation(r, text, lang); !slices.Equal(got, want) {
		t.Errorf("%s %q: got %q, want %q", lang, text, got, want)
	}
}

func TestANameIsKnownToTheNextMessage(t *testing.T) {
	r := entity.New(entity.Options{})
	expect(t, r, "is web9 up", "en")
	r.Add(entity.KindMachine, "web9")
	expect(t, r, "is web9 up", "en", "machine:web9")
	r.Set(entity.KindMachine, "db1", "db2")
	expect(t, r, "web9 and db1", "en", "machine:db1")
	r.Remove(entity.KindMachine, "DB1")
	expect(t, r, "db1 and db2", "en", "machine:db2")
	r.Add("project", "Apollo")
	expect(t, r, "apollo on db2", "en", "project:apollo=>Apollo", "machine:db2")
	if got := r.Names(entity.KindMachine); !slices.Equal(got, []string{"db2"}) {
		t.Errorf("known are %q", got)
	}
}

func TestHyphenAndSpaceAreTheSameUnlessTwoNamesDifferInThem(t *testing.T) {
	r := entity.New(entity.Options{Gazetteers: map[string][]string{entity.KindMachine: {"web-1"}}})
	expect(t, r, "web1", "en", "machine:web1=>web-1")
	expect(t, r, "WEB 1", "en", "machine:WEB 1=>web-1", "number:1")
	r.Add(entity.KindMachine, "web 1")
	expect(t, r, "web-1", "en", "machine:web-1")
	expect(t, r, "Web  1", "en", "machine:Web  1=>web 1", "number:1")
	expect(t, r, "web1", "en", "machine?:web1")
}

func TestWhatIsAsNearToTwoNamesIsNotGuessed(t *testing.T) {
	r := entity.New(entity.Options{Gazetteers: map[string][]string{entity.KindPerson: {"Marina Bell", "Marino Bell"}}})
	expect(t, r, "marine bell", "en", "person~1?:marine bell")
	expect(t, r, "marina bell", "en", "person:marina bell=>Marina Bell")
}

func TestDigitsAreNeverAMistake(t *testing.T) {
	r := entity.New(entity.Options{Gazetteers: map[string][]string{entity.KindMachine: {"database1", "database22"}}})
	for _, text := range []string{"database2", "database11", "database221", "database", "database2 2", "databse3"} {
		if got := notation(r, text, "en"); slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "machine") }) {
			t.Errorf("%q: got %q", text, got)
		}
	}
	expect(t, r, "databse22", "en", "machine~1:databse22=>database22")
}

func TestFindKeepsWhatIsInDst(t *testing.T) {
	r := entity.New(entity.Options{})
	dst := r.Find([]entity.Entity{{Kind: "mine"}}, "3 and 4", "en")
	if len(dst) != 3 || dst[0].Kind != "mine" || dst[2].Text != "4" {
		t.Errorf("got %+v", dst)
	}
}

func TestLanguagesLimitTheWords(t *testing.T) {
	r := entity.New(entity.Options{Languages: []string{"de"}})
	expect(t, r, "drei three trois tres", "", "number:drei=>3")
	expect(t, r, "drei three", "en", "number:three=>3")
}

func TestTimesComeFromPackageWhen(t *testing.T) {
	zone := time.FixedZone("", 2*60*60)
	r := entity.New(entity.Options{Clock: clock.NewFake(time.Date(2026, 11, 23, 23, 0, 0, 0, time.UTC)), Location: zone})
	found := r.Find(nil, "remind me tomorrow at 15:00", "en")
	i := slices.IndexFunc(found, func(e entity.Entity) bool { return e.Kind == entity.KindDateTime })
	if i < 0 || found[i].Text != "2026-11-25T15:00" {
		t.Fatalf("tomorrow in the zone of the reference: got %+v", found)
	}
	if p := found[i].When.From; p.Day != 25 || p.Hour != 15 {
		t.Errorf("When is %+v", found[i].When)
	}
	found = r.Find(nil, "on 05/12", "en")
	if len(found) != 1 || found[0].Known || !found[0].When.Ambiguous {
		t.Errorf("05/12 must be asked about: got %+v", found)
	}
}

func TestResolveGivesTheCanonicalForm(t *testing.T) {
	r := entity.New(entity.Options{Country: "49", Gazetteers: map[string][]string{
		entity.KindMachine: {"Web-1"}, entity.KindPerson: {"The", "John Doe"},
	}})
	for _, c := range []struct {
		kind, text, want string
		known            bool
	}{
		{entity.KindMachine, "web 1", "Web-1", true},
		{entity.KindMachine, "web2", "", false},
		{entity.KindMachine, "wbe1", "", false},
		{entity.KindPerson, "the", "The", true},
		{entity.KindPerson, "x@y.example", "x@y.example", false},
		{entity.KindPhone, " 0151 23456789 ", "+4915123456789", true},
		{entity.KindLanguage, "de", "de", true},
		{entity.KindLanguage, "Alemán", "de", true},
		{entity.KindLanguage, "xx", "", false},
		{nlu.KindNumber, "zweiundvierzig", "42", true},
		{nlu.KindNumber, "1.000", "", false},
		{nlu.KindNumber, "3 of 4", "", false},
		{entity.KindHost, "WEB9.example.com:22", "web9.example.com:22", true},
		{entity.KindMachine, "", "", false},
		{"nothing", "web1", "", false},
	} {
		got, known := r.Resolve(c.kind, c.text)
		if got != c.want && (known || c.want != "") || known != c.known {
			t.Errorf("Resolve(%s, %q) = %q, %v; want %q, %v", c.kind, c.text, got, known, c.want, c.known)
		}
	}
	if r.Knows(entity.KindRoom) || !r.Knows(entity.KindMachine) {
		t.Error("Knows must tell the kinds that were given from the others")
	}
}

func TestEveryCanonicalFormOfTheSuiteResolvesToItself(t *testing.T) {
	for _, l := range readSuite(t) {
		for _, e := range l.recognizer.Find(nil, l.text, l.lang) {
			if !e.Known || e.Kind == entity.KindQuoted || isTime(e.Kind) {
				continue
			}
			if again, ok := l.recognizer.Resolve(e.Kind, e.Text); !ok || again != e.Text {
				t.Errorf("line %d: %s %q resolves to %q, %v", l.number, e.Kind, e.Text, again, ok)
			}
		}
	}
}

func TestCoverPicksTheLongestAndTheKnown(t *testing.T) {
	r := entity.New(entity.Options{Gazetteers: map[string][]string{
		entity.KindMachine: {"web 1"}, entity.KindEvent: {"Interview"}, entity.KindPerson: {"jo@x.example"},
	}})
	text := "“Interview” on web 1 with jo@x.example at 2"
	var got []string
	for _, e := range entity.Cover(nil, r.Find(nil, text, "en")) {
		if !isTime(e.Kind) {
			got = append(got, written(text, e))
		}
	}
	want := []string{"event:“Interview”=>Interview", "machine:web 1", "person:jo@x.example"}
	if !slices.Equal(got[:min(3, len(got))], want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFits(t *testing.T) {
	for _, c := range []struct {
		e    entity.Entity
		kind string
		want bool
	}{
		{entity.Entity{Kind: nlu.KindNumber, Number: 3}, nlu.KindInt, true},
		{entity.Entity{Kind: nlu.KindNumber, Number: 3.5}, nlu.KindInt, false},
		{entity.Entity{Kind: nlu.KindNumber, Number: 3, Unit: "%"}, nlu.KindInt, false},
		{entity.Entity{Kind: nlu.KindNumber, Number: 3}, nlu.KindNumber, true},
		{entity.Entity{Kind: entity.KindMachine}, nlu.KindText, true},
		{entity.Entity{Kind: entity.KindQuoted}, nlu.KindWord, true},
		{entity.Entity{Kind: entity.KindMachine}, entity.KindRoom, false},
	} {
		if got := c.e.Fits(c.kind); got != c.want {
			t.Errorf("%s %v%s fits %s: %v", c.e.Kind, c.e.Number, c.e.Unit, c.kind, got)
		}
	}
}

func TestFindAllocatesNothing(t *testing.T) {
	r := entity.New(entity.Options{Gazetteers: map[string][]string{entity.KindMachine: manyNames(1000), entity.KindPerson: {"José García"}}})
	for lang, text := range map[string]string{
		"en": "please tell José García the staus of machine 7 in 3 words",
		"de": "sag mir bitte, wie es München geht",
		"fr": "l’état de la réunion s’il te plaît",
	} {
		dst := make([]entity.Entity, 0, 16)
		if n := testing.AllocsPerRun(200, func() { dst = r.Find(dst[:0], text, lang) }); n > 0.1 && !raced {
			t.Errorf("%q: %v allocations", text, n)
		}
	}
}

// TestHostileTextIsCheap gives the worst that comes to mind, as long as a
// message may be. The bound is wide: what is not linear takes seconds.
func TestHostileTextIsCheap(t *testing.T) {
	names := append(manyNames(2000), strings.TrimSpace(strings.Repeat("a ", 15))+" b", "aa aa aa aa", "ab ab ab ac")
	r := entity.New(entity.Options{Country: "49", Gazetteers: map[string][]string{
		entity.KindMachine: names, entity.KindPerson: {"a", "a a", "a a a", "A a a a"},
	}})
	var distinct strings.Builder
	for i := range 8000 {
		fmt.Fprintf(&distinct, "%c%c%c%cerfra ", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26, 'b'+i%7)
	}
	for _, piece := range []string{"a ", "aa ", "ab ", "1 ", "1", "1.", "1,", "+", "+1 ", "(1", "0151 ", "@", "a@", "a@b.de ", "x://", "x://(", "http://))", ")",
		"\"", "“", "'a ", "“a” ", "[", "[::", "::", "1:", "a.", "a-", "www.", "#a ", "@a ", "one ", "twenty-", "hundert", "quatre-vingt-", "and ",
		"minus ", "zwei und ", "de ", "en-", "\u200b", "\u0301", "ß", "é", "\xff", "last ", "no, ", "next monday ", "%", "half a dozen ", "point one ", " "} {
		hostile(t, r, strings.Repeat(piece, nlu.MaxText/len(piece)))
	}
	hostile(t, r, distinct.String())
}

func hostile(t *testing.T, r *entity.Recognizer, text string) {
	t.Helper()
	languages := []string{"en", "fr", "de"}
	if raced {
		languages = languages[:1]
	}
	for _, lang := range languages {
		start := cpuTime()
		found := r.Find(nil, text, lang)
		if took := cpuTime() - start; took > 500*time.Millisecond {
			t.Errorf("%q ... took %v in %s", text[:min(20, len(text))], took, lang)
		} else if took > 25*time.Millisecond {
			t.Logf("%q ... took %v in %s", text[:min(20, len(text))], took, lang)
		}
		if len(found) > entity.MaxEntities {
			t.Errorf("%q ...: %d entities", text[:min(20, len(text))], len(found))
		}
	}
}

func TestWhatIsTooLongHasNoEntities(t *testing.T) {
	r := entity.New(entity.Options{})
	if got := r.Find(nil, strings.Repeat("1 ", nlu.MaxText), "en"); len(got) != 0 {
		t.Errorf("got %d", len(got))
	}
}

func TestReadersSeeTheOldNamesOrTheNew(t *testing.T) {
	r := entity.New(entity.Options{})
	sets := [][]string{{"alpha", "beta gamma"}, {"alpha two", "delta"}}
	r.Set(entity.KindMachine, sets[0]...)
	done := make(chan struct{})
	var readers, writers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			var dst []entity.Entity
			for {
				select {
				case <-done:
					return
				default:
				}
				dst = r.Find(dst[:0], "alpha two, beta gamma, delta", "en")
				if n := len(dst); n < 2 || n > 4 {
					t.Errorf("%d entities: %+v", n, dst)
					return
				}
				r.Resolve(entity.KindMachine, "delta")
			}
		})
	}
	for w := range 2 {
		writers.Go(func() {
			for i := range 100 {
				r.Set(entity.KindMachine, sets[(i+w)%2]...)
				r.Add(entity.KindRoom, fmt.Sprint("room", i))
				r.Remove(entity.KindRoom, fmt.Sprint("room", i-1))
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
}
