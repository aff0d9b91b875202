package stream

import "fmt"

// Conditions of stream errors (RFC 6120 4.9.3) that this program sends or acts
// upon.
const (
	BadFormat           = "bad-format"
	Conflict            = "conflict"
	ConnectionTimeout   = "connection-timeout"
	HostUnknown         = "host-unknown"
	InvalidNamespace    = "invalid-namespace"
	NotAuthorized       = "not-authorized"
	NotWellFormed       = "not-well-formed"
	PolicyViolation     = "policy-violation"
	RestrictedXML       = "restricted-xml"
	SeeOtherHost        = "see-other-host"
	SystemShutdown      = "system-shutdown"
	UndefinedCondition  = "undefined-condition"
	UnsupportedEncoding = "unsupported-encoding"
)

// Error is a stream error, RFC 6120 4.9: one that the peer sent, or one that
// we send because what the peer sent breaks the stream. It ends the stream
// either way.
type Error struct {
	// Condition is a name from RFC 6120 4.9.3, such as "conflict".
	Condition string
	// Text is the explanation for humans, "" if none.
	Text string
	// Host is the content of a see-other-host condition.
	Host string
	// App is the application-specific condition, nil if none.
	App *Element
	// Received tells the peer's error from our own finding.
	Received bool
}

// Error names the condition, the text, and who complained.
func (e *Error) Error() string {
	who := "stream broken by the peer"
	if e.Received {
		who = "stream error from the peer"
	}
	if e.Text == "" {
		return who + ": " + e.Condition
	}
	return who + ": " + e.Condition + ": " + e.Text
}

// Element is the error as <stream:error>.
func (e *Error) Element() *Element {
	el := New(NSStreams, "error", TextElement(NSStreamErrors, e.Condition, e.Host))
	if e.Text != "" {
		el.Append(TextElement(NSStreamErrors, "text", e.Text))
	}
	if e.App != nil {
		el.Append(e.App)
	}
	return el
}

// ParseError reads a received <stream:error>; it is nil when el is something
// else.
func ParseError(el *Element) *Error {
	if !el.Is(NSStreams, "error") {
		return nil
	}
	e := &Error{Condition: UndefinedCondition, Received: true}
	for c := range el.Elements() {
		switch {
		case c.Is(NSStreamErrors, "text"):
			e.Text = c.Text()
		case c.Space == NSStreamErrors:
			e.Condition = c.Local
			if c.Local == SeeOtherHost {
				e.Host = c.Text()
			}
		case e.App == nil:
			e.App = c
		}
	}
	return e
}

// TooBig says that a stanza went beyond the Limits. It was drained to its end,
// and the stream goes on.
type TooBig struct {
	// Header is the stanza's start tag with its attributes and no children;
	// nil when the start tag itself was too big to be read.
	Header *Element
	// Why names the limit.
	Why string
}

// Error names the stanza, if known, and the limit.
func (e *TooBig) Error() string {
	if e.Header == nil {
		return "stanza refused: " + e.Why
	}
	return fmt.Sprintf("stanza <%s> refused: %s", e.Header.Local, e.Why)
}
