package llm

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// A cassette is one request as it was sent and one response as a server gave
// it. -update writes the requests anew after a change of what is sent, and
// keeps the responses. With DRAGOMAN_LLM_RECORD=https://host/v1 (and
// DRAGOMAN_LLM_MODEL, DRAGOMAN_LLM_KEY) a real server answers and the responses
// are written as well; the expectations of the test then meet a real model.
var update = flag.Bool("update", false, "write the requests of the cassettes")

type cassette struct {
	Note     string          `json:"note"` // what the response is an example of
	Request  json.RawMessage `json:"request,omitempty"`
	Response struct {
		Status int               `json:"status"`
		Header map[string]string `json:"header,omitempty"`
		JSON   json.RawMessage   `json:"json,omitempty"`
		Text   string            `json:"text,omitempty"` // a body that is no JSON
	} `json:"response"`
}

// player replays one cassette: one request, and that exact one.
type player struct {
	t    *testing.T
	file string
	tape cassette
	used bool
}

func play(t *testing.T, name string) *player {
	t.Helper()
	p := &player{t: t, file: filepath.Join("testdata", name+".json")}
	b, err := os.ReadFile(p.file)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&p.tape); err != nil {
		t.Fatalf("%s: %v", p.file, err)
	}
	t.Cleanup(func() {
		if !p.used {
			t.Errorf("%s was not played", p.file)
		}
	})
	return p
}

// RoundTrip implements http.RoundTripper.
func (p *player) RoundTrip(r *http.Request) (*http.Response, error) {
	if p.used {
		p.t.Errorf("%s: a second request", p.file)
	}
	p.used = true
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/v1/chat/completions") {
		p.t.Errorf("sent %s %s", r.Method, r.URL.Path)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	switch {
	case os.Getenv("DRAGOMAN_LLM_RECORD") != "":
		return p.record(r, body)
	case *update:
		p.tape.Request = body
		p.save()
	case !sameJSON(p.t, body, p.tape.Request):
		p.t.Errorf("%s holds another request; this was sent:\n%s", p.file, body)
	}
	if got := r.Header.Get("Authorization"); got != "Bearer "+testKey {
		p.t.Errorf("Authorization: %q", got)
	}
	out := p.tape.Response
	text := out.Text
	if out.JSON != nil {
		text = string(out.JSON)
	}
	h := make(http.Header)
	for k, v := range out.Header {
		h.Set(k, v)
	}
	return &http.Response{StatusCode: out.Status, Header: h, Body: io.NopCloser(strings.NewReader(text))}, nil
}

// record asks the real server and keeps what it answers.
func (p *player) record(r *http.Request, body []byte) (*http.Response, error) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	p.tape.Request, p.tape.Response.Status = body, resp.StatusCode
	p.tape.Response.JSON, p.tape.Response.Text = nil, ""
	if json.Valid(answer) {
		p.tape.Response.JSON = answer
	} else {
		p.tape.Response.Text = string(answer)
	}
	p.save()
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	return resp, nil
}

func (p *player) save() {
	b, err := json.MarshalIndent(p.tape, "", "  ")
	if err == nil {
		err = os.WriteFile(p.file, append(b, '\n'), 0o644)
	}
	if err != nil {
		p.t.Error(err)
	}
}

// recording points the options to the real server when one is recorded.
func recording(o *Options) {
	if base := os.Getenv("DRAGOMAN_LLM_RECORD"); base != "" {
		o.BaseURL, o.Model, o.Key = base, os.Getenv("DRAGOMAN_LLM_MODEL"), Secret(os.Getenv("DRAGOMAN_LLM_KEY"))
		o.Insecure = true
	}
}

// sameJSON compares two texts as JSON, so without their layout.
func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatalf("%v in %s", err, a)
	}
	if json.Unmarshal(b, &y) != nil {
		return false
	}
	return reflect.DeepEqual(x, y)
}
