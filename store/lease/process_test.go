//go:build unix

package lease

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"gorm.io/gorm"

	"dragoman/internal/clock"
	"dragoman/internal/counterpart"
	"dragoman/store"
)

// The environment of a process that holds a name, and nothing else.
const (
	holderURL   = "DRAGOMAN_TEST_LEASE_URL"
	holderName  = "DRAGOMAN_TEST_LEASE_NAME"
	holderShort = "DRAGOMAN_TEST_LEASE_SHORT"
)

// TestHolder is such a process: while it holds its name, it writes witness rows
// as fast as it can, each in a transaction that was checked.
func TestHolder(t *testing.T) {
	address, name := os.Getenv(holderURL), os.Getenv(holderName)
	if address == "" {
		t.Skip("it is started by other tests")
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // until its parent ends
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	db, err := store.Open(ctx, address, quiet)
	check(t, err)
	defer db.Close()
	k := New(db, clock.System{}, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if os.Getenv(holderShort) != "" {
		k.times = short
	}
	_ = k.Hold(ctx, []string{name}, func(ctx context.Context, h *Held) error {
		fmt.Println("held", h.Epoch(name))
		refused := 0
		for ctx.Err() == nil {
			if err := witness(context.WithoutCancel(ctx), db, h, name); errors.Is(err, ErrLost) {
				refused++
			}
		}
		fmt.Println("lost", refused)
		return nil
	})
}

func witness(ctx context.Context, db *store.DB, h *Held, name string) error {
	return db.Write(ctx, func(tx *gorm.DB) error {
		if err := h.Check(tx.Statement.Context); err != nil {
			return err
		}
		return tx.Exec("INSERT INTO witness (name, epoch) VALUES (?, ?)", name, h.Epoch(name)).Error
	})
}

type holder struct {
	*exec.Cmd
	said chan string // its lines
}

func startHolder(t *testing.T, environment ...string) *holder {
	t.Helper()
	h := &holder{exec.Command(os.Args[0], "-test.run=^TestHolder$"), make(chan string, 1000)}
	h.Env = append(os.Environ(), environment...)
	h.Stderr = os.Stderr
	in, err := h.StdinPipe()
	check(t, err)
	out, err := h.StdoutPipe()
	check(t, err)
	check(t, h.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			h.said <- lines.Text()
		}
		_ = h.Wait()
	}()
	t.Cleanup(func() {
		_ = h.Process.Kill()
		_ = in.Close()
		<-ended
	})
	return h
}

// next is what the first of the holders says next that begins with word.
func next(t *testing.T, word string, within time.Duration, holders ...*holder) (*holder, string) {
	t.Helper()
	late := time.After(within)
	for {
		for _, h := range holders {
			select {
			case line := <-h.said:
				if strings.HasPrefix(line, word) {
					return h, line
				}
			default:
			}
		}
		select {
		case <-late:
			t.Fatalf("nobody says %q within %v", word, within)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func witnessed(t *testing.T, server *counterpart.Postgres, name, settings string) (*store.DB, string) {
	t.Helper()
	address, err := server.CreateDatabase(t.Context(), name)
	check(t, err)
	db := open(t, address)
	run(t, db, "CREATE TABLE witness (id BIGSERIAL PRIMARY KEY, name TEXT, epoch BIGINT, at BIGINT DEFAULT "+nowPostgres+")")
	return db, address + settings
}

// wantOrder fails the test if the epochs of the witness rows ever go back: then
// two processes were in checked transactions at one time.
func wantOrder(t *testing.T, db *store.DB) {
	t.Helper()
	var rows, back, epochs int64
	check(t, db.Read(t.Context()).Raw(`SELECT count(*), count(*) FILTER (WHERE epoch < before), count(DISTINCT epoch)
		FROM (SELECT epoch, lag(epoch) OVER (PARTITION BY name ORDER BY id) AS before FROM witness) w`).Row().Scan(&rows, &back, &epochs))
	t.Logf("%d checked transactions in %d epochs", rows, epochs)
	if back != 0 || rows == 0 {
		t.Errorf("of %d witness rows %d are of an earlier epoch than the row before", rows, back)
	}
}

// Three processes, one name. The holder is killed or frozen in turn; what was
// frozen goes on in the middle of a transaction, as soon as there is another
// holder.
func TestTheNextProcessTakesOver(t *testing.T) {
	t.Parallel()
	db, address := witnessed(t, counterpart.PostgresServer(t), "short", "&idle_in_transaction_session_timeout=1000")
	environment := []string{holderURL + "=" + address, holderName + "=bot@chat.local", holderShort + "=1"}
	start := func() *holder { return startHolder(t, environment...) }
	holders := []*holder{start(), start(), start()}
	current, _ := next(t, "held", 10*time.Second, holders...)
	for round := range 6 {
		time.Sleep(100 * time.Millisecond) // it writes
		stopped := round%2 == 1
		stop := syscall.SIGKILL
		if stopped {
			stop = syscall.SIGSTOP
		}
		check(t, current.Process.Signal(stop))
		began := time.Now()
		var others []*holder
		for _, h := range holders {
			if h != current {
				others = append(others, h)
			}
		}
		before := current
		current, _ = next(t, "held", 10*time.Second, others...)
		took := time.Since(began)
		t.Logf("%v: taken over after %v", stop, took)
		if limit := short.last + 2*time.Second; took > limit {
			t.Errorf("it took %v, want at most %v", took, limit)
		}
		if stopped {
			check(t, before.Process.Signal(syscall.SIGCONT))
			next(t, "lost", 5*time.Second, before)
		} else {
			holders = append(others, start())
		}
	}
	wantOrder(t, db)
}

func awaitRenewal(t *testing.T, db *store.DB) {
	t.Helper()
	for last := left(t, db); ; time.Sleep(10 * time.Millisecond) {
		now := left(t, db)
		if now > last {
			return
		}
		if last = now; now <= 0 {
			t.Fatal("it was not renewed")
		}
	}
}

func TestTakeoverWithTheUsualTimes(t *testing.T) {
	t.Parallel()
	server := counterpart.PostgresServer(t)
	for name, stop := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "frozen": syscall.SIGSTOP} {
		db, address := witnessed(t, server, name, "")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environment := []string{holderURL + "=" + address, holderName + "=bot@chat.local"}
			first, second := startHolder(t, environment...), startHolder(t, environment...)
			current, _ := next(t, "held", 20*time.Second, first, second)
			other := first
			if current == first {
				other = second
			}
			awaitRenewal(t, db) // the worst moment to die
			check(t, current.Process.Signal(stop))
			began := time.Now()
			next(t, "held", 30*time.Second, other)
			took := time.Since(began)
			t.Logf("%v: taken over after %v", stop, took)
			if took > 20*time.Second {
				t.Errorf("it took %v, want at most 20 s", took)
			}
			if stop == syscall.SIGSTOP {
				check(t, current.Process.Signal(syscall.SIGCONT))
				next(t, "lost", 10*time.Second, current)
			}
			wantOrder(t, db)
		})
	}
}
