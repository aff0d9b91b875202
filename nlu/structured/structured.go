// Package structured reads commands written as commands: the name first, then
// the values.
//
//	get-status machine1
//	Get Status machine1
//	add machine web1 tcp 127.0.0.1:22
//	add machine --name "web 1" check=tcp --address=127.0.0.1:22
//
// A name may have several words; space and hyphen are the same in it, case is
// ignored, and the longest name that fits wins. Values are given in the order
// of the slots or by name. Quotes of any keyboard hold words together, and a
// backslash makes the next quote, space or backslash literal. The two hyphens
// before a flag may be the dash that a phone makes of them, and -- alone ends
// the flags. A Rest slot takes what remains as it stands, quotes included.
//
// The parser never guesses. A name with a typo is no command: Nearest only
// offers what may have been meant. A command whose values do not fit comes back
// with nlu.Usage and unsure, so that a later stage may understand the same
// words as plain language ("subscribe me to web1"). It asks no Resolver: whether
// a machine exists is for the caller to find out.
package structured

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"dragoman/nlu"
)

// Name is the name of this stage.
const Name = "structured"

// maxSlots is how many slots a command may have: as many as given is bits.
const maxSlots = 64

// Parser reads the structured syntax of a set of commands. It is immutable and
// safe for use by many goroutines at once.
type Parser struct {
	commands []command
	names    map[string]name // by key, and every prefix of a key at a word's end
	keys     []key           // all names, for Nearest
	longest  int             // the words of the longest name
}

// command is an nlu.Command prepared for parsing.
type command struct {
	name   string
	why    string
	slots  []nlu.Slot
	folded []string // the names of the slots as flags
	takes  []string // the names of the slots as a person reads them
}

// name is what the words so far amount to.
type name struct {
	command int  // index of the command of this name, or -1
	more    bool // a longer name begins like this
}

// key is one name under which a command is found.
type key struct {
	text    string
	words   int
	command int
}

// New compiles the names of cmds. It reports names that two commands share.
func New(cmds []nlu.Command) (*Parser, error) {
	p := &Parser{names: make(map[string]name)}
	var errs []error
	for i := range cmds {
		errs = append(errs, p.add(&cmds[i]))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Parser) add(c *nlu.Command) error {
	if err := c.Check(); err != nil {
		return err
	}
	if len(c.Slots) > maxSlots {
		return fmt.Errorf("structured: command %q has %d slots; %d are possible", c.Name, len(c.Slots), maxSlots)
	}
	cmd := command{name: c.Name, why: "begins with the name of " + c.Name}
	for _, s := range c.Slots {
		cmd.slots = append(cmd.slots, s)
		cmd.folded = append(cmd.folded, nlu.Key(s.Name))
		cmd.takes = append(cmd.takes, strings.ToLower(s.Name))
	}
	n := len(p.commands)
	p.commands = append(p.commands, cmd)
	if err := p.addName(c.Name, n); err != nil {
		return err
	}
	for _, a := range c.Aliases {
		if err := p.addName(a, n); err != nil {
			return err
		}
	}
	return nil
}

func (p *Parser) addName(written string, n int) error {
	k := nlu.Key(written)
	if k == "" {
		return fmt.Errorf("structured: command %q has an empty alias", p.commands[n].name)
	}
	if old, ok := p.names[k]; ok && old.command >= 0 {
		if old.command == n {
			return nil // "list-x" as an alias of "list x"
		}
		return fmt.Errorf("structured: commands %q and %q are both called %q: rename one",
			p.commands[old.command].name, p.commands[n].name, written)
	}
	p.names[k] = name{command: n, more: p.names[k].more}
	words := strings.Count(k, " ") + 1
	p.keys = append(p.keys, key{text: k, words: words, command: n})
	p.longest = max(p.longest, words)
	for i := range len(k) {
		if k[i] == ' ' {
			prefix := name{command: -1, more: true}
			if old, ok := p.names[k[:i]]; ok {
				prefix.command = old.command
			}
			p.names[k[:i]] = prefix
		}
	}
	return nil
}

// Name implements nlu.Stage.
func (p *Parser) Name() string { return Name }

// Parse implements nlu.Stage. The language plays no part: names of commands
// are the same in all.
func (p *Parser) Parse(text, _ string, into nlu.Values) (nlu.Intent, bool) {
	cmd, end := p.find(text)
	if cmd == nil {
		return nlu.Intent{}, false
	}
	a := arguments{cmd: cmd, text: text, scan: nlu.NewScanner(text, end), values: into[:0]}
	a.read()
	in := nlu.Intent{
		Command: cmd.name, Slots: a.values, Stage: Name, Score: 1, Why: cmd.why, Usage: a.usage,
	}
	if in.Usage != nil {
		in.Score, in.Why = 0, cmd.why+", but the values do not fit"
		return in, false
	}
	return in, true
}

// find returns the command with the longest name that text begins with, and
// the byte after that name; or nil.
func (p *Parser) find(text string) (*command, int) {
	var buf [96]byte
	sofar := buf[:0]
	var found *command
	after := 0
	scan := spaced{text: text}
	for n := 0; n < p.longest; {
		word, end, ok := scan.next()
		if !ok || len(sofar)+len(word) > cap(buf) {
			break
		}
		size := len(sofar)
		if size > 0 {
			sofar = append(sofar, ' ')
		}
		before := len(sofar)
		sofar = nlu.AppendKey(sofar, word)
		if len(sofar) == before { // nothing but invisible characters or hyphens
			sofar = sofar[:size]
			if size > 0 {
				break
			}
			continue
		}
		n++
		hit, ok := p.names[string(sofar)]
		if !ok && scan.atEnd() {
			hit, ok = p.names[string(trimEnd(sofar))]
		}
		if ok && hit.command >= 0 {
			found, after = &p.commands[hit.command], end
		}
		if !ok || !hit.more {
			break
		}
	}
	return found, after
}

// trimEnd is nlu.TrimEnd for bytes.
func trimEnd(b []byte) []byte {
	for len(b) > 0 {
		r, n := utf8.DecodeLastRune(b)
		if !nlu.IsEndMark(r) {
			break
		}
		b = b[:len(b)-n]
	}
	return b
}
