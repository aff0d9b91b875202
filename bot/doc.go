// Package bot is the vocabulary and the core of Dragoman: what a message, a
// command, a skill and a reply are, and the way of a message from the person
// who wrote it to the answer.
//
// # A tour
//
// A [Transport] (package bot/xmpp, bot/console) receives what a person wrote,
// establishes who they are and hands a [Message] to the [Inbox] of the [Bot].
// The router gives every person in every place a conversation of their own,
// with one goroutine and a bounded queue: replies keep their order, and nobody
// waits for somebody else's slow command.
//
// The conversation drops repetitions, takes the text as the answer to a
// question if it had asked one, and otherwise lets package nlu turn it into a
// command with slots. [Access] decides whether this person may run it. What is
// missing is asked for. Then the function that a [Skill] gave to [Command] runs
// with a typed struct on the conversation's own goroutine, under a watchdog that
// leaves it behind after ten seconds, and its [Reply] goes back through the
// transport.
//
// What nobody asked for at that moment, such as "machine1 has gone down.", a
// skill sends through a [Notifier].
//
// # What it does not do
//
// The core knows no stanza, no table and no network. It keeps no message
// across a restart: making what was accepted durable is the work of packages
// store/queue and bot/outbox, which stand behind the same interfaces.
package bot
