package xmpp

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dragoman/bot"
	"dragoman/bot/xmpp/stream"
)

// Ping asks an entity whether it is there (XEP-0199). An error answer is
// returned as *stream.StanzaError, a missing stream of ours as
// ErrNotConnected.
func (t *Transport) Ping(ctx context.Context, to stream.JID) error {
	_, err := t.get(ctx, to, stream.New(nsPing, "ping"))
	return err
}

// LastActivity asks how long a server or component has been up, or for how
// long an account has been away (XEP-0012).
func (t *Transport) LastActivity(ctx context.Context, of stream.JID) (time.Duration, error) {
	r, err := t.get(ctx, of, stream.New(nsLast, "query"))
	if err != nil {
		return 0, err
	}
	seconds, err := strconv.ParseInt(r.Child(nsLast, "query").Attr("seconds"), 10, 64)
	const century = 100 * 365 * 24 * 3600
	if err != nil || seconds < 0 || seconds > century {
		return 0, fmt.Errorf("%s gave no usable number of seconds", of)
	}
	return time.Duration(seconds) * time.Second, nil
}

// maxName bounds a display name, in runes: it is repeated in front of
// everybody.
const maxName = 64

// DisplayName implements bot.Namer: the nick in a room that we share, else the
// full name or the nickname of the vCard (XEP-0054).
func (t *Transport) DisplayName(ctx context.Context, account bot.Address) (string, error) {
	if nick := t.rooms.nickOf(account); nick != "" {
		return nick, nil
	}
	to, err := stream.ParseJID(string(account))
	if err != nil {
		return "", err
	}
	r, err := t.get(ctx, to, stream.New(nsVCard, "vCard"))
	if err != nil {
		return "", err
	}
	card := r.Child(nsVCard, "vCard")
	name := strings.Join(strings.Fields(cmp.Or(card.ChildText(nsVCard, "FN"), card.ChildText(nsVCard, "NICKNAME"))), " ")
	if runes := []rune(name); len(runes) > maxName {
		name = string(runes[:maxName])
	}
	return name, nil
}

// get asks a question as the bot.
func (t *Transport) get(ctx context.Context, to stream.JID, payload *stream.Element) (*stream.Element, error) {
	return t.ask(ctx, stream.New(stream.NSClient, "iq", payload).
		SetAttr("type", "get").
		SetAttr("from", t.occupant()).
		SetAttr("to", to.String()))
}
