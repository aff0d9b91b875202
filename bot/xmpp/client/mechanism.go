package client

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/xdg-go/scram"
)

// mechanism makes our side of the chosen login. A SCRAM client is not kept for
// the next one: it would remember a key for every salt that servers think of.
func (c *Connector) mechanism(how choice) (mechanism, error) {
	if how.hash == nil {
		return &plain{user: c.jid.Local(), password: c.cfg.Password}, nil
	}
	client, err := how.hash.NewClient(c.jid.Local(), c.cfg.Password, "")
	if err != nil {
		// SASLprep knows nothing newer than Unicode 3.2. Who uses an emoji in a
		// password has a server that takes it as it is.
		if client, err = how.hash.NewClientUnprepped(c.jid.Local(), c.cfg.Password, ""); err != nil {
			return nil, errors.New("the name or password cannot be used with SCRAM")
		}
	}
	client.WithMinIterations(c.cfg.MinIterations)
	s := &scramLogin{least: c.cfg.MinIterations}
	switch {
	case how.binding.IsSupported():
		s.conversation = client.NewConversationWithChannelBinding(how.binding)
	case how.advertise:
		s.conversation = client.NewConversationAdvertisingChannelBinding()
	default:
		s.conversation = client.NewConversation()
	}
	return s, nil
}

// scramLogin is the client of RFC 5802.
type scramLogin struct {
	conversation *scram.ClientConversation
	least        int
	challenged   bool
	broken       bool
}

func (s *scramLogin) first() (string, error) { return s.conversation.Step("") }

// answer ends the conversation with its first error: package scram v1.4.0 goes
// on after one, and then takes an empty signature for the right one.
func (s *scramLogin) answer(challenge string) (string, error) {
	if s.broken {
		return "", errors.New("SCRAM: the conversation has failed already")
	}
	s.broken = true
	if !s.challenged {
		if err := checkServerFirst(challenge, s.least); err != nil {
			return "", err
		}
		s.challenged = true
	}
	response, err := s.conversation.Step(challenge)
	if err != nil {
		return "", fmt.Errorf("SCRAM: %s", printable(err.Error())) // it quotes the server
	}
	s.broken = false
	return response, nil
}

// proven demands the server's signature: without it whoever has a certificate
// could be at the other end without knowing the password.
func (s *scramLogin) proven() error {
	if s.broken || !s.conversation.Valid() {
		return errors.New("the server accepts the login without proving that it knows the password; it may be an impostor")
	}
	return nil
}

// checkServerFirst refuses a number of iterations outside the bounds before
// anything is computed with it. It reads the message as package scram does.
func checkServerFirst(challenge string, least int) error {
	fields := strings.Split(challenge, ",")
	if len(fields) < 3 || !strings.HasPrefix(fields[2], "i=") {
		return errors.New("SCRAM: the server's first message has no iterations")
	}
	n, err := strconv.Atoi(fields[2][len("i="):])
	if err != nil || n < least || n > maxIterations {
		return fmt.Errorf("SCRAM: the server asks for %q iterations; %d to %d are accepted",
			printable(fields[2][len("i="):]), least, maxIterations)
	}
	return nil
}

// plain is RFC 4616. The server proves nothing but its certificate.
type plain struct{ user, password string }

func (p *plain) first() (string, error) {
	if strings.ContainsRune(p.password, 0) {
		return "", errors.New("a password with a NUL cannot be sent by PLAIN")
	}
	return "\x00" + p.user + "\x00" + p.password, nil
}

func (p *plain) answer(string) (string, error) {
	return "", errors.New("the server asks something after PLAIN, which has no questions")
}

func (p *plain) proven() error { return nil }
