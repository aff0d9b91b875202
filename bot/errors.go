package bot

import (
	"errors"
	"fmt"
)

// Error is a failure with two audiences. Text is safe to show to the person
// and says what happened and what to do; Err goes to the log under an incident
// id, and is nil when the person's own input is all that was wrong.
type Error struct {
	Text string
	Err  error
}

// Error is the text for the log.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Text
	}
	return e.Text + ": " + e.Err.Error()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// Refuse is an error that tells the person why their request cannot be done.
// There is nothing in it for the log.
func Refuse(format string, args ...any) error {
	return &Error{Text: fmt.Sprintf(format, args...)}
}

// Errors that Deliver gives back to a transport.
var (
	// ErrBusy means that the conversation's queue, or the whole bot, is full:
	// the transport pushes back in its protocol's words (on XMPP
	// resource-constraint, type wait), and the sender may try again.
	ErrBusy = errors.New("too many messages are waiting; please try again later")
	// ErrStopped means that the bot is ending and took nothing.
	ErrStopped = errors.New("the bot is being stopped; please try again later")
)
