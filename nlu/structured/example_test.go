package structured_test

import (
	"fmt"

	"dragoman/nlu"
	"dragoman/nlu/structured"
)

func Example() {
	p, err := structured.New([]nlu.Command{{
		Name: "add machine",
		Slots: []nlu.Slot{
			{Name: "name", Required: true}, {Name: "check", Required: true}, {Name: "address"},
		},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{
		"add machine web1 tcp 127.0.0.1:22",
		"Add-Machine “web 1” --check=tcp",
		"add machine one two three four",
	} {
		in, sure := p.Parse(text, "en", nil)
		if !sure {
			fmt.Println(in.Usage)
			continue
		}
		fmt.Printf("%q %q %q\n", in.Slots.Get("name"), in.Slots.Get("check"), in.Slots.Get("address"))
	}
	fmt.Println(p.Nearest("add machne web1", "en"))
	// Output:
	// "web1" "tcp" "127.0.0.1:22"
	// "web 1" "tcp" ""
	// add machine takes name, check and address; you gave 4 words
	// [add machine]
}
