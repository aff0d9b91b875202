package check

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
)

// interrupted is the Detail of a check whose caller cancelled it.
const interrupted = "the check was interrupted"

// failure says what an error of a connection means. It knows its causes by type
// and never quotes the error, which may hold credentials or text from outside.
//
// A name that does not exist is Down, for nobody reaches that machine by it; a
// name server that does not answer is Unknown. A host that cannot be reached is
// Down; a network to which this machine has no route is Unknown.
func failure(err error) Result {
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		return Result{State: Unknown, Detail: interrupted}
	case errors.As(err, &dns) && dns.IsNotFound:
		return Result{State: Down, Detail: "the name does not exist"}
	case errors.As(err, &dns):
		return Result{State: Unknown, Detail: "the name cannot be looked up: no answer from the name server"}
	}
	for _, c := range causes() {
		if errors.Is(err, c.err) {
			return Result{State: c.state, Detail: c.detail}
		}
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return Result{State: Down, Detail: "no answer in time"}
	}
	if detail := tlsFailure(err); detail != "" {
		return Result{State: Down, Detail: detail}
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return Result{State: Unknown, Detail: "cannot connect from here"}
	}
	return Result{State: Down, Detail: "no proper answer"}
}

type cause struct {
	err    error
	state  State
	detail string
}

// causes lists what the other side did before what this side lacks.
func causes() []cause {
	return []cause{
		{syscall.ECONNREFUSED, Down, "connection refused"},
		{syscall.EHOSTUNREACH, Down, "host unreachable"},
		{syscall.EHOSTDOWN, Down, "host unreachable"},
		{syscall.ECONNRESET, Down, "connection reset"},
		{syscall.EPIPE, Down, "connection reset"},
		{io.EOF, Down, "connection closed without an answer"},
		{io.ErrUnexpectedEOF, Down, "connection closed in the middle of the answer"},
		{http.ErrSchemeMismatch, Down, "it answers plain HTTP, not HTTPS"},
		{errRedirects, Down, errRedirects.Error()},
		{context.DeadlineExceeded, Down, "no answer in time"},
		{os.ErrDeadlineExceeded, Down, "no answer in time"},
		{syscall.ETIMEDOUT, Down, "no answer in time"},
		{syscall.ENETUNREACH, Unknown, "no route to that network from here"},
		{syscall.ENETDOWN, Unknown, "the network is down here"},
		{syscall.EADDRNOTAVAIL, Unknown, "no local address or port is free for it"},
		{os.ErrPermission, Unknown, "this machine does not permit the connection"},
		{syscall.EMFILE, Unknown, "too many open files here"},
		{syscall.ENFILE, Unknown, "too many open files here"},
	}
}

func tlsFailure(err error) string {
	var (
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
		alert     tls.AlertError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &authority):
		return "the TLS certificate is signed by nobody known here"
	case errors.As(err, &hostname):
		return "the TLS certificate is for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the TLS certificate has expired or is not valid yet"
	case errors.As(err, &invalid), errors.As(err, &verify):
		return "the TLS certificate is not valid"
	case errors.As(err, &alert), errors.As(err, &record):
		return "the TLS handshake failed"
	}
	return ""
}
