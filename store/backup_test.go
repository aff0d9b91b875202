package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"
)

// Each transaction adds a pair. A backup has all pairs that were committed when
// it began, no half of one, and of those that came later the first ones.
func TestABackupOfARunningStoreIsOneMomentOfIt(t *testing.T) {
	db := database{url: "sqlite:" + filepath.Join(t.TempDir(), "x.db")}.withNotes(t)
	check(t, db.Write(t.Context(), func(tx *gorm.DB) error { return tx.Exec("INSERT INTO notes VALUES (-2, ?), (-1, '')", big).Error }))
	ctx, stop := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	var pairs atomic.Int64
	writer.Go(func() {
		for i := int64(1); ctx.Err() == nil; i += 2 {
			check(t, db.Write(t.Context(), func(tx *gorm.DB) error { return errors.Join(add(i, big[:2000])(tx), add(i+1, "")(tx)) }))
			pairs.Add(1)
		}
	})
	folder := t.TempDir()
	paths := []string{"a.db", "file:b c?d%25.db", "c'.db"}
	for _, name := range paths {
		path := filepath.Join(folder, name)
		before := pairs.Load()
		check(t, db.Backup(t.Context(), path))
		after := pairs.Load() + 1
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the backup is %v (%v)", info, err)
		}
		restored := database{url: "sqlite:" + path}.withNotes(t)
		check(t, restored.Check(t.Context()))
		var ids []int64
		check(t, restored.Read(t.Context()).Model(&note{}).Where("id > 0").Order("id").Pluck("id", &ids).Error)
		n := int64(len(ids))
		if n%2 != 0 || n/2 < before || n/2 > after || n > 0 && ids[n-1] != n {
			t.Errorf("%d notes, while %d to %d pairs were written", n, before, after)
		}
		check(t, restored.Write(t.Context(), add(n+1, "it goes on")))
		check(t, restored.Close())
	}
	stop()
	writer.Wait()
	if got := names(t, folder); !slices.Equal(got, slices.Sorted(slices.Values(paths))) {
		t.Errorf("the folder has %q", got)
	}
}

func names(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	check(t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestABackupReplacesNothingAndLeavesNoHalf(t *testing.T) {
	db := database{url: "sqlite:" + filepath.Join(t.TempDir(), "x.db")}.withNotes(t)
	check(t, db.Write(t.Context(), manyNotes))
	folder := t.TempDir()
	kept := filepath.Join(folder, "kept")
	check(t, os.WriteFile(kept, []byte("my thesis"), 0o600))
	check(t, os.Symlink("nowhere", filepath.Join(folder, "dangling")))
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		path string
		want string
	}{
		"existing":         {t.Context(), kept, "exists: choose another name"},
		"a dangling link":  {t.Context(), filepath.Join(folder, "dangling"), "exists: choose another name"},
		"itself":           {t.Context(), db.path, "exists: choose another name"},
		"a folder":         {t.Context(), folder, "exists: choose another name"},
		"no such folder":   {t.Context(), filepath.Join(folder, "no", "x.db"), "no such file"},
		"an ended context": {canceled, filepath.Join(folder, "new.db"), "context canceled"},
	} {
		if err := db.Backup(c.ctx, c.path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if text, err := os.ReadFile(kept); string(text) != "my thesis" {
		t.Errorf("what was there became %q (%v)", text, err)
	}
	if got := names(t, folder); !slices.Equal(got, []string{"dangling", "kept"}) {
		t.Errorf("the folder has %q", got)
	}
	if err := (database{url: "sqlite::memory:"}).open(t).Backup(t.Context(), filepath.Join(folder, "m")); err == nil {
		t.Error("a database in memory was backed up")
	}
}

func testPostgresBackup(t *testing.T, d database) {
	path := filepath.Join(t.TempDir(), "x")
	db := d.open(t)
	if err := db.Backup(t.Context(), path); err == nil || !strings.Contains(err.Error(), "pg_dump") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something is there: %v", err)
	}
	check(t, db.Check(t.Context()))
}
