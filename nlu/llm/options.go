package llm

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode"

	"dragoman/internal/clock"
	"dragoman/nlu"
)

// When the model is asked.
const (
	OnNever = "never"
	OnMiss  = "miss" // after all other stages missed
)

// The values of Options that are left at zero.
const (
	DefaultTimeout     = 8 * time.Second
	DefaultBudget      = 100_000
	DefaultMaxTokens   = 400
	DefaultConcurrency = 4
	DefaultMaxText     = 4 << 10
)

// maxInstructions bounds Options.Instructions in bytes: every question pays for it.
const maxInstructions = 8 << 10

// Options configure a Client.
type Options struct {
	On      string // OnNever (also when empty) or OnMiss
	BaseURL string // such as https://api.example.com/v1, without /chat/completions
	Model   string
	Key     Secret // for the Authorization header; empty for a server that wants none

	// Insecure allows http to another machine than this one. Everybody on the
	// way then reads the key and the messages.
	Insecure bool

	Timeout     time.Duration // for one question, all included
	Budget      int           // tokens for one person and day
	MaxTokens   int           // of one answer
	Concurrency int           // questions at the same time; more wait
	MaxText     int           // bytes of a message; a longer one is not asked about

	// Reasoning is the reasoning_effort ("none", "low", ...) for models that
	// take one. Such models are given max_completion_tokens and no temperature;
	// those of OpenAI are known by their name.
	Reasoning string

	FreeAnswers  bool     // may the model answer in its own words when no command fits?
	Instructions string   // what it may know and tell in such answers, to whoever writes
	Languages    []string // in which it answers, the first by default: "en", "de"

	// Resolver decides whether a name exists. Without it none does. It is also
	// asked for the canonical text of a built-in kind where nlu.Canon cannot read
	// what the person wrote: "half an hour" for a duration.
	Resolver nlu.Resolver
	// Names returns the names of a kind that the server may be told, when they
	// are few enough to choose from. nil tells it none.
	Names func(kind string) []string
	// Listed says whether a kind that is not built in is a list of names, so that
	// only one that resolves is right. The value of any other kind is a piece of
	// the message. nil means that each is a list.
	Listed func(kind string) bool

	Ledger   Ledger         // counts the tokens; nil counts in memory
	Location *time.Location // whose midnight begins a day; nil is UTC
	Clock    clock.Clock
	Log      *slog.Logger

	// Transport makes the requests; nil is one with limits that uses no proxy
	// for this machine.
	Transport http.RoundTripper
	// Random names the delimiters of data, for many goroutines at once; nil is
	// crypto/rand.
	Random io.Reader
}

// check reports what cannot work, and fills in what was left at zero.
func (o *Options) check() error {
	switch {
	case o.Clock == nil || o.Log == nil:
		return errors.New("llm: needs a Clock and a Log")
	case o.Model == "":
		return errors.New("llm: needs a model")
	case o.Timeout < 0 || o.Budget < 0 || o.MaxTokens < 0 || o.Concurrency < 0 || o.MaxText < 0:
		return errors.New("llm: a limit cannot be negative")
	case len(o.Instructions) > maxInstructions:
		return fmt.Errorf("llm: the instructions are longer than %d bytes: shorten them", maxInstructions)
	case strings.ContainsFunc(string(o.Key), func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("llm: the key has characters that no key has; is there a line end in its file?")
	}
	o.Timeout = or(o.Timeout, DefaultTimeout)
	o.Budget = or(o.Budget, DefaultBudget)
	o.MaxTokens = or(o.MaxTokens, DefaultMaxTokens)
	o.Concurrency = or(o.Concurrency, DefaultConcurrency)
	o.MaxText = or(o.MaxText, DefaultMaxText)
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Ledger == nil {
		o.Ledger = new(MemoryLedger)
	}
	for _, l := range o.Languages {
		if !isLanguage(l) {
			return fmt.Errorf("llm: %q is no language; en and de are", nlu.Cut(l))
		}
	}
	return nil
}

// isLanguage reports whether s looks like a language tag. It is part of what the
// model is told as its rules, while the tag of a message is up to its sender.
func isLanguage(s string) bool {
	return 0 < len(s) && len(s) <= 11 && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && (r > unicode.MaxASCII || !unicode.IsLetter(r))
	})
}

// or is v, or otherwise where v is zero.
func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// checkURL reports an address that would give the key away, and whether it is
// on this machine. Its errors do not repeat the address, which may hold a
// password.
func (o *Options) checkURL() (loopback bool, err error) {
	u, err := url.Parse(o.BaseURL)
	if err != nil || u.Host == "" {
		return false, errors.New("llm: the url is no address; https://host/v1 is one")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false, errors.New("llm: the url must not hold a password or a query; a key belongs in key")
	}
	loopback = isLoopback(u.Hostname())
	switch u.Scheme {
	case "https":
		return loopback, nil
	case "http":
		if !loopback && !o.Insecure {
			return false, errors.New("llm: http sends the key and the messages for everybody to read: use https, or allow it with insecure")
		}
		return loopback, nil
	}
	return false, errors.New("llm: the url must begin with https:// or http://")
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
