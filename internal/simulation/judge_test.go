package simulation

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dragoman/bot"
	"dragoman/scheduler"
	"dragoman/store"
)

// judge holds what the world got against what it asked for.
func (w *world) judge(t *testing.T, db *store.DB, began time.Time) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for n := range people {
		var want []string
		for i := range notesPerPerson {
			want = append(want, fmt.Sprintf("p%d-%d", n, i))
		}
		sameList(t, fmt.Sprintf("effects of the commands of p%d", n), effects(t, db, personAddress(n)), want)
		w.judgeReminders(t, n)
	}
	var in, out []string
	for i := range parcelsOfPeer {
		in = append(in, fmt.Sprint("in-", i))
	}
	for i := range w.added.Load() {
		out = append(out, fmt.Sprintf("%q", fmt.Sprint("out-", i)))
	}
	sameList(t, "effects of the peer's parcels", effects(t, db, peer), in)
	sameList(t, "parcels at the peer", texts(w.got[peer]), out)
	for i := range plans {
		w.judgePlan(t, i, began)
	}
	if told := w.got[admin]; len(told) > 0 {
		t.Errorf("the administrator was told of dead letters, and there was no reason: %q", texts(told))
	}
}

func sameList(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func effects(t *testing.T, db *store.DB, who bot.Address) []string {
	t.Helper()
	var list []string
	check(t, db.Read(context.Background()).Raw("SELECT what FROM effects WHERE who = ? ORDER BY id", string(who)).Scan(&list).Error)
	return list
}

// texts are what arrived, without what said itself that it was a repetition.
func texts(list []arrival) []string {
	var all []string
	for _, a := range list {
		if !openly(a.text) {
			all = append(all, a.text)
		}
	}
	return all
}

// judgeReminders: each reminder came, and none twice, if it did not say so.
func (w *world) judgeReminders(t *testing.T, n int) {
	t.Helper()
	asked := make(map[string]bool)
	for i := range notesPerPerson {
		r := w.seed.about("person", n, i)
		between(r, time.Minute, 2*day/notesPerPerson)
		if chance(r, 3) { // as person drew it
			asked[fmt.Sprintf("reminder of p%d-%d", n, i)] = true
		}
	}
	came := make(map[string]int)
	for _, a := range w.got[personAddress(n)] {
		text, _, _ := strings.Cut(a.text[max(0, strings.Index(a.text, "reminder of")):], " of 2")
		text, _, _ = strings.Cut(text, " of 1")
		text, _, _ = strings.Cut(text, " of 0")
		if !openly(a.text) {
			came[text]++
		} else if came[text] == 0 {
			came[text] = 1
		}
	}
	for text := range asked {
		if came[text] != 1 {
			t.Errorf("%q came %d times", text, came[text])
		}
	}
	for text := range came {
		if !asked[text] {
			t.Errorf("p%d was told %q, which nobody asked for", n, text)
		}
	}
}

// judgePlan: the ticks of a plan came in their order, none twice, and none is
// missing for which the process was there.
func (w *world) judgePlan(t *testing.T, i int, began time.Time) {
	t.Helper()
	plan := plans[i]
	series, err := scheduler.Parse(plan.spec, time.UTC)
	check(t, err)
	var got []string
	for _, text := range texts(w.got[roomAddress(i)]) {
		got = append(got, strings.TrimPrefix(text, plan.name+" of "))
	}
	end := time.Now()
	var possible []string
	for tick := series.Next(began); tick.Before(end); tick = series.Next(tick) {
		text := tick.UTC().Format("15:04")
		possible = append(possible, text)
		later := tick.Add(30 * time.Minute)
		if w.alive.covers(tick, later) && !w.full.touches(tick.Add(-time.Minute), later) && !slices.Contains(got, text) {
			t.Errorf("%s: the tick of %s is missing", plan.name, tick)
		}
	}
	next := 0
	for _, text := range got {
		at := slices.Index(possible[next:], text)
		if at < 0 {
			t.Fatalf("%s: %s came twice or out of turn:\n got %q\nof %q", plan.name, text, got, possible)
		}
		next += at + 1
	}
}

// sound has SQLite look over the whole file.
func sound(t *testing.T, file string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	check(t, err)
	defer db.Close()
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity_check: %s (%v)", verdict, err)
	}
}
