package store

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"
)

func withModels(t *testing.T, d database) *Models {
	t.Helper()
	db := d.open(t)
	migrate(t, db, "store", Migrations())
	return NewModels(db)
}

func wantModel(t *testing.T, m *Models, key string, want []byte) {
	t.Helper()
	if got, err := m.Load(t.Context(), key); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is %q (%v), want %q", key, got, err, want)
	}
}

func testModels(t *testing.T, d database) {
	m := withModels(t, d)
	wantModel(t, m, "none", nil)
	save := func(key string, data []byte, at time.Time) {
		t.Helper()
		if err := m.Save(t.Context(), key, data, at); err != nil {
			t.Fatal(err)
		}
	}
	odd := []byte("\x00\xff a model \n") // what no TEXT can hold
	save("a", odd, noon)
	wantModel(t, m, "a", odd)
	save("a", []byte("again"), noon.Add(time.Minute)) // in its own place
	wantModel(t, m, "a", []byte("again"))
	save("empty", nil, noon.Add(2*time.Minute))
	wantModel(t, m, "empty", nil)
	for i := range maxModels - 1 {
		save(fmt.Sprint("b", i), []byte{byte(i)}, noon.Add(time.Duration(3+i)*time.Minute))
	}
	wantModel(t, m, "a", nil) // the oldest
	for i := range maxModels - 1 {
		wantModel(t, m, fmt.Sprint("b", i), []byte{byte(i)})
	}
	save("b0", []byte("new"), noon.Add(time.Hour)) // is the youngest now, and "empty" the oldest
	save("c", []byte("c"), noon.Add(2*time.Hour))
	wantModel(t, m, "b0", []byte("new"))
	wantModel(t, m, "c", []byte("c"))
	var rows int64
	if err := m.db.Read(t.Context()).Model(&modelRow{}).Count(&rows).Error; err != nil || rows != maxModels {
		t.Errorf("%d are kept (%v), want %d", rows, err, maxModels)
	}
}

func testModelsDamaged(t *testing.T, d database) {
	m := withModels(t, d)
	if err := m.Save(t.Context(), "a", []byte("a model"), noon); err != nil {
		t.Fatal(err)
	}
	err := m.db.Write(t.Context(), func(tx *gorm.DB) error {
		return tx.Model(&modelRow{}).Where("id = ?", "a").Update("content", "{}").Error
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := m.Load(t.Context(), "a"); got != nil || err == nil || !strings.Contains(err.Error(), "read a trained model") {
		t.Errorf("it is %q (%v)", got, err)
	}
	err = m.db.Write(t.Context(), func(tx *gorm.DB) error { return tx.Migrator().DropTable("models") })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Load(t.Context(), "a"); err == nil {
		t.Error("a missing table is no error")
	}
	if err := m.Save(t.Context(), "a", nil, noon); err == nil || !strings.Contains(err.Error(), "keep a trained model") {
		t.Errorf("Save = %v", err)
	}
}
