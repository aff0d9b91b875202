package main

import (
	"encoding/json"
	"image/png"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dragoman/skills/teach"
	"dragoman/store"
)

func TestEveryCommandAboutLanguageExplainsItselfWithExamples(t *testing.T) {
	for _, command := range []string{"nlu", "nlu parse", "nlu explain", "nlu lint", "nlu eval", "nlu confusion", "nlu misses"} {
		r := invoke("", append(strings.Fields(command), "--help")...)
		if _, examples, _ := strings.Cut(r.out, "Examples:"); r.code != 0 || !strings.Contains(examples, "dragoman "+command) {
			t.Errorf("%s --help: exit %d, %q", command, r.code, r.out)
		}
	}
}

// small is a bot that learns quickly.
const small = `
skills:
  status:
    config:
      machines: [{name: web1, check: tcp, target: "127.0.0.1:9"}]
nlu:
  languages: [en]
`

func TestParsePrintsEachWishAndExits0(t *testing.T) {
	file := configFile(t, small)
	url := "sqlite:" + filepath.Join(t.TempDir(), "bot.db") // which keeps what was trained
	for _, tt := range []struct {
		args []string
		code int
		out  string
		err  string
	}{
		{[]string{"get-status web1"}, 0, "get-status machine=web1\t1.000\tstructured\n", ""},
		{[]string{"get-status", "WEB1"}, 0, "get-status machine=web1\t1.000\tstructured\n", ""},
		{[]string{"subscribe web1 and list machines"}, 0, "subscribe machine=web1\t1.000\tstructured\nlist machines\t1.000\tstructured\n", ""},
		{[]string{"subscriptions zyx wvu tsr qpo"}, 1, "", "dragoman: subscriptions takes no values; you gave 4 words\n"},
		{[]string{"colourless green ideas sleep"}, 1, "", "dragoman: not understood\n"},
		{[]string{"--lang", "en", `add machine "web 2" tcp 127.0.0.1:9`}, 0, "add machine name=\"web 2\" check=tcp target=127.0.0.1:9\t1.000\tstructured\n", ""},
		{nil, 2, "", `expected "<text> ..."`},
	} {
		r := invoke("", append([]string{"nlu", "parse", "-c", file, "--store", url}, tt.args...)...)
		if r.code != tt.code || r.out != tt.out || !strings.Contains(r.err, tt.err) || (tt.err == "") != (r.err == "") {
			t.Errorf("parse %q: exit %d, %q, %q\nwant exit %d, %q, %q", tt.args, r.code, r.out, r.err, tt.code, tt.out, tt.err)
		}
	}
	r := invoke("", "nlu", "explain", "-c", file, "--store", url, "subscribe", "web1")
	for _, want := range []string{"structured: 1.000 subscribe web1; it ", "\ntaught: nothing\n", "\nrules: ", "\nlearned: ", "\n  language: "} {
		if r.code != 0 || !strings.Contains(r.out, want) || r.err != "" {
			t.Errorf("explain: exit %d, %q\n%s\nwant %q", r.code, r.err, r.out, want)
		}
	}
}

func TestLintNamesFindingsWithTheirLineAndExits1(t *testing.T) {
	file := configFile(t, `
skills: {ping: }
nlu:
  languages: [en]
  phrases: |
    [ping en]
    = wake up now
    [help en]
    = wake up now
`)
	r := invoke("", "nlu", "lint", "-c", file)
	if r.code != 1 || !strings.Contains(r.out, "wake up now") || !strings.Contains(r.err, " in the phrases") {
		t.Errorf("exit %d, %q, %q", r.code, r.out, r.err)
	}
	wrong := configFile(t, small+"  phrases: |\n    [get-statsu en]\n    how fares it\n")
	for _, command := range []string{"lint", "parse", "explain"} {
		r := invoke("", "nlu", command, "-c", wrong, "x")
		if command == "lint" {
			r = invoke("", "nlu", command, "-c", wrong)
		}
		if r.code != 1 || r.out != "" || !strings.Contains(r.err, wrong+`:10: there is no command "get-statsu"`) {
			t.Errorf("%s: exit %d, %q, %q", command, r.code, r.out, r.err)
		}
	}
}

// dataFile writes a file of examples.
func dataFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "data.tsv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const (
	lessonData = "greet\thello there\ngreet\tgood morning my friend\ngreet\thello my friend\ngreet\thi there\n" +
		"leave\tgoodbye now\nleave\tsee you later\nleave\tgoodbye see you\nleave\tI have to go now\n" +
		"oos\tthis is never trained on\n"
	trialData = "greet\thello my dear friend\nleave\tgoodbye see you later\nleave\thello there\noos\tzyx wvu tsr\n"
)

// report is the object of eval --json.
type report map[string]*float64

func evaluated(t *testing.T, args ...string) report {
	t.Helper()
	r := invoke("", append([]string{"nlu", "eval", "--json"}, args...)...)
	if r.code != 0 || r.err != "" {
		t.Fatalf("exit %d, %q", r.code, r.err)
	}
	var got report
	if err := json.Unmarshal([]byte(r.out), &got); err != nil {
		t.Fatalf("%v in %s", err, r.out)
	}
	return got
}

func (r report) wants(t *testing.T, name string, want float64) {
	t.Helper()
	if got := r[name]; got == nil || math.Abs(*got-want) > 1e-9 {
		t.Errorf("%s is %v, want %v", name, show(got), want)
	}
}

func show(x *float64) any {
	if x == nil {
		return "nothing"
	}
	return *x
}

func TestEvalPrintsOneObjectOfMeasures(t *testing.T) {
	train, test := dataFile(t, lessonData), dataFile(t, trialData)
	r := evaluated(t, "--train", train, "--test", test, "--no-reject")
	fields := []string{"examples", "intents", "accuracy", "inscope_accuracy", "oos_recall", "oos_precision", "macro_f1", "mcc", "slot_f1",
		"train_seconds", "us_per_utterance", "allocs_per_utterance"}
	for name := range r {
		if !slices.Contains(fields, name) {
			t.Errorf("there is a field %q", name)
		}
	}
	for _, name := range fields {
		if _, ok := r[name]; !ok {
			t.Errorf("there is no field %q", name)
		}
	}
	r.wants(t, "intents", 2)
	// Answered always: right, right, wrong; and oos as one of the two.
	r.wants(t, "accuracy", 2./4)
	r.wants(t, "inscope_accuracy", 2./3)
	r.wants(t, "oos_recall", 0)
	if r["slot_f1"] != nil || r["oos_precision"] != nil && *r["oos_precision"] != 0 {
		t.Errorf("slot_f1 is %v, oos_precision %v", show(r["slot_f1"]), show(r["oos_precision"]))
	}
	if *r["train_seconds"] <= 0 || *r["us_per_utterance"] <= 0 {
		t.Errorf("it took %v s and %v us", *r["train_seconds"], *r["us_per_utterance"])
	}
}

func TestTheAcceptanceMoves(t *testing.T) {
	train, test := dataFile(t, lessonData), dataFile(t, trialData)
	all := evaluated(t, "--train", train, "--test", test, "--accept", "1")
	all.wants(t, "oos_recall", 1) // nothing is so sure
	all.wants(t, "inscope_accuracy", 0)
	all.wants(t, "oos_precision", 1./4)
	all.wants(t, "macro_f1", (0+0+2./5)/3)
	all.wants(t, "mcc", 0)
	for _, p := range []string{"-0.1", "1.1", "x"} {
		if r := invoke("", "nlu", "eval", "--train", train, "--test", test, "--accept="+p); r.code != 2 || r.out != "" {
			t.Errorf("--accept %s: exit %d, %q, %q", p, r.code, r.out, r.err)
		}
	}
}

func TestEvalIsATableForPeople(t *testing.T) {
	r := invoke("", "nlu", "eval", "--train", dataFile(t, lessonData), "--test", dataFile(t, trialData), "--no-reject")
	for _, want := range []string{"intents                     2\n", "in-scope accuracy           66.67 %\n", "slot F1                     -\n", "model "} {
		if r.code != 0 || !strings.Contains(r.out, want) {
			t.Errorf("exit %d, %q\n%s\nwant %q", r.code, r.err, r.out, want)
		}
	}
}

func TestSlotsAreLearnedAndMeasured(t *testing.T) {
	var lines strings.Builder
	for _, who := range []string{"anna", "bert", "carl", "dora", "emil", "frieda", "gustav", "heidi"} {
		lines.WriteString("call\tplease call " + who + " now\tO O B-person O\n")
		lines.WriteString("write\twrite a letter to " + who + "\tO O O O B-person\n")
	}
	train := dataFile(t, lines.String())
	r := evaluated(t, "--train", train, "--test", train, "--slots", "--no-reject")
	r.wants(t, "slot_f1", 1)
	r.wants(t, "accuracy", 1)
	r.wants(t, "examples", 16)
}

func TestAWrongFileIsNamedWithItsLine(t *testing.T) {
	good := dataFile(t, lessonData)
	for name, tt := range map[string]struct {
		text, want string
		more       []string
	}{
		"no tab":            {"greet\thello\nhello\n", ": line 2: there is no tab", nil},
		"no label":          {"\thello\n", ": line 1: the label is empty", nil},
		"slots by surprise": {"a\tb\nc\td\tO\n", ": line 2: there are more than two columns", nil},
		"no slots":          {"a\tb\n", ": line 1: there is no second tab", []string{"--slots"}},
		"too few tags":      {"a\tb c\tO\n", ": line 1: there are 2 tokens but 1 tags", []string{"--slots"}},
		"no text":           {"a\t\xff\n", ": line 1: it is not UTF-8", nil},
	} {
		bad := dataFile(t, tt.text)
		for _, command := range []string{"eval", "confusion"} {
			args := append([]string{"nlu", command, "--train", bad, "--test", good}, tt.more...)
			if r := invoke("", args...); r.code != 1 || r.out != "" || !strings.Contains(r.err, bad+tt.want) {
				t.Errorf("%s: %s: exit %d, %q, %q", command, name, r.code, r.out, r.err)
			}
		}
	}
	if r := invoke("", "nlu", "eval", "--train", good, "--test", "no-such.tsv"); r.code != 1 || !strings.Contains(r.err, "no-such.tsv") {
		t.Errorf("a missing file: exit %d, %q", r.code, r.err)
	}
	if r := invoke("", "nlu", "eval", "--train", dataFile(t, ""), "--test", good); r.code != 1 || r.out != "" || r.err == "" {
		t.Errorf("an empty file: exit %d, %q, %q", r.code, r.out, r.err)
	}
	if r := invoke("", "nlu", "eval", "--train", good); r.code != 2 || !strings.Contains(r.err, "--test") {
		t.Errorf("without a test: exit %d, %q", r.code, r.err)
	}
}

func TestConfusionIsATableAndAPicture(t *testing.T) {
	picture := filepath.Join(t.TempDir(), "confusion.png")
	r := invoke("", "nlu", "confusion", "--train", dataFile(t, lessonData), "--test", dataFile(t, trialData), "--no-reject", "--png", picture)
	if r.code != 0 || !strings.Contains(r.out, "MEANT") || !strings.Contains(r.out, "leave  greet      1      50.0 %") {
		t.Errorf("exit %d, %q\n%s", r.code, r.err, r.out)
	}
	f, err := os.Open(picture)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if img, err := png.Decode(f); err != nil || img.Bounds().Empty() {
		t.Errorf("no picture: %v", err)
	}
	perfect := "greet\thello there\nleave\tgoodbye now\n"
	r = invoke("", "nlu", "confusion", "--train", dataFile(t, lessonData), "--test", dataFile(t, perfect), "--no-reject")
	if r.code != 0 || r.out != "Nothing is taken for anything else.\n" {
		t.Errorf("exit %d, %q, %q", r.code, r.out, r.err)
	}
	r = invoke("", "nlu", "confusion", "--train", dataFile(t, lessonData), "--test", dataFile(t, perfect), "--png", t.TempDir())
	if r.code != 1 || r.err == "" {
		t.Errorf("a picture in the place of a folder: exit %d, %q", r.code, r.err)
	}
}

func TestMissesShowWhatWasKept(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "bot.db")
	file := configFile(t, "store: {url: 'sqlite:"+db+"'}\nnlu: {languages: [en]}\nskills: {teach: }\n")
	if r := invoke("", "nlu", "misses", "-c", file); r.code != 1 || !strings.Contains(r.err, "does not exist yet") {
		t.Errorf("without a store: exit %d, %q, %q", r.code, r.out, r.err)
	}
	if _, err := os.Stat(db); !os.IsNotExist(err) {
		t.Errorf("it made a store: %v", err)
	}
	s, err := store.Open(t.Context(), "sqlite:"+db, logger(os.Stderr, "text", "error"))
	if err != nil {
		t.Fatal(err)
	}
	if list, err := teach.Misses(t.Context(), s, 1); err != nil || len(list) != 0 {
		t.Errorf("a new store has %+v (%v)", list, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	chat := func(lines string) {
		t.Helper()
		if r := invoke(lines, "chat", "-c", file, "--store", "sqlite:"+db, "--as", "mary@chat.local"); r.code != 0 {
			t.Fatalf("exit %d, %q", r.code, r.err)
		}
	}
	chat("lessons\n")
	if r := invoke("", "nlu", "misses", "-c", file); r.code != 0 || r.out != "Nothing that the bot was allowed to keep.\n" {
		t.Errorf("empty: exit %d, %q, %q", r.code, r.out, r.err)
	}
	chat("zyx wvu\nkeep always\nzyx wvu!\nqwe \x1b[2J rtz\n")
	r := invoke("", "nlu", "misses", "-c", file)
	rows := strings.Split(r.out, "\n")
	if r.code != 0 || len(rows) != 4 || !strings.HasPrefix(rows[0], "TIMES") || !strings.HasPrefix(rows[1], "2 ") ||
		!strings.Contains(rows[1], time.Now().Format("2006-01-02")) || !strings.HasSuffix(rows[1], "zyx wvu") || strings.Contains(r.out, "\x1b") {
		t.Errorf("exit %d, %q, %q", r.code, r.out, r.err)
	}
	if r := invoke("", "nlu", "misses", "-c", file, "--limit", "1"); strings.Count(r.out, "\n") != 2 {
		t.Errorf("--limit 1: %q", r.out)
	}
}

func TestTheLanguageModelOfTheConfigurationIsAskedAboutAMiss(t *testing.T) {
	asked := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Header.Get("Authorization") + " " + r.URL.Path
		_, _ = io.WriteString(w, `{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"It is the chlorophyll."}}]}`)
	}))
	defer server.Close()
	t.Setenv("SOME_KEY", "k3y")
	text := "skills: {ping: }\nnlu:\n  languages: [en]\n  misses: never\n  llm: {on: MODE, url: '" + server.URL + "/v1', model: m, key: '${env:SOME_KEY}', answers: true}\n"
	url := "sqlite:" + filepath.Join(t.TempDir(), "bot.db")
	for mode, want := range map[string]string{"miss": "pong\nIt is the chlorophyll.\n", "never": "pong\nI do not understand “why is the grass green”."} {
		file := configFile(t, strings.Replace(text, "MODE", mode, 1))
		r := invoke("ping\nwhy is the grass green\n", "chat", "-c", file, "--store", url)
		if r.code != 0 || !strings.HasPrefix(r.out, want) || strings.Contains(r.err, "k3y") {
			t.Errorf("on: %s: exit %d, %q, %q; want %q", mode, r.code, r.out, r.err, want)
		}
	}
	if n := len(asked); n != 1 {
		t.Fatalf("it was asked %d times", n)
	}
	if got := <-asked; got != "Bearer k3y /v1/chat/completions" {
		t.Errorf("it was asked with %q", got)
	}
}

func TestAStoreThatFailsCostsTrainingAndNothingElse(t *testing.T) {
	var log syncBuffer
	db, err := store.Open(t.Context(), "sqlite::memory:", logger(&log, "text", "warn"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	m := models{ctx: t.Context(), store: store.NewModels(db), log: logger(&log, "text", "warn")} // there is no table
	m.Save("key", []byte("a model"))
	if data := m.Load("key"); data != nil {
		t.Errorf("it gave %q", data)
	}
	for _, want := range []string{"the trained models could not be kept", "the trained models could not be read"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, log.String())
		}
	}
	if err := migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if m.Save("key", []byte("a model")); string(m.Load("key")) != "a model" {
		t.Error("what was kept is not there")
	}
}
