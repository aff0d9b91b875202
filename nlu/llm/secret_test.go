package llm

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const canary = "sk-canary-7f3a9c1e5b"

func TestNoKeyInAnyLogErrorOrResult(t *testing.T) {
	said := func(message string) func() (*http.Response, error) {
		return status(200, `{"choices":[{"finish_reason":"stop","message":{"role":"assistant",`+message+`}}]}`)
	}
	for rule, give := range map[string]func() (*http.Response, error){
		"status and body":    status(401, `{"error":{"message":"Incorrect API key `+canary+`","code":"`+canary+`"}}`, "X", canary),
		"plain body":         status(500, canary),
		"location":           status(302, "", "Location", "https://"+canary+".example/?"+canary),
		"retry-after":        status(429, canary, "Retry-After", canary),
		"transport":          func() (*http.Response, error) { return nil, fmt.Errorf("proxy refuses Bearer %s", canary) },
		"wrapped":            func() (*http.Response, error) { return nil, fmt.Errorf("x: %w", errors.New(canary)) },
		"page":               status(200, "<html>"+canary),
		"wrong type":         status(200, `{"choices":"`+canary+`"}`),
		"wrong number":       status(200, `{"created":"`+canary+`","choices":[]}`),
		"tool":               called(canary, `{}`),
		"tool, cut":          called(strings.Repeat("x", 20)+canary, `{}`),
		"slot":               called("get-status", `{"`+canary+`":1}`),
		"name":               called("get-status", `{"machine":"`+canary+`"}`),
		"text":               called("note", `{"text":"`+canary+`"}`),
		"number":             called("rsvp", `{"event":"`+canary+`"}`),
		"bool":               called("mute", `{"everyone":"`+canary+`"}`),
		"certainty":          called("list_events", `{"certainty":"`+canary+`"}`),
		"arguments":          called("list_events", canary),
		"answer":             worded("Your key is " + canary + "."),
		"answer, hidden":     worded("Your key is sk-\u200bcanary-7f3a9c1e5b."),
		"refusal":            said(`"refusal":"` + canary + `"`),
		"finish":             status(200, `{"choices":[{"finish_reason":"`+canary+`","message":{}}]}`),
		"nothing but usage":  status(200, `{"choices":[],"usage":{"total_tokens":"`+canary+`"}}`),
		"type of a tool":     said(`"tool_calls":[{"type":"` + canary + `","function":{"name":"list_events","arguments":"{}"}}]`),
		"works, in the name": called("list_events", `{"certainty":"certain"}`),
	} {
		t.Run(rule, func(t *testing.T) {
			o := options(t)
			log, out := logged()
			o.Key, o.Log, o.FreeAnswers = canary, log, true
			a := &answers{give: []func() (*http.Response, error){give}}
			o.Transport = a
			c := client(t, o)
			for range maxFailures + 1 {
				res, err := c.Ask(t.Context(), chat("how is web1"))
				for e := err; e != nil; e = errors.Unwrap(e) {
					out.WriteString(fmt.Sprintf("%v %+v %#v\n", e, e, e))
				}
				var told *Error
				if errors.As(err, &told) && told.Err != nil {
					out.WriteString(fmt.Sprintf("%v %+v\n", told.Err, told.Err))
				}
				out.WriteString(fmt.Sprintf("%+v\n", res))
			}
			log.Info("state", "client", c, "options", o, "key", o.Key)
			out.WriteString(fmt.Sprintf("%v %+v %#v %s %q %x\n", c, c, c, o.Key, o.Key, o.Key))
			out.WriteString(fmt.Sprintf("%v %+v %#v\n", o, o, o))
			if b, err := json.Marshal(o.Key); err != nil || string(b) != `"[secret]"` {
				t.Errorf("the key encodes as %s (%v)", b, err)
			}
			if i := strings.Index(out.String(), canary[3:]); i >= 0 {
				t.Errorf("the key is in: …%s", out.String()[max(0, i-200):i+30])
			}
			if a.asked() == 0 {
				t.Error("nothing was asked")
			}
		})
	}
}

func TestAShortKeyIsAWord(t *testing.T) {
	if got := Secret("none").redact("none of these"); got != "none of these" {
		t.Error(got)
	}
}
