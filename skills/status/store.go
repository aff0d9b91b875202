package status

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"dragoman/bot"
	"dragoman/skills/status/check"
	"dragoman/store"
)

// machineStore is the skill's own tables.
type machineStore struct{ db *store.DB }

func (s *machineStore) migrate(ctx context.Context) error {
	return s.db.Migrate(ctx, "status", []store.Migration{
		store.Step("machines, subscriptions, states",
			`CREATE TABLE status_machines (
				id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL,
				added_by TEXT NOT NULL, added_at BIGINT NOT NULL)`,
			`CREATE TABLE status_subscriptions (
				machine TEXT NOT NULL, transport TEXT NOT NULL, address TEXT NOT NULL, person TEXT NOT NULL,
				own TEXT NOT NULL, room BOOLEAN NOT NULL, since BIGINT NOT NULL,
				PRIMARY KEY (machine, transport, address, person))`,
			`CREATE TABLE status_states (
				machine TEXT PRIMARY KEY, state TEXT NOT NULL, since BIGINT NOT NULL)`),
		store.Step("when a state was found", `ALTER TABLE status_states ADD COLUMN found BIGINT NOT NULL DEFAULT 0`),
	})
}

// write runs f in a transaction that its context carries.
func (s *machineStore) write(ctx context.Context, f func(ctx context.Context) error) error {
	return s.db.Write(ctx, func(tx *gorm.DB) error { return f(tx.Statement.Context) })
}

// machineRow is a machine that was added in chat.
type machineRow struct {
	ID, Name, Kind, Target, AddedBy string
	AddedAt                         int64 // Unix milliseconds
}

func (machineRow) TableName() string { return "status_machines" }

func (s *machineStore) machines(ctx context.Context) ([]Machine, error) {
	var rows []machineRow
	if err := s.db.Read(ctx).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	var list []Machine
	for _, r := range rows {
		list = append(list, Machine{Name: r.Name, Spec: check.Spec{Kind: r.Kind, Target: r.Target}})
	}
	return list, nil
}

// addMachine stores a machine, without what was known under its name, and
// reports false when there is one of that name. anew puts it in the place of
// one that could no longer be checked.
func (s *machineStore) addMachine(ctx context.Context, m Machine, anew bool, by string, at time.Time) (added bool, err error) {
	err = s.db.Write(ctx, func(tx *gorm.DB) error {
		r := tx.Clauses(clause.OnConflict{UpdateAll: anew, DoNothing: !anew}).Create(&machineRow{
			ID: key(m.Name), Name: m.Name, Kind: m.Kind, Target: m.Target, AddedBy: by, AddedAt: at.UnixMilli(),
		})
		if added = r.RowsAffected > 0; r.Error != nil || !added {
			return r.Error
		}
		return tx.Where("machine = ?", key(m.Name)).Delete(&stateRow{}).Error
	})
	return added, err
}

// stillThere are those of the machines with these keys, all added in chat, that
// were not removed. Nobody removes them before the transaction of ctx has
// ended.
func (s *machineStore) stillThere(ctx context.Context, keys []string) (map[string]bool, error) {
	there := make(map[string]bool)
	if len(keys) == 0 {
		return there, nil
	}
	var ids []string
	err := s.db.Read(ctx).Model(&machineRow{}).Clauses(clause.Locking{Strength: clause.LockingStrengthShare}).
		Where("id IN ?", keys).Order("id").Pluck("id", &ids).Error
	for _, id := range ids {
		there[id] = true
	}
	return there, err
}

// removeMachine forgets the machine, its subscriptions and its state.
func (s *machineStore) removeMachine(ctx context.Context, name string) error {
	return s.db.Write(ctx, func(tx *gorm.DB) error {
		if err := tx.Where("id = ?", key(name)).Delete(&machineRow{}).Error; err != nil {
			return err
		}
		if err := tx.Where("machine = ?", key(name)).Delete(&subscription{}).Error; err != nil {
			return err
		}
		return tx.Where("machine = ?", key(name)).Delete(&stateRow{}).Error
	})
}

// subscription is one person's wish, in one place, to be told about a machine.
// In a room that hides who people are, it is the room's own and Person is
// empty.
type subscription struct {
	Machine   string `gorm:"primaryKey"`
	Transport string `gorm:"primaryKey"`
	Address   string `gorm:"primaryKey"`
	Person    string `gorm:"primaryKey"`
	Own       string
	Room      bool
	Since     int64 // Unix milliseconds
}

func (subscription) TableName() string { return "status_subscriptions" }

func (s subscription) destination() bot.Destination {
	return bot.Destination{
		Transport: s.Transport, From: bot.Address(s.Own), To: bot.Address(s.Address), Room: s.Room,
	}
}

// errRemoved means that the machine was removed a moment ago.
var errRemoved = errors.New("the machine was removed")

// subscribe reports whether the subscription is new.
func (s *machineStore) subscribe(ctx context.Context, sub subscription, fixed bool) (isNew bool, err error) {
	err = s.db.Write(ctx, func(tx *gorm.DB) error {
		if !fixed {
			there, err := s.stillThere(tx.Statement.Context, []string{sub.Machine})
			if err != nil || !there[sub.Machine] {
				return cmp.Or(err, errRemoved)
			}
		}
		r := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&sub)
		isNew = r.RowsAffected > 0
		return r.Error
	})
	return isNew, err
}

// unsubscribe reports whether there was such a subscription.
func (s *machineStore) unsubscribe(ctx context.Context, sub subscription) (found bool, err error) {
	err = s.db.Write(ctx, func(tx *gorm.DB) error {
		r := tx.Where("machine = ? AND transport = ? AND address = ? AND person = ?",
			sub.Machine, sub.Transport, sub.Address, sub.Person).Delete(&subscription{})
		found = r.RowsAffected > 0
		return r.Error
	})
	return found, err
}

// subscribers are all who want to be told about machines, by the machine's
// key.
func (s *machineStore) subscribers(ctx context.Context, keys []string) (map[string][]subscription, error) {
	var subs []subscription
	if err := s.db.Read(ctx).Where("machine IN ?", keys).Order("since, address").Find(&subs).Error; err != nil {
		return nil, err
	}
	by := make(map[string][]subscription)
	for _, sub := range subs {
		by[sub.Machine] = append(by[sub.Machine], sub)
	}
	return by, nil
}

// subscriptions are the machines that one person watches in one place.
func (s *machineStore) subscriptions(ctx context.Context, sub subscription) ([]string, error) {
	var names []string
	err := s.db.Read(ctx).Model(&subscription{}).
		Where("transport = ? AND address = ? AND person = ?", sub.Transport, sub.Address, sub.Person).
		Order("machine").Pluck("machine", &names).Error
	return names, err
}

// stateRow is the last state of a machine of which all subscribers were told,
// or the first one there was.
type stateRow struct {
	Machine string `gorm:"primaryKey"`
	State   string
	Since   int64 // Unix milliseconds
	Found   int64 // when it was found, in Unix milliseconds; later ones are higher
}

func (stateRow) TableName() string { return "status_states" }

// state is the state by its name, Unknown for one that this program does not
// know.
func (r stateRow) state() check.State {
	for _, s := range []check.State{check.Up, check.Down} {
		if s.String() == r.State {
			return s
		}
	}
	return check.Unknown
}

func (s *machineStore) states(ctx context.Context) (map[string]stateRow, error) {
	var rows []stateRow
	if err := s.db.Read(ctx).Find(&rows).Error; err != nil {
		return nil, err
	}
	by := make(map[string]stateRow, len(rows))
	for _, r := range rows {
		by[r.Machine] = r
	}
	return by, nil
}

// saveStates stores the states of different machines in one transaction, except
// of those added in chat that were removed.
func (s *machineStore) saveStates(ctx context.Context, rows []stateRow, added []string) error {
	return s.db.Write(ctx, func(tx *gorm.DB) error {
		there, err := s.stillThere(tx.Statement.Context, added)
		if err != nil {
			return err
		}
		rows := slices.DeleteFunc(slices.Clone(rows), func(r stateRow) bool {
			return slices.Contains(added, r.Machine) && !there[r.Machine]
		})
		if len(rows) == 0 {
			return nil
		}
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&rows).Error
	})
}
