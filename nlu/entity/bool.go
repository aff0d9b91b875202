package entity

import "dragoman/nlu"

// bools reports words for yes and no. A word that is often another, such as the
// no of "no problem" or the on of "on Monday", counts where it stands alone in
// its clause or after what switches something.
func bools(s *scratch) {
	for i := range s.atoms {
		a := &s.atoms[i]
		if a.class != letters || a.owner > 0 || len(s.word(i)) > 10 || !s.bounded(i, i+1) {
			continue
		}
		value, clear := s.boolWord(i)
		if value == "" || !clear && !s.aloneInClause(i) && !s.switches(i) {
			continue
		}
		s.add(nlu.KindBool, int(a.start), int(a.end), value)
	}
}

// boolWord returns what the word of atom i means, and whether it means that
// wherever it stands.
func (s *scratch) boolWord(i int) (string, bool) {
	switch string(s.word(i)) {
	case "yes", "yeah", "yep", "yup", "oui", "ouais", "jawohl":
		return "true", true
	case "nope", "nah", "nein", "nee":
		return "false", true
	case "true":
		return "true", s.endsClause(i)
	case "false":
		return "false", s.endsClause(i)
	case "si":
		a := &s.atoms[i]
		return "true", s.text[a.start:a.end] != "si" && a.end-a.start == 3 && s.lang.has(spanishIndex)
	case "ja", "y", "on", "an", "wahr", "vrai", "verdadero", "enabled", "ok", "okay", "sure", "klar", "claro", "ein", "encendido", "active":
		return s.localBool(i, "true")
	case "no", "non", "n", "off", "aus", "falsch", "faux", "falso", "disabled", "apagado", "ne":
		return s.localBool(i, "false")
	}
	return "", false
}

// endsClause reports whether atom i is the last of its clause.
func (s *scratch) endsClause(i int) bool {
	return i+1 == len(s.atoms) || s.atoms[i+1].before == parted || s.atoms[i+1].class == mark
}

// localBool is boolWord for words that mean it only in some contexts, and some
// of them only in one language.
func (s *scratch) localBool(i int, value string) (string, bool) {
	language := -1
	switch string(s.word(i)) {
	case "an", "aus", "ein", "klar", "ja", "ne":
		language = germanIndex
	case "non":
		language = frenchIndex
	case "on":
		language = englishIndex
	}
	if language >= 0 && !s.lang.has(language) {
		return "", false
	}
	return value, false
}

// aloneInClause reports whether atom i is all of a clause, or begins a message
// of nothing but thanks or please beside it: "no, thanks", "ja bitte".
func (s *scratch) aloneInClause(i int) bool {
	begins := i == 0 || s.atoms[i].before == parted || s.atoms[i-1].class == mark
	if !begins {
		return i > 0 && s.isOfTwo(i)
	}
	if s.endsClause(i) {
		return !isShortBool(s.word(i)) || len(s.atoms) == 1
	}
	return afterYesOrNo[string(s.word(i+1))] && !isShortBool(s.word(i))
}

// afterYesOrNo are the words that leave a yes or no before them what it is.
var afterYesOrNo = wordSet("thanks thank please danke bitte merci gracias por sir yes no ja si non naturlich claro doch")

// isOfTwo reports whether atom i stands after a word of its own kind: "no no".
func (s *scratch) isOfTwo(i int) bool {
	return i == 1 && len(s.atoms) == 2 && string(s.word(0)) == string(s.word(1))
}

// isShortBool reports whether w is yes or no only as a whole message.
func isShortBool(w []byte) bool {
	switch string(w) {
	case "an", "aus", "ein", "on", "off", "y", "n", "ok", "active", "ne":
		return true
	}
	return false
}

// switches reports whether atom i is what something is switched to: "turn it
// off", "alerts=on", "schalte web1 aus".
func (s *scratch) switches(i int) bool {
	if i == 0 {
		return false
	}
	if b := &s.atoms[i-1]; b.class == mark {
		c := s.text[b.start]
		return c == '=' || c == ':' && i+1 == len(s.atoms)
	}
	w := s.word(i)
	if !isSwitch(w) {
		return false
	}
	switch string(s.word(i - 1)) {
	case "turn", "turned", "turning", "switch", "switched", "switching":
		return true // turn on the light
	}
	if !s.endsClause(i) {
		return false
	}
	for j := max(0, i-8); j < i; j++ {
		if s.atoms[j].class == letters && isSwitchVerb(s.word(j)) {
			return true
		}
	}
	return false
}

func isSwitch(w []byte) bool {
	switch string(w) {
	case "on", "off", "an", "aus", "ein", "enabled", "disabled":
		return true
	}
	return false
}

func isSwitchVerb(w []byte) bool {
	switch string(w) {
	case "turn", "turned", "switch", "switched", "set", "put", "schalte", "schalt", "stell", "stelle", "mach", "mache", "schalten", "setze", "setz", "knips":
		return true
	}
	return false
}
