package store

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"
)

// sums are the SHA-256 of all files in a folder but the index of SQLite's log,
// which is no data.
func sums(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), "-shm") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[entry.Name()] = fmt.Sprintf("%d bytes, %x", len(text), sha256.Sum256(text))
	}
	return found
}

// crashed makes a database in a folder of its own as a killed process leaves it:
// some of it in the file and some, the last note, in the log only.
func crashed(t *testing.T) (path string) {
	t.Helper()
	db := database{url: "sqlite:" + filepath.Join(t.TempDir(), "x.db")}.withNotes(t)
	check(t, db.Write(t.Context(), manyNotes))
	_, err := db.write.ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)")
	check(t, err)
	check(t, db.Write(t.Context(), add(201, "in the log")))
	path = filepath.Join(t.TempDir(), "x.db")
	for _, side := range []string{"", "-wal", "-shm"} {
		text, err := os.ReadFile(db.path + side)
		if err != nil || len(text) == 0 {
			t.Fatalf("%d bytes in %q: %v", len(text), side, err)
		}
		if err := os.WriteFile(path+side, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// manyNotes fills some 30 pages.
func manyNotes(tx *gorm.DB) error {
	var all []note
	for id := range int64(200) {
		all = append(all, note{id + 1, big[:500]})
	}
	return tx.Create(all).Error
}

// clean is the same after a Close.
func clean(t *testing.T) (path string) {
	t.Helper()
	path = crashed(t)
	db := database{url: "sqlite:" + path}.open(t)
	if err := db.Write(t.Context(), func(*gorm.DB) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if files := slices.Collect(maps.Keys(sums(t, filepath.Dir(path)))); len(files) != 1 {
		t.Fatalf("Close left %q", files)
	}
	return path
}

func damagePage(t *testing.T, path string, page int64) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteAt(bytes.Repeat([]byte{0xAA}, 4096), (page-1)*4096); err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What cannot be used is refused, and not a byte of it changes, nor of its log:
// a mend that made it worse would be the end of it.
func TestADatabaseThatIsRefusedIsLeftUntouched(t *testing.T) {
	for name, c := range map[string]struct {
		make  func(*testing.T) string
		spoil func(t *testing.T, path string)
		want  string
	}{
		"no database": {clean, func(t *testing.T, path string) {
			check(t, os.WriteFile(path, bytes.Repeat([]byte("text "), 999), 0o600))
		}, "is damaged or not"},
		"damaged header":             {clean, func(t *testing.T, path string) { damagePage(t, path, 1) }, "is damaged or not"},
		"damaged page":               {clean, func(t *testing.T, path string) { damagePage(t, path, 20) }, "is damaged or not"},
		"damaged header with a log":  {crashed, func(t *testing.T, path string) { damagePage(t, path, 1) }, "is damaged or not"},
		"damaged page with a log":    {crashed, func(t *testing.T, path string) { damagePage(t, path, 20) }, "is damaged or not"},
		"cut short":                  {clean, func(t *testing.T, path string) { check(t, os.Truncate(path, 10*4096+100)) }, "is damaged or not"},
		"cut to nothing with a log":  {crashed, func(t *testing.T, path string) { check(t, os.Truncate(path, 0)) }, "both were left as they are"},
		"read-only":                  {clean, func(t *testing.T, path string) { check(t, os.Chmod(path, 0o400)) }, "cannot be written"},
		"read-only with a log":       {crashed, func(t *testing.T, path string) { check(t, os.Chmod(path, 0o400)) }, "cannot be written"},
		"in a read-only folder":      {crashed, readOnlyFolder, "cannot be written"},
		"damaged, log without index": {crashed, func(t *testing.T, path string) { damagePage(t, path, 20); check(t, os.Remove(path+"-shm")) }, "is damaged or not"},
	} {
		t.Run(name, func(t *testing.T) {
			path := c.make(t)
			c.spoil(t, path)
			before := sums(t, filepath.Dir(path))
			db, err := Open(t.Context(), "sqlite:"+path, slog.New(slog.DiscardHandler))
			if err == nil {
				db.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "choose another path") {
				t.Errorf("%v\nwant %q", err, c.want)
			}
			if after := sums(t, filepath.Dir(path)); !maps.Equal(after, before) {
				t.Errorf("the files were %v\nand are %v", before, after)
			}
		})
	}
}

func readOnlyFolder(t *testing.T, path string) {
	check(t, os.Chmod(filepath.Dir(path), 0o500))
	t.Cleanup(func() { check(t, os.Chmod(filepath.Dir(path), 0o700)) })
}

func TestTheFilesOfANewerSchemaAreLeftUntouched(t *testing.T) {
	for name, c := range map[string]struct {
		make func(*testing.T) string
		read bool // before it is known that the schema is newer
	}{
		"closed": {clean, false}, "crashed": {crashed, false}, "crashed and read": {crashed, true},
		"a backup": {restored, false}, "a backup that was read": {restored, true},
	} {
		t.Run(name, func(t *testing.T) {
			path := c.make(t)
			before := sums(t, filepath.Dir(path))
			db, err := Open(t.Context(), "sqlite:"+path, slog.New(slog.DiscardHandler))
			check(t, err)
			if c.read {
				check(t, db.Read(t.Context()).First(&note{}, 7).Error)
			}
			check(t, db.Migrate(t.Context(), "nobody", nil))
			err = db.Migrate(t.Context(), "notes", notes[:1])
			if err == nil || !strings.Contains(err.Error(), "newer version") || !strings.Contains(err.Error(), `schema of "notes"`) {
				t.Errorf("got %v", err)
			}
			check(t, db.Close())
			if after := sums(t, filepath.Dir(path)); !maps.Equal(after, before) {
				t.Errorf("the files were %v\nand are %v", before, after)
			}
			// The program that wrote it finds everything.
			db = database{url: "sqlite:" + path}.withNotes(t)
			var n int64
			if err := db.Read(t.Context()).Model(&note{}).Count(&n).Error; err != nil || n != 201 {
				t.Errorf("%d notes are there (%v), want 201", n, err)
			}
			check(t, db.Check(t.Context()))
		})
	}
}

// restored is a backup, which is not in WAL mode.
func restored(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "x.db")
	check(t, database{url: "sqlite:" + crashed(t)}.open(t).Backup(t.Context(), path))
	return path
}

// Somebody else's open database is checked as they see it, with their log.
func TestADatabaseInUseCanBeOpened(t *testing.T) {
	d := database{url: "sqlite:" + filepath.Join(t.TempDir(), "x.db")}
	first := d.withNotes(t)
	check(t, first.Write(t.Context(), func(tx *gorm.DB) error {
		check(t, add(1, big)(tx))
		second := d.withNotes(t) // nobody waits for the writer
		has(t, second)
		check(t, second.Check(t.Context()))
		return nil
	}))
	has(t, d.open(t), 1)
}

func TestAHotJournalIsRolledBackAtTheStart(t *testing.T) {
	path := clean(t)
	db := database{url: "sqlite:" + path}.open(t)
	_, err := db.write.ExecContext(t.Context(), "PRAGMA journal_mode = DELETE")
	check(t, err)
	// A small cache writes half a transaction to the file.
	_, err = db.write.ExecContext(t.Context(), "PRAGMA cache_size = 1")
	check(t, err)
	other := filepath.Join(t.TempDir(), "x.db")
	check(t, db.Write(t.Context(), func(tx *gorm.DB) error {
		check(t, tx.Exec("UPDATE notes SET text = ?", strings.Repeat("y", 500)).Error)
		for _, side := range []string{"", "-journal"} {
			text, err := os.ReadFile(path + side)
			check(t, err)
			check(t, os.WriteFile(other+side, text, 0o600))
		}
		return nil
	}))
	after := database{url: "sqlite:" + other}.withNotes(t)
	var n int64
	err = after.Read(t.Context()).Model(&note{}).Where("text = ?", strings.Repeat("y", 500)).Count(&n).Error
	if err != nil || n != 0 {
		t.Errorf("%d notes of half a transaction are there (%v)", n, err)
	}
	check(t, after.Check(t.Context()))
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	db := database{url: "sqlite:" + filepath.Join(t.TempDir(), "x.db")}.withNotes(t)
	check(t, db.Check(t.Context()))
	_, err := db.write.ExecContext(t.Context(), "PRAGMA foreign_keys = 0; INSERT INTO marks VALUES (7)")
	check(t, err)
	if err := db.Check(t.Context()); err == nil || !strings.Contains(err.Error(), `row 1 of "marks" refers to no row of "notes"`) {
		t.Errorf("a reference to nothing: %v", err)
	}
	path := clean(t)
	db = database{url: "sqlite:" + path}.open(t)
	damagePage(t, path, 20)
	if err := db.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "store: check: ") {
		t.Errorf("a damaged page: %v", err)
	}
}
