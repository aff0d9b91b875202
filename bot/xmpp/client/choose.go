package client

import (
	"crypto/tls"
	"slices"
	"strings"

	"github.com/xdg-go/scram"

	"dragoman/bot/xmpp"
)

// choice is how to log in.
type choice struct {
	mechanism string
	hash      scram.HashGeneratorFcn // nil for PLAIN
	// binding ties the login to the TLS connection; the zero value doesn't.
	binding scram.ChannelBinding
	// advertise sends the flag "y" of RFC 5802 section 6: we could have bound,
	// but the server offered no -PLUS. If it did, and somebody removed that on
	// the way, it notices.
	advertise bool
}

// scramMechanisms are those of SCRAM that we know, the strongest first.
func scramMechanisms() []choice {
	return []choice{
		{mechanism: "SCRAM-SHA-512", hash: scram.SHA512},
		{mechanism: "SCRAM-SHA-256", hash: scram.SHA256},
		{mechanism: "SCRAM-SHA-1", hash: scram.SHA1},
	}
}

const plus = "-PLUS"

// choose takes the strongest mechanism that the server offers and we can do:
// any SCRAM with channel binding before any without. can are the bindings of
// the connection, the best first; plainOK says that PLAIN is permitted here.
func choose(f features, can []scram.ChannelBinding, plainOK bool) (choice, error) {
	if b, ok := common(f, can); ok {
		for _, c := range scramMechanisms() {
			if slices.Contains(f.mechanisms, c.mechanism+plus) {
				c.mechanism += plus
				c.binding = b
				return c, nil
			}
		}
	}
	for _, c := range scramMechanisms() {
		if slices.Contains(f.mechanisms, c.mechanism) {
			c.advertise = len(can) > 0 && !offersPlus(f)
			return c, nil
		}
	}
	if plainOK && slices.Contains(f.mechanisms, "PLAIN") {
		return choice{mechanism: "PLAIN"}, nil
	}
	return choice{}, noMechanism(f, plainOK)
}

// common is the best binding that both sides have. Where the server doesn't
// list its types (XEP-0440), only tls-unique can be meant, the default of RFC
// 5802: ejabberd 23.01 offers -PLUS over TLS 1.3 too, where that doesn't exist,
// and lists nothing. Then the login goes without -PLUS, with the flag "n",
// since "y" would accuse the server of having been tampered with.
func common(f features, can []scram.ChannelBinding) (scram.ChannelBinding, bool) {
	for _, b := range can {
		if f.listed && slices.Contains(f.bindings, string(b.Type)) ||
			!f.listed && b.Type == scram.ChannelBindingTLSUnique {
			return b, true
		}
	}
	return scram.ChannelBinding{}, false
}

func offersPlus(f features) bool {
	return slices.ContainsFunc(f.mechanisms, func(m string) bool {
		return strings.HasPrefix(m, "SCRAM-") && strings.HasSuffix(m, plus)
	})
}

// noMechanism is permanent: an administrator of either side has to act.
func noMechanism(f features, plainOK bool) error {
	offer := "nothing"
	if len(f.mechanisms) > 0 {
		offer = strings.Join(f.mechanisms, ", ")
	}
	e := &xmpp.AuthError{Condition: "invalid-mechanism", Text: "no way to log in that both sides know; the server offers " + offer}
	switch {
	case slices.Contains(f.mechanisms, "PLAIN") && !plainOK:
		e.Text += "; PLAIN hands it the password itself and needs allow_plain: true"
	case len(f.mechanisms) == 0:
		e.Text += ", as it does before TLS; check the account's tls setting"
	}
	return e
}

// bindings are the channel bindings that a connection has, the best first: that
// of TLS 1.3 (RFC 9266), that of TLS 1.2 (RFC 5929), and that to the
// certificate, which both have and which tells the least.
func bindings(state *tls.ConnectionState) []scram.ChannelBinding {
	if state == nil {
		return nil
	}
	var can []scram.ChannelBinding
	// In TLS 1.2 it fails without the extended master secret, as it must.
	if b, err := scram.NewTLSExporterBinding(state); err == nil {
		can = append(can, b)
	}
	if len(state.TLSUnique) > 0 {
		can = append(can, scram.NewTLSUniqueBinding(state.TLSUnique))
	}
	if b, err := scram.NewTLSServerEndpointBinding(state); err == nil {
		can = append(can, b)
	}
	return can
}
