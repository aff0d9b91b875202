package bot

import (
	"context"
	"strings"

	"dragoman/nlu"
	"dragoman/nlu/rules"
	"dragoman/nlu/structured"
)

// understanding joins the stages that turn text into one of the commands.
func understanding(cmds []*Cmd) (*nlu.Chain, error) {
	var grammar []nlu.Command
	known := make(gazetteer)
	for _, c := range cmds {
		grammar = append(grammar, c.Grammar())
		for name, values := range c.suggest {
			known[c.slot(name).kind] = values
		}
	}
	exact, err := structured.New(grammar)
	if err != nil {
		return nil, err
	}
	phrases, err := rules.New(grammar, rules.Options{Resolver: known})
	if err != nil {
		return nil, err
	}
	return nlu.New(grammar, exact, phrases)
}

// gazetteer answers from what the commands suggest for their slots. It
// implements nlu.Resolver.
type gazetteer map[string]func(context.Context) ([]string, error)

// Resolve finds a name whatever its case.
func (g gazetteer) Resolve(kind, name string) (string, bool) {
	values := g[kind]
	if values == nil {
		return "", false
	}
	names, err := values(context.Background())
	if err != nil {
		return "", false
	}
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return n, true
		}
	}
	return "", false
}
