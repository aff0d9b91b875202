package classify

// endings are what words of English, German, French and Spanish end in when they
// are inflected, longer ones first.
var endings = [...]string{"ing", "ed", "en", "er", "es", "as", "os", "ly", "e", "s", "a", "o", "y", "n"}

// minStem is how many letters a stem has at least.
const minStem = 3

// stem takes up to two endings off a word, so that "hugging" and "hugged" have
// something in common with "hug". It is no grammar: "being" has no stem and "these" has, wherever it
// stands, and that is all that matters. The stemmers of the Snowball project were
// measured to be no better in English and German and worse in Spanish, need to be
// told the language, and take longer than all the rest of reading a text.
func stem(word []rune) []rune {
	for range 2 {
		word = withoutEnding(word)
	}
	return word
}

func withoutEnding(word []rune) []rune {
	for _, e := range endings {
		n := len(word) - len(e)
		if n < minStem || !endsIn(word, e) {
			continue
		}
		last, before := word[n-1], word[n-2]
		if e == "s" && last == 's' { // "address" ends in none
			return word
		}
		if len(e) > 1 && n > minStem && last == before && last != 's' && last != 'l' {
			n-- // "hugg" of "hugging"; but "pass" and "call" are as they were
		}
		return word[:n]
	}
	return word
}

func endsIn(word []rune, ending string) bool {
	at := len(word) - len(ending)
	for i := len(ending) - 1; i >= 0; i-- {
		if word[at+i] != rune(ending[i]) {
			return false
		}
	}
	return true
}
