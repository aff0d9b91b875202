package nlu

import (
	"slices"
	"sync"
	"unicode"
)

// Gazetteer is a Resolver that holds the names itself. What is added is known
// to the next message. The zero value is empty and ready; it is safe for use
// by many goroutines at once.
type Gazetteer struct {
	mu    sync.RWMutex
	kinds map[string]map[string]string // kind -> folded name -> proper name
}

// Set makes names all that is known of a kind.
func (g *Gazetteer) Set(kind string, names []string) {
	m := make(map[string]string, len(names))
	for _, n := range names {
		m[nameKey(n)] = n
	}
	delete(m, "")
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.kinds == nil {
		g.kinds = make(map[string]map[string]string)
	}
	g.kinds[kind] = m
}

// Add makes a name known, and other spellings that mean it.
func (g *Gazetteer) Add(kind, name string, also ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.kinds == nil {
		g.kinds = make(map[string]map[string]string)
	}
	m := g.kinds[kind]
	if m == nil {
		m = make(map[string]string)
		g.kinds[kind] = m
	}
	m[nameKey(name)] = name
	for _, a := range also {
		m[nameKey(a)] = name
	}
	delete(m, "")
}

// Remove forgets a name and all its spellings.
func (g *Gazetteer) Remove(kind, name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for k, n := range g.kinds[kind] {
		if n == name {
			delete(g.kinds[kind], k)
		}
	}
}

// Names returns the known names of a kind, sorted.
func (g *Gazetteer) Names(kind string) []string {
	g.mu.RLock()
	defer g.mu.RUnlock()
	names := make([]string, 0, len(g.kinds[kind]))
	for _, n := range g.kinds[kind] {
		names = append(names, n)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Knows implements Resolver: a kind is known once it was set or added to.
func (g *Gazetteer) Knows(kind string) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.kinds[kind] != nil
}

// Resolve implements Resolver.
func (g *Gazetteer) Resolve(kind, name string) (string, bool) {
	var buf [64]byte
	key := appendKey(buf[:0], name, unicode.IsSpace)
	g.mu.RLock()
	defer g.mu.RUnlock()
	proper, ok := g.kinds[kind][string(key)]
	return proper, ok
}

// nameKey is how a live name is compared: as Key, but a hyphen is a hyphen,
// because web-1 and web 1 may be two machines.
func nameKey(s string) string {
	var buf [64]byte
	return string(appendKey(buf[:0], s, unicode.IsSpace))
}

// KnownFunc is a Resolver that asks a function for all names of a kind, nil for
// a kind of which it knows nothing. It compares with each: good for a few
// hundred names; a Gazetteer is for more.
type KnownFunc func(kind string) []string

// Knows implements Resolver.
func (f KnownFunc) Knows(kind string) bool { return f(kind) != nil }

// Resolve implements Resolver.
func (f KnownFunc) Resolve(kind, name string) (string, bool) {
	var a, b [64]byte
	key := appendKey(a[:0], name, unicode.IsSpace)
	if len(key) == 0 {
		return "", false
	}
	for _, n := range f(kind) {
		if string(appendKey(b[:0], n, unicode.IsSpace)) == string(key) {
			return n, true
		}
	}
	return "", false
}
