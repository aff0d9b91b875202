// Package simulation runs the durable core, which is everything but the wire,
// through days of trouble in virtual time, and checks that nothing was lost,
// doubled or reordered.
//
// The core is the real one: bot, bot/outbox, store/queue, scheduler and store on
// an SQLite file. People, rooms and another machine are played by a world behind
// a fake transport. A seed draws what they do and what befalls them: the process
// is killed, messages bounce, time out, arrive twice or out of turn, the
// connection breaks, the database is busy or full. A kill is what a crash is: the
// files of the database are copied as they are at that moment, and a new process
// starts on the copy.
//
// Draws hang on what they are about (the third try of message x), not on the
// order in which goroutines come to ask, so that a seed reproduces its faults,
// and the whole run but for what happens in the same virtual instant, where the
// runtime decides the order.
//
// It proves nothing about the wire, PostgreSQL or fsync; those have tests with
// real servers, real processes and real signals. All of it is in the tests.
package simulation
