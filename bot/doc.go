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
// skill sends as a [Notice] through a [Notifier]. Machines write to each other
// in a [Parcel], which the function given to [Bot.Receive] takes.
//
// # What changes something happens once
//
// A command that only reads is answered at once: if its answer is lost, one asks
// again. One that changes something (Effect) runs inside of a transaction of
// the [Journal]. What its function writes to the store, its reply in the
// [Outbox] and the note that this message was handled are committed together;
// only then the sender gets a receipt (XEP-0184). So
//
//   - the same message, repeated by a client, a server or a resumed stream, also
//     after a restart, runs nothing: it is receipted again, and its reply sent
//     again if it is not known to have arrived;
//   - an error, a panic or an overrun of the function takes everything back,
//     leaves no note and is answered directly;
//   - what cannot be stored is refused ([ErrNotAccepted]), by the transport where
//     it is a [Refuser], else in words, and can be sent again.
//
// The function may run twice, since a database may have to begin a transaction
// anew. So it changes what is in memory with store.DB.AfterCommit, and asks no
// network: while it runs, others who want to write may have to wait. A parcel is
// taken in the same way.
//
// A conversation waits, for two seconds at most, until a reply in the outbox is
// on the wire before it handles the next message, so replies keep their order.
//
// # What it does not do
//
// The core knows no stanza, no table and no network. It keeps nothing across a
// restart by itself: packages bot/outbox and store/queue do, behind Outbox and
// Journal. Without them, as in a test, replies and notices go straight to the
// transport and repetitions are known from memory alone.
//
// It does not promise that a question survives a restart: whoever answers one
// that the bot no longer knows is not understood. And where the commit itself
// breaks and the database can't be asked about it, the person is told that
// nobody knows.
package bot
