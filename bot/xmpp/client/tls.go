package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
)

// encrypt runs the TLS handshake of a client over conn. The certificate must
// name the account's domain, not the host that was dialled (RFC 6120 section
// 13.7.2): whoever answers for the DNS must not choose whom we trust.
func (c *Connector) encrypt(ctx context.Context, conn net.Conn, protocols ...string) (*tls.Conn, error) {
	secure := tls.Client(conn, &tls.Config{
		ServerName: c.host,
		RootCAs:    c.cfg.RootCAs,
		MinVersion: tls.VersionTLS12,
		NextProtos: protocols,
		// See managedConn.writeWhole.
		DynamicRecordSizingDisabled: true,
	})
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, c.explain(err)
	}
	return secure, nil
}

// explain says what a failed handshake means for the configuration.
func (c *Connector) explain(err error) error {
	var (
		wrongName x509.HostnameError
		unknown   x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		noTLS     tls.RecordHeaderError
	)
	domain := c.jid.Domain()
	switch {
	case errors.As(err, &wrongName):
		return fmt.Errorf("the server's certificate is for %s, and the account is at %q: it must name that domain, whatever "+
			"the address is; correct jid, or give the server a certificate for %[2]q: %w", names(wrongName.Certificate), domain, err)
	case errors.As(err, &unknown):
		return fmt.Errorf("the server's certificate for %q is signed by nobody whom this machine trusts; "+
			"if it is your own, name its PEM file in ca_file beside jid: %w", domain, err)
	case errors.As(err, &invalid):
		return fmt.Errorf("the server's certificate for %q is not valid; renew it, and compare the clocks of both machines: %w", domain, err)
	case errors.As(err, &noTLS):
		return fmt.Errorf("what answers does not speak TLS; is it a port for tls: starttls?: %w", err)
	}
	return fmt.Errorf("TLS with %q: %w", domain, err)
}

// names are some of those that a certificate is good for, quoted, because a
// stranger wrote them.
func names(cert *x509.Certificate) string {
	const most = 5
	all := append([]string(nil), cert.DNSNames...)
	for _, ip := range cert.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		return "no name at all"
	}
	var quoted []string
	for _, n := range all[:min(len(all), most)] {
		quoted = append(quoted, fmt.Sprintf("%q", printable(n)))
	}
	if len(all) > most {
		quoted = append(quoted, "and others")
	}
	return strings.Join(quoted, ", ")
}
