package stream

// Namespaces of RFC 6120 and XEP-0114, and those that XML itself reserves.
const (
	// NSClient is the namespace of stanzas in every tree of this package, on a
	// component's stream too (see the package comment).
	NSClient = "jabber:client"
	// NSComponent is the content namespace of a XEP-0114 stream on the wire.
	NSComponent = "jabber:component:accept"
	// NSStreams is the namespace of <stream:stream>, <stream:features> and
	// <stream:error>.
	NSStreams = "http://etherx.jabber.org/streams"
	// NSStreamErrors holds the defined stream error conditions, RFC 6120 4.9.2.
	NSStreamErrors = "urn:ietf:params:xml:ns:xmpp-streams"
	// NSStanzas holds the defined stanza error conditions, RFC 6120 8.3.2.
	NSStanzas = "urn:ietf:params:xml:ns:xmpp-stanzas"
	// NSTLS is STARTTLS, RFC 6120 5.
	NSTLS = "urn:ietf:params:xml:ns:xmpp-tls"
	// NSSASL is SASL, RFC 6120 6.
	NSSASL = "urn:ietf:params:xml:ns:xmpp-sasl"
	// NSBind is resource binding, RFC 6120 7.
	NSBind = "urn:ietf:params:xml:ns:xmpp-bind"
	// NSXML is what the prefix xml stands for, as in xml:lang.
	NSXML = "http://www.w3.org/XML/1998/namespace"
	// nsXMLNS is what the prefix xmlns stands for. Nothing can be declared in
	// it, so it never occurs in a tree that was read.
	nsXMLNS = "http://www.w3.org/2000/xmlns/"
)

// canon is the namespace under which a tree knows space: the content namespace
// of a component's stream is that of an account's.
func canon(space string) string {
	if space == NSComponent {
		return NSClient
	}
	return space
}
