package store

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// maxModels is how many trained models are kept: those of the phrases that were
// used last. The others would only come back if somebody took a change back.
const maxModels = 4

// Models keeps what was trained, under the hash of what it was trained on, so
// that it need not be trained again at every start. All that it loses is time.
type Models struct{ db *DB }

// NewModels uses the table of Migrations.
func NewModels(db *DB) *Models { return &Models{db} }

func modelsStep() Migration {
	return Step("trained models", `CREATE TABLE models (
		id TEXT NOT NULL PRIMARY KEY,
		content TEXT NOT NULL,
		saved_at BIGINT NOT NULL)`)
}

// modelRow is base64 text, because the databases have no common type of bytes.
type modelRow struct {
	ID, Content string
	SavedAt     int64 // Unix milliseconds
}

func (modelRow) TableName() string { return "models" }

// Load returns what was saved under key, nil when there is none.
func (m *Models) Load(ctx context.Context, key string) ([]byte, error) {
	var rows []modelRow
	if err := m.db.Read(ctx).Where("id = ?", key).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(rows[0].Content)
	if err != nil {
		return nil, fmt.Errorf("read a trained model: %w", err)
	}
	return data, nil
}

// Save keeps data in the place of what is oldest.
func (m *Models) Save(ctx context.Context, key string, data []byte, at time.Time) error {
	row := modelRow{ID: key, Content: base64.StdEncoding.EncodeToString(data), SavedAt: at.UnixMilli()}
	err := m.db.Write(ctx, func(tx *gorm.DB) error {
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
			return err
		}
		keep := tx.Session(&gorm.Session{NewDB: true}).Model(&modelRow{}).Select("id").Order("saved_at DESC, id").Limit(maxModels)
		return tx.Where("id NOT IN (?)", keep).Delete(&modelRow{}).Error
	})
	if err != nil {
		return fmt.Errorf("keep a trained model: %w", err)
	}
	return nil
}
