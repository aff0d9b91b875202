package language_test

import (
	"fmt"

	"dragoman/nlu/language"
)

func Example() {
	d, err := language.New(language.Options{Languages: []string{"en", "de", "fr", "es"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{
		"is web1 up",
		"hey bot, wie ist der status von web1",
		"ca va le serveur mail ?",
		"como esta el servidor",
		"come sta il server", // Italian
		"web1?",
	} {
		lang, _ := d.Detect(text)
		fmt.Printf("%-2s | %s\n", lang, text)
	}
	// Output:
	// en | is web1 up
	// de | hey bot, wie ist der status von web1
	// fr | ca va le serveur mail ?
	// es | como esta el servidor
	//    | come sta il server
	//    | web1?
}

// Rank explains a refusal: the message is in a language that is not configured.
func ExampleDetector_Rank() {
	d, err := language.New(language.Options{Languages: []string{"en", "de"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	best := d.Rank(nil, "hoe gaat het vandaag met de server")[0]
	fmt.Println(best.Language, best.Configured)
	// Output: nl false
}
