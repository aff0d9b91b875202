package strictyaml

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

var (
	durationType = reflect.TypeFor[time.Duration]()
	secretType   = reflect.TypeFor[Secret]()
	sectionType  = reflect.TypeFor[Section]()
	blockType    = reflect.TypeFor[Block]()
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// decoder walks the nodes of one file or section and collects what is wrong.
type decoder struct {
	src      Source
	secrets  *redactor
	problems []Problem
	found    int // problems, also those past maxProblems
	inAlias  int // aliases that the walk is inside of
	aliased  int // values reached through aliases so far
	stopped  bool
}

func newDecoder(src Source) *decoder {
	return &decoder{src: src, secrets: &redactor{}}
}

// value decodes n, which is called path, into v.
func (d *decoder) value(n *yaml.Node, v reflect.Value, path string, depth int) {
	if !d.allowed(n, path, depth) {
		return
	}
	if n.Kind == yaml.AliasNode {
		d.inAlias++
		d.value(n.Alias, v, path, depth+1)
		d.inAlias--
		return
	}
	switch t := v.Type(); {
	case t == sectionType:
		v.Set(reflect.ValueOf(Section{spot{n, path, n.Line}, d.src, d.secrets}))
	case t == blockType:
		d.block(n, v, path)
	case t.Kind() == reflect.Pointer:
		d.pointer(n, v, path, depth)
	case t == durationType, t == secretType, reflect.PointerTo(t).Implements(textType):
		d.scalar(n, v, path)
	case t.Kind() == reflect.Struct:
		d.structure(n, v, path, depth)
	case t.Kind() == reflect.Slice:
		d.list(n, v, path, depth)
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String:
		d.table(n, v, path, depth)
	default:
		d.scalar(n, v, path)
	}
}

// allowed refuses what no configuration needs: bombs, bottomless nesting, tags.
func (d *decoder) allowed(n *yaml.Node, path string, depth int) bool {
	if d.stopped {
		return false
	}
	if d.inAlias > 0 {
		d.aliased++
	}
	switch {
	case d.aliased > maxAliased:
		d.stop(n.Line, path, fmt.Sprintf("aliases unfold to more than %d values; write them out", maxAliased))
		return false
	case depth > maxDepth:
		d.stop(n.Line, path, fmt.Sprintf("nested deeper than %d levels", maxDepth))
		return false
	case n.Style&yaml.TaggedStyle != 0:
		d.addf(n.Line, path, "%s has a tag (!); tags are not supported, and text that begins with ! needs quotes", named(path))
		return false
	}
	return true
}

// pointer fills in what v points to. A null says "as if it were not there".
func (d *decoder) pointer(n *yaml.Node, v reflect.Value, path string, depth int) {
	if isNull(n) {
		return
	}
	if v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
	}
	d.value(n, v.Elem(), path, depth)
}

// structure decodes a mapping into the fields of v and then validates them.
func (d *decoder) structure(n *yaml.Node, v reflect.Value, path string, depth int) {
	if isNull(n) {
		// Everything below may be commented out: an empty mapping, which
		// still misses its required keys.
		n = &yaml.Node{Kind: yaml.MappingNode, Line: n.Line}
	}
	if n.Kind != yaml.MappingNode {
		d.wrong(n, path, "must have keys of its own")
		return
	}
	before := d.found
	fields := fieldsOf(v.Type())
	given := make(map[string]bool, len(fields))
	d.pairs(n, path, func(key, value *yaml.Node) {
		f, ok := find(fields, key.Value)
		if !ok {
			// The key that was meant is not missing as well.
			given[d.unknownKey(key, path, fields)] = true
			return
		}
		given[f.name] = true
		if f.required && isNull(target(value)) {
			d.addf(key.Line, join(path, f.name), "%s has no value", named(join(path, f.name)))
			return
		}
		d.value(value, v.FieldByIndex(f.index), join(path, f.name), depth+1)
	})
	for _, f := range fields {
		if given[f.name] {
			continue
		}
		if f.required {
			d.addf(n.Line, path, "missing key %q%s", f.name, inside(path))
		}
		if v.Type().FieldByIndex(f.index).Type == sectionType {
			absent := Section{spot{nil, join(path, f.name), n.Line}, d.src, d.secrets}
			v.FieldByIndex(f.index).Set(reflect.ValueOf(absent))
		}
	}
	if d.found == before && !d.stopped {
		d.validate(n, v, path)
	}
}

// validate asks v itself, unless problems are known already that would only
// come back in other words.
func (d *decoder) validate(n *yaml.Node, v reflect.Value, path string) {
	validator, ok := v.Addr().Interface().(interface{ Validate() error })
	if !ok {
		return
	}
	if err := validator.Validate(); err != nil {
		d.external(&spot{n, path, n.Line}, err)
	}
}

// list replaces v by the items of a sequence.
func (d *decoder) list(n *yaml.Node, v reflect.Value, path string, depth int) {
	if isNull(n) {
		v.SetZero()
		return
	}
	if n.Kind != yaml.SequenceNode {
		d.wrong(n, path, "must be a list ([a, b], or a line with - for each)")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	for i, item := range n.Content {
		elem := reflect.New(v.Type().Elem()).Elem()
		d.value(item, elem, itemPath(path, i), depth+1)
		if d.stopped {
			return
		}
		v.Set(reflect.Append(v, elem))
	}
}

// table replaces v by the pairs of a mapping whose keys are free.
func (d *decoder) table(n *yaml.Node, v reflect.Value, path string, depth int) {
	if isNull(n) {
		v.SetZero()
		return
	}
	if n.Kind != yaml.MappingNode {
		d.wrong(n, path, "must have keys of its own")
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	d.pairs(n, path, func(key, value *yaml.Node) {
		elem := reflect.New(v.Type().Elem()).Elem()
		d.value(value, elem, join(path, key.Value), depth+1)
		v.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), elem)
	})
}

// pairs calls f for each key and value of a mapping, except for the keys that
// are none or were there before.
func (d *decoder) pairs(n *yaml.Node, path string, f func(key, value *yaml.Node)) {
	first := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content) && !d.stopped; i += 2 {
		key := n.Content[i]
		line, twice := first[key.Value]
		switch {
		case key.Kind == yaml.ScalarNode && key.Tag == "!!merge":
			d.addf(key.Line, path, "merge keys (<<) are not supported%s; write the keys out", inside(path))
		case key.Kind != yaml.ScalarNode || key.Style&yaml.TaggedStyle != 0:
			d.addf(key.Line, path, "a key%s is not a word; quote text that begins with one of [ { * & !", inside(path))
		case twice:
			d.addf(key.Line, path, "key %s%s is given twice; it is already in line %d", shown(key.Value), inside(path), line)
		default:
			first[key.Value] = key.Line
			f(key, n.Content[i+1])
		}
	}
}

// unknownKey reports a key that the struct does not have and returns the one
// that was probably meant, or "".
func (d *decoder) unknownKey(key *yaml.Node, path string, fields []field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	hint := "; the keys are " + strings.Join(names, ", ")
	word, _, colon := strings.Cut(key.Value, ":")
	near, ok := Nearest(word, names)
	switch {
	case colon:
		hint = "; a space must follow the colon"
	case ok:
		hint = `; did you mean "` + near + `"?`
	case len(names) == 0:
		hint = "; there are no keys here"
	}
	d.addf(key.Line, path, "unknown key %s%s%s", shown(key.Value), inside(path), hint)
	return near
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!null" && n.Style&yaml.TaggedStyle == 0
}

// named is the path of a value as a sentence begins with it.
func named(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}

// inside is the end of a sentence about something in path.
func inside(path string) string {
	if path == "" {
		return ""
	}
	return " in " + path
}
