package client

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"dragoman/bot/xmpp/stream"
	"dragoman/internal/clock"
)

// TLSMode says how the connection is encrypted.
type TLSMode string

// The modes. The empty one is StartTLS at a given address, and whatever the
// domain's SRV records offer without one.
const (
	// StartTLS encrypts in the stream, RFC 6120 section 5. A server that
	// doesn't offer it is refused.
	StartTLS TLSMode = "starttls"
	// DirectTLS encrypts from the first byte, XEP-0368.
	DirectTLS TLSMode = "direct"
	// NoTLS is for a server on this machine alone.
	NoTLS TLSMode = "none"
)

// DefaultResource is the resource that is asked for when none is given.
const DefaultResource = "dragoman"

// Bounds on the PBKDF2 iterations that a server may ask for: fewer make a
// stolen proof cheap to guess from (RFC 7677 section 4), more are an attack on
// our processor.
const (
	minIterations = 4096
	maxIterations = 1_000_000
)

// Config describes an account.
type Config struct {
	// JID is the account's address, such as bot@chat.local. A resource in it
	// serves as Resource.
	JID string
	// Password is never logged and appears in no error.
	Password string
	// Address is the server's host:port. Empty means that the SRV records of
	// the domain say it, and its port 5222 where there are none.
	Address string
	// TLS is the mode, see there.
	TLS TLSMode
	// RootCAs are trusted for the server's certificate; nil means those of the
	// system.
	RootCAs *x509.CertPool
	// CAFile names a PEM file with certificates to trust instead; it excludes
	// RootCAs.
	CAFile string
	// AllowPlain permits to hand the password itself to the server (SASL
	// PLAIN), where it offers nothing better.
	AllowPlain bool
	// MinIterations is the fewest PBKDF2 iterations to accept; the default is
	// 4096.
	MinIterations int
	// Resource is asked for at binding; the server may give another. The
	// default is DefaultResource.
	Resource string
	// Resume keeps the stream management session over a restart of the
	// program; nil keeps it in memory.
	Resume ResumeStore
	// Unconfirmed is told the messages of which nobody can say any more whether
	// the server took them, because the session that would know has ended. They
	// are not sent again by themselves. It is called from Connect, or from the
	// end of a link, and must not block. nil only logs their number.
	Unconfirmed func([]*stream.Element)
	Clock       clock.Clock
	Log         *slog.Logger
}

// String leaves the password out.
func (c Config) String() string { return "account " + c.JID }

// GoString leaves the password out.
func (c Config) GoString() string { return c.String() }

// ResumeStore keeps what an account needs to resume its stream after the
// program has restarted (XEP-0198 section 5). account is the bare JID.
type ResumeStore interface {
	// Load is what Save was last given, or the zero Saved.
	Load(ctx context.Context, account string) (Saved, error)
	// Save is called before the server is told of the progress. When it fails
	// the server isn't told, and delivers again after a restart.
	Save(ctx context.Context, account string, s Saved) error
}

// Saved is a stream management session at rest; the zero value is none.
type Saved struct {
	// ID is the server's name for the session.
	ID string
	// Own is the full JID that it was bound to.
	Own string
	// Handled is the number of stanzas that were handled in it, modulo 2^32.
	Handled uint32
}

// check completes c and refuses what cannot work or would not be safe.
func (c *Config) check() (jid stream.JID, host string, err error) {
	if jid, err = stream.ParseOwnJID(c.JID); err != nil {
		return jid, "", err
	}
	if jid.Local() == "" {
		return jid, "", fmt.Errorf("jid %q is a domain; an account is name@domain", c.JID)
	}
	if c.Password == "" {
		return jid, "", fmt.Errorf("the account %s has no password", jid.Bare())
	}
	c.Resource = cmp.Or(c.Resource, jid.Resource(), DefaultResource)
	if jid.WithResource(c.Resource).Resource() == "" {
		return jid, "", fmt.Errorf("%q cannot be a resource", c.Resource)
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.MinIterations = cmp.Or(c.MinIterations, minIterations)
	if c.MinIterations < 1 || c.MinIterations > maxIterations {
		return jid, "", fmt.Errorf("%d as the fewest iterations is not between 1 and %d", c.MinIterations, maxIterations)
	}
	jid = jid.Bare()
	if host, err = asciiHost(jid.Domain()); err != nil {
		return jid, "", err
	}
	return jid, host, errors.Join(c.checkAddress(), c.checkTLS())
}

// asciiHost is a JID's domain as the DNS and certificates write it.
func asciiHost(domain string) (string, error) {
	if v6, ok := strings.CutPrefix(domain, "["); ok {
		return strings.TrimSuffix(v6, "]"), nil
	}
	host, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return "", fmt.Errorf("the domain %q is no host name: %w", domain, err)
	}
	return host, nil
}

func (c *Config) checkAddress() error {
	if c.Address == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(c.Address)
	if err != nil || host == "" {
		return fmt.Errorf("address %q is not host:port, such as 127.0.0.1:5222", c.Address)
	}
	if p, err := strconv.ParseUint(port, 10, 16); err != nil || p == 0 {
		return fmt.Errorf("address %q: %q is no port", c.Address, port)
	}
	return nil
}

func (c *Config) checkTLS() error {
	switch c.TLS {
	case "", StartTLS, DirectTLS:
	case NoTLS:
		host, _, _ := net.SplitHostPort(c.Address)
		if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
			return fmt.Errorf("tls: none is for a server on this machine (address 127.0.0.1:5222), "+
				"not for address %q: the password and every message could be read on the way; use tls: starttls", c.Address)
		}
	default:
		return fmt.Errorf("tls: %q is none of starttls, direct and none", c.TLS)
	}
	if c.CAFile == "" {
		return nil
	}
	if c.RootCAs != nil {
		return errors.New("there are both certificates to trust and a ca_file; give one")
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return fmt.Errorf("ca_file: %w", err)
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return fmt.Errorf("ca_file %s has no certificate in PEM form", c.CAFile)
	}
	return nil
}
