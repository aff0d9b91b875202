package llm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// maxArguments bounds the arguments of one call in bytes.
const maxArguments = 16 << 10

// argument is one member of a call's arguments. A bool is "true" or "false", a
// number as the model wrote it.
type argument struct {
	name, text string
}

// arguments reads what a model gives to a tool: one JSON object of strings,
// numbers and bools, each name once. Members that are null or empty are left
// out, because models say so for "not given". Errors do not repeat the input.
func arguments(text string) ([]argument, error) {
	if len(text) > maxArguments {
		return nil, fmt.Errorf("longer than %d bytes", maxArguments)
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("no JSON object")
	}
	var args []argument
	seen := make(map[string]bool)
	for d.More() {
		key, err := d.Token()
		name, ok := key.(string)
		if err != nil || !ok {
			return nil, errors.New("no proper JSON")
		}
		if seen[name] {
			return nil, errors.New("a name is there twice")
		}
		seen[name] = true
		value, err := d.Token()
		if err != nil {
			return nil, errors.New("no proper JSON")
		}
		switch v := value.(type) {
		case nil:
		case string:
			if v != "" {
				args = append(args, argument{name, v})
			}
		case json.Number:
			args = append(args, argument{name, v.String()})
		case bool:
			args = append(args, argument{name, strconv.FormatBool(v)})
		default:
			return nil, errors.New("a value that is no string, number or bool")
		}
	}
	if _, err := d.Token(); err != nil { // the closing brace
		return nil, errors.New("no proper JSON")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON value")
	}
	return args, nil
}
