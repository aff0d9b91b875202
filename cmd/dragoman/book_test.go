package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	_ "github.com/glebarez/go-sqlite" // reads what the program left, with nothing of ours
	_ "github.com/jackc/pgx/v5/stdlib"
)

// book is a database of the program as an auditor sees it, who has triggers
// write down every change of a subscription and reads the tables by himself.
type book struct {
	db     *sql.DB
	sqlite bool
}

// The triggers name the command by what it changed: the member's address.
var (
	ledgerSQLite = []string{
		`CREATE TABLE test_ledger (address TEXT NOT NULL, verb TEXT NOT NULL)`,
		`CREATE TRIGGER test_in AFTER INSERT ON status_subscriptions BEGIN INSERT INTO test_ledger VALUES (NEW.address, 'subscribe'); END`,
		`CREATE TRIGGER test_out AFTER DELETE ON status_subscriptions BEGIN INSERT INTO test_ledger VALUES (OLD.address, 'unsubscribe'); END`,
	}
	ledgerPostgres = []string{
		`CREATE TABLE test_ledger (address TEXT NOT NULL, verb TEXT NOT NULL)`,
		`CREATE FUNCTION test_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF TG_OP = 'INSERT' THEN INSERT INTO test_ledger VALUES (NEW.address, 'subscribe');
			ELSE INSERT INTO test_ledger VALUES (OLD.address, 'unsubscribe'); END IF;
			RETURN NULL; END $$`,
		`CREATE TRIGGER test_change AFTER INSERT OR DELETE ON status_subscriptions FOR EACH ROW EXECUTE FUNCTION test_note()`,
	}
)

// bookOf makes the tables with the program itself and puts the auditor's beside
// them.
func bookOf(t *testing.T, url string) *book {
	t.Helper()
	if r := invoke("ping\n", "chat", "-c", repositoryConfig, "--store", url); r.code != 0 {
		t.Fatalf("the tables were not made: %s", r.err)
	}
	b := openBook(t, url)
	steps := ledgerPostgres
	if b.sqlite {
		steps = ledgerSQLite
	}
	for _, step := range steps {
		if _, err := b.db.Exec(step); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// openBook opens a database that has been made.
func openBook(t *testing.T, url string) *book {
	t.Helper()
	b := &book{}
	path, err := "", error(nil)
	if path, b.sqlite = strings.CutPrefix(url, "sqlite:"); b.sqlite {
		b.db, err = sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	} else {
		b.db, err = sql.Open("pgx", url)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.db.Close() })
	b.db.SetMaxIdleConns(0) // nobody is there while the program is at work
	return b
}

// storeURL is the database's in a configuration.
func storeURL(t *testing.T, config string) string {
	t.Helper()
	_, rest, found := strings.Cut(config, `store: {url: "`)
	url, _, ended := strings.Cut(rest, `"`)
	if !found || !ended {
		t.Fatal("the configuration names no database")
	}
	return url
}

// rows calls f for each row of two columns.
func (b *book) rows(t *testing.T, query string, f func(a, b string)) {
	t.Helper()
	rows, err := b.db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var one, two string
		if err := rows.Scan(&one, &two); err != nil {
			t.Fatal(err)
		}
		f(one, two)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// judge holds the tables against what the crowd did and heard: each command that
// the bot took has its answer in the store once and its effect once, and nothing
// else has any. The database itself is sound.
func (b *book) judge(t *testing.T, commands []command, want int) {
	t.Helper()
	b.sound(t)
	answers := b.answers(t)
	effects := make(map[string]int) // by member and verb
	b.rows(t, "SELECT address, verb FROM test_ledger", func(address, verb string) {
		who, _, _ := strings.Cut(address, "@")
		effects[who+" "+verb]++
	})
	var accepted, lost, doubled, unanswered int
	due := make(map[string]int)
	for _, cmd := range commands {
		n := answers[cmd.id]
		delete(answers, cmd.id)
		verb, _, _ := strings.Cut(cmd.text, " ")
		switch {
		case cmd.accepted() && n == 0:
			lost++
			t.Errorf("%s was accepted and is not in the store: %d receipts, %d answers, %d repetitions", cmd.id, cmd.receipts, cmd.plain, cmd.repetition)
			b.rows(t, "SELECT id, state || ' ' || job_key || ' ' || payload FROM queue_jobs WHERE payload LIKE '%"+cmd.id+"%'", func(id, job string) {
				t.Logf("job %s: %s", id, job)
			})
		case n > 1:
			doubled++
			t.Errorf("%s has %d answers in the store", cmd.id, n)
		}
		if cmd.accepted() {
			accepted++
		}
		if n > 0 {
			due[fmt.Sprintf("p%d %s", cmd.who, verb)]++
		}
		if cmd.accepted() && cmd.plain+cmd.repetition == 0 {
			unanswered++
			t.Errorf("%s was accepted and never answered", cmd.id)
		}
	}
	if len(answers) > 0 {
		t.Errorf("the store has answers to commands that nobody gave: %v", answers)
	}
	for what, n := range due {
		if got := effects[what]; got != n {
			t.Errorf("%s: %d times in the store, want %d", what, got, n)
		}
		delete(effects, what)
	}
	if len(effects) > 0 {
		t.Errorf("effects of commands that nobody gave: %v", effects)
	}
	if accepted < want {
		t.Errorf("%d commands were accepted, want %d", accepted, want)
	}
	t.Logf("%d commands accepted, %d lost, %d doubled, %d without an answer", accepted, lost, doubled, unanswered)
}

// sound has SQLite check all of the file.
func (b *book) sound(t *testing.T) {
	t.Helper()
	if !b.sqlite {
		return
	}
	b.rows(t, "SELECT integrity_check, '' FROM pragma_integrity_check", func(found, _ string) {
		if found != "ok" {
			t.Errorf("integrity_check: %s", found)
		}
	})
}

// forget removes what the auditor noted of a member.
func (b *book) forget(t *testing.T, who int) {
	t.Helper()
	if _, err := b.db.Exec(fmt.Sprintf("DELETE FROM test_ledger WHERE address LIKE 'p%d@%%'", who)); err != nil {
		t.Fatal(err)
	}
}

// answers counts the answers in the outbox, by the command that they answer,
// without the repetitions that say so.
func (b *book) answers(t *testing.T) map[string]int {
	t.Helper()
	count := make(map[string]int)
	b.rows(t, "SELECT job_key, payload FROM queue_jobs WHERE kind LIKE 'outbox:%'", func(key, payload string) {
		var letter struct {
			Repeats bool
			About   *struct{ ID string }
		}
		if err := json.Unmarshal([]byte(payload), &letter); err != nil {
			t.Fatalf("the job %s holds %q: %v", key, payload, err)
		}
		if letter.About != nil && !letter.Repeats { // else it is a notice, or says that it is a repetition
			count[letter.About.ID]++
		}
	})
	return count
}
