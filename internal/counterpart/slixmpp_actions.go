package counterpart

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"
)

// Event is one stanza that a Slixmpp received, or its "disconnected". What a
// stanza doesn't carry is the zero value.
type Event struct {
	Kind         string `json:"event"` // "message", "presence", "iq" or "disconnected"
	ID           string `json:"id"`
	From         string `json:"from"`
	To           string `json:"to"`
	Type         string `json:"type"`
	Body         string `json:"body"`
	Subject      string `json:"subject"`
	Thread       string `json:"thread"`
	Show         string `json:"show"`
	Status       string `json:"status"`
	Error        string `json:"error"`         // the condition of a stanza of type error
	ReplyID      string `json:"reply_id"`      // XEP-0461
	ReplyTo      string `json:"reply_to"`      // XEP-0461
	Receipt      string `json:"receipt"`       // XEP-0184: the id that is acknowledged
	WantsReceipt bool   `json:"wants_receipt"` // XEP-0184
	ChatState    string `json:"chat_state"`    // XEP-0085: "composing", ...
	Delay        string `json:"delay"`         // XEP-0203 stamp; empty for what comes live
	StanzaID     string `json:"stanza_id"`     // XEP-0359, as given by StanzaBy
	StanzaBy     string `json:"stanza_by"`
	OriginID     string `json:"origin_id"` // XEP-0359
	Codes        []int  `json:"codes"`     // XEP-0045 status codes
	RealJID      string `json:"real_jid"`  // XEP-0045, where the room shows it
	Affiliation  string `json:"affiliation"`
	Role         string `json:"role"`
	Invite       string `json:"invite"` // the room of a direct or mediated invitation
	XML          string `json:"xml"`    // the whole stanza
}

// String is the event on one line, for a test's log.
func (e Event) String() string {
	return fmt.Sprintf("%s %s %s from %s: %q", e.Kind, e.Type, e.ID, e.From, cmp.Or(e.Body, e.Error, e.XML))
}

// Outgoing is a message to send. Only To is needed.
type Outgoing struct {
	To          string
	From        string // a component's sender; empty means its own address
	Type        string // empty means "chat"
	Body        string // empty means no body at all
	ID          string // empty means a new one
	Thread      string
	ReplyID     string   // XEP-0461
	ReplyTo     string   // XEP-0461; empty means To
	WantReceipt bool     // XEP-0184
	ChatState   string   // XEP-0085
	Extra       []string // further children, each one XML element
}

// Send sends a message and returns its id.
func (x *Slixmpp) Send(ctx context.Context, m Outgoing) (string, error) {
	args := request{"to": m.To, "from": m.From, "type": m.Type, "stanza_id": m.ID, "thread": m.Thread,
		"reply_id": m.ReplyID, "reply_to": m.ReplyTo, "want_receipt": m.WantReceipt, "chat_state": m.ChatState,
		"extra": m.Extra}
	if m.Body != "" {
		args["body"] = m.Body
	}
	var answer struct {
		ID string `json:"stanza_id"`
	}
	err := x.call(ctx, "send", args, &answer)
	return answer.ID, err
}

// Raw writes text to the stream as it is, which need not be XML. The server
// may end the stream for it.
func (x *Slixmpp) Raw(ctx context.Context, text string) error {
	return x.call(ctx, "raw", request{"xml": text}, nil)
}

// Presence sends a presence of any type, "" and "subscribe" for instance, to
// an address, or to everybody when that is empty.
func (x *Slixmpp) Presence(ctx context.Context, to, kind string) error {
	return x.call(ctx, "presence", request{"to": to, "type": kind}, nil)
}

// Join enters a room without its history and returns the own presence in it,
// with its status codes, role and real address.
func (x *Slixmpp) Join(ctx context.Context, room, nick string) (Event, error) {
	var e Event
	err := x.call(ctx, "join", request{"room": room, "nick": nick}, &e)
	return e, err
}

// Leave goes out of a room.
func (x *Slixmpp) Leave(ctx context.Context, room, nick string) error {
	return x.call(ctx, "leave", request{"room": room, "nick": nick}, nil)
}

// Invite asks somebody into a room: directly (XEP-0249), or mediated by the
// room (XEP-0045 section 7.8.2), which the sender must have joined.
func (x *Slixmpp) Invite(ctx context.Context, room, to string, mediated bool) error {
	return x.call(ctx, "invite", request{"room": room, "to": to, "mediated": mediated}, nil)
}

// ConfigureRoom sets fields of a room that this person owns, such as
// "muc#roomconfig_whois": "moderators".
func (x *Slixmpp) ConfigureRoom(ctx context.Context, room string, fields map[string]string) error {
	return x.call(ctx, "configure_room", request{"room": room, "fields": fields}, nil)
}

// Ping sends a XEP-0199 ping. A *SlixmppError is an answer, too.
func (x *Slixmpp) Ping(ctx context.Context, to string) error {
	return x.call(ctx, "ping", request{"to": to}, nil)
}

// Identity is one XEP-0030 identity.
type Identity struct{ Category, Type, Name string }

// DiscoInfo is an answer to a XEP-0030 disco#info; the features are sorted.
type DiscoInfo struct {
	Features   []string
	Identities []Identity
}

// DiscoInfo asks what an address is and can; node may be empty.
func (x *Slixmpp) DiscoInfo(ctx context.Context, to, node string) (DiscoInfo, error) {
	var d DiscoInfo
	err := x.call(ctx, "disco_info", request{"to": to, "node": node}, &d)
	return d, err
}

// DiscoItem is one XEP-0030 item.
type DiscoItem struct{ JID, Node, Name string }

// DiscoItems asks what an address holds; node may be empty.
func (x *Slixmpp) DiscoItems(ctx context.Context, to, node string) ([]DiscoItem, error) {
	var answer struct{ Items []DiscoItem }
	err := x.call(ctx, "disco_items", request{"to": to, "node": node}, &answer)
	return answer.Items, err
}

// SoftwareVersion is a XEP-0092 answer.
type SoftwareVersion struct{ Name, Version, OS string }

// Version asks which software an address runs.
func (x *Slixmpp) Version(ctx context.Context, to string) (SoftwareVersion, error) {
	var v SoftwareVersion
	err := x.call(ctx, "version", request{"to": to}, &v)
	return v, err
}

// LastActivity asks for XEP-0012 seconds: of a server or component the time
// since its start, of an account the time since it was last seen.
func (x *Slixmpp) LastActivity(ctx context.Context, to string) (time.Duration, error) {
	var answer struct{ Seconds int64 }
	err := x.call(ctx, "last_activity", request{"to": to}, &answer)
	return time.Duration(answer.Seconds) * time.Second, err
}

// EntityTime asks for the time at an address (XEP-0202), in its own zone.
func (x *Slixmpp) EntityTime(ctx context.Context, to string) (time.Time, error) {
	var answer struct{ UTC, TZO string }
	if err := x.call(ctx, "time", request{"to": to}, &answer); err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339Nano, answer.UTC)
	if err != nil {
		return time.Time{}, fmt.Errorf("the UTC of the entity time: %w", err)
	}
	zone, err := time.Parse("Z07:00", answer.TZO)
	if err != nil {
		return time.Time{}, fmt.Errorf("the offset of the entity time: %w", err)
	}
	return t.In(zone.Location()), nil
}

// VCard is what slixmpp reads of a XEP-0054 vCard.
type VCard struct {
	FullName  string `json:"full_name"`
	Nickname  string
	PhotoType string `json:"photo_type"`
	Photo     []byte
	XML       string
}

// VCard asks for an address's vCard.
func (x *Slixmpp) VCard(ctx context.Context, to string) (VCard, error) {
	var v VCard
	err := x.call(ctx, "vcard", request{"to": to}, &v)
	return v, err
}

// IQ sends an IQ of type "get" or "set" with a payload given as one XML
// element, and returns the result. An error answer is a *SlixmppError.
func (x *Slixmpp) IQ(ctx context.Context, to, kind, payload string) (Event, error) {
	var e Event
	err := x.call(ctx, "iq", request{"to": to, "type": kind, "xml": payload}, &e)
	return e, err
}

// Says is an Expect condition: a live message of somebody, given by a prefix
// of the address, with this text somewhere in its body, and no error.
func Says(from, text string) func(Event) bool {
	return func(e Event) bool {
		return e.Kind == "message" && e.Type != "error" && e.Delay == "" &&
			strings.HasPrefix(e.From, from) && strings.Contains(e.Body, text)
	}
}
