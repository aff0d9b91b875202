package store

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"dragoman/internal/counterpart"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// database is an empty one of some kind, for one case.
type database struct {
	url     string
	dialect string
	shared  bool // several DBs can be open on it, and read beside a writer
}

func (d database) open(t *testing.T) *DB {
	t.Helper()
	return openURL(t, d.url, slog.New(slog.DiscardHandler))
}

func openURL(t *testing.T, url string, log *slog.Logger) *DB {
	t.Helper()
	db, err := Open(t.Context(), url, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return db
}

// withNotes is a DB with a table to write to.
func (d database) withNotes(t *testing.T) *DB {
	t.Helper()
	db := d.open(t)
	migrate(t, db, "notes", notes)
	return db
}

var notes = []Migration{
	Step("notes", `CREATE TABLE notes (id BIGINT PRIMARY KEY, text TEXT NOT NULL)`),
	Step("marks", `CREATE TABLE marks (note_id BIGINT NOT NULL REFERENCES notes (id))`),
}

type note struct {
	ID   int64
	Text string
}

func migrate(t *testing.T, db *DB, owner string, steps []Migration) {
	t.Helper()
	if err := db.Migrate(t.Context(), owner, steps); err != nil {
		t.Fatal(err)
	}
}

// conformance is what every database must do.
var conformance = map[string]func(*testing.T, database){
	"a write commits, or leaves no trace":                         testWriteIsAllOrNothing,
	"a nested write joins":                                        testNestedWriteJoins,
	"a nested write that fails is undone alone":                   testNestedWriteFails,
	"a nested write that cannot be undone takes the outer down":   testNestedWriteCannotBeUndone,
	"the context of one database is nothing to another":           testTransactionOfAnotherDatabase,
	"the context of an ended transaction is refused":              testEndedTransaction,
	"a read sees its own transaction, others only what committed": testReadSees,
	"a read does not write":                                       testReadDoesNotWrite,
	"broken keys have the same names":                             testBrokenKeys,
	"the end of the context rolls back and frees the writer":      testContextEnds,
	"what waits for the commit is called after it, in order":      testAfterCommit,
	"Do is Write without GORM, and Exec one statement":            testDo,
	"what is not committed calls nothing":                         testAfterCommitNeedsACommit,
	"a handler that hangs holds no lock":                          testContextEndsInAHandlerThatHangs,
	"the end of the context leaves all or nothing":                testContextEndsAnywhere,
	"a full disk is named, and harms nothing":                     testFull,
	"a commit that fails leaves no trace":                         testCommitFails,
	"concurrent writers lose nothing":                             testConcurrentWriters,
	"data survives a restart":                                     testRestart,
	"migrations run once, in order, and are recorded":             testMigrate,
	"a step that fails is undone alone":                           testMigrateFails,
	"a newer or foreign schema is refused and left alone":         testMigrateRefuses,
	"steps are checked before anything runs":                      testMigrateChecks,
	"concurrent migrators take turns":                             testConcurrentMigrators,
	"people are remembered":                                       testPeople,
	"remembering nothing new does not write":                      testPeopleNoWrite,
	"people are remembered as a part of a transaction":            testPeopleInTransaction,
	"the book keeps each list of addresses for itself":            testBook,
	"a trained model is kept in the place of the oldest":          testModels,
	"a damaged model is an error":                                 testModelsDamaged,
}

func TestSQLiteFile(t *testing.T) {
	for name, test := range conformance {
		t.Run(name, func(t *testing.T) {
			test(t, database{"sqlite:" + filepath.Join(t.TempDir(), "dragoman.db"), SQLite, true})
		})
	}
}

func TestSQLiteMemory(t *testing.T) {
	for name, test := range conformance {
		t.Run(name, func(t *testing.T) { test(t, database{"sqlite::memory:", SQLite, false}) })
	}
}

func TestPostgres(t *testing.T) {
	server := counterpart.PostgresServer(t)
	fresh := databases(t, server)
	for name, test := range conformance {
		t.Run(name, func(t *testing.T) { test(t, database{fresh(), Postgres, true}) })
	}
	t.Run("a deadlock is retried", func(t *testing.T) { testDeadlock(t, openURL(t, fresh(), slog.New(slog.DiscardHandler))) })
	t.Run("a serialization failure is retried", func(t *testing.T) { testSerialization(t, database{fresh(), Postgres, true}) })
	t.Run("notifications arrive with the commit", func(t *testing.T) { testNotify(t, database{fresh(), Postgres, true}) })
	t.Run("a backup is left to its own tools", func(t *testing.T) { testPostgresBackup(t, database{fresh(), Postgres, true}) })
	t.Run("refusals are explained without the password", func(t *testing.T) { testPostgresRefusals(t, fresh()) })
}

func databases(t *testing.T, server *counterpart.Postgres) (fresh func() string) {
	n := 0
	return func() string {
		n++
		url, err := server.CreateDatabase(t.Context(), fmt.Sprintf("case%d", n))
		if err != nil {
			t.Fatal(err)
		}
		return url
	}
}
