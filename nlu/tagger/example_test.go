package tagger_test

import (
	"context"
	"fmt"

	"dragoman/nlu"
	"dragoman/nlu/tagger"
)

func Example() {
	var examples []tagger.Example
	for _, marked := range []string{
		"add [the album](item) to [my list](list)",
		"put [this song](item) on [my favourites](list)",
		"please add [the last track](item) to [party](list)",
		"add [some jazz](item) to [the evening list](list)",
	} {
		e, err := nlu.ParseExample(marked)
		if err != nil {
			fmt.Println(err)
			return
		}
		examples = append(examples, tagger.FromExample("add", e))
	}
	model, err := tagger.Train(context.Background(), examples, tagger.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}

	text := "add the second symphony to my summer list"
	slots, _ := model.Find(nil, text, tagger.Tokenize(nil, text), "add")
	for _, s := range slots {
		fmt.Printf("%s: %s\n", s.Slot, text[s.Start:s.End])
	}
	// Output:
	// item: the second symphony
	// list: my summer list
}

func ExampleChunks() {
	for _, c := range tagger.Chunks(nil, []string{"O", "B-item", "I-item", "O", "B-list"}) {
		fmt.Println(c.Type, c.Start, c.End)
	}
	// Output:
	// item 1 3
	// list 4 5
}
