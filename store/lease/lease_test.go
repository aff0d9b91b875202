package lease

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"gorm.io/gorm"

	"dragoman/internal/clock"
	"dragoman/internal/counterpart"
	"dragoman/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// short are the times of tests that wait for an expiry.
var short = times{renew: 500 * time.Millisecond, last: 2500 * time.Millisecond, margin: 500 * time.Millisecond}

var quiet = slog.New(slog.DiscardHandler)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, url string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url, quiet)
	check(t, err)
	t.Cleanup(func() { check(t, db.Close()) })
	check(t, db.Migrate(t.Context(), "lease", Migrations()))
	return db
}

func keeper(db *store.DB, log *slog.Logger) *Keeper {
	k := New(db, clock.System{}, log)
	k.times = short
	return k
}

// setting is an empty database and what stands for the processes on it.
type setting struct {
	url  string
	next func() *Keeper
}

func (s setting) db(t *testing.T) *store.DB { return open(t, s.url) }

func onSQLite(t *testing.T) setting {
	url := "sqlite:" + filepath.Join(t.TempDir(), "x.db")
	one := keeper(open(t, url), quiet)
	return setting{url, func() *Keeper { return one }}
}

func onPostgres(t *testing.T, url string) setting {
	open(t, url)
	return setting{url, func() *Keeper { return keeper(open(t, url), quiet) }}
}

func confirmed(h *Held) error {
	return h.db.Write(context.Background(), func(tx *gorm.DB) error { return h.Check(tx.Statement.Context) })
}

var conformance = map[string]func(*testing.T, setting){
	"held while f runs, and not after":            testHeldWhileItRuns,
	"one holder of a name at a time":              testOneHolder,
	"who waits goes when the context ends":        testWaiting,
	"what f tidies up is still under the lease":   testTidyUp,
	"a panic of f releases":                       testPanic,
	"a check needs a transaction, a name is said": testMisuse,
	"a check that finds the loss ends f at once":  testCheckEnds,
}

func TestSQLite(t *testing.T) {
	for name, test := range conformance {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, onSQLite(t)) })
	}
}

func TestPostgres(t *testing.T) {
	server := counterpart.PostgresServer(t)
	n := 0
	fresh := func() string {
		n++
		url, err := server.CreateDatabase(t.Context(), fmt.Sprint("case", n))
		check(t, err)
		return url
	}
	t.Run("all", func(t *testing.T) {
		for name, test := range conformance {
			url := fresh()
			t.Run(name, func(t *testing.T) { t.Parallel(); test(t, onPostgres(t, url)) })
		}
		for name, test := range faults {
			url := fresh()
			t.Run(name, func(t *testing.T) { t.Parallel(); test(t, onPostgres(t, url)) })
		}
	})
}

func testHeldWhileItRuns(t *testing.T, s setting) {
	names := []string{"b@chat.local", "a@chat.local", "b@chat.local"}
	mine := errors.New("mine")
	var before *Held
	for epoch := int64(1); epoch <= 3; epoch++ {
		began := time.Now()
		err := s.next().Hold(t.Context(), names, func(ctx context.Context, h *Held) error {
			if before != nil && before.Valid() {
				t.Error("the one before is still valid")
			}
			before = h
			if ctx.Err() != nil || !h.Valid() {
				t.Error("it is not held")
			}
			check(t, confirmed(h))
			if a, b, c := h.Epoch("a@chat.local"), h.Epoch("b@chat.local"), h.Epoch("c@chat.local"); a != epoch || b != epoch || c != 0 {
				t.Errorf("the epochs are %d, %d and %d, want twice %d and zero", a, b, c, epoch)
			}
			return mine
		})
		if err != mine {
			t.Fatalf("Hold returned %v, want f's own error", err)
		}
		if took := time.Since(began); took > short.last/2 {
			t.Errorf("it was free and taken after %v", took)
		}
		if err := confirmed(before); before.Valid() || !errors.Is(err, ErrLost) {
			t.Errorf("afterwards it is valid: %v; %v", before.Valid(), err)
		}
	}
}

func testOneHolder(t *testing.T, s setting) {
	var mu sync.Mutex
	inside, last := map[string]int{}, map[string]int64{}
	enter := func(h *Held, names []string, by int) {
		mu.Lock()
		defer mu.Unlock()
		for _, name := range names {
			if inside[name] += by; inside[name] > 1 {
				t.Errorf("%s has %d holders", name, inside[name])
			}
			if by > 0 && h.Epoch(name) != last[name]+1 {
				t.Errorf("epoch %d of %s follows %d", h.Epoch(name), name, last[name])
			}
			last[name] = h.Epoch(name)
		}
	}
	var holders sync.WaitGroup
	for _, names := range [][]string{{"a", "b"}, {"b", "c"}, {"c", "a"}, {"a"}} {
		k := s.next()
		holders.Go(func() {
			for range 3 {
				err := k.Hold(t.Context(), names, func(_ context.Context, h *Held) error {
					enter(h, names, 1)
					defer enter(h, names, -1)
					return confirmed(h)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	holders.Wait()
	if last["a"] != 9 || last["b"] != 6 || last["c"] != 6 {
		t.Errorf("the epochs are %v", last)
	}
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func testWaiting(t *testing.T, s setting) {
	var log lockedBuffer
	first, second := s.next(), s.next()
	second.log = slog.New(slog.NewTextHandler(&log, nil))
	first.label = "the first one"
	err := first.Hold(t.Context(), []string{"a"}, func(ctx context.Context, h *Held) error {
		waiting, cancel := context.WithTimeout(ctx, 2*short.last)
		defer cancel()
		err := second.Hold(waiting, []string{"free", "a"}, func(context.Context, *Held) error {
			t.Error("it has a second holder")
			return nil
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who waits gets %v", err)
		}
		// Nothing is taken by one who has not got all.
		return second.Hold(ctx, []string{"free"}, func(context.Context, *Held) error { return confirmed(h) })
	})
	check(t, err)
	told := strings.Count(log.buf.String(), "waiting for the lease")
	if told != 1 || !strings.Contains(log.buf.String(), `name=a holder="the first one" since=20`) {
		t.Errorf("the wait was logged %d times:\n%s", told, &log.buf)
	}
}

func testTidyUp(t *testing.T, s setting) {
	ctx, cancel := context.WithCancel(t.Context())
	err := s.next().Hold(ctx, []string{"a"}, func(ctx context.Context, h *Held) error {
		cancel()
		<-ctx.Done()
		time.Sleep(short.last + short.renew) // longer than one renewal lasts
		if !h.Valid() {
			t.Error("it was not renewed")
		}
		return confirmed(h)
	})
	check(t, err)
}

func testPanic(t *testing.T, s setting) {
	func() {
		defer func() {
			if recover() != "boom" {
				t.Error("the panic was swallowed")
			}
		}()
		_ = s.next().Hold(t.Context(), []string{"a"}, func(context.Context, *Held) error { panic("boom") })
	}()
	began := time.Now()
	check(t, s.next().Hold(t.Context(), []string{"a"}, func(context.Context, *Held) error { return nil }))
	if took := time.Since(began); took > short.last/2 {
		t.Errorf("it was released after %v", took)
	}
}

func testMisuse(t *testing.T, s setting) {
	k := s.next()
	for _, names := range [][]string{nil, {""}, {"a", ""}} {
		if err := k.Hold(t.Context(), names, nil); err == nil {
			t.Errorf("%q was held", names)
		}
	}
	err := k.Hold(t.Context(), []string{"a"}, func(ctx context.Context, h *Held) error { return h.Check(ctx) })
	if err == nil || errors.Is(err, ErrLost) {
		t.Errorf("a check outside of a transaction: %v", err)
	}
}

// never has nothing but a check find out.
var never = times{renew: time.Hour, last: 3 * time.Hour, margin: time.Second}

func testCheckEnds(t *testing.T, s setting) {
	db, k := s.db(t), s.next()
	k.times = never
	done := errors.New("done")
	var epochs []int64
	err := k.Hold(t.Context(), []string{"a"}, func(ctx context.Context, h *Held) error {
		if epochs = append(epochs, h.Epoch("a")); len(epochs) == 2 {
			return errors.Join(confirmed(h), done)
		}
		run(t, db, "UPDATE leases SET owner = 'somebody', epoch = epoch + 1")
		ending, cancel := context.WithCancel(ctx)
		err := h.db.Write(ending, func(tx *gorm.DB) error {
			cancel()
			return h.Check(tx.Statement.Context)
		})
		if !errors.Is(err, context.Canceled) || errors.Is(err, ErrLost) || !h.Valid() || ctx.Err() != nil {
			t.Errorf("a check that did not take place: %v, valid: %v, the work: %v", err, h.Valid(), ctx.Err())
		}
		// Under the context that ends with the loss, as is the transaction.
		err = h.db.Write(ctx, func(tx *gorm.DB) error {
			err := h.Check(tx.Statement.Context)
			if h.Valid() || !errors.Is(context.Cause(ctx), ErrLost) {
				t.Errorf("after the check: valid: %v; the cause is %v", h.Valid(), context.Cause(ctx))
			}
			return err
		})
		if !errors.Is(err, ErrLost) {
			t.Errorf("the transaction ends with %v", err)
		}
		run(t, db, "UPDATE leases SET owner = '', expires = 0")
		return err
	})
	if !errors.Is(err, done) || errors.Is(err, ErrLost) || len(epochs) != 2 || epochs[1] != epochs[0]+2 {
		t.Errorf("%v; the epochs are %v", err, epochs)
	}
}
