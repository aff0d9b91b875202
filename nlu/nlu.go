package nlu

import "strings"

// MaxText is the longest message in bytes that a Chain looks at. What is
// longer is no request to a bot, whatever its first words are.
const MaxText = 64 << 10

// The kinds of slot that this library knows by itself. Every other kind is the
// name of a gazetteer: a list of live names that a Resolver knows, such as
// "machine".
const (
	KindText     = "text"     // any words, never none
	KindWord     = "word"     // one word, or a quoted run
	KindInt      = "int"      // a whole number
	KindNumber   = "number"   // a number; 3.5 and 3,5 are the same
	KindBool     = "bool"     // yes or no, in English, German, French or Spanish
	KindDuration = "duration" // a length of time such as 15m, 1h30m, 2d or "15 minutes"
)

// KindLine is the kind of a slot that takes a command line, as somebody would
// type it. It is like a gazetteer: a Resolver knows which lines mean something.
const KindLine = "line"

// Line returns a command line without the sign that may stand before it, as in
// teach "phrase" = get-status web1. Of signs alone nothing is left.
func Line(text string) string { return strings.TrimSpace(strings.TrimLeft(text, "=>: ")) }

// Command is what the understanding needs to know of one command.
type Command struct {
	// Name is what the command is called, of one or several words: "get-status",
	// "add machine". Space and hyphen are the same in it, and case is ignored.
	Name string
	// Aliases are further names, understood like Name.
	Aliases []string
	// Slots are the values the command takes, in the order in which they are
	// given without their names.
	Slots []Slot
	// Say holds templates of plain language by language ("en", "de"); package
	// nlu/rules describes their syntax.
	Say map[string][]string
	// Examples are sentences that mean the command, by language. Stages that
	// learn are trained on them; the others ignore them.
	Examples map[string][]Example
	// Changes says that the command changes something. A stage that learns does
	// not take "don't" for a wish to.
	Changes bool
	// Summary says in one line what the command does. Stages that learn from
	// descriptions use it; the others ignore it.
	Summary string
}

// Slot is one value that a command takes.
type Slot struct {
	Name     string // unique in the command; the name of the flag as well
	Kind     string // one of the Kind constants or the name of a gazetteer; empty is KindWord
	Required bool   // the caller asks for it when it is absent; no stage refuses for it
	Rest     bool   // takes the rest of the line as it stands; the last slot only
	Default  string // the value a Chain fills in when the slot is absent
}

// Slot returns the slot of that name.
func (c *Command) Slot(name string) (Slot, bool) {
	for _, s := range c.Slots {
		if s.Name == name {
			return s, true
		}
	}
	return Slot{}, false
}

// Value is what one slot was given.
type Value struct {
	Slot string // the name of the slot
	// Text is the value: without quotes and escapes, in Unicode NFC, in the form
	// that Canon gives for the built-in kinds, and in its own spelling for a
	// known name of a gazetteer. The value of a Rest slot is verbatim.
	Text string
	// Start and End are the bytes of the parsed text that the value was read
	// from, quotes included. Both are 0 for a value that nobody wrote (a default).
	Start, End int
	// Known says that a Resolver knew the name. It stays false in stages that
	// ask no Resolver.
	Known bool
}

// Values are the slots of one Intent, each at most once. It is a slice and not
// a map because commands have few slots: finding one by a loop is faster than
// hashing, and one allocation holds them all.
type Values []Value

// Get returns the value of a slot, or "" when the slot is absent.
func (v Values) Get(slot string) string {
	s, _ := v.Lookup(slot)
	return s
}

// Lookup returns the value of a slot and whether it is there.
func (v Values) Lookup(slot string) (string, bool) {
	for i := range v {
		if v[i].Slot == slot {
			return v[i].Text, true
		}
	}
	return "", false
}

// Map returns the values as a map from slot to text, for callers that want one.
func (v Values) Map() map[string]string {
	m := make(map[string]string, len(v))
	for _, x := range v {
		m[x.Slot] = x.Text
	}
	return m
}

// Intent is the reading of a message: which command it asks for, with which
// values.
type Intent struct {
	Command string  // the Name of the command
	Slots   Values  // what was given; a slot that was not given is absent
	Stage   string  // the name of the stage that read it
	Score   float64 // from 0 to 1; 1 is certain
	Why     string  // why the stage thinks so, for people who debug
	// Usage, when not nil, says why the command cannot run as it was written.
	// Tell it to the person and run nothing.
	Usage *Usage
}

// Miss says that no stage was sure.
type Miss struct {
	// Readings are what the text may have meant, with slots, best first, at
	// most 3: to be asked about, never to be run unasked.
	Readings []Intent
	Nearest  []string // names of commands to offer, best first, at most 3
	Why      string   // why nothing was sure, for people who debug
}

// Stage is one way to read a message. Parse is called from many goroutines at
// once. It may not block: what asks the network is no stage, but something to
// turn to after a Miss.
type Stage interface {
	// Name is the short name that Intent.Stage carries: "structured", "rules".
	Name() string
	// Parse reads text, whose language is lang ("en") or unknown (""). True
	// means that the stage is sure and decides. False with a Command in the
	// Intent is a reading to fall back on: one with Usage is told to the person
	// if no later stage is sure, any other is offered as "did you mean". The
	// memory of into, which may be nil, is used for the slots of the Intent, so
	// that a caller who has some to spare pays for no allocation.
	Parse(text, lang string, into Values) (Intent, bool)
}

// Suggester is a Stage that can name commands that a text may have meant. A
// Chain asks it only when no stage was sure.
type Suggester interface {
	// Nearest returns names of commands, best first, at most 3.
	Nearest(text, lang string) []string
}

// Ranker is a Stage that can read a text in several ways. A Chain asks it only
// when no stage was sure, for what to offer.
type Ranker interface {
	// Readings returns what the text may mean, best first, at most 3.
	Readings(text, lang string) []Intent
}

// Resolver knows the live names of each gazetteer. It is called from many
// goroutines at once and has to answer from memory.
type Resolver interface {
	// Knows reports whether the names of that kind are listed at all. Where
	// they are not, any name may be right.
	Knows(kind string) bool
	// Resolve returns the proper spelling of a name as somebody wrote it, and
	// whether there is such a name of that kind.
	Resolve(kind, name string) (string, bool)
}
