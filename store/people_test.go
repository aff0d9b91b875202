package store

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 5e6, time.UTC)

func withPeople(t *testing.T, d database) *People {
	t.Helper()
	db := d.open(t)
	migrate(t, db, "store", Migrations())
	return NewPeople(db)
}

func wantPerson(t *testing.T, p *People, want Person) {
	t.Helper()
	got, found, err := p.Person(t.Context(), want.JID)
	if err != nil || !found || got != want {
		t.Errorf("got %+v, %v, %v\nwant %+v", got, found, err, want)
	}
}

func testPeople(t *testing.T, d database) {
	p := withPeople(t, d)
	if got, found, err := p.Person(t.Context(), "john@chat.local"); found || err != nil || got != (Person{}) {
		t.Fatalf("nobody is %+v, %v, %v", got, found, err)
	}
	for i, c := range []struct{ remember, want Person }{
		{Person{Name: "John"}, Person{Name: "John"}},
		{Person{Lang: "de"}, Person{Name: "John", Lang: "de"}},
		{Person{Zone: "Europe/Berlin", SeenAt: noon}, Person{Name: "John", Lang: "de", Zone: "Europe/Berlin", SeenAt: noon}},
		{Person{SeenAt: noon.Add(59 * time.Minute)}, Person{Name: "John", Lang: "de", Zone: "Europe/Berlin", SeenAt: noon}},
		{Person{SeenAt: noon.Add(time.Hour)}, Person{Name: "John", Lang: "de", Zone: "Europe/Berlin", SeenAt: noon.Add(time.Hour)}},
		{Person{Name: "John Doe", SeenAt: noon}, Person{Name: "John Doe", Lang: "de", Zone: "Europe/Berlin", SeenAt: noon.Add(time.Hour)}},
		{Person{Name: "J\x00o\xffhn 🫩'; --", Zone: "UTC"}, Person{Name: "Jo\uFFFDhn 🫩'; --", Lang: "de", Zone: "UTC", SeenAt: noon.Add(time.Hour)}},
	} {
		c.remember.JID, c.want.JID = "john@chat.local", "john@chat.local"
		if err := p.Remember(t.Context(), c.remember); err != nil {
			t.Fatalf("step %d: %v", i+1, err)
		}
		wantPerson(t, p, c.want)
	}
	for _, jid := range []string{"", "john@chat.local/phone", "jo\x00hn@chat.local", "\xff@chat.local"} {
		if err := p.Remember(t.Context(), Person{JID: jid}); err == nil {
			t.Errorf("%q was taken for a bare JID", jid)
		}
	}
}

func testPeopleNoWrite(t *testing.T, d database) {
	p := withPeople(t, d)
	john := Person{JID: "john@chat.local", Name: "John", SeenAt: noon}
	if err := p.Remember(t.Context(), john); err != nil {
		t.Fatal(err)
	}
	if !d.shared {
		return // one connection, so nothing to hold below
	}
	// A writer that holds the only lock there is lets nobody but readers pass.
	err := p.db.Write(t.Context(), func(tx *gorm.DB) error {
		if d.dialect == Postgres {
			if err := tx.Exec("LOCK TABLE people IN EXCLUSIVE MODE").Error; err != nil {
				return err
			}
		}
		john.SeenAt = noon.Add(30 * time.Minute)
		return p.Remember(t.Context(), john)
	})
	if err != nil {
		t.Error(err)
	}
}

func testPeopleInTransaction(t *testing.T, d database) {
	p := withPeople(t, d)
	mine := errors.New("mine")
	john := Person{JID: "john@chat.local", Name: "John", SeenAt: noon}
	err := p.db.Write(t.Context(), func(tx *gorm.DB) error {
		ctx := tx.Statement.Context
		if err := p.Remember(ctx, john); err != nil {
			return err
		}
		if _, found, err := p.Person(ctx, john.JID); !found {
			t.Errorf("not found inside of the transaction: %v", err)
		}
		return mine
	})
	if !errors.Is(err, mine) {
		t.Fatal(err)
	}
	if _, found, err := p.Person(t.Context(), john.JID); found || err != nil {
		t.Errorf("remembered although the transaction failed (%v)", err)
	}
}

func testBook(t *testing.T, d database) {
	b := NewBook(withPeople(t, d).db)
	change := func(do func(context.Context, string, string, string) error, kind, own, jid string) {
		t.Helper()
		for range 2 { // the second time changes nothing
			if err := do(t.Context(), kind, own, jid); err != nil {
				t.Fatal(err)
			}
		}
	}
	change(b.Add, "room", "bot@chat.local", "ops@rooms.chat.local")
	change(b.Add, "room", "bot@chat.local", "dev@rooms.chat.local")
	change(b.Add, "contact", "bot@chat.local", "john@chat.local")
	change(b.Add, "room", "sms@chat.local", "all@rooms.chat.local")
	change(b.Remove, "room", "bot@chat.local", "ops@rooms.chat.local")
	change(b.Remove, "room", "bot@chat.local", "john@chat.local")
	for kind, want := range map[string][]string{"room": {"dev@rooms.chat.local"}, "contact": {"john@chat.local"}, "": nil} {
		if got, err := b.List(t.Context(), kind, "bot@chat.local"); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q (%v), want %q", kind, got, err, want)
		}
	}
}
