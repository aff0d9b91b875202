package nlu_test

import (
	"fmt"
	"log"

	"dragoman/nlu"
	"dragoman/nlu/rules"
	"dragoman/nlu/structured"
)

// exampleCommands is a small bot.
func exampleCommands() []nlu.Command {
	return []nlu.Command{
		{
			Name:  "get-status",
			Slots: []nlu.Slot{{Name: "machine", Kind: "machine", Required: true}},
			Say: map[string][]string{
				"en": {"[what is|what's|show me] [the] status of {machine}", "is {machine} (up|down|alive)"},
				"de": {"läuft {machine} [noch]"},
			},
		},
		{Name: "list machines", Say: map[string][]string{"en": {"(list|show) [me] [all] [the] machines"}}},
	}
}

func exampleChain() *nlu.Chain {
	cmds := exampleCommands()
	live := new(nlu.Gazetteer)
	live.Add("machine", "machine1")
	live.Add("machine", "web 1")
	st, err := structured.New(cmds)
	if err != nil {
		log.Fatal(err)
	}
	ru, err := rules.New(cmds, rules.Options{Resolver: live})
	if err != nil {
		log.Fatal(err)
	}
	chain, err := nlu.New(cmds, nlu.Options{Names: live}, st, ru)
	if err != nil {
		log.Fatal(err)
	}
	return chain
}

func Example() {
	chain := exampleChain()
	for _, text := range []string{
		"get-status machine1",
		"What's the status of machine1?",
		"Hey bot, is Web 1 up, please?",
		"Läuft machine1 noch?",
		"get-status",
		"get-status machine1 and machine2",
		"getstatus machine1",
	} {
		in, miss := chain.Parse(text, "en")
		switch {
		case miss != nil:
			fmt.Printf("did you mean %q?\n", miss.Nearest)
		case in.Usage != nil:
			fmt.Println(in.Usage)
		default:
			fmt.Printf("%s machine=%q, %.1f by %s\n", in.Command, in.Slots.Get("machine"), in.Score, in.Stage)
		}
	}
	// Output:
	// get-status machine="machine1", 1.0 by structured
	// get-status machine="machine1", 1.0 by rules
	// get-status machine="web 1", 1.0 by rules
	// get-status machine="machine1", 1.0 by rules
	// get-status machine="", 1.0 by structured
	// get-status takes one machine; you gave 3 words
	// did you mean ["get-status"]?
}

func ExampleChain_Explain() {
	for _, v := range exampleChain().Explain("is web9 up", "en") {
		fmt.Printf("%s: sure %v, score %.1f, %q\n", v.Stage, v.Sure, v.Intent.Score, v.Intent.Why)
	}
	// Output:
	// structured: sure false, score 0.0, ""
	// rules: sure false, score 0.8, "matches the template \"is {machine} (up|down|alive)\" (en)"
}

func ExampleNearest() {
	fmt.Println(nlu.Nearest("wbe1", []string{"web1", "web2", "mail"}, 3))
	// Output: [web1]
}

func ExampleCanon() {
	for _, s := range []string{"15m", "15 Minuten", "2d", "soon"} {
		d, ok := nlu.Canon(nlu.KindDuration, s)
		fmt.Println(d, ok)
	}
	// Output:
	// 15m true
	// 15m0s true
	// 48h0m0s true
	//  false
}

func ExampleScanner() {
	s := nlu.NewScanner(`add "web 1" check=tcp name=“my web”`, 0)
	for w, ok := s.Next(); ok; w, ok = s.Next() {
		fmt.Printf("%q %q\n", w.Key, w.Text)
	}
	// Output:
	// "" "add"
	// "" "web 1"
	// "" "check=tcp"
	// "name" "my web"
}
