package llm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"dragoman/internal/clock"
)

// Limits on what a server may send, in bytes.
const (
	maxBody    = 256 << 10
	maxHeaders = 64 << 10
	maxDrain   = 16 << 10 // of an error's body, so that the connection is kept
)

// newTransport is the transport for an address.
func newTransport(loopback bool) *http.Transport {
	t := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    5 * time.Second,
		MaxIdleConns:           DefaultConcurrency,
		MaxIdleConnsPerHost:    DefaultConcurrency,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxHeaders,
	}
	if loopback {
		t.Proxy = nil
	}
	return t
}

// doer stands between go-openai and the network. The library reads bodies of
// any size, follows redirects, repeats what the server says in its errors and
// hides the headers of a failure; none of that gets past the doer.
type doer struct {
	client http.Client
	clock  clock.Clock
}

func newDoer(t http.RoundTripper, c clock.Clock) *doer {
	return &doer{clock: c, client: http.Client{
		Transport: t,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // wherever it leads, the key stays here
		},
	}}
}

// Do makes the request and returns a whole body of JSON, or an error without
// anything that the server said.
func (d *doer) Do(req *http.Request) (*http.Response, error) {
	resp, err := d.client.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the address
		}
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		_, _ = io.CopyN(io.Discard, resp.Body, maxDrain)
		return nil, &statusError{resp.StatusCode, d.retryAfter(resp.Header.Get("Retry-After"))}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the answer broke off: %w", err)
	case len(body) > maxBody:
		return nil, fmt.Errorf("%w: it is longer than %d bytes", errMalformed, maxBody)
	case !json.Valid(body):
		return nil, errMalformed
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// maxRetryAfter bounds what a server may ask for.
const maxRetryAfter = time.Hour

// retryAfter reads the header in both of its forms (RFC 9110, 10.2.3).
func (d *doer) retryAfter(value string) time.Duration {
	if value == "" {
		return 0
	}
	var wait time.Duration
	if n, err := strconv.ParseUint(value, 10, 31); err == nil {
		wait = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(d.clock.Now())
	} else {
		return 0
	}
	return min(max(wait, time.Second), maxRetryAfter)
}
