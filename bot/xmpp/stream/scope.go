package stream

import "encoding/xml"

// scope knows which namespace each prefix stands for at the present place in
// the stream. It costs the same however many declarations surround that place.
type scope struct {
	fallback string            // the default namespace
	prefixes map[string]string // all others
	undo     []binding         // what the open elements have covered up
}

// binding is what a prefix stood for before an element declared it anew; an
// unbound prefix stood for "".
type binding struct{ prefix, uri string }

// declare binds prefix, or the default namespace with "", to uri by the rules
// of Namespaces in XML 1.0, section 3.
func (s *scope) declare(prefix, uri string) error {
	switch {
	case prefix == "xml" && uri == NSXML:
		s.undo = append(s.undo, binding{prefix, uri})
		return nil
	case prefix == "xml" || prefix == "xmlns" || uri == NSXML || uri == nsXMLNS:
		return malformed("a reserved namespace declared")
	case prefix != "" && uri == "":
		return malformed("a prefix declared for no namespace")
	case prefix != "" && !isNCName(prefix):
		return malformed("a prefix that is no name")
	}
	s.undo = append(s.undo, binding{prefix, s.lookup(prefix)})
	s.set(prefix, uri)
	return nil
}

func (s *scope) lookup(prefix string) string {
	if prefix == "" {
		return s.fallback
	}
	return s.prefixes[prefix]
}

func (s *scope) set(prefix, uri string) {
	switch {
	case prefix == "xml":
	case prefix == "":
		s.fallback = uri
	case uri == "":
		delete(s.prefixes, prefix)
	default:
		if s.prefixes == nil {
			s.prefixes = make(map[string]string)
		}
		s.prefixes[prefix] = uri
	}
}

// restore takes back every declaration since undo had the length n.
func (s *scope) restore(n int) {
	for i := len(s.undo) - 1; i >= n; i-- {
		s.set(s.undo[i].prefix, s.undo[i].uri)
		s.undo[i] = binding{}
	}
	s.undo = s.undo[:n]
}

// resolve is the namespace of a name as written; bare is that of a name
// without prefix.
func (s *scope) resolve(name xml.Name, bare string) (string, error) {
	if !isNCName(name.Local) {
		return "", malformed("a name that is none")
	}
	switch name.Space {
	case "":
		return bare, nil
	case "xml":
		return NSXML, nil
	}
	uri := s.prefixes[name.Space]
	if uri == "" {
		return "", malformed("a namespace prefix that is not declared")
	}
	return uri, nil
}
