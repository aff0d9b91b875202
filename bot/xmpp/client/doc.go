// Package client opens the stream of an ordinary XMPP account: it finds the
// server (RFC 6120 section 3, XEP-0368), encrypts, authenticates (SASL, RFC
// 6120 section 6, with SCRAM of RFC 5802 and 7677), binds a resource, and keeps
// the books of XEP-0198 stream management, so that a broken connection loses
// and doubles nothing.
//
// # Trust
//
// The server is known by its certificate, which must name the domain of the
// account whatever host answered, and by the proof that it knows the password.
// There is no way back from TLS to plain text. What comes before both proofs is
// the word of a stranger: every step has bounds, and the context bounds all of
// them together.
//
// # What it doesn't do
//
// Everything after the stream is open belongs to package xmpp: roster, presence,
// rooms, messages. There is no SASL2 (XEP-0388), no registration, no
// compression. A see-other-host is reported, not followed, and the 'location'
// of XEP-0198 is ignored: the next connection asks the DNS again. The queue of
// what the server has not confirmed lives in memory; over a restart of the
// program a [ResumeStore] keeps what is needed to receive, not to send again.
// The server is told that a stanza was received when the done of
// xmpp.Link.Handling was called for it and for all before it: when it asks, and
// soon after when that was less than had arrived. What was not done when a
// connection broke comes again with the resumption, and so does what was done
// in the last moment before, which the server was not told of any more.
package client
