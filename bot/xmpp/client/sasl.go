package client

import (
	"encoding/base64"
	"errors"
	"fmt"

	"dragoman/bot/xmpp"
	"dragoman/bot/xmpp/stream"
)

const (
	// maxRounds bounds the challenges of one login; SCRAM has two at most.
	maxRounds = 4
	// maxChallenge bounds one of them, in bytes: a nonce, a salt, a number.
	maxChallenge = 4 << 10
)

// mechanism is one side of a SASL conversation.
type mechanism interface {
	// first is the initial response.
	first() (string, error)
	// answer responds to a challenge, or takes what came with the success.
	answer(challenge string) (string, error)
	// proven is nil when the server has proved what the mechanism demands.
	proven() error
}

// authenticate logs in, RFC 6120 section 6.4.
func (n *negotiation) authenticate(f features) error {
	state := n.tlsState()
	plainOK := n.c.cfg.AllowPlain && (state != nil || n.c.cfg.TLS == NoTLS)
	how, err := choose(f, bindings(state), plainOK)
	if err != nil {
		return err
	}
	n.c.cfg.Log.Debug("login", "mechanism", how.mechanism, "channel_binding", string(how.binding.Type))
	m, err := n.c.mechanism(how)
	if err != nil {
		return err
	}
	initial, err := m.first()
	if err != nil {
		return err
	}
	auth := stream.TextElement(stream.NSSASL, "auth", encode(initial)).SetAttr("mechanism", how.mechanism)
	if err := n.send(auth); err != nil {
		return err
	}
	for range maxRounds {
		done, err := n.round(m)
		if err != nil || done {
			return err
		}
	}
	return errors.New("the server does not come to an end with its challenges")
}

// round takes one step of the server and answers it.
func (n *negotiation) round(m mechanism) (done bool, err error) {
	e, err := n.next()
	if err != nil {
		return false, err
	}
	if e.Is(stream.NSSASL, "failure") {
		return false, refusal(e)
	}
	success := e.Is(stream.NSSASL, "success")
	if !success && !e.Is(stream.NSSASL, "challenge") {
		return false, fmt.Errorf("the server sent <%s> in the middle of the login", printable(e.Local))
	}
	said, err := decode(e.Text())
	if err != nil {
		return false, err
	}
	if success && said == "" {
		return true, m.proven()
	}
	response, err := m.answer(said)
	switch {
	case err != nil:
		return false, err
	case success:
		return true, m.proven()
	}
	return false, n.send(stream.TextElement(stream.NSSASL, "response", encode(response)))
}

// encode is SASL data on the wire, RFC 6120 6.4.2; an absent one stays so.
func encode(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// decode reads SASL data; "=" is data of length zero.
func decode(s string) (string, error) {
	if s == "=" {
		return "", nil
	}
	if base64.StdEncoding.DecodedLen(len(s)) > maxChallenge {
		return "", fmt.Errorf("the server sent a challenge of %d bytes", len(s))
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil {
		return "", errors.New("the server sent a challenge that is not base64")
	}
	return string(b), nil
}

// refusal is the server's <failure/>, RFC 6120 section 6.5: a *xmpp.AuthError
// when it will not pass by itself.
func refusal(e *stream.Element) error {
	condition := ""
	for c := range e.Elements() {
		if c.Space == stream.NSSASL && c.Local != "text" {
			condition = c.Local
			break
		}
	}
	text := printable(e.ChildText(stream.NSSASL, "text"))
	switch condition {
	case "account-disabled", "credentials-expired", "encryption-required", "incorrect-encoding", "invalid-authzid",
		"invalid-mechanism", "malformed-request", "mechanism-too-weak", "not-authorized":
		return &xmpp.AuthError{Condition: condition, Text: text}
	case "":
		condition = "no reason"
	}
	return fmt.Errorf("the server does not let us in at the moment: %s: %s", printable(condition), text)
}
