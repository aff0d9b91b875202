package main

import (
	"context"
	"database/sql"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dragoman/bot"
	"dragoman/bot/outbox"
	"dragoman/internal/clock"
	"dragoman/store"
	"dragoman/store/queue"
)

// unlocked is a store that nobody runs on and nobody has locked yet, as a backup
// is, after what was done to its tables.
func unlocked(t *testing.T, statements ...string) (path string) {
	t.Helper()
	path = usedStore(t)
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range append(statements, "PRAGMA journal_mode = DELETE") {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(path + ".lock"); err != nil {
		t.Fatal(err)
	}
	return path
}

// files are all names in the folder of path.
func files(t *testing.T, path string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestLookingIntoAStoreLocksAndChangesNothing(t *testing.T) {
	for _, c := range []struct {
		name, change, want string
	}{
		{"up to date", "SELECT 1", ""},
		{"an older version", "DELETE FROM schema_migrations WHERE owner = 'outbox'", "start dragoman run once"},
		{"another program's", "DROP TABLE schema_migrations", "start dragoman run once"},
		{"a newer version", "INSERT INTO schema_migrations (owner, number, name) VALUES ('queue', 99, 'from the future')", "newer version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := unlocked(t, c.change)
			before, file := contents(t, filepath.Dir(path)), offline(t, "sqlite:"+path)
			for _, command := range []string{"queue", "queue list ready", "outbox", "outbox all"} {
				r := invoke("", append(strings.Fields(command), "-c", file)...)
				if wrong := c.want != ""; wrong != (r.code == 1) || !strings.Contains(r.err, c.want) {
					t.Errorf("dragoman %s: exit %d, %q; want %q", command, r.code, r.err, c.want)
				}
			}
			if after := contents(t, filepath.Dir(path)); !maps.Equal(before, after) || len(files(t, path)) != len(before) {
				t.Errorf("there were %v, now there are %v, with the same content: %t",
					slices.Sorted(maps.Keys(before)), files(t, path), maps.Equal(before, after))
			}
		})
	}
	t.Run("an empty file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "bot.db")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		r := invoke("", "queue", "-c", offline(t, "sqlite:"+path))
		if r.code != 1 || !strings.Contains(r.err, "is empty") || len(files(t, path)) != 1 || len(contents(t, filepath.Dir(path))["bot.db"]) > 0 {
			t.Errorf("exit %d, %q; there are %v", r.code, r.err, files(t, path))
		}
	})
}

// TestTheOutboxShowsWhatWaitsOrFailedAndDrawsNothing: what people write, and what
// far servers give as a reason, is printed on an administrator's terminal.
func TestTheOutboxShowsWhatWaitsOrFailedAndDrawsNothing(t *testing.T) {
	const wild = "a\x1b[2Jb\u009b3Jc\u202ed\u2028e"
	path := usedStore(t)
	url, ctx := "sqlite:"+path, context.Background()
	db, err := store.Open(ctx, url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	q := queue.New(queue.Config{DB: db, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)})
	box := outbox.New(outbox.Config{DB: db, Queue: q, Transports: []string{"wire"}, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)})
	for _, id := range []string{"failed", "unknown", "acknowledged"} {
		to := bot.Destination{Transport: "wire", To: bot.Address(id + wild)}
		if err := box.Add(ctx, bot.Outgoing{Destination: to, ID: id, Reply: bot.Say("text of " + id + wild + "\nstate done")}); err != nil {
			t.Fatal(err)
		}
	}
	for id, state := range map[string]string{"failed": "dead", "unknown": "unknown", "acknowledged": "done"} {
		if _, err := db.Exec(ctx, "UPDATE queue_jobs SET state = $1, reason = $2, finished = 1 WHERE job_key = $3", state, wild+"\nstate done", id); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	file := offline(t, url)
	ask := func(command string) string {
		t.Helper()
		r := invoke("", append(strings.Fields(command), "-c", file)...)
		if r.code != 0 || r.err != "" {
			t.Fatalf("dragoman %s: exit %d, %q", command, r.code, r.err)
		}
		if strings.ContainsAny(r.out, "\x1b\u009b\u202e\u2028") {
			t.Errorf("dragoman %s prints %q", command, r.out)
		}
		return r.out
	}
	for command, want := range map[string]int{"outbox": 2, "outbox failed": 1, "outbox all": 3, "outbox waiting": 0} {
		if out := ask(command); strings.Count(out, "text of ") != want {
			t.Errorf("dragoman %s shows not %d:\n%s", command, want, out)
		}
	}
	if out := ask("outbox all --limit 2"); !strings.Contains(out, "the newest 2; --limit shows more") {
		t.Errorf("that there are more is not said:\n%s", out)
	}
	id := regexp.MustCompile(`(?m)^(\d+) +unknown`).FindStringSubmatch(ask("outbox"))
	if id == nil {
		t.Fatal("no line begins with the number of the unknown one")
	}
	out := ask("queue list unknown") + ask("queue show "+id[1])
	if !strings.Contains(out, "\ufffd[2Jb\ufffd3Jc\ufffdd\ufffde") || regexp.MustCompile(`(?m)^state +done`).MatchString(out) {
		t.Errorf("the job is\n%s", out)
	}
	if out := ask("queue retry " + id[1]); !strings.Contains(out, "a running bot takes it up within a minute, as it was") {
		t.Errorf("retry says %q", out)
	}
}

func TestABackupRefusesWhatIsNoName(t *testing.T) {
	t.Chdir(t.TempDir())
	file := offline(t, "sqlite:"+usedStore(t))
	for name, want := range map[string]string{
		"": "is empty", "-": "not to standard output", ":memory:": "not to memory",
		"sqlite:foo.db": "without a scheme", "postgres://u:secret@h/d": "without a scheme",
	} {
		r := invoke("", "backup", "-c", file, "--", name)
		if r.code != 1 || !strings.Contains(r.err, want) || strings.Contains(r.err, "secret") {
			t.Errorf("backup %q: exit %d, %q; want %q", name, r.code, r.err, want)
		}
	}
	if made, err := os.ReadDir("."); err != nil || len(made) > 0 {
		t.Errorf("files were made: %v, %v", made, err)
	}
}

func TestTheHelpOfBackupSaysWhatIsInTheWayOfARestore(t *testing.T) {
	help := invoke("", "backup", "--help").out
	for _, want := range []string{"stop the bot", "FILE-wal and FILE-shm", "chown"} {
		if !strings.Contains(help, want) {
			t.Errorf("the help does not say %q:\n%s", want, help)
		}
	}
}
