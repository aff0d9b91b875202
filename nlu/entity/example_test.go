package entity_test

import (
	"fmt"
	"time"

	"dragoman/internal/clock"
	"dragoman/nlu/entity"
)

func Example() {
	r := entity.New(entity.Options{
		Clock:      clock.NewFake(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)),
		Gazetteers: map[string][]string{entity.KindMachine: {"machine1", "Alpha Centauri"}},
	})
	r.Add(entity.KindPerson, "John Doe") // known to the next message

	text := "tell john doe that machin1 and alpha centauri are back in twenty minutes"
	for _, e := range entity.Cover(nil, r.Find(nil, text, "en")) {
		fmt.Printf("%-9s %-18s %s\n", e.Kind, text[e.Start:e.End], e.Text)
	}
	// Output:
	// person    john doe           John Doe
	// machine   machin1            machine1
	// machine   alpha centauri     Alpha Centauri
	// datetime  in twenty minutes  2026-11-23T09:20
}

func ExampleRecognizer_Find() {
	r := entity.New(entity.Options{Country: "49"})
	for _, text := range []string{"ruf 0151 23456789 an", "vierzig Prozent", "der dritte", "übersetze ins Englische"} {
		for _, e := range r.Find(nil, text, "de") {
			fmt.Println(e.Kind, e.Text+e.Unit)
		}
	}
	// Output:
	// phone +4915123456789
	// number 40%
	// ordinal 3
	// language en
}

func ExampleRecognizer_Resolve() {
	r := entity.New(entity.Options{})
	r.Set(entity.KindMachine, "web-1")
	fmt.Println(r.Resolve(entity.KindMachine, "Web 1"))
	fmt.Println(r.Resolve(entity.KindMachine, "web 2"))
	// Output:
	// web-1 true
	//  false
}
