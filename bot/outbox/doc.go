// Package outbox sends what has to arrive, and remembers what has happened.
//
// An [Outbox] is the durable bot.Outbox and bot.Journal. A message that is
// added commits with the transaction of its cause as one job of package
// store/queue: kind "outbox:" and the name of the transport, group the
// destination, key the message's ID. Each destination gets its messages in the
// order in which they were added, and none waits for another destination. The
// bot.Courier of the transport says what became of a message:
//
//	Arrived    acknowledged: done
//	Held       tried again when the destination opens, or within 15 s
//	Returned   tried again later, for as long as Config.GiveUp
//	Refused    a dead letter; the administrators are told
//	InDoubt    a message to a room or a parcel is looked for there and sent again
//	           under the same ID; a message to a person is `unknown`, and the
//	           person is told openly what they may have missed
//
// A message that was with the courier when the process died is in doubt. The open
// repetition is one message; it says what it is, so it may be sent again itself,
// under its own ID, when nobody knows what became of it.
// So nothing is lost, and what cannot be told apart from its repetition is never
// repeated in silence.
//
// The journal is one table of marks with which a request that changes something
// commits, so that its repetition changes nothing.
//
// # What it does not promise
//
// A mark and a message's ID are remembered for a time, not for ever: a
// repetition after that is a new request. A person whose client drops what it
// receives, or a courier that says Arrived too early, cannot be noticed here.
// How a message looks on the wire, and how it is acknowledged there, is up to
// the transport.
package outbox
