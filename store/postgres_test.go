package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"
)

func testDeadlock(t *testing.T, db *DB) {
	migrate(t, db, "notes", notes)
	if err := db.Write(t.Context(), func(tx *gorm.DB) error { return errors.Join(add(1, "")(tx), add(2, "")(tx)) }); err != nil {
		t.Fatal(err)
	}
	// Each takes its first row, waits for the other to have done so, and wants
	// the other's. One is broken off, and finds the way free.
	var holding, writers sync.WaitGroup
	var runs atomic.Int64
	holding.Add(2)
	for _, order := range [][]int64{{1, 2}, {2, 1}} {
		var first sync.Once
		writers.Go(func() {
			err := db.Write(t.Context(), func(tx *gorm.DB) error {
				runs.Add(1)
				for _, id := range order {
					if err := tx.Exec("UPDATE notes SET text = text || 'x' WHERE id = ?", id).Error; err != nil {
						return err
					}
					first.Do(func() { holding.Done(); holding.Wait() })
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	var n int64
	if err := db.Read(t.Context()).Model(&note{}).Where("text = 'xx'").Count(&n).Error; err != nil || n != 2 || runs.Load() < 3 {
		t.Errorf("%d rows were written by both (%v), in %d runs; want 2, and one run more than writers", n, err, runs.Load())
	}
}

func testSerialization(t *testing.T, d database) {
	db := d.withNotes(t)
	if err := db.Write(t.Context(), add(1, "")); err != nil {
		t.Fatal(err)
	}
	// The first run of the one reads before and writes after the other commits.
	runs := 0
	err := db.Write(t.Context(), func(tx *gorm.DB) error {
		runs++
		var n note
		err := errors.Join(tx.Exec("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").Error, tx.First(&n, 1).Error)
		if err != nil {
			return err
		}
		if runs == 1 {
			err := db.Write(t.Context(), func(tx *gorm.DB) error { return tx.Exec("UPDATE notes SET text = 'other'").Error })
			if err != nil {
				return err
			}
		}
		n.Text += "+mine"
		return tx.Save(&n).Error
	})
	var n note
	if err := errors.Join(err, db.Read(t.Context()).First(&n, 1).Error); err != nil || n.Text != "other+mine" || runs != 2 {
		t.Errorf("%q after %d runs (%v)", n.Text, runs, err)
	}
	always := 0
	err = db.Write(t.Context(), func(tx *gorm.DB) error {
		always++
		return tx.Exec("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$").Error
	})
	if pgCode(err) != pgSerializationFailure || always != writeAttempts {
		t.Errorf("%v after %d runs, want to give up after %d", err, always, writeAttempts)
	}
}

func testPostgresRefusals(t *testing.T, address string) {
	const password = "cor rect/h@rse"
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), password)
	if db, err := Open(t.Context(), u.String(), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatalf("a server that trusts: %v", err)
	} else if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	change := func(edit func(*url.URL)) string {
		other := *u
		edit(&other)
		return other.String()
	}
	for want, address := range map[string]string{
		"does not exist: create it": change(func(u *url.URL) { u.Path = "/nowhere" }),
		"refused the user":          change(func(u *url.URL) { u.User = url.UserPassword("stranger", password) }),
		"cannot be reached":         change(func(u *url.URL) { u.Host = "127.0.0.1:1" }),
		"the server refused":        change(func(u *url.URL) { u.RawQuery += "&no_such_setting=1" }),
		"context canceled":          u.String(),
	} {
		ctx, cancel := context.WithCancel(t.Context())
		if want == "context canceled" {
			cancel()
		}
		_, err := Open(ctx, address, slog.New(slog.DiscardHandler))
		cancel()
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `user "`) {
			t.Errorf("%v\nwant %q and the user's name", err, want)
		}
		if leaks(err, password) {
			t.Errorf("the password is in %v", err)
		}
	}
}

func leaks(err error, password string) bool {
	for _, text := range []string{fmt.Sprint(err), fmt.Sprintf("%+v", err)} {
		for _, spelling := range []string{password, url.QueryEscape(password), url.PathEscape(password)} {
			if strings.Contains(text, spelling) {
				return true
			}
		}
	}
	return false
}

// None of these addresses leads to a server, and no error tells the password,
// whichever character in it breaks the address.
func TestTheErrorsOfAddressesKeepThePassword(t *testing.T) {
	for _, address := range []string{
		"", "dragoman.db", "sqlite:", "mysql://john:PASSWORD@127.0.0.1/db", "PASSWORD", "host=127.0.0.1 password=PASSWORD",
		"postgres:john:PASSWORD", "postgres://john:PASSWORD%zz@127.0.0.1/db", "postgres://john:12/PASSWORD@127.0.0.1/db",
		"postgres://john:12?PASSWORD@127.0.0.1/db", "postgres://john:12#PASSWORD@127.0.0.1/db", "postgres://john:12#PASSWORD",
		"postgres://john:PASSWORD@127.0.0.1:port/db", "postgres://john:x@PASSWORD@127.0.0.1:1/db?sslmode=PASSWORD",
		"postgres://john:PASSWORD@127.0.0.1:1/db?sslmode=bogus", "postgres://john@127.0.0.1:1/db?password=PASSWORD&sslmode=bogus",
		"postgres://john:PASSWORD@127.0.0.1:1/db?connect_timeout=PASSWORD", "postgres://[john:PASSWORD@127.0.0.1/db",
		"postgres://john:PASSWORD@127.0.0.1:1/db", "postgres://john@127.0.0.1:1/db?password=PASSWORD",
		"postgres://127.0.0.1:1/db?service=PASSWORD&password=PASSWORD",
	} {
		_, err := Open(t.Context(), strings.ReplaceAll(address, "PASSWORD", "hunter2"), slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), "address") {
			t.Errorf("%s: %v", address, err)
		}
		if err != nil && leaks(err, "hunter2") {
			t.Errorf("%s: the password is in %v", address, err)
		}
	}
}

// However a password is written into an address: what cannot be read is not
// quoted, and what can be read has it where it belongs.
func FuzzPostgresAddress(f *testing.F) {
	for _, raw := range []string{"hunter2", "a/b", "12?x", "12#x", "a@b", "%zz", "%40", "[::1]:5", "a:b", "x y", `a\b"c`} {
		f.Add("postgres://john:", raw, "@db.local/x")
		f.Add("postgres://db.local/x?password=", raw, "&sslmode=bogus")
	}
	f.Fuzz(func(t *testing.T, before, raw, after string) {
		const mark = "QzJ9fP" // in the raw password, so that it can be found
		config, err := postgresConfig(before + mark + raw + mark + after)
		if !strings.HasPrefix(before, "postgres://john:") || strings.ContainsAny(before[len("postgres://"):], "/?#@[") || !strings.HasPrefix(after, "@db.local/") {
			return // the rest is for panics
		}
		if err != nil && strings.Contains(err.Error(), mark) {
			t.Errorf("the password is in %v", err)
		}
		if err == nil && (strings.Contains(config.Host, mark) || strings.Contains(config.User, mark) || strings.Contains(config.Database, mark)) {
			t.Errorf("the password is in host %q, user %q or database %q", config.Host, config.User, config.Database)
		}
	})
}
