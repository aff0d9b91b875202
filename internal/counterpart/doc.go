// Package counterpart starts the programs that Dragoman talks to and that
// nobody here wrote: Prosody, ejabberd and PostgreSQL as servers, go-xmpp
// ([Human]) and slixmpp ([Slixmpp]) as people on them, and a [Proxy] that does
// to a connection what bad networks do. The integration tests and `dragoman
// demo` use the same code; the helpers for tests ([Prosody], [Ejabberd],
// [PostgresURL]) only add the rule about missing software.
//
// [FakeXMPP] is a server in this process for what a real one can't be made to
// do: a reset in the middle of a stanza or of a character, a connection that
// stands still, stanzas lost, doubled or overtaken ([FakeLine]), and all of that
// in virtual time, from a seed. It has the ways of Prosody or of ejabberd, and
// the tests of package xmpp run on it and on the two of them, so that it cannot
// drift away from what they do.
//
// Everything listens on the loopback interface, on ports below the ephemeral
// range, with its data in a throwaway folder. A server runs unprivileged also
// when the caller is root, wherever the folder can be reached by an ordinary
// account. On Linux a child ends with the program that started it, however
// that program ends; the folder goes with Stop.
//
// It installs nothing: [Missing] says what is missing and scripts/install.sh
// installs it. It knows nothing of the bot and imports none of its packages,
// so that no mistake of the bot's own XMPP code can hide in it. Apart from a
// Human's messages nothing here is meant for production.
package counterpart
