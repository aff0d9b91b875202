package learn_test

import (
	"context"
	"fmt"

	"dragoman/nlu"
	"dragoman/nlu/entity"
	"dragoman/nlu/language"
	"dragoman/nlu/learn"
)

func ExampleTrain() {
	lamp := []nlu.Slot{{Name: "lamp", Kind: "lamp", Required: true}}
	cmds := []nlu.Command{{Name: "switch on", Slots: lamp}, {Name: "switch off", Slots: lamp}}
	for i, sentences := range [][]string{
		{"light the [kitchen lamp](lamp)", "I need some light from the [desk lamp](lamp)", "make the [hall lamp](lamp) shine"},
		{"put out the [kitchen lamp](lamp)", "it is too bright, darken the [desk lamp](lamp)", "the [hall lamp](lamp) can go dark"},
	} {
		cmds[i].Examples = make(map[string][]nlu.Example)
		for _, s := range sentences {
			e, err := nlu.ParseExample(s)
			if err != nil {
				panic(err)
			}
			cmds[i].Examples["en"] = append(cmds[i].Examples["en"], e)
		}
	}
	names := entity.New(entity.Options{})
	names.Set("lamp", "kitchen lamp", "porch lamp")
	english, err := language.New(language.Options{Languages: []string{"en"}})
	if err != nil {
		panic(err)
	}
	stage, err := learn.Train(context.Background(), cmds, learn.Options{Recognizer: names, Language: english})
	if err != nil {
		panic(err)
	}
	for _, text := range []string{"make the porch lamp shine", "it's too bright, darken the kitchen lamp", "how old are you"} {
		in, sure := stage.Parse(text, "en", nil)
		fmt.Printf("%q %q %v\n", in.Command, in.Slots.Get("lamp"), sure)
	}
	// Output:
	// "switch on" "porch lamp" true
	// "switch off" "kitchen lamp" true
	// "" "" false
}
