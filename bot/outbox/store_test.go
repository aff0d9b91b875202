package outbox_test

import (
	"context"
	"fmt"
	"testing"

	"dragoman/store"
)

// exec does to a database what the outbox would not.
func exec(t testing.TB, db *store.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// count is the number that a query gives.
func count(t testing.TB, db *store.DB, query string) (n int) {
	t.Helper()
	if err := db.Read(t.Context()).Raw(query).Scan(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

// limit lets the SQLite file grow no more, or again.
func limit(t testing.TB, db *store.DB, on bool) {
	t.Helper()
	if on {
		var pages int
		err := db.Do(t.Context(), func(ctx context.Context) error { return db.Read(ctx).Raw("PRAGMA page_count").Scan(&pages).Error })
		if err != nil {
			t.Fatal(err)
		}
		exec(t, db, fmt.Sprintf("PRAGMA max_page_count = %d", pages+20))
		return
	}
	exec(t, db, "PRAGMA max_page_count = 1000000")
}
