package structured

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dragoman/nlu"
)

// spaced cuts a text at white space and nothing else.
type spaced struct {
	text string
	pos  int
}

// next returns the next word and the byte after it.
func (s *spaced) next() (word string, end int, ok bool) {
	s.skip()
	start := s.pos
	for s.pos < len(s.text) {
		r, n := utf8.DecodeRuneInString(s.text[s.pos:])
		if unicode.IsSpace(r) {
			break
		}
		s.pos += n
	}
	return s.text[start:s.pos], s.pos, s.pos > start
}

func (s *spaced) skip() {
	for s.pos < len(s.text) {
		r, n := utf8.DecodeRuneInString(s.text[s.pos:])
		if !unicode.IsSpace(r) {
			return
		}
		s.pos += n
	}
}

// atEnd reports whether only white space follows.
func (s *spaced) atEnd() bool {
	s.skip()
	return s.pos == len(s.text)
}

// arguments reads what follows the name of a command.
type arguments struct {
	cmd    *command
	text   string
	scan   nlu.Scanner
	values nlu.Values
	given  uint64 // bit set of the slots that have a value
	words  int    // how many words were given for slots without their name
	extra  bool   // more of them than slots
	plain  bool   // -- was read: no flags any more
	usage  *nlu.Usage
}

// read reads all words, or stops at the first that does not fit. Words that
// are too many are counted to the end, so that the person can be told how many.
func (a *arguments) read() {
	for a.usage == nil {
		if !a.scan.SkipSpace() {
			break
		}
		begin := a.scan
		w, _ := a.scan.Next()
		if !a.plain && w.Text == "--" && !w.Quoted {
			a.plain = true
			continue
		}
		if !a.plain && a.flag(w) {
			continue
		}
		if !a.position(w, begin) {
			break
		}
	}
	if a.extra && a.usage == nil {
		a.usage = &nlu.Usage{Problem: nlu.TooMany, Command: a.cmd.name, Takes: a.cmd.takes, Given: a.words}
	}
}

// position takes w for the next slot that has no value. It reports false when
// nothing is left to read.
func (a *arguments) position(w nlu.Word, begin nlu.Scanner) bool {
	i := a.next()
	if i >= 0 && a.cmd.slots[i].Rest {
		rest := strings.TrimRightFunc(a.text[begin.Pos():], unicode.IsSpace)
		a.put(i, nlu.Value{Text: rest, Start: begin.Pos(), End: begin.Pos() + len(rest)})
		return false
	}
	if i < 0 && a.onlyMarks(w) {
		return false // "get-status machine1 ?"
	}
	a.words++
	if i < 0 {
		a.extra = true
		return true
	}
	if !w.Quoted && a.trims(i) && nlu.TrimEnd(w.Text) == "" {
		a.words-- // "get-status ?" gives no machine
		return false
	}
	if w.Open != 0 && w.Open != '\'' && w.Open != '‘' && w.Open != '‚' {
		a.usage = &nlu.Usage{Problem: nlu.Unclosed, Command: a.cmd.name, Word: nlu.Cut(strings.TrimPrefix(w.Text, string(w.Open)))}
		return false
	}
	text := w.Text
	if w.Key != "" { // x="y", and x is no slot: the word is meant as it stands
		text = a.text[w.Start:w.End]
		w.Quoted = false
	}
	a.take(i, text, w.Start, w.End, w.Quoted)
	return true
}

// next returns the first slot without a value, or -1.
func (a *arguments) next() int {
	for i := range a.cmd.slots {
		if a.given&(1<<i) == 0 {
			return i
		}
	}
	return -1
}

// onlyMarks reports whether w is the last word and nothing but punctuation.
func (a *arguments) onlyMarks(w nlu.Word) bool {
	rest := a.scan
	return !w.Quoted && nlu.TrimEnd(w.Text) == "" && !rest.SkipSpace()
}

// flag reads --slot value, --slot=value and slot=value, and reports whether w
// was the beginning of one.
func (a *arguments) flag(w nlu.Word) bool {
	if w.Quoted && w.Key == "" {
		return false
	}
	name, dashed := strings.CutPrefix(w.Text, "--")
	if w.Key != "" {
		name, dashed = strings.CutPrefix(w.Key, "--")
	}
	if !dashed {
		if name, dashed = strings.CutPrefix(name, "—"); !dashed {
			name, dashed = strings.CutPrefix(name, "–")
		}
	}
	if !dashed && w.Key == "" && strings.IndexByte(w.Text, '=') <= 0 {
		return false
	}
	value, hasValue := w.Text, w.Key != ""
	if !hasValue {
		name, value, hasValue = strings.Cut(name, "=")
	}
	i := a.slot(name)
	if i < 0 {
		return dashed && a.unknown(name)
	}
	if hasValue {
		a.takeNamed(i, value, w.Start, w.End, w.Quoted)
		return true
	}
	if a.cmd.slots[i].Kind == nlu.KindBool {
		a.takeNamed(i, "true", w.Start, w.End, true)
		return true
	}
	v, ok := a.scan.Next()
	if !ok {
		a.usage = &nlu.Usage{Problem: nlu.NoValue, Command: a.cmd.name, Slot: a.cmd.slots[i].Name}
		return true
	}
	text := v.Text
	if v.Key != "" {
		text = a.text[v.Start:v.End]
	}
	a.takeNamed(i, text, v.Start, v.End, v.Quoted)
	return true
}

// slot returns the index of the slot that a flag names, or -1.
func (a *arguments) slot(name string) int {
	if len(name) > 64 {
		return -1
	}
	var buf [64]byte
	k := nlu.AppendKey(buf[:0], strings.TrimSpace(name))
	for i, f := range a.cmd.folded {
		if f == string(k) {
			return i
		}
	}
	return -1
}

// unknown handles a flag that names no slot. Where a Rest slot is next the word
// belongs to it, and a dash with nothing like a name after it is no flag.
func (a *arguments) unknown(name string) bool {
	if i := a.next(); i >= 0 && a.cmd.slots[i].Rest {
		return false
	}
	if r, _ := utf8.DecodeRuneInString(name); !unicode.IsLetter(r) {
		return false
	}
	u := &nlu.Usage{Problem: nlu.UnknownFlag, Command: a.cmd.name, Word: nlu.Cut("--" + name)}
	if len(name) <= 64 {
		if near := nlu.Nearest(name, a.cmd.takes, 1); len(near) > 0 {
			u.Nearest = near[0]
		}
	}
	a.usage = u
	return true
}

// takeNamed gives slot i a value by its name.
func (a *arguments) takeNamed(i int, text string, start, end int, quoted bool) {
	if a.given&(1<<i) != 0 {
		a.usage = &nlu.Usage{Problem: nlu.Repeated, Command: a.cmd.name, Slot: a.cmd.slots[i].Name}
		return
	}
	a.take(i, text, start, end, quoted)
}

// take gives slot i the text of bytes start to end.
func (a *arguments) take(i int, text string, start, end int, quoted bool) {
	s := &a.cmd.slots[i]
	if !quoted && a.trims(i) {
		trimmed := nlu.TrimEnd(text)
		end -= len(text) - len(trimmed)
		text = trimmed
	}
	if text == "" && !(quoted && s.Kind == nlu.KindText) {
		a.usage = &nlu.Usage{Problem: nlu.NoValue, Command: a.cmd.name, Slot: s.Name}
		return
	}
	value, ok := nlu.Canon(s.Kind, text)
	if !ok && text != "" {
		a.usage = &nlu.Usage{Problem: nlu.BadValue, Command: a.cmd.name, Slot: s.Name, Kind: s.Kind, Word: nlu.Cut(text)}
		return
	}
	a.put(i, nlu.Value{Text: value, Start: start, End: end})
}

// trims reports whether punctuation at the end of the word just read cannot be
// part of a value of slot i: the text ends here, and names and numbers end in
// no mark. A free word may.
func (a *arguments) trims(i int) bool {
	switch a.cmd.slots[i].Kind {
	case "", nlu.KindWord, nlu.KindText:
		return false
	}
	rest := a.scan
	return !rest.SkipSpace()
}

// put records a value. The first one makes room for all.
func (a *arguments) put(i int, v nlu.Value) {
	if cap(a.values) == 0 {
		a.values = make(nlu.Values, 0, len(a.cmd.slots))
	}
	v.Slot = a.cmd.slots[i].Name
	a.values = append(a.values, v)
	a.given |= 1 << i
}
