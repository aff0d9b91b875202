package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dragoman/internal/counterpart"
)

// offline is a skills.yaml whose server is not needed by the test.
func offline(t *testing.T, url string) string {
	t.Helper()
	return configFile(t, fmt.Sprintf(`
bot: {name: dragoman, admins: [john@chat.local]}
store: {url: %q}
xmpp: {components: [{domain: %s, address: "127.0.0.1:1", secret: %s}]}
nlu: {learn: false}
skills: {ping: {enabled: true}, status: {enabled: true, config: {interval: 1h, machines: [{name: machine1, check: local}]}}}
`, url, botDomain, botSecret))
}

// usedStore is an SQLite file that a bot has worked with, in a folder of its own.
func usedStore(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bot.db")
	url := "sqlite:" + path
	if r := invoke("subscribe machine1\n", "chat", "-c", offline(t, url), "--store", url); r.code != 0 || !strings.Contains(r.out, "subscribed") {
		t.Fatalf("exit %d, %q, %q", r.code, r.out, r.err)
	}
	return path
}

// contents are the files of a folder, but for the lock, which says who looked.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".lock") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(text)
	}
	return all
}

func TestAStoreThatCannotBeUsedIsRefusedAndLeftAsItIs(t *testing.T) {
	newer := func(owner string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			db, err := sql.Open("sqlite", "file:"+path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec("INSERT INTO schema_migrations (owner, number, name) VALUES (?, 99, 'from the future')", owner); err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec("PRAGMA journal_mode = DELETE"); err != nil { // one file, as a backup is
				t.Fatal(err)
			}
		}
	}
	overwrite := func(at int64, text string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			file, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if _, err := file.WriteAt([]byte(text), at); err != nil {
				t.Fatal(err)
			}
		}
	}
	mode := func(mode os.FileMode, of func(path string) string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			if err := os.Chmod(of(path), mode); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Chmod(of(path), 0o700) })
		}
	}
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, path string)
		want  string
	}{
		{"a read-only file", mode(0o400, func(path string) string { return path }), "cannot be written"},
		{"a read-only folder", mode(0o500, filepath.Dir), "cannot be written"},
		{"no database at all", overwrite(0, strings.Repeat("not SQLite ", 100)), "is damaged or not an SQLite database"},
		{"a damaged page", overwrite(2*4096, strings.Repeat("\xff", 4096)), "is damaged or not an SQLite database"},
		{"a newer schema of the core", newer("queue"), `the schema of "queue"`},
		{"a newer schema of a skill", newer("status"), `the schema of "status"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := usedStore(t)
			c.spoil(t, path)
			before := contents(t, filepath.Dir(path))
			r := invoke("", "run", "-c", offline(t, "sqlite:"+path))
			if r.code != 1 || !strings.Contains(r.err, c.want) {
				t.Errorf("exit %d, want 1 and %q in:\n%s", r.code, c.want, r.err)
			}
			_, told, ok := strings.Cut(r.err, "\ndragoman: ")
			if !ok {
				t.Errorf("the program does not say why it ends")
			}
			t.Log(strings.TrimSpace(told))
			after := contents(t, filepath.Dir(path))
			for name, text := range after {
				if was, ok := before[name]; !ok || was != text {
					t.Errorf("%s was made or changed (%d bytes before, %d after)", name, len(was), len(text))
				}
			}
			if len(after) < len(before) {
				t.Errorf("of %d files %d are left", len(before), len(after))
			}
		})
	}
}

func TestWhatLooksIntoAStoreMakesNone(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "bot.db")
	copied := filepath.Join(t.TempDir(), "copy.db")
	for _, command := range [][]string{{"backup", copied}, {"queue"}, {"queue", "retry", "1"}, {"outbox"}} {
		r := invoke("", append(command, "-c", offline(t, "sqlite:"+path))...)
		if r.code != 1 || !strings.Contains(r.err, "does not exist yet") || !strings.Contains(r.err, path) {
			t.Errorf("dragoman %v: exit %d, %q", command, r.code, r.err)
		}
		if r := invoke("", append(command, "-c", offline(t, "sqlite::memory:"))...); r.code != 1 || !strings.Contains(r.err, "in memory") {
			t.Errorf("dragoman %v on a store in memory: exit %d, %q", command, r.code, r.err)
		}
	}
	if made := contents(t, folder); len(made) > 0 {
		t.Errorf("files were made: %v", made)
	}
	if _, err := os.Stat(copied); err == nil {
		t.Error("a backup of nothing was made")
	}
}

// TestABackupUnderLoadIsOneMomentOfTheStore copies the store of the real program
// several times while people change it. Each copy is sound and has what was
// accepted before it was asked for, and a bot that is started on one goes on
// from there: what its journal knows it does not do again.
func TestABackupUnderLoadIsOneMomentOfTheStore(t *testing.T) {
	t.Parallel()
	w := underLoad(t, func(*testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "bot.db") })
	folder := t.TempDir()
	var last string
	for n := range 3 {
		w.crowd.waitForAnswers(t, 50, silence)
		before := w.crowd.all()
		last = filepath.Join(folder, fmt.Sprintf("copy%d.db", n))
		if r := invoke("", "backup", "-c", w.file, last); r.code != 0 || !strings.Contains(r.out, "is a sound copy") {
			t.Fatalf("exit %d, %q, %q", r.code, r.out, r.err)
		}
		copied := openBook(t, "sqlite:"+last)
		copied.sound(t)
		answers, accepted := copied.answers(t), 0
		for _, cmd := range before {
			if cmd.accepted() {
				accepted++
				if answers[cmd.id] != 1 {
					t.Errorf("copy %d: %s was accepted before and is in it %d times", n, cmd.id, answers[cmd.id])
				}
			}
		}
		t.Logf("copy %d has %d answers, %d were accepted before it", n, len(answers), accepted)
	}
	if r := invoke("", "backup", "-c", w.file, last); r.code != 1 || !strings.Contains(r.err, "exists") {
		t.Errorf("a backup over another one: exit %d, %q", r.code, r.err)
	}
	w.end(t)
	w.book.judge(t, w.crowd.all(), 150)

	restored := offline(t, "sqlite:"+last)
	if r := invoke("subscriptions\n", "chat", "-c", restored, "--store", "sqlite:"+last); r.code != 0 {
		t.Errorf("the restored store: exit %d, %q", r.code, r.err)
	}
	if r := invoke("", "queue", "-c", restored); r.code != 0 || !strings.Contains(r.out, "outbox:"+botDomain) {
		t.Errorf("the restored queue: exit %d, %q, %q", r.code, r.out, r.err)
	}
}

// working is the real program on a Prosody, at work for a crowd.
type working struct {
	file  string
	book  *book
	crowd *crowd
	end   func(t *testing.T) // brings all to a good end, once
}

// underLoad starts it. The store is made by url.
func underLoad(t *testing.T, url func(*testing.T) string) *working {
	t.Helper()
	s := counterpart.Prosody(t, counterpart.Options{
		Components: map[string]string{botDomain: botSecret, crowdDomain: crowdSecret},
	})
	config := componentConfig(t, s, "{interval: 1h, machines: [{name: machine1, check: local}]}")
	config = strings.NewReplacer(storeURL(t, config), url(t), "john@chat.local", bossJID).Replace(config)
	w := &working{file: configFile(t, config), book: bookOf(t, storeURL(t, config)), crowd: gather(t, s)}
	stop := w.crowd.works(t, 10)
	p := start(t, w.file)
	ended := false
	w.end = func(t *testing.T) {
		t.Helper()
		stop()
		ended = true
		if log := terminate(t, p); t.Failed() {
			t.Logf("the log:\n%.20000s", log)
		}
	}
	t.Cleanup(func() {
		if !ended {
			_ = p.Process.Kill()
			_ = p.Wait()
			t.Logf("the log:\n%.20000s", p.Stderr)
		}
	})
	return w
}
