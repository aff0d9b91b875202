package check

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dragoman/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// run makes a check that must be valid and runs it once.
func run(t *testing.T, spec Spec, d Deps) Result {
	t.Helper()
	c, err := New(spec, d)
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now()
	r := c.Check(t.Context())
	if r.At.Before(before) || r.Latency <= 0 {
		t.Errorf("%s: At %v, Latency %v", spec.Kind, r.At, r.Latency)
	}
	return r
}

// expect compares what people see.
func expect(t *testing.T, r Result, state State, detail string) {
	t.Helper()
	if r.State != state || r.Detail != detail {
		t.Errorf("got %v (%s), want %v (%s)", r.State, r.Detail, state, detail)
	}
}

func TestAWrongSpecSaysWhatIsRight(t *testing.T) {
	for _, c := range []struct {
		spec Spec
		want string
	}{
		{Spec{}, "a check is needed: one of local, tcp, http, icmp, xmpp-ping, xmpp-last, prometheus"},
		{Spec{Kind: "tpc"}, `there is no check "tpc"; did you mean "tcp"?`},
		{Spec{Kind: "https"}, `there is no check "https"; did you mean "http"?`},
		{Spec{Kind: "carrier-pigeon"}, `there is no check "carrier-pigeon"; there are local, tcp, http, icmp, xmpp-ping, xmpp-last, prometheus`},
		{Spec{Kind: "http://u:hunter2@h/"}, "there is no check of that name"},
		{Spec{Kind: "local", Target: "x"}, "local takes no target"},
		{Spec{Kind: "tcp"}, "tcp needs host:port, for example 127.0.0.1:22"},
		{Spec{Kind: "tcp", Target: "127.0.0.1"}, "tcp needs host:port"},
		{Spec{Kind: "tcp", Target: ":22"}, "tcp needs host:port"},
		{Spec{Kind: "tcp", Target: "h:0"}, "tcp needs host:port"},
		{Spec{Kind: "tcp", Target: "h:65536"}, "tcp needs host:port"},
		{Spec{Kind: "tcp", Target: "h:ssh"}, "tcp needs host:port"},
		{Spec{Kind: "tcp", Target: "a b:1"}, "tcp needs host:port"},
		{Spec{Kind: "http"}, "http needs a URL, for example https://example.org/health"},
		{Spec{Kind: "http", Target: "example.org"}, "(it begins with http:// or https://)"},
		{Spec{Kind: "http", Target: "file:///etc/passwd"}, "(it begins with http:// or https://)"},
		{Spec{Kind: "http", Target: "http:///x"}, "(it names no host)"},
		{Spec{Kind: "http", Target: "http://h/a b"}, "(it has a space in it)"},
		{Spec{Kind: "http", Target: "http://u:hunter2%zz@h/"}, "http needs a URL"},
		{Spec{Kind: "http", Target: "http://u:hunter2@h:port/"}, "http needs a URL"},
		{Spec{Kind: "http", Target: "http://h/", Job: "x"}, "instance, job, query and stale are for prometheus, not for http"},
		{Spec{Kind: "icmp"}, "icmp needs a host name or an address, for example 192.0.2.1"},
		{Spec{Kind: "icmp", Target: "h:22"}, "icmp needs a host name"},
		{Spec{Kind: "xmpp-ping", Target: "h"}, "xmpp-ping needs an XMPP connection, and this program has none"},
		{Spec{Kind: "xmpp-last", Target: "h"}, "xmpp-last needs an XMPP connection"},
		{Spec{Kind: "prometheus", Target: "127.0.0.1:9090"}, "prometheus needs its URL"},
		{Spec{Kind: "prometheus", Target: "http://u:hunter2@h"}, "prometheus needs to know which target is meant"},
		{Spec{Kind: "prometheus", Target: "http://h/?instanc=a"}, `unknown parameter; did you mean "instance"?`},
		{Spec{Kind: "prometheus", Target: "http://h/?token=hunter2"}, "takes the parameters instance, job and query only"},
		{Spec{Kind: "prometheus", Target: "http://h/?job=a;b"}, "cannot be read"},
		{Spec{Kind: "prometheus", Target: "http://h/?job=a&job=b"}, "job is given twice"},
		{Spec{Kind: "prometheus", Target: "http://h/?job=a", Job: "a"}, "job is given twice"},
		{Spec{Kind: "prometheus", Target: "http://h", Query: "up", Job: "a"}, "either a query or instance and job"},
		{Spec{Kind: "prometheus", Target: "http://h", Query: "up == 1"}, "query must be a single selector"},
		{Spec{Kind: "prometheus", Target: "http://h", Query: `up{a="b"}) or vector(1`}, "query must be a single selector"},
		{Spec{Kind: "prometheus", Target: "http://h", Query: `up{a="\"}`}, "query must be a single selector"},
		{Spec{Kind: "prometheus", Target: "http://h", Job: strings.Repeat("x", 3000)}, "too long"},
		{Spec{Kind: "local", Timeout: -1}, "cannot be negative"},
	} {
		_, err := New(c.spec, Deps{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %s", c.spec, err, c.want)
		} else if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "%!") {
			t.Errorf("%+v: %v", c.spec, err)
		}
	}
}

func TestEveryKindIsExplainedAndItsExampleIsValid(t *testing.T) {
	for _, k := range Kinds() {
		if k.Help == "" || strings.Contains(k.Help, "\n") {
			t.Errorf("%s: help %q", k.Name, k.Help)
		}
		if _, err := New(Spec{Kind: k.Name, Target: k.Target}, Deps{XMPP: &fakeProber{}}); err != nil {
			t.Errorf("%s: its own example is refused: %v", k.Name, err)
		}
	}
}

func TestACancelledCheckIsUnknownForEveryKind(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, k := range Kinds() {
		target := map[string]string{"tcp": "127.0.0.1:1", "http": "http://127.0.0.1:1/", "icmp": "127.0.0.1", "prometheus": "http://127.0.0.1:1/?job=a"}[k.Name]
		if strings.HasPrefix(k.Name, "xmpp") {
			target = k.Target
		}
		c, err := New(Spec{Kind: k.Name, Target: target}, Deps{XMPP: &fakeProber{err: context.Canceled}})
		if err != nil {
			t.Fatal(err)
		}
		if r := c.Check(ctx); r.State != Unknown || r.Detail != interrupted && r.Detail != icmpRemedy {
			t.Errorf("%s: %v (%s)", k.Name, r.State, r.Detail)
		}
	}
}

func TestTheLocalMachineIsUpSinceItsBoot(t *testing.T) {
	r := run(t, Spec{Kind: "local"}, Deps{})
	if r.State != Up || r.Since.IsZero() || r.Since.After(time.Now()) {
		t.Errorf("got %+v", r)
	}
}

func TestResultsCarryTheTimeOfTheClock(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	c, err := New(Spec{Kind: "xmpp-ping", Target: "h"}, Deps{Clock: clock.NewFake(at), XMPP: &fakeProber{}})
	if err != nil {
		t.Fatal(err)
	}
	if r := c.Check(t.Context()); r.At != at || r.State != Up {
		t.Errorf("got %+v", r)
	}
}

func TestStateString(t *testing.T) {
	for s, want := range map[State]string{Unknown: "unknown", Up: "up", Down: "down", 200: "unknown"} {
		if got := s.String(); got != want {
			t.Errorf("State(%d) = %s, want %s", s, got, want)
		}
	}
	if (Result{}).State != Unknown {
		t.Error("a Result that nobody filled in must be Unknown")
	}
}

func TestSpan(t *testing.T) {
	const day = 24 * time.Hour
	for d, want := range map[time.Duration]string{
		0: "1 second", -time.Hour: "1 second", time.Second: "1 second", 2*time.Second - 1: "1 second", 2 * time.Second: "2 seconds", time.Minute - 1: "59 seconds",
		time.Minute: "1 minute", 2*time.Minute - 1: "1 minute", 2 * time.Minute: "2 minutes", time.Hour - 1: "59 minutes",
		time.Hour: "1 hour", 2*time.Hour - 1: "1 hour", 2 * time.Hour: "2 hours", 3*time.Hour + 59*time.Minute: "3 hours", day - 1: "23 hours",
		day: "1 day", 2*day - 1: "1 day", 2 * day: "2 days", 400 * day: "400 days", 1<<63 - 1: "106751 days",
	} {
		if got := Span(d); got != want {
			t.Errorf("Span(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestSafeTargetsHoldNoCredentials(t *testing.T) {
	for _, c := range []struct{ kind, target, want string }{
		{"tcp", "h:22", "h:22"},
		{"xmpp-ping", "user@h/r", "user@h/r"},
		{"http", "https://u:hunter2@h/p?token=hunter2#f", "https://h/p"},
		{"http", "https://u:hunter2%zz@h/p", "a URL that cannot be read"},
		{"prometheus", "http://u:hunter2@h/?job=node", "http://h/?job=node"},
	} {
		if got := (Spec{Kind: c.kind, Target: c.target}).Safe(); got != c.want {
			t.Errorf("Safe(%s) = %s, want %s", c.target, got, c.want)
		}
	}
}

// FuzzNew holds that no Spec makes New panic and that what it accepts of a
// Prometheus stays one question.
func FuzzNew(f *testing.F) {
	for _, k := range Kinds() {
		f.Add(k.Name, k.Target, "", "")
	}
	f.Add("prometheus", "http://h", `a"b\`, "")
	f.Add("prometheus", "http://h", "", `probe_success{instance=~"web.*",job='x',}`)
	f.Fuzz(func(t *testing.T, kind, target, job, query string) {
		spec := Spec{Kind: kind, Target: target, Job: job, Query: query}
		_, err := New(spec, Deps{XMPP: &fakeProber{}})
		if err != nil && err.Error() == "" {
			t.Error("an empty error")
		}
		_ = spec.Safe()
		if err == nil && query != "" && strings.Count(stripStrings(query), "{")+strings.Count(stripStrings(query), "}") > 2 {
			t.Errorf("accepted the query %q", query)
		}
	})
}

// stripStrings is PromQL without what its strings hold.
func stripStrings(q string) string {
	var out strings.Builder
	var quote byte
	for i := 0; i < len(q); i++ {
		switch c := q[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == '"' || c == '\'':
			quote = c
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}
