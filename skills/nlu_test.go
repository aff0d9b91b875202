package skills

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPlainLanguageHasDefaults(t *testing.T) {
	for _, text := range []string{"", "nlu:\n", "nlu: {}\n", "nlu: {llm: }\n"} {
		n := parsed(t, text).NLU
		if !slices.Equal(n.Languages, []string{"en", "de", "fr", "es"}) || n.Act != 0.4 || n.Ask != 0.2 || n.Misses != "ask" ||
			len(n.ParsedPhrases()) != 0 || n.LLM.On != "never" || n.LLM.Timeout != 8*time.Second || n.LLM.Tokens != 20_000 || n.LLM.Answers {
			t.Errorf("%q: %+v", text, n)
		}
	}
}

func TestEveryKeyOfPlainLanguageIsTaken(t *testing.T) {
	n := parsed(t, `
nlu:
  languages: [de, en]
  act: 0.8
  ask: 0.8
  misses: never
  phrases: |
    # what we say here
    [get-status en]
    = how fares {machine}

    is the old lady [web1](machine) on her feet
  llm: {on: miss, url: "http://127.0.0.1:11434/v1", model: llama3.2, key: "${env:LLM_KEY}", timeout: 500ms, tokens_per_day: 7, answers: true}
`).NLU
	if !slices.Equal(n.Languages, []string{"de", "en"}) || n.Act != 0.8 || n.Ask != 0.8 || n.Misses != "never" {
		t.Errorf("%+v", n)
	}
	p := n.ParsedPhrases()
	if len(p) != 2 || p[0].Source != "skills.yaml:10" || p[0].Template != "how fares {machine}" ||
		p[1].Source != "skills.yaml:12" || p[1].Command != "get-status" || p[1].Example.Slots[0].Slot != "machine" {
		t.Errorf("the phrases are %+v", p)
	}
	l := n.LLM
	if l.On != "miss" || l.URL != "http://127.0.0.1:11434/v1" || l.Model != "llama3.2" || l.Key.Reveal() != environment["LLM_KEY"] ||
		l.Timeout != 500*time.Millisecond || l.Tokens != 7 || !l.Answers {
		t.Errorf("%+v", l)
	}
}

func TestWhatIsWrongWithPlainLanguageNamesItsLine(t *testing.T) {
	const llm = "nlu:\n  llm:\n    on: miss\n    url: http://127.0.0.1:1/v1\n    model: m\n"
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"unknown key":          {"nlu:\n  language: [en]\n", []string{`skills.yaml:2: unknown key "language" in nlu; did you mean "languages"?`}},
		"no language":          {"nlu:\n  languages: []\n", []string{"skills.yaml:2: nlu.languages: expected at least one, such as en"}},
		"no language tag":      {"nlu:\n  act: 1\n  languages: [en, English]\n", []string{`skills.yaml:3: nlu.languages[1]: "English" is no language`}},
		"a tag with a region":  {"nlu:\n  languages:\n    - en\n    - pt-BR\n", []string{`skills.yaml:4: nlu.languages[1]: "pt-BR" is no language`}},
		"a language twice":     {"nlu:\n  languages: [en, de, EN]\n", []string{`skills.yaml:2: nlu.languages[2]: EN is listed twice`}},
		"act of zero":          {"nlu:\n  act: 0\n", []string{"skills.yaml:2: nlu.act: expected a number above 0, up to 1", "nlu.ask: expected a number above 0, up to act"}},
		"act above one":        {"nlu:\n\n  act: 1.01\n", []string{"skills.yaml:3: nlu.act: expected a number above 0, up to 1"}},
		"act is no number":     {"nlu:\n  act: much\n", []string{"skills.yaml:2: nlu.act"}},
		"act is not a number":  {"nlu:\n  act: .nan\n", []string{"skills.yaml:2: nlu.act"}},
		"ask of zero":          {"nlu:\n  ask: 0\n", []string{"skills.yaml:2: nlu.ask: expected a number above 0, up to act"}},
		"ask above act":        {"nlu:\n  act: 0.4\n  ask: 0.41\n", []string{"skills.yaml:3: nlu.ask: expected a number above 0, up to act"}},
		"misses":               {"nlu:\n  misses: nevr\n", []string{`skills.yaml:2: nlu.misses: "nevr" is not one of ask, never; did you mean "never"?`}},
		"all at once":          {"nlu:\n  misses: x\n  act: 2\n  languages: []\n", []string{"skills.yaml:2: ", "skills.yaml:3: ", "skills.yaml:4: "}},
		"phrases in one line":  {"nlu:\n  phrases: count them\n", []string{"skills.yaml:2: nlu.phrases must be a block of lines that begins with |"}},
		"a phrase of nothing":  {"nlu:\n  phrases: |\n\n    count them\n", []string{"nlu.phrases: skills.yaml:4: expected [command language] before the first phrase"}},
		"a wrong heading":      {"nlu:\n  phrases: |\n    [ping en]\n    hello\n    [ping]\n", []string{"nlu.phrases: skills.yaml:5: expected [command language], such as [get-status en]"}},
		"a wrong mark":         {"nlu:\n  phrases: |\n    [ping en]\n    # no\n    hello [](text)\n", []string{`nlu.phrases: skills.yaml:5: nlu: example "hello [](text)"`}},
		"unknown key of llm":   {"nlu:\n  llm:\n    on: never\n    uri: x\n", []string{`skills.yaml:4: unknown key "uri" in nlu.llm; did you mean "url"?`}},
		"llm always":           {"nlu:\n  llm:\n    on: always\n", []string{`skills.yaml:3: nlu.llm.on: "always" is not one of never, miss`}},
		"llm without address":  {"nlu:\n  llm:\n    on: miss\n    model: m\n", []string{"nlu.llm.url: expected an address such as https://api.example/v1"}},
		"llm of another kind":  {"nlu:\n  llm:\n    on: miss\n    model: m\n    url: ftp://x/v1\n", []string{"skills.yaml:5: nlu.llm.url: expected an address"}},
		"llm without model":    {"nlu:\n  llm:\n    on: miss\n    url: https://x/v1\n", []string{"nlu.llm.model: expected the name of a model"}},
		"llm with a long wait": {llm + "    timeout: 9s\n", []string{"skills.yaml:6: nlu.llm.timeout: expected a duration up to 8s"}},
		"llm without a wait":   {llm + "    timeout: 0s\n", []string{"skills.yaml:6: nlu.llm.timeout"}},
		"llm without budget":   {llm + "    tokens_per_day: 0\n", []string{"skills.yaml:6: nlu.llm.tokens_per_day: expected a number above 0; on: never turns it off"}},
		"llm without its key":  {llm + "    key: ${env:NOT_SET}\n", []string{"skills.yaml:6: nlu.llm.key: the environment variable NOT_SET is not set"}},
		"llm that is far away": {strings.Replace(llm, "127.0.0.1:1", "api.example", 1), []string{"skills.yaml:4: nlu.llm.url: http"}},
		"llm with a password":  {strings.Replace(llm, "127.0.0.1:1", "me:hunter2@127.0.0.1:1", 1), []string{"skills.yaml:4: nlu.llm.url: "}},
	} {
		t.Run(name, func(t *testing.T) { wantProblems(t, tt.text, tt.want) })
	}
}

func TestAModelThatIsNotAskedNeedsNothing(t *testing.T) {
	if l := parsed(t, "nlu: {llm: {on: never, timeout: 1h}}\n").NLU.LLM; l.URL != "" {
		t.Errorf("%+v", l)
	}
}

func TestNoProblemWithTheModelShowsItsKey(t *testing.T) {
	for _, text := range []string{
		"nlu: {llm: {on: miss, url: '${env:LLM_KEY}', model: m, key: '${env:LLM_KEY}'}}\n",
		"nlu: {llm: {on: '${env:LLM_KEY}', key: '${env:LLM_KEY}'}}\n",
	} {
		if all := strings.Join(problems(t, text), "\n"); strings.Contains(all, environment["LLM_KEY"]) {
			t.Errorf("it says %s", all)
		}
	}
}
