package skills

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"dragoman/nlu"
	"dragoman/skills/internal/strictyaml"
)

// NLU is how plain language is understood.
type NLU struct {
	// Learn is whether the bot learns from examples. Without it commands and
	// templates are understood, and the bot is smaller by some 20 MB.
	Learn bool `yaml:"learn"`
	// Languages are those that people may speak; what is written in another
	// one is refused.
	Languages []string `yaml:"languages"`
	// Act and Ask are how sure the bot must be to do what it understood, and to
	// ask whether that was meant, from 0 to 1. Below Ask it refuses.
	Act float64 `yaml:"act"`
	Ask float64 `yaml:"ask"`
	// Misses says whether people may be asked to let administrators see what
	// was not understood: ask or never.
	Misses string `yaml:"misses"`
	// Phrases are templates and examples beside those of the skills, in the
	// syntax of nlu.ParsePhrases.
	Phrases strictyaml.Block `yaml:"phrases"`
	// LLM is the second stage for what was refused.
	LLM LLM `yaml:"llm"`

	parsed []nlu.Phrase
}

// ParsedPhrases are the Phrases, once Validate has read them.
func (n *NLU) ParsedPhrases() []nlu.Phrase { return n.parsed }

// LLM is a language model behind an OpenAI-compatible address.
type LLM struct {
	// On is never, or miss: when nothing else understood.
	On string `yaml:"on"`
	// URL is the address up to and with /v1.
	URL   string            `yaml:"url"`
	Model string            `yaml:"model"`
	Key   strictyaml.Secret `yaml:"key"`
	// Timeout is how long one answer may take.
	Timeout time.Duration `yaml:"timeout"`
	// Tokens is the budget of each person for a day.
	Tokens int `yaml:"tokens_per_day"`
	// Answers lets the model answer in its own words what is no command.
	Answers bool `yaml:"answers"`
}

func defaultNLU() NLU {
	return NLU{
		Learn: true, Languages: []string{"en", "de", "fr", "es"}, Act: 0.4, Ask: 0.2, Misses: "ask",
		LLM: LLM{On: "never", Timeout: 8 * time.Second, Tokens: 20_000},
	}
}

// maxTimeout leaves the bot time to answer itself before it gives a request up.
const maxTimeout = 8 * time.Second

// Validate implements the hook of package strictyaml.
func (n *NLU) Validate() error {
	var errs []error
	if len(n.Languages) == 0 {
		errs = append(errs, strictyaml.Key("languages", errors.New("expected at least one, such as en")))
	}
	errs = append(errs, each("languages", n.Languages, primary)...)
	errs = append(errs, twice("languages[%d]", n.Languages)...)
	if !(n.Act > 0 && n.Act <= 1) {
		errs = append(errs, strictyaml.Key("act", errors.New("expected a number above 0, up to 1")))
	}
	if !(n.Ask > 0 && n.Ask <= n.Act) {
		errs = append(errs, strictyaml.Key("ask", errors.New("expected a number above 0, up to act")))
	}
	if modes := []string{"ask", "never"}; !slices.Contains(modes, n.Misses) {
		errs = append(errs, strictyaml.Key("misses", notOneOf(n.Misses, modes)))
	}
	var err error
	if n.parsed, err = nlu.ParsePhrases(n.Phrases.File, n.Phrases.Line, n.Phrases.Text); err != nil {
		errs = append(errs, strictyaml.Key("phrases", errors.New(strings.TrimPrefix(err.Error(), "nlu: "))))
	}
	return errors.Join(errs...)
}

// Validate implements the hook of package strictyaml. What it says holds no part
// of the key.
func (l *LLM) Validate() error {
	if modes := []string{"never", "miss"}; !slices.Contains(modes, l.On) {
		return strictyaml.Key("on", notOneOf(l.On, modes))
	}
	if l.On == "never" {
		return nil
	}
	var errs []error
	if err := l.address(); err != nil {
		errs = append(errs, strictyaml.Key("url", err))
	}
	if l.Model == "" {
		errs = append(errs, strictyaml.Key("model", errors.New("expected the name of a model")))
	}
	if l.Timeout <= 0 || l.Timeout > maxTimeout {
		errs = append(errs, strictyaml.Key("timeout", fmt.Errorf("expected a duration up to %v", maxTimeout)))
	}
	if l.Tokens <= 0 {
		errs = append(errs, strictyaml.Key("tokens_per_day", errors.New("expected a number above 0; on: never turns it off")))
	}
	return errors.Join(errs...)
}

// address reports what is wrong with the URL. It does not repeat it, since it may
// hold a password where it should not.
func (l *LLM) address() error {
	u, err := url.Parse(l.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("expected an address such as https://api.example/v1")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("an address holds no password and no query; the key belongs in key")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return errors.New("http sends the key and the messages for everybody to read: use https, but for a model on this machine")
	}
	return nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.IsLoopback()
}

// primary is a language without a region, which is how the detector knows them.
func primary(s string) error {
	if err := language(s); err != nil {
		return err
	}
	if strings.Contains(s, "-") {
		return fmt.Errorf("%q is no language without a region, such as en", s)
	}
	return nil
}
