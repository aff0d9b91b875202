package strictyaml

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// expand returns the scalar with ${env:NAME} and ${file:PATH} replaced. It
// reports problems and returns false when it could not.
func (d *decoder) expand(n *yaml.Node, path string) (text, bool) {
	if n.Tag != "!!str" || !strings.Contains(n.Value, "${") {
		return text{string: n.Value, tag: n.Tag}, true
	}
	out, ok, expanded := strings.Builder{}, true, false
	rest := n.Value
	for {
		i := strings.Index(rest, "${")
		if i < 0 {
			out.WriteString(rest)
			break
		}
		if i > 0 && rest[i-1] == '$' {
			out.WriteString(rest[:i-1] + "${")
			rest = rest[i+2:]
			continue
		}
		out.WriteString(rest[:i])
		reference, after, closed := strings.Cut(rest[i+2:], "}")
		if !closed {
			d.addf(n.Line, path, "%s has a ${ without its }; write $${ for the two characters themselves", named(path))
			return text{}, false
		}
		value, err := d.lookup(reference)
		if err != nil {
			d.addf(n.Line, path, "%s: %v", named(path), err)
			ok = false
		}
		if out.Len()+len(value) > maxFile {
			d.addf(n.Line, path, "%s expands to more than %d bytes", named(path), maxFile)
			return text{}, false
		}
		d.secrets.add(value)
		out.WriteString(value)
		expanded, rest = true, after
	}
	return text{string: out.String(), tag: n.Tag, expanded: expanded}, ok
}

// lookup returns what the inside of ${...} stands for. Its errors name the
// reference, never the value.
func (d *decoder) lookup(reference string) (string, error) {
	kind, name, _ := strings.Cut(reference, ":")
	switch {
	case kind == "env" && name != "":
		getenv := d.src.Getenv
		if getenv == nil {
			getenv = os.LookupEnv
		}
		value, ok := getenv(name)
		if !ok {
			return "", fmt.Errorf("the environment variable %s is not set", clip(name))
		}
		return value, nil
	case kind == "file" && name != "":
		value, err := d.readFile(name)
		if err != nil {
			return "", fmt.Errorf("cannot read the file %s: %w", clip(name), err)
		}
		return value, nil
	}
	return "", errors.New("an expansion is ${env:NAME} or ${file:PATH}; write $${ for the two characters ${ themselves")
}

func (d *decoder) readFile(path string) (string, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(d.src.File), path)
	}
	read := d.src.ReadFile
	if read == nil {
		read = readRegular
	}
	data, err := read(path)
	var pathErr *fs.PathError
	switch {
	case errors.As(err, &pathErr):
		return "", pathErr.Err
	case err != nil:
		return "", err
	case len(data) > maxFile:
		return "", fmt.Errorf("it has more than %d bytes", maxFile)
	case !utf8.Valid(data):
		return "", errors.New("it is not UTF-8 text")
	}
	value := strings.TrimSuffix(string(data), "\n")
	return strings.TrimSuffix(value, "\r"), nil
}

// readRegular reads a file that has an end: a device or a pipe named by mistake
// would hold up the start of the program for ever.
func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	return ReadFile(path)
}

func clip(s string) string {
	const limit = 200
	if len(s) > limit {
		return strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return s
}
