package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"dragoman/nlu"
)

// Finding is something in the templates that will surprise somebody.
type Finding struct {
	Command  string
	Lang     string
	Template string
	Problem  string
}

// String says it in one line.
func (f Finding) String() string {
	return fmt.Sprintf("template %q of %s (%s): %s", f.Template, f.Command, f.Lang, f.Problem)
}

// Lint reports what New accepts and what it refuses: templates with an error
// (empty, a slot that the command lacks), templates given twice, and templates
// of two commands that share a sentence, with that sentence. The order is that
// of cmds. A template with very many sentences is compared by the first two
// thousand.
func Lint(cmds []nlu.Command) []Finding {
	l := linter{owner: make(map[string]*lintTemplate), told: make(map[[2]*lintTemplate]bool)}
	for i := range cmds {
		c := &cmds[i]
		for _, lang := range slices.Sorted(maps.Keys(c.Say)) {
			for _, source := range c.Say[lang] {
				l.template(c, lang, source)
			}
		}
	}
	return l.findings
}

// linter remembers who says which sentence.
type linter struct {
	owner    map[string]*lintTemplate
	told     map[[2]*lintTemplate]bool
	findings []Finding
}

type lintTemplate struct{ command, lang, source string }

func (l *linter) template(c *nlu.Command, lang, source string) {
	me := &lintTemplate{c.Name, lang, source}
	report := func(format string, args ...any) {
		l.findings = append(l.findings, Finding{c.Name, lang, source, fmt.Sprintf(format, args...)})
	}
	if strings.TrimSpace(source) == "" {
		report("is empty")
		return
	}
	slots := slotsOf(c)
	tree, err := parse(source)
	if err == nil {
		err = check(tree, slots)
	}
	if err != nil {
		report("column %d: expected %s", err.Column, err.Want)
		return
	}
	for _, sentence := range expand(tree, maxSentences) {
		words := sentence.with(slots)
		other := l.owner[words]
		if other == nil {
			l.owner[words] = me
			continue
		}
		pair := [2]*lintTemplate{other, me}
		if l.told[pair] || other == me {
			continue
		}
		l.told[pair] = true
		if other.command == c.Name {
			report("says %q, which %q (%s) says already", words, other.source, other.lang)
		} else {
			report("says %q, which %q of %s (%s) says too: messages go to the one that is first by name",
				words, other.source, other.command, other.lang)
		}
	}
}
