package llm_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"dragoman/internal/clock"
	"dragoman/nlu"
	"dragoman/nlu/llm"
)

// model stands in for a server: it takes every message for the wish to remove
// the machine web1.
type model struct{}

func (model) RoundTrip(*http.Request) (*http.Response, error) {
	const answer = `{"choices": [{"finish_reason": "tool_calls", "message": {"role": "assistant", "tool_calls": [
		{"id": "call_1", "type": "function", "function": {"name": "remove_machine",
		 "arguments": "{\"machine\": \"web1\", \"certainty\": \"certain\"}"}}]}}],
		"usage": {"prompt_tokens": 312, "completion_tokens": 24, "total_tokens": 336}}`
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(answer))}, nil
}

func Example() {
	machines := new(nlu.Gazetteer)
	machines.Add("machine", "web1")
	client, err := llm.New(llm.Options{
		On: llm.OnMiss, BaseURL: "http://127.0.0.1:8080/v1", Model: "small",
		Resolver: machines, Names: machines.Names,
		Clock: clock.System{}, Log: slog.New(slog.DiscardHandler),
		Transport: model{},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	result, err := client.Ask(context.Background(), llm.Request{
		Person: "a key that means John",
		Text:   "we do not need web1 any longer",
		Source: llm.Chat,
		Commands: []llm.Command{{ // that John may use
			Command: nlu.Command{Name: "remove machine", Summary: "watch a machine no longer",
				Slots: []nlu.Slot{{Name: "machine", Kind: "machine", Required: true}}},
			Shared: true, // everybody sees the list of machines
		}},
	})
	if e := (*llm.Error)(nil); errors.As(err, &e) {
		fmt.Println(e.Text) // and go on without it
		return
	}
	for _, intent := range result.Intents {
		fmt.Println(intent.Command, intent.Slots.Map(), intent.Score)
	}
	fmt.Println("ask first:", result.Confirm)
	// Output:
	// remove machine map[machine:web1] 0.9
	// ask first: true
}
