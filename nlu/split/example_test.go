package split_test

import (
	"fmt"

	"dragoman/nlu"
	"dragoman/nlu/split"
	"dragoman/nlu/structured"
)

func ExampleParse() {
	cmds := []nlu.Command{
		{Name: "subscribe", Slots: []nlu.Slot{{Name: "machine", Kind: "machine", Required: true, Rest: true}}},
		{Name: "list events"},
	}
	var known nlu.Gazetteer
	known.Set("machine", []string{"web1", "search and rescue"})
	typed, err := structured.New(cmds)
	if err != nil {
		panic(err)
	}
	chain, err := nlu.New(cmds, nlu.Options{Names: &known}, typed)
	if err != nil {
		panic(err)
	}
	for _, text := range []string{"subscribe web1 and list events", "subscribe search and rescue"} {
		wishes, _ := split.Parse(chain, text, "en")
		for i, in := range wishes {
			fmt.Printf("%d: %s, machine %q\n", i+1, in.Command, in.Slots.Get("machine"))
		}
	}
	// Output:
	// 1: subscribe, machine "web1"
	// 2: list events, machine ""
	// 1: subscribe, machine "search and rescue"
}
