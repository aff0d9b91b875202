package counterpart

import (
	"context"
	"flag"
	"os"
	"runtime"
	"strconv"
	"time"
)

// TB is the part of testing.TB that the helpers need; with it the product,
// whose demo uses this package, doesn't link the package testing.
type TB interface {
	Helper()
	Cleanup(func())
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
	Failed() bool
}

// helperLimit bounds what a helper does, on a machine that is busy with all
// the other tests.
const helperLimit = 90 * time.Second

// Need ends a test that can't have its counterparts (see [Missing]): with a
// failure under CI=true, where they must be there, and else with a skip.
func Need(t TB, kinds ...string) {
	t.Helper()
	for _, kind := range kinds {
		err := Missing(kind)
		switch {
		case err == nil:
		case os.Getenv("CI") == "true":
			t.Fatalf("CI=true and %v", err)
		default:
			t.Skipf("%v", err)
		}
	}
}

// Prosody is a Prosody for the length of a test; its log is shown when the
// test fails.
func Prosody(t TB, o Options) *Server {
	t.Helper()
	return serverFor(t, "prosody", StartProsody, o)
}

// Ejabberd is an ejabberd for the length of a test; its log is shown when the
// test fails.
func Ejabberd(t TB, o Options) *Server {
	t.Helper()
	return serverFor(t, "ejabberd", StartEjabberd, o)
}

func serverFor(t TB, kind string, start func(context.Context, Options) (*Server, error), o Options) *Server {
	t.Helper()
	Need(t, kind)
	ctx, cancel := context.WithTimeout(context.Background(), helperLimit)
	defer cancel()
	s, err := start(ctx, o)
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log of %s:\n%s", kind, s.LogTail(60))
		}
		if err := s.Stop(); err != nil {
			t.Logf("stop %s: %v", kind, err)
		}
	})
	return s
}

// PostgresURL is an empty database on a PostgreSQL server of the test's own.
// The server doesn't wait for the disk, which no test can see: also a server
// that is killed leaves its writes to the operating system.
func PostgresURL(t TB) string {
	t.Helper()
	return PostgresServer(t).URL()
}

// PostgresServer is the server behind PostgresURL, for tests that want more
// than one database or to restart it.
func PostgresServer(t TB) *Postgres {
	t.Helper()
	Need(t, "postgresql")
	ctx, cancel := context.WithTimeout(context.Background(), helperLimit)
	defer cancel()
	p, err := StartPostgres(ctx, "", "fsync=off", "full_page_writes=off")
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	t.Cleanup(func() {
		if t.Failed() {
			if text, err := os.ReadFile(p.Log); err == nil {
				t.Logf("the log of PostgreSQL:\n%s", text[max(0, len(text)-16<<10):])
			}
		}
		if err := p.Stop(); err != nil {
			t.Logf("stop PostgreSQL: %v", err)
		}
	})
	return p
}

// DialHuman is [Dial] for the length of a test.
func DialHuman(t TB, s *Server, user, password, resource string) *Human {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), helperLimit)
	defer cancel()
	h, err := Dial(ctx, s, user, password, resource)
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	t.Cleanup(h.Close)
	return h
}

// SlixmppUser is [DialSlixmpp] for the length of a test.
func SlixmppUser(t TB, s *Server, user, password, resource string) *Slixmpp {
	t.Helper()
	return slixmppFor(t, func(ctx context.Context) (*Slixmpp, error) {
		return DialSlixmpp(ctx, s, user, password, resource)
	})
}

// SlixmppComponent is [DialSlixmppComponent] for the length of a test.
func SlixmppComponent(t TB, s *Server, domain, secret string) *Slixmpp {
	t.Helper()
	return slixmppFor(t, func(ctx context.Context) (*Slixmpp, error) {
		return DialSlixmppComponent(ctx, s, domain, secret)
	})
}

func slixmppFor(t TB, dial func(context.Context) (*Slixmpp, error)) *Slixmpp {
	t.Helper()
	Need(t, "slixmpp")
	ctx, cancel := context.WithTimeout(context.Background(), helperLimit)
	defer cancel()
	x, err := dial(ctx)
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Logf("end slixmpp: %v", err)
		}
		if t.Failed() && x.Log() != "" {
			t.Logf("slixmpp says:\n%s", x.Log())
		}
	})
	return x
}

// LineTo is a [Proxy] to an address for the length of a test.
func LineTo(t TB, addr string) *Proxy {
	t.Helper()
	p, err := NewProxy(addr)
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	t.Cleanup(p.Close)
	return p
}

// MoreAtOnce lets twice as many parallel tests run at once as there are
// processors, unless the command line says how many: tests with a server of
// their own wait most of the time. TestMain calls it before m.Run.
func MoreAtOnce() {
	flag.Parse()
	n := runtime.GOMAXPROCS(0)
	if f := flag.Lookup("test.parallel"); f != nil && f.Value.String() == strconv.Itoa(n) {
		_ = f.Value.Set(strconv.Itoa(2 * n))
	}
}
