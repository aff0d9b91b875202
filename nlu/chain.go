package nlu

import (
	"fmt"
	"slices"
)

// maxNearest is how many commands a Miss offers: more than three is a help page.
const maxNearest = 3

// Chain asks its stages in order; the first that is sure decides. It is
// immutable and safe for use by many goroutines at once.
type Chain struct {
	commands map[string]*Command
	defaults map[string][]Slot // only the slots that have one, by command
	names    Resolver
	stages   []Stage
}

// Options are what a Chain may be given besides its commands.
type Options struct {
	// Names knows the live names of gazetteers. A reading with a name that it
	// does not know is no longer sure, whatever the stage says: "how is life"
	// may look like the status of a machine. Nil believes every name.
	Names Resolver
}

// New returns the Chain of stages over cmds. It reports two commands of one
// name and slots that contradict each other.
func New(cmds []Command, o Options, stages ...Stage) (*Chain, error) {
	c := &Chain{
		names:    o.Names,
		commands: make(map[string]*Command, len(cmds)),
		defaults: make(map[string][]Slot),
		stages:   slices.Clone(stages),
	}
	for i := range cmds {
		cmd := cmds[i]
		if err := cmd.Check(); err != nil {
			return nil, err
		}
		if _, dup := c.commands[cmd.Name]; dup {
			return nil, fmt.Errorf("nlu: two commands are called %q: rename one", cmd.Name)
		}
		c.commands[cmd.Name] = &cmd
		for _, s := range cmd.Slots {
			if s.Default != "" {
				c.defaults[cmd.Name] = append(c.defaults[cmd.Name], s)
			}
		}
	}
	return c, nil
}

// Check reports what makes a command impossible to understand: no name, a slot
// without a name or with one that another slot has, a Rest slot before others.
func (c *Command) Check() error {
	if Fold(c.Name) == "" {
		return fmt.Errorf("nlu: a command has no name")
	}
	for i, s := range c.Slots {
		if s.Name == "" {
			return fmt.Errorf("nlu: slot %d of command %q has no name", i+1, c.Name)
		}
		if s.Rest && i != len(c.Slots)-1 {
			return fmt.Errorf("nlu: slot %q of command %q takes the rest of the line, so it has to be the last", s.Name, c.Name)
		}
		for _, t := range c.Slots[:i] {
			if Fold(t.Name) == Fold(s.Name) {
				return fmt.Errorf("nlu: command %q has two slots named %q", c.Name, s.Name)
			}
		}
	}
	return nil
}

// Parse reads text, whose language is lang ("en") or unknown (""). It returns
// either an Intent and nil, or a Miss that says what to offer instead. An
// Intent whose Usage is set is to be told, not run. Absent slots are filled
// with their defaults; a required slot may be absent.
func (c *Chain) Parse(text, lang string) (Intent, *Miss) { return c.ParseInto(text, lang, nil) }

// ParseInto is Parse with memory for the slots of the Intent. With enough of it
// a message that is understood costs no allocation.
func (c *Chain) ParseInto(text, lang string, into Values) (Intent, *Miss) {
	if len(text) > MaxText {
		return Intent{}, &Miss{Why: fmt.Sprintf("%d bytes are too long for a request", len(text))}
	}
	var fallback Intent // the first one that may be told or run if nothing is surer
	firm := false       // only what is certain is surer than that
	var unsure []Intent
	for _, s := range c.stages {
		in, sure := s.Parse(text, lang, into)
		cmd := c.commands[in.Command]
		if cmd == nil {
			continue // a stage may know commands that this chain does not offer
		}
		trust := c.trust(cmd, &in, text)
		if firm && (in.Score < 1 || in.Command == fallback.Command) {
			continue
		}
		if sure && in.Usage == nil && trust == known && (firm || !anyWords(cmd, &in)) {
			c.fill(&in)
			return in, nil
		}
		into = nil // it may hold the slots of this one
		if sure && trust == known && in.Usage == nil {
			fallback, firm = in, true
			continue
		}
		if in.Usage != nil || sure && trust == likely {
			if fallback.Command == "" {
				fallback = in
			}
			continue
		}
		unsure = append(unsure, in)
	}
	if fallback.Command != "" {
		c.fill(&fallback)
		return fallback, nil
	}
	return Intent{}, c.miss(text, lang, unsure)
}

// fill adds the defaults of the slots that in lacks.
func (c *Chain) fill(in *Intent) {
	for _, s := range c.defaults[in.Command] {
		if _, given := in.Slots.Lookup(s.Name); !given {
			in.Slots = append(in.Slots, Value{Slot: s.Name, Text: s.Default})
		}
	}
}

// miss gathers what to offer: what a stage thought of without being sure comes
// before what merely looks alike.
func (c *Chain) miss(text, lang string, unsure []Intent) *Miss {
	m := &Miss{Why: "no stage is sure"}
	offer := func(name string) {
		if len(m.Nearest) < maxNearest && c.commands[name] != nil && !slices.Contains(m.Nearest, name) {
			m.Nearest = append(m.Nearest, name)
		}
	}
	for _, s := range c.stages {
		if r, ok := s.(Ranker); ok {
			unsure = append(slices.DeleteFunc(unsure, func(in Intent) bool { return in.Stage == s.Name() }), r.Readings(text, lang)...)
		}
	}
	slices.SortStableFunc(unsure, func(a, b Intent) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	for _, in := range unsure {
		cmd := c.commands[in.Command]
		if cmd == nil {
			continue
		}
		c.trust(cmd, &in, text)
		c.fill(&in)
		if len(m.Readings) < maxNearest {
			m.Readings = append(m.Readings, in)
		}
		offer(in.Command)
	}
	for _, s := range c.stages {
		if sg, ok := s.(Suggester); ok {
			for _, name := range sg.Nearest(text, lang) {
				offer(name)
			}
		}
	}
	return m
}

// Verdict is what one stage made of a text.
type Verdict struct {
	Stage  string
	Intent Intent // the zero Intent when the stage found nothing at all
	Sure   bool
}

// Explain asks every stage, also those after the one that decides, and returns
// their verdicts in the order of the chain.
func (c *Chain) Explain(text, lang string) []Verdict {
	out := make([]Verdict, 0, len(c.stages))
	if len(text) > MaxText {
		return out
	}
	for _, s := range c.stages {
		in, sure := s.Parse(text, lang, nil)
		sure = sure && in.Usage == nil
		if cmd := c.commands[in.Command]; cmd != nil && sure {
			sure = c.trust(cmd, &in, text) == known
		}
		out = append(out, Verdict{Stage: s.Name(), Intent: in, Sure: sure})
	}
	return out
}

// Command returns the command of that name, or nil.
func (c *Chain) Command(name string) *Command { return c.commands[name] }
