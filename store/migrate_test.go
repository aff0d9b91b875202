package store

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"
)

// recorded reads schema_migrations as "owner/number/name" lines.
func recorded(t *testing.T, db *DB) []string {
	t.Helper()
	var rows []struct {
		Owner, Name string
		Number      int
		Dated       bool
	}
	err := db.Read(t.Context()).Raw(`SELECT owner, number, name, applied_at >= '2020-01-01' AS dated
		FROM schema_migrations ORDER BY owner, number`).Scan(&rows).Error
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	for _, r := range rows {
		if !r.Dated {
			t.Errorf("%s/%d has no date", r.Owner, r.Number)
		}
		lines = append(lines, fmt.Sprintf("%s/%d/%s", r.Owner, r.Number, r.Name))
	}
	return lines
}

func wantRecorded(t *testing.T, db *DB, want ...string) {
	t.Helper()
	if got := recorded(t, db); !slices.Equal(got, want) {
		t.Errorf("recorded are %q, want %q", got, want)
	}
}

func testMigrate(t *testing.T, d database) {
	db := d.open(t)
	both := Migration{
		Name:     "both dialects",
		SQLite:   []string{`INSERT INTO notes VALUES (1, 'sqlite @here ?')`},
		Postgres: []string{`INSERT INTO notes VALUES (1, 'postgres @here ?')`},
	}
	elsewhere := Migration{Name: "the other one alone", SQLite: []string{`SELECT 1`}}
	if d.dialect == SQLite {
		elsewhere = Migration{Name: elsewhere.Name, Postgres: []string{`no SQL`}}
	}
	steps := append(slices.Clone(notes), both, elsewhere)
	for range 2 {
		migrate(t, db, "notes", steps)
	}
	migrate(t, db, "empty", nil)
	migrate(t, db, "store", Migrations())
	migrate(t, db, "notes", append(steps, Step("two statements",
		`INSERT INTO notes VALUES (2, ''); INSERT INTO notes VALUES (3, '')`, `INSERT INTO notes VALUES (4, '')`)))
	want := []string{"notes/1/notes", "notes/2/marks", "notes/3/both dialects", "notes/4/the other one alone", "notes/5/two statements"}
	for i, step := range Migrations() {
		want = append(want, fmt.Sprintf("store/%d/%s", i+1, step.Name))
	}
	wantRecorded(t, db, want...)
	has(t, db, 1, 2, 3, 4)
	var first note
	if err := db.Read(t.Context()).First(&first, 1).Error; err != nil || first.Text != d.dialect+" @here ?" {
		t.Errorf("the text became %q (%v)", first.Text, err)
	}
}

func testMigrateFails(t *testing.T, d database) {
	db := d.open(t)
	broken := append(slices.Clone(notes), Step("broken", `INSERT INTO notes VALUES (1, '')`, `INSERT INTO nowhere VALUES (1)`))
	err := db.Migrate(t.Context(), "notes", broken)
	if err == nil || !strings.Contains(err.Error(), `schema of "notes": step 3 (broken)`) {
		t.Errorf("a broken step: %v", err)
	}
	has(t, db)
	wantRecorded(t, db, "notes/1/notes", "notes/2/marks")
	migrate(t, db, "notes", append(slices.Clone(notes), Step("mended", `INSERT INTO notes VALUES (1, '')`)))
	has(t, db, 1)
}

func testMigrateRefuses(t *testing.T, d database) {
	db := d.withNotes(t)
	for name, c := range map[string]struct {
		steps []Migration
		want  string
	}{
		"older program": {notes[:1], "newer version"},
		"renamed":       {[]Migration{notes[0], Step("Marks", `SELECT 1`)}, `applied as "marks", but this program calls it "Marks"`},
		"reordered":     {[]Migration{notes[1], notes[0], Step("third", `DROP TABLE notes`)}, "must not be renamed or moved"},
	} {
		err := db.Migrate(t.Context(), "notes", c.steps)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "nothing was changed") {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantRecorded(t, db, "notes/1/notes", "notes/2/marks")
	has(t, db)
}

func testMigrateChecks(t *testing.T, d database) {
	db := d.open(t)
	for want, err := range map[string]error{
		"no owner":       db.Migrate(t.Context(), "", notes),
		"no name":        db.Migrate(t.Context(), "x", []Migration{notes[0], Step("", "SELECT 1")}),
		"is empty":       db.Migrate(t.Context(), "x", []Migration{notes[0], Step("nothing")}),
		"two steps":      db.Migrate(t.Context(), "x", []Migration{notes[0], notes[0]}),
		"inside of a tr": db.Write(t.Context(), func(tx *gorm.DB) error { return db.Migrate(tx.Statement.Context, "x", notes) }),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if db.Read(t.Context()).Migrator().HasTable("schema_migrations") {
		t.Error("a refused list changed the database")
	}
}

func testConcurrentMigrators(t *testing.T, d database) {
	steps := slices.Clone(notes)
	for i := range 10 {
		steps = append(steps, Step(fmt.Sprint("step ", i), fmt.Sprintf(`INSERT INTO notes VALUES (%d, '')`, i)))
	}
	shared := d.open(t)
	var migrators sync.WaitGroup
	for range 4 {
		db := shared
		if d.shared { // as other processes would
			db = d.open(t)
		}
		migrators.Go(func() {
			if err := db.Migrate(t.Context(), "notes", steps); err != nil {
				t.Error(err)
			}
		})
	}
	migrators.Wait()
	has(t, shared, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	if n := len(recorded(t, shared)); n != len(steps) {
		t.Errorf("%d steps recorded, want %d", n, len(steps))
	}
}
