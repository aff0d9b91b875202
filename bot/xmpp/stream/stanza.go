package stream

import "crypto/rand"

// Types of stanza errors, RFC 6120 8.3.2.
const (
	TypeAuth     = "auth"
	TypeCancel   = "cancel"
	TypeContinue = "continue"
	TypeModify   = "modify"
	TypeWait     = "wait"
)

// StanzaError is the error of a stanza of type "error", RFC 6120 8.3.
type StanzaError struct {
	// Type is auth, cancel, continue, modify or wait.
	Type string
	// Condition is a name from RFC 6120 8.3.3, such as "service-unavailable".
	Condition string
	// Text is the explanation for humans, "" if none.
	Text string
	// By is the address of the entity that found the error, "" if not said.
	By string
	// App is the application-specific condition, nil if none.
	App *Element
}

// Error names the condition, the text and the complainer.
func (e *StanzaError) Error() string {
	s := "answered with an error: " + e.Condition + " (" + e.Type + ")"
	if e.By != "" {
		s += " by " + e.By
	}
	if e.Text != "" {
		s += ": " + e.Text
	}
	return s
}

// Element is the error as the <error/> child of a stanza.
func (e *StanzaError) Element() *Element {
	kind, condition := e.Type, e.Condition
	if kind == "" {
		kind = TypeCancel
	}
	if condition == "" {
		condition = UndefinedCondition
	}
	el := New(NSClient, "error", New(NSStanzas, condition)).SetAttr("type", kind).SetAttr("by", e.By)
	if e.Text != "" {
		el.Append(TextElement(NSStanzas, "text", e.Text))
	}
	if e.App != nil {
		el.Append(e.App)
	}
	return el
}

// ParseStanzaError reads the error of a stanza of type "error"; it is nil when
// the stanza is of another type. What the sender left out becomes
// undefined-condition and cancel.
func ParseStanzaError(stanza *Element) *StanzaError {
	if stanza.Attr("type") != "error" {
		return nil
	}
	el := stanza.Child(NSClient, "error")
	e := &StanzaError{Type: el.Attr("type"), By: el.Attr("by")}
	for c := range el.Elements() {
		switch {
		case c.Is(NSStanzas, "text"):
			e.Text = c.Text()
		case c.Space == NSStanzas && e.Condition == "":
			e.Condition = c.Local
		case c.Space != NSStanzas && e.App == nil:
			e.App = c
		}
	}
	if e.Type == "" {
		e.Type = TypeCancel
	}
	if e.Condition == "" {
		e.Condition = UndefinedCondition
	}
	return e
}

// ErrorReply is the answer to stanza that carries e, from the address asked to
// the one that asked. It is nil for what must never be answered: a stanza of
// type error or result, and what is no stanza.
func ErrorReply(stanza *Element, e StanzaError) *Element {
	if !IsStanza(stanza) || isAnswer(stanza) {
		return nil
	}
	return reply(stanza, "error").Append(e.Element())
}

// ResultReply is the result of an IQ get or set, with the given payload; nil
// for anything else.
func ResultReply(iq *Element, payload ...Node) *Element {
	if t := iq.Attr("type"); !iq.Is(NSClient, "iq") || (t != "get" && t != "set") {
		return nil
	}
	return reply(iq, "result").Append(payload...)
}

func reply(stanza *Element, kind string) *Element {
	return New(NSClient, stanza.Local).
		SetAttr("type", kind).
		SetAttr("id", stanza.Attr("id")).
		SetAttr("from", stanza.Attr("to")).
		SetAttr("to", stanza.Attr("from"))
}

// IsStanza reports whether e is a message, presence or IQ.
func IsStanza(e *Element) bool {
	return e.Is(NSClient, "message") || e.Is(NSClient, "presence") || e.Is(NSClient, "iq")
}

// isAnswer reports whether a stanza ends an exchange.
func isAnswer(stanza *Element) bool {
	t := stanza.Attr("type")
	return t == "error" || t == "result"
}

// NewID is a fresh stanza id of 26 letters and digits with at least 128 random
// bits, so that nobody can guess it.
func NewID() string { return rand.Text() }
