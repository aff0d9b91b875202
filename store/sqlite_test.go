package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gorm.io/gorm"
)

func TestSQLiteIsPastTheWALCorruption(t *testing.T) {
	db := database{url: "sqlite::memory:"}.open(t)
	var version string
	if err := db.Read(t.Context()).Raw("SELECT sqlite_version()").Scan(&version).Error; err != nil {
		t.Fatal(err)
	}
	number := 0
	for _, part := range strings.Split(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			t.Fatalf("version %q", version)
		}
		number = number*1000 + n
	}
	if number < 3_051_003 {
		t.Errorf("SQLite %s: versions before 3.51.3 can corrupt a database in WAL mode", version)
	}
}

func TestEverySQLiteConnectionHasItsSettings(t *testing.T) {
	db := database{url: "sqlite:" + filepath.Join(t.TempDir(), "x.db")}.open(t)
	for name, pool := range map[string]*sql.DB{"writer": db.write, "reader": db.read} {
		size := pool.Stats().MaxOpenConnections
		if name == "writer" && size != 1 || name == "reader" && size < 4 {
			t.Errorf("%s: a pool of %d", name, size)
		}
		want := map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "1", "foreign_keys": "1", "query_only": "0"}
		if name == "reader" {
			want["query_only"], want["busy_timeout"] = "1", "5000"
		}
		for range size { // held, so that the next is another one
			conn, err := pool.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			for pragma, value := range want {
				var got string
				if err := conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != value {
					t.Errorf("%s: %s is %q (%v), want %q", name, pragma, got, err, value)
				}
			}
		}
	}
}

func TestTheFileIsPrivateAndMayHaveAnyName(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, url := range []string{"sqlite:plain.db", "sqlite:50% of? #1 & more.db", "sqlite://" + filepath.Join(t.TempDir(), "abs.db")} {
		db := database{url: url}.withNotes(t)
		if err := db.Write(t.Context(), add(1, "one")); err != nil {
			t.Fatal(err)
		}
		path := strings.TrimPrefix(strings.TrimPrefix(url, "sqlite:"), "//")
		for _, file := range []string{path, path + "-wal", path + "-shm"} {
			if info, err := os.Stat(file); err != nil {
				t.Error(err)
			} else if info.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %v", file, info.Mode())
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("Close left the log of %s: %v", path, err)
		}
	}
}

func TestFilesThatCannotBeADatabaseAreRefusedAndLeftAlone(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, text []byte, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	healthy := filepath.Join(dir, "healthy.db")
	if err := (database{url: "sqlite:" + healthy}).withNotes(t).Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(healthy)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(good)
	copy(damaged[100:], bytes.Repeat([]byte{0xAA}, 300)) // the root of the schema
	for want, path := range map[string]string{
		"does not exist: create it":               filepath.Join(dir, "nowhere", "x.db"),
		"is a folder: name a file in it":          dir,
		"is not a folder":                         filepath.Join(healthy, "x.db"),
		"cannot be written":                       write("readonly.db", good, 0o400),
		`notes.txt" is damaged or not an SQLite`:  write("notes.txt", bytes.Repeat([]byte("no database. "), 500), 0o600),
		`damaged.db" is damaged or not an SQLite`: write("damaged.db", damaged, 0o600),
	} {
		before, _ := os.ReadFile(path)
		db, err := Open(t.Context(), "sqlite:"+path, slog.New(slog.DiscardHandler))
		if err == nil {
			db.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %q", err, want)
		}
		if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
			t.Errorf("%s was changed", path)
		}
	}
}

func TestANewerSchemaLeavesTheFileAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := database{url: "sqlite:" + path}
	if err := d.withNotes(t).Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	db := d.open(t)
	if err := db.Migrate(t.Context(), "notes", notes[:1]); err == nil {
		t.Error("a newer schema was accepted")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed (%v)", err)
	}
}

func TestABusyDatabaseIsWaitedFor(t *testing.T) {
	d := database{url: "sqlite:" + filepath.Join(t.TempDir(), "x.db")}
	other := d.withNotes(t)
	waits := make(chan struct{}, 1)
	db := openURL(t, d.url, slog.New(notifier{slog.DiscardHandler, waits}))
	runs := 0
	ended := make(chan error, 1)
	err := other.Write(t.Context(), func(tx *gorm.DB) error {
		go func() {
			ended <- db.Write(t.Context(), func(tx *gorm.DB) error { runs++; return add(1, "one")(tx) })
		}()
		<-waits
		return nil
	})
	if err := errors.Join(err, <-ended); err != nil || runs != 1 {
		t.Errorf("%v, %d runs", err, runs)
	}
	has(t, db, 1)

	ctx, cancel := context.WithCancel(t.Context())
	err = other.Write(t.Context(), func(tx *gorm.DB) error {
		go func() { ended <- db.Write(ctx, add(2, "two")) }()
		<-waits
		cancel()
		if err := <-ended; err == nil {
			t.Error("a Write whose context ended while it waited took place")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestADatabaseThatStaysBusyIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := database{url: "sqlite:" + filepath.Join(t.TempDir(), "x.db")}
		other := d.withNotes(t)
		db := openURL(t, d.url, slog.New(slog.DiscardHandler))
		began := time.Now()
		err := other.Write(t.Context(), func(tx *gorm.DB) error { return db.Write(t.Context(), add(2, "two")) })
		if took := time.Since(began); sqliteCode(err) != sqliteBusy || took > busyWait || took < busyWait-2*busyPause {
			t.Errorf("after %v: %v", took, err)
		}
		if err := errors.Join(db.Close(), other.Close()); err != nil {
			t.Error(err)
		}
	})
}

// notifier tells when a Write waits for another process.
type notifier struct {
	slog.Handler
	waits chan struct{}
}

func (notifier) Enabled(context.Context, slog.Level) bool { return true }

func (n notifier) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "waiting for it") {
		select {
		case n.waits <- struct{}{}:
		default:
		}
	}
	return nil
}

func TestAWriteInAWriteWithoutItsContextSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // thirty seconds, in no time
		db := database{url: "sqlite::memory:"}.withNotes(t)
		err := db.Write(t.Context(), func(*gorm.DB) error { return db.Write(t.Context(), add(1, "one")) })
		if !errors.Is(err, errWriterWait) {
			t.Errorf("got %v", err)
		}
		has(t, db)
	})
}

func TestTheLogNamesStatementsButNoValues(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	db := openURL(t, "sqlite::memory:", log)
	migrate(t, db, "notes", notes)
	const secret = "john@chat.local"
	_ = db.Write(t.Context(), func(tx *gorm.DB) error {
		_ = add(1, secret)(tx)
		_ = add(1, secret)(tx)
		_ = tx.Exec("UPDATE notes SET id = ? WHERE text = ?", secret, secret).Error
		_ = tx.Where("txet = ?", secret).First(&note{}).Error
		tx.Logger.Error(t.Context(), "about %s", secret)
		return nil
	})
	_ = db.Read(t.Context()).Where("text = ?", "nobody").First(&note{}).Error
	text := out.String()
	for _, want := range []string{"level=DEBUG msg=statement", "INSERT INTO `notes`", "duplicated key", "SQLite code 1", "about %s", "schema step applied"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %q:\n%s", want, text)
		}
	}
	for _, not := range []string{secret, "nobody", "record not found"} {
		if strings.Contains(text, not) {
			t.Errorf("%q is in the log:\n%s", not, text)
		}
	}
	if got := errorClass(fmt.Errorf("scan %q: %w", secret, errors.ErrUnsupported)); strings.Contains(got, secret) {
		t.Errorf("the class of an unknown error is %q", got)
	}
}

// BenchmarkWrite is one row in a transaction of its own: through Write, and as
// the floor under it a bare INSERT on the same connection.
func BenchmarkWrite(b *testing.B) {
	db, err := Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "x.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(b.Context(), "notes", notes); err != nil {
		b.Fatal(err)
	}
	id := int64(0)
	b.Run("gorm", func(b *testing.B) {
		for b.Loop() {
			id++
			if err := db.Write(b.Context(), add(id, "some text")); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			id++
			if _, err := db.write.ExecContext(b.Context(), "INSERT INTO notes VALUES (?, ?)", id, "some text"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkRememberNothingNew(b *testing.B) {
	db, err := Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "x.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(b.Context(), "store", Migrations()); err != nil {
		b.Fatal(err)
	}
	p, john := NewPeople(db), Person{JID: "john@chat.local", Name: "John", SeenAt: noon}
	if err := p.Remember(b.Context(), john); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := p.Remember(b.Context(), john); err != nil {
			b.Fatal(err)
		}
	}
}
