package xmpp

// Namespaces of the extensions that this package speaks.
const (
	nsCarbons     = "urn:xmpp:carbons:2"                     // XEP-0280
	nsChatStates  = "http://jabber.org/protocol/chatstates"  // XEP-0085
	nsConference  = "jabber:x:conference"                    // XEP-0249
	nsDelay       = "urn:xmpp:delay"                         // XEP-0203
	nsDelayLegacy = "jabber:x:delay"                         // XEP-0091
	nsDiscoInfo   = "http://jabber.org/protocol/disco#info"  // XEP-0030
	nsDiscoItems  = "http://jabber.org/protocol/disco#items" // XEP-0030
	nsEncryption  = "urn:xmpp:eme:0"                         // XEP-0380
	nsForm        = "jabber:x:data"                          // XEP-0004
	nsForward     = "urn:xmpp:forward:0"                     // XEP-0297
	nsRSM         = "http://jabber.org/protocol/rsm"         // XEP-0059
	nsJSON        = "urn:xmpp:json:0"                        // XEP-0335
	nsParcel      = "urn:dragoman:parcel:1"                  // ours: see the package comment
	nsFallback    = "urn:xmpp:fallback:0"                    // XEP-0428
	nsLast        = "jabber:iq:last"                         // XEP-0012
	nsMAM         = "urn:xmpp:mam:2"                         // XEP-0313
	nsMUC         = "http://jabber.org/protocol/muc"         // XEP-0045
	nsMUCUser     = "http://jabber.org/protocol/muc#user"    // XEP-0045
	nsNick        = "http://jabber.org/protocol/nick"        // XEP-0172
	nsPing        = "urn:xmpp:ping"                          // XEP-0199
	nsReceipts    = "urn:xmpp:receipts"                      // XEP-0184
	nsReply       = "urn:xmpp:reply:0"                       // XEP-0461
	nsRoster      = "jabber:iq:roster"                       // RFC 6121 section 2
	nsStanzaIDs   = "urn:xmpp:sid:0"                         // XEP-0359
	nsTime        = "urn:xmpp:time"                          // XEP-0202
	nsVCard       = "vcard-temp"                             // XEP-0054
	nsVersion     = "jabber:iq:version"                      // XEP-0092
	nsCanary      = "urn:dragoman:canary"                    // ours: see canary
)
