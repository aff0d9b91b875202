package entity

import (
	"strings"
	"sync"
)

// tongue reports the names of languages, and their codes where the word before
// says that a language follows.
func tongue(s *scratch) {
	tongues := languageNames()
	s.found = tongues.exact(s, s.found[:0])
	last := int32(-1)
	for k := range s.found {
		m := s.found[k]
		if k+1 < len(s.found) && s.found[k+1].to > m.to && s.found[k+1].from <= m.from {
			continue // "portuguese" of "portuguese brazil" that goes on
		}
		for k+1 < len(s.found) && s.found[k+1].to == m.to && s.found[k+1].from < m.from {
			m = s.found[k+1]
		}
		if m.from < last || !s.free(int(m.from), int(m.to)) || m.name < 0 {
			continue
		}
		start, end := int(s.atoms[m.from].start), int(s.atoms[m.to-1].end)
		if m.to-m.from == 1 && isDoubtfulLanguage(s.word(int(m.from))) && s.text[start] >= 'a' && !s.afterLanguageWord(int(m.from)) {
			continue
		}
		if s.isForeign(s.word(int(m.from))) {
			continue
		}
		last = m.to
		s.add(KindLanguage, start, end, tongues.names[m.name].proper)
	}
	s.languageCodes()
}

// languageCodes reports codes of languages: "language=de", "in pt-BR".
func (s *scratch) languageCodes() {
	for i := range s.atoms {
		a := &s.atoms[i]
		if a.class != letters || a.owner > 0 || a.end-a.start > 3 || !isLanguageCode(s.word(i)) {
			continue
		}
		next := i + 1
		if s.isTag(i) {
			next++
		}
		if !s.bounded(i, next) {
			continue
		}
		start, end := int(a.start), int(s.atoms[next-1].end)
		if next == i+1 && !s.marksCode(i) {
			continue
		}
		s.add(KindLanguage, start, end, canonTag(s.text[start:end]))
	}
}

// isTag reports whether the atom after i makes a tag with a region or a script
// of the code at i.
func (s *scratch) isTag(i int) bool {
	if i+1 >= len(s.atoms) || s.atoms[i+1].before != hyphen || s.atoms[i+1].class != letters {
		return false
	}
	code, sub := s.text[s.atoms[i].start:s.atoms[i].end], s.text[s.atoms[i+1].start:s.atoms[i+1].end]
	return !hasUpper(code) && isSubtag(sub) || smallTag(s.text[s.atoms[i].start:s.atoms[i+1].end]) != ""
}

func isTagRune(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '-' }

// wholeCode returns the language tag that the text is the whole of.
func (s *scratch) wholeCode() (string, bool) {
	if len(s.atoms) == 0 || len(s.atoms) > 2 || !isLanguageCode(s.word(0)) {
		return "", false
	}
	if len(s.atoms) == 2 && !s.isTag(0) || strings.TrimFunc(s.text, isTagRune) != "" {
		return "", false
	}
	return canonTag(s.text), true
}

// marksCode reports whether what stands before atom i says that it is the code
// of a language.
func (s *scratch) marksCode(i int) bool {
	if i == 0 {
		return false
	}
	j := i - 1
	if c := s.text[s.atoms[j].start]; s.atoms[j].class == mark && (c == '=' || c == ':') && j > 0 {
		j--
	}
	switch string(s.word(j)) {
	case "language", "lang", "sprache", "langue", "idioma", "locale":
		return true
	}
	return false
}

// isSubtag reports whether s is a region or a script in its usual case.
func isSubtag(s string) bool {
	switch len(s) {
	case 2:
		return 'A' <= s[0] && s[0] <= 'Z' && 'A' <= s[1] && s[1] <= 'Z'
	case 4:
		return s == "Hant" || s == "Hans" || s == "Latn" || s == "Cyrl"
	}
	return false
}

// smallTag returns the usual case of a tag that people write in small letters,
// or "".
func smallTag(tag string) string { return usualTags[tag] }

var usualTags = func() map[string]string {
	m := make(map[string]string)
	for _, tag := range strings.Fields("pt-BR pt-PT zh-CN zh-TW zh-Hans zh-Hant en-US en-GB en-AU en-CA de-AT de-CH fr-CA fr-CH fr-BE es-MX es-AR") {
		m[strings.ToLower(tag)] = tag
	}
	return m
}()

// canonTag returns a language tag in its usual case.
func canonTag(tag string) string {
	if len(tag) <= 3 {
		return lower(tag)
	}
	if usual := smallTag(tag); usual != "" {
		return usual
	}
	return tag
}

// afterLanguageWord reports whether the word before atom i is one that the name
// of a language follows: in, into, speak, auf.
func (s *scratch) afterLanguageWord(i int) bool {
	return i > 0 && s.atoms[i].before == spaced && isBeforeLanguage(s.word(i-1))
}

func isBeforeLanguage(w []byte) bool {
	switch string(w) {
	case "in", "into", "to", "from", "speak", "speaks", "auf", "ins", "aus", "spricht", "en", "al", "del", "language", "lang", "sprache", "langue", "idioma":
		return true
	}
	return false
}

// isDoubtfulLanguage reports whether the name of a language is another word as
// well when it has no capital.
func isDoubtfulLanguage(w []byte) bool {
	switch string(w) {
	case "polish":
		return true
	}
	return false
}

// isForeign reports whether the name of a language is, in the language of the
// text, another word: Italien is a country to Germans and a language to the
// French.
func (s *scratch) isForeign(w []byte) bool {
	switch string(w) {
	case "italien", "indonesien", "galicien":
		return s.lang != french
	case "danes", "gales":
		return s.lang != spanish
	}
	return false
}

// languageNames returns the automaton of the names of languages.
var languageNames = sync.OnceValue(func() *automaton {
	var list []spelling
	for line := range strings.Lines(languageTable) {
		tag, names, _ := strings.Cut(strings.TrimSpace(line), " ")
		for n := range strings.SplitSeq(names, ",") {
			if n = strings.TrimSpace(n); n != "" {
				list = append(list, spelling{tag, n, nameKey(n)})
			}
		}
	}
	return build(list)
})

func isLanguageCode(w []byte) bool { return languageCodeSet[string(w)] }

var languageCodeSet = func() map[string]bool {
	m := make(map[string]bool)
	for line := range strings.Lines(languageTable) {
		if tag, _, _ := strings.Cut(line, " "); len(tag) <= 3 {
			m[tag] = true
		}
	}
	return m
}()

// languageTable holds a tag and its names in English, German, French, Spanish
// and the language itself, with common misspellings. Accents are ignored.
const languageTable = `en English, Englisch, Englische, Englischen, anglais, anglaise, inglés, inglesa
en-US American English, US English, amerikanisches Englisch, anglais américain, inglés americano
en-GB British English, UK English, britisches Englisch, anglais britannique, inglés británico
de German, Deutsch, Deutsche, Deutschen, allemand, allemande, alemán, alemana
fr French, Französisch, Französische, Französischen, français, française, francés, francesa
es Spanish, Spanisch, Spanische, Spanischen, espagnol, espagnole, español, española, castellano, Castilian, Kastilisch, castillan
it Italian, Italienisch, Italienische, Italienischen, italien, italienne, italiano, italiana
pt Portuguese, Portugiesisch, Portugiesische, Portugiesischen, portugais, portugaise, portugués, portuguesa, português, Portugese
pt-BR Brazilian Portuguese, brasilianisches Portugiesisch, portugais brésilien, portugais du Brésil, portugués brasileño, portugués de Brasil, Brazilian
nl Dutch, Niederländisch, Niederländische, Niederländischen, Holländisch, néerlandais, néerlandaise, hollandais, neerlandés, holandés, Nederlands
pl Polish, Polnisch, Polnische, Polnischen, polonais, polonaise, polaco, polaca, polski
ru Russian, Russisch, Russische, Russischen, russe, ruso, rusa, русский
uk Ukrainian, Ukrainisch, Ukrainische, Ukrainischen, ukrainien, ukrainienne, ucraniano, ucraniana, українська
cs Czech, Tschechisch, Tschechische, Tschechischen, tchèque, checo, čeština
sk Slovak, Slowakisch, Slowakische, slovaque, eslovaco, eslovaca, slovenčina
sl Slovene, Slovenian, Slowenisch, slovène, esloveno, eslovena, slovenščina
hr Croatian, Kroatisch, Kroatische, croate, croata, hrvatski
sr Serbian, Serbisch, Serbische, serbe, serbio, srpski, српски
bs Bosnian, Bosnisch, bosniaque, bosnio, bosanski
bg Bulgarian, Bulgarisch, Bulgarische, bulgare, búlgaro, búlgara, български
ro Romanian, Rumänisch, Rumänische, roumain, roumaine, rumano, rumana, română
hu Hungarian, Ungarisch, Ungarische, hongrois, hongroise, húngaro, húngara, magyar
el Greek, Griechisch, Griechische, Griechischen, grec, grecque, griego, griega, ελληνικά
tr Turkish, Türkisch, Türkische, Türkischen, turc, turque, turco, turca, Türkçe
ar Arabic, Arabisch, Arabische, Arabischen, arabe, árabe, العربية
he Hebrew, Hebräisch, Hebräische, hébreu, hebreo, hebrea, עברית
fa Persian, Farsi, Persisch, Persische, persan, persane, persa, فارسی
hi Hindi, हिन्दी
ur Urdu, Ourdou, اردو
bn Bengali, Bangla, Bengalisch, bengalí
ta Tamil, Tamilisch, tamoul
zh Chinese, Mandarin, Chinesisch, Chinesische, Chinesischen, chinois, chinoise, chino, mandarín, 中文
zh-Hant Traditional Chinese, traditionelles Chinesisch, chinois traditionnel, chino tradicional
zh-Hans Simplified Chinese, vereinfachtes Chinesisch, chinois simplifié, chino simplificado
yue Cantonese, Kantonesisch, cantonais, cantonés
ja Japanese, Japanisch, Japanische, Japanischen, japonais, japonaise, japonés, japonesa, 日本語
ko Korean, Koreanisch, Koreanische, coréen, coréenne, coreano, coreana, 한국어
vi Vietnamese, Vietnamesisch, vietnamien, vietnamienne, vietnamita, Tiếng Việt
th Thai, Thailändisch, thaï, thaïlandais, tailandés
id Indonesian, Indonesisch, indonésien, indonesio, Bahasa Indonesia
ms Malay, Malaiisch, malais, malayo
sv Swedish, Schwedisch, Schwedische, Schwedischen, suédois, suédoise, sueco, sueca, svenska
no Norwegian, Norwegisch, Norwegische, norvégien, norvégienne, noruego, noruega, norsk
da Danish, Dänisch, Dänische, Dänischen, danois, danoise, danés, danesa, dansk
fi Finnish, Finnisch, Finnische, finnois, finlandais, finlandés, suomi
is Icelandic, Isländisch, islandais, islandés, íslenska
et Estonian, Estnisch, estonien, estonio, eesti
lv Latvian, Lettisch, letton, letón, latviešu
lt Lithuanian, Litauisch, lituanien, lituano, lietuvių
ga Irish, Irisch, irlandais, irlandés, Gaeilge
cy Welsh, Walisisch, gallois, galés, Cymraeg
ca Catalan, Katalanisch, catalán, català
eu Basque, Baskisch, vasco, euskera
gl Galician, Galicisch, galicien, gallego, galego
la Latin, Lateinisch, latín
eo Esperanto, espéranto
sq Albanian, Albanisch, albanais, albanés
mk Macedonian, Mazedonisch, macédonien, macedonio
sw Swahili, Suaheli, suajili
af Afrikaans
lb Luxembourgish, Luxemburgisch, luxembourgeois, luxemburgués, Lëtzebuergesch
`
