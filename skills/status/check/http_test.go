package check

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func server(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func TestHTTPStatusDecides(t *testing.T) {
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		var code int
		fmt.Sscanf(r.URL.Path, "/%d", &code)
		w.WriteHeader(code)
	})
	for code, want := range map[int]struct {
		state  State
		detail string
	}{
		200: {Up, "HTTP 200 OK"}, 204: {Up, "HTTP 204 No Content"}, 304: {Up, "HTTP 304 Not Modified"}, 399: {Up, "HTTP 399"},
		400: {Down, "HTTP 400 Bad Request"}, 401: {Down, "HTTP 401 Unauthorized"}, 503: {Down, "HTTP 503 Service Unavailable"}, 999: {Down, "HTTP 999"},
	} {
		expect(t, run(t, Spec{Kind: "http", Target: fmt.Sprintf("%s/%d", s.URL, code)}, Deps{}), want.state, want.detail)
	}
}

func TestHTTPFollowsFiveRedirects(t *testing.T) {
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		var left int
		fmt.Sscanf(r.URL.Path, "/%d", &left)
		if left > 0 {
			http.Redirect(w, r, fmt.Sprintf("/%d", left-1), http.StatusFound)
		}
	})
	expect(t, run(t, Spec{Kind: "http", Target: s.URL + "/5"}, Deps{}), Up, "HTTP 200 OK")
	expect(t, run(t, Spec{Kind: "http", Target: s.URL + "/6"}, Deps{}), Down, "more than 5 redirects")
	elsewhere := server(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "gopher://u:hunter2@h/")
		w.WriteHeader(http.StatusFound)
	})
	expect(t, run(t, Spec{Kind: "http", Target: elsewhere.URL}, Deps{}), Down, "no proper answer")
}

func TestHTTPCredentialsGoToTheirTargetAlone(t *testing.T) {
	var there, elsewhere string
	second := server(t, func(_ http.ResponseWriter, r *http.Request) { elsewhere = fmt.Sprint(r.Header) })
	first := server(t, func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		there = user + ":" + password
		http.Redirect(w, r, strings.Replace(second.URL, "127.0.0.1", "localhost", 1), http.StatusFound)
	})
	target := strings.Replace(first.URL, "http://", "http://john:hunter2@", 1)
	expect(t, run(t, Spec{Kind: "http", Target: target}, Deps{}), Up, "HTTP 200 OK")
	if there != "john:hunter2" {
		t.Errorf("the target got the credentials %q", there)
	}
	if elsewhere == "" || strings.Contains(elsewhere, "hunter2") || strings.Contains(elsewhere, "Authorization") {
		t.Errorf("the second server got %s", elsewhere)
	}
	first.Close()
	expect(t, run(t, Spec{Kind: "http", Target: target}, Deps{}), Down, "connection refused")
}

func TestHTTPSIsVerified(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.Config.ErrorLog = quiet()
	s.StartTLS()
	t.Cleanup(s.Close)
	trusted := &tls.Config{RootCAs: x509.NewCertPool()}
	trusted.RootCAs.AddCert(s.Certificate())
	late := trusted.Clone()
	late.Time = func() time.Time { return s.Certificate().NotAfter.Add(time.Hour) }
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	for _, c := range []struct {
		target string
		tls    *tls.Config
		state  State
		detail string
	}{
		{s.URL, trusted, Up, "HTTP 200 OK"},
		{s.URL, nil, Down, "the TLS certificate is signed by nobody known here"},
		{s.URL, late, Down, "the TLS certificate has expired or is not valid yet"},
		{"https://localhost" + port, trusted, Down, "the TLS certificate is for another name"},
		{"https://" + listener(t, func(c net.Conn) { io.WriteString(c, "SSH-2.0-x\r\n") }), nil, Down, "the TLS handshake failed"},
		{"https://" + server(t, func(http.ResponseWriter, *http.Request) {}).Listener.Addr().String(), nil, Down, "it answers plain HTTP, not HTTPS"},
	} {
		expect(t, run(t, Spec{Kind: "http", Target: c.target}, Deps{TLS: c.tls}), c.state, c.detail)
	}
}

// raw is a server that reads the head of the request and writes anything.
func raw(t *testing.T, write func(net.Conn)) string {
	return "http://" + listener(t, func(c net.Conn) {
		c.SetDeadline(time.Now().Add(10 * time.Second))
		b := make([]byte, 4096)
		c.Read(b)
		write(c)
	}) + "/"
}

func TestHTTPServersThatMisbehave(t *testing.T) {
	endless := func(head, body string) func(net.Conn) {
		return func(c net.Conn) {
			_, err := io.WriteString(c, head)
			for err == nil {
				_, err = io.WriteString(c, body)
			}
		}
	}
	for _, c := range []struct {
		name   string
		write  func(net.Conn)
		state  State
		detail string
	}{
		{"closes", func(net.Conn) {}, Down, "connection closed without an answer"},
		{"speaks something else", func(c net.Conn) { io.WriteString(c, "220 hunter2 ESMTP\r\n\r\n") }, Down, "no proper answer"},
		{"breaks off in the head", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nA: b") }, Down, "connection closed in the middle of the answer"},
		{"never ends its head", endless("HTTP/1.1 200 OK\r\n", "X: "+strings.Repeat("x", 1000)+"\r\n"), Down, "no proper answer"},
		{"never ends its body", endless("HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("x", 1000)), Up, "HTTP 200 OK"},
		{"chooses its own reason", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 503 hunter2\r\n\r\n") }, Down, "HTTP 503 Service Unavailable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			expect(t, run(t, Spec{Kind: "http", Target: raw(t, c.write)}, Deps{}), c.state, c.detail)
		})
	}
}

func TestASilentServerIsDownWhenTheTimeIsOver(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		gone := make(chan error, 1)
		target := scheme + "://" + listener(t, func(c net.Conn) {
			_, err := io.Copy(io.Discard, c)
			gone <- err
		})
		r := run(t, Spec{Kind: "http", Target: target, Timeout: 50 * time.Millisecond}, Deps{})
		expect(t, r, Down, "no answer in time")
		if r.Latency < 50*time.Millisecond || r.Latency > 5*time.Second {
			t.Errorf("latency %v", r.Latency)
		}
		// The connection, too, is given up, in the middle of a handshake as well.
		select {
		case <-gone:
		case <-time.After(10 * time.Second):
			t.Errorf("%s: the connection outlived the check", scheme)
		}
	}
}
