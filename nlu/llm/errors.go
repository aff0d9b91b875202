package llm

import (
	"errors"
	"fmt"
	"time"
)

// What can keep an answer from coming; compare with errors.Is.
var (
	// ErrOff means that no model is configured, or none for such a request.
	ErrOff = errors.New("llm: not in use")
	// ErrUnavailable means that the model did not answer: it is out of reach,
	// too slow, broken or overloaded, or the ledger is.
	ErrUnavailable = errors.New("llm: the language model does not answer")
	// ErrBudget means that the person has used up their tokens of the day.
	ErrBudget = errors.New("llm: the tokens of this day are used up")
)

// Error is a question that got no answer. Text is for the person, in English
// and complete; a caller of another language words it by the Kind.
type Error struct {
	Kind error  // ErrOff, ErrUnavailable or ErrBudget
	Text string // safe to show
	Err  error  // for the log; nil where Kind says it all
}

// Error is the text for the log. It holds no key and nothing of the message.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Kind.Error()
	}
	return e.Kind.Error() + ": " + e.Err.Error()
}

// Unwrap is the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

func off() error {
	return &Error{Kind: ErrOff, Text: "I have no language model to ask."}
}

func unavailable(err error) error {
	return &Error{Kind: ErrUnavailable, Err: err,
		Text: "I cannot think about that at the moment. My commands work as always: say help to see them."}
}

func overBudget() error {
	return &Error{Kind: ErrBudget,
		Text: "That is all the thinking I can do for you today; tomorrow there is more. My commands work as always: say help to see them."}
}

// errTimeout is the cause of the end of a question that took too long.
var errTimeout = errors.New("it took too long")

// errMalformed means that the answer is not what the protocol says.
var errMalformed = errors.New("the answer is no chat completion in JSON; is the url right?")

// statusError is an answer with another status than 200. The body is left out:
// servers repeat keys and prompts in it.
type statusError struct {
	code  int
	retry time.Duration // of Retry-After; 0 when absent
}

// Error says what the status means to whoever configured the client.
func (e *statusError) Error() string {
	hint := ""
	switch {
	case e.code == 401 || e.code == 403:
		hint = "; is the key right?"
	case e.code == 404:
		hint = "; are url and model right?"
	case e.code == 429:
		hint = " (too many requests)"
	case 300 <= e.code && e.code < 400:
		hint = "; redirects are not followed, so set url to where it answers"
	}
	return fmt.Sprintf("HTTP status %d%s", e.code, hint)
}

// aboutThis reports whether the server only disliked this one question, as
// filters for content do. It is then no sign of how the server is, or anybody
// could switch it off for all by what they write.
func (e *statusError) aboutThis() bool {
	return e.code == 400 || e.code == 413 || e.code == 422
}
