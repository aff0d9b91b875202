package nlu

import (
	"fmt"
	"strings"
)

// OutOfScope is the name under which sentences are listed that mean no command
// at all. Stages that learn are taught to refuse what is like them.
const OutOfScope = "oos"

// Phrase is one line of a list of phrases.
type Phrase struct {
	Command  string // the name of a command, or OutOfScope
	Lang     string // "en"
	Template string // in the syntax of package nlu/rules; empty for an example
	Example  Example
	Source   string // file and line
}

// ParsePhrases reads a list of phrases. A line [get-status en] begins the
// phrases of a command in a language; a line after it that begins with "= " is
// a template, every other one an example as ParseExample reads it. Empty lines
// and those that begin with # are skipped.
//
//	[get-status en]
//	= [what is|what's] the status of {machine}
//	is [web1](machine) still alive
//
// The file is named in errors and in the Source of each phrase, with the number
// of the line; the first one of text is line.
func ParsePhrases(file string, line int, text string) ([]Phrase, error) {
	var out []Phrase
	var command, lang string
	for said := range strings.Lines(text) {
		source := fmt.Sprintf("%s:%d", file, line)
		line++
		said = strings.TrimSpace(said)
		switch {
		case said == "" || said[0] == '#':
			continue
		case said[0] == '[' && said[len(said)-1] == ']':
			fields := strings.Fields(said[1 : len(said)-1])
			if len(fields) < 2 {
				return nil, fmt.Errorf("nlu: %s: expected [command language], such as [get-status en]", source)
			}
			last := len(fields) - 1
			command, lang = strings.Join(fields[:last], " "), fields[last]
			continue
		case command == "":
			return nil, fmt.Errorf("nlu: %s: expected [command language] before the first phrase", source)
		}
		p := Phrase{Command: command, Lang: lang, Source: source}
		if template, ok := strings.CutPrefix(said, "= "); ok {
			p.Template = strings.TrimSpace(template)
		} else {
			e, err := ParseExample(said)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", source, err)
			}
			e.Source = source
			p.Example = e
		}
		out = append(out, p)
	}
	return out, nil
}
