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

// Wrong is an error by which a handler says that the value of one slot of its
// command cannot be: there is no machine of that name. The person is told so
// and asked for the slot again, in the words of the slot unless the text ends
// with a question of its own: "I know no machine web2. Did you mean web1?"
// Where the command has no such slot it is a refusal.
func Wrong(slot, format string, args ...any) error {
	return &wrongError{slot, &Error{Text: fmt.Sprintf(format, args...)}}
}

type wrongError struct {
	slot string
	told *Error
}

// Error implements error with what the person is told.
func (e *wrongError) Error() string { return e.told.Error() }

// Unwrap makes it a refusal for whoever has no use for the slot.
func (e *wrongError) Unwrap() error { return e.told }

// ErrNotAccepted means that a request left no trace, because what has to be
// stored could not be: the database is full, busy or out of reach. The sender
// may try again. An Outbox and a Journal wrap it around such errors of theirs.
var ErrNotAccepted = errors.New("nothing was accepted, because I cannot store anything at the moment; please try again later")

// ErrNoTransport means that a destination's transport is not there.
var ErrNoTransport = errors.New("there is no such transport; it may have been taken out of the configuration")

// ErrHangUp, as the cause of the end of Run's context, means that the bot's
// addresses may be somebody else's from now on.
var ErrHangUp = errors.New("the bot hangs up at once")

// Errors that Deliver gives back to a transport.
var (
	// ErrBusy means that the conversation's queue, or the whole bot, is full:
	// the transport pushes back in its protocol's words (on XMPP
	// resource-constraint, type wait), and the sender may try again.
	ErrBusy = errors.New("too many messages are waiting; please try again later")
	// ErrStopped means that the bot is ending and took nothing.
	ErrStopped = errors.New("the bot is being stopped; please try again later")
)
