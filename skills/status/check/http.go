package check

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
)

const (
	maxRedirects  = 5
	maxHTTPHeader = 64 << 10 // bytes
)

var errRedirects = fmt.Errorf("more than %d redirects", maxRedirects)

// newHTTP sends a GET and judges the status; the head of the answer decides,
// its body is not waited for. Certificates are verified. No proxy is used, for
// the machine is meant and not the way to it.
func newHTTP(spec Spec, d Deps) (probe, error) {
	u, err := parseURL(spec.Target)
	if err != nil {
		return nil, fmt.Errorf("http needs a URL, for example https://example.org/health%s", err)
	}
	return func(ctx context.Context) Result {
		resp, err := get(ctx, d, u)
		if err != nil {
			return failure(err)
		}
		resp.Body.Close()
		r := Result{State: Up, Detail: status(resp.StatusCode)}
		if resp.StatusCode < 200 || resp.StatusCode > 399 {
			r.State = Down
		}
		return r
	}, nil
}

// parseURL accepts absolute http and https URLs. Its error continues a sentence
// and does not quote the URL, as url.Parse would.
func parseURL(target string) (*url.URL, error) {
	u, err := url.Parse(target)
	switch {
	case err != nil:
		return nil, errors.New("")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New(" (it begins with http:// or https://)")
	case !isHost(u.Hostname()):
		return nil, errors.New(" (it names no host)")
	case strings.ContainsAny(target, " \t\r\n"):
		return nil, errors.New(" (it has a space in it)")
	}
	u.Fragment = ""
	return u, nil
}

// newClient makes the client of one run of a check, which keeps nothing open
// when ctx ends. A Transport that outlives its requests goes on dialling and
// shaking hands after they were given up: with a silent server, for ever.
func newClient(ctx context.Context, d Deps) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext: func(_ context.Context, network, address string) (net.Conn, error) {
				return dialFunc(d.Dialer.DialContext).untilDone(ctx, network, address)
			},
			TLSClientConfig:        d.TLS.Clone(),
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: maxHTTPHeader,
		},
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return errRedirects
			}
			return nil
		},
	}
}

// get sends a GET; ctx must end, for that is what closes the connection. Its
// error tells a name server that did not answer in time from a server that did
// not, which package http mixes up.
func get(ctx context.Context, d Deps, u *url.URL) (*http.Response, error) {
	var lookingUp atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { lookingUp.Store(true) },
		DNSDone:  func(info httptrace.DNSDoneInfo) { lookingUp.Store(info.Err != nil) },
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "dragoman-status")
	resp, err := newClient(ctx, d).Do(req)
	err = blame(ctx, err)
	if errors.Is(err, context.DeadlineExceeded) && lookingUp.Load() {
		err = &net.DNSError{Err: "timeout", IsTimeout: true}
	}
	return resp, err
}

// blame is the end of ctx, if that is what made the connection fail: it closes
// the connection, and which of the two is noticed first is chance.
func blame(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// status is the code in the words of the standard; the server's own could be
// anything.
func status(code int) string {
	return strings.TrimSpace(fmt.Sprintf("HTTP %d %s", code, http.StatusText(code)))
}

// Safe is the target as it may be shown: a URL without its credentials and,
// since tokens are put there too, without its parameters. Prometheus's are
// labels and stay.
func (s Spec) Safe() string {
	if !strings.Contains(s.Target, "://") {
		return s.Target
	}
	u, err := url.Parse(s.Target)
	if err != nil {
		return "a URL that cannot be read"
	}
	u.User, u.Fragment = nil, ""
	if s.Kind != "prometheus" {
		u.RawQuery = ""
	}
	return u.String()
}
