package learn

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"dragoman/nlu"
	"dragoman/nlu/classify"
	"dragoman/nlu/entity"
	"dragoman/nlu/rules"
	"dragoman/nlu/structured"
)

// Finding is something in the phrases that will surprise somebody.
type Finding struct {
	Source  string // where the phrase is written, or the name of its command
	Phrase  string
	Problem string
}

// String says it in one line.
func (f Finding) String() string {
	return fmt.Sprintf("%s: “%s” %s", f.Source, f.Phrase, f.Problem)
}

// linter reads phrases with a chain that knows all the names in them.
type linter struct {
	chain    *nlu.Chain
	kinds    kinds
	findings []Finding
}

// Lint reads phrases with all stages together and reports examples that are
// taken for another command, and templates of which no sentence is read as what
// it says. Nil phrases are all that the commands have.
func (s *Stage) Lint(cmds []nlu.Command, phrases []nlu.Phrase) ([]Finding, error) {
	all, err := sentences(cmds, nil)
	if err != nil {
		return nil, err
	}
	if phrases == nil {
		phrases = phrasesOf(cmds)
	}
	l := &linter{kinds: kindsOf(cmds)}
	if l.chain, err = s.knowing(cmds, all, l.kinds); err != nil {
		return nil, err
	}
	n := namesOf(all, l.kinds)
	for _, p := range phrases {
		switch c := l.chain.Command(p.Command); {
		case c == nil: // out of scope, or refused before
		case p.Template != "":
			l.template(c, p, n)
		default:
			l.example(c, p)
		}
	}
	return l.findings, nil
}

// phrasesOf are the phrases of commands, in a fixed order.
func phrasesOf(cmds []nlu.Command) []nlu.Phrase {
	var out []nlu.Phrase
	for _, c := range cmds {
		for _, lang := range slices.Sorted(maps.Keys(c.Examples)) {
			for _, e := range c.Examples[lang] {
				out = append(out, nlu.Phrase{Command: c.Name, Lang: lang, Example: e, Source: e.Source})
			}
		}
		for _, lang := range slices.Sorted(maps.Keys(c.Say)) {
			for _, template := range c.Say[lang] {
				out = append(out, nlu.Phrase{Command: c.Name, Lang: lang, Template: template})
			}
		}
	}
	return out
}

// knowing returns a chain of all stages that knows the names in the sentences.
func (s *Stage) knowing(cmds []nlu.Command, all []sentence, k kinds) (*nlu.Chain, error) {
	r := entity.New(entity.Options{})
	for kind, v := range namesOf(all, k) {
		if !nlu.BuiltIn(kind) {
			r.Set(kind, v.list...)
		}
	}
	exact, err := structured.New(cmds)
	if err != nil {
		return nil, err
	}
	phrases, err := rules.New(cmds, rules.Options{Resolver: r})
	if err != nil {
		return nil, err
	}
	return nlu.New(cmds, nlu.Options{Names: r}, exact, phrases, s.like(r))
}

func (l *linter) example(c *nlu.Command, p nlu.Phrase) {
	in, miss := l.chain.Parse(p.Example.Text, p.Lang)
	if miss == nil && in.Command != c.Name {
		l.report(p, p.Example.Text, "of %s is taken for %s by the stage %s", c.Name, in.Command, in.Stage)
	}
}

// template tries some sentences of a template, with names in them.
func (l *linter) template(c *nlu.Command, p nlu.Phrase, n names) {
	list, err := rules.Sentences(c, p.Template, 64)
	if err != nil {
		l.report(p, p.Template, "is no template: %v", err)
		return
	}
	var other string
	for i, e := range list {
		text := sentence{c.Name, p.Lang, e.Text, e.Slots, ""}.with(l.kinds, n, i, false).text
		in, miss := l.chain.Parse(text, p.Lang)
		if miss == nil && in.Command == c.Name {
			return
		}
		if miss == nil {
			other = fmt.Sprintf("; “%s” is taken for %s by the stage %s", text, in.Command, in.Stage)
		}
	}
	l.report(p, p.Template, "is a template that no message reaches%s", other)
}

func (l *linter) report(p nlu.Phrase, text, format string, args ...any) {
	l.findings = append(l.findings, Finding{cmp.Or(p.Source, p.Command), text, fmt.Sprintf(format, args...)})
}

// The least that makes two commands worth a word, of the examples of one that
// are taken for the other.
const (
	confusedCount = 4
	confusedShare = 0.2
	folds         = 5
)

// Confused reports pairs of commands that examples do not keep apart: each
// example is read by a model that was trained without it. It trains five models.
func (s *Stage) Confused(ctx context.Context, cmds []nlu.Command, against map[string][]nlu.Example) ([]Finding, error) {
	all, err := sentences(cmds, against)
	if err != nil {
		return nil, err
	}
	k := kindsOf(cmds)
	n := namesOf(all, k)
	type pair struct{ from, to string }
	c := corpus{marked: s.marked, closed: n.closed()}
	wrong := make(map[pair][]sentence)
	total := make(map[string]int)
	for fold := range folds {
		m, err := classify.Train(ctx, newCorpus(allBut(all, fold, folds), k, s.marked).texts, classify.Options{NoReject: true})
		if err != nil {
			return nil, fmt.Errorf("learn: %w", err)
		}
		for i := fold; i < len(all); i += folds {
			e := all[i]
			if e.template() {
				e = e.with(k, n, i, false)
			}
			total[e.label]++
			if got := m.Classify(e.text, c.marks(e, k, true)).Top[0]; got.Label != e.label && got.P > 0.5 {
				wrong[pair{e.label, got.Label}] = append(wrong[pair{e.label, got.Label}], e)
			}
		}
	}
	var findings []Finding
	pairs := slices.SortedFunc(maps.Keys(wrong), func(a, b pair) int {
		return cmp.Or(-cmp.Compare(len(wrong[a]), len(wrong[b])), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	for _, p := range pairs {
		list := wrong[p]
		if len(list) < confusedCount || float64(len(list)) < confusedShare*float64(total[p.from]) {
			continue
		}
		first := list[0]
		findings = append(findings, Finding{cmp.Or(first.source, p.from), first.text, fmt.Sprintf(
			"and %d more of the %d phrases of %s look like %s: say them in other words, or give both more examples",
			len(list)-1, total[p.from], p.from, p.to)})
	}
	return findings, nil
}
