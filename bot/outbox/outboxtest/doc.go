// Package outboxtest is the conformance kit for a bot.Outbox with its
// bot.Journal: Run checks the promises that the core builds on. World is the
// far side, with all the ways in which it can fail; it outlives the processes
// that are killed in the course of a test.
//
// It knows nothing of how an outbox keeps what it accepted.
package outboxtest
