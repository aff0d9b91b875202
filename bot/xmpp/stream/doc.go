// Package stream is the ground floor of XMPP: bytes to Element and back,
// addresses, stanza and stream errors, and the Session that owns one
// connection once it is authenticated.
//
// A Reader cuts the byte stream into top-level elements before encoding/xml
// sees any of them, so that no stranger can end the stream, or fill the
// memory, by size, depth or number of attributes: such a stanza is drained and
// reported as TooBig. Only what breaks the framing or is forbidden in XMPP
// ends the stream, as an Error with the condition of RFC 6120 section 4.9.3.
// Element.AppendXML is the one way from a tree to bytes; nothing in this
// package takes or gives raw XML, so nothing can be injected.
//
// # Content namespace
//
// Stanzas are in jabber:component:accept on a XEP-0114 stream and in
// jabber:client on an account's. No consumer has to care: in a tree it is
// always NSClient. The Reader turns jabber:component:accept into NSClient
// wherever it occurs; AppendXML, told the content namespace of the stream,
// leaves NSClient undeclared on the stanza and its own children, and spells it
// out inside a foreign element (a forwarded message, XEP-0297).
//
// # What it doesn't do
//
// It opens no connection, authenticates nobody, knows no extension beyond the
// ping it is handed, and doesn't reconnect: the packages component and client
// do that on top.
package stream
