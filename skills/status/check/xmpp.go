package check

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Prober asks XMPP addresses over the program's own connection. Its errors are
// ErrAnswered, ErrNotThere, ErrNoConnection (wrapped or not; Condition chooses
// the first two) or the error of ctx, which it obeys.
type Prober interface {
	// Ping sends XEP-0199 and waits for the answer.
	Ping(ctx context.Context, jid string) error
	// LastActivity sends XEP-0012 and returns the seconds of the answer.
	LastActivity(ctx context.Context, jid string) (time.Duration, error)
}

// What a Prober says of an address that sent no result.
var (
	// ErrAnswered: an error came back that proves the address to be there.
	ErrAnswered = errors.New("the address answered with an error")
	// ErrNotThere: an error came back that says nobody is there.
	ErrNotThere = errors.New("the address is not there")
	// ErrNotAsked: somebody on the way refused the question.
	ErrNotAsked = errors.New("the question was refused on the way")
	// ErrNoConnection: the question could not be asked.
	ErrNoConnection = errors.New("there is no XMPP connection")
)

// Condition turns the condition of an error stanza (RFC 6120, 8.3.3), the
// answer to an IQ to jid, into ErrAnswered, ErrNotThere or ErrNotAsked.
//
// Servers speak for what they cannot reach: <service-unavailable/> is what they
// answer for an account that is offline or does not exist. From a bare domain
// it is the domain's own "I don't do that", and the proof that it is there
// (XEP-0199, section 4). Conditions that our own server may have set, because
// it lets no question out, prove nothing: ErrNotAsked.
func Condition(jid, condition string) error {
	err := ErrNotAsked
	switch condition {
	case "feature-not-implemented", "bad-request", "internal-server-error":
		err = ErrAnswered
	case "item-not-found", "remote-server-not-found", "remote-server-timeout", "recipient-unavailable", "gone", "redirect", "jid-malformed":
		err = ErrNotThere
	case "service-unavailable":
		err = ErrAnswered
		if account, resource := jidParts(jid); account || resource {
			err = ErrNotThere
		}
	}
	return err
}

// jidParts reports whether a JID has a localpart and a resource.
func jidParts(jid string) (account, resource bool) {
	bare, _, resource := strings.Cut(jid, "/")
	return strings.Contains(bare, "@"), resource
}

func newXMPPPing(spec Spec, d Deps) (probe, error) {
	if err := needsXMPP(spec, d); err != nil {
		return nil, err
	}
	return func(ctx context.Context) Result {
		err := d.XMPP.Ping(ctx, spec.Target)
		if err == nil || errors.Is(err, ErrAnswered) {
			return Result{State: Up}
		}
		return xmppFailure(err)
	}, nil
}

// newXMPPLast asks for the last activity, which is three things (XEP-0012): of
// a domain its uptime, of an account the time since somebody left it, and zero
// while somebody is there, of a connected client its idle time.
func newXMPPLast(spec Spec, d Deps) (probe, error) {
	if err := needsXMPP(spec, d); err != nil {
		return nil, err
	}
	account, resource := jidParts(spec.Target)
	return func(ctx context.Context) Result {
		ago, err := d.XMPP.LastActivity(ctx, spec.Target)
		switch {
		case errors.Is(err, ErrAnswered) && account && !resource:
			return Result{State: Unknown, Detail: "its server does not tell; the account may have to share its presence with the bot"}
		case errors.Is(err, ErrAnswered):
			return Result{State: Up, Detail: "it answers, but does not tell since when"}
		case err != nil:
			return xmppFailure(err)
		case ago < 0:
			return Result{State: Unknown, Detail: "the answer makes no sense"}
		case !account && !resource:
			return Result{State: Up, Since: d.Clock.Now().Add(-ago)}
		case resource:
			return Result{State: Up, Detail: "idle for " + Span(ago)}
		case ago == 0:
			return Result{State: Up}
		}
		return Result{State: Down, Detail: "last seen " + Span(ago) + " ago"}
	}, nil
}

func needsXMPP(spec Spec, d Deps) error {
	if d.XMPP == nil {
		return fmt.Errorf("%s needs an XMPP connection, and this program has none", spec.Kind)
	}
	bare, _, _ := strings.Cut(spec.Target, "/")
	local, domain, account := strings.Cut(bare, "@")
	if !account {
		domain = bare
	}
	if !isHost(domain) || account && (local == "" || strings.ContainsAny(local, "\"&'/:<> \t\r\n")) || len(spec.Target) > 3071 {
		return fmt.Errorf("%s needs an XMPP address, for example chat.example.org", spec.Kind)
	}
	return nil
}

func xmppFailure(err error) Result {
	switch {
	case errors.Is(err, ErrNotThere):
		return Result{State: Down, Detail: "nobody is there"}
	case errors.Is(err, context.DeadlineExceeded):
		return Result{State: Down, Detail: "no answer in time"}
	case errors.Is(err, context.Canceled):
		return Result{State: Unknown, Detail: interrupted}
	case errors.Is(err, ErrNotAsked):
		return Result{State: Unknown, Detail: "a server on the way refuses the question"}
	case errors.Is(err, ErrNoConnection):
		return Result{State: Unknown, Detail: "no XMPP connection to ask over"}
	}
	return Result{State: Unknown, Detail: "cannot ask over XMPP"}
}
