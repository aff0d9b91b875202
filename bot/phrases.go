package bot

import (
	"fmt"
	"slices"

	"dragoman/nlu"
)

// Speak gives commands the phrases of a list in the syntax of nlu.ParsePhrases,
// which a skill keeps in a file of its own:
//
//	//go:embed phrases.txt
//	var phrases string
//
//	return bot.Speak("skills/status/phrases.txt", phrases,
//		bot.Command("get-status", s.getStatus)...)
//
// Sentences under [oos en] are near to these commands and mean none of them.
//
// A mistake in the list, such as the name of another command, is reported by
// Bot.Add, with the file and the line.
func Speak(file, list string, cmds ...*Cmd) []*Cmd {
	phrases, err := nlu.ParsePhrases(file, 1, list)
	if err != nil {
		cmds[0].fail(err)
		return cmds
	}
	for _, p := range phrases {
		if p.Command == nlu.OutOfScope {
			cmds[0].against = append(cmds[0].against, p)
			continue
		}
		i := slices.IndexFunc(cmds, func(c *Cmd) bool { return c.name == p.Command })
		if i < 0 {
			cmds[0].fail(fmt.Errorf("%s: there is no command %q beside it", p.Source, p.Command))
			continue
		}
		cmds[i].learn(p)
	}
	return cmds
}

// learn adds a template or an example.
func (c *Cmd) learn(p nlu.Phrase) {
	if p.Template != "" {
		c.say[p.Lang] = append(c.say[p.Lang], p.Template)
		return
	}
	if err := c.knows(p.Example); err != nil {
		c.fail(fmt.Errorf("%s: %w", p.Source, err))
	}
	c.examples[p.Lang] = append(c.examples[p.Lang], p.Example)
}

// fail keeps the first mistake in the definition for Bot.Add.
func (c *Cmd) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}
