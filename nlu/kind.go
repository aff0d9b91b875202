package nlu

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// maxTyped is the longest number or duration in bytes: nobody means a longer one.
const maxTyped = 64

// BuiltIn reports whether kind is one of the Kind constants (or empty, which is
// KindWord) and so not the name of a gazetteer.
func BuiltIn(kind string) bool {
	switch kind {
	case "", KindText, KindWord, KindInt, KindNumber, KindBool, KindDuration:
		return true
	}
	return false
}

// Canon returns the form of a value that programs read, and whether text is a
// value of that kind at all: what strconv.ParseInt, ParseFloat and ParseBool
// and time.ParseDuration accept. For words, texts and gazetteers it is text
// itself; a gazetteer's Resolver knows more.
func Canon(kind, text string) (string, bool) {
	if text == "" {
		return "", false
	}
	switch kind {
	case KindInt, KindNumber, KindBool, KindDuration:
		if len(text) > maxTyped {
			return "", false
		}
	}
	switch kind {
	case KindInt:
		return canonInt(text)
	case KindNumber:
		return canonNumber(text)
	case KindBool:
		return canonBool(text)
	case KindDuration:
		return canonDuration(text)
	}
	return text, true
}

func canonInt(s string) (string, bool) {
	s = strings.TrimPrefix(s, "+")
	digits := strings.TrimPrefix(s, "-")
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return "", false // before ParseInt, whose errors cost an allocation
		}
	}
	_, err := strconv.ParseInt(s, 10, 64)
	return s, err == nil
}

// canonNumber takes . and , for the decimal mark. It refuses 1,000: that is a
// thousand to some and one to others.
func canonNumber(s string) (string, bool) {
	digit, comma := false, -1
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			digit = true
		case c == ',' && comma < 0:
			comma = i
		case c == '.', (c == '+' || c == '-') && i == 0:
		default:
			return "", false
		}
	}
	if !digit {
		return "", false
	}
	if comma >= 0 {
		if len(s)-comma-1 == 3 {
			return "", false
		}
		s = strings.Replace(s, ",", ".", 1)
	}
	s = strings.TrimPrefix(s, "+")
	f, err := strconv.ParseFloat(s, 64)
	return s, err == nil && !math.IsInf(f, 0)
}

func canonBool(s string) (string, bool) {
	var buf [32]byte
	switch string(AppendFold(buf[:0], s)) {
	case "true", "yes", "y", "on", "1", "ja", "an", "wahr", "oui", "vrai", "sí", "si", "verdadero":
		return "true", true
	case "false", "no", "n", "off", "0", "nein", "aus", "falsch", "non", "faux", "falso":
		return "false", true
	}
	return "", false
}

// canonDuration reads a sequence of numbers with units: "15m", "1h30m", "2d",
// "15 minutes". It keeps what time.ParseDuration reads and says the rest in
// Go's form. A length of time is not negative.
func canonDuration(s string) (string, bool) {
	if c := s[0]; c == '-' || c == '+' {
		return "", false
	}
	if _, err := time.ParseDuration(s); err == nil {
		return s, true
	}
	var buf [64]byte
	rest := string(AppendFold(buf[:0], s))
	var total float64
	for rest != "" {
		n := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != ',' })
		if n <= 0 {
			return "", false
		}
		num, ok := canonNumber(rest[:n])
		if !ok {
			return "", false
		}
		f, err := strconv.ParseFloat(num, 64)
		if err != nil {
			return "", false
		}
		rest = strings.TrimLeft(rest[n:], " ")
		m := strings.IndexFunc(rest, func(r rune) bool { return r == ' ' || '0' <= r && r <= '9' })
		if m < 0 {
			m = len(rest)
		}
		u := unit(rest[:m])
		if u == 0 {
			return "", false
		}
		total += f * float64(u)
		rest = strings.TrimLeft(rest[m:], " ")
	}
	if total > math.MaxInt64/2 {
		return "", false
	}
	return time.Duration(total).String(), true
}

// unit returns the length of a unit of time, or 0. A month or a year has no
// fixed length and is none.
func unit(s string) time.Duration {
	const day = 24 * time.Hour
	switch s {
	case "s", "sec", "secs", "second", "seconds", "sekunde", "sekunden", "seconde", "secondes", "segundo", "segundos":
		return time.Second
	case "m", "min", "mins", "minute", "minutes", "minuten", "minuto", "minutos":
		return time.Minute
	case "h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden", "heure", "heures", "hora", "horas":
		return time.Hour
	case "d", "day", "days", "tag", "tage", "tagen", "jour", "jours", "día", "días", "dia", "dias":
		return day
	case "w", "week", "weeks", "woche", "wochen", "semaine", "semaines", "semana", "semanas":
		return 7 * day
	}
	return 0
}
