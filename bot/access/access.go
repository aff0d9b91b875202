// Package access decides who may run which command: by the real address of a
// person, never by a nick.
//
// Today it knows two kinds of people, administrators and everybody else, and
// one rule: what changes something that others see is for administrators. It
// does not know rooms, groups, limits or confirmations.
package access

import (
	"context"
	"strings"

	"dragoman/bot"
)

// Policy implements bot.Access.
type Policy struct {
	admins map[bot.Address]bool
}

// New makes a policy with the bare JIDs of the administrators.
func New(admins []string) *Policy {
	p := &Policy{admins: make(map[bot.Address]bool, len(admins))}
	for _, a := range admins {
		p.admins[bot.Address(strings.ToLower(a))] = true
	}
	return p
}

// Check lets everybody read and change what is their own, and administrators
// do the rest.
func (p *Policy) Check(_ context.Context, m *bot.Message, c *bot.Cmd) error {
	if c.Effect() < bot.ChangesShared || p.admins[m.Sender.Account] {
		return nil
	}
	if m.Sender.Account == "" {
		return bot.Refuse("%s is for administrators, and in this room I cannot tell who you are. Write to me in a direct message.", c.Name())
	}
	// Everybody in the room reads this: it must not say who the sender is.
	return bot.Refuse("%s is for administrators, and you are not one of them.", c.Name())
}

// MayInvite lets administrators bring the bot into rooms.
func (p *Policy) MayInvite(_ context.Context, account bot.Address) bool { return p.admins[account] }
