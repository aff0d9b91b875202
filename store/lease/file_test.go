//go:build unix

package lease

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dragoman/internal/clock"
	"dragoman/store"
)

// sleeps waits until the one timer of a Keeper on SQLite runs.
func sleeps(fake *clock.Fake) {
	for fake.Waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
}

func TestAnOwnerWhoseFilesAreGoneEnds(t *testing.T) {
	another := func(t *testing.T, path string) {
		check(t, os.WriteFile(path+".new", []byte("something else"), 0o600))
		check(t, os.Rename(path+".new", path))
	}
	remove := func(t *testing.T, path string) { check(t, os.Remove(path)) }
	for name, test := range map[string]struct {
		file   string
		change func(*testing.T, string)
	}{
		"the store is removed":  {"x.db", remove},
		"the store is replaced": {"x.db", another},
		"the lock is removed":   {"x.db.lock", remove},
		"the lock is replaced":  {"x.db.lock", another},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			fake := clock.NewFake(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
			k := New(open(t, "sqlite:"+filepath.Join(folder, "x.db")), fake, quiet)
			times := 0
			err := k.Hold(t.Context(), []string{"a"}, func(ctx context.Context, h *Held) error {
				times++
				sleeps(fake)
				fake.Advance(usual.renew)
				sleeps(fake) // it has looked
				if !h.Valid() || ctx.Err() != nil {
					t.Error("it ended without a reason")
				}
				test.change(t, filepath.Join(folder, test.file))
				fake.Advance(usual.renew)
				<-ctx.Done()
				if h.Valid() || !errors.Is(context.Cause(ctx), ErrLost) {
					t.Errorf("valid: %v; the cause is %v", h.Valid(), context.Cause(ctx))
				}
				return ctx.Err()
			})
			if !errors.Is(err, store.ErrReplaced) || times != 1 || !strings.Contains(err.Error(), test.file+`" was removed or replaced`) {
				t.Errorf("after %d times: %v", times, err)
			}
		})
	}
}

// A lock that was removed lets a second process in; it ends, and the first one
// must not stay as one whose every transaction is refused.
func TestWhoLostTheLockToAnotherProcessEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	fake := clock.NewFake(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)) // it never looks by itself
	first, second := New(open(t, "sqlite:"+path), fake, quiet), keeper(open(t, "sqlite:"+path), quiet)
	err := first.Hold(t.Context(), []string{"a"}, func(ctx context.Context, h *Held) error {
		check(t, os.Remove(path+".lock"))
		check(t, second.Hold(t.Context(), []string{"a"}, func(_ context.Context, other *Held) error { return confirmed(other) }))
		if err := confirmed(h); !errors.Is(err, ErrLost) {
			t.Errorf("the fence says %v", err)
		}
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, store.ErrReplaced) {
		t.Errorf("it ends with %v", err)
	}
}
