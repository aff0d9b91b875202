package llm

import (
	"strconv"
	"strings"

	"dragoman/nlu"
)

// digits returns the number at the start of a word, such as the 15 of "15th",
// "15min" and "15%", or "".
func digits(word string) string {
	n := 0
	for n < len(word) && ('0' <= word[n] && word[n] <= '9' || word[n] == '.' || word[n] == ',' || n == 0 && (word[n] == '-' || word[n] == '+')) {
		n++
	}
	return strings.TrimRight(word[:n], ".,+-")
}

// spelled returns text with each word that is a number written in digits: "the
// second" is "the 2", "fünfundzwanzig" is "25". In a length of time an article
// is a one and a second is a unit: "a second" is "1 second".
func spelled(text string, duration bool) string {
	words := strings.Fields(nlu.Fold(text))
	for i, w := range words {
		n, ok := numeral(w)
		switch {
		case ok:
		case duration:
			n, ok = 1, isArticle(w)
		default:
			n, ok = ordinal(w)
		}
		if ok {
			words[i] = strconv.Itoa(n)
		}
	}
	return strings.Join(words, " ")
}

func isArticle(w string) bool {
	switch w {
	case "a", "an", "ein", "eine", "einer", "einem", "einen", "un", "une", "una":
		return true
	}
	return false
}

// numeral reads a folded number word of English, German, French or Spanish, up
// to 100. Numbers of several words are not read.
func numeral(w string) (int, bool) {
	if n, ok := cardinal(w); ok {
		return n, true
	}
	if tens, ones, ok := strings.Cut(w, "-"); ok { // twenty-five, vingt-cinq
		return sum(tens, ones)
	}
	if ones, tens, ok := strings.Cut(w, "und"); ok { // fünfundzwanzig
		return sum(tens, ones)
	}
	return 0, false
}

func sum(tens, ones string) (int, bool) {
	if ones == "ein" {
		ones = "eins"
	}
	t, okT := cardinal(tens)
	o, okO := cardinal(ones)
	return t + o, okT && okO && t >= 20 && t%10 == 0 && t < 100 && o > 0 && o < 20
}

// cardinal reads a folded number that is one word by itself.
func cardinal(w string) (int, bool) {
	switch w {
	case "zero", "null", "zéro", "cero":
		return 0, true
	case "one", "eins", "uno":
		return 1, true
	case "two", "zwei", "deux", "dos":
		return 2, true
	case "three", "drei", "trois", "tres":
		return 3, true
	case "four", "vier", "quatre", "cuatro":
		return 4, true
	case "five", "fünf", "cinq", "cinco":
		return 5, true
	case "six", "sechs", "seis":
		return 6, true
	case "seven", "sieben", "sept", "siete":
		return 7, true
	case "eight", "acht", "huit", "ocho":
		return 8, true
	case "nine", "neun", "neuf", "nueve":
		return 9, true
	case "ten", "zehn", "dix", "diez":
		return 10, true
	case "eleven", "elf", "onze", "once":
		return 11, true
	case "twelve", "zwölf", "douze", "doce":
		return 12, true
	case "thirteen", "dreizehn", "treize", "trece":
		return 13, true
	case "fourteen", "vierzehn", "quatorze", "catorce":
		return 14, true
	case "fifteen", "fünfzehn", "quinze", "quince":
		return 15, true
	case "sixteen", "sechzehn", "seize", "dieciséis":
		return 16, true
	case "seventeen", "siebzehn", "dix-sept", "diecisiete":
		return 17, true
	case "eighteen", "achtzehn", "dix-huit", "dieciocho":
		return 18, true
	case "nineteen", "neunzehn", "dix-neuf", "diecinueve":
		return 19, true
	case "twenty", "zwanzig", "vingt", "veinte":
		return 20, true
	case "thirty", "dreissig", "trente", "treinta":
		return 30, true
	case "forty", "vierzig", "quarante", "cuarenta":
		return 40, true
	case "fifty", "fünfzig", "cinquante", "cincuenta":
		return 50, true
	case "sixty", "sechzig", "soixante", "sesenta":
		return 60, true
	case "seventy", "siebzig", "soixante-dix", "setenta":
		return 70, true
	case "eighty", "achtzig", "quatre-vingts", "ochenta":
		return 80, true
	case "ninety", "neunzig", "quatre-vingt-dix", "noventa":
		return 90, true
	case "hundred", "hundert", "cent", "cien":
		return 100, true
	}
	return 0, false
}

// ordinal reads a folded ordinal up to the tenth.
func ordinal(w string) (int, bool) {
	switch w {
	case "first", "erste", "erster", "erstes", "ersten", "premier", "première", "primero", "primera":
		return 1, true
	case "second", "zweite", "zweiter", "zweites", "zweiten", "deuxième", "segundo", "segunda":
		return 2, true
	case "third", "dritte", "dritter", "drittes", "dritten", "troisième", "tercero", "tercera":
		return 3, true
	case "fourth", "vierte", "vierter", "vierten", "quatrième", "cuarto", "cuarta":
		return 4, true
	case "fifth", "fünfte", "fünfter", "fünften", "cinquième", "quinto", "quinta":
		return 5, true
	case "sixth", "sechste", "sechster", "sechsten", "sixième", "sexto", "sexta":
		return 6, true
	case "seventh", "siebte", "siebter", "siebten", "septième", "séptimo", "séptima":
		return 7, true
	case "eighth", "achte", "achter", "achten", "huitième", "octavo", "octava":
		return 8, true
	case "ninth", "neunte", "neunter", "neunten", "neuvième", "noveno", "novena":
		return 9, true
	case "tenth", "zehnte", "zehnter", "zehnten", "dixième", "décimo", "décima":
		return 10, true
	}
	return 0, false
}
