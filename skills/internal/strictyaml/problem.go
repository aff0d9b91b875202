package strictyaml

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a file.
type Problem struct {
	File string // as given in Source
	Line int    // from 1; 0 when the part is not in the file at all
	Path string // the value or the struct, for example xmpp.components[0]
	Text string // a sentence for people that holds no secret
}

// Error is the problem on one line, as compilers write it: "file:line: text".
func (p Problem) Error() string {
	switch {
	case p.File == "":
		return p.Text
	case p.Line == 0:
		return p.File + ": " + p.Text
	default:
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
	}
}

// Problems is everything that is wrong with a file, sorted by line. After a
// hundred the last one says how many more there are.
type Problems []Problem

// Error has one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Key makes an error that a Validate method returns point at one of the
// struct's keys, for example "address" or "machines[3].name", instead of at the
// struct as a whole. Several can be given at once with errors.Join.
func Key(path string, err error) error { return &keyError{path, err} }

type keyError struct {
	path string
	err  error
}

func (e *keyError) Error() string { return e.path + ": " + e.err.Error() }
func (e *keyError) Unwrap() error { return e.err }

// addf records a problem. Its arguments must hold no value of the file that
// could be a secret.
func (d *decoder) addf(line int, path, format string, args ...any) {
	d.found++
	if len(d.problems) < maxProblems {
		d.problems = append(d.problems, Problem{d.src.File, line, path, fmt.Sprintf(format, args...)})
	}
}

// stop records the problem that ends the walk, which is reported however many
// there were before.
func (d *decoder) stop(line int, path, text string) {
	d.stopped = true
	d.found++
	d.problems = append(d.problems, Problem{d.src.File, line, path, text})
}

// err is nil or the sorted Problems.
func (d *decoder) err() error {
	if len(d.problems) == 0 {
		return nil
	}
	ps := Problems(d.problems)
	slices.SortStableFunc(ps, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	if more := d.found - len(ps); more > 0 {
		ps = append(ps, Problem{File: d.src.File, Line: ps[len(ps)-1].Line, Text: fmt.Sprintf("and %d more problems", more)})
	}
	return ps
}

// split undoes errors.Join, so that each of a Validate method's errors gets its
// own line.
func split(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return []error{err}
}

// external records errors of code outside this package about the node at path:
// cleaned of secrets and pointed at the key they name.
func (d *decoder) external(at *spot, err error) {
	for _, err := range split(err) {
		here := at
		var key *keyError
		if errors.As(err, &key) {
			here, err = at.find(key.path), key.err
		}
		text := d.secrets.clean(err.Error())
		if here.path != "" {
			text = here.path + ": " + text
		}
		d.addf(here.line, here.path, "%s", text)
	}
}
