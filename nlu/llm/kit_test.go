package llm

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dragoman/internal/clock"
	"dragoman/nlu"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

const testKey = "sk-test-0123456789"

// names are what exists in the world of the tests.
func names() *nlu.Gazetteer {
	g := new(nlu.Gazetteer)
	g.Add("machine", "machine1")
	g.Add("machine", "web1", "the shop")
	g.Add(nlu.KindDuration, "30m", "half an hour")
	return g
}

// commands are those that the sender of the tests may use.
func commands() []Command {
	return []Command{
		{Command: nlu.Command{Name: "get-status", Summary: "say how a machine is", Slots: []nlu.Slot{
			{Name: "machine", Kind: "machine", Required: true}}},
			Help: map[string]string{"machine": "The machine to ask about."}},
		{Command: nlu.Command{Name: "list events", Summary: "list the coming events"}},
		{Command: nlu.Command{Name: "rsvp", Summary: "say that you come to an event", Slots: []nlu.Slot{
			{Name: "event", Kind: nlu.KindInt, Required: true}, {Name: "guests", Kind: nlu.KindInt, Default: "0"}}}},
		{Command: nlu.Command{Name: "mute", Summary: "send no alerts of a machine for a while", Slots: []nlu.Slot{
			{Name: "machine", Kind: "machine", Required: true}, {Name: "for", Kind: nlu.KindDuration},
			{Name: "everyone", Kind: nlu.KindBool}}}},
		{Command: nlu.Command{Name: "note", Summary: "keep a note for yourself", Slots: []nlu.Slot{
			{Name: "about", Kind: nlu.KindWord}, {Name: "text", Kind: nlu.KindText, Required: true, Rest: true}}}},
		{Command: nlu.Command{Name: "remove machine", Summary: "watch a machine no longer", Slots: []nlu.Slot{
			{Name: "machine", Kind: "machine", Required: true}}}, Shared: true},
	}
}

// options are complete but for what carries the requests.
func options(t testing.TB) Options {
	t.Helper()
	g := names()
	return Options{
		On: OnMiss, BaseURL: "http://127.0.0.1:1/v1", Model: "test-model", Key: testKey,
		Resolver: g, Names: func(kind string) []string { return g.Names(kind) },
		Languages: []string{"en", "de"},
		Clock:     clock.NewFake(start), Log: slog.New(slog.DiscardHandler),
		Random: strings.NewReader(strings.Repeat("0123456789ab", 100)),
	}
}

func client(t testing.TB, o Options) *Client {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// chat is a request of the person "p".
func chat(text string) Request {
	return Request{Person: "p", Text: text, Lang: "en", Source: Chat, Commands: commands()}
}

// answers is a transport that gives each request the next answer, the last one
// again and again, and keeps what it was sent.
type answers struct {
	mu     sync.Mutex
	give   []func() (*http.Response, error)
	bodies []string
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.bodies = append(a.bodies, string(body))
	return a.give[min(len(a.bodies), len(a.give))-1]()
}

func (a *answers) asked() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.bodies)
}

// status is an answer with a body and, in pairs, headers.
func status(code int, body string, headers ...string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		h := make(http.Header)
		for p := range slices.Chunk(headers, 2) {
			h.Set(p[0], p[1])
		}
		return &http.Response{StatusCode: code, Header: h, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// called is an answer that calls a tool.
func called(tool, arguments string) func() (*http.Response, error) {
	return status(200, `{"choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[`+
		`{"id":"call_1","type":"function","function":{"name":`+quoted(tool)+`,"arguments":`+quoted(arguments)+`}}]}}],`+
		`"usage":{"prompt_tokens":900,"completion_tokens":20,"total_tokens":920}}`)
}

// worded is an answer in words.
func worded(content string) func() (*http.Response, error) {
	return status(200, `{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":`+quoted(content)+`}}],`+
		`"usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110}}`)
}

func quoted(s string) string {
	b, err := encode(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// logged is a log that a test can read.
func logged() (*slog.Logger, *bytes.Buffer) {
	var b bytes.Buffer
	return slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})), &b
}
