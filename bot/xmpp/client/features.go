package client

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"dragoman/bot/xmpp/stream"
)

// Namespaces of stream features beyond RFC 6120.
const (
	nsSM          = "urn:xmpp:sm:3"      // XEP-0198
	nsSASLBinding = "urn:xmpp:sasl-cb:0" // XEP-0440
)

// maxListed bounds every list that a server may send.
const maxListed = 64

// features is what a server offers on a stream, RFC 6120 4.3.2.
type features struct {
	startTLS   bool
	mechanisms []string
	// bindings are the types of channel binding by XEP-0440; listed tells an
	// empty list from none.
	bindings []string
	listed   bool
	bind, sm bool
}

// parseFeatures reads <stream:features>. Names that are none are left out.
func parseFeatures(e *stream.Element) (features, error) {
	if !e.Is(stream.NSStreams, "features") {
		return features{}, fmt.Errorf("the server sent <%s> where its features belong", printable(e.Local))
	}
	var f features
	for c := range e.Elements() {
		switch {
		case c.Is(stream.NSTLS, "starttls"):
			f.startTLS = true
		case c.Is(stream.NSSASL, "mechanisms"):
			for m := range c.Elements() {
				if name := strings.TrimSpace(m.Text()); m.Is(stream.NSSASL, "mechanism") && isMechanism(name) {
					f.mechanisms = appendNew(f.mechanisms, name)
				}
			}
		case c.Is(nsSASLBinding, "sasl-channel-binding"):
			f.listed = true
			for b := range c.Elements() {
				if b.Is(nsSASLBinding, "channel-binding") {
					f.bindings = appendNew(f.bindings, b.Attr("type"))
				}
			}
		case c.Is(stream.NSBind, "bind"):
			f.bind = true
		case c.Is(nsSM, "sm"):
			f.sm = true
		}
	}
	return f, nil
}

func appendNew(list []string, s string) []string {
	if len(list) >= maxListed || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// isMechanism holds s against the sasl-mech of RFC 4422 section 3.1.
func isMechanism(s string) bool {
	if len(s) < 1 || len(s) > 20 {
		return false
	}
	for _, c := range []byte(s) {
		if !('A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

// printable is a stranger's text made fit for an error: one line, and short.
func printable(s string) string {
	const most = 200
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
