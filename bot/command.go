package bot

import (
	"context"
	"fmt"
	"reflect"

	"dragoman/nlu"
)

// Effect says what a command changes. Access rules start from it: what changes
// something that others see is denied unless a rule allows it.
type Effect uint8

// The effects, from harmless to far-reaching.
const (
	// Reads changes nothing; it may be repeated at will.
	Reads Effect = iota
	// ChangesOwn changes only what belongs to the sender, such as their
	// subscriptions.
	ChangesOwn
	// ChangesShared changes what others see, such as the list of machines.
	ChangesShared
)

// Cmd is one command: its name, its typed arguments and the function behind
// it. The structured syntax, the patterns of plain language, the question for a
// missing slot and the help are all derived from it.
type Cmd struct {
	name       string
	summary    string
	say        map[string][]string
	examples   map[string][]nlu.Example
	against    []nlu.Phrase // what means no command though it sounds like it
	permission string
	effect     Effect
	typed      bool
	slots      []slot
	suggest    map[string]func(ctx context.Context) ([]string, error)
	run        func(ctx context.Context, r *Request, values nlu.Values) (Reply, error)
	err        error // of the definition, told when the skill is added
}

// Command defines a command named name, such as "get-status" or "list
// machines". T is a struct whose fields with a slot tag are its arguments, in
// the order in which they are written:
//
//	type GetStatus struct {
//		Machine string `slot:"machine" help:"The machine to ask about." ask:"Which machine?"`
//	}
//
// The tag's first part is the slot's name; ",optional" and ",rest" (the rest of
// the line, verbatim) may follow. default:"..." fills an absent optional slot,
// kind:"..." names what values it takes where that is not the slot's own name.
// A field is a string, bool, int, int64, float64, time.Duration or implements
// encoding.TextUnmarshaler. A mistake in T is reported by Bot.Add.
func Command[T any](name string, do func(ctx context.Context, r *Request, args T) (Reply, error)) *Cmd {
	c := &Cmd{name: name, say: make(map[string][]string), examples: make(map[string][]nlu.Example)}
	c.slots, c.err = slotsOf(reflect.TypeFor[T]())
	c.run = func(ctx context.Context, r *Request, values nlu.Values) (Reply, error) {
		var args T
		if err := fill(reflect.ValueOf(&args).Elem(), c.slots, values); err != nil {
			return Reply{}, err
		}
		return do(ctx, r, args)
	}
	return c
}

// Summary says in one line, without a final period, what the command does.
func (c *Cmd) Summary(line string) *Cmd {
	c.summary = line
	return c
}

// Say adds templates of plain language that mean the command, in the syntax of
// package nlu/rules: "[what is|what's] the status of {machine}".
func (c *Cmd) Say(lang string, templates ...string) *Cmd {
	c.say[lang] = append(c.say[lang], templates...)
	return c
}

// Like adds sentences that mean the command, for the stages that learn from
// examples; what fills a slot is marked: "is [web1](machine) still alive". A
// template of Say matches what it describes and nothing else; an example stands
// for all that is said like it, so a command needs ten or more of them.
func (c *Cmd) Like(lang string, sentences ...string) *Cmd {
	for _, s := range sentences {
		e, err := nlu.ParseExample(s)
		if err != nil {
			c.fail(err)
			continue
		}
		c.learn(nlu.Phrase{Command: c.name, Lang: lang, Example: e, Source: "its code"})
	}
	return c
}

// knows reports a slot that an example marks and the command lacks.
func (c *Cmd) knows(e nlu.Example) error {
	for _, s := range e.Slots {
		if c.slot(s.Slot) == nil {
			return fmt.Errorf("the example %q marks the slot %q, which it does not have", nlu.Cut(e.Text), s.Slot)
		}
	}
	return nil
}

// Needs names the permission that the command takes, such as "status.read".
func (c *Cmd) Needs(permission string) *Cmd {
	c.permission = permission
	return c
}

// Changes declares what the command changes; without it, it reads. With a
// Journal such a command runs inside of a transaction: its function may run
// twice, asks no network, and changes what is in memory after the commit
// (store.DB.AfterCommit).
func (c *Cmd) Changes(e Effect) *Cmd {
	c.effect = e
	return c
}

// Typed says that only the sender can decide for the command, such as to consent
// to something: it is run when it is typed or said in the words of a template,
// and asked about where it is only likely. No lesson and no language model leads
// to it.
func (c *Cmd) Typed() *Cmd {
	c.typed = true
	return c
}

// Suggest gives the values that a slot can take at the moment, for questions,
// for plain language and for naming the nearest to a wrong one. It is asked
// often and must be quick.
func (c *Cmd) Suggest(slot string, values func(ctx context.Context) ([]string, error)) *Cmd {
	if c.suggest == nil {
		c.suggest = make(map[string]func(context.Context) ([]string, error))
	}
	c.suggest[slot] = values
	return c
}

// Name is what a person types to run the command.
func (c *Cmd) Name() string { return c.name }

// Permission is what the sender needs to run it, empty when nothing.
func (c *Cmd) Permission() string { return c.permission }

// Effect is what the command changes.
func (c *Cmd) Effect() Effect { return c.effect }

// check reports a mistake in the definition.
func (c *Cmd) check() error {
	if c.err != nil {
		return fmt.Errorf("command %q: %w", c.name, c.err)
	}
	if c.name == "" || c.summary == "" {
		return fmt.Errorf("command %q: needs a name and a Summary", c.name)
	}
	for name := range c.suggest {
		if c.slot(name) == nil {
			return fmt.Errorf("command %q: Suggest names the slot %q, which it does not have", c.name, name)
		}
	}
	return nil
}

func (c *Cmd) slot(name string) *slot {
	for i := range c.slots {
		if c.slots[i].name == name {
			return &c.slots[i]
		}
	}
	return nil
}

// usage is the command line as help shows it: get-status <machine>.
func (c *Cmd) usage() string {
	line := c.name
	for _, s := range c.slots {
		switch {
		case s.optional:
			line += " [" + s.name + "]"
		default:
			line += " <" + s.name + ">"
		}
	}
	return line
}

// Grammar is the command as package nlu sees it: its name, slots and templates.
func (c *Cmd) Grammar() nlu.Command {
	g := nlu.Command{Name: c.name, Summary: c.summary, Say: c.say, Examples: c.examples, Changes: c.effect != Reads}
	for _, s := range c.slots {
		g.Slots = append(g.Slots, nlu.Slot{
			Name: s.name, Kind: s.kind, Required: !s.optional, Rest: s.rest, Default: s.preset,
		})
	}
	return g
}
