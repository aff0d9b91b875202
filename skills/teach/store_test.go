package teach

import (
	"fmt"
	"testing"
	"time"

	"gorm.io/gorm"

	"dragoman/nlu"
)

func newBook(t *testing.T, url string) *book {
	t.Helper()
	b := &book{openStore(t, url)}
	if err := b.migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAStoreThatTheSkillNeverRanOnHasNoMisses(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		if list, err := Misses(t.Context(), openStore(t, url), 10); err != nil || len(list) != 0 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestMissesAreCountedAndTheMostFrequentComeFirst(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		b := newBook(t, url)
		for i, phrase := range []string{"once", "twice", "often", "Twice?", "often", "OFTEN!", "late"} {
			if err := b.missed(t.Context(), phrase, "en", noon.Add(time.Duration(i)*time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		list, err := Misses(t.Context(), b.db, 10)
		if err != nil {
			t.Fatal(err)
		}
		want := []Miss{{"often", "en", 3, noon.Add(5 * time.Minute)}, {"twice", "en", 2, noon.Add(3 * time.Minute)},
			{"late", "en", 1, noon.Add(6 * time.Minute)}, {"once", "en", 1, noon}}
		if len(list) != len(want) {
			t.Fatalf("got %+v", list)
		}
		for i, m := range list {
			if m.Phrase != want[i].Phrase || m.Times != want[i].Times || !m.Latest.Equal(want[i].Latest) {
				t.Errorf("%d: got %+v, want %+v", i, m, want[i])
			}
		}
		if list, err = Misses(t.Context(), b.db, 2); err != nil || len(list) != 2 || list[1].Phrase != "twice" {
			t.Errorf("the first two are %+v (%v)", list, err)
		}
	})
}

func TestTheTableOfMissesIsBoundedByWhatIsRarestAndOldest(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		b := newBook(t, url)
		var rows []miss
		for i := range maxMisses {
			p := fmt.Sprint("phrase ", i)
			rows = append(rows, miss{ID: nlu.Key(p), Phrase: p, Times: 2, Latest: noon.Add(time.Duration(i) * time.Second).UnixMilli()})
		}
		rows[7].Times = 1
		err := b.db.Write(t.Context(), func(tx *gorm.DB) error { return tx.CreateInBatches(rows, 100).Error })
		if err != nil {
			t.Fatal(err)
		}
		if err := b.missed(t.Context(), "a new one", "en", noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		list, err := Misses(t.Context(), b.db, 2*maxMisses)
		if err != nil || len(list) != maxMisses {
			t.Fatalf("%d are kept (%v), want %d", len(list), err, maxMisses)
		}
		for _, m := range list {
			if m.Phrase == "phrase 7" {
				t.Error("what was missed least is still there")
			}
		}
		if list[len(list)-1].Phrase != "a new one" {
			t.Errorf("the last is %+v", list[len(list)-1])
		}
	})
}

func TestWhatWaitsForConsentIsBounded(t *testing.T) {
	c := newClass(t, "sqlite::memory:", false)
	for i := range maxRecent + 10 {
		c.skill.remember(fmt.Sprint("p", i), missed{"x", "en", c.clock.Now()})
	}
	if n := len(c.skill.recent); n != maxRecent {
		t.Errorf("%d wait, want %d", n, maxRecent)
	}
	c.clock.Advance(consentLife + time.Second)
	c.skill.remember("newcomer", missed{"x", "en", c.clock.Now()})
	if _, ok := c.skill.lastMiss("newcomer"); !ok || len(c.skill.recent) != 1 {
		t.Errorf("after their time %d wait", len(c.skill.recent))
	}
}

func TestSomebodyWhoWaitsAlreadyIsNotTurnedAway(t *testing.T) {
	c := newClass(t, "sqlite::memory:", false)
	for i := range maxRecent {
		c.skill.remember(fmt.Sprint("p", i), missed{"x", "en", c.clock.Now()})
	}
	c.skill.remember("p3", missed{"y", "en", c.clock.Now()})
	if m, ok := c.skill.lastMiss("p3"); !ok || m.phrase != "y" {
		t.Errorf("what p3 said last is %+v", m)
	}
}

func TestALessonTakesThePlaceOfTheFormer(t *testing.T) {
	onEachStore(t, func(t *testing.T, url string) {
		b := newBook(t, url)
		for i, l := range []lesson{{Phrase: "wake up", Line: "a"}, {Phrase: "sleep", Line: "b"}, {Phrase: "Wake UP!", Line: "c"}} {
			l.TaughtAt = noon.Add(time.Duration(i) * time.Minute).UnixMilli()
			if err := b.put(t.Context(), l); err != nil {
				t.Fatal(err)
			}
		}
		list, err := b.lessons(t.Context())
		if err != nil || len(list) != 2 || list[0].Phrase != "sleep" || list[1].Line != "c" {
			t.Errorf("the lessons are %+v (%v)", list, err)
		}
		for _, want := range []bool{true, false} {
			if found, err := b.drop(t.Context(), "wake up"); found != want || err != nil {
				t.Errorf("dropped: %v (%v), want %v", found, err, want)
			}
		}
	})
}
