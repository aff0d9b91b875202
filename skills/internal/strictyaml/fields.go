package strictyaml

import (
	"reflect"
	"strings"
)

// field is one key that a struct has.
type field struct {
	name     string
	index    []int // as reflect.Value.FieldByIndex wants it
	required bool
}

// fieldsOf lists the keys of a struct type in the order they are written in.
func fieldsOf(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		sf := t.Field(i)
		name, _, _ := strings.Cut(sf.Tag.Get("yaml"), ",")
		switch {
		case sf.Anonymous && name == "" && sf.Type.Kind() == reflect.Struct:
			for _, f := range fieldsOf(sf.Type) {
				f.index = append([]int{i}, f.index...)
				fields = append(fields, f)
			}
		case sf.IsExported() && name != "" && name != "-":
			fields = append(fields, field{name, []int{i}, sf.Tag.Get("required") == "true"})
		}
	}
	return fields
}

func find(fields []field, name string) (field, bool) {
	for _, f := range fields {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}
