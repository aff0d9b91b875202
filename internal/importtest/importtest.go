// Package importtest keeps the imports of this module pointing inward, as
// DESIGN.md draws them. Its test reads the imports of every Go file of the
// module, whatever its build tags, and fails on an import that no rule allows
// and on a package that no rule names: who adds a package adds a line to
// [House].
//
// It doesn't look at what packages do with each other, and leaves import
// cycles to the compiler.
package importtest

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Rules say who may import what inside one module. Packages are written
// relative to the module. In a pattern "*" is one segment of a path and "..."
// at the end is the package itself and everything below it.
type Rules struct {
	Module   string
	Packages []Rule
	// Everywhere may be imported by every package.
	Everywhere []string
	// Tests may be imported by every _test.go file, beside what its package
	// may import.
	Tests []string
	// OnlyTests may be imported by _test.go files alone, whatever else a
	// rule allows.
	OnlyTests []string
	// Outside binds imports from other modules and the standard library.
	Outside []OutsideRule
}

// Rule says what the packages that match a pattern may import. In May the
// pattern "self/..." is the package that the rule's pattern matched, without
// its "...": skills/sms for skills/sms/gateway and the rule skills/*/... .
type Rule struct {
	Of  string
	May []string
	Why string // for the reader of a failure; may be empty
}

// OutsideRule lets only some files import some packages. A file pattern is
// matched as by path.Match, but a leading or inner "**" stands for anything.
type OutsideRule struct {
	Imports []string
	In      []string
	Why     string
}

// Check returns one line for each breach of the rules in the module whose
// root is fsys, sorted by file. Folders named testdata or vendor, and those
// that begin with a dot or underscore, are not part of the module.
func (r Rules) Check(fsys fs.FS) ([]string, error) {
	var breaches []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != "." && ignored(d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || ignored(d.Name()) {
			return nil
		}
		imports, err := importsOf(fsys, name)
		if err != nil {
			return err
		}
		breaches = append(breaches, r.checkFile(name, imports)...)
		return nil
	})
	return slices.Compact(breaches), err
}

func ignored(name string) bool {
	return name == "testdata" || name == "vendor" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

func importsOf(fsys fs.FS, name string) ([]string, error) {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
	if err != nil {
		return nil, fmt.Errorf("read the imports: %w", err)
	}
	var imports []string
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		imports = append(imports, p)
	}
	return imports, nil
}

func (r Rules) checkFile(file string, imports []string) []string {
	pkg := path.Dir(file)
	if pkg == "." {
		pkg = ""
	}
	rule, self, ok := r.ruleFor(pkg)
	if !ok {
		return []string{fmt.Sprintf("%q: no rule names this package; add one to internal/importtest/rules.go", pkg)}
	}
	var breaches []string
	for _, imp := range imports {
		own, ours := strings.CutPrefix(imp, r.Module+"/")
		switch {
		case !ours:
			breaches = append(breaches, r.checkOutside(file, imp)...)
		case !r.allowed(rule, self, file, own):
			breaches = append(breaches, withReason(fmt.Sprintf("%s: must not import %s", file, own), rule.Why))
		}
	}
	return breaches
}

func withReason(breach, why string) string {
	if why == "" {
		return breach
	}
	return breach + " (" + why + ")"
}

// ruleFor is the first rule for a package, and what its pattern matched
// without the dots.
func (r Rules) ruleFor(pkg string) (rule Rule, self string, ok bool) {
	for _, rule := range r.Packages {
		if match(rule.Of, pkg) {
			parts := strings.Split(pkg, "/")
			depth := strings.Count(strings.TrimSuffix(rule.Of, "/..."), "/") + 1
			return rule, strings.Join(parts[:min(depth, len(parts))], "/"), true
		}
	}
	return Rule{}, "", false
}

func (r Rules) allowed(rule Rule, self, file, imp string) bool {
	test := strings.HasSuffix(file, "_test.go")
	if !test && matchAny(r.OnlyTests, imp) {
		return false
	}
	if imp == path.Dir(file) { // an external test of its own package
		return test
	}
	may := slices.Concat(rule.May, r.Everywhere)
	if test {
		may = slices.Concat(may, r.Tests, r.OnlyTests)
	}
	for i, pattern := range may {
		if rest, ok := strings.CutPrefix(pattern, "self"); ok {
			may[i] = self + rest
		}
	}
	return matchAny(may, imp)
}

func (r Rules) checkOutside(file, imp string) []string {
	var breaches []string
	for _, o := range r.Outside {
		if matchAny(o.Imports, imp) && !slices.ContainsFunc(o.In, func(p string) bool { return matchFile(p, file) }) {
			breaches = append(breaches, withReason(fmt.Sprintf("%s: must not import %s", file, imp), o.Why))
		}
	}
	return breaches
}

func matchAny(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return match(p, pkg) })
}

// match reports whether a package path fits a pattern of "*" and a final
// "...".
func match(pattern, pkg string) bool {
	if pattern == "..." {
		return true
	}
	if prefix, ok := strings.CutSuffix(pattern, "/..."); ok {
		depth := strings.Count(prefix, "/") + 1
		parts := strings.Split(pkg, "/")
		return len(parts) >= depth && match(prefix, strings.Join(parts[:depth], "/"))
	}
	ok, err := path.Match(pattern, pkg)
	return ok && err == nil
}

// matchFile is path.Match with "**" for any run of characters.
func matchFile(pattern, file string) bool {
	before, after, wide := strings.Cut(pattern, "**")
	if !wide {
		ok, err := path.Match(pattern, file)
		return ok && err == nil
	}
	return strings.HasPrefix(file, before) && strings.HasSuffix(file, after)
}
