package rules

import (
	"maps"
	"slices"

	"dragoman/nlu"
)

// wrappers are the words that people put around a request out of politeness,
// by language. A template may use the same words: then it wins, because it
// explains more of the message.
type wrappers struct{ before, after []string }

// polite returns the wrappers of each language. All are tried whatever the
// language of a message is, because people mix ("hey bot, wie ist der Status")
// and none of these words means something else in the other languages.
func polite() map[string]wrappers {
	return map[string]wrappers{
		"en": {
			before: []string{
				"please", "pls", "plz", "kindly", "hey", "hi", "hello", "bot", "ok", "okay", "so", "well", "now", "um",
				"excuse me", "sorry", "good morning", "good evening", "hey there", "hi there", "thanks",
				"can you", "could you", "would you", "will you", "can u", "could u",
				"i want to", "i'd like to", "i would like to", "i want you to", "i need you to", "i need to",
				"would you mind", "would you be so kind as to", "be so kind and", "just", "quickly", "go ahead and",
			},
			after: []string{
				"please", "pls", "plz", "thanks", "thank you", "thx", "bot", "for me", "if you can", "if possible",
				"if you please", "many thanks", "right now", "now", "mate", "then", "thanks a lot", "thank you very much",
			},
		},
		"de": {
			before: []string{
				"bitte", "hallo", "hey", "hi", "moin", "servus", "guten tag", "guten morgen", "guten abend", "bot", "sag mal", "sag", "also", "danke",
				"kannst du", "könntest du", "würdest du", "kannst du mir", "könntest du mir", "können sie", "könnten sie",
				"würden sie", "können sie mir", "könnten sie mir", "ich möchte", "ich will", "ich würde gern", "ich würde gerne",
				"entschuldigung", "mal", "doch", "bitte mal", "sei so gut und", "sei so lieb und",
			},
			after: []string{"bitte", "danke", "mal", "bitte danke", "vielen dank", "danke schön", "danke dir", "bot", "für mich", "jetzt"},
		},
		"fr": {
			before: []string{
				"s'il te plaît", "s'il te plait", "s'il vous plaît", "s'il vous plait", "stp", "svp", "bonjour", "salut", "bonsoir", "coucou", "bot",
				"dis", "dis moi", "dis-moi", "merci de", "peux-tu", "peux tu", "tu peux", "pourrais-tu", "pourrais tu", "tu pourrais",
				"pouvez-vous", "pouvez vous", "pourriez-vous", "pourriez vous", "je voudrais", "j'aimerais", "je veux", "est-ce que tu peux",
				"excuse-moi", "excusez-moi", "pardon", "alors",
			},
			after: []string{
				"s'il te plaît", "s'il te plait", "s'il vous plaît", "s'il vous plait", "stp", "svp", "merci", "merci beaucoup", "merci bien", "bot", "pour moi", "maintenant",
			},
		},
		"es": {
			before: []string{
				"por favor", "porfa", "hola", "oye", "buenos días", "buenas tardes", "buenas noches", "buenas", "bot", "dime", "gracias",
				"puedes", "podrías", "podrias", "me puedes", "me podrías", "puede", "podría", "podría usted", "quiero", "quisiera", "me gustaría", "necesito",
				"perdona", "perdón", "disculpa", "a ver",
			},
			after: []string{"por favor", "porfa", "gracias", "muchas gracias", "bot", "para mí", "ahora"},
		},
	}
}

// wrapper finds polite words in the tokens of a message.
type wrapper struct {
	before map[int32][][]int32 // phrases by their first token
	after  map[int32][][]int32 // phrases by their last token
}

// maxWrapped is how many tokens at either end may be politeness.
const maxWrapped = 12

func newWrapper(words lexicon) wrapper {
	w := wrapper{before: make(map[int32][][]int32), after: make(map[int32][][]int32)}
	phrase := func(s string) []int32 {
		toks, _ := words.tokenize(nil, s)
		ids := make([]int32, len(toks))
		for i, t := range toks {
			ids[i] = words.add(nlu.Fold(t.text))
		}
		return ids
	}
	table := polite()
	for _, name := range slices.Sorted(maps.Keys(table)) {
		lang := table[name]
		for _, s := range lang.before {
			p := phrase(s)
			w.before[p[0]] = append(w.before[p[0]], p)
		}
		for _, s := range lang.after {
			p := phrase(s)
			last := p[len(p)-1]
			w.after[last] = append(w.after[last], p)
		}
	}
	return w
}

// starts appends the positions at which a request may begin: 0, and after each
// run of polite words.
func (w wrapper) starts(dst []int32, toks []token) []int32 {
	dst = append(dst, 0)
	for i := 0; i < len(dst); i++ {
		at := int(dst[i])
		if at >= len(toks) || at > maxWrapped {
			continue
		}
		if toks[at].noise {
			dst = addOnce(dst, at+1)
		}
		for _, p := range w.before[toks[at].literal] {
			if equalTokens(toks[at:], p) {
				dst = addOnce(dst, at+len(p))
			}
		}
	}
	return dst
}

// ends appends the positions at which a request may end: after the last token,
// and before each run of polite words.
func (w wrapper) ends(dst []int32, toks []token) []int32 {
	dst = append(dst, int32(len(toks)))
	for i := 0; i < len(dst); i++ {
		at := int(dst[i])
		if at == 0 || at < len(toks)-maxWrapped {
			continue
		}
		if toks[at-1].noise {
			dst = addOnce(dst, at-1)
		}
		for _, p := range w.after[toks[at-1].literal] {
			if at >= len(p) && equalTokens(toks[at-len(p):], p) {
				dst = addOnce(dst, at-len(p))
			}
		}
	}
	return dst
}

func equalTokens(toks []token, phrase []int32) bool {
	if len(toks) < len(phrase) {
		return false
	}
	for i, p := range phrase {
		if toks[i].literal != p {
			return false
		}
	}
	return true
}

func addOnce(dst []int32, at int) []int32 {
	for _, d := range dst {
		if int(d) == at {
			return dst
		}
	}
	return append(dst, int32(at))
}
