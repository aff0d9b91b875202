package strictyaml

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// spot is a place in a file: a node with the path and the line people know it
// by. Its node is nil for what is not in the file.
type spot struct {
	node *yaml.Node
	path string
	line int
}

// find follows a path like machines[3].name down from s. What is not in the
// file has the line of the nearest thing around it that is.
func (s *spot) find(path string) *spot {
	here := *s
	for path != "" {
		var step string
		step, path = nextStep(path)
		if index, err := strconv.Atoi(strings.Trim(step, "[]")); err == nil && step[0] == '[' {
			here = here.item(index)
		} else {
			here = here.key(step)
		}
	}
	return &here
}

// nextStep cuts "a" from "a[3].b", then "[3]", then "b".
func nextStep(path string) (step, rest string) {
	if i := strings.IndexAny(path[1:], ".["); i >= 0 {
		step, rest = path[:i+1], path[i+1:]
	} else {
		step = path
	}
	return step, strings.TrimPrefix(rest, ".")
}

func (s spot) key(name string) spot {
	found := spot{path: join(s.path, name), line: s.line}
	if n := target(s.node); n != nil && n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == name {
				found.node, found.line = n.Content[i+1], n.Content[i].Line
			}
		}
	}
	return found
}

func (s spot) item(index int) spot {
	found := spot{path: itemPath(s.path, index), line: s.line}
	if n := target(s.node); n != nil && n.Kind == yaml.SequenceNode && index >= 0 && index < len(n.Content) {
		found.node, found.line = n.Content[index], n.Content[index].Line
	}
	return found
}

// target is what an alias stands for, or the node itself.
func target(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func itemPath(path string, index int) string {
	return path + "[" + strconv.Itoa(index) + "]"
}

// join is path.name, with names that are more than a word in brackets.
func join(path, name string) string {
	if wordLen(name) < len(name) || name == "" {
		return path + "[" + shown(name) + "]"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// shown is a key as errors quote it: its first word only. Somebody who forgets
// the space in {secret:hunter2} has made a key of the whole.
func shown(key string) string {
	const limit = 64
	n := min(wordLen(key), limit)
	if n < len(key) {
		return strconv.Quote(key[:n] + "…")
	}
	return strconv.Quote(key)
}

// wordLen is the length of the letters, digits, - and _ that s begins with.
func wordLen(s string) int {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && r != '-' && r != '_' {
			return i
		}
	}
	return len(s)
}
