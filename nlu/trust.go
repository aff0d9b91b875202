package nlu

import (
	"strings"
	"unicode"
)

// trust is how far the names in a reading can be believed.
type trust int

const (
	doubtful trust = iota // a name that is not known and does not look like one
	likely                // a name that is not known but is written like one
	known                 // all names are known, or cannot be
)

// trust looks up the names in the slots of in. It gives known ones their proper
// spelling.
func (c *Chain) trust(cmd *Command, in *Intent, text string) trust {
	t := known
	if c.names == nil {
		return t
	}
	for i := range in.Slots {
		v := &in.Slots[i]
		if v.Known {
			continue
		}
		slot, _ := cmd.Slot(v.Slot)
		if BuiltIn(slot.Kind) || !c.names.Knows(slot.Kind) {
			continue
		}
		proper, ok := c.names.Resolve(slot.Kind, v.Text)
		switch {
		case ok:
			v.Text, v.Known = proper, true
		case looksLikeName(v.Text) || in.Score == 1 && oneWord(text[v.Start:v.End]):
			t = min(t, likely)
		default:
			t = doubtful
		}
	}
	return t
}

// anyWords reports whether a slot of in took several words of any kind to the end
// of the line: "ping me when the shop is back" is the command ping with a text,
// unless another stage is certain of what it means.
func anyWords(cmd *Command, in *Intent) bool {
	for _, v := range in.Slots {
		if s, _ := cmd.Slot(v.Slot); s.Rest && s.Kind == KindText && strings.ContainsFunc(v.Text, unicode.IsSpace) {
			return true
		}
	}
	return false
}

// looksLikeName reports whether s can hardly be an ordinary word: one word in
// which a letter and a digit, or an inner mark, meet.
func looksLikeName(s string) bool {
	letter, digit, mark := false, false, false
	for i, r := range s {
		switch {
		case unicode.IsSpace(r):
			return false
		case unicode.IsLetter(r):
			letter = true
		case unicode.IsDigit(r):
			digit = true
		case (r == '.' || r == '_' || r == '@' || r == ':') && 0 < i && i < len(s)-1:
			mark = true
		}
	}
	return letter && (digit || mark)
}

// oneWord reports whether s was written as one word or one quoted run.
func oneWord(s string) bool {
	scan := NewScanner(s, 0)
	scan.Next()
	return !scan.SkipSpace()
}
