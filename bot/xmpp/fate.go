package xmpp

import (
	"errors"
	"fmt"
	"slices"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// What an administrator reads of messages that did not arrive.
var (
	errNoLine     = errors.New("the connection ended before it was sent")
	errLineLost   = errors.New("the connection ended before the other side answered")
	errNoEcho     = errors.New("the room did not repeat it")
	errSeatLost   = errors.New("the bot lost its place in the room, which did not repeat it")
	errNoBarrier  = errors.New("the other side did not say whether it arrived")
	errAfterError = errors.New("it waits for the one before it")
)

// policyText is how ejabberd words its refusal to look beyond itself for a
// component that is away, where s2s_access is none: the condition alone,
// forbidden, would be final.
const policyText = "Access denied by service policy"

// away reports whether an error says no more than that the way there is
// closed at the moment: what was asked for never came to its address.
func away(se *stream.StanzaError) bool {
	switch se.Condition {
	case "remote-server-not-found", "remote-server-timeout": // ejabberd makes them of type cancel
		return true
	case "forbidden":
		return se.Text == policyText
	}
	return false
}

// permanent are the conditions after which nothing will help (RFC 6120 section
// 8.3.3), whatever type a server gives them.
var permanent = []string{
	"bad-request", "feature-not-implemented", "forbidden", "gone", "item-not-found", "jid-malformed", "not-acceptable",
	"not-allowed", "not-authorized", "payment-required", "policy-violation", "recipient-unavailable", "redirect",
	"registration-required", "subscription-required",
}

// bounced is the fate of a message that came back. The type of the error
// decides where the condition doesn't: "wait" means that it may be sent again
// (RFC 6120 section 8.3.2). Neither the RFC nor any extension lets a server say
// for how long.
func bounced(se *stream.StanzaError) bot.Fate {
	state := bot.Refused
	if away(se) || se.Type == stream.TypeWait && !slices.Contains(permanent, se.Condition) {
		state = bot.Returned
	}
	return bot.Fate{State: state, Err: fmt.Errorf("it came back: %w", se)}
}

// sentBack is the fate of a message that a room sent back. Who is told that
// they are no occupant has lost their seat, and the room has not got it.
func sentBack(se *stream.StanzaError) bot.Fate {
	if seatless(se) {
		return bot.Fate{State: bot.Held, Err: fmt.Errorf("the room doesn't know the bot: %w", se)}
	}
	return bounced(se)
}

// seatless reports whether an error of a room says that we are not in it.
func seatless(se *stream.StanzaError) bool {
	return slices.Contains([]string{"not-acceptable", "item-not-found", "service-unavailable"}, se.Condition)
}

// unaccepted is the fate of a parcel that was answered with an error. One that
// may be sent again is, because the receiver knows it by its id.
func unaccepted(se *stream.StanzaError) bot.Fate {
	f := bounced(se)
	// A component that is away, or a bot that is just starting there.
	if se.Condition == "service-unavailable" || se.Condition == "recipient-unavailable" {
		f.State = bot.Returned
	}
	return f
}
