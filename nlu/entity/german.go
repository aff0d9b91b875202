package entity

import "bytes"

// germanNumber reads a German number that is written as one word:
// "zweihundertfünfundzwanzigtausenddrei". Word is folded, without accents; both
// fünf and fuenf are known.
func germanNumber(word []byte) (int64, bool) {
	if len(word) < 3 || len(word) > 80 {
		return 0, false
	}
	if i := bytes.Index(word, []byte("tausend")); i >= 0 {
		head, tail := word[:i], trimUnd(word[i+len("tausend"):])
		thousands, rest := int64(1), int64(0)
		ok := true
		if len(head) > 0 {
			thousands, ok = germanHundreds(head)
		}
		if ok && len(tail) > 0 {
			rest, ok = germanHundreds(tail)
		}
		return thousands*1000 + rest, ok
	}
	return germanHundreds(word)
}

// germanHundreds reads a number below 1000, and elfhundert to neunzehnhundert.
func germanHundreds(word []byte) (int64, bool) {
	i := bytes.Index(word, []byte("hundert"))
	if i < 0 {
		return germanTens(word)
	}
	head, tail := word[:i], trimUnd(word[i+len("hundert"):])
	hundreds, rest := int64(1), int64(0)
	ok := true
	if len(head) > 0 {
		hundreds, ok = germanTens(head)
		ok = ok && hundreds > 0 && hundreds < 20
	}
	if ok && len(tail) > 0 {
		rest, ok = germanTens(tail)
	}
	return hundreds*100 + rest, ok
}

func trimUnd(w []byte) []byte {
	if len(w) > 3 && string(w[:3]) == "und" {
		return w[3:]
	}
	return w
}

// germanTens reads a number below 100.
func germanTens(word []byte) (int64, bool) {
	if v, ok := germanSmall(word); ok {
		return v, true
	}
	if v, ok := germanTen(word); ok {
		return v, true
	}
	i := bytes.LastIndex(word, []byte("und"))
	if i <= 0 {
		return 0, false
	}
	unit, ok := germanSmall(word[:i])
	ten, is := germanTen(word[i+3:])
	return ten + unit, ok && is && 0 < unit && unit < 10
}

func germanSmall(w []byte) (int64, bool) {
	switch string(w) {
	case "null":
		return 0, true
	case "ein", "eins", "eine":
		return 1, true
	case "zwei", "zwo":
		return 2, true
	case "drei":
		return 3, true
	case "vier":
		return 4, true
	case "funf", "fuenf":
		return 5, true
	case "sechs":
		return 6, true
	case "sieben":
		return 7, true
	case "acht":
		return 8, true
	case "neun":
		return 9, true
	case "zehn":
		return 10, true
	case "elf":
		return 11, true
	case "zwolf", "zwoelf":
		return 12, true
	case "dreizehn":
		return 13, true
	case "vierzehn":
		return 14, true
	case "funfzehn", "fuenfzehn":
		return 15, true
	case "sechzehn":
		return 16, true
	case "siebzehn":
		return 17, true
	case "achtzehn":
		return 18, true
	case "neunzehn":
		return 19, true
	}
	return 0, false
}

func germanTen(w []byte) (int64, bool) {
	switch string(w) {
	case "zwanzig":
		return 20, true
	case "dreissig", "dreizig":
		return 30, true
	case "vierzig":
		return 40, true
	case "funfzig", "fuenfzig":
		return 50, true
	case "sechzig":
		return 60, true
	case "siebzig":
		return 70, true
	case "achtzig":
		return 80, true
	case "neunzig":
		return 90, true
	}
	return 0, false
}

// germanHalf reads anderthalb, zweieinhalb, dreieinhalbe.
func germanHalf(w []byte) (float64, bool) {
	for _, ending := range [...]string{"", "e", "en", "er", "es"} {
		stem, ok := bytes.CutSuffix(w, []byte(ending))
		if !ok {
			continue
		}
		if string(stem) == "anderthalb" {
			return 1.5, true
		}
		if head, ok := bytes.CutSuffix(stem, []byte("einhalb")); ok && len(head) > 0 {
			v, ok := germanTens(trimUndAfter(head))
			return float64(v) + 0.5, ok
		}
	}
	return 0, false
}

func trimUndAfter(w []byte) []byte { return bytes.TrimSuffix(w, []byte("und")) }
