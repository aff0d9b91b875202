package classify_test

import (
	"context"
	"fmt"

	"dragoman/nlu/classify"
)

func Example() {
	examples := []classify.Example{
		{Text: "what is the status of web1", Label: "get-status"},
		{Text: "is the mail server up", Label: "get-status"},
		{Text: "how is db2 doing", Label: "get-status"},
		{Text: "tell me when web1 goes down", Label: "subscribe"},
		{Text: "notify me about changes to the proxy", Label: "subscribe"},
		{Text: "keep me posted on db2", Label: "subscribe"},
	}
	m, err := classify.Train(context.Background(), examples, classify.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{"is web7 up?", "notfy me when db2 is down", "lorem ipsum"} {
		r := m.Classify(text, nil)
		if !m.Accepts(r) {
			fmt.Printf("%s: none of them\n", text)
			continue
		}
		fmt.Printf("%s: %s\n", text, r.Top[0].Label)
	}
	// Output:
	// is web7 up?: get-status
	// notfy me when db2 is down: subscribe
	// lorem ipsum: none of them
}
