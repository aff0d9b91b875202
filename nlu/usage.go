package nlu

import (
	"fmt"
	"strings"
)

// Problem is the way in which a command was written wrongly.
type Problem int

// The problems of a Usage.
const (
	TooMany     Problem = iota + 1 // more words than the command takes
	UnknownFlag                    // --word names no slot of the command
	NoValue                        // --slot is the last word
	BadValue                       // the value is not of the slot's kind
	Repeated                       // a slot is given twice
	Unclosed                       // a quotation mark has no partner
)

// Usage says why a command cannot run as it was written. String is the English
// wording; a caller of another language words it from the fields.
type Usage struct {
	Problem Problem
	Command string   // the name of the command
	Takes   []string // TooMany: the names of the slots
	Given   int      // TooMany: the number of words given for them
	Slot    string   // NoValue, BadValue, Repeated: the slot
	Kind    string   // BadValue: the kind of the slot
	Word    string   // UnknownFlag, BadValue, Unclosed: what was written, cut to a readable length
	Nearest string   // UnknownFlag: the slot that may have been meant, or ""
}

// maxQuote bounds how much of a person's text a Usage repeats, in bytes.
const maxQuote = 40

// Cut shortens a piece of a person's text to what can be repeated in an answer.
func Cut(s string) string {
	if len(s) <= maxQuote {
		return s
	}
	n := 0
	for i := range s {
		if i > maxQuote-len("…") {
			break
		}
		n = i
	}
	return s[:n] + "…"
}

// String tells the person in one English sentence, without a final full stop.
func (u *Usage) String() string {
	switch u.Problem {
	case TooMany:
		return fmt.Sprintf("%s takes %s; you gave %s", u.Command, takes(u.Takes), count(u.Given, "word"))
	case UnknownFlag:
		if u.Nearest != "" {
			return fmt.Sprintf("%s has no %s; did you mean --%s?", u.Command, u.Word, u.Nearest)
		}
		return fmt.Sprintf("%s has no %s", u.Command, u.Word)
	case NoValue:
		return fmt.Sprintf("--%s needs a value", u.Slot)
	case BadValue:
		return fmt.Sprintf("%s has to be %s; you wrote %s", u.Slot, wanted(u.Kind), u.Word)
	case Repeated:
		return fmt.Sprintf("%s is given twice", u.Slot)
	case Unclosed:
		return fmt.Sprintf("the quotation mark before %s is not closed", u.Word)
	}
	return u.Command + " was not understood"
}

func takes(slots []string) string {
	switch n := len(slots); n {
	case 0:
		return "no values"
	case 1:
		return "one " + slots[0]
	default:
		return strings.Join(slots[:n-1], ", ") + " and " + slots[n-1]
	}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// wanted describes a kind to a person.
func wanted(kind string) string {
	switch kind {
	case KindInt:
		return "a whole number"
	case KindNumber:
		return "a number"
	case KindBool:
		return "yes or no"
	case KindDuration:
		return "a length of time such as 15m or 2h"
	}
	return "a " + kind
}
