package rules_test

import (
	"fmt"

	"dragoman/nlu"
	"dragoman/nlu/rules"
)

func Example() {
	live := new(nlu.Gazetteer)
	live.Add("machine", "Web 1")
	m, err := rules.New([]nlu.Command{{
		Name:  "get-status",
		Slots: []nlu.Slot{{Name: "machine", Kind: "machine"}},
		Say:   map[string][]string{"en": {"[what's] [the] status of {machine}", "{machine}'s status"}},
	}}, rules.Options{Resolver: live})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{"what’s the status of web 1?", "Please, Web 1's status!", "status of web9", "how nice"} {
		in, sure := m.Parse(text, "en", nil)
		fmt.Println(sure, in.Command, in.Slots.Map(), in.Score)
	}
	// Output:
	// true get-status map[machine:Web 1] 1
	// true get-status map[machine:Web 1] 1
	// true get-status map[machine:web9] 0.8
	// false  map[] 0
}

// A wrong template says where it is wrong.
func ExampleNew() {
	_, err := rules.New([]nlu.Command{{
		Name:  "get-status",
		Slots: []nlu.Slot{{Name: "machine", Kind: "machine"}},
		Say:   map[string][]string{"en": {"status of {server}"}},
	}}, rules.Options{})
	fmt.Println(err)
	// Output:
	// rules: template "status of {server}" of get-status (en): column 11: expected a slot of the command ({machine}), not {server}
}

func ExampleLint() {
	machine := []nlu.Slot{{Name: "machine", Kind: "machine"}}
	for _, f := range rules.Lint([]nlu.Command{
		{Name: "get-status", Slots: machine, Say: map[string][]string{"en": {"[the] status of {machine}"}}},
		{Name: "history", Slots: machine, Say: map[string][]string{"en": {"(history|status) of {machine}"}}},
	}) {
		fmt.Println(f)
	}
	// Output:
	// template "(history|status) of {machine}" of history (en): says "status of {machine}", which "[the] status of {machine}" of get-status (en) says too: messages go to the one that is first by name
}
