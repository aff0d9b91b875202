package strictyaml

import (
	"encoding"
	"reflect"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// text is a scalar after expansion.
type text struct {
	string
	tag      string // of the YAML core schema, "" when expanded: then any type may be made of it
	expanded bool
}

// scalar decodes a single value.
func (d *decoder) scalar(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode {
		d.wrong(n, path, mustBe(v))
		return
	}
	if isNull(n) {
		d.addf(n.Line, path, "%s has no value; give it one or remove the line", named(path))
		return
	}
	s, ok := d.expand(n, path)
	if !ok {
		return
	}
	if v.Type() == secretType {
		d.secrets.add(s.string)
	}
	if s.is("!!str", "!!timestamp") {
		d.text(n, s, v, path)
		return
	}
	if !setNumber(s, v) {
		d.wrong(n, path, mustBe(v))
	}
}

// text sets v from a value that YAML takes for text, or that came from an
// expansion and may be anything.
func (d *decoder) text(n *yaml.Node, s text, v reflect.Value, path string) {
	switch {
	case v.Type() == durationType:
		t, err := ParseDuration(s.string)
		if err != nil {
			d.wrongText(n, s, v, path)
			return
		}
		v.SetInt(int64(t))
	case v.Type() == secretType && s.string == "":
		d.addf(n.Line, path, "%s is empty", named(path))
	case v.Addr().Type().Implements(textType):
		err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s.string))
		if err != nil {
			d.external(&spot{n, path, n.Line}, err)
		}
	case v.Kind() == reflect.String:
		v.SetString(s.string)
	case s.expanded && setNumber(s, v):
	default:
		d.wrongText(n, s, v, path)
	}
}

func (t text) is(tags ...string) bool {
	for _, tag := range tags {
		if t.tag == tag {
			return true
		}
	}
	return t.expanded
}

// setNumber sets v, a boolean or a number, and reports whether s was one that
// fits.
func setNumber(s text, v reflect.Value) bool {
	if v.Addr().Type().Implements(textType) {
		return false
	}
	switch {
	case v.Kind() == reflect.Bool && s.is("!!bool"):
		b, err := strconv.ParseBool(s.string)
		v.SetBool(b)
		return err == nil
	case v.CanInt() && v.Type() != durationType && s.is("!!int"):
		i, err := strconv.ParseInt(s.string, 0, v.Type().Bits())
		v.SetInt(i)
		return err == nil
	case v.CanUint() && s.is("!!int"):
		u, err := strconv.ParseUint(s.string, 0, v.Type().Bits())
		v.SetUint(u)
		return err == nil
	case v.CanFloat() && s.is("!!int", "!!float"):
		f, err := strconv.ParseFloat(s.string, v.Type().Bits())
		v.SetFloat(f)
		return err == nil
	}
	return false
}

// mustBe says what v takes.
func mustBe(v reflect.Value) string {
	switch {
	case v.Type() == durationType:
		return "must be a duration with its unit, such as 15s, 5m or 7d"
	case v.Type() == secretType, v.Kind() == reflect.String, v.Addr().Type().Implements(textType):
		return "must be text; put it in quotes"
	case v.Kind() == reflect.Bool:
		return "must be true or false"
	case v.CanInt(), v.CanUint():
		return "must be a whole number " + bounds(v)
	case v.CanFloat():
		return "must be a number"
	default:
		return "cannot be set from a file: its Go type is " + v.Type().String()
	}
}

func bounds(v reflect.Value) string {
	bits := v.Type().Bits()
	if v.CanUint() {
		return "from 0 to " + strconv.FormatUint(1<<bits-1, 10)
	}
	most := int64(1<<(bits-1) - 1)
	return "from " + strconv.FormatInt(-most-1, 10) + " to " + strconv.FormatInt(most, 10)
}

// wrong reports a value of a wrong type by its kind alone.
func (d *decoder) wrong(n *yaml.Node, path, must string) {
	d.addf(n.Line, path, "%s %s, not %s", named(path), must, kindName(n))
}

// wrongText reports a value that is text and was not understood. The text is
// shown only where it stands in the file itself.
func (d *decoder) wrongText(n *yaml.Node, s text, v reflect.Value, path string) {
	const limit = 40
	what := "what the expansion gave"
	switch {
	case !s.expanded && len(s.string) <= limit:
		what = strconv.Quote(s.string)
	case !s.expanded:
		what = "this text"
	}
	d.addf(n.Line, path, "%s %s, not %s", named(path), mustBe(v), what)
}

// kindName is what people call the kind of value that n is.
func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a block of keys"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.Tag {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "true or false"
	case "!!int":
		return "a number"
	case "!!float":
		return "a number with a fraction"
	}
	return "text"
}
