package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Book keeps addresses under a kind for each of our own addresses: the rooms
// that the bot was invited to, the people who added it as a contact.
type Book struct{ db *DB }

// NewBook returns the Book in db, which needs the migrations of this package.
func NewBook(db *DB) *Book { return &Book{db} }

// bookStep is the migration that makes the Book's table.
func bookStep() Migration {
	return Step("address book",
		`CREATE TABLE address_book (own TEXT NOT NULL, kind TEXT NOT NULL, jid TEXT NOT NULL, PRIMARY KEY (own, kind, jid))`)
}

type bookEntry struct {
	Own  string `gorm:"primaryKey"`
	Kind string `gorm:"primaryKey"`
	JID  string `gorm:"primaryKey;column:jid"`
}

func (bookEntry) TableName() string { return "address_book" }

// Add notes jid; what is there already stays.
func (b *Book) Add(ctx context.Context, kind, own, jid string) error {
	return b.db.Write(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&bookEntry{Own: own, Kind: kind, JID: jid}).Error
	})
}

// Remove forgets jid, also when it was not there.
func (b *Book) Remove(ctx context.Context, kind, own, jid string) error {
	return b.db.Write(ctx, func(tx *gorm.DB) error {
		return tx.Delete(&bookEntry{Own: own, Kind: kind, JID: jid}).Error
	})
}

// List returns what is noted, in the order of the addresses.
func (b *Book) List(ctx context.Context, kind, own string) ([]string, error) {
	var jids []string
	err := b.db.Read(ctx).Model(&bookEntry{}).Where("own = ? AND kind = ?", own, kind).
		Order("jid").Pluck("jid", &jids).Error
	return jids, err
}
