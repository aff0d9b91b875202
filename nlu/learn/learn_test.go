package learn_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"dragoman/nlu"
	"dragoman/nlu/entity"
	"dragoman/nlu/language"
	"dragoman/nlu/learn"
)

// phrases are those of a small bot.
const phrases = `
[get-status en]
= what is the status of {machine}
is [web1](machine) still alive
how is the [mail server](machine) doing today
has [db2](machine) crashed again?
is the [shop](machine) reachable from outside
check on [proxy](machine) for me
tell me whether [web1](machine) is running
any trouble with [backup](machine)?
[db2](machine) ok?
[subscribe en]
tell me when [web1](machine) goes down
keep me posted about [db2](machine)
let me know if the [shop](machine) crashes
I want alerts for [proxy](machine)
send me a message whenever [backup](machine) changes
warn me as soon as the [mail server](machine) is gone
[list machines en]
which machines are there
what do you watch
give me an overview of all servers
show everything you monitor
list the hosts
[get-status de]
läuft [web1](machine) noch
wie geht es dem [mailserver](machine)
ist der [shop](machine) gerade erreichbar
[db2](machine) kaputt?
[subscribe de]
sag mir bescheid wenn [web1](machine) ausfällt
halte mich über [db2](machine) auf dem laufenden
[list machines de]
welche rechner gibt es
zeig mir alles was du überwachst
[oos en]
what is the weather like
tell me a joke
I had a great weekend
[web1](machine) is so slow today
who bought the [shop](machine)
reboot [db2](machine)
play some music
add milk to the shopping list
[oos de]
wie wird das wetter morgen
erzähl mir einen witz
starte [web1](machine) neu
`

func commands(tb testing.TB) ([]nlu.Command, map[string][]nlu.Example) {
	tb.Helper()
	machine := []nlu.Slot{{Name: "machine", Kind: "machine", Required: true, Rest: true}}
	cmds := []nlu.Command{
		{Name: "get-status", Slots: machine, Summary: "say how a machine is"},
		{Name: "subscribe", Slots: machine, Changes: true, Summary: "be told when a machine changes"},
		{Name: "list machines", Summary: "list the machines"},
	}
	against := make(map[string][]nlu.Example)
	list, err := nlu.ParsePhrases("phrases", 1, phrases)
	if err != nil {
		tb.Fatal(err)
	}
	for _, p := range list {
		i := slices.IndexFunc(cmds, func(c nlu.Command) bool { return c.Name == p.Command })
		if i < 0 {
			against[p.Lang] = append(against[p.Lang], p.Example)
			continue
		}
		if cmds[i].Examples == nil {
			cmds[i].Examples, cmds[i].Say = make(map[string][]nlu.Example), make(map[string][]string)
		}
		if p.Template != "" {
			cmds[i].Say[p.Lang] = append(cmds[i].Say[p.Lang], p.Template)
		} else {
			cmds[i].Examples[p.Lang] = append(cmds[i].Examples[p.Lang], p.Example)
		}
	}
	return cmds, against
}

func options(tb testing.TB) learn.Options {
	tb.Helper()
	r := entity.New(entity.Options{})
	r.Set("machine", "web1", "web2", "atlas", "coffee maker")
	d, err := language.New(language.Options{Languages: []string{"en", "de"}})
	if err != nil {
		tb.Fatal(err)
	}
	return learn.Options{Recognizer: r, Language: d}
}

func train(tb testing.TB, o learn.Options) *learn.Stage {
	tb.Helper()
	var cmds []nlu.Command
	cmds, o.Against = commands(tb)
	s, err := learn.Train(tb.Context(), cmds, o)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func show(in nlu.Intent, sure bool) string {
	out := in.Command
	for _, v := range in.Slots {
		out += " " + v.Slot + "=" + v.Text
	}
	if out != "" && !sure {
		out += "?"
	}
	return out
}

func TestWhatIsLikeTheExamplesIsUnderstood(t *testing.T) {
	s := train(t, options(t))
	for text, want := range map[string]string{
		"is atlas still running?":                   "get-status machine=atlas",
		"has the coffee maker crashed?":             "get-status machine=coffee maker",
		"keep me posted about atlas please":         "subscribe machine=atlas",
		"let me know whenever web2 crashes":         "subscribe machine=web2",
		"show me an overview of the hosts":          "list machines",
		"läuft atlas noch?":                         "get-status machine=atlas",
		"sag mir bescheid sobald web2 ausfällt":     "subscribe machine=web2",
		"let me knwo if web2 crahses":               "subscribe machine=web2", // with typos
		"don't keep me posted about atlas please":   "",                       // it changes something, and nobody asks for it like that
		"what is the weather going to be like":      "",
		"che tempo farà domani a roma":              "", // a language that nobody speaks here
		"":                                          "",
		strings.Repeat("is web1 still alive ", 500): "",
	} {
		if got := show(s.Parse(text, "", nil)); got != want {
			t.Errorf("%.60q is read as %q, want %q\n%s", text, got, want, strings.Join(s.Explain(text, ""), "\n"))
		}
	}
}

func TestANameCountsFromTheMomentItIsKnown(t *testing.T) {
	o := options(t)
	s := train(t, o)
	in, _ := s.Parse("is zanzibar still alive", "en", nil)
	if v, _ := value(in, "machine"); v.Known {
		t.Errorf("zanzibar is known: %+v", in)
	}
	o.Recognizer.Add("machine", "Zanzibar")
	in, sure := s.Parse("is zanzibar still alive", "en", nil)
	if v, _ := value(in, "machine"); !sure || v.Text != "Zanzibar" || !v.Known || v.Start != 3 || v.End != 11 {
		t.Errorf("zanzibar, which was added, is read as %+v", in)
	}
}

func value(in nlu.Intent, slot string) (nlu.Value, bool) {
	for _, v := range in.Slots {
		if v.Slot == slot {
			return v, true
		}
	}
	return nlu.Value{}, false
}

func TestTheBandsDecideWhatAScoreIsGoodFor(t *testing.T) {
	const text = "is atlas still running?"
	o := options(t)
	in, _ := train(t, o).Parse(text, "en", nil)
	for _, tt := range []struct {
		act, ask  float64
		sure, any bool
	}{
		{in.Score, in.Score / 2, true, true},
		{in.Score + 0.001, in.Score / 2, false, true},
		{1, in.Score + 0.001, false, false},
	} {
		o.Act, o.Ask = tt.act, tt.ask
		s := train(t, o)
		got, sure := s.Parse(text, "en", nil)
		if sure != tt.sure || (got.Command != "") != tt.any || (len(s.Readings(text, "en")) > 0) != tt.any {
			t.Errorf("with act from %v and ask from %v: %+v, sure %v", tt.act, tt.ask, got, sure)
		}
	}
	o.Act, o.Ask = 0.2, 0.3
	if _, err := learn.Train(t.Context(), nil, o); err == nil {
		t.Error("bands that overlap are accepted")
	}
}

// shelf is a Cache in memory.
type shelf struct {
	mu    sync.Mutex
	data  map[string][]byte
	saved int
}

func (s *shelf) Load(key string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data[key]
}

func (s *shelf) Save(key string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data[key] = data
	s.saved++
}

func TestModelsAreTrainedOnceForTheSamePhrases(t *testing.T) {
	o := options(t)
	kept := &shelf{data: make(map[string][]byte)}
	o.Cache = kept
	first := train(t, o)
	second := train(t, o)
	if kept.saved != 1 {
		t.Fatalf("saved %d times", kept.saved)
	}
	for _, text := range []string{"is atlas still running?", "remind me of atlas", "nothing of this"} {
		a, b := fmt.Sprint(first.Explain(text, "")), fmt.Sprint(second.Explain(text, ""))
		if a != b {
			t.Errorf("%q is read otherwise by models from the cache:\n%s\n%s", text, a, b)
		}
	}
	for key, data := range kept.data {
		kept.data[key] = data[:len(data)/2]
	}
	train(t, o)
	if kept.saved != 2 {
		t.Errorf("a damaged model was not trained again; saved %d times", kept.saved)
	}
}

func TestTrainingEndsWithItsContext(t *testing.T) {
	cmds, against := commands(t)
	o := options(t)
	o.Against = against
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := learn.Train(ctx, cmds, o); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

func TestLintNamesWhatContradictsItself(t *testing.T) {
	cmds, against := commands(t)
	o := options(t)
	o.Against = against
	stray, err := nlu.ParseExample("warn me as soon as the [mail server](machine) is gone")
	if err != nil {
		t.Fatal(err)
	}
	stray.Source = "skills.yaml:41"
	cmds[0].Examples["en"] = append(cmds[0].Examples["en"], stray)
	cmds[1].Say = map[string][]string{"en": {"warn me as soon as [the] {machine} is gone"}}
	cmds[2].Say = map[string][]string{"en": {"what is the status of mars"}}
	s, err := learn.Train(t.Context(), cmds, o)
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.Lint(cmds, nil)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprint(found)
	if !strings.Contains(text, "skills.yaml:41: “warn me as soon as the mail server is gone” of get-status is taken for subscribe") {
		t.Errorf("the finding about the example is missing:\n%s", text)
	}
	if found, err = s.Lint(cmds, []nlu.Phrase{}); err != nil || len(found) > 0 {
		t.Errorf("of phrases that were not asked about: %v, %v", found, err)
	}
	dead := nlu.Phrase{Command: "list machines", Lang: "en", Template: "list machines please", Source: "skills.yaml:7"}
	twin := nlu.Phrase{Command: "list machines", Lang: "en", Template: "subscribe web1", Source: "skills.yaml:8"}
	found, err = s.Lint(cmds, []nlu.Phrase{dead, twin})
	if text := fmt.Sprint(found); err != nil || !strings.HasPrefix(text, "[skills.yaml:8: “subscribe web1” is a template that no message reaches") {
		t.Errorf("%s, %v", text, err)
	}
}

func TestReadingAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector a sync.Pool forgets on purpose")
	}
	s := train(t, options(t))
	into := make(nlu.Values, 0, 4)
	for _, text := range []string{"is atlas still running?", "show me an overview of the hosts", "who stole my cookies"} {
		if n := testing.AllocsPerRun(200, func() { s.Parse(text, "en", into) }); n > 0 {
			t.Errorf("%q: %v allocations", text, n)
		}
	}
}

func TestManyReadAtOnce(t *testing.T) {
	o := options(t)
	s := train(t, o)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 50 {
				s.Parse("is atlas still running?", "", nil)
				if i == 0 {
					o.Recognizer.Set("machine", "atlas", "web1")
				}
			}
		})
	}
	all.Wait()
}

func FuzzParse(f *testing.F) {
	s := train(f, options(f))
	for _, text := range []string{"is atlas still running?", "“web1” \xff\xfe", "a,b;c…", strings.Repeat("web1 ", 100), "web 1's web1-web1", "İstanbul web1 ẞ"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		in, sure := s.Parse(text, "", nil)
		if sure && in.Command == "" || in.Score < 0 || in.Score > 1 {
			t.Fatalf("%q: %+v", text, in)
		}
		for _, v := range in.Slots {
			if v.Start < 0 || v.End < v.Start || v.End > len(text) {
				t.Fatalf("%q: %+v", text, v)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	s := train(b, options(b))
	into := make(nlu.Values, 0, 4)
	for _, text := range []string{"is atlas still running?", "let me knwo if web2 crahses", "who stole my cookies from the jar on the shelf"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Parse(text, "", into)
			}
		})
	}
}

func BenchmarkTrain(b *testing.B) {
	cmds, against := commands(b)
	o := options(b)
	o.Against = against
	for b.Loop() {
		if _, err := learn.Train(b.Context(), cmds, o); err != nil {
			b.Fatal(err)
		}
	}
}
