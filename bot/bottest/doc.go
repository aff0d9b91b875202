// Package bottest is the kit for authors of skills: everything that a test of
// a skill needs instead of a chat server.
//
// [Run] plays a dialogue, written down as people would read it, against real
// skills in the real core. [Conform] checks what every skill owes its users.
// [Start] gives a running bot to a test that wants to send [Direct] and
// [InRoom] messages of its own and look at the replies; [Transport] is the
// fake chat server that it talks through, and can be made to fail or to block.
//
// The bot has a [Ledger] for an outbox and a journal, so commands that change
// something go the way that they go in the product: committed with their reply,
// then delivered, and once only. It can be made to fail before, in and after a
// commit.
//
// A dialogue is played in a bubble of package testing/synctest: time stands
// still until the script lets it pass, and then every timer of the skill and of
// the core fires in its order, so a script says the same thing on every run.
// Where a bubble does not fit, [NewClock] is a clock that a test moves by hand.
//
// The package speaks to no network and checks no rendering: how a reply looks
// on XMPP is tested where it is rendered.
package bottest
