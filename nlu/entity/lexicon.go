package entity

import "strings"

// languages is a set of the languages whose words are known.
type languages uint8

const (
	englishIndex = iota
	germanIndex
	frenchIndex
	spanishIndex

	german  = languages(1 << germanIndex)
	french  = languages(1 << frenchIndex)
	spanish = languages(1 << spanishIndex)
)

func (l languages) has(index int) bool { return l&(1<<index) != 0 }

// several reports whether the text may be in more than one language.
func (l languages) several() bool { return l&(l-1) != 0 }

func languageIndex(tag string) int {
	primary := tag
	if i := strings.IndexAny(tag, "-_"); i >= 0 {
		primary = tag[:i]
	}
	switch {
	case strings.EqualFold(primary, "en"):
		return englishIndex
	case strings.EqualFold(primary, "de"):
		return germanIndex
	case strings.EqualFold(primary, "fr"):
		return frenchIndex
	case strings.EqualFold(primary, "es"):
		return spanishIndex
	}
	return -1
}

// languageSet returns the set of the given tags; all where none is known.
func languageSet(tags []string) languages {
	var set languages
	for _, t := range tags {
		if i := languageIndex(t); i >= 0 {
			set |= 1 << i
		}
	}
	if set == 0 {
		set = 1<<len(lexicons) - 1
	}
	return set
}

// pick returns the language of a text; all of l when lang is none that is known.
func (l languages) pick(lang string) languages {
	if i := languageIndex(lang); i >= 0 {
		return 1 << i
	}
	return l
}

// wordSet makes a set of the words in a text.
func wordSet(text string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(text) {
		m[w] = true
	}
	return m
}

// counted makes number words of those in text, from value on in steps. Words
// that are joined by / have the same value.
func counted(m map[string]numberWord, value, step int64, text string) {
	for _, w := range strings.Fields(text) {
		for _, same := range strings.Split(w, "/") {
			m[same] = numberWord{value, addRole}
		}
		value += step
	}
}

// special makes number words of those in text.
func special(m map[string]numberWord, value int64, role role, text string) {
	for _, w := range strings.Fields(text) {
		m[w] = numberWord{value, role}
	}
}

// placed makes ordinals of the words in text, from place on in steps.
func placed(m map[string]int, place, step int, text string) {
	for _, w := range strings.Fields(text) {
		for _, same := range strings.Split(w, "/") {
			m[same] = place
		}
		place += step
	}
}

// lexicons are the number words by language index, folded and without accents.
var lexicons = [...]lexicon{englishWords(), germanWords(), frenchWords(), spanishWords()}

func newLexicon(l lexicon) lexicon {
	l.words, l.ordinals = make(map[string]numberWord), make(map[string]int)
	return l
}

func englishWords() lexicon {
	l := newLexicon(lexicon{and: "and", point: [2]string{"point"}, half: [2]string{"half"}})
	counted(l.words, 0, 1, `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
		fifteen sixteen seventeen eighteen nineteen`)
	counted(l.words, 20, 10, "twenty thirty forty/fourty fifty sixty seventy eighty ninety")
	special(l.words, 1, articleRole, "a an")
	special(l.words, 100, hundredRole, "hundred")
	special(l.words, 1000, scaleRole, "thousand")
	special(l.words, 1e6, scaleRole, "million mio")
	special(l.words, 1e9, scaleRole, "billion")
	special(l.words, 12, dozenRole, "dozen")
	special(l.words, 0, halfRole, "half")
	placed(l.ordinals, 1, 1, `first second third fourth fifth sixth seventh eighth ninth/nineth tenth eleventh twelfth
		thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth`)
	placed(l.ordinals, 20, 10, "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth hundredth")
	placed(l.ordinals, -1, -1, "last/final penultimate")
	return l
}

func germanWords() lexicon {
	l := newLexicon(lexicon{and: "und", point: [2]string{"komma"}, compound: germanNumber, compoundOrdinal: germanOrdinal})
	special(l.words, 1, articleRole, "ein eine einen einem einer eines")
	special(l.words, 100, hundredRole, "hundert")
	special(l.words, 1000, scaleRole, "tausend")
	special(l.words, 1e6, scaleRole, "million millionen mio")
	special(l.words, 1e9, scaleRole, "milliarde milliarden mrd")
	special(l.words, 12, dozenRole, "dutzend")
	special(l.words, 0, halfRole, "halbes halben")
	return l
}

func frenchWords() lexicon {
	l := newLexicon(lexicon{and: "et", andTens: true, vigesimal: true, point: [2]string{"virgule", "point"}, half: [2]string{"demi", "demie"},
		compoundOrdinal: frenchOrdinal})
	counted(l.words, 0, 1, `zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize`)
	counted(l.words, 20, 10, "vingt/vingts trente quarante cinquante soixante septante huitante/octante nonante")
	special(l.words, 1, articleRole, "un une")
	special(l.words, 100, hundredRole, "cent cents")
	special(l.words, 1000, scaleRole, "mille")
	special(l.words, 1e6, scaleRole, "million millions")
	special(l.words, 1e9, scaleRole, "milliard milliards")
	special(l.words, 12, dozenRole, "douzaine douzaines")
	special(l.words, 0, halfRole, "demi")
	placed(l.ordinals, 1, 1, "premier/premiere/premiers/premieres second/seconde/seconds")
	placed(l.ordinals, -1, -1, "dernier/derniere/derniers/dernieres penultieme")
	return l
}

func spanishWords() lexicon {
	l := newLexicon(lexicon{and: "y", andTens: true, ordinalTens: true, point: [2]string{"coma", "punto"}, half: [2]string{"medio", "media"}})
	counted(l.words, 0, 1, `cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince
		dieciseis diecisiete dieciocho diecinueve veinte veintiuno/veintiun/veintiuna veintidos veintitres veinticuatro
		veinticinco veintiseis veintisiete veintiocho veintinueve`)
	counted(l.words, 30, 10, "treinta cuarenta cincuenta sesenta setenta ochenta noventa")
	counted(l.words, 200, 100, `doscientos/doscientas trescientos/trescientas cuatrocientos/cuatrocientas quinientos/quinientas
		seiscientos/seiscientas setecientos/setecientas ochocientos/ochocientas novecientos/novecientas`)
	special(l.words, 100, addRole, "cien ciento")
	special(l.words, 1, articleRole, "un una")
	special(l.words, 1000, scaleRole, "mil")
	special(l.words, 1e6, scaleRole, "millon millones")
	special(l.words, 12, dozenRole, "docena docenas")
	special(l.words, 0, halfRole, "media")
	placed(l.ordinals, 1, 1, `primero/primera/primer/primeros/primeras segundo/segunda/segundas tercero/tercera/tercer cuarto/cuarta
		quinto/quinta sexto/sexta septimo/septima/setimo octavo/octava noveno/novena decimo/decima
		undecimo/undecima/decimoprimero/decimoprimera duodecimo/duodecima/decimosegundo/decimosegunda
		decimotercero/decimotercera/decimotercer decimocuarto/decimocuarta decimoquinto/decimoquinta decimosexto/decimosexta
		decimoseptimo/decimoseptima decimoctavo/decimoctava decimonoveno/decimonovena vigesimo/vigesima`)
	placed(l.ordinals, 30, 10, "trigesimo/trigesima cuadragesimo/cuadragesima quincuagesimo/quincuagesima")
	placed(l.ordinals, -1, -1, "ultimo/ultima/ultimos/ultimas penultimo/penultima")
	return l
}
