package bot

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"dragoman/nlu"
)

// slot is one argument of a command, read from a field of its struct.
type slot struct {
	name, kind     string
	help, ask      string
	preset         string
	optional, rest bool
	field          int
	typ            reflect.Type
	set            func(v reflect.Value, text string) error
}

// question is what to say when the slot is missing.
func (s *slot) question() string {
	if s.ask != "" {
		return s.ask
	}
	return "Which " + s.name + "?"
}

// slotsOf reads the slots from the tags of a struct.
func slotsOf(t reflect.Type) ([]slot, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("its arguments must be a struct, not %s", t)
	}
	var slots []slot
	for i := range t.NumField() {
		f := t.Field(i)
		tag, ok := f.Tag.Lookup("slot")
		if !ok {
			continue
		}
		s, err := slotOf(f, tag)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", f.Name, err)
		}
		s.field = i
		if n := len(slots); n > 0 {
			switch last := slots[n-1]; {
			case last.rest:
				return nil, fmt.Errorf("field %s: nothing can follow %q, which takes the rest of the line", f.Name, last.name)
			case last.optional && !s.optional:
				return nil, fmt.Errorf("field %s: a required slot cannot follow the optional %q", f.Name, last.name)
			}
		}
		slots = append(slots, s)
	}
	return slots, nil
}

func slotOf(f reflect.StructField, tag string) (slot, error) {
	parts := strings.Split(tag, ",")
	s := slot{name: parts[0], help: f.Tag.Get("help"), ask: f.Tag.Get("ask"), preset: f.Tag.Get("default")}
	if s.name == "" || !f.IsExported() {
		return s, errors.New("a slot needs a name and an exported field")
	}
	for _, option := range parts[1:] {
		switch option {
		case "optional":
			s.optional = true
		case "rest":
			s.rest = true
		default:
			return s, fmt.Errorf("unknown slot option %q; there are optional and rest", option)
		}
	}
	var builtin string
	s.typ = f.Type
	builtin, s.set = setter(f.Type)
	if s.set == nil {
		return s, fmt.Errorf("%s cannot hold a slot; use a string, bool, int, float64, time.Duration or a type with UnmarshalText", f.Type)
	}
	if s.kind = f.Tag.Get("kind"); s.kind == "" {
		if s.kind = builtin; s.kind == "" {
			s.kind = s.name
		}
	}
	if s.preset != "" {
		if err := s.try(s.preset); err != nil {
			return s, fmt.Errorf("default %q: %w", s.preset, err)
		}
	}
	return s, nil
}

// try reports whether the slot can take a value.
func (s *slot) try(text string) error { return s.set(reflect.New(s.typ).Elem(), text) }

// read is the value that an answer gives to the slot, in the form in which a
// command has it.
func (s *slot) read(answer string) (string, error) {
	if canon, ok := nlu.Canon(s.kind, answer); ok {
		answer = canon
	}
	if err := s.try(answer); err != nil {
		return "", &slotError{slot: s, value: answer, err: err}
	}
	return answer, nil
}

// setter gives the kind of value that a type holds, empty for plain words, and
// the function that parses one into it.
func setter(t reflect.Type) (kind string, set func(reflect.Value, string) error) {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return "", func(v reflect.Value, text string) error {
			return v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
		}
	}
	if t == reflect.TypeFor[time.Duration]() {
		return nlu.KindDuration, func(v reflect.Value, text string) error {
			d, err := time.ParseDuration(text)
			if err != nil {
				return errors.New("expected a duration such as 90s, 15m or 2h30m")
			}
			v.SetInt(int64(d))
			return nil
		}
	}
	switch t.Kind() {
	case reflect.String:
		return "", func(v reflect.Value, text string) error { v.SetString(text); return nil }
	case reflect.Bool:
		return nlu.KindBool, setBool
	case reflect.Int, reflect.Int64:
		return nlu.KindInt, func(v reflect.Value, text string) error {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return errors.New("expected a whole number")
			}
			v.SetInt(n)
			return nil
		}
	case reflect.Float64:
		return nlu.KindNumber, func(v reflect.Value, text string) error {
			n, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return errors.New("expected a number")
			}
			v.SetFloat(n)
			return nil
		}
	}
	return "", nil
}

func setBool(v reflect.Value, text string) error {
	switch strings.ToLower(text) {
	case "yes", "true", "on", "y", "1":
		v.SetBool(true)
	case "no", "false", "off", "n", "0":
		v.SetBool(false)
	default:
		return errors.New("expected yes or no")
	}
	return nil
}

// slotError is a value that its slot cannot take.
type slotError struct {
	slot  *slot
	value string
	err   error
}

func (e *slotError) Error() string {
	return fmt.Sprintf("%q is not a %s: %v", nlu.Cut(e.value), e.slot.name, e.err)
}

func (e *slotError) Unwrap() error { return e.err }

// fill parses the values into the struct v. Absent slots keep their default.
func fill(v reflect.Value, slots []slot, values nlu.Values) error {
	for i := range slots {
		s := &slots[i]
		text, ok := values.Lookup(s.name)
		if !ok {
			if s.preset == "" {
				continue
			}
			text = s.preset
		}
		if err := s.set(v.Field(s.field), text); err != nil {
			return &slotError{slot: s, value: text, err: err}
		}
	}
	return nil
}
