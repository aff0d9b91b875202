package llm

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/internal/clock"
)

// serve points the options to a real server on the loopback interface.
func serve(t *testing.T, o *Options, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	o.BaseURL = s.URL + "/v1"
	return s
}

func TestARealServerIsAsked(t *testing.T) {
	o := options(t)
	serve(t, &o, func(w http.ResponseWriter, r *http.Request) {
		resp, err := called("list_events", `{"certainty":"certain"}`)()
		if err != nil || r.URL.Path != "/v1/chat/completions" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		_, _ = io.Copy(w, resp.Body)
	})
	c := client(t, o)
	for range 2 {
		if got := brief(c.Ask(t.Context(), chat("anything on?"))); got != "list events 0.9" {
			t.Error(got)
		}
	}
}

// waitFor is for what another goroutine is about to do.
func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(100 * time.Microsecond)
	}
}

func TestASlowServerCostsTheTimeoutAndNoMore(t *testing.T) {
	for _, tt := range []struct {
		rule  string
		begin func(http.ResponseWriter)
	}{
		{"no answer", func(http.ResponseWriter) {}},
		{"half an answer", func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, `{"choices":[`)
			w.(http.Flusher).Flush()
		}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			o := options(t)
			fake := o.Clock.(*clock.Fake)
			entered := make(chan struct{})
			serve(t, &o, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				tt.begin(w)
				close(entered)
				<-r.Context().Done()
			})
			type outcome struct {
				r   Result
				err error
			}
			done := make(chan outcome)
			c := client(t, o)
			go func() {
				r, err := c.Ask(context.Background(), chat("hello"))
				done <- outcome{r, err}
			}()
			<-entered
			fake.Advance(DefaultTimeout - time.Millisecond)
			select {
			case <-done:
				t.Fatal("gave up before the time")
			default:
			}
			fake.Advance(time.Millisecond)
			got := <-done
			if !errors.Is(got.err, ErrUnavailable) || !errors.Is(got.err, errTimeout) {
				t.Errorf("got %v", got.err)
			}
			if got.r.Tokens == 0 {
				t.Error("a question that may have been worked on cost nothing")
			}
			if n := fake.Waiting(); n != 0 {
				t.Errorf("%d timers are left", n)
			}
		})
	}
}

func TestOnlySomeQuestionsAtATime(t *testing.T) {
	o := options(t)
	fake := o.Clock.(*clock.Fake)
	var now, most atomic.Int32
	release := make(chan struct{})
	serve(t, &o, func(w http.ResponseWriter, r *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer now.Add(-1)
		<-release
		resp, err := worded("none")()
		if err != nil {
			t.Error(err)
		}
		_, _ = io.Copy(w, resp.Body)
	})
	c := client(t, o)
	const all = 3 * DefaultConcurrency
	done := make(chan error, all)
	for i := range all {
		r := chat("hello")
		r.Person = strconv.Itoa(i)
		go func() {
			_, err := c.Ask(context.Background(), r)
			done <- err
		}()
	}
	waitFor(t, "all to ask", func() bool { return fake.Waiting() == all && now.Load() == DefaultConcurrency })
	close(release)
	for range all {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := most.Load(); n != DefaultConcurrency {
		t.Errorf("%d at a time, want %d", n, DefaultConcurrency)
	}
}

func TestWhoWaitsForATurnWaitsNoLongerThanTheTimeout(t *testing.T) {
	o := options(t)
	o.Concurrency = 1
	fake := o.Clock.(*clock.Fake)
	ledger := new(MemoryLedger)
	o.Ledger = ledger
	c := client(t, o)
	c.places <- struct{}{} // somebody else's turn, for ever
	done := make(chan error)
	go func() {
		_, err := c.Ask(context.Background(), chat("hello"))
		done <- err
	}()
	waitFor(t, "the timer", func() bool { return fake.Waiting() == 1 })
	fake.Advance(DefaultTimeout)
	if err := <-done; !errors.Is(err, errTimeout) {
		t.Errorf("got %v", err)
	}
	if n, err := ledger.Spent(t.Context(), "p", "2026-11-23"); n != 0 || err != nil {
		t.Errorf("who got no turn paid %d (%v)", n, err)
	}
}

func TestOddAnswersAreRefused(t *testing.T) {
	for _, tt := range []struct {
		rule   string
		answer http.HandlerFunc
		why    string
	}{
		{"a body that is cut", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"choices":[`)
		}, "broke off"},
		{"a body without end", func(w http.ResponseWriter, r *http.Request) {
			chunk := []byte(strings.Repeat(" ", 32<<10))
			for range 1000 {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
			t.Error("all of a huge body was read")
		}, "longer than 262144 bytes"},
		{"headers without end", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 2*maxHeaders))
		}, "header"},
		{"a stream of events", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "data: {\"choices\":[]}\n\ndata: [DONE]\n\n")
		}, "no chat completion"},
		{"two values", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"choices":[]}{"choices":[]}`)
		}, "no chat completion"},
		{"arguments as an object", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"choices":[{"message":{"tool_calls":[{"type":"function","function":{"name":"list_events","arguments":{}}}]}}]}`)
		}, "cannot unmarshal"},
		{"no content", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, "status 204"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			o := options(t)
			serve(t, &o, tt.answer)
			_, err := client(t, o).Ask(t.Context(), chat("hello"))
			if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), tt.why) {
				t.Errorf("got %v, want %q", err, tt.why)
			}
		})
	}
}

func TestTheKeyFollowsNoRedirect(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		o := options(t)
		serve(t, &o, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, code)
		})
		_, err := client(t, o).Ask(t.Context(), chat("hello"))
		if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "redirect") || strings.Contains(err.Error(), other.URL) {
			t.Errorf("%d: got %v", code, err)
		}
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

func TestThisMachineIsReachedWithoutAProxy(t *testing.T) {
	if newTransport(true).Proxy != nil {
		t.Error("a proxy for the loopback interface")
	}
	if newTransport(false).Proxy == nil {
		t.Error("no proxy for other machines")
	}
}

func TestRetryAfterInBothForms(t *testing.T) {
	d := newDoer(nil, clock.NewFake(start))
	for value, want := range map[string]time.Duration{
		"": 0, "20": 20 * time.Second, "0": time.Second, "999999": maxRetryAfter, "soon": 0, "-1": 0, "99999999999999999999": 0,
		start.Add(time.Minute).Format(http.TimeFormat):  time.Minute,
		start.Add(-time.Minute).Format(http.TimeFormat): time.Second,
	} {
		if got := d.retryAfter(value); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}
