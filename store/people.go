package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
)

// Person is somebody the bot has met.
type Person struct {
	JID    string    // bare, in its normal form
	Name   string    // as people write it
	Lang   string    // BCP 47 tag
	Zone   string    // IANA time zone
	SeenAt time.Time // when they last wrote; to the millisecond, and an hour late at most
}

// People remembers persons by their bare JIDs.
type People struct{ db *DB }

// NewPeople uses the table of Migrations.
func NewPeople(db *DB) *People { return &People{db} }

// Migrations are the steps of the store's own tables; the owner is "store".
func Migrations() []Migration {
	return []Migration{
		Step("people", `CREATE TABLE people (
			jid TEXT NOT NULL PRIMARY KEY,
			name TEXT NOT NULL,
			lang TEXT NOT NULL,
			zone TEXT NOT NULL,
			seen_at BIGINT NOT NULL)`),
		bookStep(),
		modelsStep(),
	}
}

// seenStep is how much newer SeenAt must be to be worth a write by itself.
const seenStep = time.Hour

// rememberPerson leaves alone what the new row leaves empty; a row that came by
// a slower way does not turn back the time.
const rememberPerson = `INSERT INTO people (jid, name, lang, zone, seen_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (jid) DO UPDATE SET
	name = CASE WHEN excluded.name <> '' THEN excluded.name ELSE people.name END,
	lang = CASE WHEN excluded.lang <> '' THEN excluded.lang ELSE people.lang END,
	zone = CASE WHEN excluded.zone <> '' THEN excluded.zone ELSE people.zone END,
	seen_at = CASE WHEN excluded.seen_at > people.seen_at THEN excluded.seen_at ELSE people.seen_at END`

// Remember stores who, whose empty fields leave what is known as it is. When it
// brings nothing new but a SeenAt within the hour, it only reads.
func (p *People) Remember(ctx context.Context, who Person) error {
	who.Name, who.Lang, who.Zone = storable(who.Name), storable(who.Lang), storable(who.Zone)
	known, found, err := p.Person(ctx, who.JID)
	if err != nil {
		return err
	}
	if found && !who.addsTo(known) {
		return nil
	}
	err = p.db.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(rememberPerson, who.JID, who.Name, who.Lang, who.Zone, millis(who.SeenAt)).Error
	})
	if err != nil {
		return fmt.Errorf("remember a person: %w", err)
	}
	return nil
}

func (who Person) addsTo(known Person) bool {
	differs := func(now, before string) bool { return now != "" && now != before }
	return differs(who.Name, known.Name) || differs(who.Lang, known.Lang) || differs(who.Zone, known.Zone) ||
		who.SeenAt.Sub(known.SeenAt) >= seenStep
}

// Person is what is known of the person with that bare JID, if anything is.
func (p *People) Person(ctx context.Context, bareJID string) (Person, bool, error) {
	if bareJID == "" || strings.Contains(bareJID, "/") || storable(bareJID) != bareJID {
		return Person{}, false, errors.New("a person is known by a bare JID, and this is none")
	}
	var rows []struct {
		Name, Lang, Zone string
		SeenAt           int64
	}
	if err := p.db.Read(ctx).Table("people").Where("jid = ?", bareJID).Find(&rows).Error; err != nil {
		return Person{}, false, fmt.Errorf("look up a person: %w", err)
	}
	if len(rows) == 0 {
		return Person{}, false, nil
	}
	row := rows[0]
	return Person{JID: bareJID, Name: row.Name, Lang: row.Lang, Zone: row.Zone, SeenAt: fromMillis(row.SeenAt)}, true, nil
}

// storable is Text for a name, in which NUL stands for nothing.
func storable(s string) string {
	return Text(strings.ReplaceAll(s, "\x00", ""))
}

// millis is t as the tables keep it; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
