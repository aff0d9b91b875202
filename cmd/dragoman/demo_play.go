package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"dragoman/internal/counterpart"
)

// scene is the conversation in one place, as it should be and as it was.
type scene struct {
	where string
	from  string // the bot's address here
	say   func(text string) error
	lines []line
	heard []string // the transcript so far
}

// line is what somebody says in a scene.
type line struct{ who, text string }

func (l line) String() string { return fmt.Sprintf("%-9s %s", l.who+":", l.text) }

// someSeconds stands in a line for however many seconds the bot says.
const someSeconds = "N seconds"

// matches reports whether what was heard is what it should be.
func matches(heard, want string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(want), someSeconds, `(1 second|\d+ seconds)`)
	return regexp.MustCompile("^" + pattern + "$").MatchString(heard)
}

// theBot is how transcripts call it.
const theBot = "bot"

// later is shown where the machine is stopped.
const later = "... later ..."

// scenes are the first conversation of the design in a room, where the bot is
// addressed by a prefix, and in a direct message.
func (d *demo) scenes() []*scene {
	conversation := func(prefix string) []line {
		return []line{
			{demoPerson, prefix + "get-status " + demoMachine},
			{theBot, demoMachine + " is currently running for " + someSeconds},
			{demoPerson, prefix + "subscribe " + demoMachine},
			{theBot, demoPerson + " is now subscribed to changes to " + demoMachine},
		}
	}
	return []*scene{
		{
			where: "In the room " + d.room, from: d.room + "/" + demoNick, lines: conversation("!"),
			say: func(text string) error { return d.john.SayRoom(d.room, text) },
		},
		{
			where: "In a direct message to " + demoBot, from: demoBot, lines: conversation(""),
			say: func(text string) error { return d.john.Say(demoBot, text) },
		},
	}
}

// gone is what the bot says by itself when the machine has been stopped.
func gone() line { return line{theBot, demoMachine + " has gone down."} }

// play has the conversation in both places, prints it, and returns an error
// when a word of it differs.
func (d *demo) play(ctx context.Context, out io.Writer) error {
	fmt.Fprintf(out, "Prosody is up at %s, and %s is process %d at %s.\n",
		d.server.C2S, demoMachine, d.machine.pid(), d.machine.address)
	scenes := d.scenes()
	err := d.act(ctx, out, scenes)
	for _, s := range scenes {
		fmt.Fprintf(out, "\n%s:\n", s.where)
		for _, l := range s.heard {
			fmt.Fprintf(out, "    %s\n", l)
		}
	}
	if err == nil {
		err = compare(scenes)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "\nEvery word is as it should be.")
	return err
}

// act speaks john's lines and takes down what the bot says to them.
func (d *demo) act(ctx context.Context, out io.Writer, scenes []*scene) error {
	for _, s := range scenes {
		for _, l := range s.lines {
			if l.who == theBot {
				if err := d.hear(ctx, s); err != nil {
					return err
				}
				continue
			}
			if err := s.say(l.text); err != nil {
				return err
			}
			s.heard = append(s.heard, l.String())
		}
	}
	d.machine.stop()
	fmt.Fprintf(out, "Process %d has been killed; the bot finds out by itself.\n", d.machine.pid())
	for _, s := range scenes {
		s.heard = append(s.heard, later)
		if err := d.hear(ctx, s); err != nil {
			return err
		}
	}
	for _, s := range scenes { // what it should not have said
		for _, m := range d.john.Received(spokenBy(s.from)) {
			s.heard = append(s.heard, line{theBot, m.Body}.String())
		}
	}
	return nil
}

// hear takes down the next thing that the bot says in a scene.
func (d *demo) hear(ctx context.Context, s *scene) error {
	ctx, cancel := context.WithTimeoutCause(ctx, demoPatience, fmt.Errorf("%v are over", demoPatience))
	defer cancel()
	m, err := d.john.Expect(ctx, spokenBy(s.from))
	if err != nil {
		return fmt.Errorf("%s the bot said nothing after %q: %w", s.where, s.heard[len(s.heard)-1], err)
	}
	s.heard = append(s.heard, line{theBot, m.Body}.String())
	return nil
}

// spokenBy matches what has words in it.
func spokenBy(address string) func(counterpart.Msg) bool {
	from := counterpart.Messages(address, "")
	return func(m counterpart.Msg) bool { return m.Body != "" && from(m) }
}

// compare says where the transcripts first differ from what they should be.
func compare(scenes []*scene) error {
	for _, s := range scenes {
		var want []string
		for _, l := range s.lines {
			want = append(want, l.String())
		}
		want = append(want, later, gone().String())
		if slices.EqualFunc(s.heard, want, matches) {
			continue
		}
		return fmt.Errorf("%s the conversation differs. It should be:\n    %s", s.where, strings.Join(want, "\n    "))
	}
	return nil
}
