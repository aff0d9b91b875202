package teach

import (
	"cmp"
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"dragoman/nlu"
	"dragoman/store"
)

// book is the skill's own tables.
type book struct{ db *store.DB }

func (b *book) migrate(ctx context.Context) error {
	return b.db.Migrate(ctx, "teach", []store.Migration{
		store.Step("lessons, misses, consents",
			`CREATE TABLE teach_lessons (
				id TEXT PRIMARY KEY, phrase TEXT NOT NULL, line TEXT NOT NULL, lang TEXT NOT NULL,
				taught_by TEXT NOT NULL, taught_at BIGINT NOT NULL)`,
			`CREATE TABLE teach_misses (
				id TEXT PRIMARY KEY, phrase TEXT NOT NULL, lang TEXT NOT NULL, times BIGINT NOT NULL, latest BIGINT NOT NULL)`,
			`CREATE TABLE teach_consents (person TEXT PRIMARY KEY, keep BOOLEAN NOT NULL)`),
	})
}

// lesson is a phrase and the command line that it means.
type lesson struct {
	ID, Phrase, Line, Lang, TaughtBy string
	TaughtAt                         int64 // Unix milliseconds
}

func (lesson) TableName() string { return "teach_lessons" }

// miss is a phrase that was not understood, with nobody's name on it.
type miss struct {
	ID, Phrase, Lang string
	Times            int64
	Latest           int64 // Unix milliseconds
}

func (miss) TableName() string { return "teach_misses" }

// consent is what somebody decided about their own phrases.
type consent struct {
	Person string `gorm:"primaryKey"`
	Keep   bool
}

func (consent) TableName() string { return "teach_consents" }

// idOf is the same for all ways to write a phrase that the bot takes for it.
func idOf(phrase string) string {
	phrase = store.Text(phrase)
	return nlu.Key(cmp.Or(nlu.TrimEnd(phrase), phrase))
}

// lessons are all of them, oldest first.
func (b *book) lessons(ctx context.Context) (list []lesson, err error) {
	return list, b.db.Read(ctx).Order("taught_at, id").Find(&list).Error
}

// put stores a lesson in the place of an earlier one about the same phrase, and
// forgets that the phrase was missed.
func (b *book) put(ctx context.Context, l lesson) error {
	l.ID, l.Phrase, l.Line, l.Lang = idOf(l.Phrase), store.Text(l.Phrase), store.Text(l.Line), store.Text(l.Lang)
	return b.db.Write(ctx, func(tx *gorm.DB) error {
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&l).Error; err != nil {
			return err
		}
		return tx.Where("id = ?", l.ID).Delete(&miss{}).Error
	})
}

// drop forgets a lesson and reports whether there was one.
func (b *book) drop(ctx context.Context, phrase string) (found bool, err error) {
	err = b.db.Write(ctx, func(tx *gorm.DB) error {
		r := tx.Where("id = ?", idOf(phrase)).Delete(&lesson{})
		found = r.RowsAffected > 0
		return r.Error
	})
	return found, err
}

// maxMisses bounds the table: what is missed more often or later stays.
const maxMisses = 1000

// missed counts a phrase.
func (b *book) missed(ctx context.Context, phrase, lang string, at time.Time) error {
	m := miss{ID: idOf(phrase), Phrase: store.Text(phrase), Lang: store.Text(lang), Times: 1, Latest: at.UnixMilli()}
	return b.db.Write(ctx, func(tx *gorm.DB) error {
		err := tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "id"}},
			DoUpdates: clause.Assignments(map[string]any{
				"times": gorm.Expr("teach_misses.times + 1"), "latest": m.Latest,
			}),
		}).Create(&m).Error
		if err != nil {
			return err
		}
		keep := tx.Session(&gorm.Session{NewDB: true}).Model(&miss{}).Select("id").Order("times DESC, latest DESC").Limit(maxMisses)
		return tx.Where("id NOT IN (?)", keep).Delete(&miss{}).Error
	})
}

// misses are the phrases missed most often, at most limit.
func (b *book) misses(ctx context.Context, limit int) (list []miss, err error) {
	if !b.db.Read(ctx).Migrator().HasTable(&miss{}) {
		return nil, nil
	}
	return list, b.db.Read(ctx).Order("times DESC, latest DESC, id").Limit(limit).Find(&list).Error
}

// decide stores what a person wants done with their phrases.
func (b *book) decide(ctx context.Context, person string, keep bool) error {
	return b.db.Write(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&consent{person, keep}).Error
	})
}

// decided is what a person decided, if they did.
func (b *book) decided(ctx context.Context, person string) (keep, ok bool, err error) {
	var list []consent
	if err := b.db.Read(ctx).Where("person = ?", person).Limit(1).Find(&list).Error; err != nil || len(list) == 0 {
		return false, false, err
	}
	return list[0].Keep, true, nil
}
