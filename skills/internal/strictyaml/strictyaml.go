// Package strictyaml decodes a YAML file into typed Go structs and accepts
// nothing it does not understand. An unknown key, a wrong type, a key given
// twice, a missing key and a missing secret are each a Problem that names file
// and line and says what to write instead; all problems come back at once.
//
//	type Component struct {
//		Domain  string             `yaml:"domain" required:"true"`
//		Address string             `yaml:"address"`
//		Secret  strictyaml.Secret  `yaml:"secret" required:"true"`
//		Ping    time.Duration      `yaml:"ping"`
//	}
//
// A field with a yaml tag is a key; a field without one is not, except that an
// embedded struct without a tag lends its keys to the struct around it. What
// the file does not mention keeps the value that it had before, so defaults are
// set by filling in the struct first; a list or a map in the file replaces the
// default whole. Fields may be strings, Secret, booleans, numbers,
// time.Duration, Zone, anything with encoding.TextUnmarshaler, structs,
// pointers, lists and string maps of these, and Section for a part to be
// decoded later by its owner. A pointer to a struct with a Validate() error
// method has it called when the struct was decoded without a problem; Key
// points its error at one key.
//
// Within text, ${env:NAME} and ${file:PATH} are replaced after the YAML was
// parsed, so that no value can become structure; $${ stands for ${ itself.
// Values that came in this way, and those of Secret fields, appear in no error.
//
// It does not write YAML, does not merge files, and refuses what makes a file
// say something other than it seems to: merge keys, tags, several documents.
// Anchors and aliases work, within limits that a YAML bomb does not pass.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	maxFile     = 1 << 20 // bytes of a configuration file
	maxDepth    = 64      // levels of nesting, aliases followed
	maxAliased  = 10_000  // values reached through aliases, in one Decode
	maxProblems = 100     // problems reported; a hundred is a wrong file
)

// Source says where the data came from and where expansions look. Its zero
// value reads the real environment and real files.
type Source struct {
	// File is the name that errors show. A relative ${file:PATH} is looked
	// for in its folder.
	File string
	// Getenv looks up an environment variable; nil means os.LookupEnv.
	Getenv func(string) (string, bool)
	// ReadFile reads what ${file:PATH} names; nil means a regular file of
	// the file system, of at most 1 MiB.
	ReadFile func(string) ([]byte, error)
}

// ReadFile reads a file for Decode. Of one that is too big it reads no more than
// 2 MiB, by which Decode refuses it: the file may be a device that never ends.
func ReadFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 2*maxFile))
}

// Decode reads one YAML document of at most 1 MiB into the struct (or map)
// that into points to. Its error is always of type Problems, sorted by line;
// into is then only partly filled and of no use. It panics when into is not a
// non-nil pointer, which is the caller's mistake and not the file's.
func Decode(data []byte, src Source, into any) error {
	d := newDecoder(src)
	root := d.parse(data)
	if len(d.problems) == 0 {
		d.root(root, into, "", 1)
	}
	return d.err()
}

// root decodes n, which may be nil for an absent or empty part, into the
// pointer into. The part is called path and begins on line.
func (d *decoder) root(n *yaml.Node, into any, path string, line int) {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		panic(fmt.Sprintf("strictyaml: decoding needs a non-nil pointer, not %T", into))
	}
	if n == nil || isNull(n) {
		n = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: line}
	}
	d.value(n, v.Elem(), path, 0)
}

// parse returns the top node of the only document, or nil when there is none.
func (d *decoder) parse(data []byte) *yaml.Node {
	if len(data) > maxFile {
		d.addf(1, "", "the file has %d bytes; at most %d are read", len(data), maxFile)
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	switch err := decodeNode(dec, &doc); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		d.syntax(err, data)
		return nil
	}
	switch err := decodeNode(dec, &second); {
	case err == nil:
		d.addf(second.Line, "", `a second document begins here ("---"); a configuration is one document`)
	case !errors.Is(err, io.EOF):
		d.syntax(err, data)
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// decodeNode turns a panic of the YAML parser, which has some for states it
// believes impossible, into an error: a bad file must not end the program
// without a line that says which file it was.
func decodeNode(dec *yaml.Decoder, n *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("yaml: the parser cannot make sense of it")
		}
	}()
	return dec.Decode(n)
}

// syntax reports what the YAML parser said, with the right line and without
// any part of the text: a password that begins with * is an alias to it.
func (d *decoder) syntax(err error, data []byte) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if n, _ := fmt.Sscanf(text, "line %d: ", &line); n == 1 {
		_, text, _ = strings.Cut(text, ": ")
		// The parser proper, unlike its scanner, counts lines from zero.
		if strings.HasPrefix(text, "did not find expected") {
			line++
		}
	}
	if name, ok := strings.CutPrefix(text, "unknown anchor '"); ok {
		name, _, _ = strings.Cut(name, "'")
		if at := bytes.Index(data, []byte("*"+name)); at >= 0 {
			line = 1 + bytes.Count(data[:at], []byte("\n"))
		}
		text = "a value that begins with * is an alias, and there is no such anchor; put text that begins with * in quotes"
	}
	// What is missing at the end is missed on the line after it.
	line = min(line, 1+bytes.Count(bytes.TrimSpace(data), []byte("\n")))
	d.addf(line, "", "not valid YAML: %s", text)
}
